/* figures.c: see figures.h. */
#include "orchestrator/plan/figures.h"

#include <stdio.h>
#include <string.h>
#include "orchestrator/descriptor/model.h"

#define CORE_LEAST 0.05 /* of one: less is no measure of what it gives */

static void add_vnfs(
	struct figures *figures, const json_t *objects, const json_t *profiles);
static const json_t *find_profile(const json_t *objects, const char *profile);
static void add_cores(struct figures *figures, const json_t *host);
static bool place_groups(struct figures *figures);
static int core_index(const struct balance_figures *balance, int core);
static void measure(struct figures *figures, const char *ns, const json_t *before,
	const json_t *after, double seconds);
static void take(struct figures *figures, bool own, const json_t *before,
	const json_t *after, double seconds);
static int index_of(const struct figures *figures, const json_t *vnf);
static void take_waiting(
	struct figures *figures, const json_t *before, const json_t *after);
static double core_load(const struct balance_figures *balance, int core);
static bool waits(const json_t *vnf);
static double patience(const json_t *vnf);
static void take_hops(struct balance_figures *balance);
static const json_t *find_id(const json_t *list, const json_t *id);
static double spent(const json_t *vnf);
static double received(const json_t *vnf);
static const char *group_of(const json_t *object);
static double larger(double a, double b);
static int percent(double load);

bool
figures_make(const char *ns, const json_t *objects, const json_t *profiles,
	const json_t *host, const json_t *before, const json_t *after, double seconds,
	struct figures *figures)
{
	*figures = (struct figures){0};
	add_vnfs(figures, objects, profiles);
	add_cores(figures, host);
	if (figures->balance.n_vnfs == 0 || !place_groups(figures))
		return false;
	if (before && after && seconds > 0)
		measure(figures, ns, before, after, seconds);
	return true;
}

json_t *
figures_vnfs_json(const struct figures *figures)
{
	const struct balance_figures *balance = &figures->balance;
	json_t *list = json_array();
	for (size_t i = 0; i < balance->n_vnfs; i++) {
		const struct balance_vnf *vnf = &balance->vnfs[i];
		json_array_append_new(list,
			json_pack("{s:s, s:I, s:I, s:i}", "vnf", vnf->name,
				"packetsPerSecond", (json_int_t)vnf->rate,
				"cyclesPerPacket",
				(json_int_t)(vnf->rate > 0
						     ? vnf->load * balance->hz / vnf->rate
						     : 0),
				"percent", percent(vnf->load)));
	}
	return list;
}

json_t *
figures_cores_json(const struct figures *figures)
{
	const struct balance_figures *balance = &figures->balance;
	json_t *list = json_array();
	for (size_t c = 0; c < balance->n_cores; c++) {
		json_array_append_new(
			list, json_pack("{s:i, s:i}", "core", balance->cores[c].id,
				      "percent", percent(core_load(balance, (int)c))));
	}
	return list;
}

json_t *
figures_groups_json(const struct figures *figures, const struct balance *balance)
{
	json_t *list = json_array();
	char name[32];
	for (unsigned k = 0; k < balance->n_groups; k++) {
		json_t *vnfs = json_array();
		for (size_t i = 0; i < figures->balance.n_vnfs; i++)
			if (balance->groups[i] == k)
				json_array_append_new(
					vnfs, json_string(figures->balance.vnfs[i].name));
		snprintf(name, sizeof(name), MODEL_AUTO "%u", k + 1);
		json_array_append_new(
			list, json_pack("{s:s, s:i, s:o}", "name", name, "core",
				      figures->balance.cores[balance->cores_of[k]].id,
				      "vnfs", vnfs));
	}
	return list;
}

static void
add_vnfs(struct figures *figures, const json_t *objects, const json_t *profiles)
{
	struct balance_figures *balance = &figures->balance;
	size_t i;
	json_t *profile;
	json_array_foreach ((json_t *)profiles, i, profile) {
		const char *name = json_string_value(profile);
		const json_t *object = name ? find_profile(objects, name) : NULL;
		if (!object || balance->n_vnfs == BALANCE_VNFS)
			continue;
		figures->objects[balance->n_vnfs] = object;
		balance->vnfs[balance->n_vnfs++].name = name;
	}
}

