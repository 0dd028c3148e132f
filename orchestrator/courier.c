/* courier.c: see courier.h. */
#include "orchestrator/courier.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "common/log.h"
#include "db/subscriptions.h"
#include "orchestrator/event.h"
#include "orchestrator/stamp.h"

#define PAUSE_MAX_MS 60000
#define LOOK_MS	     60000 /* when nothing is due before */
#define STORE_MS     1000  /* after a failure of the store */

struct carrier { /* a thread, and whom it serves */
	struct courier *courier;
	pthread_t thread;
	char subscription[STAMP_ID]; /* "": none now */
};

struct courier {
	struct orch *orch;
	const struct courier_driver *driver;
	void *self;
	unsigned pause_ms;
	struct carrier carriers[COURIER_CARRIERS];
	unsigned n_carriers;
	pthread_mutex_t lock; /* of what follows, and of whom each serves */
	pthread_cond_t changed;
	unsigned wakes; /* times that there may have been something new */
	bool stop;
};

static void *carrier_thread(void *arg);
static int take(struct carrier *carrier, int64_t now,
	struct db_subscription *subscription, struct err *err);
static bool reserve(struct carrier *carrier, const char *subscription);
static void release(struct carrier *carrier);
static int deliver_all(
	struct courier *courier, const struct db_subscription *to, struct err *err);
static int deliver(struct courier *courier, const struct db_subscription *to,
	struct db_notification *letter, struct err *err);
static int failed(struct courier *courier, struct db_notification *letter,
	const struct err *why, struct err *err);
static unsigned wakes_of(struct courier *courier);
static bool rest(struct courier *courier, unsigned wakes, int64_t until_ms);
static bool is_stopped(struct courier *courier);
static void on_event(void *arg);
static int64_t now_ms(void);

int
courier_open(struct orch *orch, const struct courier_driver *driver, void *self,
	unsigned pause_ms, struct err *err)
{
	struct courier *courier = calloc(1, sizeof(*courier));
	if (!courier)
		return err_set(err, ERR_INTERNAL, NULL, NULL, "out of memory");
	courier->orch = orch;
	courier->driver = driver;
	courier->self = self;
	courier->pause_ms = pause_ms;
	pthread_mutex_init(&courier->lock, NULL);
	pthread_cond_init(&courier->changed, NULL);
	for (unsigned i = 0; i < COURIER_CARRIERS; i++) {
		struct carrier *carrier = &courier->carriers[i];
		carrier->courier = courier;
		const int rc =
			pthread_create(&carrier->thread, NULL, carrier_thread, carrier);
		if (rc) {
			courier_close(courier);
			return err_sys(err, rc, "cannot start a thread");
		}
		courier->n_carriers++;
	}
	event_watch(orch, on_event, courier);
	orch->courier = courier;
	return 0;
}

void
courier_close(struct courier *courier)
{
	if (!courier)
		return;
	event_watch(courier->orch, NULL, courier);
	pthread_mutex_lock(&courier->lock);
	courier->stop = true;
	pthread_cond_broadcast(&courier->changed);
	pthread_mutex_unlock(&courier->lock);
	for (unsigned i = 0; i < courier->n_carriers; i++)
		pthread_join(courier->carriers[i].thread, NULL);
	pthread_cond_destroy(&courier->changed);
	pthread_mutex_destroy(&courier->lock);
	free(courier);
}

int
courier_probe(struct courier *courier, const char *uri, const json_t *authentication,
	struct err *err)
{
	if (!courier)
		return err_set(err, ERR_UNAVAILABLE, NULL, NULL,
			"notifications are not delivered by this orchestrator");
	return courier->driver->probe(courier->self, uri, authentication, err);
}

void
courier_wake(struct courier *courier)
{
	if (!courier)
		return;
	pthread_mutex_lock(&courier->lock);
	courier->wakes++;
	pthread_cond_broadcast(&courier->changed);
	pthread_mutex_unlock(&courier->lock);
}

int64_t
courier_pause_ms(unsigned first_ms, int64_t attempts)
{
	int64_t pause = first_ms;
	for (int64_t i = 1; i < attempts && pause < PAUSE_MAX_MS; i++)
		pause *= 2;
	return pause < PAUSE_MAX_MS ? pause : PAUSE_MAX_MS;
}

/* Serves one subscriber after the other, who is not served by another thread. */
static void *
carrier_thread(void *arg)
{
	struct carrier *carrier = arg;
	struct courier *courier = carrier->courier;
	bool going = true;
	while (going) {
		const unsigned wakes = wakes_of(courier);
		struct db_subscription to = {0};
		int64_t due = INT64_MAX;
		struct err err;
		const int64_t now = now_ms();
		int rc = take(carrier, now, &to, &err);
		if (!rc && to.id)
			rc = deliver_all(courier, &to, &err);
		else if (!rc)
			rc = db_notification_next_due(courier->orch->db, now, &due, &err);
		if (rc)
			log_error("notifications wait", "reason=\"%s\"", err.text);
		if (rc)
			due = now + STORE_MS;
		release(carrier);
		going = to.id && !rc ? !is_stopped(courier)
				     : rest(courier, wakes,
					       due < now + LOOK_MS ? due : now + LOOK_MS);
		db_subscription_clear(&to);
	}
	return NULL;
}

