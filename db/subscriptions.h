/* subscriptions.h: who wants to be notified of what, and the notifications that wait to
 * be delivered, or were given up. */
#ifndef DB_SUBSCRIPTIONS_H
#define DB_SUBSCRIPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <jansson.h>
#include "db/db.h"

struct db_subscription {
	char *id;
	char *api;		/* nslcm, vnflcm, nsd, ... */
	char *callback;		/* URI */
	json_t *filter;		/* null: everything */
	json_t *authentication; /* as it was told, with its secrets; null: none */
	char *created;		/* RFC 3339 */
};

int db_subscription_insert(
	struct db *db, const struct db_subscription *row, struct err *err);
/* Its notifications go with it. ERR_NOT_FOUND. */
int db_subscription_delete(struct db *db, const char *id, struct err *err);
/* Fills *row, which the caller clears. ERR_NOT_FOUND. */
int db_subscription_get(
	struct db *db, const char *id, struct db_subscription *row, struct err *err);
/* Oldest first. *rows is freed with db_subscriptions_free(). */
int db_subscription_list(struct db *db, const char *api, struct db_subscription **rows,
	size_t *n, struct err *err);
/* Those to which something may be delivered now, who waited longest first. */
int db_subscription_list_due(struct db *db, int64_t now_ms, struct db_subscription **rows,
	size_t *n, struct err *err);
void db_subscription_clear(struct db_subscription *row);
void db_subscriptions_free(struct db_subscription *rows, size_t n);

struct db_notification {
	char *id;
	char *subscription;
	char *resource; /* that it is about: those of one are delivered in order */
	json_t *body;
	char *created;
	int64_t attempts;
	int64_t due_ms; /* of CLOCK_REALTIME: not to be tried before */
	bool dead;	/* given up */
	char *reason;	/* why the last attempt failed; null: there was none */
};

/* It is not due before what waits for the same subscriber. */
int db_notification_insert(
	struct db *db, const struct db_notification *row, struct err *err);
/* Forgets the oldest of a subscription beyond so many, dead ones first; *n: how many. */
int db_notification_shed(struct db *db, const char *subscription, int64_t keep,
	int64_t *n, struct err *err);
int db_notification_update(
	struct db *db, const struct db_notification *row, struct err *err);
int db_notification_delete(struct db *db, const char *id, struct err *err);
int db_notification_get(
	struct db *db, const char *id, struct db_notification *row, struct err *err);
/* Those of a subscription that may be tried now: of each resource the oldest that waits.
 */
int db_notification_list_due(struct db *db, const char *subscription, int64_t now_ms,
	struct db_notification **rows, size_t *n, struct err *err);
/* When the first is due that waits for a time after now; INT64_MAX: none does. */
int db_notification_next_due(
	struct db *db, int64_t now_ms, int64_t *due_ms, struct err *err);
/* None of a subscription is tried before. */
int db_notification_postpone(
	struct db *db, const char *subscription, int64_t due_ms, struct err *err);
/* All, oldest first. */
int db_notification_list(
	struct db *db, struct db_notification **rows, size_t *n, struct err *err);
void db_notification_clear(struct db_notification *row);
void db_notifications_free(struct db_notification *rows, size_t n);

#endif
