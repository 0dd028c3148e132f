/* nfp.c: network forwarding paths as SOL005 has them; nfp_info.c tells them. */
#include "orchestrator/plan/nfp.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "common/field.h"
#include "orchestrator/descriptor/chain_paths.h"
#include "orchestrator/descriptor/match.h"

struct change {
	struct forwarding *forwarding;
	struct model_path *path;
	const json_t *data;
	const char *place; /* of the data */
	struct faults *faults;
};

static const char *const members[] = {"nfpInfoId", "nfpName", "description", "nsCpHandle",
	"totalCp", "nfpRule", "nfpState", "path", "match", "weight", "symmetric", NULL};

static void check_members(const struct change *c);
static struct model_path *find_or_add(struct change *c, const char *graph);
static void set_texts(const struct change *c);
static void set_state(const struct change *c);
static void set_match(const struct change *c);
static void set_weight(const struct change *c);
static void set_symmetric(const struct change *c);
static void set_hops(const struct change *c);
static json_t *read_handles(const struct change *c, const json_t *handles);
static json_t *read_handle(const struct change *c, const json_t *handle);
static const char *name_of_vnf(const struct forwarding *forwarding, const char *id);
static const char *last_part(const char *id);
static char *place_of(const struct change *c, const char *member, char *buf, size_t size);
static const char *text(const json_t *object, const char *member);

int
nfp_find(const struct forwarding *forwarding, const char *graph, const json_t *id,
	const char *path, struct faults *faults)
{
	const char *said = json_string_value(id);
	const int at = said ? model_find_path(&forwarding->model, last_part(said)) : -1;
	if (at >= 0 && strcmp(forwarding->model.paths[at].graph, graph) == 0)
		return at;
	faults_add(faults, ERR_INVALID, path, "see nfpInfo of its vnffgInfo",
		"the forwarding graph '%s' has no path '%s'", graph, said ? said : "");
	return -1;
}

void
nfp_change(struct forwarding *forwarding, const char *graph, const json_t *data,
	const char *path, struct faults *faults)
{
	struct change c = {forwarding, NULL, data, path, faults};
	check_members(&c);
	c.path = find_or_add(&c, graph);
	if (!c.path)
		return;
	set_texts(&c);
	set_state(&c);
	set_match(&c);
	set_weight(&c);
	set_symmetric(&c);
	set_hops(&c);
}

static void
check_members(const struct change *c)
{
	char place[MODEL_PATH], hint[96];
	const char *name;
	json_t *value;
	json_object_foreach ((json_t *)c->data, name, value) {
		bool known = false;
		for (size_t i = 0; members[i]; i++)
			known |= strcmp(members[i], name) == 0;
		const char *nearest = known ? NULL : field_nearest(name, members);
		snprintf(hint, sizeof(hint), "did you mean '%s'?",
			nearest ? nearest : "nfpRule");
		if (!known)
			faults_add(c->faults, ERR_INVALID,
				place_of(c, name, place, sizeof(place)), hint,
				"unknown member");
	}
}

static struct model_path *
find_or_add(struct change *c, const char *graph)
{
	char place[MODEL_PATH];
	struct model *model = &c->forwarding->model;
	const json_t *id = json_object_get(c->data, "nfpInfoId");
	const char *name = text(c->data, "nfpName");
	if (id) {
		place_of(c, "nfpInfoId", place, sizeof(place));
		const int at = nfp_find(c->forwarding, graph, id, place, c->faults);
		return at < 0 ? NULL : &model->paths[at];
	}
	struct model_path *path = name ? model_add_path(model) : NULL;
	if (!path) {
		faults_add(c->faults, ERR_INVALID, c->place,
			"write nfpInfoId of one that there is, or nfpName",
			"it is not told which path it is");
		return NULL;
	}
	path->name = strdup(name);
	path->graph = strdup(graph);
	path->weight = 100;
	path->symmetric = true;
	path->match = json_pack("[{}]");
	snprintf(path->path, MODEL_PATH, "%s", c->place);
	return path;
}

static void
set_texts(const struct change *c)
{
	static const char *const texts[] = {"description", "nfpName"};
	json_t *description = json_object_get(c->data, "description");
	const char *name = text(c->data, "nfpName");
	char place[MODEL_PATH];
	for (size_t i = 0; i < 2; i++)
		if (json_object_get(c->data, texts[i]) && !text(c->data, texts[i]))
			faults_add(c->faults, ERR_INVALID,
				place_of(c, texts[i], place, sizeof(place)), NULL,
				"this is to be a text");
	if (description) {
		json_decref(c->path->description);
		c->path->description = json_incref(description);
	}
	if (name) {
		free(c->path->name);
		c->path->name = strdup(name);
	}
}