/* The first that is due, and that nobody serves; its id is null if there is none. */
static int
take(struct carrier *carrier, int64_t now, struct db_subscription *subscription,
	struct err *err)
{
	struct db_subscription *rows;
	size_t n;
	int rc =
		db_subscription_list_due(carrier->courier->orch->db, now, &rows, &n, err);
	if (rc)
		return rc;
	for (size_t i = 0; i < n && !subscription->id; i++)
		if (reserve(carrier, rows[i].id)) {
			*subscription = rows[i];
			rows[i] = (struct db_subscription){0};
		}
	db_subscriptions_free(rows, n);
	return 0;
}

/* False: another serves it. */
static bool
reserve(struct carrier *carrier, const char *subscription)
{
	struct courier *courier = carrier->courier;
	bool is_free = true;
	pthread_mutex_lock(&courier->lock);
	for (unsigned i = 0; i < COURIER_CARRIERS; i++)
		is_free &= strcmp(courier->carriers[i].subscription, subscription) != 0;
	if (is_free)
		snprintf(carrier->subscription, sizeof(carrier->subscription), "%s",
			subscription);
	pthread_mutex_unlock(&courier->lock);
	return is_free;
}

/* Others may serve it, and may have found it taken. */
static void
release(struct carrier *carrier)
{
	struct courier *courier = carrier->courier;
	pthread_mutex_lock(&courier->lock);
	if (*carrier->subscription) {
		carrier->subscription[0] = '\0';
		courier->wakes++;
		pthread_cond_broadcast(&courier->changed);
	}
	pthread_mutex_unlock(&courier->lock);
}

/* What is due now, until one fails. */
static int
deliver_all(struct courier *courier, const struct db_subscription *to, struct err *err)
{
	struct db_notification *rows;
	size_t n;
	int rc = db_notification_list_due(
		courier->orch->db, to->id, now_ms(), &rows, &n, err);
	if (rc)
		return rc;
	for (size_t i = 0; !rc && i < n && !is_stopped(courier); i++) {
		struct db_notification now = {0};
		/* The subscriber may have failed, or have gone, meanwhile. */
		if (db_notification_get(courier->orch->db, rows[i].id, &now, NULL) == 0 &&
			now.due_ms <= now_ms())
			rc = deliver(courier, to, &now, err);
		db_notification_clear(&now);
	}
	db_notifications_free(rows, n);
	return rc;
}

static int
deliver(struct courier *courier, const struct db_subscription *to,
	struct db_notification *letter, struct err *err)
{
	struct err why = {0};
	int rc;
	if (courier->driver->post(
		    courier->self, to->callback, to->authentication, letter->body, &why))
		rc = failed(courier, letter, &why, err);
	else
		rc = db_notification_delete(courier->orch->db, letter->id, err);
	return rc == err_errno(ERR_NOT_FOUND) ? 0 : rc;
}

static int
failed(struct courier *courier, struct db_notification *letter, const struct err *why,
	struct err *err)
{
	struct db *db = courier->orch->db;
	free(letter->reason);
	letter->reason = strdup(why->text);
	letter->attempts++;
	letter->dead = letter->attempts >= COURIER_ATTEMPTS;
	letter->due_ms = now_ms() + courier_pause_ms(courier->pause_ms, letter->attempts);
	log_warn(letter->dead ? "notification given up" : "notification not delivered",
		"id=%s subscription=%s attempts=%d reason=\"%s\"", letter->id,
		letter->subscription, (int)letter->attempts, why->text);
	int rc = db_begin(db, err);
	if (rc)
		return rc;
	rc = db_notification_update(db, letter, err);
	if (!rc)
		rc = db_notification_postpone(
			db, letter->subscription, letter->due_ms, err);
	if (!rc && letter->dead)
		event_add(db, NULL, "notification-dead", NULL, NULL,
			json_pack("{s:s, s:s, s:s}", "id", letter->id, "subscription",
				letter->subscription, "reason", why->text));
	return db_end(db, rc, err);
}

static unsigned
wakes_of(struct courier *courier)
{
	pthread_mutex_lock(&courier->lock);
	const unsigned wakes = courier->wakes;
	pthread_mutex_unlock(&courier->lock);
	return wakes;
}

/* Until there is something new since so many wakes. False: it is to end. */
static bool
rest(struct courier *courier, unsigned wakes, int64_t until_ms)
{
	const struct timespec until = {until_ms / 1000, (until_ms % 1000) * 1000000L};
	int rc = 0;
	pthread_mutex_lock(&courier->lock);
	while (!courier->stop && courier->wakes == wakes && !rc)
		rc = pthread_cond_timedwait(&courier->changed, &courier->lock, &until);
	const bool stop = courier->stop;
	pthread_mutex_unlock(&courier->lock);
	return !stop;
}

static bool
is_stopped(struct courier *courier)
{
	pthread_mutex_lock(&courier->lock);
	const bool stop = courier->stop;
	pthread_mutex_unlock(&courier->lock);
	return stop;
}

static void
on_event(void *arg)
{
	courier_wake(arg);
}

static int64_t
now_ms(void)
{
	return stamp_us() / 1000;
}
