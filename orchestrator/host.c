/* host.c: the hosts that services run on, and their health. */
#include "orchestrator/host.h"

#include <string.h>
#include "db/objects.h"
#include "db/occurrences.h"
#include "db/ns_instances.h"
#include "orchestrator/step.h"
#include "orchestrator/watch.h"

static json_t *unreachable(const struct err *why);
static void find(json_t *audit, const char *check, const char *level, const char *hint,
	json_t *detail);
static int compare(struct orch *orch, json_t *audit, struct err *err);
static int compare_kind(
	struct orch *orch, enum vnfm_kind kind, json_t *audit, struct err *err);
static int find_missing(struct orch *orch, enum vnfm_kind kind, const json_t *list,
	json_t *audit, struct err *err);
static int find_stuck(struct orch *orch, json_t *audit, struct err *err);
static bool holds(const json_t *list, const char *id);

int
host_list(struct orch *orch, json_t **list, struct err *err)
{
	json_t *host = NULL;
	struct err why;
	(void)err;
	if (orch->vnfm.driver->host(orch->vnfm.self, &host, &why)) {
		*list = json_pack("[{s:s, s:s, s:o}]", "id", "local", "state",
			"unreachable", "error", err_to_json(&why));
		return 0;
	}
	json_t *entry = json_pack("{s:s, s:s}", "id", "local", "state", "connected");
	json_object_update(entry, host);
	json_decref(host);
	*list = json_pack("[o]", entry);
	return 0;
}

int
host_doctor(struct orch *orch, json_t **out, struct err *err)
{
	json_t *told = NULL;
	struct err why;
	if (orch->vnfm.driver->audit(orch->vnfm.self, &told, &why)) {
		*out = unreachable(&why);
		return find_stuck(orch, *out, err);
	}
	json_t *audit = json_copy(told);
	json_decref(told);
	static const char *const lists[] = {"findings", "buffers", "orphans"};
	for (size_t i = 0; i < 3; i++)
		json_object_set_new(audit, lists[i],
			json_is_array(json_object_get(audit, lists[i]))
				? json_copy(json_object_get(audit, lists[i]))
				: json_array());
	if (!json_object_get(audit, "ok"))
		json_object_set_new(audit, "ok", json_true());
	int rc = compare(orch, audit, err);
	if (!rc)
		rc = find_stuck(orch, audit, err);
	if (rc)
		json_decref(audit);
	else
		*out = audit;
	return rc;
}

int
host_ready(struct orch *orch, struct err *err)
{
	json_t *host = NULL;
	int rc = orch->vnfm.driver->host(orch->vnfm.self, &host, err);
	if (!rc && !watch_connected(orch->watch))
		rc = err_set(err, ERR_UNAVAILABLE, NULL,
			"it takes a moment after a start",
			"the host is being brought to what is wanted");
	const char *state = json_string_value(
		json_object_get(json_object_get(host, "dataplane"), "state"));
	if (!rc && state && strcmp(state, "ready") != 0)
		rc = err_set(err, ERR_UNAVAILABLE, NULL, "renga doctor says more",
			"the dataplane is %s", state);
	json_decref(host);
	return rc;
}

static json_t *
unreachable(const struct err *why)
{
	json_t *audit = json_pack(
		"{s:b, s:[], s:[], s:[]}", "ok", 1, "findings", "buffers", "orphans");
	find(audit, "vnfm", "error", why->hint, json_string(why->text));
	return audit;
}

static void
find(json_t *audit, const char *check, const char *level, const char *hint,
	json_t *detail)
{
	json_array_append_new(json_object_get(audit, "findings"),
		json_pack("{s:s, s:s, s:o, s:s}", "check", check, "level", level,
			"detail", detail, "hint", hint));
	if (strcmp(level, "error") == 0)
		json_object_set_new(audit, "ok", json_false());
}

/* What is wanted and not there, and what is there and wanted by nobody. */
static int
compare(struct orch *orch, json_t *audit, struct err *err)
{
	int rc = 0;
	for (int kind = VNFM_SERVICE; !rc && kind <= VNFM_LINK; kind++)
		rc = compare_kind(orch, (enum vnfm_kind)kind, audit, err);
	return rc;
}

static int
compare_kind(struct orch *orch, enum vnfm_kind kind, json_t *audit, struct err *err)
{
	json_t *list = NULL, *object;
	size_t i;
	int rc = orch->vnfm.driver->list(orch->vnfm.self, kind, &list, err);
	if (rc)
		return rc;
	json_array_foreach (list, i, object) {
		struct db_object row = {0};
		const char *id = json_string_value(json_object_get(object, "id"));
		if (!id)
			id = json_string_value(json_object_get(object, "ns"));
		if (id && db_object_get(orch->db, step_kind_name(kind), id, &row, NULL))
			json_array_append_new(json_object_get(audit, "orphans"),
				json_pack("{s:s, s:s}", "kind", step_kind_name(kind),
					"name", id));
		db_object_clear(&row);
	}
	rc = find_missing(orch, kind, list, audit, err);
	json_decref(list);
	return rc;
}

static int
find_missing(struct orch *orch, enum vnfm_kind kind, const json_t *list, json_t *audit,
	struct err *err)
{
	struct db_object *rows;
	size_t n;
	int rc = db_object_list(orch->db, NULL, &rows, &n, err);
	if (rc)
		return rc;
	for (size_t i = 0; i < n; i++) {
		struct db_occurrence open = {0};
		if (step_kind(rows[i].kind) != kind || holds(list, rows[i].object))
			continue;
		if (db_occurrence_get_open(orch->db, rows[i].ns, &open, NULL) != 0)
			find(audit, "wanted", "error",
				"the orchestrator puts it again by itself",
				json_pack("s++++", rows[i].kind, " ", rows[i].object,
					" is wanted but is ", "not there"));
		db_occurrence_clear(&open);
	}
	db_objects_free(rows, n);
	return 0;
}

static int
find_stuck(struct orch *orch, json_t *audit, struct err *err)
{
	struct db_ns *rows;
	size_t n;
	int rc = db_ns_list(orch->db, &rows, &n, err);
	if (rc)
		return rc;
	for (size_t i = 0; i < n; i++) {
		struct db_occurrence open = {0};
		if (db_occurrence_get_open(orch->db, rows[i].id, &open, NULL) == 0 &&
			strcmp(open.state, "FAILED_TEMP") == 0)
			find(audit, "operations", "warning",
				"retry, roll back or fail it",
				json_pack("s+++++", open.operation, " ", open.id, " of ",
					rows[i].name, " waits for a decision"));
		db_occurrence_clear(&open);
	}
	db_nss_free(rows, n);
	return 0;
}

static bool
holds(const json_t *list, const char *id)
{
	size_t i;
	json_t *object;
	json_array_foreach ((json_t *)list, i, object) {
		const char *of = json_string_value(json_object_get(object, "id"));
		if (!of)
			of = json_string_value(json_object_get(object, "ns"));
		if (of && strcmp(of, id) == 0)
			return true;
	}
	return false;
}
