/* policy_form.h: policies as descriptors write them: members `scale` and `heal` of a VNF
 * of a chain, `renga:scale` and `renga:heal` of a vnf-profile. Pure. */
#ifndef ORCHESTRATOR_DESCRIPTOR_POLICY_FORM_H
#define ORCHESTRATOR_DESCRIPTOR_POLICY_FORM_H

#include <jansson.h>
#include "common/err.h"
#include "orchestrator/descriptor/catalog.h"
#include "orchestrator/descriptor/model.h"
#include "orchestrator/descriptor/policy.h"

/* One policy; every fault with its path, below `path`. 0, or the negative errno of the
 * first. */
int policy_form_scale(const json_t *json, const char *path, struct policy_scale *scale,
	struct faults *faults);
int policy_form_heal(const json_t *json, const char *path, struct policy_heal *heal,
	struct faults *faults);

/* Has the VNF take those of its element; prefix: "" or "renga:". Its path is set. */
void policy_form_take(const json_t *element, const char *prefix, struct model_vnf *vnf,
	struct faults *faults);
/* Adds those of a VNF to its vnf-profile. */
void policy_form_print(const struct model_vnf *vnf, json_t *profile);

/* Judges what policies have to do with types, groups and replicas, and gives a VNF that
 * is scaled by policy its replicas, if it does not say how many. */
void policy_form_check(
	struct model *model, const struct catalog *catalog, struct faults *faults);

/* Replicas for a VNF that has `now` already (0: it is new): a policy's number is kept,
 * in its bounds, and goes for the group. 0: no policy has a say. */
unsigned policy_form_replicas(const struct model *model, size_t vnf, unsigned now);

struct policy_vnf { /* policies of a VNF profile */
	char profile[64];
	bool scales, heals;
	struct policy_scale scale;
	struct policy_heal heal;
};

/* Those of a descriptor's flavour (null: the first); *list is malloc'd, null if there are
 * none. */
void policy_form_list(
	const json_t *nsd, const char *flavour, struct policy_vnf **list, size_t *n);

/* "busy" */
const char *policy_form_metric(int metric);
/* As they are written, with what they leave out; new references. */
json_t *policy_form_scale_json(const struct policy_scale *scale);
json_t *policy_form_heal_json(const struct policy_heal *heal);

#endif
