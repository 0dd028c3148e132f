/* scaling.h: VNFs of a service get other numbers of replicas: judged, placed, and set in
 * the objects that the service is to have. For the operations that scale. */
#ifndef ORCHESTRATOR_SCALING_H
#define ORCHESTRATOR_SCALING_H

#include <jansson.h>
#include "common/err.h"
#include "db/vnf_instances.h"
#include "orchestrator/orch.h"

#define SCALING_DRAIN_MAX_S 3600

struct scaling {
	json_t *host;	      /* the VNFM's description of it */
	json_t *all, *actual; /* what is wanted of all services, and of this one */
	json_t *target;	      /* of this one, as it shall be */
};

/* Asks the VNFM, so not to be called in a transaction. */
int scaling_open(struct orch *orch, struct scaling *scaling, struct err *err);
/* Reads what is wanted, in the transaction that accepts the operation. */
int scaling_begin(
	struct orch *orch, const char *ns, struct scaling *scaling, struct err *err);
void scaling_clear(struct scaling *scaling); /* zeroed and half-built ones are fine */

/* Gives a VNF n replicas in all, and those that share its process as many. A fault, at
 * path, for what cannot be; ERR_STATE for one that is stopped. */
int scaling_set(struct orch *orch, struct scaling *scaling, const struct db_vnf *vnf,
	int n, const char *path, struct faults *faults, struct err *err);
/* The plan; drain: seconds for the sessions of replicas that go, -1: as usual. *steps is
 * a new reference. Faults: what the plan needs is not free (grant.h). */
int scaling_plan(struct orch *orch, const struct scaling *scaling, const char *ns,
	int drain, json_t **steps, struct faults *faults, struct err *err);

/* additionalParams.drainTimeout of a request; -1: it says none. */
int scaling_read_drain(const json_t *request, struct faults *faults);
/* All types have one aspect, "replicas", which need not be named. */
void scaling_check_aspect(const json_t *aspect, const char *path, struct faults *faults);

#endif
