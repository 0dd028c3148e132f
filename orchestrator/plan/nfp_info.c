/* nfp_info.c: forwarding graphs of a service as SOL005 tells them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "orchestrator/descriptor/match.h"
#include "orchestrator/plan/nfp.h"
#include "orchestrator/plan/target_paths.h"

struct telling {
	struct forwarding forwarding;
	const json_t *graphs; /* of the tag */
};

static json_t *tell_graph(const struct telling *t, const char *graph, const json_t *said);
static bool has_link(const json_t *link, const struct model *model, const char *graph);
static json_t *tell_path(const struct telling *t, const json_t *told);
static json_t *tell_handles(const struct telling *t, const json_t *elements);
static json_t *tell_handle(const struct telling *t, const char *element);
static void add_once(json_t *list, json_t *value);
static json_t *below(const char *ns, const char *name);
static json_t *graph_of(const json_t *doc, const char *graph);
static json_t *change(
	const char *ns, const char *graph, const char *type, const char *result);
static const char *text(const json_t *object, const char *member);

json_t *
nfp_graphs(const json_t *objects)
{
	struct telling t;
	json_t *list = json_array(), *graph;
	const char *id;
	forwarding_open(&t.forwarding, objects);
	t.graphs = t.forwarding.graphs;
	json_object_foreach ((json_t *)t.graphs, id, graph)
		json_array_append_new(list, tell_graph(&t, id, graph));
	forwarding_clear(&t.forwarding);
	return list;
}

void
nfp_changes(json_t *list, const char *ns, const json_t *before, const json_t *wanted,
	const char *result)
{
	const json_t *was = json_object_get(json_object_get(before, "tag"), "graphs");
	const json_t *is = json_object_get(json_object_get(wanted, "tag"), "graphs");
	const char *id;
	json_t *graph;
	json_object_foreach ((json_t *)is, id, graph) {
		json_t *a = graph_of(before, id), *b = graph_of(wanted, id);
		const bool known = json_object_get(was, id) != NULL;
		if (!known || !json_equal(a, b))
			json_array_append_new(
				list, change(ns, id, known ? "MODIFY" : "ADD", result));
		json_decref(a);
		json_decref(b);
	}
	json_object_foreach ((json_t *)was, id, graph)
		if (!json_object_get(is, id))
			json_array_append_new(list, change(ns, id, "DELETE", result));
}

static json_t *
tell_graph(const struct telling *t, const char *graph, const json_t *said)
{
	json_t *vnfs = json_array(), *links = json_array(), *handles = json_array(),
	       *paths = json_array(), *path, *object, *handle;
	size_t i, k;
	json_array_foreach (target_paths(t->forwarding.objects), i, path) {
		if (strcmp(text(path, "graph"), graph) != 0)
			continue;
		json_t *info = tell_path(t, path);
		json_array_foreach (json_object_get(info, "nsCpHandle"), k, handle) {
			json_t *vnf = json_object_get(handle, "vnfInstanceId");
			add_once(handles, handle);
			if (vnf)
				add_once(vnfs, vnf);
		}
		json_array_append_new(paths, info);
	}
	json_array_foreach ((json_t *)t->forwarding.objects, i, object)
		if (has_link(object, &t->forwarding.model, graph))
			json_array_append(links, json_object_get(object, "object"));
	json_t *out = json_pack("{s:o, s:s, s:o, s:o, s:o, s:o}", "id",
		below(t->forwarding.ns, graph), "vnffgdId", graph, "vnfInstanceId", vnfs,
		"nsVirtualLinkInfoId", links, "nsCpHandle", handles, "nfpInfo", paths);
	json_object_update(out, (json_t *)said);
	return out;
}

/* A link that a path of the graph takes. */
static bool
has_link(const json_t *link, const struct model *model, const char *graph)
{
	const json_t *paths = json_object_get(json_object_get(link, "doc"), "paths");
	size_t i;
	json_t *number;
	if (strcmp(text(link, "kind"), "link") != 0)
		return false;
	json_array_foreach ((json_t *)paths, i, number)
		for (size_t k = 0; k < model->n_paths; k++)
			if (json_integer_value(number) == model->paths[k].number &&
				strcmp(model->paths[k].graph, graph) == 0)
				return true;
	return false;
}

static json_t *
tell_path(const struct telling *t, const json_t *told)
{
	const char *name = text(told, "name");
	const json_t *elements = json_object_get(told, "path");
	json_t *rule = match_to_rule(json_object_get(told, "match"), MATCH_SOL005);
	return json_pack(
		"{s:o, s:s, s:s, s:O*, s:o, s:i, s:o*, s:s, s:O, s:O, s:O, s:O, s:O}",
		"id", below(t->forwarding.ns, name), "nfpdId", name, "nfpName", name,
		"description", json_object_get(told, "description"), "nsCpHandle",
		tell_handles(t, elements), "totalCp", (int)json_array_size(elements),
		"nfpRule", rule, "nfpState",
		json_object_get(told, "off") ? "DISABLED" : "ENABLED", "match",
		json_object_get(told, "match"), "weight", json_object_get(told, "weight"),
		"symmetric", json_object_get(told, "symmetric"), "path", elements,
		"number", json_object_get(told, "number"));
}

static json_t *
tell_handles(const struct telling *t, const json_t *elements)
{
	json_t *list = json_array(), *element;
	size_t i;
	json_array_foreach ((json_t *)elements, i, element)
		json_array_append_new(list, tell_handle(t, json_string_value(element)));
	return list;
}

static json_t *
tell_handle(const struct telling *t, const char *element)
{
	const char *dot = strchr(element, '.');
	char name[64];
	if (!dot)
		return json_pack(
			"{s:o}", "nsSapInstanceId", below(t->forwarding.ns, element));
	snprintf(name, sizeof(name), "%.*s", (int)(dot - element), element);
	const int vnf = model_find_vnf(&t->forwarding.model, name);
	return json_pack("{s:s, s:s}", "vnfInstanceId",
		vnf < 0 ? name : t->forwarding.vnf_ids[vnf], "vnfExtCpInstanceId",
		dot + 1);
}

static void
add_once(json_t *list, json_t *value)
{
	size_t i;
	json_t *item;
	json_array_foreach (list, i, item)
		if (json_equal(item, value))
			return;
	json_array_append(list, value);
}

static json_t *
below(const char *ns, const char *name)
{
	return json_pack("s++", ns, "/", name);
}

/* All that the document of a service says of a graph; new reference. */
static json_t *
graph_of(const json_t *doc, const char *graph)
{
	const json_t *tag = json_object_get(doc, "tag");
	json_t *paths = json_array(), *path;
	size_t i;
	json_array_foreach (json_object_get(tag, "paths"), i, path)
		if (strcmp(text(path, "graph"), graph) == 0)
			json_array_append(paths, path);
	return json_pack("{s:O?, s:o}", "said",
		json_object_get(json_object_get(tag, "graphs"), graph), "paths", paths);
}

static json_t *
change(const char *ns, const char *graph, const char *type, const char *result)
{
	return json_pack("{s:o, s:s, s:s, s:s*}", "vnffgInstanceId", below(ns, graph),
		"vnffgdId", graph, "changeType", type, "changeResult", result);
}

static const char *
text(const json_t *object, const char *member)
{
	return json_string_value(json_object_get(object, member));
}
