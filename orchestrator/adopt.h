/* adopt.h: VNF instances that were managed by themselves (vnf_alone.h) become parts of a
 * service, with their id. */
#ifndef ORCHESTRATOR_ADOPT_H
#define ORCHESTRATOR_ADOPT_H

#include <jansson.h>
#include "common/err.h"
#include "db/db.h"
#include "orchestrator/orch.h"

/* Reads [{vnfInstanceId, vnfProfileId}] of a request: *adopted is [{id, profile, type,
 * name, project?}]; new reference, in any case. Adds a fault for what is no VNF that is
 * managed by itself, for one or a profile that is named twice, and for one that is
 * instantiated, which could not keep its packets, or that failed to be and left something
 * on the host. */
void adopt_read(struct orch *orch, const json_t *list, const char *member,
	json_t **adopted, struct faults *faults);

/* Makes them VNFs of service `ns`; to be called in the transaction that accepts the
 * operation, before deploy_plan(). ERR_STATE if one has changed since it was read. */
int adopt_take(struct orch *orch, const char *ns, const char *ns_name,
	const json_t *adopted, struct err *err);
/* That operation has brought them. */
int adopt_mark(
	struct db *db, const json_t *adopted, const char *occurrence, struct err *err);
/* Its rollback gives them back; adopted: null: none. */
int adopt_undo(struct db *db, const json_t *adopted, struct err *err);

#endif
