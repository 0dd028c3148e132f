/* subscriptions.c: the tables subscriptions and notifications. */
#include "db/subscriptions.h"

#include "db/internal.h"

#define COLUMN(struct_, name_, type_)                                                    \
	{                                                                                \
#name_, type_, offsetof(struct struct_, name_)                           \
	}

static const struct db_column subscription_columns[] = {
	COLUMN(db_subscription, id, DB_TEXT),
	COLUMN(db_subscription, api, DB_TEXT),
	COLUMN(db_subscription, callback, DB_TEXT),
	COLUMN(db_subscription, filter, DB_JSON),
	COLUMN(db_subscription, authentication, DB_JSON),
	COLUMN(db_subscription, created, DB_TEXT),
	{0},
};
static const struct db_column notification_columns[] = {
	COLUMN(db_notification, id, DB_TEXT),
	COLUMN(db_notification, subscription, DB_TEXT),
	COLUMN(db_notification, resource, DB_TEXT),
	COLUMN(db_notification, body, DB_JSON),
	COLUMN(db_notification, created, DB_TEXT),
	COLUMN(db_notification, attempts, DB_INT),
	COLUMN(db_notification, due_ms, DB_INT),
	COLUMN(db_notification, dead, DB_BOOL),
	COLUMN(db_notification, reason, DB_TEXT),
	{0},
};

static const struct db_table subscriptions = {
	"subscriptions", subscription_columns, sizeof(struct db_subscription), "rowid"};
static const struct db_table notifications = {
	"notifications", notification_columns, sizeof(struct db_notification), "rowid"};

int
db_subscription_insert(struct db *db, const struct db_subscription *row, struct err *err)
{
	return db_row_insert(db, &subscriptions, row, err);
}

int
db_subscription_delete(struct db *db, const char *id, struct err *err)
{
	return db_row_delete(db, &subscriptions, id, err);
}

int
db_subscription_get(
	struct db *db, const char *id, struct db_subscription *row, struct err *err)
{
	return db_row_get(db, &subscriptions, id, row, err);
}

int
db_subscription_list(struct db *db, const char *api, struct db_subscription **rows,
	size_t *n, struct err *err)
{
	return db_row_list(db, &subscriptions, (void **)rows, n, err, "api=?", "s", api);
}

int
db_subscription_list_due(struct db *db, int64_t now_ms, struct db_subscription **rows,
	size_t *n, struct err *err)
{
	static const struct db_table due = {
		"(SELECT subscriptions.*, min(notifications.due_ms) AS first FROM "
		"subscriptions JOIN notifications ON "
		"notifications.subscription=subscriptions.id WHERE NOT dead GROUP BY "
		"subscriptions.id)",
		subscription_columns, sizeof(struct db_subscription), "first"};
	return db_row_list(db, &due, (void **)rows, n, err, "first<=?", "i", now_ms);
}

void
db_subscription_clear(struct db_subscription *row)
{
	db_row_clear(&subscriptions, row);
}

void
db_subscriptions_free(struct db_subscription *rows, size_t n)
{
	db_rows_free(&subscriptions, rows, n);
}

/* Dues of those that wait never fall from one to the next, so the last has the latest. */
int
db_notification_insert(struct db *db, const struct db_notification *row, struct err *err)
{
	int rc = db_begin(db, err);
	if (rc)
		return rc;
	rc = db_row_insert(db, &notifications, row, err);
	if (!rc)
		rc = db_run(db, err,
			"UPDATE notifications SET due_ms=max(due_ms, coalesce((SELECT due_ms "
			"FROM notifications AS waiting WHERE +waiting.subscription=?1 AND NOT "
			"waiting.dead AND waiting.id<>?2 ORDER BY waiting.rowid DESC LIMIT 1),"
			"0)) WHERE id=?2",
			"ss", row->subscription, row->id);
	if (!rc)
		db_wake(db);
	return db_end(db, rc, err);
}

int
db_notification_shed(struct db *db, const char *subscription, int64_t keep, int64_t *n,
	struct err *err)
{
	int rc = db_number(db, n, err,
		"SELECT count(*) FROM notifications WHERE subscription=?", "s",
		subscription);
	*n = rc || *n < keep ? 0 : *n - keep;
	return rc || *n == 0
		       ? rc
		       : db_run(db, err,
				 "DELETE FROM notifications WHERE rowid IN (SELECT rowid "
				 "FROM notifications WHERE subscription=? ORDER BY dead DESC, "
				 "rowid LIMIT ?)",
				 "si", subscription, *n);
}

int
db_notification_update(struct db *db, const struct db_notification *row, struct err *err)
{
	return db_row_update(db, &notifications, row, err);
}

int
db_notification_delete(struct db *db, const char *id, struct err *err)
{
	return db_row_delete(db, &notifications, id, err);
}

int
db_notification_get(
	struct db *db, const char *id, struct db_notification *row, struct err *err)
{
	return db_row_get(db, &notifications, id, row, err);
}

int
db_notification_list_due(struct db *db, const char *subscription, int64_t now_ms,
	struct db_notification **rows, size_t *n, struct err *err)
{
	return db_row_list(db, &notifications, (void **)rows, n, err,
		"subscription=? AND NOT dead AND due_ms<=? AND NOT EXISTS (SELECT 1 FROM "
		"notifications AS earlier WHERE "
		"earlier.subscription=notifications.subscription AND "
		"earlier.resource=notifications.resource AND NOT earlier.dead AND "
		"earlier.rowid<notifications.rowid)",
		"si", subscription, now_ms);
}

int
db_notification_next_due(struct db *db, int64_t now_ms, int64_t *due_ms, struct err *err)
{
	*due_ms = INT64_MAX;
	return db_number(db, due_ms, err,
		"SELECT coalesce(min(due_ms), 9223372036854775807) FROM notifications "
		"WHERE NOT dead AND due_ms>?",
		"i", now_ms);
}

int
db_notification_postpone(
	struct db *db, const char *subscription, int64_t due_ms, struct err *err)
{
	return db_run(db, err,
		"UPDATE notifications SET due_ms=?1 WHERE subscription=?2 AND NOT dead AND "
		"due_ms<?1",
		"is", due_ms, subscription);
}

int
db_notification_list(
	struct db *db, struct db_notification **rows, size_t *n, struct err *err)
{
	return db_row_list(db, &notifications, (void **)rows, n, err, NULL, "");
}

void
db_notification_clear(struct db_notification *row)
{
	db_row_clear(&notifications, row);
}

void
db_notifications_free(struct db_notification *rows, size_t n)
{
	db_rows_free(&notifications, rows, n);
}
