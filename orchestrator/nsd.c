/* nsd.c: network service descriptors: records, states. */
#include "orchestrator/nsd.h"

#include <stdlib.h>
#include <string.h>
#include "common/doc.h"
#include "db/ns_instances.h"
#include "db/nsds.h"
#include "db/occurrences.h"
#include "orchestrator/plan/merge.h"
#include "orchestrator/packages.h"
#include "orchestrator/stamp.h"
#include "orchestrator/notify_catalog.h"

static int keep(struct orch *orch, const struct db_nsd *row, bool tell, struct err *err);
static int nsd_json(
	struct orch *orch, const struct db_nsd *row, json_t **nsd, struct err *err);
static json_t *package_ids(const struct db_nsd *row);
static int in_use(struct orch *orch, const char *id, bool *used, struct err *err);
static int load(struct orch *orch, const char *id, struct db_nsd *row, struct err *err);
static int change_state(
	struct db_nsd *row, const json_t *wanted, json_t *changes, struct err *err);

int
nsd_list(struct orch *orch, json_t **list, struct err *err)
{
	struct db_nsd *rows;
	size_t n;
	int rc = db_nsd_list(orch->db, &rows, &n, err);
	if (rc)
		return rc;
	*list = json_array();
	for (size_t i = 0; !rc && i < n; i++) {
		json_t *nsd;
		rc = nsd_json(orch, &rows[i], &nsd, err);
		if (!rc)
			json_array_append_new(*list, nsd);
	}
	if (rc)
		json_decref(*list);
	db_nsds_free(rows, n);
	return rc;
}

int
nsd_get(struct orch *orch, const char *id, json_t **nsd, struct err *err)
{
	struct db_nsd row = {0};
	int rc = load(orch, id, &row, err);
	if (!rc)
		rc = nsd_json(orch, &row, nsd, err);
	db_nsd_clear(&row);
	return rc;
}

int
nsd_create(struct orch *orch, const json_t *request, json_t **nsd, struct err *err)
{
	char id[STAMP_ID], now[STAMP_TIME];
	const struct db_nsd row = {.id = stamp_id(id),
		.onboarding = "CREATED",
		.operational = "DISABLED",
		.user_data = json_object_get(request, "userDefinedData"),
		.created = stamp_time(now)};
	int rc = db_nsd_insert(orch->db, &row, err);
	return rc ? rc : nsd_get(orch, id, nsd, err);
}

int
nsd_content(
	struct orch *orch, const char *id, struct nsd_content *content, struct err *err)
{
	struct db_nsd row = {0};
	struct db_content kept = {0};
	int rc = load(orch, id, &row, err);
	if (!rc && strcmp(row.onboarding, "ONBOARDED") != 0)
		rc = err_set(err, ERR_STATE, NULL, "upload it first",
			"the descriptor is not onboarded");
	if (!rc && db_content_get(orch->db, id, &kept, NULL) == 0) {
		*content = (struct nsd_content){kept.type, kept.data, kept.len};
	} else if (!rc) {
		char *text = doc_to_yaml(row.nsd);
		*content = (struct nsd_content){
			strdup("text/plain"), text, text ? strlen(text) : 0};
	}
	db_nsd_clear(&row);
	return rc;
}

int
nsd_patch(struct orch *orch, const char *id, const json_t *request, json_t **changes,
	struct err *err)
{
	struct db_nsd row = {0};
	json_t *told = json_object();
	const json_t *state = json_object_get(request, "nsdOperationalState");
	const json_t *user_data = json_object_get(request, "userDefinedData");
	int rc = load(orch, id, &row, err);
	if (!rc && !state && !user_data)
		rc = err_set(err, ERR_INVALID, NULL,
			"write nsdOperationalState or userDefinedData",
			"nothing is to be changed");
	if (!rc && state)
		rc = change_state(&row, state, told, err);
	if (!rc && user_data) {
		json_t *merged = merge_patch(row.user_data, user_data);
		json_decref(row.user_data);
		row.user_data = merged;
		json_object_set(told, "userDefinedData", merged);
	}
	if (!rc)
		rc = keep(orch, &row, state != NULL, err);
	db_nsd_clear(&row);
	if (rc)
		json_decref(told);
	else
		*changes = told;
	return rc;
}

