/* rewire.c: see rewire.h. */
#include "orchestrator/plan/rewire.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "orchestrator/plan/rewire_paths.h"

#define LIST 192 /* of links, in a hint */

static bool read_pair(const json_t *pair, const char *path, struct model_end ends[2],
	struct faults *faults);
static void read_end(const char *text, const char *path, struct model_end *end);
static unsigned find_between(const struct model *model, const struct model_end ends[2],
	size_t *at, bool *turned);
static bool joins(
	const struct model_link *link, const struct model_end ends[2], bool turned);
static bool is_end(const struct model_end *end, const struct model_end *wanted);
static void give_up(struct model *model, const struct model_end *ends, size_t n,
	struct faults *faults);
static bool is_among(const struct model_end *end, const struct model_end *ends, size_t n);
static unsigned links_of(const struct model *model, const char *vnf, size_t at[2]);
static void check_joined(const struct model_end *a, const struct model_end *b,
	const char *vnf, const char *path, struct faults *faults);
static void drop_vnf(struct model *model, const char *name);
static void add(
	struct model *model, const struct model_end *a, const struct model_end *b);
static struct model_end copy(const struct model_end *end);
static void clear_end(struct model_end *end);
static void drop(struct model *model, size_t at);
static char *list(const struct model *model, const char *vnf, char *buf, size_t size);

void
rewire_between(struct model *model, const char *vnf, const json_t *between,
	const char *path, struct faults *faults)
{
	struct model_end ends[2] = {0}, in = {.position = 0}, out = {.position = 1};
	char hint[LIST];
	size_t at = 0;
	bool turned = false;
	if (!read_pair(between, path, ends, faults))
		return;
	if (model->n_paths) {
		rewire_paths_between(model, vnf, ends, path, faults);
		clear_end(&ends[0]);
		clear_end(&ends[1]);
		return;
	}
	const unsigned n = find_between(model, ends, &at, &turned);
	if (n == 0)
		faults_add(faults, ERR_INVALID, path,
			list(model, NULL, hint, sizeof(hint)),
			"no link joins '%s' and '%s'", ends[0].element, ends[1].element);
	else if (n > 1)
		faults_add(faults, ERR_INVALID, path,
			"name their connection points: [\"fw.right\", \"rt.p0\"]",
			"%u links join '%s' and '%s'", n, ends[0].element,
			ends[1].element);
	clear_end(&ends[0]);
	clear_end(&ends[1]);
	if (n != 1)
		return;
	ends[0] = copy(&model->links[at].ends[turned]);
	ends[1] = copy(&model->links[at].ends[!turned]);
	in.element = out.element = (char *)vnf;
	drop(model, at);
	add(model, &ends[0], &in);
	add(model, &out, &ends[1]);
	clear_end(&ends[0]);
	clear_end(&ends[1]);
}

void
rewire_links(
	struct model *model, const json_t *links, const char *path, struct faults *faults)
{
	const size_t n = json_array_size(links);
	struct model_end *ends = calloc(2 * n + 1, sizeof(*ends));
	char place[MODEL_PATH];
	size_t k = 0;
	if (model->n_paths)
		faults_add(faults, ERR_UNSUPPORTED, path,
			"say between which elements of its paths it comes",
			"the links of the service are those of its forwarding paths");
	else if (n == 0)
		faults_add(faults, ERR_INVALID, path,
			"write [[\"fw.right\", \"ids.in\"], [\"ids.out\", \"rt.p0\"]]",
			"no link is named");
	for (size_t i = 0; ends && i < n; i++) {
		snprintf(place, sizeof(place), "%.150s[%zu]", path, i);
		if (read_pair(json_array_get(links, i), place, &ends[2 * k], faults))
			k++;
	}
	if (ends && k == n && !model->n_paths)
		give_up(model, ends, 2 * n, faults);
	for (size_t i = 0; ends && i < 2 * k; i++) {
		if (i % 2 == 0 && k == n)
			add(model, &ends[i], &ends[i + 1]);
	}
	for (size_t i = 0; ends && i < 2 * k; i++)
		clear_end(&ends[i]);
	free(ends);
}

