/* placer.c: see placer.h. */
#include "orchestrator/placer.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "common/log.h"
#include "db/events.h"
#include "db/ns_instances.h"
#include "db/nsds.h"
#include "orchestrator/deploy.h"
#include "orchestrator/descriptor/model.h"
#include "orchestrator/descriptor/nsd_form.h"
#include "orchestrator/engine.h"
#include "orchestrator/event.h"
#include "orchestrator/operation.h"
#include "orchestrator/pacer.h"
#include "orchestrator/plan/figures.h"
#include "orchestrator/plan/placement_rules.h"
#include "orchestrator/plan/plan.h"
#include "orchestrator/stamp.h"

#define LOOK_MS 5000
#define EVENT	"placement"

struct placed { /* a service */
	struct placed *next;
	char ns[STAMP_ID];
	struct balance_memory memory;
	json_t *told; /* what placer_tell() answers */
	bool seen;    /* in this look */
};

struct placer {
	struct orch *orch;
	struct pacer pacer;
	struct placed *services; /* the list, and what is told, under its lock */
	/* The thread's own: the look before. */
	json_t *before;
	double before_s;
};

static void *placer_thread(void *arg);
static void look(struct placer *placer);
static bool is_free_to_place(const json_t *objects, const char *ns);
static json_t *ask_all(struct orch *orch, const struct db_ns *rows, size_t n);
static void place(struct placer *placer, const struct db_ns *ns, const json_t *all,
	const json_t *host, const json_t *after, double seconds);
static json_t *of_service(const json_t *objects, const char *ns);
static json_t *profiles_of(struct orch *orch, const struct db_ns *ns);
static int follow(struct orch *orch, const char *ns, const struct figures *figures,
	const struct balance *balance, struct err *err);
static json_t *target_of(
	const json_t *actual, const struct figures *figures, const json_t *groups);
static void tell(struct placer *placer, struct placed *placed,
	const struct figures *figures, const struct balance *balance);
static json_t *decision(
	struct orch *orch, const char *ns, const json_t *groups, const char *why);
static struct placed *find(struct placer *placer, const char *ns, bool add);
static void forget_unseen(struct placer *placer);
static unsigned look_ms(void);
static double now_s(void);

int
placer_open(struct orch *orch, struct placer **out, struct err *err)
{
	struct placer *placer = calloc(1, sizeof(*placer));
	if (!placer)
		return err_set(err, ERR_INTERNAL, NULL, NULL, "out of memory");
	placer->orch = orch;
	int rc = pacer_open(&placer->pacer, placer_thread, placer, err);
	if (rc)
		free(placer);
	else
		*out = placer;
	return rc;
}

bool
placer_close(struct placer *placer)
{
	if (!placer)
		return true;
	if (!pacer_stop(&placer->pacer))
		return false;
	forget_unseen(placer);
	forget_unseen(placer);
	json_decref(placer->before);
	pacer_clear(&placer->pacer);
	free(placer);
	return true;
}

json_t *
placer_tell(struct placer *placer, const char *ns)
{
	json_t *told = NULL;
	if (!placer)
		return NULL;
	pthread_mutex_lock(&placer->pacer.lock);
	const struct placed *placed = find(placer, ns, false);
	if (placed)
		told = json_incref(placed->told);
	pthread_mutex_unlock(&placer->pacer.lock);
	return told;
}

static void *
placer_thread(void *arg)
{
	struct placer *placer = arg;
	const unsigned ms = look_ms();
	while (!pacer_pause(&placer->pacer, ms))
		look(placer);
	return NULL;
}

/* At all services: each has its part of the cores. */
static void
look(struct placer *placer)
{
	struct orch *orch = placer->orch;
	struct db_ns *rows = NULL;
	size_t n = 0;
	json_t *all = NULL, *host = NULL, *after = NULL;
	bool any = false;
	if (!deploy_wanted(orch->db, NULL, &all, NULL) &&
		!db_ns_list(orch->db, &rows, &n, NULL))
		for (size_t i = 0; i < n; i++)
			any |= is_free_to_place(all, rows[i].id);
	const double now = now_s();
	if (any && !orch->vnfm.driver->host(orch->vnfm.self, &host, NULL)) {
		json_t *open = placement_rules_open(host, all, NULL);
		json_decref(host);
		host = open;
		after = ask_all(orch, rows, n);
	}
	for (size_t i = 0; after && i < n; i++)
		if (is_free_to_place(all, rows[i].id))
			place(placer, &rows[i], all, host, after, now - placer->before_s);
	forget_unseen(placer);
	json_decref(placer->before);
	placer->before = after;
	placer->before_s = now;
	json_decref(host);
	json_decref(all);
	if (rows)
		db_nss_free(rows, n);
}

