/* kept_look.h: a look at one VNF that has policies: what kept_scale.c and kept_heal.c go
 * by. */
#ifndef ORCHESTRATOR_KEPT_LOOK_H
#define ORCHESTRATOR_KEPT_LOOK_H

#include "db/occurrences.h"
#include "db/vnf_instances.h"
#include "orchestrator/kept.h"

struct kept_look {
	struct orch *orch;
	const struct kept *kept; /* its service */
	const struct db_vnf *row;
	const json_t *stats, *observed; /* null: nobody answered */
	const char *busy; /* what it has to wait for; null: nothing is under way */
	int64_t now_ms;
};

/* {time, occurrence, state, automatic, reason?} of an operation; reason: the member of
 * its request. New reference. */
json_t *kept_look_last(const struct kept_look *look, const struct db_occurrence *row,
	const char *reason);
/* Whether the refusal of an operation is one that passes: another is under way, or the
 * VNFM does not answer. */
bool kept_look_is_passing(const struct kept_look *look, int rc);

#endif