/* The VNF's object; null: placement has nothing to do with it. */
static const json_t *
find_profile(const json_t *objects, const char *profile)
{
	size_t i;
	json_t *object;
	json_array_foreach ((json_t *)objects, i, object) {
		const char *name = json_string_value(
			json_object_get(json_object_get(object, "doc"), "name"));
		const char *dot = name ? strrchr(name, '.') : NULL;
		const char *group = group_of(object);
		if (dot && strcmp(dot + 1, profile) == 0 && group &&
			strncmp(group, MODEL_AUTO, strlen(MODEL_AUTO)) == 0)
			return object;
	}
	return NULL;
}

static void
add_cores(struct figures *figures, const json_t *host)
{
	struct balance_figures *balance = &figures->balance;
	const json_t *io = json_object_get(host, "ioCore");
	size_t i;
	json_t *core;
	json_array_foreach (json_object_get(host, "cores"), i, core)
		if (balance->n_cores < BALANCE_CORES)
			balance->cores[balance->n_cores++] =
				(struct balance_core){.id = (int)json_integer_value(core),
					.io = json_equal(core, io)};
}

/* Numbers the groups in order. False: one is on a core that the host has not. */
static bool
place_groups(struct figures *figures)
{
	struct balance_figures *balance = &figures->balance;
	unsigned group = 0;
	for (size_t i = 0; i < balance->n_vnfs; i++) {
		const json_t *doc = json_object_get(figures->objects[i], "doc");
		if (i > 0 && strcmp(group_of(figures->objects[i]),
				     group_of(figures->objects[i - 1])) != 0)
			group++;
		const int core = core_index(
			balance, (int)json_integer_value(json_object_get(doc, "core")));
		if (core < 0)
			return false;
		balance->vnfs[i].group = group;
		balance->cores_of[group] = core;
	}
	return true;
}

static int
core_index(const struct balance_figures *balance, int core)
{
	for (size_t c = 0; c < balance->n_cores; c++)
		if (balance->cores[c].id == core)
			return (int)c;
	return -1;
}

/* Of all services: what others have of a core is not there for this one. */
static void
measure(struct figures *figures, const char *ns, const json_t *before,
	const json_t *after, double seconds)
{
	struct balance_figures *balance = &figures->balance;
	const char *of;
	json_t *told, *io, *worker;
	size_t i;
	balance->hz =
		json_number_value(json_object_get(json_object_get(after, ns), "tscHz"));
	if (balance->hz <= 0)
		return;
	balance->measured = true;
	json_object_foreach ((json_t *)after, of, told)
		take(figures, strcmp(of, ns) == 0, json_object_get(before, of), told,
			seconds);
	io = json_object_get(json_object_get(after, ns), "io");
	json_array_foreach (io, i, worker) {
		const int core = core_index(balance,
			(int)json_integer_value(json_object_get(worker, "core")));
		if (core >= 0)
			balance->cores[core].taken +=
				json_number_value(json_object_get(worker, "busy"));
	}
	double rate = 0;
	for (i = 0; i < balance->n_vnfs; i++)
		rate = larger(rate, balance->vnfs[i].rate);
	balance->measured &= rate >= FIGURES_RATE_MIN;
	take_waiting(figures, json_object_get(before, ns), json_object_get(after, ns));
	take_hops(balance);
}

/* Where packets waited at both looks, VNFs have all that they can get of their core. If
 * that is not all of it, others are there that the statistics do not know; so a core is
 * taken to be no more than that, all of them alike. Who drops for want of room behind him
 * waits for somebody else. */
static void
take_waiting(struct figures *figures, const json_t *before, const json_t *after)
{
	struct balance_figures *balance = &figures->balance;
	double most = 0;
	size_t i;
	json_t *vnf;
	json_array_foreach (json_object_get(after, "vnfs"), i, vnf) {
		const json_t *was = find_id(
			json_object_get(before, "vnfs"), json_object_get(vnf, "id"));
		const int at = index_of(figures, vnf);
		if (at >= 0 && waits(was) && waits(vnf) && patience(vnf) == patience(was))
			most = larger(most,
				core_load(balance,
					balance->cores_of[balance->vnfs[at].group]));
	}
	if (most < CORE_LEAST || most >= 1)
		return;
	balance->hz *= most;
	for (i = 0; i < balance->n_vnfs; i++)
		balance->vnfs[i].load /= most;
	for (i = 0; i < balance->n_cores; i++)
		balance->cores[i].taken /= most;
}

