/* server.c: each handler reads the request, calls one service function, and answers. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "api/southbound/server/server.h"

#define LOG_LINES     100
#define LOG_MAX	      100000
#define WAIT_MS	      5000
#define EVENTS_MAX_MS 60000

static void get_host(const struct http_request *request, struct http_reply *reply);
static void get_types(const struct http_request *request, struct http_reply *reply);
static void check_type(const struct http_request *request, struct http_reply *reply);
static void put_object(const struct http_request *request, struct http_reply *reply);
static void get_object(const struct http_request *request, struct http_reply *reply);
static void list_objects(const struct http_request *request, struct http_reply *reply);
static void delete_object(const struct http_request *request, struct http_reply *reply);
static void relink(const struct http_request *request, struct http_reply *reply);
static void spread(const struct http_request *request, struct http_reply *reply);
static void get_stats(const struct http_request *request, struct http_reply *reply);
static void get_log(const struct http_request *request, struct http_reply *reply);
static void query_vnf(const struct http_request *request, struct http_reply *reply);
static void act_vnf(const struct http_request *request, struct http_reply *reply);
static void get_audit(const struct http_request *request, struct http_reply *reply);
static void get_events(const struct http_request *request, struct http_reply *reply);
static void shut_down(const struct http_request *request, struct http_reply *reply);
static json_t *brief(const struct http_request *request, json_t *object);
static enum service_kind kind_of(const struct http_request *request);
static bool read_number(const struct http_request *request, struct http_reply *reply,
	const char *name, uint64_t most, uint64_t *number);
static json_t *query_args(const struct http_request *request);
static void answer(struct http_reply *reply, int rc, json_t *body, const struct err *err);

#define ROUTE(method, pattern, handler, body, role, summary)                             \
	{                                                                                \
		method, pattern, handler, HTTP_BODY_##body, HTTP_AUTH_TOKEN,             \
			HTTP_ROLE_##role, summary                                        \
	}

#define KIND(name, many, one)                                                            \
	ROUTE("GET", "/v1/" name, list_objects, NONE, VIEWER, "all " many),              \
		ROUTE("GET", "/v1/" name "/{id}", get_object, NONE, VIEWER, one),        \
		ROUTE("PUT", "/v1/" name "/{id}", put_object, JSON, ADMIN,               \
			"the whole wanted state of " one),                               \
		ROUTE("DELETE", "/v1/" name "/{id}", delete_object, NONE, ADMIN,         \
			"end " one)

const struct http_route southbound_routes[] = {
	ROUTE("GET", "/v1/host", get_host, NONE, VIEWER, "the host and its dataplane"),
	ROUTE("GET", "/v1/types", get_types, NONE, VIEWER, "manifests of the VNF types"),
	ROUTE("POST", "/v1/types/{type}/check", check_type, JSON, VIEWER,
		"judge a configuration"),
	ROUTE("GET", "/v1/stats/{ns}", get_stats, NONE, VIEWER, "figures of a service"),
	ROUTE("GET", "/v1/audit", get_audit, NONE, VIEWER, "where every buffer is"),
	ROUTE("GET", "/v1/events", get_events, NONE, VIEWER, "what happened"),
	ROUTE("POST", "/v1/shutdown", shut_down, NONE, ADMIN, "end everything"),
	ROUTE("GET", "/v1/vnfs/{id}/log", get_log, NONE, VIEWER,
		"the last lines of a log"),
	ROUTE("GET", "/v1/vnfs/{id}/query/{what}", query_vnf, NONE, VIEWER,
		"a question to the plug-in"),
	ROUTE("POST", "/v1/vnfs/{id}/act/{what}", act_vnf, JSON, ADMIN,
		"something for the plug-in to do"),
	ROUTE("POST", "/v1/services/{ns}/relink", relink, JSON, ADMIN,
		"replace links of a running service"),
	ROUTE("POST", "/v1/vnfs/{id}/spread", spread, JSON, ADMIN,
		"have replicas of a VNF share its flows"),
	KIND("services", "services", "a service and its buffers"),
	KIND("ports", "ports", "a port"),
	KIND("vnfs", "VNFs", "a VNF"),
	KIND("links", "links", "a link"),
	{0},
};

static void
get_host(const struct http_request *request, struct http_reply *reply)
{
	struct err err = {0};
	json_t *host = NULL;
	int rc = service_host(request->arg, &host, &err);
	answer(reply, rc, host, &err);
}

static void
get_types(const struct http_request *request, struct http_reply *reply)
{
	struct err err = {0};
	json_t *types = NULL;
	int rc = service_types(request->arg, &types, &err);
	answer(reply, rc, types, &err);
}

static void
check_type(const struct http_request *request, struct http_reply *reply)
{
	struct err err = {0};
	json_t *faults = NULL, *config = json_object_get(request->json, "config");
	uint64_t size;
	int rc = service_check(
		request->arg, request->params[0], config, &faults, &size, &err);
	answer(reply, rc,
		rc == 0 ? json_pack("{s:o, s:I}", "faults", faults, "stateSize",
				  (json_int_t)size)
			: NULL,
		&err);
}

static void
put_object(const struct http_request *request, struct http_reply *reply)
{
	enum service_kind kind = kind_of(request);
	enum service_outcome outcome = SERVICE_DONE;
	struct faults faults = {0};
	struct err err = {0};
	json_t *actual = NULL;
	int rc = service_put(request->arg, kind, request->params[0], request->json,
		&actual, &outcome, &faults, &err);
	if (faults.n > 0)
		http_reply_faults(reply, 422, &faults);
	else if (rc != 0)
		http_reply_err(reply, &err);
	else
		http_reply_json(reply, outcome == SERVICE_ACCEPTED ? 202 : 200,
			brief(request, actual));
	faults_clear(&faults);
}

/* ?wait=ready&timeout=5000: of a VNF, when it is ready. */
static void
get_object(const struct http_request *request, struct http_reply *reply)
{
	enum service_kind kind = kind_of(request);
	uint64_t timeout_ms = WAIT_MS;
	struct err err = {0};
	json_t *actual = NULL;
	if (!read_number(request, reply, "timeout", 60000, &timeout_ms))
		return;
	const char *wait = http_query(request, "wait");
	int rc;
	if (wait == NULL)
		rc = service_get(request->arg, kind, request->params[0], &actual, &err);
	else if (kind == SERVICE_VNF && strcmp(wait, "ready") == 0)
		rc = service_wait_ready(request->arg, request->params[0],
			(unsigned)timeout_ms, &actual, &err);
	else
		rc = err_set(&err, ERR_MALFORMED, "wait", NULL,
			"only wait=ready of a VNF can be asked for");
	answer(reply, rc, rc == 0 ? brief(request, actual) : NULL, &err);
}

