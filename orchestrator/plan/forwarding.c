/* forwarding.c: see forwarding.h. */
#include "orchestrator/plan/forwarding.h"

#include <stdlib.h>
#include <string.h>
#include "orchestrator/descriptor/affinity.h"
#include "orchestrator/descriptor/check.h"
#include "orchestrator/descriptor/check_paths.h"
#include "orchestrator/plan/port_turn.h"
#include "orchestrator/plan/replicas.h"
#include "orchestrator/plan/target.h"
#include "orchestrator/plan/target_paths.h"

static void read_port(struct forwarding *forwarding, const json_t *object);
static void read_vnf(struct forwarding *forwarding, const json_t *object);
static void set_paths(struct forwarding *forwarding, json_t *service);
static const json_t *doc_of(const json_t *object);
static const char *text(const json_t *object, const char *member);
static bool is_kind(const json_t *object, const char *kind);

void
forwarding_open(struct forwarding *forwarding, const json_t *objects)
{
	size_t i;
	json_t *object;
	*forwarding = (struct forwarding){.objects = objects, .graphs = json_object()};
	forwarding->vnf_ids = calloc(json_array_size(objects) + 1, sizeof(char *));
	json_array_foreach ((json_t *)objects, i, object) {
		const json_t *tag = json_object_get(doc_of(object), "tag");
		if (is_kind(object, "port"))
			read_port(forwarding, object);
		else if (is_kind(object, "vnf"))
			read_vnf(forwarding, object);
		else if (is_kind(object, "service")) {
			forwarding->ns = text(object, "object");
			json_object_update(
				forwarding->graphs, json_object_get(tag, "graphs"));
		}
	}
	target_read_paths(objects, &forwarding->model);
}

void
forwarding_clear(struct forwarding *forwarding)
{
	model_clear(&forwarding->model);
	free(forwarding->vnf_ids);
	json_decref(forwarding->graphs);
	*forwarding = (struct forwarding){0};
}

void
forwarding_check(struct forwarding *forwarding, const struct catalog *catalog,
	struct faults *faults)
{
	check_rest_last(&forwarding->model);
	check_paths(&forwarding->model, catalog, faults);
	if (!faults->n)
		check_name_links(&forwarding->model);
}

json_t *
forwarding_target(struct forwarding *forwarding)
{
	const struct target_service service = {
		.ns = forwarding->ns, .vnf_ids = forwarding->vnf_ids};
	json_t *target = json_array(), *object;
	size_t i;
	target_number_paths(&forwarding->model, forwarding->objects);
	json_array_foreach ((json_t *)forwarding->objects, i, object)
		if (!is_kind(object, "link"))
			json_array_append_new(target, json_deep_copy(object));
	set_paths(forwarding,
		json_object_get(target_find(target, "service", forwarding->ns), "doc"));
	target_add_links(&forwarding->model, &service, target);
	replicas_add_links(target);
	port_turn(forwarding->objects, target);
	return target;
}

static void
read_port(struct forwarding *forwarding, const json_t *object)
{
	struct model_sap *sap = model_add_sap(&forwarding->model);
	if (sap)
		sap->name = strdup(text(doc_of(object), "name"));
}

/* Its name is that of its service, a dot, and its own. */
static void
read_vnf(struct forwarding *forwarding, const json_t *object)
{
	const json_t *doc = doc_of(object);
	const char *dot = strrchr(text(doc, "name"), '.');
	const char *group = text(json_object_get(doc, "group"), "name");
	if (replicas_index(text(object, "object")) > 0)
		return;
	struct model_vnf *vnf = model_add_vnf(&forwarding->model);
	if (!vnf)
		return;
	vnf->name = strdup(dot ? dot + 1 : text(doc, "name"));
	vnf->type = strdup(text(doc, "type"));
	vnf->group = group ? strdup(group) : NULL;
	forwarding->vnf_ids[forwarding->model.n_vnfs - 1] = text(object, "object");
}

static void
set_paths(struct forwarding *forwarding, json_t *service)
{
	json_t *rules = json_incref((json_t *)affinity_kept(service));
	json_object_del(service, "steer");
	json_object_del(service, "tag");
	target_add_paths(&forwarding->model, service);
	target_keep_graphs(service, forwarding->graphs);
	affinity_keep(service, rules);
	json_decref(rules);
}

static const json_t *
doc_of(const json_t *object)
{
	return json_object_get(object, "doc");
}

static const char *
text(const json_t *object, const char *member)
{
	return json_string_value(json_object_get(object, member));
}

static bool
is_kind(const json_t *object, const char *kind)
{
	return strcmp(text(object, "kind"), kind) == 0;
}
