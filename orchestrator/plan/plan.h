/* plan.h: from what is wanted now and what shall be wanted, the steps that lead there.
 * Pure.
 *
 * A step is {"action": "put|del|wait|relink|spread", "kind", "object", "ns", "name",
 * "wanted"?, "before"?}: `wanted` is what a put puts, `before` what the object was, so
 * that each step can be undone.
 *
 * A service that is new starts quickly: VNFs first, as they start on their own, ports and
 * links meanwhile, then the wait for each VNF, and the doors to the world last, all of
 * them at once. What an operation that was given up left of it, and is not wanted, goes
 * before.
 *
 * One that runs changes without loss: what is new is put and waited for beside what is
 * there; then one relink, of kind service, replaces all links that differ: its `wanted`
 * and `before` are {"name", "links": {ID: document or null}}; then VNFs and ports that
 * are gone end. Where forwarding paths change, the service is put between two such
 * relinks (repath.h). A VNF that gets more or fewer replicas (replicas.h) has its flows
 * spread over them when the links of new ones are there, or before those of old ones go:
 * a step whose `wanted` and `before` are {"name", "replicas", "drain"}, the last being
 * the seconds in which sessions may end by themselves; with `begin`, none are waited for.
 * A drain waits, before what follows ends a VNF or the service, until it has no session
 * left, for the seconds in `timeout` of its `wanted` at most.
 * Only a port that changes its device, or takes over another's, loses what is under way:
 * its links are deleted before.
 */
#ifndef ORCHESTRATOR_PLAN_PLAN_H
#define ORCHESTRATOR_PLAN_PLAN_H

#include <jansson.h>

/* Sets of objects as target.h says. An empty target ends the service; equal sets make no
 * step. New reference. */
json_t *plan_make(const json_t *actual, const json_t *target);

/* Puts before the steps that the whole service is ended, whatever there is of it; that is
 * not undone. */
void plan_end_first(json_t *steps, const char *ns, const char *name);

/* Adds to steps that a VNF of the set is put with another document and waited for. */
void plan_replace(json_t *steps, const json_t *vnf, const json_t *doc);
/* Adds that what is going to end has `seconds` to end its sessions by itself: a VNF of
 * the set, or its service. */
void plan_drain(json_t *steps, const json_t *object, int seconds);

#endif
