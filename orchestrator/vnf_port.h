/* vnf_port.h: a connection point of a VNF that leads out of its service gets another
 * port. */
#ifndef ORCHESTRATOR_VNF_PORT_H
#define ORCHESTRATOR_VNF_PORT_H

#include "orchestrator/operation.h"
#include "orchestrator/orch.h"

#define VNF_PORTS "additionalParams.ports"

/* What a request says of ports, as below; borrowed. Adds a fault if it says none, or a
 * connection point of extVirtualLinks is given none. */
const json_t *vnf_port_request(const json_t *request, struct faults *faults);

/* Adds to instantiatedVnfInfo what the connection points of a VNF lead to: extCpInfo and
 * extVirtualLinkInfo. objects: of its service, target.h. */
void vnf_port_tell(const json_t *objects, const char *vnf, json_t *info);

/* ChangeExtVnfConnectivityRequest: additionalParams.ports {CPD: port object} says what
 * each is linked to then; extVirtualLinks[].extCps[].cpdId, if any, names no others. The
 * new port is there before packets take it (port_turn.h). ERR_STATE if the VNF is
 * stopped. */
int vnf_port_change(struct orch *orch, const char *id, const json_t *request,
	struct operation_answer *answer, struct faults *faults, struct err *err);

#endif
