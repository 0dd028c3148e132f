/* ns.c: network service instances: created and deleted. */
#include "orchestrator/ns.h"

#include <stdlib.h>
#include <string.h>
#include "common/log.h"
#include "db/ns_instances.h"
#include "db/nsds.h"
#include "db/objects.h"
#include "db/vnf_instances.h"
#include "orchestrator/effect.h"
#include "orchestrator/event.h"
#include "orchestrator/notify.h"
#include "orchestrator/schedule.h"
#include "orchestrator/shape.h"
#include "orchestrator/nsd.h"
#include "orchestrator/operation.h"

static void check_request(const json_t *request, struct faults *faults);
static int insert(struct orch *orch, const char *project, const json_t *request,
	const struct db_nsd *nsd, char id[STAMP_ID], struct err *err);
static int forget(struct orch *orch, const char *id, bool chain, struct err *err);
static int drop_vnfs(struct orch *orch, const char *id, struct err *err);

int
ns_create(struct orch *orch, const json_t *request, json_t **ns, struct faults *faults,
	struct err *err)
{
	return ns_create_in(orch, NULL, request, ns, faults, err);
}

int
ns_create_in(struct orch *orch, const char *project, const json_t *request, json_t **ns,
	struct faults *faults, struct err *err)
{
	struct db_nsd nsd = {0};
	char id[STAMP_ID];
	check_request(request, faults);
	if (faults->n)
		return err_errno(faults->list[0].code);
	int rc = nsd_find_enabled(orch,
		json_string_value(json_object_get(request, "nsdId")), "nsdId", &nsd, err);
	if (!rc)
		rc = db_begin(orch->db, err);
	if (!rc) {
		rc = insert(orch, project, request, &nsd, id, err);
		rc = db_end(orch->db, rc, err);
	}
	db_nsd_clear(&nsd);
	return rc ? rc : ns_get(orch, id, ns, err);
}

int
ns_delete(struct orch *orch, const char *id, struct err *err)
{
	int rc = ns_check_no_chain(orch, id, "delete", err);
	return rc ? rc : ns_discard(orch, id, false, err);
}

int
ns_discard(struct orch *orch, const char *id, bool chain, struct err *err)
{
	struct err told;
	int rc = db_begin(orch->db, err);
	if (rc)
		return rc;
	rc = forget(orch, id, chain, err);
	rc = db_end(orch->db, rc, err);
	if (rc)
		return rc;
	/* What a failed instantiation left there is wanted no more; reconciliation
	 * repeats this. */
	if (orch->vnfm.driver->del(orch->vnfm.self, VNFM_SERVICE, id, &told))
		log_warn("leftovers of a service wait for the vnfm",
			"ns=%s reason=\"%s\"", id, told.text);
	event_add(orch->db, NULL, "ns-deleted", id, NULL, NULL);
	return 0;
}

int
ns_check_name_free(struct orch *orch, const char *name, struct err *err)
{
	struct db_ns row = {0};
	int rc = db_ns_get_by_name(orch->db, name, &row, err);
	db_ns_clear(&row);
	if (!rc)
		return err_set(err, ERR_EXISTS, "name", "choose another name",
			"a network service called '%s' exists already", name);
	return rc == err_errno(ERR_NOT_FOUND) ? 0 : rc;
}

void
ns_check_name(const char *name, const char *path, size_t max, struct faults *faults)
{
	static const char letters[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_ .";
	if (!name || !*name || strlen(name) > max)
		faults_add(faults, ERR_INVALID, path, "it has to be short",
			"a name has 1 to %zu characters", max);
	else if (strspn(name, letters) != strlen(name) || name[0] == '.')
		faults_add(faults, ERR_INVALID, path,
			"letters, digits, spaces, dashes, underscores and dots",
			"'%s' cannot be a name", name);
}

static void
check_request(const json_t *request, struct faults *faults)
{
	const char *nsd = json_string_value(json_object_get(request, "nsdId"));
	const char *name = json_string_value(json_object_get(request, "nsName"));
	static const struct shape_member members[] = {{"nsDescription", SHAPE_TEXT}, {0}};
	shape_check(request, members, "", faults);
	if (!nsd)
		faults_add(faults, ERR_INVALID, "nsdId", NULL, "nsdId is missing");
	if (name)
		ns_check_name(name, "nsName", 63, faults);
	else
		faults_add(faults, ERR_INVALID, "nsName", "1 to 63 characters",
			"nsName is missing");
}

static int
insert(struct orch *orch, const char *project, const json_t *request,
	const struct db_nsd *nsd, char id[STAMP_ID], struct err *err)
{
	char now[STAMP_TIME];
	const char *description =
		json_string_value(json_object_get(request, "nsDescription"));
	const struct db_ns row = {.id = stamp_id(id),
		.name = (char *)json_string_value(json_object_get(request, "nsName")),
		.description = (char *)(description ? description : ""),
		.nsd_info_id = nsd->id,
		.nsd_id = nsd->nsd_id,
		.state = "NOT_INSTANTIATED",
		.created = stamp_time(now),
		.project = (char *)project};
	int rc = ns_check_name_free(orch, row.name, err);
	if (!rc)
		rc = db_ns_insert(orch->db, &row, err);
	if (!rc)
		rc = notify_ns(orch->db, &row, true, err);
	if (!rc)
		event_add(orch->db, NULL, "ns-created", id, NULL, NULL);
	return rc;
}

static int
forget(struct orch *orch, const char *id, bool chain, struct err *err)
{
	struct db_ns ns = {0};
	int rc = db_ns_get_shown(orch->db, id, &ns, err);
	if (!rc)
		rc = operation_check_free(orch->db, id, err);
	if (!rc && strcmp(ns.state, "NOT_INSTANTIATED") != 0)
		rc = err_set(err, ERR_STATE, NULL, "terminate it first",
			"service '%s' is instantiated", ns.name);
	if (!rc)
		rc = db_object_del(orch->db, "service", id, err);
	if (!rc)
		rc = drop_vnfs(orch, id, err);
	if (!rc && !chain)
		rc = schedule_forget(orch->db, id, err);
	if (!rc && !chain)
		rc = notify_ns(orch->db, &ns, false, err);
	if (!rc)
		rc = chain ? effect_remove_chain(orch->db, id, err)
			   : db_ns_delete(orch->db, id, err);
	db_ns_clear(&ns);
	return rc;
}

static int
drop_vnfs(struct orch *orch, const char *id, struct err *err)
{
	struct db_vnf *vnfs;
	size_t n;
	int rc = db_vnf_list_of_ns(orch->db, id, &vnfs, &n, err);
	if (rc)
		return rc;
	for (size_t i = 0; !rc && i < n; i++) {
		rc = notify_vnf(orch->db, &vnfs[i], false, err);
		if (!rc)
			rc = db_vnf_delete(orch->db, vnfs[i].id, err);
	}
	db_vnfs_free(vnfs, n);
	return rc;
}
