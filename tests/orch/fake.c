/* fake.c: a VNF manager in memory. */
#include "tests/orch/fake.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "orchestrator/pacer.h"

#define N_KINDS	 4
#define FAKE_MIB 1024

struct fake {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	json_t *objects[N_KINDS]; /* {id: document} */
	json_t *calls, *events;
	bool down, hold;
	enum vnfm_kind fail_kind;
	char fail_name[64];
	unsigned fail_times, fail_nth;
	int sessions;
	const char *dataplane;
	bool noted; /* by the call under way */
	void (*watch)(void *arg);
	void *watch_arg;
	void (*check)(void *arg);
	void *check_arg;
	unsigned asked;
	unsigned slots, free_mib; /* 0: it does not tell */
};

static const char *const kinds[] = {"service", "port", "vnf", "link"};

static int fake_host(void *self, json_t **host, struct err *err);
static int fake_types(void *self, json_t **manifests, struct err *err);
static int fake_check(void *self, const char *type, const json_t *config, json_t **faults,
	uint64_t *state_size, struct err *err);
static int fake_put(void *self, enum vnfm_kind kind, const char *id, const json_t *wanted,
	json_t **actual, struct err *err);
static int fake_get(void *self, enum vnfm_kind kind, const char *id, json_t **actual,
	struct err *err);
static int fake_list(void *self, enum vnfm_kind kind, json_t **list, struct err *err);
static int fake_del(void *self, enum vnfm_kind kind, const char *id, struct err *err);
static int fake_relink(void *self, const char *ns, const json_t *links, struct err *err);
static int fake_spread(void *self, const char *vnf, unsigned n, bool force, json_t **done,
	struct err *err);
static int fake_wait_ready(void *self, const char *vnf, unsigned timeout_ms,
	json_t **actual, struct err *err);
static int fake_stats(void *self, const char *ns, json_t **stats, struct err *err);
static int fake_log(
	void *self, const char *vnf, unsigned lines, char **text, struct err *err);
static int fake_ask(void *self, const char *vnf, const char *what, const json_t *args,
	bool act, json_t **answer, struct err *err);
static int fake_audit(void *self, json_t **audit, struct err *err);
static int fake_events(
	void *self, uint64_t after, unsigned wait_ms, json_t **events, struct err *err);
static void fake_close(void *self);

static const struct vnfm_driver driver = {fake_host, fake_types, fake_check, fake_put,
	fake_get, fake_list, fake_list, fake_del, fake_relink, fake_spread,
	fake_wait_ready, fake_stats, fake_log, fake_ask, fake_audit, fake_events,
	fake_close};

static int enter(struct fake *fake, struct err *err);
static int leave(struct fake *fake, int rc);
static json_t *manifest(const char *type);
static void note(
	struct fake *fake, const char *verb, enum vnfm_kind kind, const char *name);
static const char *name_of(const json_t *doc, const char *id);
static bool fails(struct fake *fake, enum vnfm_kind kind, const char *name);
static void drop_service(struct fake *fake, const char *ns);

struct fake *
fake_create(void)
{
	struct fake *fake = calloc(1, sizeof(*fake));
	pthread_mutex_init(&fake->lock, NULL);
	pthread_cond_init(&fake->changed, NULL);
	for (int i = 0; i < N_KINDS; i++)
		fake->objects[i] = json_object();
	fake->calls = json_array();
	fake->events = json_array();
	return fake;
}

void
fake_destroy(struct fake *fake)
{
	for (int i = 0; i < N_KINDS; i++)
		json_decref(fake->objects[i]);
	json_decref(fake->calls);
	json_decref(fake->events);
	pthread_cond_destroy(&fake->changed);
	pthread_mutex_destroy(&fake->lock);
	free(fake);
}

struct vnfm
fake_vnfm(struct fake *fake)
{
	return (struct vnfm){&driver, fake};
}

void
fake_set_down(struct fake *fake, bool down)
{
	pthread_mutex_lock(&fake->lock);
	fake->down = down;
	pthread_cond_broadcast(&fake->changed);
	pthread_mutex_unlock(&fake->lock);
}

void
fake_fail_put(struct fake *fake, enum vnfm_kind kind, const char *name, unsigned times)
{
	pthread_mutex_lock(&fake->lock);
	fake->fail_kind = kind;
	fake->fail_times = times;
	snprintf(fake->fail_name, sizeof(fake->fail_name), "%s", name);
	pthread_mutex_unlock(&fake->lock);
}

void
fake_set_dataplane(struct fake *fake, const char *state)
{
	pthread_mutex_lock(&fake->lock);
	fake->dataplane = state;
	pthread_mutex_unlock(&fake->lock);
}

