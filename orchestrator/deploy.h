/* deploy.h: from a model to the plan that makes a service run as it says. */
#ifndef ORCHESTRATOR_DEPLOY_H
#define ORCHESTRATOR_DEPLOY_H

#include <stdbool.h>
#include <jansson.h>
#include "common/err.h"
#include "db/db.h"
#include "orchestrator/descriptor/model.h"
#include "orchestrator/orch.h"
#include "orchestrator/stamp.h"

struct deploy_vnf {
	char id[STAMP_ID]; /* of the VNF instance */
	bool known;	   /* the service has it already */
	bool replaces;	   /* one of the same name and another type */
	bool by_port;	   /* catalog_scales_by_port() */
	char package[80];  /* vnfPkgId */
};

struct deploy {
	struct model model;
	json_t *host; /* the VNFM's description of it */
	char ns[STAMP_ID];
	const char *name;    /* of the NS instance; borrowed */
	const char *project; /* of a new one; borrowed, null: default */
	bool anew; /* it is not instantiated: what a failed try has left is ended first */
	struct deploy_vnf *vnfs; /* one per VNF of the model */
	json_t *target;		 /* wanted objects: target.h */
	json_t *steps;		 /* plan.h */
};

/* Judges deploy->model, which the caller filled: adds every fault. Asks the VNFM, so not
 * to be called in a transaction. Negative errno: it could not be judged. */
int deploy_check(
	struct orch *orch, struct deploy *deploy, struct faults *faults, struct err *err);

/* Places and plans what deploy_check() found good: ns and name are set (a new service has
 * an id of its own already). Adds faults: a core that the host has not, an interface that
 * another service uses (ERR_EXISTS). To be called in the transaction that accepts the
 * operation. */
int deploy_plan(
	struct orch *orch, struct deploy *deploy, struct faults *faults, struct err *err);

#define DEPLOY_NEXT ".next-" /* in the name of one that replaces another */

/* Inserts a VNF instance for each VNF that the service does not have yet. One that
 * replaces another is called "<ns>.<vnf>.next-<id>" until that is gone (effect.h). */
int deploy_add_vnfs(struct orch *orch, const struct deploy *deploy,
	const char *occurrence, struct err *err);

/* [{id, profile, type, package}] of the model: what effect.h calls `vnfs`. New reference.
 */
json_t *deploy_vnfs(const struct deploy *deploy);

void deploy_clear(struct deploy *deploy); /* zeroed and half-built ones are fine */

/* The objects of a service as they are wanted now, as target.h says; null: of all. */
int deploy_wanted(struct db *db, const char *ns, json_t **objects, struct err *err);
/* What unfinished operations are about to add to them. */
int deploy_pending(struct db *db, json_t **objects, struct err *err);

#endif
