/* check.h: judges a model: everything that can be known before anything is begun. */
#ifndef ORCHESTRATOR_DESCRIPTOR_CHECK_H
#define ORCHESTRATOR_DESCRIPTOR_CHECK_H

#include <stdbool.h>
#include "common/err.h"
#include "orchestrator/descriptor/catalog.h"
#include "orchestrator/descriptor/model.h"
#include "orchestrator/southbound/vnfm.h"

/* Names, types, links, connection points, ports. Resolves types, link ends and link
 * names. need_ports: every SAP must have a port. Adds every fault, each with its place in
 * the document; after a document that had faults already, those that may follow from them
 * are left out. Pure. */
void check_model(struct model *model, const struct catalog *catalog, bool need_ports,
	struct faults *faults);

/* Names the links of a model by what they join: "fw-nat". Pure. */
void check_name_links(struct model *model);

/* The ports alone: their objects, and that no two have the same device. Pure. */
void check_ports(const struct model *model, bool need_ports, struct faults *faults);

/* Has the VNFM judge each VNF's configuration with the code that would run it; paths are
 * those of the document; tells what state each needs. 0 with or without faults; negative
 * errno when it could not be asked. */
int check_configs(struct model *model, const struct vnfm *vnfm, struct faults *faults,
	struct err *err);

/* Interfaces that the host lists (`interfaces` of its description) and ports name: adds a
 * fault for each port that names another. Nothing when the host lists none. Pure. */
void check_interfaces(
	const struct model *model, const json_t *host, struct faults *faults);

#endif
