/* engine.h: the workers that carry out operations.
 *
 * Each operation is run by one of a few threads, step by step, from what the journal
 * says, so that a new one and one resumed after a crash are the same thing. While a
 * worker runs an operation of a service it has claimed the service; reconciliation claims
 * it likewise. An operation that waits for sessions to end keeps no other waiting:
 * another worker is there meanwhile. Of those that have ended the newest 100,000 are
 * kept.
 */
#ifndef ORCHESTRATOR_ENGINE_H
#define ORCHESTRATOR_ENGINE_H

#include <stdbool.h>
#include "common/err.h"
#include "db/db.h"
#include "orchestrator/southbound/vnfm.h"

struct engine;

/* Starts so many workers, and later others for those that rest. Unfinished operations of
 * the store wait for engine_resume(). */
int engine_open(struct db *db, const struct vnfm *vnfm, unsigned workers,
	struct engine **engine, struct err *err);
/* Ends the workers, each after the step that it is at; claims go on. Null is fine. */
void engine_stop(struct engine *engine);
/* Stops and frees. Null is fine. */
void engine_close(struct engine *engine);

/* Has the occurrence run, from where it is. Any thread. */
void engine_submit(struct engine *engine, const char *occurrence);
/* Submits what an earlier process left unfinished; does so once. */
void engine_resume(struct engine *engine);

/* Claims a service unless a worker has it; release it soon. Any thread. */
bool engine_try_claim(struct engine *engine, const char *ns);
void engine_release(struct engine *engine, const char *ns);

/* Waits until the occurrence is in no worker's hands; for tests. */
void engine_drain(struct engine *engine);

#endif