static bool
is_free_to_place(const json_t *objects, const char *ns)
{
	size_t i;
	json_t *object;
	json_array_foreach ((json_t *)objects, i, object) {
		const char *of = json_string_value(json_object_get(object, "ns"));
		const json_t *group =
			json_object_get(json_object_get(object, "doc"), "group");
		const char *name = json_string_value(json_object_get(group, "name"));
		if (of && strcmp(of, ns) == 0 && name &&
			strncmp(name, MODEL_AUTO, strlen(MODEL_AUTO)) == 0)
			return true;
	}
	return false;
}

static json_t *
ask_all(struct orch *orch, const struct db_ns *rows, size_t n)
{
	json_t *all = json_object();
	for (size_t i = 0; i < n; i++) {
		json_t *told = NULL;
		if (strcmp(rows[i].state, "INSTANTIATED") == 0 &&
			!orch->vnfm.driver->stats(
				orch->vnfm.self, rows[i].id, &told, NULL))
			json_object_set_new(all, rows[i].id, told);
	}
	return all;
}

static void
place(struct placer *placer, const struct db_ns *ns, const json_t *all,
	const json_t *host, const json_t *after, double seconds)
{
	struct figures figures;
	struct balance balance;
	struct err err;
	json_t *objects = of_service(all, ns->id),
	       *profiles = profiles_of(placer->orch, ns);
	if (strcmp(ns->state, "INSTANTIATED") == 0 && profiles &&
		figures_make(ns->id, objects, profiles, host, placer->before, after,
			seconds, &figures)) {
		struct placed *placed = find(placer, ns->id, true);
		balance_choose(&figures.balance, &balance);
		if (placed && balance_is_steady(&placed->memory, &balance)) {
			if (follow(placer->orch, ns->id, &figures, &balance, &err))
				log_warn("service cannot be placed anew, trying again",
					"ns=%s reason=\"%s\"", ns->name, err.text);
		}
		if (placed)
			tell(placer, placed, &figures, &balance);
	}
	json_decref(profiles);
	json_decref(objects);
}

static json_t *
of_service(const json_t *objects, const char *ns)
{
	json_t *own = json_array(), *object;
	size_t i;
	json_array_foreach ((json_t *)objects, i, object) {
		const char *of = json_string_value(json_object_get(object, "ns"));
		if (of && strcmp(of, ns) == 0)
			json_array_append(own, object);
	}
	return own;
}

/* Names of its VNFs in the order of its descriptor, which a chain has too. */
static json_t *
profiles_of(struct orch *orch, const struct db_ns *ns)
{
	struct db_nsd row = {0};
	json_t *profiles = NULL, *df, *profile;
	size_t i, k;
	if (!db_nsd_get(orch->db, ns->nsd_info_id, &row, NULL)) {
		profiles = json_array();
		json_array_foreach (json_object_get(nsd_form_find(row.nsd), "df"), i, df)
			json_array_foreach (
				json_object_get(df, "vnf-profile"), k, profile)
				json_array_append(
					profiles, json_object_get(profile, "id"));
	}
	db_nsd_clear(&row);
	return profiles;
}

/* As the service is now: an operation that came meanwhile is not undone. */
static int
follow(struct orch *orch, const char *ns, const struct figures *figures,
	const struct balance *balance, struct err *err)
{
	struct operation_answer answer = {0};
	json_t *actual = NULL, *groups = figures_groups_json(figures, balance);
	int rc = db_begin(orch->db, err);
	if (!rc) {
		rc = deploy_wanted(orch->db, ns, &actual, err);
		json_t *target = rc ? NULL : target_of(actual, figures, groups);
		json_t *steps = rc ? NULL : plan_make(actual, target);
		json_t *params = json_pack(
			"{s:O, s:s}", "placement", groups, "reason", balance->why);
		json_t *intent = json_object();
		const struct operation operation = {.api = "ns",
			.operation = "UPDATE",
			.ns_id = ns,
			.instance = ns,
			.automatic = true,
			.undo_on_failure = true,
			.params = params,
			.intent = intent,
			.steps = steps};
		if (!rc)
			rc = operation_accept(orch->db, &operation, &answer, err);
		if (!rc)
			json_decref(decision(orch, ns, groups, balance->why));
		json_decref(target);
		json_decref(steps);
		json_decref(params);
		json_decref(intent);
		rc = operation_end(orch, rc, &answer, err);
	}
	json_decref(actual);
	json_decref(groups);
	return rc;
}