void
fake_set_state(struct fake *fake, const char *name, const char *state)
{
	const char *id;
	json_t *doc;
	pthread_mutex_lock(&fake->lock);
	json_object_foreach (fake->objects[VNFM_VNF], id, doc) {
		if (strcmp(name_of(doc, id), name) == 0)
			json_object_set_new(doc, "state", json_string(state));
	}
	pthread_mutex_unlock(&fake->lock);
}

bool
fake_fail_nth(struct fake *fake, unsigned nth)
{
	pthread_mutex_lock(&fake->lock);
	const bool has_failed = fake->fail_nth == 0;
	fake->fail_nth = nth;
	pthread_mutex_unlock(&fake->lock);
	return has_failed;
}

void
fake_hold_ready(struct fake *fake, bool hold)
{
	pthread_mutex_lock(&fake->lock);
	fake->hold = hold;
	pthread_cond_broadcast(&fake->changed);
	pthread_mutex_unlock(&fake->lock);
}

void
fake_forget(struct fake *fake)
{
	pthread_mutex_lock(&fake->lock);
	for (int i = 0; i < N_KINDS; i++)
		json_object_clear(fake->objects[i]);
	pthread_mutex_unlock(&fake->lock);
}

void
fake_plant(struct fake *fake, enum vnfm_kind kind, const char *id)
{
	pthread_mutex_lock(&fake->lock);
	json_object_set_new(fake->objects[kind], id,
		json_pack("{s:s, s:s, s:s}", "id", id, "ns", "nobody", "name", id));
	pthread_mutex_unlock(&fake->lock);
}

void
fake_set_sessions(struct fake *fake, int sessions)
{
	pthread_mutex_lock(&fake->lock);
	fake->sessions = sessions;
	pthread_mutex_unlock(&fake->lock);
}

unsigned
fake_sessions_asked(struct fake *fake)
{
	pthread_mutex_lock(&fake->lock);
	const unsigned asked = fake->asked;
	pthread_mutex_unlock(&fake->lock);
	return asked;
}

void
fake_set_room(struct fake *fake, unsigned slots, unsigned free_mib)
{
	pthread_mutex_lock(&fake->lock);
	fake->slots = slots;
	fake->free_mib = free_mib;
	pthread_mutex_unlock(&fake->lock);
}

void
fake_event(struct fake *fake, const char *type)
{
	pthread_mutex_lock(&fake->lock);
	const size_t seq = json_array_size(fake->events) + 1;
	char time[40];
	snprintf(time, sizeof(time), "2026-01-01T00:00:%02zu.000Z", seq);
	json_array_append_new(
		fake->events, json_pack("{s:I, s:s, s:s}", "seq", (json_int_t)seq, "time",
				      time, "type", type));
	pthread_cond_broadcast(&fake->changed);
	pthread_mutex_unlock(&fake->lock);
}

void
fake_watch(struct fake *fake, void (*fn)(void *arg), void *arg)
{
	pthread_mutex_lock(&fake->lock);
	fake->watch = fn;
	fake->watch_arg = arg;
	pthread_mutex_unlock(&fake->lock);
}

void
fake_on_check(struct fake *fake, void (*fn)(void *arg), void *arg)
{
	fake->check = fn;
	fake->check_arg = arg;
}

struct fake *
fake_clone(struct fake *fake, bool locked)
{
	struct fake *clone = fake_create();
	if (!locked)
		pthread_mutex_lock(&fake->lock);
	for (int i = 0; i < N_KINDS; i++)
		json_object_update_new(
			clone->objects[i], json_deep_copy(fake->objects[i]));
	clone->fail_kind = fake->fail_kind;
	clone->fail_times = fake->fail_times;
	memcpy(clone->fail_name, fake->fail_name, sizeof(clone->fail_name));
	if (!locked)
		pthread_mutex_unlock(&fake->lock);
	return clone;
}

json_t *
fake_objects(struct fake *fake)
{
	static const char *const own[] = {"id", "state", "pid"};
	json_t *all = json_object(), *doc;
	const char *id;
	pthread_mutex_lock(&fake->lock);
	for (int i = 0; i < N_KINDS; i++)
		json_object_foreach (fake->objects[i], id, doc) {
			char key[128];
			json_t *copy = json_deep_copy(doc);
			for (size_t k = 0; k < 3; k++)
				json_object_del(copy, own[k]);
			snprintf(key, sizeof(key), "%s:%s", kinds[i], id);
			json_object_set_new(all, key, copy);
		}
	pthread_mutex_unlock(&fake->lock);
	return all;
}

