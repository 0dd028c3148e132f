/* nsd_vnffg_print.c: the paths of a model as VNF forwarding graphs of SOL006. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "orchestrator/descriptor/chain_paths.h"
#include "orchestrator/descriptor/check_ends.h"
#include "orchestrator/descriptor/match.h"
#include "orchestrator/descriptor/nsd_vnffg.h"

static bool is_first(const struct model *model, size_t path);
static json_t *print_graph(
	const struct model *model, const char *graph, const size_t *nets);
static json_t *print_nfpd(const struct model_path *path);
static void add_element(json_t *elements, const char *name, const struct model *model,
	const struct model_end *end);
static void add_once(json_t *list, const char *text);
static bool meet(const struct model_link *a, const struct model_link *b);

json_t *
nsd_vnffg_print(const struct model *model)
{
	json_t *list = model->n_paths ? json_array() : NULL;
	size_t *nets = nsd_vnffg_nets(model);
	for (size_t i = 0; nets && i < model->n_paths; i++)
		if (is_first(model, i))
			json_array_append_new(
				list, print_graph(model, model->paths[i].graph, nets));
	free(nets);
	return list;
}

size_t *
nsd_vnffg_nets(const struct model *model)
{
	size_t *nets = calloc(model->n_links + 1, sizeof(*nets));
	bool changed = nets != NULL;
	for (size_t i = 0; nets && i < model->n_links; i++)
		nets[i] = i;
	while (changed) {
		changed = false;
		for (size_t i = 0; i < model->n_links; i++)
			for (size_t k = 0; k < i; k++)
				if (nets[i] != nets[k] &&
					meet(&model->links[i], &model->links[k])) {
					const size_t least =
						nets[i] < nets[k] ? nets[i] : nets[k];
					nets[i] = nets[k] = least;
					changed = true;
				}
	}
	return nets;
}

static bool
is_first(const struct model *model, size_t path)
{
	for (size_t i = 0; i < path; i++)
		if (strcmp(model->paths[i].graph, model->paths[path].graph) == 0)
			return false;
	return true;
}

static json_t *
print_graph(const struct model *model, const char *graph, const size_t *nets)
{
	json_t *vnfs = json_array(), *vls = json_array(), *elements = json_array(),
	       *nfpds = json_array();
	char vl[64];
	for (size_t i = 0; i < model->n_paths; i++) {
		const struct model_path *path = &model->paths[i];
		if (strcmp(path->graph, graph) != 0)
			continue;
		json_t *names = chain_hops_print(path);
		for (size_t h = 0, n = 0; h < path->n_hops; h++) {
			const struct model_hop *hop = &path->hops[h];
			const bool vnf = hop->in.vnf >= 0;
			if (vnf)
				add_once(vnfs, hop->in.element);
			for (int e = 0; e < 1 + vnf; e++)
				add_element(elements,
					json_string_value(json_array_get(names, n++)),
					model, e ? &hop->out : &hop->in);
		}
		for (size_t k = 0; k < model->n_links; k++)
			if (model->links[k].paths[i]) {
				snprintf(vl, sizeof(vl), "vlp-%s",
					model->links[nets[k]].name);
				add_once(vls, vl);
			}
		json_array_append_new(nfpds, print_nfpd(path));
		json_decref(names);
	}
	return json_pack("{s:s, s:o, s:o, s:o, s:o}", "id", graph, "vnf-profile-id", vnfs,
		"virtual-link-profile-id", vls, "nfp-position-element", elements, "nfpd",
		nfpds);
}

static json_t *
print_nfpd(const struct model_path *path)
{
	json_t *rule = match_to_rule(path->match, MATCH_SOL006);
	json_t *nfpd =
		json_pack("{s:s, s:[{s:s, s:o}]}", "id", path->name, "position-desc",
			"id", "0", "nfp-position-element-id", chain_hops_print(path));
	if (rule)
		json_object_set_new(nfpd, "nfp-rule", rule);
	else
		json_object_set(nfpd, "renga:match", path->match);
	if (path->weight != 100)
		json_object_set_new(nfpd, "renga:weight", json_integer(path->weight));
	if (!path->symmetric)
		json_object_set_new(nfpd, "renga:symmetric", json_false());
	return nfpd;
}

static void
add_element(json_t *elements, const char *name, const struct model *model,
	const struct model_end *end)
{
	size_t i;
	json_t *element;
	json_array_foreach (elements, i, element)
		if (strcmp(json_string_value(json_object_get(element, "id")), name) == 0)
			return;
	json_array_append_new(elements,
		end->vnf >= 0 ? json_pack("{s:s, s:{s:{s:s}, s:{s:s, s:s}}}", "id", name,
					"desc", "vnf-profile", "vnf-profile-id",
					end->element, "vnf", "vnfd-id",
					model->vnfs[end->vnf].vnfd, "cpd-id", end->cp)
			      : json_pack("{s:s, s:{s:{s:s}}}", "id", name, "desc", "ns",
					"sap-cpd-id", end->element));
}

static void
add_once(json_t *list, const char *text)
{
	size_t i;
	json_t *item;
	json_array_foreach (list, i, item)
		if (strcmp(json_string_value(item), text) == 0)
			return;
	json_array_append_new(list, json_string(text));
}

static bool
meet(const struct model_link *a, const struct model_link *b)
{
	for (int i = 0; i < 4; i++)
		if (check_same_end(&a->ends[i / 2], &b->ends[i % 2]))
			return true;
	return false;
}
