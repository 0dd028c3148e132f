/* affinity_form.c: see affinity_form.h. */
#include "orchestrator/descriptor/affinity_form.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include "common/field.h"
#include "orchestrator/descriptor/affinity.h"

#define RULES	 "affinity"
#define GROUPS	 "affinity-or-anti-affinity-group"
#define REQUEST	 "additionalAffinityOrAntiAffinityRule"
#define VNFS_MAX 64

enum scope { SCOPE_CORE, SCOPE_NODE, SCOPE_ZONE, SCOPE_GROUP, SCOPE_POP };

static const struct field_value scopes[] = {
	{AFFINITY_CORE, SCOPE_CORE, "a core of a host"},
	{"host", SCOPE_NODE, "a host"},
	{0},
};

struct rule {
	char **vnfs;
	unsigned n_vnfs;
	int scope;
	bool anti;
};

static const struct field rule_fields[] = {
	{.name = "vnfs",
		.type = FIELD_STRING,
		.list = true,
		.offset = offsetof(struct rule, vnfs),
		.count = offsetof(struct rule, n_vnfs),
		.max_len = VNFS_MAX,
		.required = true,
		.help = "names of two or more"},
	{.name = "scope",
		.type = FIELD_ENUM,
		.offset = offsetof(struct rule, scope),
		.values = scopes,
		.dflt = AFFINITY_CORE,
		.help = "what they share, or do not"},
	{.name = "anti",
		.type = FIELD_BOOL,
		.offset = offsetof(struct rule, anti),
		.dflt = "false",
		.help = "they are apart"},
	{0},
};

/* As SOL005 and SOL006 write them, and ours; what they are in a rule. */
static const char *const names[][3] = {
	{"renga:core", "RENGA:CORE", AFFINITY_CORE},
	{"nfvi-node", "NFVI_NODE", "NFVI_NODE"},
	{"zone", "ZONE", "ZONE"},
	{"zone-group", "ZONE_GROUP", "ZONE_GROUP"},
	{"nfvi-pop", "NFVI_POP", "NFVI_POP"},
};

#define N_SCOPES (sizeof(names) / sizeof(names[0]))

static size_t scope_of(const json_t *rule);
static const char *read_scope(
	const json_t *object, const char *path, struct faults *faults);
static int read_kind(const json_t *object, const char *const *members, const char *path,
	struct faults *faults);
static void check_groups(const json_t *df, const char *df_path, struct faults *faults);
static bool has_group(const json_t *df, const char *id);
static const char *id_of(const json_t *item);
static json_t *members_of(const json_t *df, const char *group);
static bool is_in(const json_t *profile, const char *group);
static json_t *named_by(const struct model *model, const json_t *rule, const char *path,
	struct faults *faults);
static void name_by_type(const struct model *model, const json_t *rule, json_t *vnfs);
static const char *text(const json_t *object, const char *member);

void
affinity_from_chain(const json_t *list, struct model *model, struct faults *faults)
{
	char path[MODEL_PATH];
	size_t i;
	json_t *item;
	if (list && !json_is_array(list))
		faults_add(faults, ERR_INVALID, RULES,
			"write [{vnfs: [a, b], scope: core, anti: true}]",
			RULES " is a list of rules");
	if (!model_fits(list, RULES, faults))
		return;
	json_array_foreach ((json_t *)list, i, item) {
		struct rule rule;
		snprintf(path, sizeof(path), RULES "[%zu]", i);
		if (field_parse(rule_fields, item, path, &rule, sizeof(rule), faults))
			continue;
		json_t *vnfs = json_array();
		for (unsigned k = 0; k < rule.n_vnfs; k++)
			json_array_append_new(vnfs, json_string(rule.vnfs[k]));
		affinity_add(model, rule.anti, names[rule.scope][2], vnfs, path);
		field_clear(rule_fields, &rule);
	}
}

