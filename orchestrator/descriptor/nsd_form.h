/* nsd_form.h: the ETSI form of a descriptor (SOL006 leaf names), to and from a model. */
#ifndef ORCHESTRATOR_DESCRIPTOR_NSD_FORM_H
#define ORCHESTRATOR_DESCRIPTOR_NSD_FORM_H

#include <jansson.h>
#include "common/err.h"
#include "orchestrator/descriptor/model.h"

/* Who a descriptor says it is. Borrowed from the document; null where it says nothing. */
struct nsd_identity {
	const char *id, *name, *version, *designer, *invariant_id;
};

/* The nsd object of a document {nsd: [{...}]} (also below `nfv`), or null. Borrowed. */
json_t *nsd_form_find(const json_t *doc);
/* Adds a fault for what is missing. */
void nsd_form_identity(
	const json_t *nsd, struct nsd_identity *identity, struct faults *faults);

/* Reads an nsd object (paths start with nsd[0]) into *model (zeroed by the caller, who
 * clears it in every case): `flavour` names the deployment flavour, null is the first.
 * Names unresolved, no service name. Pure. */
void nsd_form_parse(const json_t *nsd, const char *flavour, struct model *model,
	struct faults *faults);

/* What `renga:isolation` says, by enum model_isolation. */
extern const char *const nsd_form_isolations[];

/* {nsd: [{...}]} of a checked model; new reference. Pure. */
json_t *nsd_form_print(
	const struct model *model, const char *nsd_id, const char *description);

#endif
