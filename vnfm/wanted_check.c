/* wanted_check.c: the documents of docs/southbound.md section 1, checked against tables
 * of their members. */
#include <stdio.h>
#include <string.h>
#include "common/field.h"
#include "common/steer_rule.h"
#include "vnfm/group.h"

enum shape {
	SHAPE_NAME,
	SHAPE_COUNT,
	SHAPE_OBJECT,
	SHAPE_END,
	SHAPE_IDLE,
	SHAPE_REPLICA,
	SHAPE_GROUP,
	SHAPE_STEER,
	SHAPE_PATHS,
	SHAPE_ANY
};

struct member {
	const char *name;
	enum shape shape;
	bool required;
};

static const struct member service_members[] = {
	{"name", SHAPE_NAME, true},
	{"buffers", SHAPE_COUNT, true},
	{"limits", SHAPE_OBJECT, false},
	{"share", SHAPE_COUNT, false},
	{"steer", SHAPE_STEER, false},
	{"tag", SHAPE_ANY, false},
	{0},
};
static const struct member port_members[] = {
	{"ns", SHAPE_NAME, true},
	{"name", SHAPE_NAME, true},
	{"spec", SHAPE_OBJECT, true},
	{"tag", SHAPE_ANY, false},
	{0},
};
static const struct member vnf_members[] = {
	{"ns", SHAPE_NAME, true},
	{"name", SHAPE_NAME, true},
	{"type", SHAPE_NAME, true},
	{"config", SHAPE_OBJECT, false},
	{"core", SHAPE_COUNT, false},
	{"stateSize", SHAPE_COUNT, false},
	{"idle", SHAPE_IDLE, false},
	{"revision", SHAPE_COUNT, false},
	{"emptyState", SHAPE_ANY, false},
	{"share", SHAPE_COUNT, false},
	{"replica", SHAPE_REPLICA, false},
	{"group", SHAPE_GROUP, false},
	{"tag", SHAPE_ANY, false},
	{0},
};
static const struct member link_members[] = {
	{"ns", SHAPE_NAME, true},
	{"name", SHAPE_NAME, true},
	{"a", SHAPE_END, true},
	{"b", SHAPE_END, true},
	{"size", SHAPE_COUNT, false},
	{"paths", SHAPE_PATHS, false},
	{"tag", SHAPE_ANY, false},
	{0},
};
static const struct member *const members_of[OBJECT_KINDS] = {
	service_members, port_members, vnf_members, link_members};

static void check_id(
	enum object_kind kind, const char *id, const json_t *doc, struct faults *faults);
static void check_unknown(
	const struct member *members, const json_t *doc, struct faults *faults);
static void check_member(
	const struct member *member, const json_t *value, struct faults *faults);
static void check_replica(const char *path, const json_t *value, struct faults *faults);
static void check_group(const char *path, const json_t *value, struct faults *faults);
static void check_steer(const char *path, const json_t *value, struct faults *faults);
static void check_end(const char *path, const json_t *end, struct faults *faults);
static void check_name(const char *path, const json_t *value, struct faults *faults);
static int check_service(const struct wanted *wanted, const json_t *doc, struct err *err);
static int check_link_end(const struct wanted *wanted, const char *id, const json_t *doc,
	const char *side, const json_t *changing, struct err *err);
static const char *find_user(const struct wanted *wanted, const char *id,
	const json_t *doc, const char *side, const json_t *changing);
static bool meets(const json_t *other, const json_t *doc, const char *side);
static bool may_meet(
	const json_t *a, const json_t *far_a, const json_t *b, const json_t *far_b);
static bool are_apart(const json_t *a, const json_t *b);
static const char *other_side(const char *side);
static bool are_twins(const json_t *a, const json_t *b);