size_t
fake_count(struct fake *fake, enum vnfm_kind kind)
{
	pthread_mutex_lock(&fake->lock);
	const size_t n = json_object_size(fake->objects[kind]);
	pthread_mutex_unlock(&fake->lock);
	return n;
}

json_t *
fake_doc(struct fake *fake, enum vnfm_kind kind, const char *name)
{
	const char *id;
	json_t *doc, *found = NULL;
	pthread_mutex_lock(&fake->lock);
	json_object_foreach (fake->objects[kind], id, doc) {
		if (strcmp(name_of(doc, id), name) == 0)
			found = json_deep_copy(doc);
	}
	pthread_mutex_unlock(&fake->lock);
	return found;
}

json_t *
fake_calls(struct fake *fake)
{
	pthread_mutex_lock(&fake->lock);
	json_t *calls = fake->calls;
	fake->calls = json_array();
	pthread_mutex_unlock(&fake->lock);
	return calls;
}

static int
fake_host(void *self, json_t **host, struct err *err)
{
	struct fake *fake = self;
	int rc = enter(self, err);
	if (!rc)
		*host = json_pack("{s:s, s:[i, i, i], s:i, s:{s:s}, s:[s, s, s, s]}",
			"host", "fake", "cores", 0, 1, 2, "ioCore", 0, "dataplane",
			"state", fake->dataplane ? fake->dataplane : "ready",
			"interfaces", "lan0", "lan8", "lan9", "wan0");
	if (!rc && fake->slots)
		json_object_update_new(
			*host, json_pack("{s:{s:i, s:i}, s:{s:i, s:i}}", "slots", "total",
				       (int)fake->slots, "free",
				       (int)(fake->slots -
					       json_object_size(fake->objects[VNFM_VNF])),
				       "memory", "totalMiB", FAKE_MIB, "freeMiB",
				       (int)fake->free_mib));
	return leave(self, rc);
}

static int
fake_types(void *self, json_t **manifests, struct err *err)
{
	int rc = enter(self, err);
	if (!rc)
		*manifests = json_pack(
			"[o, o]", manifest("passthrough"), manifest("firewall"));
	return leave(self, rc);
}

static int
fake_check(void *self, const char *type, const json_t *config, json_t **faults,
	uint64_t *state_size, struct err *err)
{
	struct fake *fake = self;
	void (*meanwhile)(void *arg) = fake->check;
	fake->check = NULL;
	if (meanwhile)
		meanwhile(fake->check_arg);
	int rc = enter(self, err);
	(void)type;
	if (!rc && state_size)
		*state_size =
			(uint64_t)json_integer_value(json_object_get(config, "state"));
	if (!rc)
		*faults = json_object_get(config, "wrong")
				  ? json_pack("[{s:s, s:s, s:s, s:s}]", "code", "invalid",
					    "path", "wrong", "text", "this is wrong",
					    "hint", "leave it out")
				  : json_array();
	return leave(self, rc);
}

static int
fake_put(void *self, enum vnfm_kind kind, const char *id, const json_t *wanted,
	json_t **actual, struct err *err)
{
	struct fake *fake = self;
	int rc = enter(fake, err);
	if (rc)
		return leave(fake, rc);
	const char *name = name_of(wanted, id);
	note(fake, "put", kind, name);
	if (fails(fake, kind, name))
		return leave(fake, err_set(err, ERR_NO_RESOURCE, NULL, "free some",
					   "the fake has no %s left", kinds[kind]));
	json_t *doc = json_deep_copy(wanted);
	json_object_set_new(doc, "id", json_string(id));
	json_object_set_new(doc, "state", json_string(kind == VNFM_VNF ? "ready" : "up"));
	if (kind == VNFM_VNF)
		json_object_set_new(doc, "pid", json_integer(4711));
	json_object_set_new(fake->objects[kind], id, doc);
	*actual = json_incref(doc);
	return leave(fake, 0);
}

static int
fake_get(
	void *self, enum vnfm_kind kind, const char *id, json_t **actual, struct err *err)
{
	struct fake *fake = self;
	int rc = enter(fake, err);
	if (!rc)
		*actual = json_deep_copy(json_object_get(fake->objects[kind], id));
	if (!rc && !*actual)
		rc = err_set(err, ERR_NOT_FOUND, NULL, NULL, "the fake has no %s %s",
			kinds[kind], id);
	return leave(fake, rc);
}

