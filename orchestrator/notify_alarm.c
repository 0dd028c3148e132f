/* notify_alarm.c: see notify_alarm.h. */
#include "orchestrator/notify_alarm.h"

#include <stdio.h>
#include "orchestrator/notify.h"

static json_t *raised_body(json_t *resource, const char *self);
static json_t *cleared_body(const struct db_alarm *alarm, const char *self);
static json_t *facts_of(
	struct db *db, const struct db_alarm *alarm, const json_t *resource);

int
notify_alarm(struct db *db, const char *api, const struct db_alarm *alarm,
	json_t *resource, struct err *err)
{
	char self[128];
	snprintf(self, sizeof(self), "/%s/v1/alarms/%s", api, alarm->id);
	json_t *facts = facts_of(db, alarm, resource);
	json_t *body =
		alarm->cleared ? cleared_body(alarm, self) : raised_body(resource, self);
	json_object_set(
		body, "notificationType", json_object_get(facts, "notificationTypes"));
	json_decref(resource);
	return notify_send(db, api, alarm->id, body, facts, err);
}

static json_t *
raised_body(json_t *resource, const char *self)
{
	json_object_del(resource, "_actions");
	json_object_set_new(
		resource, "_links", json_pack("{s:{s:s}}", "self", "href", self));
	return json_pack("{s:O, s:{}}", "alarm", resource, "_links");
}

static json_t *
cleared_body(const struct db_alarm *alarm, const char *self)
{
	return json_pack("{s:s, s:s, s:{s:{s:s}}}", "alarmId", alarm->id,
		"alarmClearedTime", alarm->cleared, "_links", "alarm", "href", self);
}

static json_t *
facts_of(struct db *db, const struct db_alarm *alarm, const json_t *resource)
{
	json_t *facts = json_pack("{s:s, s:O, s:O, s:O}", "notificationTypes",
		alarm->cleared ? "AlarmClearedNotification" : "AlarmNotification",
		"perceivedSeverities", json_object_get(resource, "perceivedSeverity"),
		"eventTypes", json_object_get(resource, "eventType"), "probableCauses",
		json_object_get(resource, "probableCause"));
	json_t *type =
		json_object_get(json_object_get(resource, "rootCauseFaultyResource"),
			"faultyResourceType");
	if (type)
		json_object_set(facts, "faultyResourceTypes", type);
	if (alarm->ns)
		notify_ns_facts(db, alarm->ns, facts);
	if (alarm->vnf)
		notify_vnf_facts(db, alarm->vnf, facts);
	return facts;
}
