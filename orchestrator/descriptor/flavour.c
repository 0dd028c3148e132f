/* flavour.c: see flavour.h. */
#include "orchestrator/descriptor/flavour.h"

#include <stdio.h>
#include <string.h>

static const struct flavour {
	const char *id, *description;
	const char *pinning; /* of its virtual CPU: SOL006 virtual-cpu/pinning/policy */
	const char *vdu;     /* what is behind the type in the id of its VDU */
} flavours[] = {
	{"default", "shares its core with other VNFs", "dynamic", ""},
	{"dedicated", "has a core that no other VNF and no port uses", "static",
		"-dedicated"},
};

#define N_FLAVOURS (sizeof(flavours) / sizeof(flavours[0]))

static json_t *print_compute(const struct flavour *flavour);
static json_t *print_vdu(
	const struct flavour *flavour, const char *type, const json_t *cps);
static json_t *print_df(const struct flavour *flavour, const char *type, unsigned most);
static json_t *print_points(const json_t *cps);

const char *
flavour_id(bool dedicated)
{
	return flavours[dedicated].id;
}

bool
flavour_is_dedicated(const json_t *doc)
{
	return json_is_true(json_object_get(json_object_get(doc, "tag"), "dedicated"));
}

bool
flavour_read(const json_t *id, const char *path, struct faults *faults)
{
	const char *said = json_string_value(id);
	for (size_t i = 0; said && i < N_FLAVOURS; i++)
		if (strcmp(flavours[i].id, said) == 0)
			return i > 0;
	faults_add(faults, ERR_INVALID, path, "the package has: default, dedicated",
		id ? "the package has no flavour '%s'" : "no flavour is named%s",
		said ? said : "");
	return false;
}

char *
flavour_vdu(const char *type, bool dedicated, char *buf, size_t size)
{
	snprintf(buf, size, "%s%s", type, flavours[dedicated].vdu);
	return buf;
}

/* A connection point of the VNF is that of each of its processes, whichever VDU they are
 * of: so it is on a link inside the VNF. */
void
flavour_print(json_t *vnfd, const char *type, const json_t *cps, unsigned most)
{
	json_t *computes = json_array(), *vdus = json_array(), *dfs = json_array(),
	       *links = json_array(), *cp;
	size_t i;
	for (i = 0; i < N_FLAVOURS; i++) {
		json_array_append_new(computes, print_compute(&flavours[i]));
		json_array_append_new(vdus, print_vdu(&flavours[i], type, cps));
		json_array_append_new(dfs, print_df(&flavours[i], type, most));
	}
	json_array_foreach ((json_t *)cps, i, cp)
		json_array_append_new(links, json_pack("{s:O}", "id", cp));
	json_object_set_new(vnfd, "virtual-compute-desc", computes);
	json_object_set_new(vnfd, "int-virtual-link-desc", links);
	json_object_set_new(vnfd, "vdu", vdus);
	json_object_set_new(vnfd, "ext-cpd", print_points(cps));
	json_object_set_new(vnfd, "df", dfs);
}

static json_t *
print_compute(const struct flavour *flavour)
{
	return json_pack("{s:s, s:{s:i, s:{s:s}}}", "id", flavour->id, "virtual-cpu",
		"num-virtual-cpu", 1, "pinning", "policy", flavour->pinning);
}

static json_t *
print_vdu(const struct flavour *flavour, const char *type, const json_t *cps)
{
	return json_pack("{s:s+, s:s, s:s, s:o}", "id", type, flavour->vdu, "name", type,
		"virtual-compute-desc", flavour->id, "int-cpd", print_points(cps));
}

static json_t *
print_df(const struct flavour *flavour, const char *type, unsigned most)
{
	json_t *df = json_pack(
		"{s:s, s:s, s:[{s:s+, s:i, s:i}], s:[{s:s, s:[{s:s+, s:i}]}], s:s}", "id",
		flavour->id, "description", flavour->description, "vdu-profile", "id",
		type, flavour->vdu, "min-number-of-instances", 1,
		"max-number-of-instances", (int)most, "instantiation-level", "id",
		"default", "vdu-level", "vdu-id", type, flavour->vdu,
		"number-of-instances", 1, "default-instantiation-level", "default");
	if (most > 1)
		json_object_set_new(df, "scaling-aspect",
			json_pack("[{s:s, s:s, s:i}]", "id", "replicas", "name",
				"replicas", "max-scale-level", (int)most - 1));
	return df;
}

static json_t *
print_points(const json_t *cps)
{
	json_t *points = json_array(), *cp;
	size_t i;
	json_array_foreach ((json_t *)cps, i, cp)
		json_array_append_new(points,
			json_pack("{s:O, s:O}", "id", cp, "int-virtual-link-desc", cp));
	return points;
}
