/* operation.h: operation occurrences: how one is accepted, and how it moves from state to
 * state.
 *
 * A service has one unfinished operation at a time. The engine carries out the steps;
 * this is where the states change, each together with what it does to the records, in one
 * transaction.
 */
#ifndef ORCHESTRATOR_OPERATION_H
#define ORCHESTRATOR_OPERATION_H

#include <stdbool.h>
#include <jansson.h>
#include "common/err.h"
#include "db/db.h"
#include "db/ns_instances.h"
#include "db/occurrences.h"
#include "orchestrator/orch.h"
#include "orchestrator/stamp.h"
#include "orchestrator/state.h"

struct operation {
	const char *api;       /* "ns", "vnf" */
	const char *operation; /* "INSTANTIATE" */
	const char *ns_id, *instance;
	bool automatic;	      /* nobody asked for it */
	bool undo_on_failure; /* a failure is rolled back at once */
	const json_t *params; /* the request, shown to users; null: none */
	const json_t *intent; /* what its end does to the records: effect.h */
	const json_t *steps;  /* plan.h */
};

struct operation_answer { /* to whoever asks for an operation */
	bool dry_run;	  /* a wish: nothing is accepted, only planned */
	bool automatic;	  /* a wish: it is nobody's, but a policy's */
	int64_t due_ms;	  /* a wish: it is to begin then (schedule.h); 0: now */
	bool begins;	  /* a wish: `occurrence` is one that is due, which begins */
	char occurrence[STAMP_ID]; /* "" if nothing was accepted */
	json_t *plan;		   /* of a dry run: {operation, steps}; new reference */
	const json_t *ns_update; /* UpdateNsRequest on whose behalf a VNF is operated on:
				    the occurrence is the service's; null: none */
};

/* Writes the occurrence and its journal, or only tells the plan, or keeps the request for
 * later. To be called in a
 * transaction that ends with operation_end(). ERR_STATE if an operation of the service is
 * unfinished. */
int operation_accept(struct db *db, const struct operation *operation,
	struct operation_answer *answer, struct err *err);
/* Ends the transaction as db_end() does, and has an accepted occurrence run. */
int operation_end(struct orch *orch, int rc, const struct operation_answer *answer,
	struct err *err);
/* Reads the row of a service that an operation is to change: ERR_NOT_FOUND; ERR_STATE if
 * it is not instantiated, or an operation of it is unfinished. db_ns_clear() ends it, in
 * any case. */
int operation_get_ns(struct db *db, const char *id, struct db_ns *ns, struct err *err);
/* ERR_STATE if an operation of the service is unfinished. */
int operation_check_free(struct db *db, const char *ns_id, struct err *err);

/* Lets an event happen to an occurrence, with its effect on the records. *state: what it
 * is now. reason: of a failure, null otherwise. ERR_STATE if the event is not allowed
 * now. */
int operation_event(struct db *db, const char *id, enum event event, const json_t *reason,
	enum state *state, struct err *err);

/* What is done by an occurrence, and to which instance: of an UPDATE of a service it may
 * be an operation on one of its VNFs. Borrowed. */
const char *operation_of(const struct db_occurrence *occurrence);
const char *operation_instance(const struct db_occurrence *occurrence);
/* Whether a rollback is offered for it. */
bool operation_can_roll_back(const struct db_occurrence *occurrence);

#endif
