/* affinity.c: see affinity.h. */
#include "orchestrator/descriptor/affinity.h"

#include <string.h>

static void check_names(
	const struct model *model, const json_t *rule, struct faults *faults);
static void check_scope(const json_t *rule, struct faults *faults);
static void check_pairs(
	const struct model *model, const json_t *rule, struct faults *faults);
static void check_pair(const struct model *model, const json_t *rule, size_t a, size_t b,
	struct faults *faults);
static bool have_rule(const struct model *model, bool anti, size_t a, size_t b);
static bool share_group(const struct model *model, size_t a, size_t b);
static json_t *names_with(const struct model *model, bool anti, size_t vnf);
static bool is_core(const json_t *rule);
static bool is_anti(const json_t *rule);
static const char *path_of(const json_t *rule);
static const char *text(const json_t *object, const char *member);

void
affinity_add(
	struct model *model, bool anti, const char *scope, json_t *vnfs, const char *path)
{
	if (!model->affinity)
		model->affinity = json_array();
	json_array_append_new(
		model->affinity, json_pack("{s:b, s:s, s:o, s:s}", "anti", (int)anti,
					 "scope", scope, "vnfs", vnfs, "path", path));
}

void
affinity_ask(struct model *model, size_t rule)
{
	json_object_set_new(json_array_get(model->affinity, rule), "asked", json_true());
}

json_t *
affinity_asked(const struct model *model)
{
	json_t *asked = json_array(), *rule;
	size_t i;
	json_array_foreach (model->affinity, i, rule)
		if (json_is_true(json_object_get(rule, "asked")))
			json_array_append(asked, rule);
	if (json_array_size(asked))
		return asked;
	json_decref(asked);
	return NULL;
}

void
affinity_keep(json_t *service, const json_t *asked)
{
	if (!asked)
		return;
	if (!json_object_get(service, "tag"))
		json_object_set_new(service, "tag", json_object());
	json_object_set(json_object_get(service, "tag"), "affinity", (json_t *)asked);
}

const json_t *
affinity_kept(const json_t *service)
{
	return json_object_get(json_object_get(service, "tag"), "affinity");
}

void
affinity_restore(struct model *model, const json_t *asked)
{
	size_t i, k;
	json_t *rule, *name;
	json_array_foreach ((json_t *)asked, i, rule) {
		json_t *vnfs = json_array();
		json_array_foreach (json_object_get(rule, "vnfs"), k, name)
			if (model_find_vnf(model, json_string_value(name)) >= 0)
				json_array_append(vnfs, name);
		if (json_array_size(vnfs) > 1) {
			affinity_add(model, is_anti(rule), text(rule, "scope"),
				json_incref(vnfs), path_of(rule));
			affinity_ask(model, json_array_size(model->affinity) - 1);
		}
		json_decref(vnfs);
	}
}

void
affinity_check(const struct model *model, struct faults *faults)
{
	size_t i;
	json_t *rule;
	json_array_foreach (model->affinity, i, rule) {
		const size_t before = faults_count(faults);
		check_names(model, rule, faults);
		if (!faults_since(faults, before))
			check_scope(rule, faults);
		if (!faults_since(faults, before) && is_core(rule))
			check_pairs(model, rule, faults);
	}
}

bool
affinity_together(const struct model *model, size_t a, size_t b)
{
	return have_rule(model, false, a, b);
}

bool
affinity_apart(const struct model *model, size_t a, size_t b)
{
	return model->vnfs[a].dedicated || model->vnfs[b].dedicated ||
	       have_rule(model, true, a, b);
}

bool
affinity_rules(const struct model *model, size_t vnf)
{
	size_t i;
	json_t *rule;
	json_array_foreach (model->affinity, i, rule)
		if (is_core(rule) && affinity_holds(json_object_get(rule, "vnfs"),
					     model->vnfs[vnf].name))
			return true;
	return model->vnfs[vnf].dedicated;
}

json_t *
affinity_tag(const struct model *model, size_t vnf)
{
	if (!affinity_rules(model, vnf))
		return NULL;
	json_t *tag = json_object(), *apart = names_with(model, true, vnf),
	       *with = names_with(model, false, vnf);
	if (model->vnfs[vnf].dedicated)
		json_object_set_new(tag, "dedicated", json_true());
	if (json_array_size(apart))
		json_object_set(tag, "apart", apart);
	if (json_array_size(with))
		json_object_set(tag, "with", with);
	json_decref(apart);
	json_decref(with);
	return tag;
}

bool
affinity_holds(const json_t *list, const char *name)
{
	size_t i;
	json_t *item;
	json_array_foreach ((json_t *)list, i, item)
		if (json_is_string(item) && strcmp(json_string_value(item), name) == 0)
			return true;
	return false;
}

