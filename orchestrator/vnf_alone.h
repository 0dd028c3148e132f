/* vnf_alone.h: a VNF that is managed by itself: created, instantiated, terminated,
 * deleted.
 *
 * What runs is a service of this one VNF and its ports, which no list of services shows
 * (its descriptor is DB_NSD_NONE); every operation on a VNF is the same for it. Its name
 * inside that service is that of its type.
 */
#ifndef ORCHESTRATOR_VNF_ALONE_H
#define ORCHESTRATOR_VNF_ALONE_H

#include <stdbool.h>
#include "db/vnf_instances.h"
#include "orchestrator/operation.h"
#include "orchestrator/orch.h"

/* Of a project (null: the default one). CreateVnfRequest {vnfdId, vnfInstanceName?,
 * vnfInstanceDescription?, metadata?}; *vnf is the new resource. Faults or err say what
 * is wrong. */
int vnf_create(struct orch *orch, const char *project, const json_t *request,
	json_t **vnf, struct faults *faults, struct err *err);
/* InstantiateVnfRequest {flavourId, extVirtualLinks?, additionalParams: {ports, config?,
 * core?, replicas?}}: ports {CPD: port object} as in vnf_port.h; what is not named there
 * is not connected. */
int vnf_instantiate(struct orch *orch, const char *id, const json_t *request,
	struct operation_answer *answer, struct faults *faults, struct err *err);
/* TerminateVnfRequest {terminationType, gracefulTerminationTimeout?}. */
int vnf_terminate(struct orch *orch, const char *id, const json_t *request,
	struct operation_answer *answer, struct faults *faults, struct err *err);
/* ERR_STATE while it is instantiated. */
int vnf_delete(struct orch *orch, const char *id, struct err *err);

/* Whether it is one: such VNFs come by no operation. */
bool vnf_is_alone(const struct db_vnf *row);
/* Reads such a VNF: ERR_NOT_FOUND; ERR_STATE if it is part of a service, or an operation
 * of it is unfinished. db_vnf_clear() ends it, in any case. */
int vnf_alone_get(struct orch *orch, const char *id, struct db_vnf *row, struct err *err);

#endif
