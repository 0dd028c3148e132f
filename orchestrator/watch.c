/* watch.c: the thread that keeps in touch with the VNF manager. */
#include "orchestrator/watch.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "common/log.h"
#include "orchestrator/alarm.h"
#include "orchestrator/engine.h"
#include "orchestrator/event.h"
#include "orchestrator/pacer.h"
#include "orchestrator/packages.h"
#include "orchestrator/plan/replicas.h"
#include "orchestrator/reconcile.h"
#include "orchestrator/stamp.h"

#define POLL_MS	     20000 /* of a long poll when all is well */
#define RETRY_MS     3000  /* of one while something is left to reconcile */
#define STORE_MS     1000  /* between looks at a store that cannot be written */
#define PAUSE_MIN_MS 50
#define PAUSE_MAX_MS 2000

struct watch {
	struct orch *orch;
	struct pacer pacer;
	bool connected;
	/* The thread's own. */
	bool again;
	bool catching_up; /* the VNFM tells all that it remembers */
	uint64_t seq;	  /* of the newest event seen */
	char time[40]; /* its time: tells a restarted VNFM's numbers from the old ones */
};

static void *watch_thread(void *arg);
static int connect_vnfm(struct watch *watch, struct err *err);
static int keep_watching(struct watch *watch, struct err *err);
static int restore(struct watch *watch, struct err *err);
static int take_events(struct watch *watch, unsigned wait_ms, struct err *err);
static int take_event(struct watch *watch, const json_t *event);
static bool store_is_ill(struct watch *watch);
static void set_connected(struct watch *watch, bool connected);

int
watch_open(struct orch *orch, struct watch **out, struct err *err)
{
	struct watch *watch = calloc(1, sizeof(*watch));
	if (!watch)
		return err_set(err, ERR_INTERNAL, NULL, NULL, "out of memory");
	watch->orch = orch;
	int rc = pacer_open(&watch->pacer, watch_thread, watch, err);
	if (rc)
		free(watch);
	else
		*out = watch;
	return rc;
}

bool
watch_close(struct watch *watch)
{
	if (!watch)
		return true;
	if (!pacer_stop(&watch->pacer))
		return false;
	pacer_clear(&watch->pacer);
	free(watch);
	return true;
}

bool
watch_connected(struct watch *watch)
{
	pthread_mutex_lock(&watch->pacer.lock);
	const bool connected = watch->connected;
	pthread_mutex_unlock(&watch->pacer.lock);
	return connected;
}

bool
watch_wait_connected(struct watch *watch, unsigned timeout_ms)
{
	const struct timespec until = pacer_after(timeout_ms);
	int rc = 0;
	pthread_mutex_lock(&watch->pacer.lock);
	while (!watch->connected && !rc)
		rc = pthread_cond_timedwait(
			&watch->pacer.changed, &watch->pacer.lock, &until);
	const bool connected = watch->connected;
	pthread_mutex_unlock(&watch->pacer.lock);
	return connected;
}

static void *
watch_thread(void *arg)
{
	struct watch *watch = arg;
	unsigned pause_ms = PAUSE_MIN_MS;
	bool complained = false;
	for (;;) {
		struct err err;
		int rc = connect_vnfm(watch, &err);
		if (!rc) {
			log_info("vnfm connected", "%s", "");
			set_connected(watch, true);
			engine_resume(watch->orch->engine);
			pause_ms = PAUSE_MIN_MS;
			complained = false;
			rc = keep_watching(watch, &err);
		}
		if (!rc)
			return NULL; /* stopped */
		if (!complained)
			log_warn("vnfm does not answer, trying again", "reason=\"%s\"",
				err.text);
		complained = true;
		set_connected(watch, false);
		if (pacer_pause(&watch->pacer, pause_ms))
			return NULL;
		pause_ms = pause_ms * 2 > PAUSE_MAX_MS ? PAUSE_MAX_MS : pause_ms * 2;
	}
}

