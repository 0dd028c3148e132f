/* policy_figures.h: the value of a policy's metric, from looks at the statistics of a
 * service (docs/southbound.md, section 4). Pure. */
#ifndef ORCHESTRATOR_PLAN_POLICY_FIGURES_H
#define ORCHESTRATOR_PLAN_POLICY_FIGURES_H

#include <jansson.h>
#include "orchestrator/plan/policy_scale.h"

/* Fills measured and value; sample->replicas is set: all of them have to tell. before is
 * null at the first look, `seconds` older than after; only a rate needs both. */
void policy_figures_take(int metric, const char *vnf, const json_t *before,
	const json_t *after, double seconds, struct policy_sample *sample);

#endif
