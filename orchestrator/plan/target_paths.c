/* target_paths.c: see target_paths.h. */
#include "orchestrator/plan/target_paths.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include "orchestrator/descriptor/chain_paths.h"

static void read_path(const json_t *told, struct model_path *path);
static const json_t *find_service(const json_t *objects);
static unsigned free_number(const bool *taken, const bool *used);
static json_t *make_steer(const struct model *model);
static void steer_path(json_t *steer, const struct model_path *path);
static json_t *steer_entry(json_t *steer, const json_t *match, bool symmetric);
static json_t *make_tag(const struct model *model);
static json_t *path_json(const struct model_path *path);
static const char *text(const json_t *object, const char *member);

/* A number that was free before is better: packets may still carry that of a path that
 * goes. */
void
target_number_paths(struct model *model, const json_t *objects)
{
	bool taken[MODEL_PATHS + 1] = {true}, used[MODEL_PATHS + 1] = {true};
	size_t i;
	json_t *path;
	json_array_foreach (target_paths(objects), i, path) {
		const int at = model_find_path(
			model, json_string_value(json_object_get(path, "name")));
		const json_int_t number =
			json_integer_value(json_object_get(path, "number"));
		used[number] = true;
		if (at < 0)
			continue;
		model->paths[at].number = (unsigned)number;
		taken[number] = true;
	}
	for (i = 0; i < model->n_paths; i++) {
		if (!model->paths[i].number)
			model->paths[i].number = free_number(taken, used);
		taken[model->paths[i].number] = used[model->paths[i].number] = true;
	}
}

void
target_add_paths(const struct model *model, json_t *service)
{
	if (!model->n_paths)
		return;
	json_object_set_new(service, "steer", make_steer(model));
	json_object_set_new(service, "tag", make_tag(model));
}

void
target_read_paths(const json_t *objects, struct model *model)
{
	size_t i;
	json_t *told;
	json_array_foreach (target_paths(objects), i, told) {
		struct model_path *path = model_add_path(model);
		if (path)
			read_path(told, path);
	}
}

void
target_keep_graphs(json_t *service, const json_t *graphs)
{
	const char *id;
	json_t *said;
	json_object_foreach (
		json_object_get(json_object_get(service, "tag"), "graphs"), id, said)
		json_object_update(said, json_object_get(graphs, id));
}

json_t *
target_link_paths(const struct model *model, const struct model_link *link)
{
	json_t *numbers = model->n_paths ? json_array() : NULL;
	for (unsigned number = 1; numbers && number <= MODEL_PATHS; number++)
		for (size_t i = 0; i < model->n_paths; i++)
			if (link->paths[i] && model->paths[i].number == number)
				json_array_append_new(numbers, json_integer(number));
	return numbers;
}

json_t *
target_paths(const json_t *objects)
{
	const json_t *doc = json_object_get(find_service(objects), "doc");
	return json_object_get(json_object_get(doc, "tag"), "paths");
}

json_t *
target_graphs(const json_t *objects)
{
	const json_t *doc = json_object_get(find_service(objects), "doc");
	return json_object_get(json_object_get(doc, "tag"), "graphs");
}

static void
read_path(const json_t *told, struct model_path *path)
{
	struct faults none = {0};
	path->name = strdup(text(told, "name"));
	path->graph = strdup(text(told, "graph"));
	path->description = json_incref(json_object_get(told, "description"));
	path->number = (unsigned)json_integer_value(json_object_get(told, "number"));
	path->match = json_incref(json_object_get(told, "match"));
	path->weight = (uint32_t)json_integer_value(json_object_get(told, "weight"));
	path->symmetric = json_is_true(json_object_get(told, "symmetric"));
	path->off = json_is_true(json_object_get(told, "off"));
	snprintf(path->path, MODEL_PATH, "%s", path->name);
	chain_hops_parse(json_object_get(told, "path"), path->name, path, &none);
	faults_clear(&none);
}

static const json_t *
find_service(const json_t *objects)
{
	size_t i;
	json_t *object;
	json_array_foreach ((json_t *)objects, i, object)
		if (strcmp(json_string_value(json_object_get(object, "kind")),
			    "service") == 0)
			return object;
	return NULL;
}

static unsigned
free_number(const bool *taken, const bool *used)
{
	for (unsigned number = 1; number <= MODEL_PATHS; number++)
		if (!used[number])
			return number;
	unsigned number = 1;
	while (number < MODEL_PATHS && taken[number])
		number++;
	return number;
}

static json_t *
make_steer(const struct model *model)
{
	json_t *steer = json_array();
	for (size_t i = 0; i < model->n_paths; i++)
		if (!model->paths[i].off)
			steer_path(steer, &model->paths[i]);
	return steer;
}

/* Beside others with an equal match, which share their flows. */
static void
steer_path(json_t *steer, const struct model_path *path)
{
	size_t i;
	json_t *match;
	json_array_foreach (path->match, i, match) {
		json_t *entry = steer_entry(steer, match, path->symmetric);
		json_array_append_new(json_object_get(entry, "to"),
			json_pack("{s:i, s:i}", "path", (int)path->number, "weight",
				(int)path->weight));
	}
}

static json_t *
steer_entry(json_t *steer, const json_t *match, bool symmetric)
{
	size_t i;
	json_t *entry;
	json_array_foreach (steer, i, entry)
		if (json_equal(json_object_get(entry, "match"), match) &&
			json_is_true(json_object_get(entry, "symmetric")) == symmetric)
			return entry;
	entry = json_pack(
		"{s:O, s:b, s:[]}", "match", match, "symmetric", symmetric, "to");
	json_array_append_new(steer, entry);
	return entry;
}

static json_t *
make_tag(const struct model *model)
{
	json_t *graphs = json_object(), *paths = json_array();
	for (size_t i = 0; i < model->n_paths; i++) {
		json_object_set_new(graphs, model->paths[i].graph, json_object());
		json_array_append_new(paths, path_json(&model->paths[i]));
	}
	return json_pack("{s:o, s:o}", "graphs", graphs, "paths", paths);
}

static json_t *
path_json(const struct model_path *path)
{
	json_t *json = json_pack("{s:s, s:i, s:s, s:O, s:i, s:b, s:o}", "name",
		path->name, "number", (int)path->number, "graph", path->graph, "match",
		path->match, "weight", (int)path->weight, "symmetric", path->symmetric,
		"path", chain_hops_print(path));
	if (path->off)
		json_object_set_new(json, "off", json_true());
	if (path->description)
		json_object_set(json, "description", path->description);
	return json;
}

static const char *
text(const json_t *object, const char *member)
{
	return json_string_value(json_object_get(object, member));
}
