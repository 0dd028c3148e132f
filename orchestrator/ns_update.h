/* ns_update.h: something of a running network service is changed, in ETSI's words. */
#ifndef ORCHESTRATOR_NS_UPDATE_H
#define ORCHESTRATOR_NS_UPDATE_H

#include "orchestrator/operation.h"
#include "orchestrator/orch.h"

/* UpdateNsRequest (SOL005 6.5.2.12), {updateType, and its data}, of one VNF:
 * - OPERATE_VNF, operateVnfData [{vnfInstanceId, changeStateTo, ...}]: vnf_operate.h
 * - CHANGE_VNFPKG, changeVnfPackageData [{vnfInstanceId, vnfdId}]: vnf_change.h
 * - CHANGE_VNF_DF, changeVnfFlavourData [{vnfInstanceId, newFlavourId}]: vnf_flavour.h
 * - MODIFY_VNF_INFORMATION, modifyVnfInfoData [{vnfInstanceId, ...}]: vnf.h
 * - CHANGE_EXTERNAL_VNF_CONNECTIVITY, changeExtVnfConnectivityData [{vnfInstanceId,
 *   extVirtualLinks, additionalParams: {ports}}]: vnf_port.h
 * or of the service as a whole:
 * - ADD_VNF, addVnfInstance (or addVnfIstance, as SOL005 spells it) [{vnfInstanceId,
 *   vnfProfileId, additionalParams}], INSTANTIATE_VNF, instantiateVnfData [{vnfdId,
 *   additionalParams}], and REMOVE_VNF, removeVnfInstanceId [id]: ns_vnf.h
 * - ASSOC_NEW_NSD_VERSION, assocNewNsdVersionData {newNsdId, sync}: ns_version.h
 * - ADD_VNFFG, REMOVE_VNFFG, UPDATE_VNFFG: ns_vnffg.h
 * Its occurrence is an UPDATE of the service. Other types: ERR_UNSUPPORTED; a chain gets
 * and loses VNFs, and other ports, by its document. */
int ns_update(struct orch *orch, const char *id, const json_t *request,
	struct operation_answer *answer, struct faults *faults, struct err *err);

#endif
