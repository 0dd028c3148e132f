/* nsd_vnffg.c: see nsd_vnffg.h. */
#include "orchestrator/descriptor/nsd_vnffg.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "common/field.h"
#include "orchestrator/descriptor/chain_paths.h"
#include "orchestrator/descriptor/match.h"

#define PLACE "nsd[0].vnffgd"

struct reading {
	const json_t *graph;
	char place[MODEL_PATH]; /* of the graph */
	struct model *model;
	struct faults *faults;
};

static bool name_end(
	const struct model *model, const struct model_end *end, char *name, size_t size);
static void read_graph(struct reading *r);
static void check_profiles(struct reading *r);
static void read_nfpd(struct reading *r, const json_t *nfpd, const char *place);
static void read_members(struct reading *r, const json_t *nfpd, const char *place,
	struct model_path *path);
static json_t *read_match(struct reading *r, const json_t *nfpd, const char *place);
static void read_positions(struct reading *r, const json_t *nfpd, const char *place,
	struct model_path *path);
static void read_element(
	struct reading *r, const char *id, const char *place, struct model_path *path);
static const json_t *find_element(const struct reading *r, const char *id);
static bool name_element(const json_t *element, char *name, size_t size);
static const char *text(const json_t *object, const char *member);

void
nsd_vnffg_parse(
	const json_t *list, const char *only, struct model *model, struct faults *faults)
{
	struct reading r = {.model = model, .faults = faults};
	size_t i;
	if (list && !json_is_null(list) && !json_is_array(list))
		faults_add(faults, ERR_INVALID, PLACE, "write - id: NAME",
			"forwarding graphs are a list");
	json_array_foreach ((json_t *)list, i, r.graph) {
		const char *id = text(r.graph, "id");
		snprintf(r.place, sizeof(r.place), PLACE "[%zu]", i);
		if (!id || !model_name_ok(id, MODEL_NAME_MAX))
			faults_add(faults, ERR_INVALID, r.place,
				"write id: small letters, digits and dashes, 24 at most",
				"a forwarding graph needs an id");
		else if (!only || strcmp(id, only) == 0)
			read_graph(&r);
	}
}

void
nsd_vnffg_check_nets(const struct model *model, const json_t *nets, struct faults *faults)
{
	char a[128], b[128];
	for (size_t i = 0; nets && i < model->n_paths; i++) {
		const struct model_path *path = &model->paths[i];
		for (size_t h = 0; h + 1 < path->n_hops; h++) {
			const struct model_end *in = &path->hops[h + 1].in;
			if (!name_end(model, &path->hops[h].out, a, sizeof(a)) ||
				!name_end(model, in, b, sizeof(b)))
				continue;
			const json_t *net = json_object_get(nets, a);
			if (!net || !json_equal(net, json_object_get(nets, b)))
				faults_add(faults, ERR_INVALID, in->path,
					"see virtual-link-connectivity",
					"'%s' and '%s' are on no common virtual link", a,
					b);
		}
	}
}

/* False: it does not tell its connection point. */
static bool
name_end(const struct model *model, const struct model_end *end, char *name, size_t size)
{
	const char *element = end->element ? end->element : "";
	snprintf(name, size, "%.60s%s%.60s", element, end->cp ? "." : "",
		end->cp ? end->cp : "");
	return end->cp || model_find_sap(model, element) >= 0;
}

static void
read_graph(struct reading *r)
{
	const json_t *list = json_object_get(r->graph, "nfpd");
	char place[MODEL_PATH];
	size_t i;
	json_t *nfpd;
	check_profiles(r);
	if (json_array_size(list) == 0)
		faults_add(r->faults, ERR_INVALID, r->place,
			"write nfpd: [{id: NAME, position-desc: [...]}]",
			"a forwarding graph has at least one path");
	if (!model_fits(list, r->place, r->faults) ||
		!model_fits(json_object_get(r->graph, "nfp-position-element"), r->place,
			r->faults))
		return;
	json_array_foreach ((json_t *)list, i, nfpd) {
		snprintf(place, sizeof(place), "%.60s.nfpd[%zu]", r->place, i);
		read_nfpd(r, nfpd, place);
	}
}

static void
check_profiles(struct reading *r)
{
	char place[MODEL_PATH];
	size_t i;
	json_t *profile;
	json_array_foreach (json_object_get(r->graph, "vnf-profile-id"), i, profile) {
		const char *id = json_string_value(profile);
		snprintf(place, sizeof(place), "%.60s.vnf-profile-id[%zu]", r->place, i);
		if (!id || model_find_vnf(r->model, id) < 0)
			faults_add(r->faults, ERR_INVALID, place, "see vnf-profile",
				"there is no VNF profile '%s'", id ? id : "");
	}
}

