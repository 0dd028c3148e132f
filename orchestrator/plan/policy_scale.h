/* policy_scale.h: whether a VNF is to have another number of replicas now, by its policy
 * and what was measured. Pure; times in ms of one clock.
 *
 * A value at or beyond a threshold counts once it has been so for as long as the policy
 * says, without a break; between the thresholds nothing changes, and nothing does while
 * the VNF cools down from the last scaling. One step is one replica. A replica goes only
 * if those that stay are then expected below the threshold to scale out, so no VNF goes
 * forth and back.
 */
#ifndef ORCHESTRATOR_PLAN_POLICY_SCALE_H
#define ORCHESTRATOR_PLAN_POLICY_SCALE_H

#include "orchestrator/descriptor/policy.h"

#define POLICY_NEVER (-1) /* a time, or a time since, of what has not happened */

struct policy_sample {	   /* of a VNF, at one look */
	unsigned replicas; /* that it is wanted to have; 0: it is stopped */
	bool measured;
	double value; /* in units of its metric */
};

struct policy_scale_memory { /* zeroed at first: nothing was seen yet */
	int side;	     /* 1: at `out` or more, -1: at `in` or less, 0: neither */
	int64_t since_ms;    /* when it came there */
};

struct policy_scale_choice {
	int by;		  /* replicas more or, negative, less; 0: stay */
	int64_t cools_ms; /* of the cool-down, still to come */
	char why[POLICY_TEXT];
};

/* scaled_ms: since the last scaling of the VNF ended, or POLICY_NEVER. To be called once
 * for each look. */
void policy_scale_choose(const struct policy_scale *policy,
	const struct policy_sample *sample, int64_t scaled_ms, int64_t now_ms,
	struct policy_scale_memory *memory, struct policy_scale_choice *choice);

#endif
