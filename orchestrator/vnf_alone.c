/* vnf_alone.c: VNFs that are managed by themselves: created and deleted. */
#include "orchestrator/vnf_alone.h"

#include <stdio.h>
#include <string.h>
#include "common/log.h"
#include "db/ns_instances.h"
#include "db/nsds.h"
#include "db/objects.h"
#include "orchestrator/descriptor/catalog.h"
#include "orchestrator/event.h"
#include "orchestrator/notify.h"
#include "orchestrator/ns.h"
#include "orchestrator/shape.h"
#include "orchestrator/vnf.h"

#define NAME_MAX 38 /* "<name>.<type>" has to fit into a name of the host */

static const struct catalog_type *find_type(
	const struct catalog *catalog, const char *vnfd, struct faults *faults);
static int insert(struct orch *orch, const char *project, const json_t *request,
	const struct catalog_type *type, char id[STAMP_ID], struct err *err);
static int check_name_free(struct orch *orch, const char *name, struct err *err);
static json_t *told_of(const json_t *request);
static int forget(struct orch *orch, const struct db_vnf *vnf, struct err *err);

int
vnf_create(struct orch *orch, const char *project, const json_t *request, json_t **vnf,
	struct faults *faults, struct err *err)
{
	static const struct shape_member members[] = {
		{"vnfInstanceDescription", SHAPE_TEXT}, {"metadata", SHAPE_MAP}, {0}};
	const char *vnfd = json_string_value(json_object_get(request, "vnfdId"));
	const json_t *name = json_object_get(request, "vnfInstanceName");
	struct catalog catalog;
	char id[STAMP_ID];
	int rc = catalog_load(orch->db, &catalog, err);
	if (rc)
		return rc;
	const struct catalog_type *type = find_type(&catalog, vnfd, faults);
	shape_check(request, members, "", faults);
	if (name)
		ns_check_name(
			json_string_value(name), "vnfInstanceName", NAME_MAX, faults);
	if (faults->n)
		rc = err_errno(faults->list[0].code);
	if (!rc)
		rc = db_begin(orch->db, err);
	if (!rc) {
		rc = insert(orch, project, request, type, id, err);
		rc = db_end(orch->db, rc, err);
	}
	catalog_clear(&catalog);
	return rc ? rc : vnf_get(orch, id, vnf, err);
}

int
vnf_delete(struct orch *orch, const char *id, struct err *err)
{
	struct db_vnf vnf = {0};
	struct err told;
	int rc = db_begin(orch->db, err);
	if (rc)
		return rc;
	rc = vnf_alone_get(orch, id, &vnf, err);
	if (!rc && strcmp(vnf.state, "NOT_INSTANTIATED") != 0)
		rc = err_set(err, ERR_STATE, NULL, "terminate it first",
			"VNF '%s' is instantiated", vnf.name);
	if (!rc)
		rc = forget(orch, &vnf, err);
	rc = db_end(orch->db, rc, err);
	/* What a failed instantiation left there is wanted no more; reconciliation
	 * repeats this. */
	if (!rc &&
		orch->vnfm.driver->del(orch->vnfm.self, VNFM_SERVICE, vnf.ns_id, &told))
		log_warn("leftovers of a VNF wait for the vnfm", "vnf=%s reason=\"%s\"",
			vnf.name, told.text);
	if (!rc)
		event_add(orch->db, NULL, "vnf-deleted", NULL, id, NULL);
	db_vnf_clear(&vnf);
	return rc;
}

bool
vnf_is_alone(const struct db_vnf *row)
{
	return !*row->occurrence;
}

int
vnf_alone_get(struct orch *orch, const char *id, struct db_vnf *row, struct err *err)
{
	if (db_vnf_get(orch->db, id, row, NULL))
		return err_set(err, ERR_NOT_FOUND, NULL, NULL,
			"there is no VNF instance '%s'", id);
	if (!vnf_is_alone(row))
		return err_set(err, ERR_STATE, NULL,
			"ask for an operation on its service",
			"VNF '%s' is part of a service", row->name);
	return operation_check_free(orch->db, row->ns_id, err);
}

static const struct catalog_type *
find_type(const struct catalog *catalog, const char *vnfd, struct faults *faults)
{
	const struct catalog_type *type = vnfd ? catalog_find_vnfd(catalog, vnfd) : NULL;
	char hint[320];
	if (!type)
		faults_add(faults, ERR_INVALID, "vnfdId",
			catalog_hint(catalog, vnfd ? vnfd : "", true, hint, sizeof(hint)),
			vnfd ? "there is no package with the VNFD '%s'"
			     : "vnfdId is missing%s",
			vnfd ? vnfd : "");
	else if (!type->enabled)
		faults_add(faults, ERR_STATE, "vnfdId", "enable the package first",
			"the package of '%s' is disabled", vnfd);
	return type;
}

static int
insert(struct orch *orch, const char *project, const json_t *request,
	const struct catalog_type *type, char id[STAMP_ID], struct err *err)
{
	const char *told = json_string_value(json_object_get(request, "vnfInstanceName"));
	char ns_id[STAMP_ID], now[STAMP_TIME], name[64];
	json_t *user_data = told_of(request);
	stamp_id(id);
	if (told)
		snprintf(name, sizeof(name), "%s", told);
	else
		snprintf(name, sizeof(name), "%.28s-%.8s", type->name, id);
	const struct db_ns ns = {.id = stamp_id(ns_id),
		.name = name,
		.description = "",
		.nsd_info_id = DB_NSD_NONE,
		.nsd_id = "",
		.state = "NOT_INSTANTIATED",
		.created = stamp_time(now),
		.project = (char *)project};
	const struct db_vnf vnf = {.id = id,
		.ns_id = ns_id,
		.name = name,
		.profile = type->name,
		.type = type->name,
		.package_id = type->package,
		.state = "NOT_INSTANTIATED",
		.occurrence = "",
		.user_data = user_data};
	int rc = check_name_free(orch, name, err);
	if (!rc)
		rc = db_ns_insert(orch->db, &ns, err);
	if (!rc)
		rc = db_vnf_insert(orch->db, &vnf, err);
	if (!rc)
		rc = notify_vnf(orch->db, &vnf, true, err);
	if (!rc)
		event_add(orch->db, NULL, "vnf-created", NULL, id, NULL);
	json_decref(user_data);
	return rc;
}

static int
check_name_free(struct orch *orch, const char *name, struct err *err)
{
	struct db_vnf row = {0};
	const bool taken = db_vnf_get_by_name(orch->db, name, &row, NULL) == 0;
	db_vnf_clear(&row);
	if (taken)
		return err_set(err, ERR_EXISTS, "vnfInstanceName", "choose another name",
			"a VNF called '%s' exists already", name);
	return ns_check_name_free(orch, name, err);
}

static json_t *
told_of(const json_t *request)
{
	return json_pack("{s:O*, s:O*}", "description",
		json_object_get(request, "vnfInstanceDescription"), "metadata",
		json_object_get(request, "metadata"));
}

static int
forget(struct orch *orch, const struct db_vnf *vnf, struct err *err)
{
	int rc = db_object_del(orch->db, "service", vnf->ns_id, err);
	if (!rc)
		rc = notify_vnf(orch->db, vnf, false, err);
	if (!rc)
		rc = db_vnf_delete(orch->db, vnf->id, err);
	return rc ? rc : db_ns_delete(orch->db, vnf->ns_id, err);
}
