/* packages.h: VNF packages (VnfPkgInfo), and the VNF types that they bring. */
#ifndef ORCHESTRATOR_PACKAGES_H
#define ORCHESTRATOR_PACKAGES_H

#include "orchestrator/orch.h"

int packages_list(struct orch *orch, json_t **list, struct err *err);
int packages_get(struct orch *orch, const char *id, json_t **package, struct err *err);
/* The resource of the package that brings a vnfdId. */
int packages_get_by_vnfd(
	struct orch *orch, const char *vnfd, json_t **package, struct err *err);
/* {operationalState?, userDefinedData?}; *changes are the modifications. */
int packages_patch(struct orch *orch, const char *id, const json_t *request,
	json_t **changes, struct err *err);
/* Its VNFD, SOL006 leaf names; new reference. */
int packages_vnfd(struct orch *orch, const char *id, json_t **vnfd, struct err *err);

/* Onboards a built-in package for each manifest that has none, and renews the manifests
 * of those that have one: what a VNFM can run is what can be used. */
int packages_sync(struct db *db, const json_t *manifests, struct err *err);

/* Manifests of the VNF types. */
int packages_types(struct orch *orch, json_t **list, struct err *err);
int packages_type(
	struct orch *orch, const char *type, json_t **manifest, struct err *err);

/* ENABLED <-> DISABLED in *state (malloc'd). ERR_STATE if it is so already. */
int packages_change_state(
	char **state, const json_t *wanted, const char *path, struct err *err);

#endif
