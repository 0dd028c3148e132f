/* placement.c: which core each VNF runs on. */
#include "orchestrator/plan/placement.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "orchestrator/plan/placement_rules.h"
#include "orchestrator/plan/replicas.h"
#include "orchestrator/plan/seats.h"

/* In VNFs: another replica weighs more than all else on a core. */
#define OWN_LOAD 100000
#define IO_LOAD	 1000
#define FAR_LOAD 500
#define AGAINST	 10000000 /* a rule */

struct placing {		   /* of a service that runs */
	const json_t *host, *open; /* with the cores that it may use */
	const json_t *objects;
	const char *ns;
	int relief;
};

static bool is_of(const json_t *object, const char *ns);
static const char *present_group(const json_t *objects, const char *ns, const char *vnf);
static const char *first_group(
	const struct model *model, const json_t *objects, const char *ns);
static bool is_used(const struct model *model, size_t before, const char *group);
static int next_core(const json_t *host, const json_t *objects, const json_t *vnf,
	const int *cores, unsigned n);
static int group_core(const struct model *model, size_t at, const int *cores);
static int core_of(const json_t *object);
static const json_t *present(const json_t *objects, const char *ns, const char *vnf);
static int stay(const struct placing *p, const struct model_vnf *vnf);
static int own_core(const struct placing *p, const json_t *object);
static bool has_company(const json_t *objects, const json_t *object, int core);
static int shared_core(const struct placing *p, const json_t *object);
static int relief(const struct placing *p, const struct model *model);
static int service_core(const json_t *objects, const char *ns);
static int idlest_core(const json_t *host, const json_t *objects, const char *ns);
static bool host_has(const json_t *host, int core);

void
placement_choose(const struct model *model, const json_t *host, const json_t *objects,
	const char *ns, int *cores, struct faults *faults)
{
	json_t *open = placement_rules_open(host, objects, ns);
	struct placing placing = {host, open, objects, ns, -1};
	placing.relief = relief(&placing, model);
	int together = ns ? service_core(objects, ns) : -1;
	if (together < 0 || !host_has(open, together))
		together = idlest_core(open, objects, ns);
	for (size_t i = 0; i < model->n_vnfs; i++) {
		const struct model_vnf *vnf = &model->vnfs[i];
		const int stays = stay(&placing, vnf);
		const int shared = group_core(model, i, cores);
		cores[i] = shared >= 0				 ? shared
			   : vnf->core >= 0			 ? vnf->core
			   : stays >= 0 && host_has(host, stays) ? stays
								 : together;
		if (vnf->core >= 0 && cores[i] != vnf->core)
			faults_add(faults, ERR_INVALID, vnf->core_path,
				"name it for one of them",
				"group '%s' has core %d: VNFs of a group run on one",
				vnf->group, cores[i]);
		if (!host_has(host, cores[i]))
			faults_add(faults, ERR_INVALID, vnf->core_path,
				"GET /renga/v1/hosts lists the cores",
				"the host has no core %d", cores[i]);
	}
	seats_choose(model, host, objects, ns, cores);
	json_decref(open);
}

/* Groups are runs of the order: one that would come again after another goes with that.
 */
void
placement_group(struct model *model, const json_t *objects, const char *ns)
{
	const char *run = NULL;
	for (size_t i = 0; i < model->n_vnfs; i++) {
		struct model_vnf *vnf = &model->vnfs[i];
		if (!model_is_free(model, i))
			continue;
		const char *has = present_group(objects, ns, vnf->name);
		if (!run)
			run = has ? has : first_group(model, objects, ns);
		else if (has && !is_used(model, i, has))
			run = has;
		free(vnf->group);
		vnf->group = strdup(run);
	}
}

void
placement_spread(const json_t *host, const json_t *objects, const json_t *running,
	const char *id, int *cores)
{
	const json_t *vnf = replicas_find(objects, id, 0);
	unsigned n = replicas_count(objects, id);
	for (unsigned i = 0; i < n; i++)
		cores[i] = core_of(replicas_find(objects, id, i));
	for (; n < MODEL_REPLICAS; n++) {
		const int stays = core_of(replicas_find(running, id, n));
		const bool may = stays >= 0 &&
				 placement_rules_allow(objects, vnf, stays, cores, n);
		cores[n] = may ? stays : next_core(host, objects, vnf, cores, n);
	}
}