static int
fake_list(void *self, enum vnfm_kind kind, json_t **list, struct err *err)
{
	struct fake *fake = self;
	const char *id;
	json_t *doc;
	int rc = enter(fake, err);
	if (!rc) {
		*list = json_array();
		json_object_foreach (fake->objects[kind], id, doc) {
			json_array_append_new(*list, json_deep_copy(doc));
		}
	}
	return leave(fake, rc);
}

static int
fake_del(void *self, enum vnfm_kind kind, const char *id, struct err *err)
{
	struct fake *fake = self;
	int rc = enter(fake, err);
	if (!rc) {
		note(fake, "del", kind,
			name_of(json_object_get(fake->objects[kind], id), id));
		if (kind == VNFM_SERVICE)
			drop_service(fake, id);
		json_object_del(fake->objects[kind], id);
	}
	return leave(fake, rc);
}

/* Noted as "relink service edge", and its links as "+ link a-b", "- link b-c". */
static int
fake_relink(void *self, const char *ns, const json_t *links, struct err *err)
{
	struct fake *fake = self;
	json_t *objects = fake->objects[VNFM_LINK], *doc;
	const char *id;
	int rc = enter(fake, err);
	if (rc)
		return leave(fake, rc);
	note(fake, "relink", VNFM_SERVICE,
		name_of(json_object_get(fake->objects[VNFM_SERVICE], ns), ns));
	if (fake->fail_nth && --fake->fail_nth == 0)
		return leave(fake, err_set(err, ERR_NO_RESOURCE, NULL, "free some",
					   "the fake cannot relink now"));
	json_object_foreach ((json_t *)links, id, doc)
		if (fake->fail_times && fails(fake, VNFM_LINK, name_of(doc, id)))
			return leave(
				fake, err_set(err, ERR_NO_RESOURCE, NULL, "free some",
					      "the fake has no link left"));
	json_object_foreach ((json_t *)links, id, doc) {
		note(fake, json_is_null(doc) ? "-" : "+", VNFM_LINK,
			name_of(json_is_null(doc) ? json_object_get(objects, id) : doc,
				id));
		if (json_is_null(doc)) {
			json_object_del(objects, id);
			continue;
		}
		json_object_set_new(objects, id, json_deep_copy(doc));
		json_object_set_new(json_object_get(objects, id), "id", json_string(id));
	}
	return leave(fake, 0);
}

/* Noted as "spread vnf edge.fw 2". */
static int
fake_spread(void *self, const char *vnf, unsigned n, bool force, json_t **done,
	struct err *err)
{
	struct fake *fake = self;
	char noted[96];
	int rc = enter(fake, err);
	if (rc)
		return leave(fake, rc);
	snprintf(noted, sizeof(noted), "%.64s %u",
		name_of(json_object_get(fake->objects[VNFM_VNF], vnf), vnf), n);
	note(fake, "spread", VNFM_VNF, noted);
	*done = json_pack("{s:b, s:i}", "done", 1, "sessions", 0);
	(void)force;
	return leave(fake, 0);
}

static int
fake_wait_ready(void *self, const char *vnf, unsigned timeout_ms, json_t **actual,
	struct err *err)
{
	struct fake *fake = self;
	const struct timespec until = pacer_after(timeout_ms);
	int rc = enter(fake, err), waited = 0;
	while (!rc && fake->hold && !fake->down && !waited)
		waited = pthread_cond_timedwait(&fake->changed, &fake->lock, &until);
	if (!rc && fake->hold)
		rc = err_set(err, ERR_TIMEOUT, NULL, NULL, "not ready yet");
	if (!rc)
		*actual = json_deep_copy(json_object_get(fake->objects[VNFM_VNF], vnf));
	if (!rc && !*actual)
		rc = err_set(
			err, ERR_NOT_FOUND, NULL, NULL, "the fake has no vnf %s", vnf);
	return leave(fake, rc);
}

static int
fake_stats(void *self, const char *ns, json_t **stats, struct err *err)
{
	struct fake *fake = self;
	const char *id;
	json_t *doc, *vnfs = json_array();
	int rc = enter(fake, err);
	if (rc) {
		json_decref(vnfs);
		return leave(fake, rc);
	}
	fake->asked++;
	json_object_foreach (fake->objects[VNFM_VNF], id, doc) {
		if (strcmp(json_string_value(json_object_get(doc, "ns")), ns) == 0)
			json_array_append_new(vnfs,
				json_pack("{s:s, s:O, s:O, s:{s:{s:i, s:i, s:i, s:i}}, "
					  "s:{s:i}, s:f, s:i}",
					"id", id, "name", json_object_get(doc, "name"),
					"type", json_object_get(doc, "type"), "cps",
					"left", "rxPackets", 7, "rxBytes", 448,
					"txPackets", 5, "txBytes", 320, "drops",
					"no-rule", 2, "busy", 0.25, "sessions",
					fake->sessions));
	}
	*stats = json_pack("{s:s, s:{s:i, s:i, s:i}, s:{s:i, s:i}, s:[], s:o, s:[], "
			   "s:[{s:i, s:i, s:i}]}",
		"ns", ns, "pool", "size", 1000, "free", 900, "inFlight", 100, "latencyUs",
		"p50", 10, "p99", 20, "ports", "vnfs", vnfs, "links", "paths", "path", 2,
		"packets", 7, "bytes", 448);
	return leave(fake, 0);
}

