/* stats.c: figures of services and VNFs. */
#include "orchestrator/stats.h"

#include <string.h>
#include "common/log.h"
#include "db/ns_instances.h"
#include "db/objects.h"
#include "db/vnf_instances.h"
#include "orchestrator/plan/stats_paths.h"
#include "orchestrator/plan/stats_sum.h"

static int ask(struct orch *orch, const char *ns, json_t **told, struct err *err);
static json_t *shape_ns(struct orch *orch, const struct db_ns *row, const json_t *told);
static void sum_drops(json_t *sum, const json_t *parts);

int
stats_ns(struct orch *orch, const char *id, json_t **stats, struct err *err)
{
	struct db_ns row = {0};
	json_t *told = NULL;
	if (db_ns_get_shown(orch->db, id, &row, NULL))
		return err_set(err, ERR_NOT_FOUND, NULL, NULL,
			"there is no NS instance '%s'", id);
	int rc = ask(orch, id, &told, err);
	if (!rc)
		*stats = shape_ns(orch, &row, told);
	json_decref(told);
	db_ns_clear(&row);
	return rc;
}

int
stats_vnf(struct orch *orch, const char *id, json_t **stats, struct err *err)
{
	struct db_vnf row = {0};
	json_t *told = NULL, *vnf;
	size_t i;
	if (db_vnf_get(orch->db, id, &row, NULL))
		return err_set(err, ERR_NOT_FOUND, NULL, NULL,
			"there is no VNF instance '%s'", id);
	int rc = ask(orch, row.ns_id, &told, err);
	*stats = NULL;
	json_t *sums = stats_sum(json_object_get(told, "vnfs"));
	json_array_foreach (sums, i, vnf) {
		const char *of = json_string_value(json_object_get(vnf, "id"));
		if (of && strcmp(of, id) == 0 && !*stats)
			*stats = stats_shape_vnf(vnf);
	}
	if (!rc && !*stats)
		rc = err_set(
			err, ERR_STATE, NULL, NULL, "VNF '%s' is not running", row.name);
	json_decref(sums);
	json_decref(told);
	db_vnf_clear(&row);
	return rc;
}

int
stats_all(struct orch *orch, json_t **list, struct err *err)
{
	struct db_ns *rows;
	size_t n;
	int rc = db_ns_list(orch->db, &rows, &n, err);
	if (rc)
		return rc;
	*list = json_array();
	for (size_t i = 0; i < n; i++) {
		json_t *told = NULL;
		struct err why;
		if (strcmp(rows[i].state, "INSTANTIATED") != 0)
			continue;
		if (ask(orch, rows[i].id, &told, &why))
			log_debug("no statistics", "ns=%s reason=\"%s\"", rows[i].name,
				why.text);
		else
			json_array_append_new(*list, shape_ns(orch, &rows[i], told));
		json_decref(told);
	}
	db_nss_free(rows, n);
	return 0;
}

json_t *
stats_shape_ns(const char *id, const char *name, const json_t *told)
{
	const json_t *pool = json_object_get(told, "pool");
	json_t *vnfs = stats_sum(json_object_get(told, "vnfs"));
	json_t *shaped = json_array(), *drops = json_object(), *vnf;
	size_t i;
	json_array_foreach (vnfs, i, vnf) {
		json_array_append_new(shaped, stats_shape_vnf(vnf));
	}
	sum_drops(drops, vnfs);
	sum_drops(drops, json_object_get(told, "ports"));
	json_decref(vnfs);
	return json_pack("{s:s, s:s, s:O*, s:{s:O*, s:O*, s:O*}, s:o, s:O*, s:o, s:O*}",
		"nsInstanceId", id, "name", name, "latencyUs",
		json_object_get(told, "latencyUs"), "buffers", "pool",
		json_object_get(pool, "size"), "free", json_object_get(pool, "free"),
		"inFlight", json_object_get(pool, "inFlight"), "drops", drops, "ports",
		json_object_get(told, "ports"), "vnfs", shaped, "links",
		json_object_get(told, "links"));
}

json_t *
stats_shape_vnf(const json_t *told)
{
	json_t *stats = json_copy((json_t *)told);
	json_t *id = json_incref(json_object_get(told, "id"));
	json_t *name = json_incref(json_object_get(told, "name"));
	json_object_del(stats, "id");
	json_object_del(stats, "name");
	json_object_set_new(stats, "vnfInstanceId", id ? id : json_null());
	json_object_set_new(stats, "vnfInstanceName", name ? name : json_null());
	return stats;
}

static json_t *
shape_ns(struct orch *orch, const struct db_ns *row, const json_t *told)
{
	json_t *stats = stats_shape_ns(row->id, row->name, told);
	struct db_object service = {0};
	if (db_object_get(orch->db, "service", row->id, &service, NULL) == 0) {
		json_t *paths = stats_paths(service.doc, told);
		if (paths)
			json_object_set_new(stats, "paths", paths);
	}
	db_object_clear(&service);
	return stats;
}

static int
ask(struct orch *orch, const char *ns, json_t **told, struct err *err)
{
	return orch->vnfm.driver->stats(orch->vnfm.self, ns, told, err);
}

static void
sum_drops(json_t *sum, const json_t *parts)
{
	const char *reason;
	json_t *part, *count;
	size_t i;
	json_array_foreach ((json_t *)parts, i, part) {
		json_object_foreach (json_object_get(part, "drops"), reason, count) {
			const json_int_t before =
				json_integer_value(json_object_get(sum, reason));
			json_object_set_new(sum, reason,
				json_integer(before + json_integer_value(count)));
		}
	}
}
