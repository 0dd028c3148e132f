/* group.c: see group.h. */
#include <string.h>
#include "vnfm/group.h"

static const char *name_of(const struct object *vnf);
static json_int_t size_of(const struct object *vnf);
static json_int_t core_of(const struct object *vnf);
static bool are_together(const struct object *a, const struct object *b);

struct group
group_of(const struct wanted *wanted, const struct object *vnf)
{
	struct group group = {0};
	struct object *other;
	if (name_of(vnf) == NULL || vnf->unwanted) {
		group.members[group.n++] = (struct object *)vnf;
		group.whole = true;
		return group;
	}
	TAILQ_FOREACH (other, &wanted->lists[OBJECT_VNF], entry)
		if (are_together(vnf, other) && group.n < GROUP_MAX)
			group.members[group.n++] = other;
	group.whole = (json_int_t)group.n == size_of(vnf);
	return group;
}

struct object *
group_companion(const struct wanted *wanted, const struct object *vnf, pid_t pid)
{
	struct object *other;
	TAILQ_FOREACH (other, &wanted->lists[OBJECT_VNF], entry)
		if (other != vnf && pid != 0 && other->vnf.pid == pid)
			return other;
	return NULL;
}

bool
group_is_misplaced(const struct wanted *wanted, const struct object *vnf)
{
	const struct group group = group_of(wanted, vnf);
	const struct object *other;
	for (unsigned i = 0; i < group.n; i++)
		if (group.members[i]->vnf.pid != vnf->vnf.pid)
			return true;
	TAILQ_FOREACH (other, &wanted->lists[OBJECT_VNF], entry) {
		bool member = other == vnf;
		for (unsigned i = 0; i < group.n; i++)
			member |= group.members[i] == other;
		if (!member && vnf->vnf.pid != 0 && other->vnf.pid == vnf->vnf.pid)
			return true;
	}
	return false;
}

static const char *
name_of(const struct object *vnf)
{
	return json_string_value(
		json_object_get(json_object_get(vnf->wanted, "group"), "name"));
}

static json_int_t
size_of(const struct object *vnf)
{
	return json_integer_value(
		json_object_get(json_object_get(vnf->wanted, "group"), "n"));
}

static bool
are_together(const struct object *a, const struct object *b)
{
	const char *name = name_of(b);
	return !b->unwanted && name != NULL && strcmp(a->ns, b->ns) == 0 &&
	       strcmp(name, name_of(a)) == 0 && size_of(a) == size_of(b) &&
	       core_of(a) == core_of(b);
}

/* -1: any. */
static json_int_t
core_of(const struct object *vnf)
{
	const json_t *core = json_object_get(vnf->wanted, "core");
	return core != NULL ? json_integer_value(core) : -1;
}
