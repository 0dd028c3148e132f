/* occurrence.h: operation occurrences as resources, and the tasks on them. */
#ifndef ORCHESTRATOR_OCCURRENCE_H
#define ORCHESTRATOR_OCCURRENCE_H

#include "orchestrator/orch.h"
#include "orchestrator/state.h"

/* api: "ns" (NsLcmOpOcc) or "vnf" (VnfLcmOpOcc). params: with operationParams, which may
 * have megabytes. `error` is as step.h says; api/ makes a
 * problem of it. */
int occurrence_list(
	struct orch *orch, const char *api, bool params, json_t **list, struct err *err);
int occurrence_get(struct orch *orch, const char *api, const char *id, bool params,
	json_t **occurrence, struct err *err);

/* EVENT_RETRY, EVENT_CONTINUE, EVENT_ROLLBACK or EVENT_FAIL. */
int occurrence_task(struct orch *orch, const char *api, const char *id, enum event task,
	struct err *err);
/* {cancelMode: GRACEFUL | FORCEFUL}: ends after the step that is under way, or as soon as
 * that can be interrupted. */
int occurrence_cancel(struct orch *orch, const char *api, const char *id,
	const json_t *request, struct err *err);

#endif