static int
connect_vnfm(struct watch *watch, struct err *err)
{
	const struct vnfm *vnfm = &watch->orch->vnfm;
	json_t *types = NULL;
	int rc = vnfm->driver->types(vnfm->self, &types, err);
	if (!rc)
		rc = packages_sync(watch->orch->db, types, err);
	json_decref(types);
	watch->seq = 0;
	watch->catching_up = true;
	if (!rc)
		rc = take_events(watch, 0, err);
	watch->catching_up = false;
	if (!rc)
		rc = restore(watch, err);
	if (!rc)
		alarm_review(watch->orch);
	return rc;
}

/* 0: told to stop. */
static int
keep_watching(struct watch *watch, struct err *err)
{
	while (!pacer_pause(&watch->pacer, 0)) {
		if (store_is_ill(watch)) {
			pacer_pause(&watch->pacer, STORE_MS);
			continue;
		}
		int rc = take_events(watch, watch->again ? RETRY_MS : POLL_MS, err);
		if (!rc && watch->again)
			rc = restore(watch, err);
		if (rc)
			return rc;
	}
	return 0;
}

static int
restore(struct watch *watch, struct err *err)
{
	return reconcile(watch->orch, &watch->again, err);
}

static int
take_events(struct watch *watch, unsigned wait_ms, struct err *err)
{
	const struct vnfm *vnfm = &watch->orch->vnfm;
	json_t *events = NULL, *event;
	size_t i;
	int rc = vnfm->driver->events(vnfm->self, watch->seq, wait_ms, &events, err);
	if (rc)
		return rc;
	json_array_foreach (events, i, event) {
		if (db_is_passing(take_event(watch, event)))
			break; /* the VNFM tells it again */
	}
	json_decref(events);
	return 0;
}

/* While nothing can be written the VNFM keeps its events. */
static bool
store_is_ill(struct watch *watch)
{
	struct err err;
	if (!db_illness(watch->orch->db, &err))
		return false;
	if (event_add(watch->orch->db, NULL, "store-ready", NULL, NULL,
		    json_string(err.text)))
		return true;
	log_info("store can be written again", "%s", "");
	return false;
}

/* After a reconnection all events that the VNFM remembers come again: those that are not
 * newer than the newest seen are known. */
static int
take_event(struct watch *watch, const json_t *event)
{
	char now[STAMP_TIME];
	const char *type, *time = NULL, *ns = NULL, *vnf = NULL, *port = NULL;
	json_t *detail = NULL;
	json_int_t seq = 0;
	if (json_unpack((json_t *)event, "{s:s, s:I, s?s, s?s, s?s, s?s, s?o}", "type",
		    &type, "seq", &seq, "time", &time, "ns", &ns, "vnf", &vnf, "port",
		    &port, "detail", &detail))
		return 0;
	if (!time)
		time = stamp_time(now);
	if (ns && !*ns)
		ns = NULL;
	if (vnf && !*vnf)
		vnf = NULL;
	char of[64];
	if (vnf) /* what happens to a replica happens to its VNF */
		vnf = replicas_of(vnf, of, sizeof(of));
	const bool known = watch->catching_up && strcmp(time, watch->time) <= 0;
	int rc = known ? 0
		       : event_add(watch->orch->db, time, type, ns, vnf,
				 json_incref(detail));
	if (db_is_passing(rc))
		return rc;
	if ((uint64_t)seq > watch->seq)
		watch->seq = (uint64_t)seq;
	if (known)
		return 0;
	strncpy(watch->time, time, sizeof(watch->time) - 1);
	log_info(type, "ns=%s vnf=%s", ns ? ns : "-", vnf ? vnf : "-");
	alarm_take_event(watch->orch->db, time, type, ns, vnf, port, detail);
	if (strcmp(type, "dataplane-ready") == 0)
		watch->again = true;
	return 0;
}

static void
set_connected(struct watch *watch, bool connected)
{
	pthread_mutex_lock(&watch->pacer.lock);
	watch->connected = connected;
	pthread_cond_broadcast(&watch->pacer.changed);
	pthread_mutex_unlock(&watch->pacer.lock);
}
