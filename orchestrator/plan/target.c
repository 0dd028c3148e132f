/* target.c: the objects that a host must hold for a service to run. */
#include "orchestrator/plan/target.h"

#include <string.h>
#include "orchestrator/descriptor/affinity.h"
#include "orchestrator/plan/target_paths.h"

/* Rings of 1,024 both ways, a port's descriptors, a VNF's stash and hand: how many
 * buffers can be under way. */
#define BUFFERS_PER_LINK    2048
#define BUFFERS_PER_PORT    4096
#define BUFFERS_PER_VNF	    512
#define BUFFERS_PER_REPLICA (BUFFERS_PER_VNF + 2 * BUFFERS_PER_LINK)

static void add(
	json_t *objects, const char *kind, json_t *id, const char *ns, json_t *doc);
static size_t count_more(const struct model *model);
static json_t *below(const char *ns, const char *name);
static json_t *vnf_doc(const struct model *model, const struct model_vnf *vnf,
	const struct target_service *service, int core);
static json_t *end_doc(const struct model *model, const struct target_service *service,
	const struct model_end *end);

json_t *
target_make(const struct model *model, const struct target_service *service)
{
	json_t *objects = json_array();
	const uint64_t buffers =
		model->buffers ? model->buffers
			       : model->n_links * BUFFERS_PER_LINK +
					 model->n_saps * BUFFERS_PER_PORT +
					 model->n_vnfs * BUFFERS_PER_VNF +
					 count_more(model) * BUFFERS_PER_REPLICA;
	add(objects, "service", json_string(service->ns), service->ns,
		json_pack("{s:s, s:I, s:O*}", "name", service->name, "buffers",
			(json_int_t)buffers, "limits", model->limits));
	if (model->share)
		json_object_set_new(json_object_get(json_array_get(objects, 0), "doc"),
			"share", json_integer(model->share));
	target_add_paths(model, json_object_get(json_array_get(objects, 0), "doc"));
	json_t *asked = affinity_asked(model);
	affinity_keep(json_object_get(json_array_get(objects, 0), "doc"), asked);
	json_decref(asked);
	for (size_t i = 0; i < model->n_vnfs; i++)
		add(objects, "vnf", json_string(service->vnf_ids[i]), service->ns,
			vnf_doc(model, &model->vnfs[i], service, service->cores[i]));
	for (size_t i = 0; i < model->n_saps; i++)
		add(objects, "port", below(service->ns, model->saps[i].name), service->ns,
			json_pack("{s:s, s:s, s:O}", "ns", service->ns, "name",
				model->saps[i].name, "spec", model->saps[i].port));
	target_add_links(model, service, objects);
	return objects;
}

void
target_add_links(
	const struct model *model, const struct target_service *service, json_t *objects)
{
	for (size_t i = 0; i < model->n_links; i++) {
		const struct model_link *link = &model->links[i];
		add(objects, "link", below(service->ns, link->name), service->ns,
			json_pack("{s:s, s:s, s:o, s:o, s:o*}", "ns", service->ns, "name",
				link->name, "a", end_doc(model, service, &link->ends[0]),
				"b", end_doc(model, service, &link->ends[1]), "paths",
				target_link_paths(model, link)));
	}
}

/* Replicas beside the first of each VNF. */
static size_t
count_more(const struct model *model)
{
	size_t n = 0;
	for (size_t i = 0; i < model->n_vnfs; i++)
		n += model->vnfs[i].replicas > 1 ? model->vnfs[i].replicas - 1 : 0;
	return n;
}

json_t *
target_find(const json_t *objects, const char *kind, const char *object)
{
	size_t i;
	json_t *item;
	json_array_foreach ((json_t *)objects, i, item) {
		if (strcmp(json_string_value(json_object_get(item, "kind")), kind) == 0 &&
			strcmp(json_string_value(json_object_get(item, "object")),
				object) == 0)
			return item;
	}
	return NULL;
}

void
target_forget(json_t *objects, const char *ns)
{
	for (size_t i = json_array_size(objects); i-- > 0;) {
		const json_t *object = json_array_get(objects, i);
		if (strcmp(json_string_value(json_object_get(object, "ns")), ns) == 0)
			json_array_remove(objects, i);
	}
}

static void
add(json_t *objects, const char *kind, json_t *id, const char *ns, json_t *doc)
{
	json_array_append_new(objects, json_pack("{s:s, s:o, s:s, s:o}", "kind", kind,
					       "object", id, "ns", ns, "doc", doc));
}

static json_t *
below(const char *ns, const char *name)
{
	return json_pack("s++", ns, "/", name);
}

static size_t
count_group(const struct model *model, const char *group)
{
	size_t n = 0;
	for (size_t i = 0; i < model->n_vnfs; i++)
		n += model->vnfs[i].group && strcmp(model->vnfs[i].group, group) == 0;
	return n;
}

static json_t *
vnf_doc(const struct model *model, const struct model_vnf *vnf,
	const struct target_service *service, int core)
{
	const uint32_t share = vnf->share ? vnf->share : model->share;
	json_t *doc = json_pack("{s:s, s:s++, s:s, s:i}", "ns", service->ns, "name",
		service->name, ".", vnf->name, "type", vnf->type, "core", core);
	json_object_set_new(
		doc, "config", vnf->config ? json_incref(vnf->config) : json_object());
	if (share)
		json_object_set_new(doc, "share", json_integer(share));
	if (vnf->group)
		json_object_set_new(doc, "group",
			json_pack("{s:s, s:i}", "name", vnf->group, "n",
				(int)count_group(model, vnf->group)));
	json_t *tag = affinity_tag(model, (size_t)(vnf - model->vnfs));
	if (tag)
		json_object_set_new(doc, "tag", tag);
	if (vnf->state_size)
		json_object_set_new(
			doc, "stateSize", json_integer((json_int_t)vnf->state_size));
	return doc;
}

static json_t *
end_doc(const struct model *model, const struct target_service *service,
	const struct model_end *end)
{
	if (end->sap >= 0)
		return json_pack(
			"{s:o}", "port", below(service->ns, model->saps[end->sap].name));
	return json_pack("{s:s, s:s}", "vnf", service->vnf_ids[end->vnf], "cp", end->cp);
}