static int
keep(struct orch *orch, const struct db_nsd *row, bool tell, struct err *err)
{
	int rc = db_begin(orch->db, err);
	if (rc)
		return rc;
	rc = db_nsd_update(orch->db, row, err);
	if (!rc && tell)
		rc = notify_nsd(orch->db, row, NOTIFY_NSD_CHANGED, err);
	return db_end(orch->db, rc, err);
}

int
nsd_delete(struct orch *orch, const char *id, struct err *err)
{
	struct db_nsd row = {0};
	bool used = false;
	int rc = db_begin(orch->db, err);
	if (rc)
		return rc;
	rc = load(orch, id, &row, err);
	if (!rc)
		rc = in_use(orch, id, &used, err);
	if (!rc && used)
		rc = err_set(err, ERR_STATE, NULL, "delete its NS instances first",
			"the descriptor is in use");
	if (!rc && strcmp(row.operational, "ENABLED") == 0)
		rc = err_set(err, ERR_STATE, NULL,
			"PATCH nsdOperationalState to DISABLED first",
			"the descriptor is enabled");
	if (!rc)
		rc = notify_nsd(orch->db, &row, NOTIFY_NSD_DELETED, err);
	if (!rc)
		rc = db_nsd_delete(orch->db, id, err);
	db_nsd_clear(&row);
	return db_end(orch->db, rc, err);
}

int
nsd_find_enabled(struct orch *orch, const char *nsd_id, const char *path,
	struct db_nsd *nsd, struct err *err)
{
	int rc = db_nsd_get_by_nsd_id(orch->db, nsd_id, nsd, NULL);
	if (rc)
		rc = db_nsd_get(orch->db, nsd_id, nsd, NULL);
	if (rc)
		return err_set(err, ERR_INVALID, path,
			"GET /nsd/v1/ns_descriptors lists them",
			"there is no network service descriptor '%s'", nsd_id);
	if (strcmp(nsd->operational, "ENABLED") != 0)
		return err_set(err, ERR_STATE, path, "enable it first",
			"network service descriptor '%s' is disabled", nsd_id);
	return 0;
}

static int
nsd_json(struct orch *orch, const struct db_nsd *row, json_t **nsd, struct err *err)
{
	bool used = false;
	int rc = in_use(orch, row->id, &used, err);
	if (rc)
		return rc;
	*nsd = json_pack(
		"{s:s, s:s*, s:s*, s:s*, s:s*, s:s*, s:o, s:s, s:O*, s:s, s:s, s:O*}",
		"id", row->id, "nsdId", row->nsd_id, "nsdName", row->name, "nsdVersion",
		row->version, "nsdDesigner", row->designer, "nsdInvariantId",
		row->invariant_id, "vnfPkgIds", package_ids(row), "nsdOnboardingState",
		row->onboarding, "onboardingFailureDetails", row->failure,
		"nsdOperationalState", row->operational, "nsdUsageState",
		used ? "IN_USE" : "NOT_IN_USE", "userDefinedData", row->user_data);
	return 0;
}

/* Built-in packages bear the id of their VNFD. */
static json_t *
package_ids(const struct db_nsd *row)
{
	const json_t *nsd = json_array_get(json_object_get(row->nsd, "nsd"), 0);
	const json_t *ids = json_object_get(nsd, "vnfd-id");
	return ids ? json_deep_copy(ids) : json_array();
}

/* By a service, or by one that is about to be of it. */
static int
in_use(struct orch *orch, const char *id, bool *used, struct err *err)
{
	struct db_ns *rows;
	size_t n;
	int rc = db_ns_list_using(orch->db, id, &rows, &n, err);
	if (rc)
		return rc;
	*used = n > 0;
	db_nss_free(rows, n);
	return *used ? 0 : db_occurrence_intends(orch->db, "nsdInfoId", id, used, err);
}

static int
load(struct orch *orch, const char *id, struct db_nsd *row, struct err *err)
{
	if (db_nsd_get(orch->db, id, row, NULL))
		return err_set(
			err, ERR_NOT_FOUND, NULL, NULL, "there is no NSD '%s'", id);
	return 0;
}

static int
change_state(struct db_nsd *row, const json_t *wanted, json_t *changes, struct err *err)
{
	if (strcmp(row->onboarding, "ONBOARDED") != 0)
		return err_set(err, ERR_STATE, NULL, "upload it first",
			"the descriptor is not onboarded");
	int rc = packages_change_state(
		&row->operational, wanted, "nsdOperationalState", err);
	if (!rc)
		json_object_set(changes, "nsdOperationalState", (json_t *)wanted);
	return rc;
}