void
affinity_from_df(
	const json_t *df, const char *df_path, struct model *model, struct faults *faults)
{
	static const char *const members[] = {"type", "affinity-type", NULL};
	char path[MODEL_PATH];
	size_t i;
	json_t *group;
	snprintf(path, sizeof(path), "%.100s." GROUPS, df_path);
	if (!model_fits(json_object_get(df, GROUPS), path, faults))
		return;
	json_array_foreach (json_object_get(df, GROUPS), i, group) {
		snprintf(path, sizeof(path), "%.100s." GROUPS "[%zu]", df_path, i);
		const char *scope = read_scope(group, path, faults);
		const int anti = read_kind(group, members, path, faults);
		json_t *vnfs = members_of(df, text(group, "id"));
		if (scope && anti >= 0 && json_array_size(vnfs) > 1)
			affinity_add(model, anti, scope, json_incref(vnfs), path);
		json_decref(vnfs);
	}
	check_groups(df, df_path, faults);
}

/* Those that profiles name are there. */
static void
check_groups(const json_t *df, const char *df_path, struct faults *faults)
{
	char path[MODEL_PATH];
	size_t i, k;
	json_t *profile, *item;
	json_array_foreach (json_object_get(df, "vnf-profile"), i, profile)
		json_array_foreach (json_object_get(profile, GROUPS), k, item) {
			const char *id = id_of(item);
			if (has_group(df, id))
				continue;
			snprintf(path, sizeof(path),
				"%.80s.vnf-profile[%zu]." GROUPS "[%zu]", df_path, i, k);
			faults_add(faults, ERR_INVALID, path, "see its " GROUPS,
				"the flavour has no group '%s'", id);
		}
}

static bool
has_group(const json_t *df, const char *id)
{
	size_t i;
	json_t *group;
	json_array_foreach (json_object_get(df, GROUPS), i, group)
		if (strcmp(text(group, "id"), id) == 0)
			return true;
	return false;
}

/* Some write {"id": GROUP}, some just its id. */
static const char *
id_of(const json_t *item)
{
	return json_is_string(item) ? json_string_value(item) : text(item, "id");
}

void
affinity_from_request(const json_t *request, struct model *model, struct faults *faults)
{
	/* The first is how ETSI's own files write it. */
	static const char *const members[] = {
		"affinityOrAntiAffiinty", "affinityOrAntiAffinity", NULL};
	char path[MODEL_PATH];
	size_t i;
	json_t *rule;
	json_array_foreach (json_object_get(request, REQUEST), i, rule) {
		snprintf(path, sizeof(path), REQUEST "[%zu]", i);
		const char *scope = read_scope(rule, path, faults);
		const int anti = read_kind(rule, members, path, faults);
		json_t *vnfs = named_by(model, rule, path, faults);
		if (scope && anti >= 0) {
			affinity_add(model, anti, scope, json_incref(vnfs), path);
			affinity_ask(model, json_array_size(model->affinity) - 1);
		}
		json_decref(vnfs);
	}
}

json_t *
affinity_to_request(const json_t *kept)
{
	json_t *list = json_array(), *rule;
	size_t i;
	json_array_foreach ((json_t *)kept, i, rule) {
		const char *kind = json_is_true(json_object_get(rule, "anti"))
					   ? "ANTI_AFFINITY"
					   : "AFFINITY";
		json_array_append_new(list,
			json_pack("{s:O, s:s, s:s, s:s}", "vnfProfileId",
				json_object_get(rule, "vnfs"), "affinityOrAntiAffiinty",
				kind, "affinityOrAntiAffinity", kind, "scope",
				names[scope_of(rule)][1]));
	}
	if (json_array_size(list))
		return list;
	json_decref(list);
	return NULL;
}

void
affinity_print(const struct model *model, json_t *df)
{
	json_t *groups = json_array(), *rule, *profile;
	size_t i, k;
	char id[32];
	json_array_foreach (model->affinity, i, rule) {
		snprintf(id, sizeof(id), RULES "-%zu", i + 1);
		json_array_append_new(
			groups, json_pack("{s:s, s:s, s:s}", "id", id, "type",
					json_is_true(json_object_get(rule, "anti"))
						? "anti-affinity"
						: "affinity",
					"scope", names[scope_of(rule)][0]));
		json_array_foreach (json_object_get(df, "vnf-profile"), k, profile) {
			if (!affinity_holds(
				    json_object_get(rule, "vnfs"), text(profile, "id")))
				continue;
			if (!json_object_get(profile, GROUPS))
				json_object_set_new(profile, GROUPS, json_array());
			json_array_append_new(json_object_get(profile, GROUPS),
				json_pack("{s:s}", "id", id));
		}
	}
	if (json_array_size(groups))
		json_object_set(df, GROUPS, groups);
	json_decref(groups);
}

