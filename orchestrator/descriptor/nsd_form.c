/* nsd_form.c: the ETSI form of a descriptor, to a model; nsd_form_print.c has the way
 * back. */
#include "orchestrator/descriptor/nsd_form.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "common/field.h"
#include "common/limits.h"
#include "orchestrator/descriptor/affinity_form.h"
#include "orchestrator/descriptor/check_paths.h"
#include "orchestrator/descriptor/flavour.h"
#include "orchestrator/descriptor/nsd_vnffg.h"
#include "orchestrator/descriptor/policy_form.h"

/* A virtual link while its ends are gathered from SAPs and VNF profiles. */
struct gathered {
	const char *id;
	char path[MODEL_PATH];
	struct model_end ends[2]; /* element and cp borrowed from the document */
	unsigned n;
};

struct gathering {
	const json_t *nsd, *df;
	char df_path[MODEL_PATH];
	struct gathered *links;
	size_t n_links;
	json_t *nets; /* {"fw.left": id of its virtual link}, if there are forwarding
			 graphs, whose links are the service's; else null */
	struct model *model;
	struct faults *faults;
};

static const char *const nsd_members[] = {
	"renga:buffers", "renga:cpu-share", "renga:limits", "renga:isolation", NULL};
static const char *const sapd_members[] = {"renga:port", NULL};
static const char *const profile_members[] = {"renga:config", "renga:cores",
	"renga:state-size", "renga:replicas", "renga:group", "renga:cpu-share",
	"renga:isolation", "renga:core", "renga:scale", "renga:heal", NULL};
const char *const nsd_form_isolations[] = {"process", "group", "auto"};

static const char *text(const json_t *object, const char *member);
static void check_members(const json_t *object, const char *const *known,
	const char *path, struct faults *faults);
static int find_flavour(struct gathering *g, const char *flavour);
static bool fits(struct gathering *g);
static void gather_links(struct gathering *g);
static void gather_saps(struct gathering *g);
static void gather_profiles(struct gathering *g);
static struct model_vnf *read_profile(
	struct gathering *g, const json_t *profile, const char *path);
static uint64_t read_size(const json_t *object, const char *member, uint64_t min,
	uint64_t max, const char *path, struct faults *faults);
static uint32_t read_share(const json_t *object, const char *path, struct faults *faults);
static enum model_isolation read_isolation(const json_t *object, const char *path,
	enum model_isolation last, struct faults *faults);
static void read_group(const json_t *group, struct model_vnf *vnf, struct faults *faults);
static void read_replicas(
	const json_t *replicas, struct model_vnf *vnf, struct faults *faults);
static void read_flavour(
	const json_t *profile, struct model_vnf *vnf, struct faults *faults);
static void read_cores(const json_t *cores, struct model_vnf *vnf, struct faults *faults);
static void gather_connectivity(
	struct gathering *g, const json_t *profile, const char *path);
static struct gathered *link_of_profile(
	struct gathering *g, const char *profile_id, const char *path);
static struct gathered *find_link(struct gathering *g, const char *id, const char *path);
static void add_end(struct gathering *g, struct gathered *link, const char *element,
	const char *cp, const char *path);
static void make_links(struct gathering *g);

json_t *
nsd_form_find(const json_t *doc)
{
	const json_t *nfv = json_object_get(doc, "nfv");
	json_t *nsd = json_object_get(nfv ? nfv : doc, "nsd");
	if (json_is_array(nsd))
		nsd = json_array_get(nsd, 0);
	return json_is_object(nsd) ? nsd : NULL;
}

void
nsd_form_identity(const json_t *nsd, struct nsd_identity *identity, struct faults *faults)
{
	*identity = (struct nsd_identity){
		.id = text(nsd, "id"),
		.name = text(nsd, "name"),
		.version = text(nsd, "version"),
		.designer = text(nsd, "designer"),
		.invariant_id = text(nsd, "invariant-id"),
	};
	if (!identity->id || !*identity->id)
		faults_add(faults, ERR_INVALID, "nsd[0].id", "write id: NAME-VERSION",
			"the descriptor has no id");
}

