/* change.h: puts and deletes in the loop's thread, and the calls that wait for what
 * follows from them. */
#ifndef VNFM_CHANGE_H
#define VNFM_CHANGE_H

#include "vnfm/call.h"
#include "vnfm/manager.h"
#include "vnfm/service.h"

/* More outcomes of a put, between change.c and service.c. */
enum {
	CHANGE_CONFIGURE = SERVICE_ACCEPTED + 1
}; /* hand the configuration to the running VNF, then commit */

/* Each is a call's run(). */
void change_put(struct call *call);
void change_commit(struct call *call); /* the VNF has taken doc's configuration */
void change_abort(struct call *call);  /* it has not */
void change_del(struct call *call);
void change_wait_ready(struct call *call);
void change_relink(struct call *call); /* change_relink.c */
/* Looks after a call that waits for CALL_WAIT_RELINK; true if it is finished. */
bool change_look_relink(struct call *call);

/* After each round of the manager: finishes the calls whose time has come. arg: the
 * service. */
void change_look(void *arg);
/* Keeps the call for change_look(). */
void change_wait(struct call *call, enum call_wait wait);
/* Fails all calls that wait, and refuses further ones. */
void change_close(struct service *service);

#endif
