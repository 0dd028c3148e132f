/* vnf.c: what a plug-in calls (buffers go through vnf->io: the runtime, or a test), and
 * what the platform asks of a type: its manifest, and a verdict on a configuration.
 */
#include "dataplane/sdk/vnf.h"
#include <stdlib.h>

const struct vnf_reason_info vnf_shared_reasons[VNF_REASON_OWN] = {
	[VNF_REASON_OVERFLOW] = {"overflow",
		"shed at the chain's entry because it is full"},
	[VNF_REASON_PATIENCE] = {"patience", "an output stayed full too long"},
	[VNF_REASON_MALFORMED] = {"malformed", "headers that do not hold together"},
	[VNF_REASON_NO_BUFFER] = {"no-buffer",
		"a packet had to be made and no buffer was free"},
	[VNF_REASON_NO_LINK] = {"no-link",
		"out of a connection point that nothing is wired to"},
	[VNF_REASON_NO_PATH] = {"no-path",
		"where paths part, and no rule says which one it takes"},
};

/* ---- buffers ----------------------------------------------------------------------- */

struct rte_mbuf *
vnf_originate(struct vnf *vnf)
{
	return vnf->io->originate(vnf);
}

void
vnf_follow(struct vnf *vnf, struct rte_mbuf *made, const struct rte_mbuf *pkt)
{
	if (vnf->io->follow != NULL)
		vnf->io->follow(vnf, made, pkt);
}

void
vnf_send(struct vnf *vnf, struct rte_mbuf *pkt, unsigned cp)
{
	vnf->io->send(vnf, pkt, cp);
}

void
vnf_discard(struct vnf *vnf, struct rte_mbuf *pkt, unsigned reason)
{
	vnf->io->discard(vnf, pkt, reason);
}

bool
vnf_hold(struct vnf *vnf, struct rte_mbuf *pkt)
{
	return vnf->io->hold(vnf, pkt);
}

void
vnf_count_drop(struct vnf *vnf, unsigned reason)
{
	vnf->io->count_drop(vnf, reason);
}

/* ---- statistics -------------------------------------------------------------------- */

json_t *
vnf_stats(struct vnf *vnf)
{
	json_t *stats = vnf->type->stats != NULL ? vnf->type->stats(vnf) : json_object();
	json_t *malformed = json_object();

	for (unsigned i = 0; i < PKT_FAULTS; i++) {
		const uint64_t n = __atomic_load_n(&vnf->malformed[i], __ATOMIC_RELAXED);

		if (n > 0)
			json_object_set_new(malformed, pkt_fault_name((enum pkt_fault)i),
				json_integer((json_int_t)n));
	}
	if (json_object_size(malformed) > 0)
		json_object_set(stats, "malformed", malformed);
	json_decref(malformed);
	return stats;
}

/* ---- manifest ---------------------------------------------------------------------- */

static json_t *names_to_json(const char *const *names);
static json_t *reasons_to_json(const struct vnf_type *type);
static json_t *reason_to_json(const struct vnf_reason_info *reason);

static const char *const scalings[] = {[VNF_SCALE_NOT] = NULL,
	[VNF_SCALE_BY_FLOW] = "by-flow",
	[VNF_SCALE_BY_PORT] = "by-port"};

json_t *
vnf_manifest(const struct vnf_type *type)
{
	return json_pack("{s:s, s:s, s:i, s:o, s:o, s:i, s:s?, s:o*, s:o, s:s}", "type",
		type->name, "summary", type->summary, "api", (int)type->api,
		"connectionPoints", names_to_json(type->cps), "dropReasons",
		reasons_to_json(type), "stateVersion", (int)type->state_version,
		"scaling", scalings[type->scaling], "spread",
		type->scaling == VNF_SCALE_BY_PORT ? json_pack("[ss]", "source", "port")
						   : NULL,
		"config", field_describe(type->fields), "version", RENGA_VERSION);
}

