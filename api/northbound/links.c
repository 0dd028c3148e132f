/* links.c: `_links` of a resource. */
#include "api/northbound/links.h"

#include <stdio.h>
#include <string.h>
#include "api/northbound/internal.h"

/* Links beside `self`: a path below the resource, or a resource that a member names. */
static const struct {
	const char *collection, *name;
	const char *below; /* "/nsd_content"; null: another resource */
	const char *member,
		*other; /* of the other resource: member with its id, its collection */
} extras[] = {
	{NSD_COLLECTION, "nsd_content", "/nsd_content", NULL, NULL},
	{PKG_COLLECTION, "vnfd", "/vnfd", NULL, NULL},
	{PKG_COLLECTION, "packageContent", "/package_content", NULL, NULL},
	{NS_OPS, "nsInstance", NULL, "nsInstanceId", NS_COLLECTION},
	{VNF_OPS, "vnfInstance", NULL, "vnfInstanceId", VNF_COLLECTION},
};

static const char *link_name(const char *task);
static void add(json_t *links, const char *name, const char *base, const char *below,
	const char *task);

void
links_add(json_t *resource, const char *collection)
{
	const char *id = json_string_value(json_object_get(resource, "id"));
	json_t *links = json_object(), *action, *vnf;
	size_t i;
	if (!id) {
		json_decref(links);
		return;
	}
	add(links, "self", collection, id, "");
	for (i = 0; i < sizeof(extras) / sizeof(extras[0]); i++) {
		const char *other = extras[i].member
					    ? json_string_value(json_object_get(
						      resource, extras[i].member))
					    : NULL;
		if (strcmp(extras[i].collection, collection) != 0)
			continue;
		if (extras[i].below)
			add(links, extras[i].name, collection, id, extras[i].below);
		else if (other)
			add(links, extras[i].name, extras[i].other, other, "");
	}
	json_array_foreach (json_object_get(resource, "_actions"), i, action) {
		char task[64];
		snprintf(task, sizeof(task), "/%s", json_string_value(action));
		add(links, link_name(json_string_value(action)), collection, id, task);
	}
	json_object_del(resource, "_actions");
	json_object_set_new(resource, "_links", links);
	json_array_foreach (json_object_get(resource, "vnfInstance"), i, vnf) {
		links_add(vnf, VNF_COLLECTION);
	}
}

/* Links are written otherwise than paths. */
static const char *
link_name(const char *task)
{
	static const char *const names[][2] = {{"scale_to_level", "scaleToLevel"},
		{"change_ext_conn", "changeExtConn"},
		{"change_flavour", "changeFlavour"}};
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(names[i][0], task) == 0)
			return names[i][1];
	return task;
}

static void
add(json_t *links, const char *name, const char *collection, const char *id,
	const char *task)
{
	json_object_set_new(
		links, name, json_pack("{s:s+++}", "href", collection, "/", id, task));
}
