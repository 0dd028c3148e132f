/* policy_form.c: see policy_form.h. */
#include "orchestrator/descriptor/policy_form.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "common/field.h"

#define SECOND	    1000000000ULL
#define HOUR	    (3600 * SECOND)
#define COUNT_MAX   1000000000000ULL
#define PERCENT_MAX 100

static const struct field_value metrics[] = {
	{"busy", POLICY_BUSY, "percent of its time that a replica spends with packets"},
	{"rate", POLICY_RATE, "packets a second of a replica"},
	{"ring", POLICY_RING, "percent of the places before the fullest replica"},
	{"sessions", POLICY_SESSIONS, "of a replica"},
	{0},
};

static const struct field scale_fields[] = {
	{.name = "metric",
		.type = FIELD_ENUM,
		.offset = offsetof(struct policy_scale, metric),
		.values = metrics,
		.required = true,
		.help = "what is measured"},
	{.name = "out",
		.type = FIELD_RATE,
		.offset = offsetof(struct policy_scale, out),
		.min = 1,
		.max = COUNT_MAX,
		.required = true,
		.help = "at this value or more there is to be a replica more"},
	{.name = "in",
		.type = FIELD_RATE,
		.offset = offsetof(struct policy_scale, in),
		.max = COUNT_MAX,
		.help = "at this value or less, one less; half of `out` if absent"},
	{.name = "for",
		.type = FIELD_DURATION,
		.offset = offsetof(struct policy_scale, for_ns),
		.dflt = "5s",
		.max = HOUR,
		.help = "how long without a break"},
	{.name = "cooldown",
		.type = FIELD_DURATION,
		.offset = offsetof(struct policy_scale, cooldown_ns),
		.dflt = "30s",
		.max = 24 * HOUR,
		.help = "after a scaling, whoever asked for it"},
	{.name = "min",
		.type = FIELD_UINT,
		.size = sizeof(uint32_t),
		.offset = offsetof(struct policy_scale, min),
		.dflt = "1",
		.min = 1,
		.max = MODEL_REPLICAS,
		.help = "replicas at least"},
	{.name = "max",
		.type = FIELD_UINT,
		.size = sizeof(uint32_t),
		.offset = offsetof(struct policy_scale, max),
		.dflt = "4",
		.min = 1,
		.max = MODEL_REPLICAS,
		.help = "replicas at most"},
	{0},
};

static const struct field_value ills[] = {
	{"failed", POLICY_FAILED, "it was given up: it died again and again"},
	{"degraded", POLICY_DEGRADED, "it does not answer, or waits to be started again"},
	{0},
};

struct heal_form {
	int *on;
	unsigned n_on;
	uint32_t attempts, back_off;
	uint64_t after_ns, within_ns;
};

static const struct field heal_fields[] = {
	{.name = "on",
		.type = FIELD_ENUM,
		.size = sizeof(int),
		.list = true,
		.offset = offsetof(struct heal_form, on),
		.count = offsetof(struct heal_form, n_on),
		.values = ills,
		.dflt = "[\"failed\"]",
		.max_len = 2,
		.help = "states that it is healed of"},
	{.name = "after",
		.type = FIELD_DURATION,
		.offset = offsetof(struct heal_form, after_ns),
		.dflt = "5s",
		.max = HOUR,
		.help = "how long without a break"},
	{.name = "attempts",
		.type = FIELD_UINT,
		.size = sizeof(uint32_t),
		.offset = offsetof(struct heal_form, attempts),
		.dflt = "3",
		.min = 1,
		.max = 100,
		.help = "before an alarm is raised"},
	{.name = "back-off",
		.type = FIELD_UINT,
		.size = sizeof(uint32_t),
		.offset = offsetof(struct heal_form, back_off),
		.dflt = "2",
		.min = 1,
		.max = 10,
		.help = "each further attempt waits so many times longer"},
	{.name = "within",
		.type = FIELD_DURATION,
		.offset = offsetof(struct heal_form, within_ns),
		.dflt = "10m",
		.min = SECOND,
		.max = 24 * HOUR,
		.help = "attempts longer ago do not count"},
	{0},
};

static void check_thresholds(const json_t *json, const char *path,
	struct policy_scale *scale, struct faults *faults);
static void check_vnf(struct model *model, size_t at, const struct catalog *catalog,
	struct faults *faults);
static void check_group(const struct model *model, size_t at,
	const struct catalog *catalog, struct faults *faults);
static const struct catalog_type *type_of(
	const struct model_vnf *vnf, const struct catalog *catalog);
static const json_t *flavour_of(const json_t *nsd, const char *flavour);
static bool same_group(const struct model_vnf *a, const struct model_vnf *b);

