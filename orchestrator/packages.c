/* packages.c: VNF packages, and the VNF types that they bring. */
#include "orchestrator/packages.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "db/packages.h"
#include "db/vnf_instances.h"
#include "orchestrator/descriptor/catalog.h"
#include "orchestrator/descriptor/flavour.h"
#include "orchestrator/descriptor/model.h"
#include "orchestrator/plan/merge.h"
#include "orchestrator/notify_catalog.h"

static int keep(
	struct orch *orch, const struct db_package *row, bool tell, struct err *err);
static int package_json(struct orch *orch, const struct db_package *row, json_t **package,
	struct err *err);
static int load(
	struct orch *orch, const char *id, struct db_package *row, struct err *err);
static json_t *vnfd_json(const struct db_package *row);
static int sync_one(struct db *db, const json_t *manifest, struct err *err);
static int onboard(
	struct db *db, const char *type, const json_t *manifest, struct err *err);

int
packages_list(struct orch *orch, json_t **list, struct err *err)
{
	struct db_package *rows;
	size_t n;
	int rc = db_package_list(orch->db, &rows, &n, err);
	if (rc)
		return rc;
	*list = json_array();
	for (size_t i = 0; !rc && i < n; i++) {
		json_t *package;
		rc = package_json(orch, &rows[i], &package, err);
		if (!rc)
			json_array_append_new(*list, package);
	}
	if (rc)
		json_decref(*list);
	db_packages_free(rows, n);
	return rc;
}

int
packages_get(struct orch *orch, const char *id, json_t **package, struct err *err)
{
	struct db_package row = {0};
	int rc = load(orch, id, &row, err);
	if (!rc)
		rc = package_json(orch, &row, package, err);
	db_package_clear(&row);
	return rc;
}

int
packages_get_by_vnfd(
	struct orch *orch, const char *vnfd, json_t **package, struct err *err)
{
	struct catalog catalog;
	int rc = catalog_load(orch->db, &catalog, err);
	if (rc)
		return rc;
	const struct catalog_type *type = catalog_find_vnfd(&catalog, vnfd);
	rc = type ? packages_get(orch, type->package, package, err)
		  : err_set(err, ERR_NOT_FOUND, NULL, NULL,
			    "no VNF package has the vnfdId '%s'", vnfd);
	catalog_clear(&catalog);
	return rc;
}

int
packages_patch(struct orch *orch, const char *id, const json_t *request, json_t **changes,
	struct err *err)
{
	struct db_package row = {0};
	json_t *told = json_object();
	const json_t *state = json_object_get(request, "operationalState");
	const json_t *user_data = json_object_get(request, "userDefinedData");
	int rc = load(orch, id, &row, err);
	if (!rc && !state && !user_data)
		rc = err_set(err, ERR_INVALID, NULL,
			"write operationalState or userDefinedData",
			"nothing is to be changed");
	if (!rc && state)
		rc = packages_change_state(
			&row.operational, state, "operationalState", err);
	if (!rc && state)
		json_object_set(told, "operationalState", (json_t *)state);
	if (!rc && user_data) {
		json_t *merged = merge_patch(row.user_data, user_data);
		json_decref(row.user_data);
		row.user_data = merged;
		json_object_set(told, "userDefinedData", merged);
	}
	if (!rc)
		rc = keep(orch, &row, state != NULL, err);
	db_package_clear(&row);
	if (rc)
		json_decref(told);
	else
		*changes = told;
	return rc;
}

static int
keep(struct orch *orch, const struct db_package *row, bool tell, struct err *err)
{
	int rc = db_begin(orch->db, err);
	if (rc)
		return rc;
	rc = db_package_update(orch->db, row, err);
	if (!rc && tell)
		rc = notify_package(orch->db, row, false, err);
	return db_end(orch->db, rc, err);
}

int
packages_vnfd(struct orch *orch, const char *id, json_t **vnfd, struct err *err)
{
	struct db_package row = {0};
	int rc = load(orch, id, &row, err);
	if (!rc)
		*vnfd = vnfd_json(&row);
	db_package_clear(&row);
	return rc;
}

int
packages_types(struct orch *orch, json_t **list, struct err *err)
{
	struct db_package *rows;
	size_t n;
	int rc = db_package_list(orch->db, &rows, &n, err);
	if (rc)
		return rc;
	*list = json_array();
	for (size_t i = 0; i < n; i++)
		json_array_append(*list, rows[i].manifest);
	db_packages_free(rows, n);
	return 0;
}