static json_t *
names_to_json(const char *const *names)
{
	json_t *list = json_array();

	for (; *names != NULL; names++)
		json_array_append_new(list, json_string(*names));
	return list;
}

static json_t *
reasons_to_json(const struct vnf_type *type)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < vnf_n_reasons(type); i++)
		json_array_append_new(list, reason_to_json(vnf_reason(type, i)));
	return list;
}

static json_t *
reason_to_json(const struct vnf_reason_info *reason)
{
	return json_pack("{s:s, s:s}", "name", reason->name, "help",
		reason->help != NULL ? reason->help : "");
}

unsigned
vnf_n_cps(const struct vnf_type *type)
{
	unsigned n = 0;

	while (type->cps[n] != NULL)
		n++;
	return n;
}

unsigned
vnf_n_reasons(const struct vnf_type *type)
{
	unsigned n = VNF_REASON_OWN;

	if (type->reasons == NULL)
		return n;
	for (const struct vnf_reason_info *own = type->reasons; own->name != NULL; own++)
		n++;
	return n;
}

const struct vnf_reason_info *
vnf_reason(const struct vnf_type *type, unsigned reason)
{
	return reason < VNF_REASON_OWN ? &vnf_shared_reasons[reason]
				       : &type->reasons[reason - VNF_REASON_OWN];
}

/* ---- configuration ----------------------------------------------------------------- */

/* Whether the place `path` is `of`, or inside it. */
static bool
is_within(const char *path, const char *of, size_t len)
{
	return strncmp(path, of, len) == 0 &&
	       (path[len] == '\0' || path[len] == '.' || path[len] == '[');
}

/* Of the outermost list's element that the place is in; of the place, if it is in none.
 */
static size_t
element_len(const char *path)
{
	const char *end = strchr(path, ']');

	return end != NULL ? (size_t)(end + 1 - path) : strlen(path);
}

static bool
has_what_check_needs(
	const struct vnf_type *type, const struct faults *faults, size_t before)
{
	if (type->check_needs == NULL)
		return faults->n == before;
	for (const char *const *member = type->check_needs; *member != NULL; member++)
		for (size_t i = before; i < faults->n; i++)
			if (faults->list[i].path[0] == '\0' ||
				is_within(faults->list[i].path, *member, strlen(*member)))
				return false;
	return true;
}

/* Whether one of the table's faults, those from `first` to `end`, is in the same element.
 */
static bool
is_explained(
	const struct err *fault, const struct faults *faults, size_t first, size_t end)
{
	const size_t len = element_len(fault->path);

	for (size_t i = first; i < end; i++) {
		const char *path = faults->list[i].path;
		if (is_within(path, fault->path, len) ||
			is_within(fault->path, path, strlen(path)))
			return true;
	}
	return false;
}

static void
check(const struct vnf_type *type, const void *config, size_t before,
	struct faults *faults)
{
	const size_t end = faults->n;
	struct faults more = {0};

	if (type->check == NULL || !has_what_check_needs(type, faults, before))
		return;
	type->check(config, &more);
	for (size_t i = 0; i < more.n; i++)
		if (!is_explained(&more.list[i], faults, before, end))
			faults_add_err(faults, &more.list[i]);
	faults_clear(&more);
}

int
vnf_config_parse(const struct vnf_type *type, const json_t *json, void **config,
	struct faults *faults)
{
	const size_t before = faults->n;
	void *parsed = malloc(type->config_size > 0 ? type->config_size : 1);

	if (parsed == NULL)
		return faults_add(faults, ERR_NO_RESOURCE, NULL, NULL, "out of memory");
	field_read(type->fields, json, "", parsed, type->config_size, faults);
	check(type, parsed, before, faults);
	if (faults->n > before) {
		vnf_config_free(type, parsed);
		return err_errno(faults->list[before].code);
	}
	*config = parsed;
	return 0;
}

void
vnf_config_free(const struct vnf_type *type, void *config)
{
	if (config == NULL)
		return;
	field_clear(type->fields, config);
	free(config);
}
