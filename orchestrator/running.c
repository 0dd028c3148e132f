/* running.c: see running.h. */
#include "orchestrator/running.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "orchestrator/descriptor/affinity.h"
#include "orchestrator/descriptor/flavour.h"
#include "orchestrator/plan/replicas.h"
#include "orchestrator/plan/target.h"
#include "orchestrator/plan/target_paths.h"

static void add_rules(
	struct model *model, const struct model_vnf *vnf, const json_t *names, bool anti);
static void add_port(struct model *model, const json_t *doc);
static void add_vnf(const struct converge *service, const struct model *base,
	struct model *model, const json_t *object);
static void set_company(
	const json_t *doc, const struct model *base, struct model_vnf *vnf);
static void add_link(
	const struct converge *service, struct model *model, const json_t *doc);
static bool is_of_replica(const json_t *end);
static void read_end(
	const struct converge *service, const json_t *doc, struct model_end *end);
static const struct db_vnf *vnf_of(const struct converge *service, const char *id);
static void place_first(struct model *model, size_t *n, const char *name);
static bool place_neighbour(struct model *model, size_t *n);
static size_t beside(const struct model *model, size_t n, const char *name);
static void move(struct model *model, size_t from, size_t to);
static const char *text(const json_t *object, const char *member);

void
running_model(
	const struct converge *service, const struct model *base, struct model *model)
{
	const json_t *doc = json_object_get(
		target_find(service->objects, "service", service->ns.id), "doc");
	size_t i;
	json_t *object;
	model->isolation = base->isolation;
	model->share = (uint32_t)json_integer_value(json_object_get(doc, "share"));
	model->limits = json_incref(json_object_get(doc, "limits"));
	target_read_paths(service->objects, model);
	model->spare = model->n_paths > 0;
	json_array_foreach (service->objects, i, object) {
		const char *kind = text(object, "kind");
		doc = json_object_get(object, "doc");
		if (strcmp(kind, "port") == 0)
			add_port(model, doc);
		else if (strcmp(kind, "vnf") == 0)
			add_vnf(service, base, model, object);
		else if (strcmp(kind, "link") == 0 && !model->n_paths)
			add_link(service, model, doc);
	}
}

void
running_rules(const struct converge *service, struct model *model)
{
	static const char *const kinds[] = {"with", "apart"};
	for (size_t i = 0; i < model->n_vnfs; i++) {
		struct model_vnf *vnf = &model->vnfs[i];
		const json_t *doc = converge_vnf_doc(service, vnf->name);
		const json_t *tag = json_object_get(doc, "tag");
		vnf->dedicated |= flavour_is_dedicated(doc);
		for (size_t k = 0; k < 2; k++)
			add_rules(model, vnf, json_object_get(tag, kinds[k]), k == 1);
	}
}

void
running_order(struct model *model, const struct model *base)
{
	size_t n = 0; /* that have their place */
	for (size_t i = 0; i < base->n_vnfs; i++)
		place_first(model, &n, base->vnfs[i].name);
	while (n < model->n_vnfs && place_neighbour(model, &n))
		continue;
	model_group(model);
}

/* Each pair once: its names tell it to both. */
static void
add_rules(
	struct model *model, const struct model_vnf *vnf, const json_t *names, bool anti)
{
	size_t i;
	json_t *name;
	json_array_foreach ((json_t *)names, i, name) {
		const char *other = json_string_value(name);
		if (strcmp(vnf->name, other) < 0 && model_find_vnf(model, other) >= 0)
			affinity_add(model, anti, AFFINITY_CORE,
				json_pack("[s, s]", vnf->name, other), vnf->path);
	}
}

static void
add_port(struct model *model, const json_t *doc)
{
	struct model_sap *sap = model_add_sap(model);
	if (!sap)
		return;
	sap->name = strdup(text(doc, "name"));
	sap->port = json_incref(json_object_get(doc, "spec"));
	snprintf(sap->path, MODEL_PATH, "%s", sap->name);
}

static void
add_vnf(const struct converge *service, const struct model *base, struct model *model,
	const json_t *object)
{
	const char *id = text(object, "object");
	const json_t *doc = json_object_get(object, "doc");
	const json_t *replica = json_object_get(doc, "replica");
	const uint32_t share =
		(uint32_t)json_integer_value(json_object_get(doc, "share"));
	const struct db_vnf *row = replicas_index(id) ? NULL : vnf_of(service, id);
	struct model_vnf *vnf = row ? model_add_vnf(model) : NULL;
	if (!vnf)
		return;
	vnf->name = strdup(row->profile);
	vnf->type = strdup(row->type);
	vnf->config = json_incref(json_object_get(doc, "config"));
	vnf->replicas = (unsigned)json_integer_value(json_object_get(replica, "n"));
	vnf->share = share == model->share ? 0 : share;
	vnf->state_size = (uint64_t)json_integer_value(json_object_get(doc, "stateSize"));
	snprintf(vnf->path, MODEL_PATH, "%s", vnf->name);
	snprintf(vnf->type_path, MODEL_PATH, "%s.type", vnf->name);
	snprintf(vnf->config_path, MODEL_PATH, "%s.config", vnf->name);
	snprintf(vnf->core_path, MODEL_PATH, "%s.core", vnf->name);
	set_company(doc, base, vnf);
}

