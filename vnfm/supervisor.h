/* supervisor.h: the processes of VNFs: started, watched, replaced, ended. Loop thread
 * only.
 *
 * A process is watched by its pidfd, so one that an earlier renga-vnfm started is as good
 * as an own child.
 */
#ifndef VNFM_SUPERVISOR_H
#define VNFM_SUPERVISOR_H

#include "vnfm/manager.h"

/* Starts the process of a VNF and the others of its group, whose slots are there. A
 * failure counts as a death of each. */
void supervisor_spawn(struct manager *manager, struct object *vnf);
/* Takes over a living process; pid 0: the slot is there, but nothing runs in it. */
void supervisor_adopt(struct manager *manager, struct object *vnf, pid_t pid);
/* Another process is the VNF's from now on; the former one is watched no more. */
void supervisor_replace(
	struct manager *manager, struct object *vnf, const struct vnf_start *start);
/* One step of asking it to end: its socket, SIGTERM, SIGKILL, each with its time. A VNF
 * that has companions in its process leaves them at its work. */
void supervisor_stop(struct manager *manager, struct object *vnf);
/* The dataplane is gone: the process cannot go on. */
void supervisor_lost(struct manager *manager, struct object *vnf);
/* Its heartbeat has stood still: kills it. */
void supervisor_hung(struct manager *manager, struct object *vnf, uint64_t still_ms);
/* It is to be started anew, with the others of its group. */
void supervisor_rejoin(struct manager *manager, struct object *vnf);
/* For a request whose answer changes nothing here. */
void supervisor_ignore(json_t *reply, const struct err *err, void *arg);
/* Stops watching; the process goes on. */
void supervisor_release(struct object *vnf);

#endif