int
policy_form_scale(const json_t *json, const char *path, struct policy_scale *scale,
	struct faults *faults)
{
	const size_t before = faults_count(faults);
	if (!field_parse(scale_fields, json, path, scale, sizeof(*scale), faults))
		check_thresholds(json, path, scale, faults);
	return faults_since(faults, before);
}

int
policy_form_heal(const json_t *json, const char *path, struct policy_heal *heal,
	struct faults *faults)
{
	struct heal_form form;
	char place[MODEL_PATH];
	int rc = field_parse(heal_fields, json, path, &form, sizeof(form), faults);
	if (rc)
		return rc;
	*heal = (struct policy_heal){.after_ns = form.after_ns,
		.back_off = form.back_off,
		.attempts = form.attempts,
		.within_ns = form.within_ns};
	for (unsigned i = 0; i < form.n_on; i++)
		heal->on |= (unsigned)form.on[i];
	field_clear(heal_fields, &form);
	snprintf(place, sizeof(place), "%.180s.on", path);
	return heal->on ? 0
			: faults_add(faults, ERR_INVALID, place,
				  "write on: [failed], or leave it out",
				  "a VNF is healed of some state");
}

void
policy_form_take(const json_t *element, const char *prefix, struct model_vnf *vnf,
	struct faults *faults)
{
	struct policy_scale scale;
	struct policy_heal heal;
	char member[32], path[MODEL_PATH];
	snprintf(member, sizeof(member), "%sscale", prefix);
	snprintf(path, sizeof(path), "%.150s.%s", vnf->path, member);
	vnf->scale = json_incref(json_object_get(element, member));
	if (vnf->scale)
		policy_form_scale(vnf->scale, path, &scale, faults);
	snprintf(vnf->scale_path, MODEL_PATH, "%s", path);
	snprintf(member, sizeof(member), "%sheal", prefix);
	snprintf(path, sizeof(path), "%.150s.%s", vnf->path, member);
	vnf->heal = json_incref(json_object_get(element, member));
	if (vnf->heal)
		policy_form_heal(vnf->heal, path, &heal, faults);
}

void
policy_form_print(const struct model_vnf *vnf, json_t *profile)
{
	if (vnf->scale)
		json_object_set(profile, "renga:scale", vnf->scale);
	if (vnf->heal)
		json_object_set(profile, "renga:heal", vnf->heal);
}

void
policy_form_check(
	struct model *model, const struct catalog *catalog, struct faults *faults)
{
	for (size_t i = 0; i < model->n_vnfs; i++)
		if (model->vnfs[i].scale)
			check_vnf(model, i, catalog, faults);
}

unsigned
policy_form_replicas(const struct model *model, size_t vnf, unsigned now)
{
	const struct model_vnf *of = &model->vnfs[vnf];
	struct policy_scale scale;
	struct faults faults = {0};
	unsigned n = 0;
	for (size_t i = 0; !n && i < model->n_vnfs; i++) {
		const struct model_vnf *one = &model->vnfs[i];
		const bool says = one->scale && (i == vnf || same_group(of, one));
		if (!says || policy_form_scale(one->scale, "", &scale, &faults))
			continue;
		n = now ? now : one->replicas ? one->replicas : scale.min;
		n = n < scale.min ? scale.min : n > scale.max ? scale.max : n;
	}
	faults_clear(&faults);
	return n;
}

void
policy_form_list(
	const json_t *nsd, const char *flavour, struct policy_vnf **out, size_t *n)
{
	const json_t *profiles = json_object_get(flavour_of(nsd, flavour), "vnf-profile");
	struct policy_vnf *list = calloc(json_array_size(profiles) + 1, sizeof(*list));
	struct faults faults = {0};
	size_t i;
	json_t *profile;
	*n = 0;
	json_array_foreach ((json_t *)profiles, i, profile) {
		const char *id = json_string_value(json_object_get(profile, "id"));
		const json_t *scale = json_object_get(profile, "renga:scale");
		const json_t *heal = json_object_get(profile, "renga:heal");
		struct policy_vnf *vnf = list ? &list[*n] : NULL;
		if (!id || !vnf)
			continue;
		snprintf(vnf->profile, sizeof(vnf->profile), "%s", id);
		vnf->scales =
			scale && !policy_form_scale(scale, "", &vnf->scale, &faults);
		vnf->heals = heal && !policy_form_heal(heal, "", &vnf->heal, &faults);
		*n += vnf->scales || vnf->heals;
	}
	faults_clear(&faults);
	if (*n == 0) {
		free(list);
		list = NULL;
	}
	*out = list;
}

const char *
policy_form_metric(int metric)
{
	return metrics[metric].name;
}

json_t *
policy_form_scale_json(const struct policy_scale *scale)
{
	json_t *json = field_print(scale_fields, scale);
	json_object_set_new(json, "out", json_integer((json_int_t)scale->out));
	json_object_set_new(json, "in", json_integer((json_int_t)scale->in));
	return json;
}

