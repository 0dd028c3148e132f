/* nsd_vnffg.h: VNF forwarding graphs of the ETSI form of a descriptor: `vnffgd` of
 *SOL006, to and from the paths of a model; a part of nsd_form.h. Pure.
 *
 *	vnffgd:
 *	- id: web
 *	  vnf-profile-id: [fw]
 *	  nfp-position-element:
 *	  - {id: lan, desc: {ns: {sap-cpd-id: lan}}}
 *	  - {id: in, desc: {vnf-profile: {vnf-profile-id: fw}, vnf: {cpd-id: left}}}
 *	  nfpd:
 *	  - id: http
 *	    nfp-rule: {protocol: TCP, destination-port-range: "80"}
 *	    position-desc: [{id: "0", nfp-position-element-id: [lan, in, ...]}]
 *
 * A position is one element or several, in order; an element of a VNF without a
 * connection point is where it is passed through. What SOL006 has no word for: of an nfpd
 * `renga:match` (match.h, instead of a rule), `renga:weight`, `renga:symmetric`.
 */
#ifndef ORCHESTRATOR_DESCRIPTOR_NSD_VNFFG_H
#define ORCHESTRATOR_DESCRIPTOR_NSD_VNFFG_H

#include <jansson.h>
#include "common/err.h"
#include "orchestrator/descriptor/model.h"

/* Appends the paths of a list of vnffgd to the model; adds every fault. only: the id of
 * the one that is to be read; null: all. */
void nsd_vnffg_parse(
	const json_t *list, const char *only, struct model *model, struct faults *faults);

/* Adds a fault where what follows each other on a path is on no common virtual link.
 * nets: {"fw.left": link}; where no connection point is told nothing is judged. */
void nsd_vnffg_check_nets(
	const struct model *model, const json_t *nets, struct faults *faults);

/* The list of a checked model; null: it has no paths. New reference. */
json_t *nsd_vnffg_print(const struct model *model);

/* For each link of a model the first one that it shares an end with, by others or
 * directly: the virtual link that they are. One per link, to be freed. */
size_t *nsd_vnffg_nets(const struct model *model);

#endif
