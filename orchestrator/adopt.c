/* adopt.c: see adopt.h. */
#include "orchestrator/adopt.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "db/ns_instances.h"
#include "db/nsds.h"
#include "db/objects.h"
#include "db/vnf_instances.h"
#include "orchestrator/stamp.h"
#include "orchestrator/vnf_alone.h"

static json_t *read_one(
	struct orch *orch, const json_t *data, const char *path, struct faults *faults);
static bool is_named(const json_t *adopted, const char *member, const char *value);
static int get_idle(
	struct orch *orch, const char *id, struct db_vnf *row, struct err *err);
static int check_nothing_left(
	struct orch *orch, const struct db_vnf *row, struct err *err);
static int take_one(struct orch *orch, const char *ns, const char *ns_name,
	const json_t *adopted, struct err *err);
static int give_back(struct db *db, const json_t *adopted, struct err *err);
static void free_name(struct db *db, const json_t *adopted, char *name, size_t size);
static void replace(char **member, const char *with);
static const char *text(const json_t *object, const char *member);

void
adopt_read(struct orch *orch, const json_t *list, const char *member, json_t **adopted,
	struct faults *faults)
{
	char path[64];
	size_t i;
	json_t *data;
	*adopted = json_array();
	json_array_foreach ((json_t *)list, i, data) {
		snprintf(path, sizeof(path), "%s[%zu]", member, i);
		json_t *one = read_one(orch, data, path, faults);
		if (is_named(*adopted, "id", text(one, "id")) ||
			is_named(*adopted, "profile", text(one, "profile")))
			faults_add(faults, ERR_INVALID, path, "name each of them once",
				"'%s' is named twice", text(one, "profile"));
		else if (one)
			json_array_append(*adopted, one);
		json_decref(one);
	}
}

int
adopt_take(struct orch *orch, const char *ns, const char *ns_name, const json_t *adopted,
	struct err *err)
{
	size_t i;
	json_t *one;
	int rc = 0;
	json_array_foreach ((json_t *)adopted, i, one)
		if (!rc)
			rc = take_one(orch, ns, ns_name, one, err);
	return rc;
}

int
adopt_mark(struct db *db, const json_t *adopted, const char *occurrence, struct err *err)
{
	size_t i;
	json_t *one;
	int rc = 0;
	json_array_foreach ((json_t *)adopted, i, one) {
		struct db_vnf row = {0};
		if (!rc)
			rc = db_vnf_get(db, text(one, "id"), &row, err);
		if (!rc) {
			replace(&row.occurrence, occurrence);
			rc = db_vnf_update(db, &row, err);
		}
		db_vnf_clear(&row);
	}
	return rc;
}

int
adopt_undo(struct db *db, const json_t *adopted, struct err *err)
{
	size_t i;
	json_t *one;
	int rc = 0;
	json_array_foreach ((json_t *)adopted, i, one)
		if (!rc)
			rc = give_back(db, one, err);
	return rc;
}

static json_t *
read_one(struct orch *orch, const json_t *data, const char *path, struct faults *faults)
{
	const char *id = text(data, "vnfInstanceId"),
		   *profile = text(data, "vnfProfileId");
	struct db_vnf row = {0};
	struct db_ns ns = {0};
	struct err why = {0};
	json_t *one = NULL;
	char place[96];
	snprintf(place, sizeof(place), "%s.%s", path,
		profile ? "vnfInstanceId" : "vnfProfileId");
	if (!profile)
		faults_add(faults, ERR_INVALID, place, "its name in the service",
			"vnfProfileId is missing");
	else if (get_idle(orch, id ? id : "", &row, &why) ||
		 db_ns_get(orch->db, row.ns_id, &ns, &why))
		faults_add(faults, why.code == ERR_STATE ? ERR_STATE : ERR_INVALID, place,
			why.hint, "%s", why.text);
	else
		one = json_pack("{s:s, s:s, s:s, s:s, s:s*}", "id", row.id, "profile",
			profile, "type", row.type, "name", row.name, "project",
			ns.project);
	db_ns_clear(&ns);
	db_vnf_clear(&row);
	return one;
}

