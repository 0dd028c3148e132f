/* check_paths.c: see check_paths.h. */
#include "orchestrator/descriptor/check_paths.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "common/steer_rule.h"
#include "orchestrator/descriptor/check_ends.h"

static bool check_number(const struct model *model, struct faults *faults);
static void check_name(const struct model *model, size_t at, struct faults *faults);
static void check_match(const struct model *model, size_t at, struct faults *faults);
static bool catches_all(const struct model_path *path);
static bool match_alike(const struct model_path *a, const struct model_path *b);
static void check_hops(const struct model *model, const struct catalog *catalog,
	struct model_path *path, struct faults *faults);
static void check_hop(const struct model_path *path, size_t at, struct faults *faults);
static void check_outer(const struct model_path *path, struct faults *faults);
static void join(struct model *model, size_t path);
static struct model_link *find_link(
	const struct model *model, const struct model_end *a, const struct model_end *b);
static void copy_end(struct model_end *to, const struct model_end *from);

void
check_paths(struct model *model, const struct catalog *catalog, struct faults *faults)
{
	if (!check_number(model, faults))
		return;
	for (size_t i = 0; i < model->n_paths; i++) {
		check_name(model, i, faults);
		check_match(model, i, faults);
		check_hops(model, catalog, &model->paths[i], faults);
	}
	for (size_t i = 0; faults->n == 0 && i < model->n_paths; i++)
		join(model, i);
}

void
check_rest_last(struct model *model)
{
	size_t last = model->n_paths;
	for (size_t i = 0; i < last;) {
		const struct model_path path = model->paths[i];
		if (!catches_all(&path)) {
			i++;
			continue;
		}
		memmove(&model->paths[i], &model->paths[i + 1],
			(model->n_paths - 1 - i) * sizeof(path));
		model->paths[model->n_paths - 1] = path;
		last--;
	}
}

/* Of paths, and of their matches. */
static bool
check_number(const struct model *model, struct faults *faults)
{
	size_t n = 0;
	if (model->n_paths > MODEL_PATHS) {
		faults_add(faults, ERR_INVALID, model->paths[MODEL_PATHS].path, NULL,
			"a service has %d forwarding paths at most", MODEL_PATHS);
		return false;
	}
	for (size_t i = 0; i < model->n_paths; i++) {
		const size_t before = n;
		n += json_array_size(model->paths[i].match);
		if (before <= STEER_RULES_MAX && n > STEER_RULES_MAX)
			faults_add(faults, ERR_INVALID, model->paths[i].path,
				"write lists of addresses and ports within a match",
				"the paths have more than %d matches", STEER_RULES_MAX);
	}
	return true;
}

static void
check_name(const struct model *model, size_t at, struct faults *faults)
{
	const struct model_path *path = &model->paths[at];
	char place[MODEL_PATH];
	snprintf(place, sizeof(place), "%.170s.name", path->path);
	if (!model_name_ok(path->name, MODEL_NAME_MAX))
		faults_add(faults, ERR_INVALID, place,
			"small letters, digits and dashes, 24 at most",
			"'%s' cannot be the name of a path", path->name);
	if (model_find_path(model, path->name) < (int)at)
		faults_add(faults, ERR_INVALID, place, "give each path a name of its own",
			"the name '%s' is used twice", path->name);
}

/* The first that matches is taken: of a path behind one that matches everything nothing
 * would be left. */
static void
check_match(const struct model *model, size_t at, struct faults *faults)
{
	const struct model_path *path = &model->paths[at];
	for (size_t i = 0; i < at; i++) {
		const struct model_path *other = &model->paths[i];
		const bool alike = match_alike(path, other);
		if (alike && path->symmetric != other->symmetric)
			faults_add(faults, ERR_INVALID, path->path,
				"write the same `symmetric` for both",
				"paths '%s' and '%s' have an equal match, so their "
				"flows are shared",
				other->name, path->name);
		else if (!alike && catches_all(other) && path->match)
			faults_add(faults, ERR_INVALID, path->path,
				"write the path that takes the rest last",
				"path '%s' comes after '%s', which takes everything",
				path->name, other->name);
		else
			continue;
		return;
	}
}

