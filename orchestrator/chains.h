/* chains.h: chains, the service that a person deals with: applied, read, deleted by name.
 */
#ifndef ORCHESTRATOR_CHAINS_H
#define ORCHESTRATOR_CHAINS_H

#include "orchestrator/orch.h"
#include "orchestrator/stamp.h"

struct chains_applied {
	char occurrence[STAMP_ID]; /* "" if there was nothing to do */
	json_t *body; /* without an occurrence: the chain, or with dry_run {name, exists,
			 steps: [...]}; new reference */
};

/* Makes the service run as the document says: a new one is made, a running one is changed
 * where it differs, an equal one is left alone. 0 and *applied (the caller drops body),
 * or negative errno with either faults or err set. dry_run: judges and plans only. */
int chains_apply(struct orch *orch, const json_t *doc, bool dry_run,
	struct chains_applied *applied, struct faults *faults, struct err *err);
/* The same; a new one is of that project (null: the default one). */
int chains_apply_in(struct orch *orch, const char *project, const json_t *doc,
	bool dry_run, struct chains_applied *applied, struct faults *faults,
	struct err *err);

int chains_list(struct orch *orch, json_t **list, struct err *err);
/* {name, state, nsInstanceId, wanted, actual, vnfs: [{vnf, type, vnfInstanceId, state}]},
 * and of one with forwarding paths `paths` (stats_paths.h) */
int chains_get(struct orch *orch, const char *name, json_t **chain, struct err *err);

/* Terminates the service and then removes all that belongs to it. occurrence: "" if it
 * was not running and is gone. */
int chains_delete(
	struct orch *orch, const char *name, char occurrence[STAMP_ID], struct err *err);

#endif
