/* nsd.h: network service descriptors: NsdInfo resources and their content. */
#ifndef ORCHESTRATOR_NSD_H
#define ORCHESTRATOR_NSD_H

#include "db/nsds.h"
#include "orchestrator/orch.h"

struct nsd_content {
	char *type; /* media type */
	void *data;
	size_t len;
};

int nsd_list(struct orch *orch, json_t **list, struct err *err);
int nsd_get(struct orch *orch, const char *id, json_t **nsd, struct err *err);
/* {userDefinedData?}; an empty record. */
int nsd_create(struct orch *orch, const json_t *request, json_t **nsd, struct err *err);
/* A document (YAML, JSON; ETSI form or chain form) or a package of one: judged whole,
 * then the descriptor is onboarded and enabled. A refused one leaves the record as it
 * was, with onboardingFailureDetails. */
int nsd_upload(struct orch *orch, const char *id, const char *type, const void *data,
	size_t len, struct faults *faults, struct err *err);
/* What was uploaded, or for a chain its ETSI form in YAML. Caller frees type and data. */
int nsd_content(
	struct orch *orch, const char *id, struct nsd_content *content, struct err *err);
/* {nsdOperationalState?, userDefinedData?}; *changes are the modifications. */
int nsd_patch(struct orch *orch, const char *id, const json_t *request, json_t **changes,
	struct err *err);
/* The descriptor with that id of its own, or of its record: a fault at `path` if there is
 * none; ERR_STATE if it is disabled. db_nsd_clear() ends *nsd, in any case. */
int nsd_find_enabled(struct orch *orch, const char *nsd_id, const char *path,
	struct db_nsd *nsd, struct err *err);
int nsd_delete(struct orch *orch, const char *id, struct err *err);

#endif