void
nsd_form_parse(const json_t *nsd, const char *flavour, struct model *model,
	struct faults *faults)
{
	struct gathering g = {.nsd = nsd, .model = model, .faults = faults};
	struct limits limits;
	check_members(nsd, nsd_members, "nsd[0]", faults);
	model->buffers =
		read_size(nsd, "renga:buffers", 1024, MODEL_BUFFERS, "nsd[0]", faults);
	model->share = read_share(nsd, "nsd[0]", faults);
	model->limits = json_incref(json_object_get(nsd, "renga:limits"));
	limits_parse(model->limits, "nsd[0].renga:limits", &limits, faults);
	if (find_flavour(&g, flavour) || !fits(&g))
		return;
	if (json_array_size(json_object_get(nsd, "vnffgd")) > 0)
		g.nets = json_object();
	gather_links(&g);
	gather_saps(&g);
	gather_profiles(&g);
	affinity_from_df(g.df, g.df_path, model, faults);
	make_links(&g);
	nsd_vnffg_parse(json_object_get(nsd, "vnffgd"), NULL, model, faults);
	if (!faults->n)
		nsd_vnffg_check_nets(model, g.nets, faults);
	check_rest_last(model);
	json_decref(g.nets);
	model->isolation = read_isolation(nsd, "nsd[0]", MODEL_AUTO_GROUPS, faults);
	model_group(model);
	free(g.links);
}

static int
find_flavour(struct gathering *g, const char *flavour)
{
	size_t i;
	json_t *df;
	json_array_foreach (json_object_get(g->nsd, "df"), i, df) {
		const char *id = text(df, "id");
		if (flavour && (!id || strcmp(id, flavour) != 0))
			continue;
		g->df = df;
		snprintf(g->df_path, sizeof(g->df_path), "nsd[0].df[%zu]", i);
		return 0;
	}
	if (flavour)
		return faults_add(g->faults, ERR_INVALID, "nsFlavourId", NULL,
			"the descriptor has no flavour '%s'", flavour);
	return faults_add(g->faults, ERR_INVALID, "nsd[0].df",
		"write df: [{id: default, ...}]",
		"the descriptor has no deployment flavour");
}

static bool
fits(struct gathering *g)
{
	static const char *const of_nsd[] = {"virtual-link-desc", "sapd", "vnffgd"};
	static const char *const of_df[] = {"vnf-profile", "virtual-link-profile"};
	char path[MODEL_PATH];
	bool fit = true;
	for (size_t i = 0; i < 3; i++) {
		snprintf(path, sizeof(path), "nsd[0].%s", of_nsd[i]);
		fit &= model_fits(json_object_get(g->nsd, of_nsd[i]), path, g->faults);
	}
	for (size_t i = 0; i < 2; i++) {
		snprintf(path, sizeof(path), "%.100s.%s", g->df_path, of_df[i]);
		fit &= model_fits(json_object_get(g->df, of_df[i]), path, g->faults);
	}
	return fit;
}

static void
gather_links(struct gathering *g)
{
	const json_t *list = json_object_get(g->nsd, "virtual-link-desc");
	size_t i;
	json_t *vl;
	g->links = calloc(json_array_size(list) + 1, sizeof(*g->links));
	json_array_foreach ((json_t *)list, i, vl) {
		struct gathered *link = &g->links[g->n_links];
		snprintf(link->path, sizeof(link->path), "nsd[0].virtual-link-desc[%zu]",
			i);
		link->id = text(vl, "id");
		if (link->id)
			g->n_links++;
		else
			faults_add(g->faults, ERR_INVALID, link->path, "write {id: NAME}",
				"a virtual link has no id");
	}
}

static void
gather_saps(struct gathering *g)
{
	char path[MODEL_PATH];
	size_t i;
	json_t *sapd;
	json_array_foreach (json_object_get(g->nsd, "sapd"), i, sapd) {
		const char *id = text(sapd, "id"), *vl = text(sapd, "virtual-link-desc");
		snprintf(path, sizeof(path), "nsd[0].sapd[%zu]", i);
		check_members(sapd, sapd_members, path, g->faults);
		if (!id || !vl) {
			faults_add(g->faults, ERR_INVALID, path,
				"write {id: NAME, virtual-link-desc: LINK}",
				"a SAP needs an id and a virtual link");
			continue;
		}
		struct model_sap *sap = model_add_sap(g->model);
		if (!sap)
			return;
		sap->name = strdup(id);
		sap->port = json_incref(json_object_get(sapd, "renga:port"));
		memcpy(sap->path, path, sizeof(path));
		struct gathered *link = find_link(g, vl, path);
		if (link)
			add_end(g, link, id, NULL, path);
	}
}