int
packages_type(struct orch *orch, const char *name, json_t **manifest, struct err *err)
{
	struct catalog catalog;
	char hint[320];
	int rc = catalog_load(orch->db, &catalog, err);
	if (rc)
		return rc;
	const struct catalog_type *type = catalog_find(&catalog, name);
	if (type)
		*manifest = json_incref(type->manifest);
	else
		rc = err_set(err, ERR_NOT_FOUND, NULL,
			catalog_hint(&catalog, name, false, hint, sizeof(hint)),
			"no VNF type is called '%s'", name);
	catalog_clear(&catalog);
	return rc;
}

int
packages_change_state(
	char **state, const json_t *wanted, const char *path, struct err *err)
{
	const char *to = json_string_value(wanted);
	if (!to || (strcmp(to, "ENABLED") != 0 && strcmp(to, "DISABLED") != 0))
		return err_set(err, ERR_INVALID, path, "ENABLED or DISABLED",
			"this is no operational state");
	if (strcmp(*state, to) == 0)
		return err_set(err, ERR_STATE, path, NULL, "it is %s already", to);
	free(*state);
	*state = strdup(to);
	return 0;
}

static int
package_json(struct orch *orch, const struct db_package *row, json_t **package,
	struct err *err)
{
	struct db_vnf *users;
	size_t n;
	int rc = db_vnf_list_using(orch->db, row->id, &users, &n, err);
	if (rc)
		return rc;
	db_vnfs_free(users, n);
	*package = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:O*}", "id",
		row->id, "vnfdId", row->vnfd_id, "vnfProvider", row->provider,
		"vnfProductName", row->product, "vnfSoftwareVersion",
		row->software_version, "vnfdVersion", row->vnfd_version,
		"onboardingState", "ONBOARDED", "operationalState", row->operational,
		"usageState", n ? "IN_USE" : "NOT_IN_USE", "userDefinedData",
		row->user_data);
	return 0;
}

static int
load(struct orch *orch, const char *id, struct db_package *row, struct err *err)
{
	if (db_package_get(orch->db, id, row, NULL))
		return err_set(err, ERR_NOT_FOUND, NULL, NULL,
			"there is no VNF package '%s'", id);
	return 0;
}

static json_t *
vnfd_json(const struct db_package *row)
{
	json_t *vnfd = json_pack("{s:s, s:s, s:s, s:s, s:s}", "id", row->vnfd_id,
		"provider", row->provider, "product-name", row->product,
		"software-version", row->software_version, "version", row->vnfd_version);
	flavour_print(vnfd, row->type, json_object_get(row->manifest, "connectionPoints"),
		json_is_string(json_object_get(row->manifest, "scaling")) ? MODEL_REPLICAS
									  : 1);
	return json_pack("{s:o}", "vnfd", vnfd);
}

int
packages_sync(struct db *db, const json_t *manifests, struct err *err)
{
	size_t i;
	json_t *manifest;
	int rc = db_begin(db, err);
	if (rc)
		return rc;
	json_array_foreach ((json_t *)manifests, i, manifest) {
		rc = sync_one(db, manifest, err);
		if (rc)
			break;
	}
	return db_end(db, rc, err);
}

static int
sync_one(struct db *db, const json_t *manifest, struct err *err)
{
	const char *type = json_string_value(json_object_get(manifest, "type"));
	struct db_package row = {0};
	char id[80];
	if (!type)
		return 0;
	snprintf(id, sizeof(id), "renga-%.63s", type);
	int rc = db_package_get(db, id, &row, err);
	if (rc == err_errno(ERR_NOT_FOUND))
		return onboard(db, type, manifest, err);
	if (!rc && !json_equal(row.manifest, manifest)) {
		json_decref(row.manifest);
		row.manifest = json_incref((json_t *)manifest);
		rc = db_package_update(db, &row, err);
	}
	db_package_clear(&row);
	return rc;
}

static int
onboard(struct db *db, const char *type, const json_t *manifest, struct err *err)
{
	const char *version = json_string_value(json_object_get(manifest, "version"));
	char id[80];
	snprintf(id, sizeof(id), "renga-%.63s", type);
	if (!version)
		version = RENGA_VERSION;
	const struct db_package row = {.id = id,
		.vnfd_id = id,
		.type = (char *)type,
		.provider = "Renga",
		.product = (char *)type,
		.software_version = (char *)version,
		.vnfd_version = (char *)version,
		.operational = "ENABLED",
		.manifest = (json_t *)manifest};
	int rc = db_package_insert(db, &row, err);
	return rc ? rc : notify_package(db, &row, true, err);
}
