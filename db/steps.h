/* steps.h: the journal: the steps of an operation, written before they are carried out.
 */
#ifndef DB_STEPS_H
#define DB_STEPS_H

#include <stddef.h>
#include <stdint.h>
#include <jansson.h>
#include "db/db.h"

struct db_step {
	char *occurrence;
	int64_t number; /* from 0, in order of execution */
	char *action;	/* put, del, wait, relink */
	char *kind;	/* service, port, vnf, link */
	char *object;	/* its id at the VNFM */
	char *ns;
	char *name;	    /* for people; may be null */
	json_t *wanted;	    /* of a put */
	json_t *before;	    /* what the object was: how to undo the step; null: nothing */
	char *state;	    /* todo, doing, done, undoing, undone */
	int64_t timeout_ms; /* after which it has failed */
	int64_t started_us, ended_us; /* CLOCK_REALTIME, microseconds; 0: not yet */
};

int db_step_insert(struct db *db, const struct db_step *row, struct err *err);
/* In order of number. *rows is freed with db_steps_free(). */
int db_step_list(struct db *db, const char *occurrence, struct db_step **rows, size_t *n,
	struct err *err);
/* The same for who goes forward: of what VNFs were before, which may have megabytes, only
 * {"name"}. */
int db_step_list_ahead(struct db *db, const char *occurrence, struct db_step **rows,
	size_t *n, struct err *err);
/* The same for who looks on: of all documents of VNFs only {"name"}. */
int db_step_list_brief(struct db *db, const char *occurrence, struct db_step **rows,
	size_t *n, struct err *err);
/* Writes state and times of the row's step. */
int db_step_mark(struct db *db, const struct db_step *row, struct err *err);
void db_steps_free(struct db_step *rows, size_t n);

#endif
