/* ops.c: operation occurrences of /nslcm/v1 and /vnflcm/v1: read, and the tasks on them.
 */
#include <string.h>
#include "api/northbound/internal.h"
#include "orchestrator/occurrence.h"

static void list(const struct http_request *request, struct http_reply *reply);
static void read_one(const struct http_request *request, struct http_reply *reply);
static void retry(const struct http_request *request, struct http_reply *reply);
static void rollback(const struct http_request *request, struct http_reply *reply);
static void resume(const struct http_request *request, struct http_reply *reply);
static void fail(const struct http_request *request, struct http_reply *reply);
static void cancel(const struct http_request *request, struct http_reply *reply);

#define NS_ONE	NS_OPS "/{nsLcmOpOccId}"
#define VNF_ONE VNF_OPS "/{vnfLcmOpOccId}"

#define READ(path_, handler_, summary_)                                                  \
	{                                                                                \
		"GET", path_, handler_, HTTP_BODY_NONE, HTTP_AUTH_TOKEN,                 \
			HTTP_ROLE_VIEWER, summary_                                       \
	}
#define TASK(path_, handler_, summary_)                                                  \
	{                                                                                \
		"POST", path_, handler_, HTTP_BODY_JSON, HTTP_AUTH_TOKEN,                \
			HTTP_ROLE_OPERATOR, summary_                                     \
	}

const struct http_route ops_routes[] = {
	READ(NS_OPS, list, "NS operation occurrences"),
	READ(NS_ONE, read_one, "An NS operation occurrence"),
	TASK(NS_ONE "/retry", retry, "Try a failed operation again"),
	TASK(NS_ONE "/rollback", rollback, "Roll a failed operation back"),
	TASK(NS_ONE "/continue", resume, "Go on with a failed operation"),
	TASK(NS_ONE "/fail", fail, "Give a failed operation up"),
	TASK(NS_ONE "/cancel", cancel, "Cancel a running operation"),
	READ(VNF_OPS, list, "VNF operation occurrences"),
	READ(VNF_ONE, read_one, "A VNF operation occurrence"),
	TASK(VNF_ONE "/retry", retry, "Try a failed operation again"),
	TASK(VNF_ONE "/rollback", rollback, "Roll a failed operation back"),
	TASK(VNF_ONE "/fail", fail, "Give a failed operation up"),
	TASK(VNF_ONE "/cancel", cancel, "Cancel a running operation"),
	{0},
};

static const char *const ns_mandatory[] = {"id", "operationState", "statusEnteredTime",
	"nsInstanceId", "lcmOperationType", "startTime", "isAutomaticInvocation",
	"isCancelPending", "_links", NULL};
static const char *const vnf_mandatory[] = {"id", "operationState", "stateEnteredTime",
	"vnfInstanceId", "operation", "startTime", "isAutomaticInvocation",
	"isCancelPending", "_links", NULL};
static const char *const excluded[] = {"operationParams", "error", "resourceChanges",
	"changedInfo", "changedExtConnectivity", "stepTimings", NULL};
static const char *const optional[] = {"cancelMode", "grantId", "nsInstanceId", NULL};

static const struct family {
	const char *api, *collection;
	struct query_rules rules;
} families[] = {
	{"ns", NS_OPS,
		{.mandatory = ns_mandatory, .excluded = excluded, .optional = optional}},
	{"vnf", VNF_OPS,
		{.mandatory = vnf_mandatory, .excluded = excluded, .optional = optional}},
};

struct listing {
	const struct http_request *request;
	const struct family *family;
	bool whole;
};

static int read_part(void *arg, const json_t *equal, const char *after, size_t offset,
	size_t n, json_t **items, struct err *err);
static const struct family *family_of(const struct http_request *request);
static bool leaves_out_params(const struct http_request *request);
static void task(
	const struct http_request *request, struct http_reply *reply, enum event event);

static void
list(const struct http_request *request, struct http_reply *reply)
{
	/* what is not in an occurrence's row is left out unless it is asked for */
	static const char *const apart[] = {
		"operationParams", "resourceChanges", "stepTimings", NULL};
	struct listing listing = {
		request, family_of(request), request_selects(request, apart)};
	const struct query_source source = {read_part, &listing};
	query_reply_source(request, reply, &listing.family->rules, &source);
}

static int
read_part(void *arg, const json_t *equal, const char *after, size_t offset, size_t n,
	json_t **items, struct err *err)
{
	const struct listing *listing = arg;
	const struct occurrence_page page = {
		listing->family->api, listing->whole, equal, after, offset, n};
	int rc = occurrence_list(orch_of(listing->request), &page, items, err);
	if (!rc)
		reply_decorate(*items, listing->family->collection);
	return rc;
}

/* ?exclude_fields=operationParams: for those who only wait for its end. */
static bool
leaves_out_params(const struct http_request *request)
{
	const char *fields = http_query(request, "exclude_fields");
	return fields && strcmp(fields, "operationParams") == 0;
}

static void
read_one(const struct http_request *request, struct http_reply *reply)
{
	const struct family *family = family_of(request);
	json_t *occurrence;
	struct err err;
	if (occurrence_get(orch_of(request), family->api, request->params[0],
		    !leaves_out_params(request), &occurrence, &err))
		http_reply_err(reply, &err);
	else
		reply_resource(request, reply, 200, family->collection, occurrence);
}

static void
retry(const struct http_request *request, struct http_reply *reply)
{
	task(request, reply, EVENT_RETRY);
}

static void
rollback(const struct http_request *request, struct http_reply *reply)
{
	task(request, reply, EVENT_ROLLBACK);
}

static void
resume(const struct http_request *request, struct http_reply *reply)
{
	task(request, reply, EVENT_CONTINUE);
}

/* The one task that ends at once, and so answers with the occurrence. */
static void
fail(const struct http_request *request, struct http_reply *reply)
{
	const struct family *family = family_of(request);
	struct err err;
	if (occurrence_task(
		    orch_of(request), family->api, request->params[0], EVENT_FAIL, &err))
		http_reply_err(reply, &err);
	else
		read_one(request, reply);
}

static void
cancel(const struct http_request *request, struct http_reply *reply)
{
	const struct family *family = family_of(request);
	struct err err;
	if (occurrence_cancel(orch_of(request), family->api, request->params[0],
		    request->json, &err))
		http_reply_err(reply, &err);
	else
		reply_accepted(reply, family->collection, request->params[0]);
}

static void
task(const struct http_request *request, struct http_reply *reply, enum event event)
{
	const struct family *family = family_of(request);
	struct err err;
	if (occurrence_task(
		    orch_of(request), family->api, request->params[0], event, &err))
		http_reply_err(reply, &err);
	else
		reply_accepted(reply, family->collection, request->params[0]);
}

static const struct family *
family_of(const struct http_request *request)
{
	const bool vnf = strncmp(request->path, VNF_OPS, strlen(VNF_OPS)) == 0;
	return &families[vnf];
}