static void
check_names(const struct model *model, const json_t *rule, struct faults *faults)
{
	const json_t *vnfs = json_object_get(rule, "vnfs");
	size_t i;
	json_t *name;
	if (json_array_size(vnfs) < 2)
		faults_add(faults, ERR_INVALID, path_of(rule), "name two or more",
			"a rule of affinity is about several VNFs");
	json_array_foreach ((json_t *)vnfs, i, name) {
		const char *said = json_string_value(name);
		if (!said || model_find_vnf(model, said) < 0)
			faults_add(faults, ERR_INVALID, path_of(rule),
				"name VNFs as the service has them",
				"the service has no VNF '%s'", said ? said : "");
	}
}

static void
check_scope(const json_t *rule, struct faults *faults)
{
	if (is_core(rule) || !is_anti(rule))
		return;
	faults_add(faults, ERR_NO_RESOURCE, path_of(rule), "scope core (renga:core)",
		"VNFs cannot be apart by %s: %zu needed, there is 1", text(rule, "scope"),
		json_array_size(json_object_get(rule, "vnfs")));
}

static void
check_pairs(const struct model *model, const json_t *rule, struct faults *faults)
{
	const json_t *vnfs = json_object_get(rule, "vnfs");
	const size_t n = json_array_size(vnfs);
	for (size_t i = 0; i < n; i++)
		for (size_t k = i + 1; k < n; k++)
			check_pair(model, rule,
				(size_t)model_find_vnf(model,
					json_string_value(json_array_get(vnfs, i))),
				(size_t)model_find_vnf(model,
					json_string_value(json_array_get(vnfs, k))),
				faults);
}

static void
check_pair(const struct model *model, const json_t *rule, size_t a, size_t b,
	struct faults *faults)
{
	const struct model_vnf *one = &model->vnfs[a], *other = &model->vnfs[b];
	if (a == b)
		faults_add(faults, ERR_INVALID, path_of(rule), "name each once",
			"'%s' is named twice", one->name);
	else if (is_anti(rule) && share_group(model, a, b))
		faults_add(faults, ERR_INVALID, path_of(rule),
			"give one of them `isolation: process`",
			"'%s' and '%s' share a process and so a core, and cannot be apart",
			one->name, other->name);
	else if (is_anti(rule) && affinity_together(model, a, b))
		faults_add(faults, ERR_INVALID, path_of(rule), "leave one of them out",
			"another rule has '%s' and '%s' together", one->name,
			other->name);
	else if (!is_anti(rule) && one->core >= 0 && other->core >= 0 &&
		 one->core != other->core)
		faults_add(faults, ERR_INVALID, path_of(rule), "name one core",
			"'%s' and '%s' are to be together, and ask for cores %d and %d",
			one->name, other->name, one->core, other->core);
	else if (!is_anti(rule) && (one->dedicated || other->dedicated) &&
		 !share_group(model, a, b))
		faults_add(faults, ERR_INVALID, path_of(rule),
			"leave out `core: dedicated` (flavour default), or have them in "
			"one group",
			"'%s' has a core that it does not share with '%s'",
			one->dedicated ? one->name : other->name,
			one->dedicated ? other->name : one->name);
}

static bool
have_rule(const struct model *model, bool anti, size_t a, size_t b)
{
	size_t i;
	json_t *rule;
	json_array_foreach (model->affinity, i, rule) {
		const json_t *vnfs = json_object_get(rule, "vnfs");
		if (is_core(rule) && is_anti(rule) == anti &&
			affinity_holds(vnfs, model->vnfs[a].name) &&
			affinity_holds(vnfs, model->vnfs[b].name))
			return true;
	}
	return false;
}

static bool
share_group(const struct model *model, size_t a, size_t b)
{
	const char *one = model->vnfs[a].group, *other = model->vnfs[b].group;
	return one && other && strcmp(one, other) == 0;
}

/* Names of those that a rule has with a VNF, or apart from it. */
static json_t *
names_with(const struct model *model, bool anti, size_t vnf)
{
	json_t *list = json_array();
	for (size_t i = 0; i < model->n_vnfs; i++)
		if (i != vnf && have_rule(model, anti, vnf, i))
			json_array_append_new(list, json_string(model->vnfs[i].name));
	return list;
}

static bool
is_core(const json_t *rule)
{
	return strcmp(text(rule, "scope"), AFFINITY_CORE) == 0;
}

static bool
is_anti(const json_t *rule)
{
	return json_is_true(json_object_get(rule, "anti"));
}

static const char *
path_of(const json_t *rule)
{
	return text(rule, "path");
}

static const char *
text(const json_t *object, const char *member)
{
	const char *value = json_string_value(json_object_get(object, member));
	return value ? value : "";
}
