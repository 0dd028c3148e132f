/* succession.h: a running VNF gets another program, CPU or memory without a gap: a
 * successor is started beside it, and when it is ready the predecessor hands over between
 * two bursts. Loop thread only.
 *
 *	WANTED -> STARTING -> HANDING -> PROBATION -> NONE
 *
 * If the successor does not become ready the predecessor simply goes on, with the former
 * document; if it dies within its probation the VNF goes back to that. Either way
 * change_err says why.
 */
#ifndef VNFM_SUCCESSION_H
#define VNFM_SUCCESSION_H

#include "vnfm/manager.h"

/* The VNF runs and its document has been changed (wanted_change()): have it succeeded.
 * The step that follows is CONVERGE_SUCCEED, when the dataplane has the document. */
void succession_want(struct object *vnf, const json_t *former);
/* Starts the successor. */
void succession_start(struct manager *manager, struct object *vnf);
/* The running process has died. True: a successor that was nearly ready takes its place,
 * once the slot is cleared. */
bool succession_on_death(struct object *vnf);
/* The slot has been cleared: it is the successor's turn. */
void succession_on_clear(struct manager *manager, struct object *vnf);
/* The process that runs died within its probation: back to the former document. */
void succession_revert(struct object *vnf, const char *why);
/* The dataplane does not take the changed document. */
void succession_refused(struct object *vnf, const struct err *err);
/* Ends a successor that is on its way: the VNF is not wanted any more, or the dataplane
 * has died. */
void succession_abandon(struct object *vnf);
/* Whether the last change is still on its way, or on probation. */
bool succession_pending(const struct object *vnf);

#endif
