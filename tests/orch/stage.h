/* stage.h: an orchestrator on a file of its own and a fake VNF manager, for tests that
 * play whole operations.
 *
 * Texts that are returned are static, valid until the next call.
 */
#ifndef TESTS_ORCH_STAGE_H
#define TESTS_ORCH_STAGE_H

#include <stdbool.h>
#include <stdint.h>
#include <jansson.h>
#include "orchestrator/operation.h"
#include "orchestrator/orch.h"
#include "tests/orch/fake.h"

struct stage {
	struct fake *fake;
	struct orch *orch;
	char db[96];
	char occurrence[STAMP_ID]; /* of the last operation */
};

/* With an empty store. Stops the test if anything fails, as all of these do. */
void stage_open(struct stage *stage);
/* On a store and a host as they are; takes the fake. */
void stage_open_on(struct stage *stage, const char *db, struct fake *fake);
/* Ends the orchestrator, or lets another go on with the store. */
void stage_close(struct stage *stage);
void stage_restart(struct stage *stage);
/* *state is such a stage, for a test of its own; closes and frees it. */
int stage_setup(void **state);
int stage_teardown(void **state);

typedef int stage_task_fn(struct orch *orch, const char *id, const json_t *request,
	struct operation_answer *answer, struct faults *faults, struct err *err);

/* Each waits for the end of the operation and returns its state: "COMPLETED"; "nothing"
 * if there was nothing to do; the name of the error if it was refused: "state". */
const char *stage_apply(struct stage *stage, const char *yaml);
const char *stage_delete(struct stage *stage, const char *chain);
/* On the VNF instance ("edge.a") or NS instance ("edge") of that name. */
const char *stage_task(
	struct stage *stage, stage_task_fn *fn, const char *name, const char *request);
/* Uploads a descriptor; instantiates a service "edge" of one. */
void stage_onboard(struct stage *stage, const char *nsd);
void stage_instantiate(struct stage *stage, const char *nsd);
/* Only asks: new reference to the plan. */
json_t *stage_plan(
	struct stage *stage, stage_task_fn *fn, const char *name, const char *request);
/* A task on the last occurrence: "COMPLETED" and so on, or the error. */
const char *stage_tell(struct stage *stage, const char *api, enum event task);
/* The state that the last operation has now, when no worker has one any more. */
const char *stage_state(struct stage *stage);

/* Has the time come of an operation that was asked for ahead of it, late_ms ago. */
void stage_come(struct stage *stage, const char *occurrence, int64_t late_ms);

/* Id of the VNF or NS instance of that name; "" if there is none. */
const char *stage_id(struct stage *stage, const char *name);
/* The core that the VNF of that name was put on last. */
int stage_core(struct stage *stage, const char *vnf);
/* The request with that id for $. */
const char *stage_request(struct stage *stage, const char *request, const char *name);
/* "put vnf edge.a; wait vnf edge.a" of a plan, or of calls of the fake, whose reference
 * is taken. */
const char *stage_steps(json_t *list);

#endif
