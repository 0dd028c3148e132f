/* stats_sum.c: see stats_sum.h. */
#include "orchestrator/plan/stats_sum.h"

#include <stdbool.h>
#include <string.h>
#include "orchestrator/plan/replicas.h"

/* What is none to add up: of the first replica; each has its own under `replicas`. */
static const char *const said[] = {"pid", "slot", "core", "lcore", "revision", "uptime",
	"configGeneration", "burstCycles", NULL};

static json_t *find(const json_t *list, const char *id);
static json_t *part_of(const json_t *vnf);
static void add(json_t *sum, const json_t *part);
static void add_member(json_t *sum, const char *name, const json_t *value);
static json_t *add_lists(const json_t *a, const json_t *b);
static bool is_said(const char *name);

json_t *
stats_sum(const json_t *vnfs)
{
	char of[64];
	size_t i;
	json_t *vnf, *list = json_array();
	json_array_foreach ((json_t *)vnfs, i, vnf) {
		const char *id = json_string_value(json_object_get(vnf, "id"));
		replicas_of(id ? id : "", of, sizeof(of));
		json_t *sum = find(list, of);
		if (id && replicas_index(id) == 0 && !sum) {
			json_array_append_new(list, json_deep_copy(vnf));
			continue;
		}
		if (!sum) { /* its first is not there at the moment */
			sum = json_deep_copy(vnf);
			json_object_set_new(sum, "id", json_string(of));
			json_object_set_new(
				sum, "replicas", json_pack("[o]", part_of(vnf)));
			json_array_append_new(list, sum);
			continue;
		}
		if (!json_object_get(sum, "replicas"))
			json_object_set_new(
				sum, "replicas", json_pack("[o]", part_of(sum)));
		json_array_append_new(json_object_get(sum, "replicas"), part_of(vnf));
		add(sum, vnf);
	}
	return list;
}

static json_t *
find(const json_t *list, const char *id)
{
	size_t i;
	json_t *item;
	json_array_foreach ((json_t *)list, i, item) {
		const char *its = json_string_value(json_object_get(item, "id"));
		if (its && strcmp(its, id) == 0)
			return item;
	}
	return NULL;
}

static json_t *
part_of(const json_t *vnf)
{
	json_t *part = json_deep_copy(vnf), *id = json_object_get(vnf, "id");
	json_object_del(part, "id");
	json_object_set(part, "vnfcId", id);
	return part;
}

static void
add(json_t *sum, const json_t *part)
{
	const char *name;
	json_t *value;
	json_object_foreach ((json_t *)part, name, value)
		if (!is_said(name))
			add_member(sum, name, value);
}

static void
add_member(json_t *sum, const char *name, const json_t *value)
{
	json_t *before = json_object_get(sum, name);
	if (!before)
		json_object_set_new(sum, name, json_deep_copy(value));
	else if (json_is_integer(before) && json_is_integer(value))
		json_object_set_new(sum, name,
			json_integer(
				json_integer_value(before) + json_integer_value(value)));
	else if (json_is_number(before) && json_is_number(value))
		json_object_set_new(sum, name,
			json_real(json_number_value(before) + json_number_value(value)));
	else if (json_is_object(before) && json_is_object(value))
		add(before, value);
	else if (json_is_array(before) && json_is_array(value))
		json_object_set_new(sum, name, add_lists(before, value));
}

/* Lists of the same things, such as rules: entry by entry. */
static json_t *
add_lists(const json_t *a, const json_t *b)
{
	json_t *sums = json_deep_copy(a), *item;
	size_t i;
	if (json_array_size(a) == json_array_size(b))
		json_array_foreach (sums, i, item)
			if (json_is_object(item) && json_is_object(json_array_get(b, i)))
				add(item, json_array_get(b, i));
	return sums;
}

static bool
is_said(const char *name)
{
	for (size_t i = 0; said[i]; i++)
		if (strcmp(said[i], name) == 0)
			return true;
	return false;
}