/* With whom it shares its process, whether it asked for its core, and its policies. */
static void
set_company(const json_t *doc, const struct model *base, struct model_vnf *vnf)
{
	const int at = model_find_vnf(base, vnf->name);
	const char *group = text(json_object_get(doc, "group"), "name");
	const bool chosen = group && strncmp(group, MODEL_AUTO, strlen(MODEL_AUTO)) == 0;
	if (group && !chosen)
		vnf->group = strdup(group);
	vnf->scale = at >= 0 ? json_incref(base->vnfs[at].scale) : NULL;
	vnf->heal = at >= 0 ? json_incref(base->vnfs[at].heal) : NULL;
	vnf->alone = at >= 0 ? base->vnfs[at].alone
			     : !group && base->isolation != MODEL_PROCESS;
	if (at >= 0 && base->vnfs[at].core >= 0)
		vnf->core = (int)json_integer_value(json_object_get(doc, "core"));
}

/* Those to replicas come by themselves. */
static void
add_link(const struct converge *service, struct model *model, const json_t *doc)
{
	const json_t *a = json_object_get(doc, "a"), *b = json_object_get(doc, "b");
	if (is_of_replica(a) || is_of_replica(b))
		return;
	struct model_link *link = model_add_link(model);
	if (!link)
		return;
	read_end(service, a, &link->ends[0]);
	read_end(service, b, &link->ends[1]);
	link->name = strdup(text(doc, "name"));
}

static bool
is_of_replica(const json_t *end)
{
	const char *vnf = text(end, "vnf");
	return vnf && replicas_index(vnf) > 0;
}

static void
read_end(const struct converge *service, const json_t *doc, struct model_end *end)
{
	const char *vnf = text(doc, "vnf"), *port = text(doc, "port");
	const struct db_vnf *row = vnf ? vnf_of(service, vnf) : NULL;
	const json_t *object = port ? target_find(service->objects, "port", port) : NULL;
	const char *name =
		row ? row->profile : text(json_object_get(object, "doc"), "name");
	end->element = strdup(name ? name : "");
	end->cp = vnf ? strdup(text(doc, "cp")) : NULL;
	snprintf(end->path, MODEL_PATH, "%s", end->element);
}

static const struct db_vnf *
vnf_of(const struct converge *service, const char *id)
{
	for (size_t i = 0; i < service->n_vnfs; i++)
		if (strcmp(service->vnfs[i].id, id) == 0)
			return &service->vnfs[i];
	return NULL;
}

static void
place_first(struct model *model, size_t *n, const char *name)
{
	const int at = model_find_vnf(model, name);
	if (at >= (int)*n)
		move(model, (size_t)at, (*n)++);
}

/* Any of those that have none yet; false: none is linked to one that has. */
static bool
place_neighbour(struct model *model, size_t *n)
{
	for (size_t i = *n; i < model->n_vnfs; i++) {
		const size_t to = beside(model, *n, model->vnfs[i].name);
		if (to > *n)
			continue;
		move(model, i, to);
		(*n)++;
		return true;
	}
	return false;
}

/* Behind the one of the first n that leads to it, or before the one that it leads to;
 * more than n: there is none. */
static size_t
beside(const struct model *model, size_t n, const char *name)
{
	size_t before = n + 1;
	for (size_t i = 0; i < model->n_links; i++) {
		const struct model_end *ends = model->links[i].ends;
		const bool first = strcmp(ends[0].element, name) == 0;
		if (!first && strcmp(ends[1].element, name) != 0)
			continue;
		const int other = model_find_vnf(model, ends[first ? 1 : 0].element);
		if (other < 0 || (size_t)other >= n)
			continue;
		if (!first)
			return (size_t)other + 1;
		before = (size_t)other;
	}
	return before;
}

static void
move(struct model *model, size_t from, size_t to)
{
	const struct model_vnf moved = model->vnfs[from];
	memmove(&model->vnfs[to + 1], &model->vnfs[to], (from - to) * sizeof(moved));
	model->vnfs[to] = moved;
}

static const char *
text(const json_t *object, const char *member)
{
	return json_string_value(json_object_get(object, member));
}