static void
read_nfpd(struct reading *r, const json_t *nfpd, const char *place)
{
	const char *id = text(nfpd, "id");
	struct model_path *path = id ? model_add_path(r->model) : NULL;
	if (!path) {
		faults_add(r->faults, ERR_INVALID, place, "write id: NAME",
			"a forwarding path needs an id");
		return;
	}
	path->name = strdup(id);
	path->graph = strdup(text(r->graph, "id"));
	snprintf(path->path, MODEL_PATH, "%s", place);
	read_members(r, nfpd, place, path);
	path->match = read_match(r, nfpd, place);
	read_positions(r, nfpd, place, path);
}

static void
read_members(
	struct reading *r, const json_t *nfpd, const char *place, struct model_path *path)
{
	const json_t *weight = json_object_get(nfpd, "renga:weight");
	const json_t *symmetric = json_object_get(nfpd, "renga:symmetric");
	const json_int_t value = weight ? json_integer_value(weight) : 100;
	char part[MODEL_PATH];
	snprintf(part, sizeof(part), "%.120s.renga:weight", place);
	if (value < 1 || value > MODEL_WEIGHT)
		faults_add(r->faults, ERR_INVALID, part, "the usual one is 100",
			"a weight is from 1 to %d", MODEL_WEIGHT);
	snprintf(part, sizeof(part), "%.120s.renga:symmetric", place);
	if (symmetric && !json_is_boolean(symmetric))
		faults_add(r->faults, ERR_INVALID, part, "true or false",
			"symmetric is a yes or no");
	path->weight = (uint32_t)value;
	path->symmetric = !json_is_false(symmetric);
}

static json_t *
read_match(struct reading *r, const json_t *nfpd, const char *place)
{
	const json_t *rule = json_object_get(nfpd, "nfp-rule");
	const json_t *match = json_object_get(nfpd, "renga:match");
	char part[MODEL_PATH];
	snprintf(part, sizeof(part), "%.120s.%s", place,
		rule ? "nfp-rule" : "renga:match");
	if (rule && match)
		faults_add(r->faults, ERR_INVALID, part, "write one of the two",
			"a path has either nfp-rule or renga:match");
	return rule ? match_from_rule(rule, MATCH_SOL006, part, r->faults)
		    : match_read(match, part, r->faults);
}

static void
read_positions(
	struct reading *r, const json_t *nfpd, const char *place, struct model_path *path)
{
	const json_t *list = json_object_get(nfpd, "position-desc");
	char part[MODEL_PATH];
	size_t i, k;
	json_t *position, *id;
	if (json_array_size(list) == 0)
		faults_add(r->faults, ERR_INVALID, place,
			"write position-desc: [{id: \"0\", nfp-position-element-id: "
			"[...]}]",
			"a forwarding path has no position");
	if (!model_fits(list, place, r->faults))
		return;
	json_array_foreach ((json_t *)list, i, position)
		json_array_foreach (
			json_object_get(position, "nfp-position-element-id"), k, id) {
			snprintf(part, sizeof(part),
				"%.90s.position-desc[%zu].nfp-position-element-id[%zu]",
				place, i, k);
			if (path->n_hops > MODEL_PARTS) {
				faults_add(r->faults, ERR_TOO_LARGE, part, NULL,
					"a path has %d elements at most", MODEL_PARTS);
				return;
			}
			read_element(r, json_string_value(id), part, path);
		}
	chain_hops_end(path, r->faults);
}

static void
read_element(
	struct reading *r, const char *id, const char *place, struct model_path *path)
{
	char name[128];
	const json_t *element = id ? find_element(r, id) : NULL;
	if (!element)
		faults_add(r->faults, ERR_INVALID, place, "see nfp-position-element",
			"there is no position element '%s'", id ? id : "");
	else if (!name_element(element, name, sizeof(name)))
		faults_add(r->faults, ERR_INVALID, place,
			"write desc: {ns: {sap-cpd-id: SAP}}, or {vnf-profile: "
			"{vnf-profile-id: VNF}, vnf: {cpd-id: CP}}",
			"the position element '%s' is nothing that the service has", id);
	else
		chain_hops_add(path, name, place);
}

static const json_t *
find_element(const struct reading *r, const char *id)
{
	size_t i;
	json_t *element;
	json_array_foreach (
		json_object_get(r->graph, "nfp-position-element"), i, element) {
		const char *its = text(element, "id");
		if (its && strcmp(its, id) == 0)
			return element;
	}
	return NULL;
}

/* As a person would write it: "lan", "fw" or "fw.left". */
static bool
name_element(const json_t *element, char *name, size_t size)
{
	const json_t *desc = json_object_get(element, "desc");
	const char *sap = text(json_object_get(desc, "ns"), "sap-cpd-id");
	const char *vnf = text(json_object_get(desc, "vnf-profile"), "vnf-profile-id");
	const char *cp = text(json_object_get(desc, "vnf"), "cpd-id");
	if (!sap && !vnf)
		return false;
	snprintf(name, size, "%.60s%s%.60s", sap ? sap : vnf, !sap && cp ? "." : "",
		!sap && cp ? cp : "");
	return true;
}

static const char *
text(const json_t *object, const char *member)
{
	return json_string_value(json_object_get(object, member));
}
