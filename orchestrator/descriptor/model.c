/* model.c: making, searching and freeing a model. */
#include "orchestrator/descriptor/model.h"

#include <stdlib.h>
#include <string.h>
#include "orchestrator/descriptor/affinity.h"

#define ALL "all" /* the group of those that name none */

static void *grow(void **list, size_t *n, size_t size);
static void end_begin(struct model_end *end);
static void link_clear(struct model_link *link);
static void path_clear(struct model_path *path);
static void end_clear(struct model_end *end);

void
model_clear(struct model *model)
{
	for (size_t i = 0; i < model->n_saps; i++) {
		free(model->saps[i].name);
		json_decref(model->saps[i].port);
	}
	for (size_t i = 0; i < model->n_vnfs; i++) {
		free(model->vnfs[i].name);
		free(model->vnfs[i].type);
		free(model->vnfs[i].vnfd);
		free(model->vnfs[i].group);
		json_decref(model->vnfs[i].config);
		json_decref(model->vnfs[i].scale);
		json_decref(model->vnfs[i].heal);
	}
	for (size_t i = 0; i < model->n_links; i++)
		link_clear(&model->links[i]);
	for (size_t i = 0; i < model->n_paths; i++)
		path_clear(&model->paths[i]);
	free(model->saps);
	free(model->vnfs);
	free(model->links);
	free(model->paths);
	free(model->name);
	json_decref(model->limits);
	json_decref(model->affinity);
	*model = (struct model){0};
}

struct model_sap *
model_add_sap(struct model *model)
{
	return grow((void **)&model->saps, &model->n_saps, sizeof(*model->saps));
}

struct model_vnf *
model_add_vnf(struct model *model)
{
	struct model_vnf *vnf =
		grow((void **)&model->vnfs, &model->n_vnfs, sizeof(*model->vnfs));
	if (vnf)
		vnf->core = -1;
	return vnf;
}

struct model_link *
model_add_link(struct model *model)
{
	struct model_link *link =
		grow((void **)&model->links, &model->n_links, sizeof(*model->links));
	for (int i = 0; link && i < 2; i++)
		end_begin(&link->ends[i]);
	return link;
}

struct model_path *
model_add_path(struct model *model)
{
	return grow((void **)&model->paths, &model->n_paths, sizeof(*model->paths));
}

struct model_hop *
model_add_hop(struct model_path *path)
{
	struct model_hop *hop =
		grow((void **)&path->hops, &path->n_hops, sizeof(*path->hops));
	if (hop) {
		end_begin(&hop->in);
		end_begin(&hop->out);
	}
	return hop;
}

void
model_del_path(struct model *model, size_t path)
{
	path_clear(&model->paths[path]);
	model->n_paths--;
	memmove(&model->paths[path], &model->paths[path + 1],
		(model->n_paths - path) * sizeof(*model->paths));
}

void
model_del_hop(struct model_path *path, size_t hop)
{
	end_clear(&path->hops[hop].in);
	end_clear(&path->hops[hop].out);
	path->n_hops--;
	memmove(&path->hops[hop], &path->hops[hop + 1],
		(path->n_hops - hop) * sizeof(*path->hops));
}

void
model_clear_hops(struct model_path *path)
{
	while (path->n_hops)
		model_del_hop(path, path->n_hops - 1);
	free(path->hops);
	path->hops = NULL;
}

int
model_find_sap(const struct model *model, const char *name)
{
	for (size_t i = 0; i < model->n_saps; i++)
		if (strcmp(model->saps[i].name, name) == 0)
			return (int)i;
	return -1;
}

int
model_find_vnf(const struct model *model, const char *name)
{
	for (size_t i = 0; i < model->n_vnfs; i++)
		if (strcmp(model->vnfs[i].name, name) == 0)
			return (int)i;
	return -1;
}

int
model_find_path(const struct model *model, const char *name)
{
	for (size_t i = 0; i < model->n_paths; i++)
		if (strcmp(model->paths[i].name, name) == 0)
			return (int)i;
	return -1;
}

void
model_group(struct model *model)
{
	for (size_t i = 0; i < model->n_vnfs; i++) {
		struct model_vnf *vnf = &model->vnfs[i];
		if (model->isolation == MODEL_GROUP && !vnf->group && !vnf->alone)
			vnf->group = strdup(ALL);
	}
}

bool
model_is_free(const struct model *model, size_t i)
{
	const struct model_vnf *vnf = &model->vnfs[i];
	const bool grouped =
		vnf->group && strncmp(vnf->group, MODEL_AUTO, strlen(MODEL_AUTO)) != 0;
	return model->isolation == MODEL_AUTO_GROUPS && !grouped && !vnf->alone &&
	       vnf->core < 0 && vnf->replicas <= 1 && !vnf->scale &&
	       !affinity_rules(model, i);
}

bool
model_fits(const json_t *parts, const char *path, struct faults *faults)
{
	const size_t n =
		json_is_object(parts) ? json_object_size(parts) : json_array_size(parts);
	if (n > MODEL_PARTS)
		faults_add(faults, ERR_TOO_LARGE, path, NULL,
			"there are %zu: a service has %d at most", n, MODEL_PARTS);
	return n <= MODEL_PARTS;
}

bool
model_name_ok(const char *name, size_t max)
{
	const size_t len = strlen(name);
	return len > 0 && len <= max && name[0] != '-' &&
	       strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == len;
}

static void *
grow(void **list, size_t *n, size_t size)
{
	char *larger = realloc(*list, (*n + 1) * size);
	if (!larger)
		return NULL;
	*list = larger;
	memset(larger + *n * size, 0, size);
	return larger + (*n)++ * size;
}

static void
end_begin(struct model_end *end)
{
	end->position = end->vnf = end->sap = -1;
}

static void
link_clear(struct model_link *link)
{
	free(link->name);
	for (int i = 0; i < 2; i++)
		end_clear(&link->ends[i]);
}

static void
path_clear(struct model_path *path)
{
	free(path->name);
	free(path->graph);
	json_decref(path->match);
	json_decref(path->description);
	model_clear_hops(path);
}

static void
end_clear(struct model_end *end)
{
	free(end->element);
	free(end->cp);
}
