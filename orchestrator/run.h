/* run.h: one operation carried out: forward along its journal, or back. */
#ifndef ORCHESTRATOR_RUN_H
#define ORCHESTRATOR_RUN_H

#include <pthread.h>
#include <stdbool.h>
#include "common/err.h"
#include "db/db.h"
#include "orchestrator/southbound/vnfm.h"

struct run {
	struct db *db;
	const struct vnfm *vnfm;
	/* An operation begins to wait for sessions to end, which may take hours, or goes
	 * on; null: nobody is told. */
	void (*rests)(void *arg, bool rests);
	void *arg;
	pthread_mutex_t lock;
	pthread_cond_t stopped;
	bool stop;
};

void run_open(struct run *run, struct db *db, const struct vnfm *vnfm);
/* Has run_occurrence() return after the step that it is at. Any thread. */
void run_stop(struct run *run);
void run_close(struct run *run);

/* Carries on with the occurrence until it ends, fails, or run_stop(). */
void run_occurrence(struct run *run, const char *id);

/* After a failure of the store: false if it is none that goes away, or run_stop() was
 * called; else waits a moment. */
bool run_may_try_again(struct run *run, int rc, const struct err *err);

/* Whether run_stop() was called; waits up to wait_ms for it. */
bool run_stopping(struct run *run, unsigned wait_ms);
/* Whether the occurrence is to end at once, in the middle of a step. */
bool run_cancelled(struct run *run, const char *id);

/* Logs a failure that nobody can be told of. */
void run_complain(const char *what, const struct err *err);

#endif
