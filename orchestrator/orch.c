/* orch.c: opening and closing the orchestrator. */
#include "orchestrator/orch.h"

#include <stdlib.h>
#include "orchestrator/courier.h"
#include "orchestrator/engine.h"
#include "orchestrator/keeper.h"
#include "orchestrator/placer.h"
#include "orchestrator/schedule.h"
#include "orchestrator/watch.h"

#define WORKERS 4

int
orch_open(
	const char *db_path, const struct vnfm *vnfm, struct orch **out, struct err *err)
{
	struct orch *orch = calloc(1, sizeof(*orch));
	if (!orch)
		return err_set(err, ERR_INTERNAL, NULL, NULL, "out of memory");
	orch->vnfm = *vnfm;
	int rc = db_open(db_path, &orch->db, err);
	if (!rc)
		rc = engine_open(orch->db, &orch->vnfm, WORKERS, &orch->engine, err);
	if (!rc)
		rc = watch_open(orch, &orch->watch, err);
	if (!rc)
		rc = placer_open(orch, &orch->placer, err);
	if (!rc)
		rc = keeper_open(orch, &orch->keeper, err);
	if (!rc)
		rc = schedule_open(orch, &orch->schedule, err);
	if (rc) {
		orch_close(orch);
		return rc;
	}
	*out = orch;
	return 0;
}

bool
orch_close(struct orch *orch)
{
	if (!orch)
		return true;
	engine_stop(orch->engine);
	courier_close(orch->courier);
	orch->courier = NULL;
	if (!schedule_close(orch->schedule))
		return false;
	orch->schedule = NULL;
	if (!keeper_close(orch->keeper))
		return false;
	orch->keeper = NULL;
	if (!placer_close(orch->placer))
		return false;
	orch->placer = NULL;
	if (!watch_close(orch->watch))
		return false;
	orch->watch = NULL;
	engine_close(orch->engine);
	db_close(orch->db);
	free(orch);
	return true;
}