static void
set_state(const struct change *c)
{
	char place[MODEL_PATH];
	const json_t *state = json_object_get(c->data, "nfpState");
	const char *said = json_string_value(state);
	c->path->off = state ? said && strcmp(said, "DISABLED") == 0 : c->path->off;
	if (state && !c->path->off && (!said || strcmp(said, "ENABLED") != 0))
		faults_add(c->faults, ERR_INVALID,
			place_of(c, "nfpState", place, sizeof(place)),
			"ENABLED or DISABLED", "this is no state of a path");
}

static void
set_match(const struct change *c)
{
	char place[MODEL_PATH];
	const json_t *rule = json_object_get(c->data, "nfpRule");
	const json_t *match = json_object_get(c->data, "match");
	if (!rule && !match)
		return;
	place_of(c, match ? "match" : "nfpRule", place, sizeof(place));
	if (rule && match)
		faults_add(c->faults, ERR_INVALID, place, "write one of the two",
			"a path has either nfpRule or match");
	json_decref(c->path->match);
	c->path->match = match ? match_read(match, place, c->faults)
			       : match_from_rule(rule, MATCH_SOL005, place, c->faults);
}

static void
set_weight(const struct change *c)
{
	char place[MODEL_PATH];
	const json_t *weight = json_object_get(c->data, "weight");
	const json_int_t value = json_integer_value(weight);
	if (weight && (value < 1 || value > MODEL_WEIGHT))
		faults_add(c->faults, ERR_INVALID,
			place_of(c, "weight", place, sizeof(place)),
			"the usual one is 100", "a weight is from 1 to %d", MODEL_WEIGHT);
	else if (weight)
		c->path->weight = (uint32_t)value;
}

static void
set_symmetric(const struct change *c)
{
	char place[MODEL_PATH];
	const json_t *symmetric = json_object_get(c->data, "symmetric");
	if (symmetric && !json_is_boolean(symmetric))
		faults_add(c->faults, ERR_INVALID,
			place_of(c, "symmetric", place, sizeof(place)), "true or false",
			"symmetric is a yes or no");
	else if (symmetric)
		c->path->symmetric = json_is_true(symmetric);
}

static void
set_hops(const struct change *c)
{
	char place[MODEL_PATH];
	const json_t *handles = json_object_get(c->data, "nsCpHandle");
	const json_t *path = json_object_get(c->data, "path");
	if (!handles && !path && c->path->n_hops)
		return;
	json_t *elements =
		handles ? read_handles(c, handles) : json_incref((json_t *)path);
	model_clear_hops(c->path);
	chain_hops_parse(elements,
		place_of(c, handles ? "nsCpHandle" : "path", place, sizeof(place)),
		c->path, c->faults);
	json_decref(elements);
}

/* As a person would write them. */
static json_t *
read_handles(const struct change *c, const json_t *handles)
{
	json_t *elements = json_array(), *handle;
	size_t i;
	json_array_foreach ((json_t *)handles, i, handle)
		json_array_append_new(elements, read_handle(c, handle));
	return elements;
}

static json_t *
read_handle(const struct change *c, const json_t *handle)
{
	const char *sap = text(handle, "nsSapInstanceId");
	const char *vnf = text(handle, "vnfInstanceId");
	const char *cp = text(handle, "vnfExtCpInstanceId");
	if (sap)
		return json_string(last_part(sap));
	if (!vnf)
		return json_null();
	const char *name = name_of_vnf(c->forwarding, vnf);
	return cp ? json_pack("s++", name, ".", last_part(cp)) : json_string(name);
}

static const char *
name_of_vnf(const struct forwarding *forwarding, const char *id)
{
	for (size_t i = 0; i < forwarding->model.n_vnfs; i++)
		if (strcmp(forwarding->vnf_ids[i], id) == 0)
			return forwarding->model.vnfs[i].name;
	return id;
}

static const char *
last_part(const char *id)
{
	const char *slash = strrchr(id, '/');
	return slash ? slash + 1 : id;
}

static char *
place_of(const struct change *c, const char *member, char *buf, size_t size)
{
	snprintf(buf, size, "%.120s.%.40s", c->place, member);
	return buf;
}

static const char *
text(const json_t *object, const char *member)
{
	return json_string_value(json_object_get(object, member));
}
