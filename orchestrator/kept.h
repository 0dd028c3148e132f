/* kept.h: a service whose VNFs have policies, and what is remembered of it from look to
 * look. Of the keeper's thread alone. */
#ifndef ORCHESTRATOR_KEPT_H
#define ORCHESTRATOR_KEPT_H

#include <jansson.h>
#include "db/policies.h"
#include "orchestrator/orch.h"
#include "orchestrator/descriptor/policy_form.h"
#include "orchestrator/plan/policy_heal.h"
#include "orchestrator/plan/policy_scale.h"
#include "orchestrator/stamp.h"

struct kept_vnf {
	struct policy_vnf policy;
	struct policy_scale_memory scale;
	struct policy_heal_memory heal;
	int64_t hold_ms;	/* a scaling was refused: not before */
	char hold[POLICY_TEXT]; /* why */
};

struct kept {
	char ns[STAMP_ID], nsd[STAMP_ID];
	int64_t revision; /* of the descriptor that vnfs are of; -1: none was read */
	struct kept_vnf *vnfs;
	size_t n_vnfs;
	json_t *stats; /* of the look before, or null */
	int64_t stats_ms;
};

void kept_open(struct kept *kept, const char *ns);
void kept_clear(struct kept *kept);

/* Looks at the service, decides and has it carried out. observed: what
 * observe_vnfs_brief() saw, null: nothing; now_ms: of a clock that only goes forward.
 * What keeper_tell() is to say: new reference. */
json_t *kept_look(struct orch *orch, struct kept *kept,
	const struct db_policy_service *service, const json_t *observed, int64_t now_ms);

#endif