/* The same objects with other groups and cores. */
static json_t *
target_of(const json_t *actual, const struct figures *figures, const json_t *groups)
{
	json_t *target = json_deep_copy(actual), *group, *vnf, *object;
	size_t g, v, o;
	json_array_foreach ((json_t *)groups, g, group)
		json_array_foreach (json_object_get(group, "vnfs"), v, vnf)
			for (size_t i = 0; i < figures->balance.n_vnfs; i++) {
				if (strcmp(figures->balance.vnfs[i].name,
					    json_string_value(vnf)) != 0)
					continue;
				const json_t *id =
					json_object_get(figures->objects[i], "object");
				json_array_foreach (target, o, object) {
					json_t *doc = json_object_get(object, "doc");
					if (!json_equal(json_object_get(object, "object"),
						    id))
						continue;
					json_object_set(doc, "core",
						json_object_get(group, "core"));
					json_object_set_new(doc, "group",
						json_pack("{s:O, s:i}", "name",
							json_object_get(group, "name"),
							"n",
							(int)json_array_size(
								json_object_get(
									group, "vnfs"))));
				}
			}
	return target;
}

/* An event that says what is done and why; what it says, with its time. New reference. */
static json_t *
decision(struct orch *orch, const char *ns, const json_t *groups, const char *why)
{
	char now[STAMP_TIME];
	event_add(orch->db, stamp_time(now), EVENT, ns, NULL,
		json_pack("{s:O, s:s}", "groups", groups, "reason", why));
	log_info("service is placed", "ns=%s reason=\"%s\"", ns, why);
	return json_pack("{s:s, s:s}", "since", now, "reason", why);
}

static void
tell(struct placer *placer, struct placed *placed, const struct figures *figures,
	const struct balance *balance)
{
	struct balance now = *balance;
	struct db_event *events = NULL;
	size_t n = 0;
	char time[STAMP_TIME];
	for (size_t i = 0; i < figures->balance.n_vnfs; i++)
		now.groups[i] = figures->balance.vnfs[i].group;
	now.n_groups = now.groups[figures->balance.n_vnfs - 1] + 1;
	memcpy(now.cores_of, figures->balance.cores_of, sizeof(now.cores_of));
	json_t *groups = figures_groups_json(figures, &now), *last = NULL;
	if (!db_event_last(placer->orch->db, EVENT, placed->ns, &events, &n, NULL)) {
		if (n)
			last = json_pack("{s:s, s:O*}", "since", events[0].time, "reason",
				json_object_get(events[0].detail, "reason"));
		else
			last = decision(placer->orch, placed->ns, groups, balance->why);
		db_events_free(events, n);
	}
	json_t *told = json_pack("{s:s, s:O*, s:O*, s:o, s:s, s:s*, s:o, s:o}", "policy",
		"auto", "since", json_object_get(last, "since"), "reason",
		json_object_get(last, "reason"), "groups", groups, "now", balance->why,
		"measured", figures->balance.measured ? stamp_time(time) : NULL, "vnfs",
		figures_vnfs_json(figures), "cores", figures_cores_json(figures));
	json_decref(last);
	pthread_mutex_lock(&placer->pacer.lock);
	json_decref(placed->told);
	placed->told = told;
	placed->seen = true;
	pthread_mutex_unlock(&placer->pacer.lock);
}

/* Only the thread adds and removes. */
static struct placed *
find(struct placer *placer, const char *ns, bool add)
{
	struct placed *placed = placer->services;
	while (placed && strcmp(placed->ns, ns) != 0)
		placed = placed->next;
	if (placed || !add)
		return placed;
	placed = calloc(1, sizeof(*placed));
	if (!placed)
		return NULL;
	strncpy(placed->ns, ns, sizeof(placed->ns) - 1);
	pthread_mutex_lock(&placer->pacer.lock);
	placed->next = placer->services;
	placer->services = placed;
	pthread_mutex_unlock(&placer->pacer.lock);
	return placed;
}

/* Services that are gone, or are not to be placed any more. */
static void
forget_unseen(struct placer *placer)
{
	pthread_mutex_lock(&placer->pacer.lock);
	for (struct placed **at = &placer->services; *at;) {
		struct placed *placed = *at;
		if (placed->seen) {
			placed->seen = false;
			at = &placed->next;
			continue;
		}
		*at = placed->next;
		json_decref(placed->told);
		free(placed);
	}
	pthread_mutex_unlock(&placer->pacer.lock);
}

static unsigned
look_ms(void)
{
	const char *said = getenv("RENGA_PLACEMENT_MS");
	const unsigned long ms = said ? strtoul(said, NULL, 10) : 0;
	return ms >= 50 && ms <= 600000 ? (unsigned)ms : LOOK_MS;
}

static double
now_s(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}
