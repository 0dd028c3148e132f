/* keeper.h: the thread that keeps VNFs as the policies of their descriptors want them
 * (docs/adr/0025-policies.md).
 *
 * It looks every second (RENGA_POLICY_MS; 1000) at the services that have policies, has
 * policy_scale.h and policy_heal.h choose, and has what they choose carried out as a
 * user's request would be: SCALE and HEAL of a VNF, with isAutomaticInvocation. While
 * another operation of the service is unfinished it waits. Each decision is an event
 * ("auto-scale", "auto-heal") with its reason. Nothing is kept but the occurrences: a
 * restarted orchestrator knows by them what cools down and how often was healed. Without
 * such a service it does nothing.
 */
#ifndef ORCHESTRATOR_KEEPER_H
#define ORCHESTRATOR_KEEPER_H

#include <stdbool.h>
#include "orchestrator/orch.h"

struct keeper;

int keeper_open(struct orch *orch, struct keeper **keeper, struct err *err);
/* False: it waits for the VNFM; then nothing was freed. Null is fine. */
bool keeper_close(struct keeper *keeper);

/* [{vnf, scale?, heal?}] of a service, each policy with what it comes to now and what it
 * did last; null if it has none. New reference; any thread. */
json_t *keeper_tell(struct keeper *keeper, const char *ns);
/* {scale?, heal?} of one VNF of it. */
json_t *keeper_tell_vnf(struct keeper *keeper, const char *ns, const char *profile);

#endif
