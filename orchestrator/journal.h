/* journal.h: the steps of an operation, written down before they are carried out.
 *
 * A step and the wanted object that it changes are written in one transaction; then the
 * VNFM is told. A process that dies in between finds the step "doing" and repeats it:
 * every step is a whole wanted state, so repeating is harmless, and reconciliation
 * restores the same objects.
 */
#ifndef ORCHESTRATOR_JOURNAL_H
#define ORCHESTRATOR_JOURNAL_H

#include <jansson.h>
#include "common/err.h"
#include "db/steps.h"

/* Writes the steps of a plan (plan.h), all to do. */
int journal_write(
	struct db *db, const char *occurrence, const json_t *steps, struct err *err);

/* Before a step is carried out, after it was; before it is undone, after it was. */
int journal_begin(struct db *db, struct db_step *step, struct err *err);
int journal_done(struct db *db, struct db_step *step, struct err *err);
int journal_begin_undo(struct db *db, struct db_step *step, struct err *err);
int journal_undone(struct db *db, struct db_step *step, struct err *err);

/* [{step: "put vnf edge.fw", ms: 1.25}] of those that were begun; new reference. */
json_t *journal_timings(const struct db_step *steps, size_t n);

#endif
