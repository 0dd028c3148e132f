/* chain_paths.c: see chain_paths.h. */
#include "orchestrator/descriptor/chain_paths.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "common/field.h"
#include "orchestrator/descriptor/any.h"
#include "orchestrator/descriptor/match.h"

struct form {
	char *name;
	json_t *match, *path;
	uint32_t weight;
	bool symmetric;
};

static const struct field form_fields[] = {
	{.name = "name",
		.type = FIELD_STRING,
		.offset = offsetof(struct form, name),
		.required = true,
		.help = "of the path"},
	ANY_FIELD(struct form, match, "what its packets are like; all if absent"),
	{.name = "weight",
		.type = FIELD_UINT,
		.size = sizeof(uint32_t),
		.offset = offsetof(struct form, weight),
		.min = 1,
		.max = MODEL_WEIGHT,
		.dflt = "100",
		.help = "of its flows, among paths with an equal match"},
	{.name = "symmetric",
		.type = FIELD_BOOL,
		.offset = offsetof(struct form, symmetric),
		.dflt = "true",
		.help = "what comes back matches too"},
	ANY_FIELD(struct form, path, "[lan, fw, wan]: ports and VNFs in order"),
	{0},
};

static void parse_one(const json_t *json, const char *place, struct model *model,
	struct faults *faults);
static void split(const char *name, struct model_end *end);
static struct model_hop *goes_on(struct model_path *path, const char *name);
static bool is_halved(const struct model_hop *hop);
static json_t *print_end(const struct model_end *end);

void
chain_paths_parse(const json_t *paths, const char *place, struct model *model,
	struct faults *faults)
{
	char path[MODEL_PATH];
	size_t i;
	json_t *item;
	if (!json_is_array(paths) || json_array_size(paths) == 0)
		faults_add(faults, ERR_INVALID, place,
			"write a list of {name: NAME, path: [lan, fw, wan]}",
			"forwarding paths are a list");
	if (!model_fits(paths, place, faults))
		return;
	json_array_foreach ((json_t *)paths, i, item) {
		snprintf(path, sizeof(path), "%.150s[%zu]", place, i);
		parse_one(item, path, model, faults);
	}
}

static void
parse_one(
	const json_t *json, const char *place, struct model *model, struct faults *faults)
{
	char part[MODEL_PATH];
	struct form form;
	field_read(form_fields, json, place, &form, sizeof(form), faults);
	struct model_path *path = form.name ? model_add_path(model) : NULL;
	if (path) {
		path->name = strdup(form.name);
		path->graph = strdup(CHAIN_GRAPH);
		path->weight = form.weight;
		path->symmetric = form.symmetric;
		snprintf(path->path, MODEL_PATH, "%s", place);
		snprintf(part, sizeof(part), "%.150s.match", place);
		path->match = match_read(form.match, part, faults);
		snprintf(part, sizeof(part), "%.150s.path", place);
		chain_hops_parse(form.path, part, path, faults);
	}
	field_clear(form_fields, &form);
}

void
chain_hops_parse(const json_t *elements, const char *place, struct model_path *path,
	struct faults *faults)
{
	char part[MODEL_PATH];
	size_t i;
	json_t *item;
	if (!json_is_array(elements) || json_array_size(elements) < 2)
		faults_add(faults, ERR_INVALID, place, "list ports and VNFs in order",
			"a path has at least two elements");
	if (!model_fits(elements, place, faults))
		return;
	json_array_foreach ((json_t *)elements, i, item) {
		const char *name = json_string_value(item);
		snprintf(part, sizeof(part), "%.150s[%zu]", place, i);
		if (name)
			chain_hops_add(path, name, part);
		else
			faults_add(faults, ERR_INVALID, part,
				"declare VNFs under vnfs, and write their names",
				"an element of a path is a name");
	}
	chain_hops_end(path, faults);
}

void
chain_hops_add(struct model_path *path, const char *name, const char *place)
{
	struct model_hop *begun = goes_on(path, name);
	struct model_hop *hop = begun ? begun : model_add_hop(path);
	struct model_end *end = begun ? &begun->out : &hop->in;
	split(name, end);
	snprintf(end->path, MODEL_PATH, "%s", place);
	if (end->cp)
		return;
	split(name, &hop->out);
	snprintf(hop->out.path, MODEL_PATH, "%s", place);
	hop->in.position = 0;
	hop->out.position = 1;
}

void
chain_hops_end(const struct model_path *path, struct faults *faults)
{
	for (size_t i = 0; i < path->n_hops; i++)
		if (is_halved(&path->hops[i]))
			faults_add(faults, ERR_INVALID, path->hops[i].in.path,
				"write the VNF alone, or VNF.IN and VNF.OUT",
				"it is not told where the path leaves '%s'",
				path->hops[i].in.element);
}

json_t *
chain_hops_print(const struct model_path *path)
{
	json_t *list = json_array();
	for (size_t i = 0; i < path->n_hops; i++) {
		json_array_append_new(list, print_end(&path->hops[i].in));
		if (path->hops[i].in.vnf >= 0)
			json_array_append_new(list, print_end(&path->hops[i].out));
	}
	return list;
}

static void
split(const char *name, struct model_end *end)
{
	const char *dot = strchr(name, '.');
	end->element = dot ? strndup(name, (size_t)(dot - name)) : strdup(name);
	end->cp = dot ? strdup(dot + 1) : NULL;
}

/* The last hop of the path, if it waits for the connection point that `name` is. */
static struct model_hop *
goes_on(struct model_path *path, const char *name)
{
	struct model_hop *last = path->n_hops ? &path->hops[path->n_hops - 1] : NULL;
	const char *dot = strchr(name, '.');
	if (!last || !dot || !is_halved(last) ||
		strlen(last->in.element) != (size_t)(dot - name) ||
		strncmp(last->in.element, name, (size_t)(dot - name)) != 0)
		return NULL;
	return last;
}

static bool
is_halved(const struct model_hop *hop)
{
	return hop->in.cp && !hop->out.element;
}

static json_t *
print_end(const struct model_end *end)
{
	return end->vnf >= 0 ? json_pack("s++", end->element, ".", end->cp)
			     : json_string(end->element);
}
