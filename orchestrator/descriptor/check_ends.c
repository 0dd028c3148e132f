/* check_ends.c: see check_ends.h. */
#include "orchestrator/descriptor/check_ends.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "common/field.h"

static void dangling(
	const struct model *model, const struct model_end *end, struct faults *faults);
static void resolve_cp(
	const struct catalog_type *type, struct model_end *end, struct faults *faults);

void
check_end(const struct model *model, const struct catalog *catalog, struct model_end *end,
	struct faults *faults)
{
	const int vnf = model_find_vnf(model, end->element);
	const int sap = model_find_sap(model, end->element);
	if (vnf < 0 && sap < 0) {
		dangling(model, end, faults);
	} else if (sap >= 0 && end->cp) {
		faults_add(faults, ERR_INVALID, end->path, "write the port's name alone",
			"port '%s' has no connection point", end->element);
	} else if (sap >= 0) {
		end->sap = sap;
	} else {
		const char *type = model->vnfs[vnf].type;
		const struct catalog_type *known =
			type ? catalog_find(catalog, type) : NULL;
		end->vnf = vnf;
		if (known)
			resolve_cp(known, end, faults);
	}
}

bool
check_same_end(const struct model_end *a, const struct model_end *b)
{
	if (a->sap >= 0)
		return a->sap == b->sap;
	return a->vnf >= 0 && a->vnf == b->vnf && a->cp && b->cp &&
	       strcmp(a->cp, b->cp) == 0;
}

static void
dangling(const struct model *model, const struct model_end *end, struct faults *faults)
{
	const char **names = calloc(model->n_saps + model->n_vnfs + 1, sizeof(*names));
	char hint[128] = "define it under ports, or as a VNF";
	size_t n = 0;
	for (size_t i = 0; names && i < model->n_saps; i++)
		names[n++] = model->saps[i].name;
	for (size_t i = 0; names && i < model->n_vnfs; i++)
		names[n++] = model->vnfs[i].name;
	const char *nearest =
		names && *end->element ? field_nearest(end->element, names) : NULL;
	if (nearest)
		snprintf(hint, sizeof(hint), "did you mean '%s'?", nearest);
	faults_add(faults, ERR_INVALID, end->path, hint,
		"there is no port or VNF called '%s'", end->element);
	free(names);
}

static void
resolve_cp(const struct catalog_type *type, struct model_end *end, struct faults *faults)
{
	char hint[256] = "connection points:";
	if (end->cp && catalog_cp(type, end->cp) >= 0)
		return;
	if (!end->cp && end->position >= 0 && (size_t)end->position < type->n_cps) {
		end->cp = strdup(type->cps[end->position]);
		return;
	}
	for (size_t i = 0; i < type->n_cps; i++)
		snprintf(hint + strlen(hint), sizeof(hint) - strlen(hint), " %s",
			type->cps[i]);
	const char *nearest = end->cp ? field_nearest(end->cp, type->cps) : NULL;
	if (nearest)
		snprintf(hint, sizeof(hint), "did you mean '%s.%s'?", end->element,
			nearest);
	if (end->cp)
		faults_add(faults, ERR_INVALID, end->path, hint,
			"VNF '%s' has no connection point '%s'", end->element, end->cp);
	else
		faults_add(faults, ERR_INVALID, end->path, hint,
			"the connection point of VNF '%s' is not told", end->element);
}