static double
core_load(const struct balance_figures *balance, int core)
{
	double load = balance->cores[core].taken;
	for (size_t i = 0; i < balance->n_vnfs; i++)
		if (balance->cores_of[balance->vnfs[i].group] == core)
			load += balance->vnfs[i].load;
	return load;
}

/* Of its rings one may be from where nothing comes. */
static bool
waits(const json_t *vnf)
{
	const json_t *ring = json_object_get(vnf, "ring");
	const double size = json_number_value(json_object_get(ring, "size"));
	return size > 0 && 3 * json_number_value(json_object_get(ring, "fill")) > size;
}

static double
patience(const json_t *vnf)
{
	return json_number_value(
		json_object_get(json_object_get(vnf, "drops"), "patience"));
}

/* One service. A VNF that was not there before, or began anew, tells nothing yet. */
static void
take(struct figures *figures, bool own, const json_t *before, const json_t *after,
	double seconds)
{
	struct balance_figures *balance = &figures->balance;
	size_t i;
	json_t *vnf;
	json_array_foreach (json_object_get(after, "vnfs"), i, vnf) {
		const json_t *was = find_id(
			json_object_get(before, "vnfs"), json_object_get(vnf, "id"));
		const double cycles = spent(vnf) - spent(was);
		const int at = own ? index_of(figures, vnf) : -1;
		const int core = core_index(
			balance, (int)json_integer_value(json_object_get(vnf, "core")));
		const bool known = was && cycles >= 0 && received(vnf) >= received(was);
		const double load = known ? cycles / seconds / balance->hz : 0;
		if (at >= 0) {
			balance->measured &= known;
			balance->vnfs[at].load = load;
			balance->vnfs[at].rate =
				known ? (received(vnf) - received(was)) / seconds : 0;
		} else if (core >= 0) {
			balance->cores[core].taken += load;
		}
	}
}

/* Of the VNFs to be placed, or -1. */
static int
index_of(const struct figures *figures, const json_t *vnf)
{
	for (size_t i = 0; i < figures->balance.n_vnfs; i++)
		if (json_equal(json_object_get(figures->objects[i], "object"),
			    json_object_get(vnf, "id")))
			return (int)i;
	return -1;
}

/* What was measured between two groups has the hop in it. */
static void
take_hops(struct balance_figures *balance)
{
	for (size_t i = 1; i < balance->n_vnfs; i++) {
		struct balance_vnf *a = &balance->vnfs[i - 1], *b = &balance->vnfs[i];
		const double hop = b->rate * BALANCE_HOP / 2 / balance->hz;
		if (a->group == b->group)
			continue;
		a->load = larger(0, a->load - hop);
		b->load = larger(0, b->load - hop);
	}
}

static const json_t *
find_id(const json_t *list, const json_t *id)
{
	size_t i;
	json_t *item;
	json_array_foreach ((json_t *)list, i, item)
		if (json_equal(json_object_get(item, "id"), id))
			return item;
	return NULL;
}

/* TSC cycles with packets, since it was made. */
static double
spent(const json_t *vnf)
{
	return json_number_value(
		json_object_get(json_object_get(vnf, "burstCycles"), "sum"));
}

static double
received(const json_t *vnf)
{
	double sum = 0;
	const char *name;
	json_t *cp;
	json_object_foreach (json_object_get(vnf, "cps"), name, cp)
		sum += json_number_value(json_object_get(cp, "rxPackets"));
	return sum;
}

static const char *
group_of(const json_t *object)
{
	return json_string_value(json_object_get(
		json_object_get(json_object_get(object, "doc"), "group"), "name"));
}

static double
larger(double a, double b)
{
	return a > b ? a : b;
}

static int
percent(double load)
{
	return (int)(load * 100 + 0.5);
}