json_t *
policy_form_heal_json(const struct policy_heal *heal)
{
	int on[2];
	struct heal_form form = {.on = on,
		.after_ns = heal->after_ns,
		.back_off = heal->back_off,
		.attempts = heal->attempts,
		.within_ns = heal->within_ns};
	for (size_t i = 0; ills[i].name; i++)
		if (heal->on & (unsigned)ills[i].value)
			on[form.n_on++] = ills[i].value;
	return field_print(heal_fields, &form);
}

static void
check_thresholds(const json_t *json, const char *path, struct policy_scale *scale,
	struct faults *faults)
{
	const bool percent = scale->metric == POLICY_BUSY || scale->metric == POLICY_RING;
	char place[MODEL_PATH];
	if (!json_object_get(json, "in"))
		scale->in = scale->out / 2;
	snprintf(place, sizeof(place), "%.180s.out", path);
	if (percent && scale->out > PERCENT_MAX)
		faults_add(faults, ERR_INVALID, place, "80 is a good start",
			"%s is a percentage, %d at most", metrics[scale->metric].name,
			PERCENT_MAX);
	snprintf(place, sizeof(place), "%.180s.in", path);
	if (scale->in >= scale->out)
		faults_add(faults, ERR_INVALID, place, "half of it is a good start",
			"`in` is to be less than `out`, or a VNF would be scaled forth and back");
	snprintf(place, sizeof(place), "%.180s.max", path);
	if (scale->max < scale->min)
		faults_add(faults, ERR_INVALID, place, "give at least `min`",
			"a VNF of %u replicas at least cannot have %u at most",
			scale->min, scale->max);
}

static void
check_vnf(struct model *model, size_t at, const struct catalog *catalog,
	struct faults *faults)
{
	struct model_vnf *vnf = &model->vnfs[at];
	const struct catalog_type *type = type_of(vnf, catalog);
	struct policy_scale scale;
	struct faults known = {0};
	char path[MODEL_PATH];
	const int rc = policy_form_scale(vnf->scale, vnf->scale_path, &scale, &known);
	faults_clear(&known);
	if (type && !catalog_scales(type))
		faults_add(faults, ERR_UNSUPPORTED, vnf->scale_path,
			"`renga explain TYPE` says which types can",
			"a VNF of '%s' cannot have replicas: it runs as one process",
			type->name);
	if (rc || !type || !catalog_scales(type))
		return; /* told already */
	snprintf(path, sizeof(path), "%.180s.replicas", vnf->path);
	if (vnf->replicas && (vnf->replicas < scale.min || vnf->replicas > scale.max))
		faults_add(faults, ERR_INVALID, path, "leave it out to begin with `min`",
			"its policy has %u to %u replicas, not %u", scale.min, scale.max,
			vnf->replicas);
	if (!vnf->replicas)
		vnf->replicas = scale.min;
	check_group(model, at, catalog, faults);
}

/* A group is scaled as a whole: all of it has to be able to, and two policies would pull
 * at it. */
static void
check_group(const struct model *model, size_t at, const struct catalog *catalog,
	struct faults *faults)
{
	const struct model_vnf *vnf = &model->vnfs[at];
	for (size_t i = 0; i < model->n_vnfs; i++) {
		const struct model_vnf *other = &model->vnfs[i];
		const struct catalog_type *type = type_of(other, catalog);
		if (i == at || !same_group(other, vnf))
			continue;
		if (other->scale && i < at)
			faults_add(faults, ERR_INVALID, vnf->scale_path,
				"write one of the two",
				"'%s' is scaled together with '%s', which has a policy already",
				vnf->name, other->name);
		else if (!other->scale && type && !catalog_scales(type))
			faults_add(faults, ERR_UNSUPPORTED, vnf->scale_path,
				"write isolation: process for one of the two",
				"'%s' shares its process with '%s', of which there cannot be replicas",
				vnf->name, other->name);
	}
}

static const struct catalog_type *
type_of(const struct model_vnf *vnf, const struct catalog *catalog)
{
	if (vnf->type)
		return catalog_find(catalog, vnf->type);
	return vnf->vnfd ? catalog_find_vnfd(catalog, vnf->vnfd) : NULL;
}

static const json_t *
flavour_of(const json_t *nsd, const char *flavour)
{
	size_t i;
	json_t *df;
	json_array_foreach (json_object_get(nsd, "df"), i, df) {
		const char *id = json_string_value(json_object_get(df, "id"));
		if (!flavour || (id && strcmp(id, flavour) == 0))
			return df;
	}
	return NULL;
}

static bool
same_group(const struct model_vnf *a, const struct model_vnf *b)
{
	return a->group && b->group && strcmp(a->group, b->group) == 0;
}