static void
gather_profiles(struct gathering *g)
{
	char path[MODEL_PATH];
	size_t i;
	json_t *profile;
	json_array_foreach (json_object_get(g->df, "vnf-profile"), i, profile) {
		snprintf(path, sizeof(path), "%.100s.vnf-profile[%zu]", g->df_path, i);
		check_members(profile, profile_members, path, g->faults);
		if (read_profile(g, profile, path))
			gather_connectivity(g, profile, path);
	}
}

static struct model_vnf *
read_profile(struct gathering *g, const json_t *profile, const char *path)
{
	const char *id = text(profile, "id"), *vnfd = text(profile, "vnfd-id");
	struct model_vnf *vnf = id && vnfd ? model_add_vnf(g->model) : NULL;
	if (!vnf) {
		faults_add(g->faults, ERR_INVALID, path,
			"write {id: NAME, vnfd-id: PACKAGE}",
			"a VNF profile needs an id and a vnfd-id");
		return NULL;
	}
	vnf->name = strdup(id);
	vnf->vnfd = strdup(vnfd);
	vnf->config = json_incref(json_object_get(profile, "renga:config"));
	snprintf(vnf->path, MODEL_PATH, "%s", path);
	snprintf(vnf->type_path, MODEL_PATH, "%.160s.vnfd-id", path);
	snprintf(vnf->config_path, MODEL_PATH, "%.160s.renga:config", path);
	snprintf(vnf->core_path, MODEL_PATH, "%.160s.renga:cores", path);
	read_cores(json_object_get(profile, "renga:cores"), vnf, g->faults);
	vnf->state_size =
		read_size(profile, "renga:state-size", 0, MODEL_STATE, path, g->faults);
	vnf->share = read_share(profile, path, g->faults);
	read_group(json_object_get(profile, "renga:group"), vnf, g->faults);
	vnf->alone = json_object_get(profile, "renga:isolation") != NULL;
	read_flavour(profile, vnf, g->faults);
	read_isolation(profile, path, MODEL_PROCESS, g->faults);
	read_replicas(json_object_get(profile, "renga:replicas"), vnf, g->faults);
	policy_form_take(profile, "renga:", vnf, g->faults);
	return vnf;
}

/* 0: not told. */
static uint64_t
read_size(const json_t *object, const char *member, uint64_t min, uint64_t max,
	const char *path, struct faults *faults)
{
	const json_t *size = json_object_get(object, member);
	const json_int_t value = json_integer_value(size);
	char place[MODEL_PATH];
	if (!size || (json_is_integer(size) && value >= 0 && (uint64_t)value >= min &&
			     (uint64_t)value <= max))
		return (uint64_t)value;
	snprintf(place, sizeof(place), "%.130s.%.40s", path, member);
	faults_add(faults, ERR_INVALID, place, "without a unit",
		"it is a number from %" PRIu64 " to %" PRIu64, min, max);
	return 0;
}

static uint32_t
read_share(const json_t *object, const char *path, struct faults *faults)
{
	const json_t *share = json_object_get(object, "renga:cpu-share");
	const json_int_t value = json_integer_value(share);
	char place[MODEL_PATH];
	if (!share || (value > 0 && value <= MODEL_SHARE_MAX))
		return (uint32_t)value;
	snprintf(place, sizeof(place), "%.160s.renga:cpu-share", path);
	faults_add(faults, ERR_INVALID, place, "the usual one is 100",
		"a share is a weight from 1 to %d", MODEL_SHARE_MAX);
	return 0;
}

/* Of a service, or of a VNF, which may only have a process of its own; last: the last
 * that may be said. */
