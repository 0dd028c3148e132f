/* replicas.c: see replicas.h. */
#include "orchestrator/plan/replicas.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "orchestrator/plan/target.h"

#define ID_SIZE 96

static const char *const sides[] = {"a", "b"};

static void drop_beyond(json_t *objects, const char *id, unsigned n);
static bool is_beyond(const json_t *object, const char *id, unsigned n);
static void add_replica(json_t *objects, const char *id, unsigned index, int core);
static void add_links(json_t *objects, const char *id, unsigned index);
static void add_link(json_t *objects, const json_t *link, const char *id, unsigned index);
static void name_link(const json_t *doc, char *name, size_t size);
static const char *text(const json_t *object, const char *member);
static bool is_kind(const json_t *object, const char *kind);

void
replicas_set(json_t *objects, const char *id, unsigned n, const int *cores)
{
	drop_beyond(objects, id, n);
	for (unsigned i = 1; i < n; i++)
		if (!replicas_find(objects, id, i)) {
			add_replica(objects, id, i, cores[i]);
			add_links(objects, id, i);
		}
	for (unsigned i = 0; i < n; i++)
		json_object_set_new(json_object_get(replicas_find(objects, id, i), "doc"),
			"replica",
			json_pack("{s:s, s:i, s:i}", "of", id, "index", (int)i, "n",
				(int)n));
}

void
replicas_add_links(json_t *objects)
{
	char of[ID_SIZE];
	const size_t n = json_array_size(objects);
	for (size_t i = 0; i < n; i++) {
		const json_t *object = json_array_get(objects, i);
		const char *id = text(object, "object");
		if (is_kind(object, "vnf") && replicas_index(id) > 0)
			add_links(objects, replicas_of(id, of, sizeof(of)),
				replicas_index(id));
	}
}

bool
replicas_are_told(const json_t *objects, const char *id)
{
	const json_t *doc = json_object_get(replicas_find(objects, id, 0), "doc");
	return json_object_get(doc, "replica") != NULL;
}

unsigned
replicas_count(const json_t *objects, const char *id)
{
	unsigned n = 0;
	while (n < REPLICAS_MAX && replicas_find(objects, id, n))
		n++;
	return n;
}

json_t *
replicas_find(const json_t *objects, const char *id, unsigned index)
{
	char buf[ID_SIZE];
	return target_find(objects, "vnf", replicas_id(id, index, buf, sizeof(buf)));
}

char *
replicas_id(const char *id, unsigned index, char *buf, size_t size)
{
	if (index == 0)
		snprintf(buf, size, "%s", id);
	else
		snprintf(buf, size, "%s~%u", id, index);
	return buf;
}

char *
replicas_of(const char *id, char *buf, size_t size)
{
	snprintf(buf, size, "%.*s", (int)strcspn(id, "~"), id);
	return buf;
}

unsigned
replicas_index(const char *id)
{
	const char *mark = strchr(id, '~');
	return mark ? (unsigned)strtoul(mark + 1, NULL, 10) : 0;
}

static void
drop_beyond(json_t *objects, const char *id, unsigned n)
{
	for (size_t i = json_array_size(objects); i-- > 0;)
		if (is_beyond(json_array_get(objects, i), id, n))
			json_array_remove(objects, i);
}

/* Such a replica, or a link to one. */
static bool
is_beyond(const json_t *object, const char *id, unsigned n)
{
	char of[ID_SIZE];
	const json_t *doc = json_object_get(object, "doc");
	bool beyond = false;
	if (is_kind(object, "vnf")) {
		const char *its = text(object, "object");
		return strcmp(replicas_of(its, of, sizeof(of)), id) == 0 &&
		       replicas_index(its) >= n;
	}
	for (size_t e = 0; e < 2 && is_kind(object, "link"); e++) {
		const char *vnf = text(json_object_get(doc, sides[e]), "vnf");
		beyond |= vnf && strcmp(replicas_of(vnf, of, sizeof(of)), id) == 0 &&
			  replicas_index(vnf) >= n;
	}
	return beyond;
}

static void
add_replica(json_t *objects, const char *id, unsigned index, int core)
{
	char buf[ID_SIZE], name[ID_SIZE];
	json_t *object = json_deep_copy(replicas_find(objects, id, 0));
	json_t *doc = json_object_get(object, "doc");
	json_object_set_new(
		object, "object", json_string(replicas_id(id, index, buf, sizeof(buf))));
	snprintf(name, sizeof(name), "%.80s~%u", text(doc, "name"), index);
	json_object_set_new(doc, "name", json_string(name));
	json_object_set_new(doc, "core", json_integer(core));
	json_t *group = json_object_get(doc, "group");
	if (group) {
		snprintf(name, sizeof(name), "%.80s~%u", text(group, "name"), index);
		json_object_set_new(group, "name", json_string(name));
	}
	json_array_append_new(objects, object);
}

/* As those of replica 0. */
static void
add_links(json_t *objects, const char *id, unsigned index)
{
	const size_t n = json_array_size(objects);
	for (size_t i = 0; i < n; i++) {
		const json_t *link = json_array_get(objects, i);
		if (is_kind(link, "link"))
			add_link(objects, link, id, index);
	}
}

static void
add_link(json_t *objects, const json_t *link, const char *id, unsigned index)
{
	char buf[ID_SIZE], name[64];
	json_t *copy = NULL;
	for (size_t e = 0; e < 2; e++) {
		const json_t *end =
			json_object_get(json_object_get(link, "doc"), sides[e]);
		const char *vnf = text(end, "vnf");
		if (!vnf || strcmp(vnf, id) != 0)
			continue;
		copy = copy ? copy : json_deep_copy(link);
		json_object_set_new(
			json_object_get(json_object_get(copy, "doc"), sides[e]), "vnf",
			json_string(replicas_id(id, index, buf, sizeof(buf))));
	}
	if (!copy)
		return;
	json_t *doc = json_object_get(copy, "doc");
	name_link(doc, name, sizeof(name));
	json_object_set_new(doc, "name", json_string(name));
	json_object_set_new(
		copy, "object", json_pack("s++", text(copy, "ns"), "/", name));
	json_array_append_new(objects, copy);
}

/* By the replicas that it joins. */
static void
name_link(const json_t *doc, char *name, size_t size)
{
	char base[48];
	unsigned index[2] = {0};
	bool vnf[2];
	replicas_of(text(doc, "name"), base, sizeof(base));
	for (size_t e = 0; e < 2; e++) {
		const char *id = text(json_object_get(doc, sides[e]), "vnf");
		vnf[e] = id != NULL;
		index[e] = id ? replicas_index(id) : 0;
	}
	if (vnf[0] && vnf[1])
		snprintf(name, size, "%s~%u%u", base, index[0], index[1]);
	else
		snprintf(name, size, "%s~%u", base, index[0] + index[1]);
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