void
rewire_remove(
	struct model *model, const char *vnf, const char *path, struct faults *faults)
{
	char hint[LIST];
	size_t at[2];
	if (model->n_paths) {
		rewire_paths_remove(model, vnf, path, faults);
		drop_vnf(model, vnf);
		return;
	}
	const unsigned n = links_of(model, vnf, at);
	if (n != 0 && n != 2) {
		list(model, vnf, hint, sizeof(hint));
		faults_add(faults, ERR_INVALID, path,
			"instantiate a VNF in their place, or use another descriptor",
			n == 1 ? "the link of '%s' would hang: %s"
			       : "it is not clear how the links of '%s' are joined: %s",
			vnf, hint);
		return;
	}
	if (n == 2) {
		const bool first = strcmp(model->links[at[0]].ends[1].element, vnf) == 0;
		const struct model_link *in = &model->links[at[!first]],
					*out = &model->links[at[first]];
		struct model_end a =
			copy(&in->ends[strcmp(in->ends[0].element, vnf) == 0]);
		struct model_end b =
			copy(&out->ends[strcmp(out->ends[0].element, vnf) == 0]);
		check_joined(&a, &b, vnf, path, faults);
		drop(model, at[1]);
		drop(model, at[0]);
		add(model, &a, &b);
		clear_end(&a);
		clear_end(&b);
	}
	drop_vnf(model, vnf);
}

/* False, with a fault, if it is none. */
static bool
read_pair(const json_t *pair, const char *path, struct model_end ends[2],
	struct faults *faults)
{
	const char *a = json_string_value(json_array_get(pair, 0)),
		   *b = json_string_value(json_array_get(pair, 1));
	if (!a || !b || json_array_size(pair) != 2) {
		faults_add(faults, ERR_INVALID, path, "write [\"fw.right\", \"rt.p0\"]",
			"these are no two ends of a link");
		return false;
	}
	read_end(a, path, &ends[0]);
	read_end(b, path, &ends[1]);
	return true;
}

/* "fw.right", or "lan". */
static void
read_end(const char *text, const char *path, struct model_end *end)
{
	const size_t len = strcspn(text, ".");
	*end = (struct model_end){.position = -1, .vnf = -1, .sap = -1};
	end->element = strndup(text, len);
	end->cp = text[len] ? strdup(text + len + 1) : NULL;
	snprintf(end->path, MODEL_PATH, "%s", path);
}

static unsigned
find_between(const struct model *model, const struct model_end ends[2], size_t *at,
	bool *turned)
{
	unsigned n = 0;
	for (size_t i = 0; i < 2 * model->n_links; i++)
		if (joins(&model->links[i / 2], ends, i % 2)) {
			*at = i / 2;
			*turned = i % 2;
			n++;
		}
	return n;
}

static bool
joins(const struct model_link *link, const struct model_end ends[2], bool turned)
{
	return is_end(&link->ends[turned], &ends[0]) &&
	       is_end(&link->ends[!turned], &ends[1]);
}

static bool
is_end(const struct model_end *end, const struct model_end *wanted)
{
	return strcmp(end->element, wanted->element) == 0 &&
	       (!wanted->cp || (end->cp && strcmp(end->cp, wanted->cp) == 0));
}

/* Links that are at one of these ends. */
static void
give_up(struct model *model, const struct model_end *ends, size_t n,
	struct faults *faults)
{
	for (size_t i = model->n_links; i-- > 0;) {
		const struct model_end *has = model->links[i].ends;
		const bool a = is_among(&has[0], ends, n), b = is_among(&has[1], ends, n);
		if (!a && !b)
			continue;
		if (!a || !b) {
			const struct model_end *left = &has[a];
			faults_add(faults, ERR_INVALID, ends[0].path,
				"name a link for this end too",
				"the link '%s' would go, and leave '%s%s%s' without one",
				model->links[i].name, left->element, left->cp ? "." : "",
				left->cp ? left->cp : "");
		}
		drop(model, i);
	}
}