int
wanted_check(
	enum object_kind kind, const char *id, const json_t *doc, struct faults *faults)
{
	const size_t before = faults_count(faults);
	if (!json_is_object(doc))
		return faults_add(faults, ERR_INVALID, "", NULL, "a %s is a JSON object",
			wanted_kind_name(kind));
	check_id(kind, id, doc, faults);
	check_unknown(members_of[kind], doc, faults);
	for (const struct member *m = members_of[kind]; m->name != NULL; m++) {
		const json_t *value = json_object_get(doc, m->name);
		if (value != NULL)
			check_member(m, value, faults);
		else if (m->required)
			faults_add(faults, ERR_INVALID, m->name, NULL, "%s is missing",
				m->name);
	}
	return faults_since(faults, before);
}

int
wanted_check_place(const struct wanted *wanted, enum object_kind kind, const char *id,
	const json_t *doc, struct err *err)
{
	int rc = kind == OBJECT_SERVICE ? 0 : check_service(wanted, doc, err);
	if (rc == 0 && kind == OBJECT_LINK)
		rc = check_link_end(wanted, id, doc, "a", NULL, err);
	if (rc == 0 && kind == OBJECT_LINK)
		rc = check_link_end(wanted, id, doc, "b", NULL, err);
	return rc;
}

int
wanted_check_relink(
	const struct wanted *wanted, const char *ns, const json_t *links, struct err *err)
{
	const char *id;
	json_t *doc;
	json_t *named = json_pack("{s:s}", "ns", ns);
	int rc = check_service(wanted, named, err);
	json_decref(named);
	json_object_foreach ((json_t *)links, id, doc) {
		const struct object *link = wanted_find(wanted, OBJECT_LINK, id);
		if (rc == 0 && link != NULL && strcmp(link->ns, ns) != 0)
			rc = err_set(err, ERR_INVALID, id, NULL,
				"the link is of another service");
		if (rc != 0 || json_is_null(doc))
			continue;
		if (link != NULL && link->unwanted && !link->busy)
			rc = err_set(err, ERR_STATE, id, "put it again when it is gone",
				"the link '%s' is being ended", id);
		if (rc == 0)
			rc = check_link_end(wanted, id, doc, "a", links, err);
		if (rc == 0)
			rc = check_link_end(wanted, id, doc, "b", links, err);
	}
	return rc;
}

/* Of a port and a link: "<ns>/<name>"; a port that takes the place of one with the same
 * name has ".2" behind it. */
static void
check_id(enum object_kind kind, const char *id, const json_t *doc, struct faults *faults)
{
	const char *ns = json_string_value(json_object_get(doc, "ns"));
	const char *name = json_string_value(json_object_get(doc, "name"));
	char expected[2 * WANTED_ID_MAX + 4], second[sizeof(expected) + 2];
	if (id[0] == '\0' || strlen(id) > WANTED_ID_MAX)
		faults_add(faults, ERR_INVALID, "id", NULL, "an id has 1 to %d bytes",
			WANTED_ID_MAX);
	if (strstr(id, "..") != NULL || (kind == OBJECT_VNF && strchr(id, '/') != NULL))
		faults_add(faults, ERR_INVALID, "id", NULL, "'%s' cannot be an id", id);
	if ((kind != OBJECT_PORT && kind != OBJECT_LINK) || ns == NULL || name == NULL)
		return;
	snprintf(expected, sizeof(expected), "%s/%s", ns, name);
	snprintf(second, sizeof(second), "%s.2", expected);
	if (strcmp(expected, id) != 0 && (kind != OBJECT_PORT || strcmp(second, id) != 0))
		faults_add(faults, ERR_INVALID, "id", "the id is <ns>/<name>",
			"the id '%s' does not fit ns and name", id);
}

static void
check_unknown(const struct member *members, const json_t *doc, struct faults *faults)
{
	const char *names[16] = {0}, *key;
	json_t *value;
	for (unsigned i = 0; members[i].name != NULL; i++)
		names[i] = members[i].name;
	json_object_foreach ((json_t *)doc, key, value) {
		const struct member *m = members;
		while (m->name != NULL && strcmp(m->name, key) != 0)
			m++;
		if (m->name != NULL)
			continue;
		char hint[128] = "";
		const char *nearest = field_nearest(key, names);
		if (nearest != NULL)
			snprintf(hint, sizeof(hint), "did you mean '%s'?", nearest);
		faults_add(
			faults, ERR_INVALID, key, hint, "there is no member '%s'", key);
	}
}