/* The name that placement chose for the group of a VNF of a service; null: it is in none
 * of these. */
static const char *
present_group(const json_t *objects, const char *ns, const char *vnf)
{
	size_t i;
	json_t *object;
	json_array_foreach ((json_t *)objects, i, object) {
		const json_t *doc = json_object_get(object, "doc");
		const char *name = json_string_value(json_object_get(doc, "name"));
		const char *dot = name ? strrchr(name, '.') : NULL;
		const char *group = json_string_value(
			json_object_get(json_object_get(doc, "group"), "name"));
		if (is_of(object, ns) && group && dot && strcmp(dot + 1, vnf) == 0 &&
			strncmp(group, MODEL_AUTO, strlen(MODEL_AUTO)) == 0)
			return group;
	}
	return NULL;
}

/* Of those that are there, in the model's order. */
static const char *
first_group(const struct model *model, const json_t *objects, const char *ns)
{
	const char *group = NULL;
	for (size_t i = 0; i < model->n_vnfs && !group; i++)
		if (model_is_free(model, i))
			group = present_group(objects, ns, model->vnfs[i].name);
	return group ? group : MODEL_AUTO "1";
}

static bool
is_used(const struct model *model, size_t before, const char *group)
{
	for (size_t i = 0; i < before; i++)
		if (model->vnfs[i].group && strcmp(model->vnfs[i].group, group) == 0)
			return true;
	return false;
}

/* For one more than the n that have theirs; where no rule is against it if there is such
 * a core. */
static int
next_core(const json_t *host, const json_t *objects, const json_t *vnf, const int *cores,
	unsigned n)
{
	const json_int_t io = json_integer_value(json_object_get(host, "ioCore"));
	int best = -1, least = INT_MAX;
	size_t i, k;
	json_t *item, *object;
	json_array_foreach (json_object_get(host, "cores"), i, item) {
		const int core = (int)json_integer_value(item);
		int load = core == io ? IO_LOAD : 0;
		load += placement_rules_far(host, core) ? FAR_LOAD : 0;
		load += placement_rules_allow(objects, vnf, core, cores, n) ? 0 : AGAINST;
		for (k = 0; k < n; k++)
			load += cores[k] == core ? OWN_LOAD : 0;
		json_array_foreach ((json_t *)objects, k, object)
			load += core_of(object) == core;
		if (load < least) {
			least = load;
			best = core;
		}
	}
	return best;
}

/* Of a VNF object, else -1. */
static int
core_of(const json_t *object)
{
	const char *kind = json_string_value(json_object_get(object, "kind"));
	const json_t *core = json_object_get(json_object_get(object, "doc"), "core");
	return kind && strcmp(kind, "vnf") == 0 && core ? (int)json_integer_value(core)
							: -1;
}

static bool
is_of(const json_t *object, const char *ns)
{
	const char *of = json_string_value(json_object_get(object, "ns"));
	return ns && of && strcmp(of, ns) == 0;
}

/* Of those before it that share its process: what one of the group asks for, or has. -1:
 * it is the first. */
static int
group_core(const struct model *model, size_t at, const int *cores)
{
	const char *group = model->vnfs[at].group;
	size_t first = at;
	for (size_t i = model->n_vnfs; group && i-- > 0;)
		if (model->vnfs[i].group && strcmp(model->vnfs[i].group, group) == 0 &&
			i < at)
			first = i;
	if (first < at)
		return cores[first];
	for (size_t i = at; group && i < model->n_vnfs; i++)
		if (model->vnfs[i].group && strcmp(model->vnfs[i].group, group) == 0 &&
			model->vnfs[i].core >= 0)
			return model->vnfs[i].core;
	return -1;
}

