/* courier.c: see courier.h. */
#include "orchestrator/courier.h"

#include <pthread.h>
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

struct courier {
	struct orch *orch;
	const struct courier_driver *driver;
	void *self;
	unsigned pause_ms;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool stop, woken;
};

static void *courier_thread(void *arg);
static int deliver_due(struct courier *courier, struct err *err);
static int deliver(
	struct courier *courier, struct db_notification *letter, struct err *err);
static int failed(struct courier *courier, struct db_notification *letter,
	const struct err *why, struct err *err);
static bool rest(struct courier *courier, int64_t until_ms);
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
	int rc = pthread_create(&courier->thread, NULL, courier_thread, courier);
	if (rc) {
		free(courier);
		return err_sys(err, rc, "cannot start a thread");
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
	pthread_join(courier->thread, NULL);
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
	courier->woken = true;
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

static void *
courier_thread(void *arg)
{
	struct courier *courier = arg;
	bool going = true;
	while (going) {
		int64_t due = INT64_MAX;
		struct err err;
		int rc = deliver_due(courier, &err);
		if (!rc)
			rc = db_notification_next_due(courier->orch->db, &due, &err);
		if (rc)
			log_error("notifications wait", "reason=\"%s\"", err.text);
		const int64_t now = now_ms();
		if (rc)
			due = now + STORE_MS;
		going = rest(courier, due < now + LOOK_MS ? due : now + LOOK_MS);
	}
	return NULL;
}

static int
deliver_due(struct courier *courier, struct err *err)
{
	struct db_notification *rows;
	size_t n;
	int rc = db_notification_list_due(courier->orch->db, now_ms(), &rows, &n, err);
	if (rc)
		return rc;
	for (size_t i = 0; !rc && i < n; i++) {
		struct db_notification now = {0};
		/* Its subscriber may have failed, or have gone, meanwhile. */
		if (db_notification_get(courier->orch->db, rows[i].id, &now, NULL) == 0 &&
			now.due_ms <= now_ms())
			rc = deliver(courier, &now, err);
		db_notification_clear(&now);
	}
	db_notifications_free(rows, n);
	return rc;
}

static int
deliver(struct courier *courier, struct db_notification *letter, struct err *err)
{
	struct db *db = courier->orch->db;
	struct db_subscription row = {0};
	struct err why = {0};
	int rc = db_subscription_get(db, letter->subscription, &row, err);
	if (rc)
		return rc;
	if (courier->driver->post(
		    courier->self, row.callback, row.authentication, letter->body, &why))
		rc = failed(courier, letter, &why, err);
	else
		rc = db_notification_delete(db, letter->id, err);
	db_subscription_clear(&row);
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

/* False: it is to end. */
static bool
rest(struct courier *courier, int64_t until_ms)
{
	const struct timespec until = {until_ms / 1000, (until_ms % 1000) * 1000000L};
	int rc = 0;
	pthread_mutex_lock(&courier->lock);
	while (!courier->stop && !courier->woken && !rc)
		rc = pthread_cond_timedwait(&courier->changed, &courier->lock, &until);
	courier->woken = false;
	const bool stop = courier->stop;
	pthread_mutex_unlock(&courier->lock);
	return !stop;
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