static void
check_member(const struct member *member, const json_t *value, struct faults *faults)
{
	const char *text = json_string_value(value);
	switch (member->shape) {
	case SHAPE_NAME:
		check_name(member->name, value, faults);
		return;
	case SHAPE_COUNT:
		if (!json_is_integer(value) || json_integer_value(value) < 0)
			faults_add(faults, ERR_INVALID, member->name, NULL,
				"%s is a number from 0 on", member->name);
		return;
	case SHAPE_OBJECT:
		if (!json_is_object(value))
			faults_add(faults, ERR_INVALID, member->name, NULL,
				"%s is an object", member->name);
		return;
	case SHAPE_END:
		check_end(member->name, value, faults);
		return;
	case SHAPE_IDLE:
		if (text == NULL ||
			(strcmp(text, "ladder") != 0 && strcmp(text, "spin") != 0))
			faults_add(faults, ERR_INVALID, member->name, NULL,
				"idle is \"ladder\" or \"spin\"");
		return;
	case SHAPE_REPLICA:
		check_replica(member->name, value, faults);
		return;
	case SHAPE_GROUP:
		check_group(member->name, value, faults);
		return;
	case SHAPE_STEER:
		check_steer(member->name, value, faults);
		return;
	case SHAPE_PATHS:
		steer_paths_parse(value, member->name, (uint32_t[8]){0}, faults);
		return;
	case SHAPE_ANY:
		return;
	}
}

static void
check_replica(const char *path, const json_t *value, struct faults *faults)
{
	const char *of = json_string_value(json_object_get(value, "of"));
	const json_t *index = json_object_get(value, "index"),
		     *n = json_object_get(value, "n");
	if (of == NULL || !json_is_integer(index) || !json_is_integer(n) ||
		json_object_size(value) != 3)
		faults_add(faults, ERR_INVALID, path, NULL,
			"a replica is {\"of\": ID, \"index\": NUMBER, \"n\": NUMBER}");
}

static void
check_group(const char *path, const json_t *value, struct faults *faults)
{
	const json_t *n = json_object_get(value, "n");
	if (json_string_value(json_object_get(value, "name")) == NULL ||
		!json_is_integer(n) || json_integer_value(n) < 1 ||
		json_integer_value(n) > GROUP_MAX || json_object_size(value) != 2)
		faults_add(faults, ERR_INVALID, path, NULL,
			"a group is {\"name\": NAME, \"n\": 1 to %d}", GROUP_MAX);
}

static void
check_steer(const char *path, const json_t *value, struct faults *faults)
{
	struct steer_rules rules;
	if (steer_rules_parse(value, path, &rules, faults) == 0)
		steer_rules_clear(&rules);
}

static void
check_end(const char *path, const json_t *end, struct faults *faults)
{
	const json_t *vnf = json_object_get(end, "vnf"), *cp = json_object_get(end, "cp");
	const json_t *port = json_object_get(end, "port");
	bool to_vnf =
		json_is_string(vnf) && json_is_string(cp) && json_object_size(end) == 2;
	bool to_port = json_is_string(port) && json_object_size(end) == 1;
	if (!to_vnf && !to_port)
		faults_add(faults, ERR_INVALID, path, NULL,
			"an end is {\"vnf\": ID, \"cp\": NAME} or {\"port\": ID}");
}

static void
check_name(const char *path, const json_t *value, struct faults *faults)
{
	const char *text = json_string_value(value);
	if (text == NULL || text[0] == '\0' || strlen(text) > WANTED_ID_MAX ||
		strchr(text, '/') != NULL || text[0] == '.')
		faults_add(faults, ERR_INVALID, path, NULL,
			"%s is a name of 1 to %d bytes without '/'", path, WANTED_ID_MAX);
}