/* Index of that of a rule among the names. */
static size_t
scope_of(const json_t *rule)
{
	size_t i = 0;
	while (i < N_SCOPES - 1 && strcmp(names[i][2], text(rule, "scope")) != 0)
		i++;
	return i;
}

static const char *
read_scope(const json_t *object, const char *path, struct faults *faults)
{
	const char *said = text(object, "scope");
	char place[MODEL_PATH + 8];
	for (size_t i = 0; i < N_SCOPES; i++)
		for (size_t k = 0; k < 2; k++)
			if (strcmp(names[i][k], said) == 0)
				return names[i][2];
	snprintf(place, sizeof(place), "%s.scope", path);
	faults_add(faults, ERR_INVALID, place,
		"nfvi-node (NFVI_NODE), zone, zone-group, nfvi-pop, or renga:core",
		"this is no scope of affinity");
	return NULL;
}

/* Whether it is anti-affinity; -1: it is neither. */
static int
read_kind(const json_t *object, const char *const *members, const char *path,
	struct faults *faults)
{
	static const char *const kinds[][2] = {
		{"affinity", "AFFINITY"}, {"anti-affinity", "ANTI_AFFINITY"}};
	char place[MODEL_PATH + 40];
	const char *said = text(object, members[0]);
	if (!*said)
		said = text(object, members[1]);
	for (int i = 0; i < 4; i++)
		if (strcmp(kinds[i / 2][i % 2], said) == 0)
			return i / 2;
	snprintf(place, sizeof(place), "%s.%s", path, members[0]);
	faults_add(faults, ERR_INVALID, place, "affinity or anti-affinity",
		"it is not said whether they are together or apart");
	return -1;
}

/* Ids of the VNF profiles that are in a group. */
static json_t *
members_of(const json_t *df, const char *group)
{
	json_t *vnfs = json_array(), *profile;
	size_t i;
	json_array_foreach (json_object_get(df, "vnf-profile"), i, profile)
		if (is_in(profile, group))
			json_array_append_new(vnfs, json_string(text(profile, "id")));
	return vnfs;
}

static bool
is_in(const json_t *profile, const char *group)
{
	size_t i;
	json_t *item;
	json_array_foreach (json_object_get(profile, GROUPS), i, item) {
		const char *id =
			json_is_string(item) ? json_string_value(item) : text(item, "id");
		if (strcmp(id, group) == 0)
			return true;
	}
	return false;
}

/* A rule of a request names profiles, or all VNFs of some packages. */
static json_t *
named_by(const struct model *model, const json_t *rule, const char *path,
	struct faults *faults)
{
	json_t *vnfs = json_array();
	if (json_object_get(rule, "vnfInstanceId"))
		faults_add(faults, ERR_UNSUPPORTED, path, "name them by vnfProfileId",
			"the VNF instances of this service do not exist yet");
	json_array_extend(vnfs, json_object_get(rule, "vnfProfileId"));
	name_by_type(model, rule, vnfs);
	return vnfs;
}

static void
name_by_type(const struct model *model, const json_t *rule, json_t *vnfs)
{
	const json_t *vnfds = json_object_get(rule, "vnfdId");
	for (size_t i = 0; i < model->n_vnfs; i++) {
		const struct model_vnf *vnf = &model->vnfs[i];
		if (vnf->vnfd && affinity_holds(vnfds, vnf->vnfd) &&
			!affinity_holds(vnfs, vnf->name))
			json_array_append_new(vnfs, json_string(vnf->name));
	}
}

static const char *
text(const json_t *object, const char *member)
{
	const char *value = json_string_value(json_object_get(object, member));
	return value ? value : "";
}