static bool
is_among(const struct model_end *end, const struct model_end *ends, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(end->element, ends[i].element) == 0 &&
			(end->cp == ends[i].cp ||
				(end->cp && ends[i].cp &&
					strcmp(end->cp, ends[i].cp) == 0)))
			return true;
	return false;
}

/* How many there are; at: the first two. */
static unsigned
links_of(const struct model *model, const char *vnf, size_t at[2])
{
	unsigned n = 0;
	for (size_t i = 0; i < model->n_links; i++) {
		const struct model_end *ends = model->links[i].ends;
		if (strcmp(ends[0].element, vnf) != 0 &&
			strcmp(ends[1].element, vnf) != 0)
			continue;
		if (n < 2)
			at[n] = i;
		n++;
	}
	return n;
}

static void
check_joined(const struct model_end *a, const struct model_end *b, const char *vnf,
	const char *path, struct faults *faults)
{
	if (!a->cp && !b->cp)
		faults_add(faults, ERR_INVALID, path, "leave a VNF between them",
			"ports '%s' and '%s' would be joined by nothing", a->element,
			b->element);
	else if (strcmp(a->element, b->element) == 0)
		faults_add(faults, ERR_INVALID, path, "remove that one too",
			"without '%s', '%s' would be linked to itself", vnf, a->element);
}

static void
drop_vnf(struct model *model, const char *name)
{
	struct model one = {.n_vnfs = 1};
	const int at = model_find_vnf(model, name);
	if (at < 0)
		return;
	one.vnfs = malloc(sizeof(*one.vnfs));
	if (!one.vnfs)
		return;
	*one.vnfs = model->vnfs[at];
	model->n_vnfs--;
	memmove(&model->vnfs[at], &model->vnfs[at + 1],
		(model->n_vnfs - (size_t)at) * sizeof(*model->vnfs));
	model_clear(&one);
}

static void
add(struct model *model, const struct model_end *a, const struct model_end *b)
{
	struct model_link *link = model_add_link(model);
	if (!link)
		return;
	link->ends[0] = copy(a);
	link->ends[1] = copy(b);
}

/* To be resolved anew. */
static struct model_end
copy(const struct model_end *end)
{
	struct model_end made = {.element = strdup(end->element),
		.cp = end->cp ? strdup(end->cp) : NULL,
		.position = end->position,
		.vnf = -1,
		.sap = -1};
	memcpy(made.path, end->path, MODEL_PATH);
	return made;
}

static void
clear_end(struct model_end *end)
{
	free(end->element);
	free(end->cp);
	*end = (struct model_end){0};
}

static void
drop(struct model *model, size_t at)
{
	struct model_link *link = &model->links[at];
	free(link->name);
	clear_end(&link->ends[0]);
	clear_end(&link->ends[1]);
	model->n_links--;
	memmove(link, link + 1, (model->n_links - at) * sizeof(*link));
}

/* "a.right-b.left, b.right-wan": those of a VNF, or all. Returns buf. */
static char *
list(const struct model *model, const char *vnf, char *buf, size_t size)
{
	size_t len = 0;
	buf[0] = '\0';
	for (size_t i = 0; i < model->n_links && len < size; i++) {
		const struct model_end *a = &model->links[i].ends[0],
				       *b = &model->links[i].ends[1];
		if (vnf && strcmp(a->element, vnf) != 0 && strcmp(b->element, vnf) != 0)
			continue;
		len += (size_t)snprintf(buf + len, size - len, "%s%s%s%s-%s%s%s",
			len ? ", " : "", a->element, a->cp ? "." : "", a->cp ? a->cp : "",
			b->element, b->cp ? "." : "", b->cp ? b->cp : "");
	}
	return buf;
}
