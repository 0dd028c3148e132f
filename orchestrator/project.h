/* project.h: projects: whose services are whose, and what each project may have at most
 * (quota.h).
 *
 * A token may be of a project, and so is every service that its holder makes; what names
 * none is of the project "default", which is there without having been made. A project
 * limits how much its services have; it hides nothing.
 */
#ifndef ORCHESTRATOR_PROJECT_H
#define ORCHESTRATOR_PROJECT_H

#include "orchestrator/orch.h"
#include "orchestrator/plan/quota.h"

#define PROJECT_NAME 64 /* with its NUL */

/* [{name, quota, used, created?}], each of quota and used {services, vnfs, memoryMiB,
 * cores}. */
int project_list(struct orch *orch, json_t **list, struct err *err);
/* ERR_NOT_FOUND. */
int project_get(struct orch *orch, const char *name, json_t **project, struct err *err);
/* Makes it, or gives it other quotas: {quota: {...}}. What its services have already
 * stays. */
int project_put(struct orch *orch, const char *name, const json_t *request,
	struct faults *faults, struct err *err);
/* ERR_STATE while services or tokens are of it. */
int project_delete(struct orch *orch, const char *name, struct err *err);

/* ERR_INVALID: there is no such project; null is fine. */
int project_check(struct orch *orch, const char *name, struct err *err);
/* That of a user's token. Returns buf, or null: the default one. */
const char *project_of_user(struct orch *orch, const char *user, char buf[PROJECT_NAME]);

/* Which project a service is of (fallback: of one that is not on record; null: default),
 * its quota, and the services that it has; project "": there is no quota. *members is a
 * new reference, or null. */
int project_quota_of(struct db *db, const char *ns, const char *fallback,
	char project[PROJECT_NAME], struct quota *quota, json_t **members,
	struct err *err);

#endif
