/* plan.h: from what is wanted now and what shall be wanted, the steps that lead there.
 * Pure.
 *
 * A step is {"action": "put|del|wait", "kind", "object", "ns", "name", "wanted"?,
 * "before"?}: `wanted` is what a put puts, `before` what the object was, so that each
 * step can be undone. The order makes a service start quickly: VNFs first, as they start
 * on their own, ports and links meanwhile, then the wait for each started VNF.
 */
#ifndef ORCHESTRATOR_PLAN_H
#define ORCHESTRATOR_PLAN_H

#include <jansson.h>

/* Sets of objects as target.h says. An empty target ends the service; equal sets make no
 * step. New reference. */
json_t *plan_make(const json_t *actual, const json_t *target);

#endif