static bool
catches_all(const struct model_path *path)
{
	size_t i;
	json_t *match;
	json_array_foreach (path->match, i, match)
		if (json_object_size(match) == 0)
			return true;
	return false;
}

static bool
match_alike(const struct model_path *a, const struct model_path *b)
{
	return a->match && b->match && json_equal(a->match, b->match);
}

static void
check_hops(const struct model *model, const struct catalog *catalog,
	struct model_path *path, struct faults *faults)
{
	const size_t before = faults_count(faults);
	for (size_t i = 0; i < path->n_hops; i++) {
		struct model_hop *hop = &path->hops[i];
		const size_t known = faults_count(faults);
		check_end(model, catalog, &hop->in, faults);
		if (!faults_since(faults, known) && hop->in.sap < 0 && hop->out.element)
			check_end(model, catalog, &hop->out, faults);
		if (hop->in.sap >= 0)
			hop->out.sap = hop->in.sap;
		check_hop(path, i, faults);
	}
	if (!faults_since(faults, before) && path->n_hops >= 2)
		check_outer(path, faults);
}

static void
check_hop(const struct model_path *path, size_t at, struct faults *faults)
{
	const struct model_hop *hop = &path->hops[at];
	if (hop->in.vnf >= 0 && check_same_end(&hop->in, &hop->out))
		faults_add(faults, ERR_INVALID, hop->out.path,
			"name another connection point to leave by",
			"the path comes and leaves by '%s.%s'", hop->in.element,
			hop->in.cp);
	for (size_t i = 0; i < at; i++) {
		const struct model_end *other = &path->hops[i].in;
		if ((hop->in.vnf < 0 || hop->in.vnf != other->vnf) &&
			(hop->in.sap < 0 || hop->in.sap != other->sap))
			continue;
		faults_add(faults, ERR_INVALID, hop->in.path,
			"a path visits each element once", "the path comes to '%s' twice",
			hop->in.element);
		return;
	}
}

static void
check_outer(const struct model_path *path, struct faults *faults)
{
	for (size_t i = 0; i < path->n_hops; i++) {
		const struct model_end *end = &path->hops[i].in;
		const bool outer = i == 0 || i + 1 == path->n_hops;
		if (outer && end->sap < 0)
			faults_add(faults, ERR_INVALID, end->path,
				"begin and end it with a port", "the path %s at VNF '%s'",
				i ? "ends" : "begins", end->element);
		else if (!outer && end->sap >= 0)
			faults_add(faults, ERR_INVALID, end->path, "write two paths",
				"the path goes on behind port '%s'", end->element);
	}
}

static void
join(struct model *model, size_t at)
{
	const struct model_path *path = &model->paths[at];
	for (size_t i = 0; i + 1 < path->n_hops; i++) {
		const struct model_end *a = &path->hops[i].out;
		const struct model_end *b = &path->hops[i + 1].in;
		struct model_link *link = find_link(model, a, b);
		if (!link && (link = model_add_link(model))) {
			copy_end(&link->ends[0], a);
			copy_end(&link->ends[1], b);
		}
		if (link)
			link->paths[at] = true;
	}
}

static struct model_link *
find_link(const struct model *model, const struct model_end *a, const struct model_end *b)
{
	for (size_t i = 0; i < model->n_links; i++) {
		struct model_link *link = &model->links[i];
		for (int e = 0; e < 2; e++)
			if (check_same_end(a, &link->ends[e]) &&
				check_same_end(b, &link->ends[!e]))
				return link;
	}
	return NULL;
}

static void
copy_end(struct model_end *to, const struct model_end *from)
{
	*to = *from;
	to->element = strdup(from->element);
	to->cp = from->cp ? strdup(from->cp) : NULL;
}
