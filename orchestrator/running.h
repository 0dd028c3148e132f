/* running.h: the model of a service that runs, as it is wanted now: what its descriptor
 * says and operations have changed since. Pure. */
#ifndef ORCHESTRATOR_RUNNING_H
#define ORCHESTRATOR_RUNNING_H

#include "orchestrator/converge.h"
#include "orchestrator/descriptor/model.h"

/* Fills *model (zeroed by the caller, who clears it in any case): ports, VNFs in no
 * order, and links or forwarding paths of the objects, with stopped VNFs as if they ran;
 * names unresolved. base: the model of its descriptor, in its flavour. Places of faults
 * are the names. */
void running_model(
	const struct converge *service, const struct model *base, struct model *model);

/* Adds the rules about cores (affinity.h) that its VNFs keep to now, and that are about
 * VNFs which the model has still. */
void running_rules(const struct converge *service, struct model *model);

/* Puts the VNFs into the order of the descriptor, from which groups result
 * (placement_group()); one that is not in it comes beside one that it is linked to. Then
 * the isolation of the service is applied to those that say nothing else. */
void running_order(struct model *model, const struct model *base);

#endif
