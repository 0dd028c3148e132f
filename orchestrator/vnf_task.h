/* vnf_task.h: what operations on a VNF begin with: its record, and what is wanted of its
 * service now. */
#ifndef ORCHESTRATOR_VNF_TASK_H
#define ORCHESTRATOR_VNF_TASK_H

#include <stdbool.h>
#include "db/vnf_instances.h"
#include "orchestrator/operation.h"
#include "orchestrator/orch.h"

struct vnf_task {
	struct db_vnf vnf;
	json_t *actual; /* objects of its service: target.h */
};

/* To be called in the transaction that accepts the operation. ERR_NOT_FOUND; ERR_STATE if
 * it is not instantiated, or an operation of its service is unfinished. */
int vnf_task_open(
	struct orch *orch, const char *id, struct vnf_task *task, struct err *err);
void vnf_task_clear(struct vnf_task *task); /* zeroed and half-built ones are fine */

/* ERR_STATE if it is stopped. */
int vnf_task_check_started(const struct vnf_task *task, struct err *err);

#endif
