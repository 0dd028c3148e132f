/* effect.h: what the end of an operation does to the records of instances.
 *
 * The intent of an occurrence says it, in members that depend on the operation:
 * - INSTANTIATE {flavour, chain: bool, vnfs?}; chain: a rollback also removes chain, NS
 *   and NSD; vnfs: as of an UPDATE, for what may have others from an attempt before
 * - UPDATE {document, nsd, vnfs: [{id, profile, type, package}]}: what the chain is then;
 *   {vnfs, nsdInfoId, nsdId}: what the service is then, and of which descriptor (each if
 *   it changes); {}: as it was, placed otherwise (placer.h)
 * - TERMINATE {chain: bool}: also removes chain, NS and NSD
 * - MODIFY_INFO {description?, metadata?, extensions?}: a merge patch
 * - CHANGE_VNFPKG {type, package}
 * - CHANGE_FLAVOUR {vnfs}: nothing
 * - OPERATE {stopped, apart}: vnf_operate.h
 * INSTANTIATE and UPDATE may have `adopted`: VNFs that their rollback gives back
 * (adopt.h).
 *
 * VNF instances that an operation brings carry its id, and go with its rollback.
 */
#ifndef ORCHESTRATOR_EFFECT_H
#define ORCHESTRATOR_EFFECT_H

#include "common/err.h"
#include "db/db.h"
#include "db/occurrences.h"
#include "orchestrator/state.h"

/* In the transaction in which the occurrence enters a final state. */
int effect_apply(struct db *db, const struct db_occurrence *occurrence, enum state state,
	struct err *err);

/* Removes a chain, its NS instance and its descriptor, which nothing runs of any more. */
int effect_remove_chain(struct db *db, const char *ns_id, struct err *err);

#endif
