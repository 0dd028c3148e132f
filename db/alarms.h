/* alarms.h: what went wrong and lasts, raised and cleared; the newest 1,000 cleared ones
 * stay. */
#ifndef DB_ALARMS_H
#define DB_ALARMS_H

#include <stdbool.h>
#include <stddef.h>
#include <jansson.h>
#include "db/db.h"

struct db_alarm {
	char *id;
	char *object;	/* what is ill: a VNF instance, a port or a host; one open alarm
			   each */
	char *ns, *vnf; /* ids; null if it is about none */
	char *fault;	/* type of the event that raised it: "vnf-failed" */
	char *raised;	/* RFC 3339 */
	char *changed;	/* last */
	char *cleared;	/* null while it lasts */
	bool acknowledged;
	json_t *detail; /* of the event */
};

int db_alarm_insert(struct db *db, const struct db_alarm *row, struct err *err);
/* All members of the row with this id. */
int db_alarm_update(struct db *db, const struct db_alarm *row, struct err *err);
/* Fills *row, which the caller clears. ERR_NOT_FOUND. */
int db_alarm_get(struct db *db, const char *id, struct db_alarm *row, struct err *err);
/* The one that lasts. ERR_NOT_FOUND. */
int db_alarm_get_open(
	struct db *db, const char *object, struct db_alarm *row, struct err *err);
/* All, oldest first. *rows is freed with db_alarms_free(). */
int db_alarm_list(struct db *db, struct db_alarm **rows, size_t *n, struct err *err);
/* Those that last. */
int db_alarm_list_open(struct db *db, struct db_alarm **rows, size_t *n, struct err *err);
/* Ends those of an object that last, if any do. */
int db_alarm_end(struct db *db, const char *object, const char *time, struct err *err);
/* Ends those of VNF instances and ports that are no more. */
int db_alarm_end_gone(struct db *db, const char *time, struct err *err);

void db_alarm_clear(struct db_alarm *row);
void db_alarms_free(struct db_alarm *rows, size_t n);

#endif