static void
list_objects(const struct http_request *request, struct http_reply *reply)
{
	enum service_kind kind = kind_of(request);
	struct err err = {0};
	json_t *list = NULL;
	int rc = service_list(request->arg, kind, http_query(request, "ns"), &list, &err);
	json_t *object;
	size_t i;
	json_array_foreach (list, i, object)
		brief(request, object);
	answer(reply, rc, list, &err);
}

static void
delete_object(const struct http_request *request, struct http_reply *reply)
{
	enum service_kind kind = kind_of(request);
	struct err err = {0};
	if (service_del(request->arg, kind, request->params[0], &err) != 0)
		http_reply_err(reply, &err);
	else
		http_reply_empty(reply, 204);
}

static void
relink(const struct http_request *request, struct http_reply *reply)
{
	struct faults faults = {0};
	struct err err = {0};
	json_t *done = NULL;
	int rc = service_relink(request->arg, request->params[0],
		json_object_get(request->json, "links"), &done, &faults, &err);
	if (faults.n > 0)
		http_reply_faults(reply, 422, &faults);
	else
		answer(reply, rc, done, &err);
	faults_clear(&faults);
}

static void
spread(const struct http_request *request, struct http_reply *reply)
{
	const json_t *n = json_object_get(request->json, "replicas");
	struct err err = {0};
	json_t *done = NULL;
	int rc = 0;
	if (!json_is_integer(n) || json_integer_value(n) < 1 ||
		json_integer_value(n) > UINT8_MAX)
		rc = err_set(&err, ERR_INVALID, "replicas", NULL,
			"replicas is a number from 1 on");
	if (rc == 0)
		rc = service_spread(request->arg, request->params[0],
			(unsigned)json_integer_value(n),
			json_is_true(json_object_get(request->json, "force")), &done,
			&err);
	answer(reply, rc, done, &err);
}

