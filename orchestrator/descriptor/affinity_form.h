/* affinity_form.h: rules of affinity (affinity.h) as descriptors and requests write them.
 * Pure. */
#ifndef ORCHESTRATOR_DESCRIPTOR_AFFINITY_FORM_H
#define ORCHESTRATOR_DESCRIPTOR_AFFINITY_FORM_H

#include "common/err.h"
#include "orchestrator/descriptor/model.h"

/* `affinity: [{vnfs: [a, b], scope: core, anti: true}]` of the chain form. */
void affinity_from_chain(const json_t *list, struct model *model, struct faults *faults);
/* affinity-or-anti-affinity-group of a flavour (SOL006), and the VNF profiles in it. */
void affinity_from_df(const json_t *df, const char *df_path, struct model *model,
	struct faults *faults);
/* additionalAffinityOrAntiAffinityRule of an InstantiateNsRequest (SOL005). */
void affinity_from_request(
	const json_t *request, struct model *model, struct faults *faults);
/* Rules as such requests write them, of those that a service keeps (affinity_kept());
 * new reference, or null: there are none. */
json_t *affinity_to_request(const json_t *kept);
/* Puts the rules of a model into a flavour, as affinity_from_df() reads them. */
void affinity_print(const struct model *model, json_t *df);

#endif
