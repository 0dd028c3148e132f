/* event.c: what happened. */
#include "orchestrator/event.h"

#include "common/log.h"
#include "db/events.h"
#include "orchestrator/stamp.h"

int
event_add(struct db *db, const char *time, const char *type, const char *ns,
	const char *vnf, json_t *detail)
{
	char now[STAMP_TIME];
	struct err err;
	const struct db_event event = {.time = (char *)(time ? time : stamp_time(now)),
		.type = (char *)type,
		.ns = (char *)ns,
		.vnf = (char *)vnf,
		.detail = detail};
	log_debug(type, "ns=%s vnf=%s", ns ? ns : "-", vnf ? vnf : "-");
	int rc = db_event_add(db, &event, &err);
	if (rc)
		log_error("event not kept", "type=%s reason=\"%s\"", type, err.text);
	json_decref(detail);
	return rc;
}

int
event_list(
	struct orch *orch, int64_t after, int64_t limit, json_t **list, struct err *err)
{
	struct db_event *rows;
	size_t n;
	int rc = db_event_list(orch->db, after, limit, &rows, &n, err);
	if (rc)
		return rc;
	*list = json_array();
	for (size_t i = 0; i < n; i++)
		json_array_append_new(
			*list, json_pack("{s:I, s:s, s:s, s:s*, s:s*, s:O*}", "seq",
				       (json_int_t)rows[i].seq, "time", rows[i].time,
				       "type", rows[i].type, "ns", rows[i].ns, "vnf",
				       rows[i].vnf, "detail", rows[i].detail));
	db_events_free(rows, n);
	return 0;
}

void
event_watch(struct orch *orch, void (*added)(void *arg), void *arg)
{
	db_events_watch(orch->db, added, arg);
}
