/* kept_look.c: see kept_look.h. */
#include "orchestrator/kept_look.h"

#include "orchestrator/operation.h"

json_t *
kept_look_last(
	const struct kept_look *look, const struct db_occurrence *row, const char *reason)
{
	json_t *params = NULL;
	if (db_occurrence_get_params(look->orch->db, row->id, &params, NULL))
		params = NULL;
	json_t *why = json_object_get(params, reason);
	if (!why)
		why = json_object_get(
			json_object_get(params, "additionalParams"), reason);
	json_t *last = json_pack("{s:s, s:s, s:s, s:b, s:O*}", "time", row->started,
		"occurrence", row->id, "state", row->state, "automatic", row->automatic,
		"reason", why);
	json_decref(params);
	return last;
}

bool
kept_look_is_passing(const struct kept_look *look, int rc)
{
	return rc == err_errno(ERR_UNAVAILABLE) || rc == err_errno(ERR_TIMEOUT) ||
	       db_is_passing(rc) ||
	       operation_check_free(look->orch->db, look->kept->ns, NULL) != 0;
}