static int
fake_log(void *self, const char *vnf, unsigned lines, char **text, struct err *err)
{
	int rc = enter(self, err);
	(void)vnf;
	(void)lines;
	if (!rc)
		*text = strdup("a line of the log\n");
	return leave(self, rc);
}

/* Echoes what it was asked. */
static int
fake_ask(void *self, const char *vnf, const char *what, const json_t *args, bool act,
	json_t **answer, struct err *err)
{
	int rc = enter(self, err);
	if (!rc)
		*answer = json_pack("{s:s, s:s, s:O, s:b}", "vnf", vnf, "what", what,
			"args", args, "act", act);
	return leave(self, rc);
}

static int
fake_audit(void *self, json_t **audit, struct err *err)
{
	int rc = enter(self, err);
	if (!rc)
		*audit = json_pack("{s:b, s:[], s:[], s:[]}", "ok", 1, "findings",
			"buffers", "orphans");
	return leave(self, rc);
}

static int
fake_events(
	void *self, uint64_t after, unsigned wait_ms, json_t **events, struct err *err)
{
	struct fake *fake = self;
	const struct timespec until = pacer_after(wait_ms < 10 ? wait_ms : 10);
	int rc = enter(fake, err), waited = wait_ms == 0;
	while (!rc && !fake->down && json_array_size(fake->events) <= after && !waited)
		waited = pthread_cond_timedwait(&fake->changed, &fake->lock, &until);
	if (!rc && fake->down)
		rc = err_set(err, ERR_UNAVAILABLE, NULL, NULL, "the fake is down");
	if (!rc) {
		*events = json_array();
		for (size_t i = after; i < json_array_size(fake->events); i++)
			json_array_append(*events, json_array_get(fake->events, i));
	}
	return leave(fake, rc);
}

static void
fake_close(void *self)
{
	(void)self;
}

static int
enter(struct fake *fake, struct err *err)
{
	pthread_mutex_lock(&fake->lock);
	if (fake->down)
		return err_set(err, ERR_UNAVAILABLE, NULL, NULL, "the fake is down");
	return 0;
}

static int
leave(struct fake *fake, int rc)
{
	if (fake->noted && fake->watch)
		fake->watch(fake->watch_arg);
	fake->noted = false;
	pthread_mutex_unlock(&fake->lock);
	return rc;
}

static json_t *
manifest(const char *type)
{
	return json_pack("{s:s, s:s, s:i, s:[s, s], s:[], s:i, s:s?, s:[], s:s}", "type",
		type, "summary", "a type of the fake", "api", 1, "connectionPoints",
		"left", "right", "dropReasons", "stateVersion", 1, "scaling",
		strcmp(type, "firewall") == 0 ? "by-flow" : NULL, "config", "version",
		"1.0");
}

static void
note(struct fake *fake, const char *verb, enum vnfm_kind kind, const char *name)
{
	fake->noted = true;
	json_array_append_new(
		fake->calls, json_pack("s++++", verb, " ", kinds[kind], " ", name));
}

static const char *
name_of(const json_t *doc, const char *id)
{
	const char *name = json_string_value(json_object_get(doc, "name"));
	return name ? name : id;
}

static bool
fails(struct fake *fake, enum vnfm_kind kind, const char *name)
{
	if (fake->fail_nth && --fake->fail_nth == 0)
		return true;
	if (!fake->fail_times || fake->fail_kind != kind ||
		(*fake->fail_name && strcmp(fake->fail_name, name) != 0))
		return false;
	fake->fail_times--;
	return true;
}

static void
drop_service(struct fake *fake, const char *ns)
{
	for (int kind = VNFM_PORT; kind <= VNFM_LINK; kind++) {
		const char *id;
		json_t *doc;
		void *next;
		json_object_foreach_safe(fake->objects[kind], next, id, doc)
		{
			const char *of = json_string_value(json_object_get(doc, "ns"));
			if (of && strcmp(of, ns) == 0)
				json_object_del(fake->objects[kind], id);
		}
	}
}