static bool
is_named(const json_t *adopted, const char *member, const char *value)
{
	size_t i;
	json_t *one;
	json_array_foreach ((json_t *)adopted, i, one)
		if (value && strcmp(text(one, member), value) == 0)
			return true;
	return false;
}

static int
get_idle(struct orch *orch, const char *id, struct db_vnf *row, struct err *err)
{
	int rc = vnf_alone_get(orch, id, row, err);
	if (!rc && strcmp(row->state, "NOT_INSTANTIATED") != 0)
		rc = err_set(err, ERR_STATE, NULL,
			"terminate it first: its packets are in another memory",
			"VNF '%s' is instantiated", row->name);
	return rc ? rc : check_nothing_left(orch, row, err);
}

/* What a failed instantiation left is of the service that it would come out of. */
static int
check_nothing_left(struct orch *orch, const struct db_vnf *row, struct err *err)
{
	struct db_object service = {0};
	int rc = db_object_get(orch->db, "service", row->ns_id, &service, err);
	db_object_clear(&service);
	if (rc == err_errno(ERR_NOT_FOUND))
		return 0;
	return rc ? rc
		  : err_set(err, ERR_STATE, NULL,
			    "instantiate it once more and terminate it",
			    "VNF '%s' could not begin, and left a part of it on the host",
			    row->name);
}

static int
take_one(struct orch *orch, const char *ns, const char *ns_name, const json_t *adopted,
	struct err *err)
{
	struct db_vnf row = {0};
	char name[128], was[STAMP_ID] = "";
	snprintf(name, sizeof(name), "%s.%s", ns_name, text(adopted, "profile"));
	int rc = get_idle(orch, text(adopted, "id"), &row, err);
	if (!rc) {
		snprintf(was, sizeof(was), "%s", row.ns_id);
		replace(&row.ns_id, ns);
		replace(&row.name, name);
		replace(&row.profile, text(adopted, "profile"));
		rc = db_vnf_update(orch->db, &row, err);
	}
	if (!rc)
		rc = db_ns_delete(orch->db, was, err);
	db_vnf_clear(&row);
	return rc;
}

/* As vnf_create() made it. */
static int
give_back(struct db *db, const json_t *adopted, struct err *err)
{
	struct db_vnf row = {0};
	char ns_id[STAMP_ID], now[STAMP_TIME], name[64];
	free_name(db, adopted, name, sizeof(name));
	const struct db_ns ns = {.id = stamp_id(ns_id),
		.name = name,
		.description = "",
		.nsd_info_id = DB_NSD_NONE,
		.nsd_id = "",
		.state = "NOT_INSTANTIATED",
		.created = stamp_time(now),
		.project = (char *)text(adopted, "project")};
	int rc = db_vnf_get(db, text(adopted, "id"), &row, err);
	if (!rc)
		rc = db_ns_insert(db, &ns, err);
	if (!rc) {
		replace(&row.ns_id, ns_id);
		replace(&row.name, name);
		replace(&row.profile, row.type);
		replace(&row.occurrence, "");
		replace(&row.state, "NOT_INSTANTIATED");
		rc = db_vnf_update(db, &row, err);
	}
	db_vnf_clear(&row);
	return rc;
}

/* Its own, unless another instance has that now. */
static void
free_name(struct db *db, const json_t *adopted, char *name, size_t size)
{
	struct db_vnf vnf = {0};
	struct db_ns ns = {0};
	snprintf(name, size, "%s", text(adopted, "name"));
	if (db_vnf_get_by_name(db, name, &vnf, NULL) == 0 ||
		db_ns_get_by_name(db, name, &ns, NULL) == 0)
		snprintf(name, size, "%.28s-%.8s", text(adopted, "type"),
			text(adopted, "id"));
	db_vnf_clear(&vnf);
	db_ns_clear(&ns);
}

static void
replace(char **member, const char *with)
{
	char *copy = strdup(with);
	free(*member);
	*member = copy;
}

static const char *
text(const json_t *object, const char *member)
{
	return json_string_value(json_object_get(object, member));
}
