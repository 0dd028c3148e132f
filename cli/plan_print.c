/* plan_print.c: the plan of an apply as lines of + ~ -. */
#include "cli/plan_print.h"

#include <stdlib.h>
#include <string.h>

static bool print_step(FILE *file, const json_t *step);
static void print_links(FILE *file, const json_t *before, const json_t *wanted);
static void print_link(FILE *file, char sign, const char *id, const json_t *doc);
static void print_difference(
	FILE *file, const json_t *before, const json_t *wanted, const char *path);
static void print_change(
	FILE *file, const char *path, const json_t *before, const json_t *wanted);
static const char *text_of(const json_t *step, const char *member);

void
plan_print(const struct output *out, const json_t *plan)
{
	const bool exists = json_is_true(json_object_get(plan, "exists"));
	const char *name = text_of(plan, "name");
	unsigned n = 0;
	size_t i;
	json_t *step;
	json_array_foreach (json_object_get(plan, "steps"), i, step)
		n += print_step(out->file, step);
	if (n == 0)
		fprintf(out->file, "%s: nothing to do\n", name);
	else
		fprintf(out->file, "%s: %s, %u %s\n", name, exists ? "changed" : "new", n,
			n == 1 ? "step" : "steps");
}

/* False for a step that only waits. */
static bool
print_step(FILE *file, const json_t *step)
{
	const char *action = text_of(step, "action"), *name = text_of(step, "name");
	const json_t *before = json_object_get(step, "before");
	const bool del = strcmp(action, "del") == 0,
		   change = !del && json_is_object(before);
	if (strcmp(action, "wait") == 0)
		return false;
	if (!*name)
		name = text_of(step, "object");
	if (strcmp(action, "drain") == 0) {
		fprintf(file, "~ %s may end its sessions, for %lld s\n", name,
			(long long)json_integer_value(json_object_get(
				json_object_get(step, "wanted"), "timeout")));
		return true;
	}
	if (strcmp(action, "relink") == 0) {
		fprintf(file, "~ links of %s, at once and without loss\n", name);
		print_links(file, json_object_get(before, "links"),
			json_object_get(json_object_get(step, "wanted"), "links"));
		return true;
	}
	fprintf(file, "%c %s %s\n",
		del	 ? '-'
		: change ? '~'
			 : '+',
		text_of(step, "kind"), name);
	if (change)
		print_difference(file, before, json_object_get(step, "wanted"), "");
	return true;
}

/* Old and new alike: {ID: document or null}. */
static void
print_links(FILE *file, const json_t *before, const json_t *wanted)
{
	const char *id;
	json_t *doc;
	json_object_foreach ((json_t *)before, id, doc)
		if (json_is_object(doc))
			print_link(file, '-', id, doc);
	json_object_foreach ((json_t *)wanted, id, doc)
		if (json_is_object(doc))
			print_link(file, '+', id, doc);
}

static void
print_link(FILE *file, char sign, const char *id, const json_t *doc)
{
	const char *name = text_of(doc, "name");
	fprintf(file, "    %c %s\n", sign, *name ? name : id);
}

/* The members in which two trees differ; lists are compared as a whole. */
static void
print_difference(FILE *file, const json_t *before, const json_t *wanted, const char *path)
{
	char inner[256];
	const char *name;
	json_t *old, *new;
	json_object_foreach ((json_t *)before, name, old) {
		new = json_object_get(wanted, name);
		snprintf(inner, sizeof(inner), "%s%s%s", path, *path ? "." : "", name);
		if (json_is_object(old) && json_is_object(new))
			print_difference(file, old, new, inner);
		else if (!new || !json_equal(old, new))
			print_change(file, inner, old, new);
	}
	json_object_foreach ((json_t *)wanted, name, new) {
		if (json_object_get(before, name))
			continue;
		snprintf(inner, sizeof(inner), "%s%s%s", path, *path ? "." : "", name);
		print_change(file, inner, NULL, new);
	}
}

static void
print_change(FILE *file, const char *path, const json_t *before, const json_t *wanted)
{
	char *old = before ? json_dumps(before, JSON_ENCODE_ANY | JSON_COMPACT) : NULL;
	char *new = wanted ? json_dumps(wanted, JSON_ENCODE_ANY | JSON_COMPACT) : NULL;
	if (old)
		fprintf(file, "    - %s: %s\n", path, old);
	if (new)
		fprintf(file, "    + %s: %s\n", path, new);
	free(old);
	free(new);
}

static const char *
text_of(const json_t *step, const char *member)
{
	const char *text = json_string_value(json_object_get(step, member));
	return text ? text : "";
}
