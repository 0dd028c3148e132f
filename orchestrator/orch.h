/* orch.h: the orchestrator: its store, its VNF manager, its workers.
 *
 * Services (chains.h, ns.h, vnf.h, ...) are functions on it that any thread may call.
 * Resources are JSON in the shape of the contract, but for `_links`: a member `_actions`
 * names what is legal now ("instantiate", "retry"), and api/ makes links of it.
 */
#ifndef ORCHESTRATOR_ORCH_H
#define ORCHESTRATOR_ORCH_H

#include <stdbool.h>
#include <jansson.h>
#include "common/err.h"
#include "db/db.h"
#include "orchestrator/southbound/vnfm.h"

struct courier;
struct engine;
struct keeper;
struct placer;
struct schedule;
struct watch;

struct orch {
	struct db *db;
	struct vnfm vnfm;
	struct engine *engine;
	struct watch *watch;
	struct placer *placer;
	struct keeper *keeper;
	struct schedule *schedule;
	struct courier *courier; /* null: nothing is delivered (courier.h) */
};

/* Opens the store, goes on with unfinished operations as soon as the VNFM answers, and
 * keeps the host as the store wants it. db_path ":memory:" for a test. The VNFM stays the
 * caller's. */
int orch_open(const char *db_path, const struct vnfm *vnfm, struct orch **orch,
	struct err *err);
/* Operations under way stop after their step, and are resumed by the next start. False:
 * the thread that waits for the VNFM's events did not end at once; then nothing was
 * freed, and the process should exit. Null is fine. */
bool orch_close(struct orch *orch);

#endif
