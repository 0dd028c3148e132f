/* vnf_change.h: a running VNF goes on under another package, or on another core, without
 * a gap (docs/faults.md, "Changes without loss"): each is an operation that puts the
 * VNF's changed document and waits until its successor has proved itself. */
#ifndef ORCHESTRATOR_VNF_CHANGE_H
#define ORCHESTRATOR_VNF_CHANGE_H

#include "orchestrator/operation.h"
#include "orchestrator/orch.h"

/* ChangeCurrentVnfPkgRequest (SOL003 5.5.2.11a): {vnfdId, additionalParams?:
 * {allowStateLoss?}}. The same vnfdId again takes over a program that was installed anew.
 * Replicas go on one after the other; if one cannot, all go back.
 * ERR_INVALID for a package that cannot take its place, ERR_STATE while another operation
 * is unfinished, or if one has changed the VNF in the meantime. */
int vnf_change_package(struct orch *orch, const char *id, const json_t *request,
	struct operation_answer *answer, struct faults *faults, struct err *err);
/* {core, replica?}: the latter of a VNF that has several. Who shares its process moves
 * along. */
int vnf_move(struct orch *orch, const char *id, const json_t *request,
	struct operation_answer *answer, struct faults *faults, struct err *err);

/* Carries over into a new document of a VNF what only these operations set. */
void vnf_change_keep(json_t *doc, const json_t *running);

#endif
