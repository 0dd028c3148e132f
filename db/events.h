/* events.h: what happened, numbered; the newest 10,000. */
#ifndef DB_EVENTS_H
#define DB_EVENTS_H

#include <stddef.h>
#include <stdint.h>
#include <jansson.h>
#include "db/db.h"

struct db_event {
	int64_t seq; /* given by the store */
	char *time;  /* RFC 3339 */
	char *type;
	char *ns, *vnf; /* ids; null if it is about none */
	json_t *detail;
};

int db_event_add(struct db *db, const struct db_event *event, struct err *err);
/* added(arg) is called in the thread that adds an event, or a notification, with the
 * store locked: it must only wake others, which then read what was committed. Four may
 * watch; added null ends it for that arg. */
void db_events_watch(struct db *db, void (*added)(void *arg), void *arg);
/* The first `limit` behind number `after`, in order. *rows is freed with
 * db_events_free(). */
int db_event_list(struct db *db, int64_t after, int64_t limit, struct db_event **rows,
	size_t *n, struct err *err);
/* The newest of a type about a service; *n is 0 or 1. */
int db_event_last(struct db *db, const char *type, const char *ns, struct db_event **rows,
	size_t *n, struct err *err);
void db_events_free(struct db_event *rows, size_t n);

#endif
