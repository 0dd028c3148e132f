/* vnf_operate.h: a VNF is stopped, and started again. */
#ifndef ORCHESTRATOR_VNF_OPERATE_H
#define ORCHESTRATOR_VNF_OPERATE_H

#include "orchestrator/operation.h"
#include "orchestrator/orch.h"

/* OperateVnfRequest (SOL003 5.5.2.8): {changeStateTo: STARTED | STOPPED, stopType?,
 * gracefulStopTimeout?}. Stopped gracefully it works on until it has no session left, for
 * that many seconds at most. What is on its way to it is passed on either way; then its
 * neighbours have no link to it, its processes end, and it has no core or memory any more
 * (operate.h). Started it begins with empty state. ERR_STATE if it is so already. */
int vnf_operate(struct orch *orch, const char *id, const json_t *request,
	struct operation_answer *answer, struct faults *faults, struct err *err);

/* The end of the operation: writes down what a stopped VNF left, or that it is back.
 * intent: {stopped: objects or null, apart: links}. */
int vnf_operate_done(
	struct db *db, const char *id, const json_t *intent, struct err *err);

#endif
