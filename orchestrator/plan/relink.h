/* relink.h: the step of a plan that replaces links of a running service, all at once.
 * Pure. */
#ifndef ORCHESTRATOR_PLAN_RELINK_H
#define ORCHESTRATOR_PLAN_RELINK_H

#include <jansson.h>

/* {"action": "relink", "kind": "service", ..., "wanted", "before"} as plan.h says, from
 * the objects (target.h) that are there when the step comes to those that shall be. New
 * reference; null: no link differs. */
json_t *relink_step(const json_t *present, const json_t *target);

#endif