static int
check_service(const struct wanted *wanted, const json_t *doc, struct err *err)
{
	const char *ns = json_string_value(json_object_get(doc, "ns"));
	const struct object *service = wanted_find(wanted, OBJECT_SERVICE, ns);
	if (service == NULL)
		return err_set(err, ERR_STATE, "ns", "put the service first",
			"there is no service '%s' on this host", ns);
	if (service->unwanted)
		return err_set(err, ERR_STATE, "ns", NULL,
			"the service '%s' is being ended", ns);
	return 0;
}

static int
check_link_end(const struct wanted *wanted, const char *id, const json_t *doc,
	const char *side, const json_t *changing, struct err *err)
{
	const json_t *end = json_object_get(doc, side);
	const char *port = json_string_value(json_object_get(end, "port"));
	const char *vnf = json_string_value(json_object_get(end, "vnf"));
	const struct object *object = port != NULL
					      ? wanted_find(wanted, OBJECT_PORT, port)
					      : wanted_find(wanted, OBJECT_VNF, vnf);
	if (object == NULL || object->unwanted)
		return err_set(err, ERR_STATE, side, "put both ends first",
			"there is no %s '%s' on this host", port != NULL ? "port" : "VNF",
			port != NULL ? port : vnf);
	const char *user = find_user(wanted, id, doc, side, changing);
	return user == NULL
		       ? 0
		       : err_set(err, ERR_EXISTS, side,
				 "delete that link first, or name different `paths` of each",
				 "this end is in use by the link '%s'", user);
}

/* Another link that has that end, or is to have it, and may not. */
static const char *
find_user(const struct wanted *wanted, const char *id, const json_t *doc,
	const char *side, const json_t *changing)
{
	const struct object *other;
	const char *key;
	json_t *its;
	TAILQ_FOREACH (other, &wanted->lists[OBJECT_LINK], entry)
		if (strcmp(other->id, id) != 0 && !other->unwanted &&
			json_object_get(changing, other->id) == NULL &&
			meets(other->wanted, doc, side))
			return other->id;
	json_object_foreach ((json_t *)changing, key, its)
		if (strcmp(key, id) != 0 && meets(its, doc, side))
			return key;
	return NULL;
}

static bool
meets(const json_t *other, const json_t *doc, const char *side)
{
	static const char *const sides[] = {"a", "b"};
	const json_t *end = json_object_get(doc, side);
	const json_t *far = json_object_get(doc, other_side(side));
	for (unsigned i = 0; i < 2; i++)
		if (json_equal(json_object_get(other, sides[i]), end) &&
			!may_meet(other, json_object_get(other, sides[!i]), doc, far))
			return true;
	return false;
}

/* They lead to replicas of one VNF, or are for different paths. */
static bool
may_meet(const json_t *a, const json_t *far_a, const json_t *b, const json_t *far_b)
{
	const json_t *paths_a = json_object_get(a, "paths");
	const json_t *paths_b = json_object_get(b, "paths");
	if (are_twins(far_a, far_b))
		return paths_a == paths_b || json_equal(paths_a, paths_b);
	return are_apart(paths_a, paths_b);
}

static bool
are_apart(const json_t *a, const json_t *b)
{
	const json_t *one, *other;
	size_t i, k;
	json_array_foreach (a, i, one)
		json_array_foreach (b, k, other)
			if (json_equal(one, other))
				return false;
	return json_array_size(a) > 0 && json_array_size(b) > 0;
}

static const char *
other_side(const char *side)
{
	return strcmp(side, "a") == 0 ? "b" : "a";
}

/* Two replicas of a VNF: "<id>" and "<id>~1". */
static bool
are_twins(const json_t *a, const json_t *b)
{
	const char *one = json_string_value(json_object_get(a, "vnf"));
	const char *other = json_string_value(json_object_get(b, "vnf"));
	const size_t len = one != NULL ? strcspn(one, "~") : 0;
	return one != NULL && other != NULL && strcmp(one, other) != 0 &&
	       strcspn(other, "~") == len && strncmp(one, other, len) == 0 &&
	       json_equal(json_object_get(a, "cp"), json_object_get(b, "cp"));
}