static enum model_isolation
read_isolation(const json_t *object, const char *path, enum model_isolation last,
	struct faults *faults)
{
	const json_t *isolation = json_object_get(object, "renga:isolation");
	const char *said = json_string_value(isolation);
	char place[MODEL_PATH];
	for (int i = 0; said && i <= (int)last; i++)
		if (strcmp(said, nsd_form_isolations[i]) == 0)
			return (enum model_isolation)i;
	if (!isolation)
		return MODEL_PROCESS;
	snprintf(place, sizeof(place), "%.160s.renga:isolation", path);
	faults_add(faults, ERR_INVALID, place, "leave it out, or write process",
		last == MODEL_PROCESS
			? "a VNF is either isolated by process, or as its service is"
			: "isolation is by process, group or auto");
	return MODEL_PROCESS;
}

static void
read_group(const json_t *group, struct model_vnf *vnf, struct faults *faults)
{
	char path[MODEL_PATH];
	const char *name = json_string_value(group);
	if (!group)
		return;
	snprintf(path, sizeof(path), "%.160s.renga:group", vnf->path);
	if (!name || !model_name_ok(name, MODEL_NAME_MAX))
		faults_add(faults, ERR_INVALID, path, "write all",
			"a group has a name of small letters and digits");
	else
		vnf->group = strdup(name);
}

static void
read_replicas(const json_t *replicas, struct model_vnf *vnf, struct faults *faults)
{
	char path[MODEL_PATH];
	const json_int_t n = json_integer_value(replicas);
	if (!replicas)
		return;
	snprintf(path, sizeof(path), "%.160s.renga:replicas", vnf->path);
	if (!json_is_integer(replicas) || n < 1 || n > MODEL_REPLICAS)
		faults_add(faults, ERR_INVALID, path, "write 2",
			"a VNF has 1 to %d replicas", MODEL_REPLICAS);
	else
		vnf->replicas = (unsigned)n;
}

/* renga:core says the same in other words. */
static void
read_flavour(const json_t *profile, struct model_vnf *vnf, struct faults *faults)
{
	const json_t *flavour = json_object_get(profile, "flavour-id"),
		     *core = json_object_get(profile, "renga:core");
	const char *said = json_string_value(core);
	const bool dedicated = said && strcmp(said, "dedicated") == 0;
	char path[MODEL_PATH];
	snprintf(path, sizeof(path), "%.160s.flavour-id", vnf->path);
	vnf->dedicated = flavour ? flavour_read(flavour, path, faults) : dedicated;
	snprintf(path, sizeof(path), "%.160s.renga:core", vnf->path);
	if (core && !dedicated && (!said || strcmp(said, "shared") != 0))
		faults_add(faults, ERR_INVALID, path, "renga:cores names which",
			"a core is shared or dedicated");
	else if (core && flavour && vnf->dedicated != dedicated)
		faults_add(faults, ERR_INVALID, path, "leave it out",
			"flavour-id says otherwise");
}

static void
read_cores(const json_t *cores, struct model_vnf *vnf, struct faults *faults)
{
	if (!cores)
		return;
	const json_t *core = json_is_array(cores) ? json_array_get(cores, 0) : cores;
	if (json_array_size(cores) > 1)
		faults_add(faults, ERR_UNSUPPORTED, vnf->core_path, "name one core",
			"a VNF without replicas runs on one core");
	else if (!json_is_integer(core) || json_integer_value(core) < 0 ||
		 json_integer_value(core) > MODEL_CORE_MAX)
		faults_add(faults, ERR_INVALID, vnf->core_path, "write [1]",
			"a core is the number of a CPU");
	else
		vnf->core = (int)json_integer_value(core);
}

