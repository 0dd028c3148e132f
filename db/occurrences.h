/* occurrences.h: operation occurrences: what was asked for, and how far it came. */
#ifndef DB_OCCURRENCES_H
#define DB_OCCURRENCES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <jansson.h>
#include "db/db.h"
#include "db/page.h"

struct db_occurrence {
	char *id;
	char *api;	 /* ns, vnf */
	char *operation; /* INSTANTIATE, TERMINATE, UPDATE, MODIFY_INFO */
	char *state;
	char *ns_id;	     /* the service that it locks */
	char *instance;	     /* NS or VNF instance */
	char *started;	     /* RFC 3339 */
	char *entered;	     /* into the state */
	int64_t duration_ms; /* so far */
	bool automatic;
	char *cancel;	      /* GRACEFUL, FORCEFUL; null: none pending */
	bool undo_on_failure; /* a failure is rolled back at once */
	json_t *params;	      /* the request: only to be inserted, else null */
	json_t *intent;	      /* what its end does to the records */
	json_t *error;	      /* ProblemDetails */
	int64_t due_ms; /* after 1970: it is to begin then, and locks nothing; 0: it has
			 */
};

int db_occurrence_insert(struct db *db, const struct db_occurrence *row, struct err *err);
/* All members of the row with this id, but its params: they never change. */
int db_occurrence_update(struct db *db, const struct db_occurrence *row, struct err *err);
/* Fills *row, which the caller clears. ERR_NOT_FOUND. */
int db_occurrence_get(
	struct db *db, const char *id, struct db_occurrence *row, struct err *err);
/* Its params; new reference, null if it has none. They may have megabytes, so no other
 * function reads them. */
int db_occurrence_get_params(
	struct db *db, const char *id, json_t **params, struct err *err);
/* A part of them, by api, operation, state, instance. */
int db_occurrence_page(struct db *db, const struct db_page *page,
	struct db_occurrence **rows, size_t *n, struct err *err);
/* Those that a worker must go on with. */
int db_occurrence_list_unfinished(
	struct db *db, struct db_occurrence **rows, size_t *n, struct err *err);
/* The occurrence that locks a service: running, or waiting for a decision. ERR_NOT_FOUND.
 */
int db_occurrence_get_open(
	struct db *db, const char *ns_id, struct db_occurrence *row, struct err *err);
/* *does: whether the intent of one that locks a service has a member of that value. */
int db_occurrence_intends(struct db *db, const char *member, const char *value,
	bool *does, struct err *err);
/* Those that are to begin later: all of a service; those whose time has come, in order;
 * and when it comes for the first (INT64_MAX: there is none). */
int db_occurrence_list_scheduled(struct db *db, const char *ns_id,
	struct db_occurrence **rows, size_t *n, struct err *err);
int db_occurrence_list_due(struct db *db, int64_t now_ms, struct db_occurrence **rows,
	size_t *n, struct err *err);
int db_occurrence_next_due(struct db *db, int64_t *due_ms, struct err *err);
/* The newest operation that scaled a VNF, or its service. ERR_NOT_FOUND. */
int db_occurrence_last_scaling(struct db *db, const char *ns_id, const char *vnf,
	struct db_occurrence *row, struct err *err);
/* Heals of a VNF that nobody asked for and that began after `since` (RFC 3339), oldest
 * first. */
int db_occurrence_list_heals(struct db *db, const char *vnf, const char *since,
	struct db_occurrence **rows, size_t *n, struct err *err);
/* How many operations ever came to a state in which nothing goes on, and the time that
 * they had taken then, for metrics: they grow, whatever is pruned. */
#define DB_OCCURRENCE_BOUNDS 6
extern const int64_t db_occurrence_bounds_ms[DB_OCCURRENCE_BOUNDS];
struct db_occurrence_count {
	char operation[24], state[24];
	int64_t n, duration_ms;		      /* the sum */
	int64_t within[DB_OCCURRENCE_BOUNDS]; /* those that took at most bounds_ms[i] */
};
int db_occurrence_counts(struct db *db, struct db_occurrence_count *counts, size_t max,
	size_t *n, struct err *err);
/* Deletes finished ones, and their steps, but for the newest `keep`. */
int db_occurrence_prune(struct db *db, int64_t keep, struct err *err);
void db_occurrence_clear(struct db_occurrence *row);
void db_occurrences_free(struct db_occurrence *rows, size_t n);

#endif
