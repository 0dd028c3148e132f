/* rewire_paths.c: see rewire_paths.h. */
#include "orchestrator/plan/rewire_paths.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static bool put_between(struct model_path *path, const char *vnf,
	const struct model_end ends[2], const char *place);
static bool is_end(const struct model_end *end, const struct model_end *wanted);
static void put_hop(struct model_path *path, size_t at, const char *vnf, bool turned,
	const char *place);

void
rewire_paths_between(struct model *model, const char *vnf, const struct model_end ends[2],
	const char *place, struct faults *faults)
{
	bool any = false;
	for (size_t i = 0; i < model->n_paths; i++)
		any |= put_between(&model->paths[i], vnf, ends, place);
	if (!any)
		faults_add(faults, ERR_INVALID, place, "see nfpInfo of its vnffgInfo",
			"'%s' and '%s' follow each other on no path", ends[0].element,
			ends[1].element);
}

void
rewire_paths_remove(
	struct model *model, const char *vnf, const char *place, struct faults *faults)
{
	for (size_t i = 0; i < model->n_paths; i++) {
		struct model_path *path = &model->paths[i];
		for (size_t h = path->n_hops; h-- > 0;)
			if (strcmp(path->hops[h].in.element, vnf) == 0)
				model_del_hop(path, h);
		if (path->n_hops <= 2)
			faults_add(faults, ERR_INVALID, place,
				"remove the path first: UPDATE_VNFFG",
				"no VNF would be left on path '%s'", path->name);
	}
}

static bool
put_between(struct model_path *path, const char *vnf, const struct model_end ends[2],
	const char *place)
{
	for (size_t i = 0; i + 1 < path->n_hops; i++) {
		const struct model_end *a = &path->hops[i].out,
				       *b = &path->hops[i + 1].in;
		const bool turned = is_end(a, &ends[1]) && is_end(b, &ends[0]);
		if (!turned && !(is_end(a, &ends[0]) && is_end(b, &ends[1])))
			continue;
		put_hop(path, i + 1, vnf, turned, place);
		return true;
	}
	return false;
}

static bool
is_end(const struct model_end *end, const struct model_end *wanted)
{
	return strcmp(end->element, wanted->element) == 0 &&
	       (!wanted->cp || (end->cp && strcmp(end->cp, wanted->cp) == 0));
}

static void
put_hop(struct model_path *path, size_t at, const char *vnf, bool turned,
	const char *place)
{
	if (!model_add_hop(path))
		return;
	struct model_hop hop = path->hops[path->n_hops - 1];
	hop.in.element = strdup(vnf);
	hop.out.element = strdup(vnf);
	hop.in.position = turned;
	hop.out.position = !turned;
	snprintf(hop.in.path, MODEL_PATH, "%s", place);
	snprintf(hop.out.path, MODEL_PATH, "%s", place);
	memmove(&path->hops[at + 1], &path->hops[at],
		(path->n_hops - 1 - at) * sizeof(hop));
	path->hops[at] = hop;
}
