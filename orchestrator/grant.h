/* grant.h: whether a plan may be carried out: what it needs is judged against what is
 * free of the host, and against the quota of the service's project, before anything is
 * begun.
 *
 * What counts as taken is what the VNF manager says, or all that is wanted if that is
 * more, and what operations under way are still to make: two at once do not both get the
 * last of a thing. Healing needs no grant: it gives back what a service had.
 */
#ifndef ORCHESTRATOR_GRANT_H
#define ORCHESTRATOR_GRANT_H

#include <jansson.h>
#include "common/err.h"
#include "orchestrator/orch.h"
#include "orchestrator/plan/quota.h"

#define GRANT_MORE_LINKS 14 /* of a VNF, beside the first of each connection point */

struct grant {
	const char *ns;
	const json_t *host;    /* the VNFM's description of it */
	const json_t *wanted;  /* all objects that are wanted (target.h) */
	const json_t *pending; /* and those that operations under way will add */
	const json_t *sizes;   /* {VNF instance id: bytes of instance state} */
	const json_t *steps;   /* plan.h */
	const char *project;   /* of the service; null: it has no quota */
	const struct quota *quota;
	const json_t *members; /* {ns: true} of the project's services */
};

/* Adds a fault (ERR_NO_RESOURCE) for each thing of which there is not enough, with what
 * is needed and what is free. What the host does not tell is not judged. Pure. */
void grant_judge(const struct grant *grant, struct faults *faults);

/* Judges a plan for service `ns` with what the store knows; host null: for its rules
 * alone, as nothing is added; sizes: of VNFs that are new, null: none are. To be called
 * in the transaction that accepts the operation. */
int grant_check(struct orch *orch, const char *ns, const json_t *host,
	const json_t *steps, const json_t *sizes, struct faults *faults, struct err *err);
/* The same; a service that is not on record yet is of that project (null: the default
 * one); wanted: all objects, null: they are to be read. */
int grant_check_in(struct orch *orch, const char *project, const char *ns,
	const json_t *host, const json_t *wanted, const json_t *steps,
	const json_t *sizes, struct faults *faults, struct err *err);

/* {VNF instance id: bytes of instance state} of all VNFs on record, and more (null:
 * none). New reference. */
int grant_sizes(struct db *db, const json_t *more, json_t **sizes, struct err *err);

/* Has a refusal end an operation that is asked for: rc, or the first fault's. */
int grant_end(int rc, const struct faults *faults);

#endif