/* A VNF of the service as it is now, or null; its name is "<service>.<vnf>". */
static const json_t *
present(const json_t *objects, const char *ns, const char *vnf)
{
	size_t i;
	json_t *object;
	json_array_foreach ((json_t *)objects, i, object) {
		const char *name = json_string_value(
			json_object_get(json_object_get(object, "doc"), "name"));
		const char *dot = name ? strrchr(name, '.') : NULL;
		if (is_of(object, ns) && core_of(object) >= 0 && dot &&
			strcmp(dot + 1, vnf) == 0)
			return object;
	}
	return NULL;
}

/* Where one goes on that runs now. */
static int
stay(const struct placing *p, const struct model_vnf *vnf)
{
	const json_t *object = present(p->objects, p->ns, vnf->name);
	const int now = core_of(object);
	const bool alone = object && placement_rules_is_dedicated(object);
	if (object && alone != vnf->dedicated)
		return alone ? shared_core(p, object) : own_core(p, object);
	if (p->relief >= 0 && !alone && placement_rules_serves_ports(p->host, now))
		return p->relief;
	return now;
}

static int
own_core(const struct placing *p, const json_t *object)
{
	const int now = core_of(object);
	size_t i;
	json_t *item;
	if (!has_company(p->objects, object, now))
		return now;
	json_array_foreach (json_object_get(p->open, "cores"), i, item) {
		const int core = (int)json_integer_value(item);
		if (!placement_rules_serves_ports(p->host, core) &&
			!placement_rules_far(p->host, core) &&
			!has_company(p->objects, object, core))
			return core;
	}
	return now;
}

static bool
has_company(const json_t *objects, const json_t *object, int core)
{
	size_t i;
	json_t *other;
	json_array_foreach ((json_t *)objects, i, other)
		if (other != object && core_of(other) == core)
			return true;
	return false;
}

/* Of one that needs its own no more: where its service is, unless that is with the ports.
 */
static int
shared_core(const struct placing *p, const json_t *object)
{
	size_t i;
	json_t *other;
	json_array_foreach ((json_t *)p->objects, i, other)
		if (is_of(other, p->ns) && core_of(other) >= 0 &&
			!placement_rules_is_dedicated(other) &&
			!placement_rules_serves_ports(p->host, core_of(other)))
			return core_of(other);
	return core_of(object);
}

/* Where who made room for such a one, beside the ports, goes back to; -1: there is none.
 */
static int
relief(const struct placing *p, const struct model *model)
{
	for (size_t i = 0; i < model->n_vnfs; i++) {
		const json_t *object = present(p->objects, p->ns, model->vnfs[i].name);
		if (object && placement_rules_is_dedicated(object) &&
			!model->vnfs[i].dedicated)
			return shared_core(p, object);
	}
	return -1;
}

static int
service_core(const json_t *objects, const char *ns)
{
	size_t i;
	json_t *object;
	json_array_foreach ((json_t *)objects, i, object) {
		if (is_of(object, ns) && core_of(object) >= 0)
			return core_of(object);
	}
	return -1;
}

static int
idlest_core(const json_t *host, const json_t *objects, const char *ns)
{
	const json_t *cores = json_object_get(host, "cores"),
		     *io = json_object_get(host, "ioCore");
	const size_t n = json_array_size(cores);
	int best = -1, least = INT_MAX;
	for (size_t i = 0; i < n; i++) {
		const int core = (int)json_integer_value(json_array_get(cores, i));
		int load = 0;
		size_t k;
		json_t *object;
		if (n > 1 && io && core == (int)json_integer_value(io))
			continue;
		load += placement_rules_far(host, core) ? FAR_LOAD : 0;
		json_array_foreach ((json_t *)objects, k, object) {
			load += !is_of(object, ns) && core_of(object) == core;
		}
		if (load < least) {
			least = load;
			best = core;
		}
	}
	return best;
}

static bool
host_has(const json_t *host, int core)
{
	size_t i;
	json_t *item;
	json_array_foreach (json_object_get(host, "cores"), i, item) {
		if (json_integer_value(item) == core)
			return true;
	}
	return false;
}
