/* converge.h: a running network service becomes another one: whoever asks for it changes
 * the model, and what differs for the host is one operation.
 *
 * New VNFs and ports stand beside the old before anything is joined anew, as when a chain
 * is applied again (plan.h); a failure is rolled back at once. Stopped VNFs start.
 */
#ifndef ORCHESTRATOR_CONVERGE_H
#define ORCHESTRATOR_CONVERGE_H

#include "db/ns_instances.h"
#include "db/nsds.h"
#include "db/vnf_instances.h"
#include "orchestrator/deploy.h"
#include "orchestrator/operation.h"

struct converge {
	struct orch *orch;
	struct db_ns ns;
	struct db_nsd nsd;   /* the descriptor that it is of; none of a VNF alone */
	struct db_vnf *vnfs; /* that it has */
	size_t n_vnfs;
	json_t *objects;      /* wanted now, and those that stopped VNFs left: target.h */
	struct deploy deploy; /* its model is for the caller to fill */
	char vnf[STAMP_ID];   /* whose operation it is; "": that of the service */
	const char *operation; /* "UPDATE" unless the caller says otherwise */
	json_t *before;	       /* steps that come before all others; null: none */
	json_t *adopted;       /* VNFs of the model that were there before: adopt.h; null:
				  none */
};

/* Reads a service: ERR_NOT_FOUND; ERR_STATE if it is not instantiated, has an unfinished
 * operation, or belongs to a chain, which is changed by its document. */
int converge_open(
	struct orch *orch, const char *id, struct converge *converge, struct err *err);
/* The service of a VNF, for an operation of that: a chain's too, or its own. ERR_STATE if
 * the VNF is not instantiated. */
int converge_open_vnf(
	struct orch *orch, const char *id, struct converge *converge, struct err *err);
void converge_clear(struct converge *converge); /* zeroed and half-built ones are fine */

/* The model of its descriptor, in its flavour, or nothing of one that is made for a VNF
 * alone; the caller clears. */
void converge_base(const struct converge *converge, struct model *base);
/* ERR_STATE while a VNF is stopped that the model has: it would start, which nobody asked
 * for. */
int converge_check_started(const struct converge *converge, struct err *err);

/* Judges the model, plans and accepts the operation with the members of intent (effect.h)
 * besides `vnfs`. ERR_STATE if the service has changed since it was read. */
int converge_accept(struct converge *converge, const json_t *request, json_t *intent,
	struct operation_answer *answer, struct faults *faults, struct err *err);

/* The VNF instance of that profile, and its document among the objects; null if there is
 * none. Borrowed. */
const struct db_vnf *converge_vnf(const struct converge *converge, const char *profile);
const json_t *converge_vnf_doc(const struct converge *converge, const char *profile);
/* The port object of a SAP, or null; borrowed. */
const json_t *converge_port(const struct converge *converge, const char *sap);

#endif
