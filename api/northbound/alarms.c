/* alarms.c: alarms of /nsfm/v1 (of services and the host) and of /vnffm/v1 (of VNFs). */
#include <string.h>
#include "api/northbound/internal.h"
#include "orchestrator/alarm.h"

#define NS_ALARMS  "/nsfm/v1/alarms"
#define VNF_ALARMS "/vnffm/v1/alarms"

static void list(const struct http_request *request, struct http_reply *reply);
static void read_one(const struct http_request *request, struct http_reply *reply);
static void acknowledge(const struct http_request *request, struct http_reply *reply);
static bool is_vnf(const struct http_request *request);
static const char *view_of(const struct http_request *request);
static const char *collection_of(const struct http_request *request);

#define ROUTES(collection_, whose_)                                                      \
	{"GET", collection_, list, HTTP_BODY_NONE, HTTP_AUTH_TOKEN, HTTP_ROLE_VIEWER,    \
		"Alarms of " whose_},                                                    \
		{"GET", collection_ "/{alarmId}", read_one, HTTP_BODY_NONE,              \
			HTTP_AUTH_TOKEN, HTTP_ROLE_VIEWER, "An alarm"},                  \
	{                                                                                \
		"PATCH", collection_ "/{alarmId}", acknowledge, HTTP_BODY_JSON,          \
			HTTP_AUTH_TOKEN, HTTP_ROLE_OPERATOR,                             \
			"Acknowledge an alarm {ackState}"                                \
	}

const struct http_route alarms_routes[] = {
	ROUTES(NS_ALARMS, "services and the host"),
	ROUTES(VNF_ALARMS, "VNFs"),
	{0},
};

static const char *const mandatory[] = {"id", "managedObjectId", "alarmRaisedTime",
	"ackState", "perceivedSeverity", "eventTime", "eventType", "probableCause",
	"isRootCause", "_links", NULL};
static const char *const optional[] = {"rootCauseFaultyComponent",
	"rootCauseFaultyResource", "alarmChangedTime", "alarmClearedTime", "faultType",
	"faultDetails", NULL};
static const struct query_rules rules = {.mandatory = mandatory, .optional = optional};

static void
list(const struct http_request *request, struct http_reply *reply)
{
	json_t *items;
	struct err err;
	if (alarm_list(orch_of(request), view_of(request), &items, &err))
		http_reply_err(reply, &err);
	else
		reply_collection(request, reply, &rules, collection_of(request), items);
}

static void
read_one(const struct http_request *request, struct http_reply *reply)
{
	json_t *alarm;
	struct err err;
	if (alarm_get(
		    orch_of(request), view_of(request), request->params[0], &alarm, &err))
		http_reply_err(reply, &err);
	else
		reply_resource(request, reply, 200, collection_of(request), alarm);
}

static void
acknowledge(const struct http_request *request, struct http_reply *reply)
{
	const char *id = request->params[0], *view = view_of(request);
	json_t *alarm = NULL, *changes;
	struct err err;
	int rc = alarm_get(orch_of(request), view, id, &alarm, &err);
	if (!rc && !reply_unchanged(request, reply, collection_of(request), alarm)) {
		json_decref(alarm);
		return;
	}
	json_decref(alarm);
	if (!rc)
		rc = alarm_patch(
			orch_of(request), view, id, request->json, &changes, &err);
	if (rc)
		http_reply_err(reply, &err);
	else if (alarm_get(orch_of(request), view, id, &alarm, &err))
		http_reply_json(reply, 200, changes);
	else
		reply_changes(reply, collection_of(request), alarm, changes);
}

static bool
is_vnf(const struct http_request *request)
{
	return strncmp(request->path, VNF_ALARMS, strlen(VNF_ALARMS)) == 0;
}

static const char *
view_of(const struct http_request *request)
{
	return is_vnf(request) ? "vnf" : "ns";
}

static const char *
collection_of(const struct http_request *request)
{
	return is_vnf(request) ? VNF_ALARMS : NS_ALARMS;
}