static void
get_stats(const struct http_request *request, struct http_reply *reply)
{
	struct err err = {0};
	json_t *stats = NULL;
	int rc = service_stats(request->arg, request->params[0], &stats, &err);
	answer(reply, rc, stats, &err);
}

static void
get_log(const struct http_request *request, struct http_reply *reply)
{
	struct err err = {0};
	uint64_t lines = LOG_LINES;
	char *text;
	if (!read_number(request, reply, "lines", LOG_MAX, &lines))
		return;
	if (service_log(request->arg, request->params[0], (unsigned)lines, &text, &err) !=
		0) {
		http_reply_err(reply, &err);
		return;
	}
	http_reply_data(reply, 200, "text/plain; charset=utf-8", text, strlen(text));
	free(text);
}

/* Query arguments are the question's. */
static void
query_vnf(const struct http_request *request, struct http_reply *reply)
{
	struct err err = {0};
	json_t *said = NULL, *args = query_args(request);
	int rc = service_query(
		request->arg, request->params[0], request->params[1], args, &said, &err);
	json_decref(args);
	answer(reply, rc, said, &err);
}

static void
act_vnf(const struct http_request *request, struct http_reply *reply)
{
	struct err err = {0};
	json_t *said = NULL;
	int rc = service_act(request->arg, request->params[0], request->params[1],
		request->json, &said, &err);
	answer(reply, rc, said, &err);
}

static void
get_audit(const struct http_request *request, struct http_reply *reply)
{
	struct err err = {0};
	json_t *audit = NULL;
	int rc = service_audit(request->arg, &audit, &err);
	answer(reply, rc, audit, &err);
}

static void
get_events(const struct http_request *request, struct http_reply *reply)
{
	struct err err = {0};
	uint64_t after = 0, wait_ms = 0;
	json_t *events = NULL;
	if (!read_number(request, reply, "after", INT64_MAX, &after) ||
		!read_number(request, reply, "wait", EVENTS_MAX_MS, &wait_ms))
		return;
	int rc = service_events(request->arg, after, (unsigned)wait_ms, &events, &err);
	answer(reply, rc, events, &err);
}

static void
shut_down(const struct http_request *request, struct http_reply *reply)
{
	struct err err = {0};
	if (service_shutdown(request->arg, &err) != 0)
		http_reply_err(reply, &err);
	else
		http_reply_empty(reply, 202);
}

/* From the path: /v1/ports/... */
static enum service_kind
kind_of(const struct http_request *request)
{
	static const char *const prefixes[] = {[SERVICE_SERVICE] = "/v1/services",
		[SERVICE_PORT] = "/v1/ports",
		[SERVICE_VNF] = "/v1/vnfs",
		[SERVICE_LINK] = "/v1/links"};
	unsigned kind = SERVICE_SERVICE;
	while (strncmp(request->path, prefixes[kind], strlen(prefixes[kind])) != 0)
		kind++;
	return (enum service_kind)kind;
}

/* ?config=omit: without the configuration, for those who have it. */
static json_t *
brief(const struct http_request *request, json_t *object)
{
	const char *config = http_query(request, "config");
	if (config != NULL && strcmp(config, "omit") == 0)
		json_object_del(object, "config");
	return object;
}

/* Absent: *number stays. */
static bool
read_number(const struct http_request *request, struct http_reply *reply,
	const char *name, uint64_t most, uint64_t *number)
{
	const char *text = http_query(request, name);
	if (text == NULL)
		return true;
	char *end;
	errno = 0;
	unsigned long long value = strtoull(text, &end, 10);
	if (errno == 0 && end != text && *end == '\0' && text[0] != '-' &&
		value <= most) {
		*number = value;
		return true;
	}
	struct err err;
	err_set(&err, ERR_MALFORMED, name, NULL, "%s takes a number from 0 to %ju", name,
		(uintmax_t)most);
	http_reply_err(reply, &err);
	return false;
}

static json_t *
query_args(const struct http_request *request)
{
	const char *name, *value;
	json_t *args = json_object();
	for (unsigned i = 0; http_query_at(request, i, &name, &value); i++)
		json_object_set_new(args, name, json_string(value));
	return args;
}

static void
answer(struct http_reply *reply, int rc, json_t *body, const struct err *err)
{
	if (rc != 0)
		http_reply_err(reply, err);
	else
		http_reply_json(reply, 200, body);
}