static void
gather_connectivity(struct gathering *g, const json_t *profile, const char *path)
{
	char place[MODEL_PATH];
	size_t i, k;
	json_t *connectivity, *constituent;
	const char *id = text(profile, "id");
	json_array_foreach (
		json_object_get(profile, "virtual-link-connectivity"), i, connectivity) {
		const char *vlp = text(connectivity, "virtual-link-profile-id");
		snprintf(place, sizeof(place), "%.120s.virtual-link-connectivity[%zu]",
			path, i);
		struct gathered *link = link_of_profile(g, vlp ? vlp : "", place);
		json_array_foreach (json_object_get(connectivity, "constituent-cpd-id"),
			k, constituent) {
			const char *cp = text(constituent, "constituent-cpd-id");
			snprintf(place, sizeof(place),
				"%.100s.virtual-link-connectivity[%zu].constituent-cpd-"
				"id[%zu]",
				path, i, k);
			if (!cp)
				faults_add(g->faults, ERR_INVALID, place,
					"write {constituent-base-element-id: VNF, "
					"constituent-cpd-id: CP}",
					"a constituent names no connection point");
			else if (link)
				add_end(g, link, id, cp, place);
		}
	}
}

static struct gathered *
link_of_profile(struct gathering *g, const char *profile_id, const char *path)
{
	size_t i;
	json_t *profile;
	json_array_foreach (json_object_get(g->df, "virtual-link-profile"), i, profile) {
		const char *id = text(profile, "id"),
			   *vl = text(profile, "virtual-link-desc-id");
		if (id && vl && strcmp(id, profile_id) == 0)
			return find_link(g, vl, path);
	}
	faults_add(g->faults, ERR_INVALID, path, "see virtual-link-profile",
		"there is no virtual link profile '%s'", profile_id);
	return NULL;
}

static struct gathered *
find_link(struct gathering *g, const char *id, const char *path)
{
	for (size_t i = 0; i < g->n_links; i++)
		if (strcmp(g->links[i].id, id) == 0)
			return &g->links[i];
	faults_add(g->faults, ERR_INVALID, path, "see virtual-link-desc",
		"there is no virtual link '%s'", id);
	return NULL;
}

static void
add_end(struct gathering *g, struct gathered *link, const char *element, const char *cp,
	const char *path)
{
	char name[128];
	snprintf(
		name, sizeof(name), "%.60s%s%.60s", element, cp ? "." : "", cp ? cp : "");
	if (g->nets)
		json_object_set_new(g->nets, name, json_string(link->id));
	if (link->n == 2 && g->nets)
		return;
	if (link->n == 2) {
		faults_add(g->faults, ERR_UNSUPPORTED, path,
			"use a router or switch VNF to join more",
			"virtual link '%s' has more than two ends", link->id);
		return;
	}
	struct model_end *end = &link->ends[link->n++];
	end->element = (char *)element;
	end->cp = (char *)cp;
	snprintf(end->path, sizeof(end->path), "%s", path);
}

static void
make_links(struct gathering *g)
{
	for (size_t i = 0; i < g->n_links; i++) {
		const struct gathered *from = &g->links[i];
		if (from->n < 2) {
			faults_add(g->faults, ERR_INVALID, from->path,
				"connect two ends, or leave it out",
				"virtual link '%s' has %s", from->id,
				from->n ? "one end only" : "no end");
			continue;
		}
		struct model_link *link = g->nets ? NULL : model_add_link(g->model);
		for (int e = 0; link && e < 2; e++) {
			link->ends[e].element = strdup(from->ends[e].element);
			link->ends[e].cp =
				from->ends[e].cp ? strdup(from->ends[e].cp) : NULL;
			memcpy(link->ends[e].path, from->ends[e].path, MODEL_PATH);
		}
	}
}

static void
check_members(const json_t *object, const char *const *known, const char *path,
	struct faults *faults)
{
	char place[MODEL_PATH], hint[128];
	const char *name;
	json_t *value;
	json_object_foreach ((json_t *)object, name, value) {
		bool found = strncmp(name, "renga:", 6) != 0;
		for (size_t i = 0; !found && known[i]; i++)
			found = strcmp(known[i], name) == 0;
		if (found)
			continue;
		const char *nearest = field_nearest(name, known);
		snprintf(hint, sizeof(hint), "did you mean '%s'?",
			nearest ? nearest : known[0]);
		snprintf(place, sizeof(place), "%.100s.%.80s", path, name);
		faults_add(faults, ERR_INVALID, place, hint, "unknown member");
	}
}

static const char *
text(const json_t *object, const char *member)
{
	return json_string_value(json_object_get(object, member));
}
