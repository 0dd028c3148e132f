/* vnf_task.c: see vnf_task.h. */
#include "orchestrator/vnf_task.h"

#include <string.h>
#include "orchestrator/deploy.h"
#include "orchestrator/plan/replicas.h"

int
vnf_task_open(struct orch *orch, const char *id, struct vnf_task *task, struct err *err)
{
	if (db_vnf_get(orch->db, id, &task->vnf, NULL))
		return err_set(err, ERR_NOT_FOUND, NULL, NULL,
			"there is no VNF instance '%s'", id);
	int rc = operation_check_free(orch->db, task->vnf.ns_id, err);
	if (!rc && strcmp(task->vnf.state, "INSTANTIATED") != 0)
		rc = err_set(err, ERR_STATE, NULL, NULL, "VNF '%s' is not instantiated",
			task->vnf.name);
	return rc ? rc : deploy_wanted(orch->db, task->vnf.ns_id, &task->actual, err);
}

void
vnf_task_clear(struct vnf_task *task)
{
	db_vnf_clear(&task->vnf);
	json_decref(task->actual);
	*task = (struct vnf_task){0};
}

int
vnf_task_check_started(const struct vnf_task *task, struct err *err)
{
	if (replicas_find(task->actual, task->vnf.id, 0))
		return 0;
	return err_set(err, ERR_STATE, NULL,
		"start it first: renga vnf operate VNF start", "VNF '%s' is stopped",
		task->vnf.name);
}
