/* ask.c: one question to each replica; see ask.h. */
#include "orchestrator/ask.h"

#include <string.h>
#include "db/vnf_instances.h"
#include "orchestrator/plan/replicas.h"

#define ID_SIZE 96

static json_t *processes(struct orch *orch, const char *id, struct err *err);
static int ask_all(struct orch *orch, const json_t *ids, const char *what,
	const json_t *args, bool act, json_t **answer, struct err *err);

int
ask_vnf(struct orch *orch, const char *id, const char *what, const json_t *args, bool act,
	json_t **answer, struct err *err)
{
	struct db_vnf row = {0};
	int rc;
	if (db_vnf_get(orch->db, id, &row, NULL))
		return err_set(err, ERR_NOT_FOUND, NULL, NULL,
			"there is no VNF instance '%s'", id);
	json_t *ids = processes(orch, id, err);
	if (!ids)
		rc = err_errno(err->code);
	else if (json_array_size(ids) == 0)
		rc = err_set(
			err, ERR_STATE, NULL, NULL, "VNF '%s' is not running", row.name);
	else
		rc = ask_all(orch, ids, what, args, act, answer, err);
	json_decref(ids);
	db_vnf_clear(&row);
	return rc;
}

/* Ids of what the host has of it. */
static json_t *
processes(struct orch *orch, const char *id, struct err *err)
{
	json_t *list = NULL, *ids, *vnf;
	size_t i;
	if (orch->vnfm.driver->list(orch->vnfm.self, VNFM_VNF, &list, err))
		return NULL;
	ids = json_array();
	json_array_foreach (list, i, vnf) {
		json_t *of = json_object_get(vnf, "id");
		char whole[ID_SIZE];
		if (of && strcmp(replicas_of(json_string_value(of), whole, sizeof(whole)),
				  id) == 0)
			json_array_append(ids, of);
	}
	json_decref(list);
	return ids;
}

static int
ask_all(struct orch *orch, const json_t *ids, const char *what, const json_t *args,
	bool act, json_t **answer, struct err *err)
{
	json_t *all = json_array(), *id;
	size_t i;
	json_array_foreach (ids, i, id) {
		json_t *said = NULL;
		int rc = orch->vnfm.driver->ask(orch->vnfm.self, json_string_value(id),
			what, args, act, &said, err);
		if (rc) {
			json_decref(all);
			return rc;
		}
		if (json_array_size(ids) > 1)
			json_object_set(said, "vnfcId", id);
		json_array_append_new(all, said);
	}
	*answer = json_array_size(ids) > 1 ? json_pack("{s:O}", "replicas", all)
					   : json_incref(json_array_get(all, 0));
	json_decref(all);
	return 0;
}
