/* occurrence.h: operation occurrences as resources, and the tasks on them. */
#ifndef ORCHESTRATOR_OCCURRENCE_H
#define ORCHESTRATOR_OCCURRENCE_H

#include "orchestrator/orch.h"
#include "orchestrator/state.h"

/* api: "ns" (NsLcmOpOcc) or "vnf" (VnfLcmOpOcc). `error` is as step.h says; api/ makes a
 * problem of it.
 *
 * A part of them, oldest first: at most n behind the one with the id `after` (null: from
 * the first; if that is gone, behind `offset`). equal: {attribute: text} that they are to
 * have; what is not in the store as such is ignored. whole: with operationParams, which
 * may have megabytes, resourceChanges and stepTimings. */
struct occurrence_page {
	const char *api;
	bool whole;
	const json_t *equal;
	const char *after;
	size_t offset, n;
};
int occurrence_list(struct orch *orch, const struct occurrence_page *page, json_t **list,
	struct err *err);
/* params: with operationParams. */
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
