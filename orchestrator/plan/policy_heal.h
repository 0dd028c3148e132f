/* policy_heal.h: whether a VNF is to be healed now, by its policy and what is seen of it.
 * Pure; times in ms of one clock.
 *
 * The VNFM starts what died again by itself. What has been ill for as long as the policy
 * says is healed; each further attempt waits longer, and when the attempts are used up it
 * is given up until the oldest of them is long enough ago, or the VNF is well.
 */
#ifndef ORCHESTRATOR_PLAN_POLICY_HEAL_H
#define ORCHESTRATOR_PLAN_POLICY_HEAL_H

#include "orchestrator/descriptor/policy.h"

enum policy_heal_act { POLICY_LEAVE, POLICY_HEAL, POLICY_GIVE_UP };

struct policy_heal_memory { /* zeroed at first: nothing was seen yet */
	bool ill;
	int64_t since_ms; /* that it has been ill */
};

struct policy_heal_history {
	unsigned attempts; /* within the policy's `within` */
	int64_t ended_ms;  /* since the last of them ended; without one it does not matter
			    */
};

struct policy_heal_choice {
	enum policy_heal_act act;
	char why[POLICY_TEXT];
};

/* state: "ready", "failed", ... (observe.h). To be called once for each look. */
void policy_heal_choose(const struct policy_heal *policy, const char *state,
	const struct policy_heal_history *history, int64_t now_ms,
	struct policy_heal_memory *memory, struct policy_heal_choice *choice);

/* Whether a VNF in that state is to be healed of it. */
bool policy_heal_is_ill(const struct policy_heal *policy, const char *state);

#endif
