/* chains.c: /renga/v1/chains: applied, read and deleted by name. */
#include "api/northbound/internal.h"
#include "orchestrator/chains.h"
#include "orchestrator/occurrence.h"
#include "orchestrator/project.h"

#define CHAINS "/renga/v1/chains"

static void list(const struct http_request *request, struct http_reply *reply);
static void apply(const struct http_request *request, struct http_reply *reply);
static void read_one(const struct http_request *request, struct http_reply *reply);
static void delete_one(const struct http_request *request, struct http_reply *reply);
static void reply_occurrence(
	const struct http_request *request, struct http_reply *reply, const char *id);

const struct http_route chains_routes[] = {
	{"GET", CHAINS, list, HTTP_BODY_NONE, HTTP_AUTH_TOKEN, HTTP_ROLE_VIEWER,
		"Chains"},
	{"POST", CHAINS, apply, HTTP_BODY_DOC, HTTP_AUTH_TOKEN, HTTP_ROLE_OPERATOR,
		"Apply a chain: make it run as the document says; ?dryRun=true only "
		"plans"},
	{"GET", CHAINS "/{name}", read_one, HTTP_BODY_NONE, HTTP_AUTH_TOKEN,
		HTTP_ROLE_VIEWER, "A chain, wanted and actual"},
	{"DELETE", CHAINS "/{name}", delete_one, HTTP_BODY_NONE, HTTP_AUTH_TOKEN,
		HTTP_ROLE_OPERATOR, "Terminate a chain and remove it"},
	{0},
};

static const char *const mandatory[] = {"name", "state", "nsInstanceId", NULL};
static const char *const optional[] = {"nsdInfoId", "wanted", "actual", "vnfs", NULL};
static const struct query_rules rules = {.mandatory = mandatory, .optional = optional};

static void
list(const struct http_request *request, struct http_reply *reply)
{
	json_t *items;
	struct err err;
	if (chains_list(orch_of(request), &items, &err))
		http_reply_err(reply, &err);
	else
		query_reply(request, reply, &rules, items);
}

static void
apply(const struct http_request *request, struct http_reply *reply)
{
	struct chains_applied applied;
	struct faults faults = {0};
	struct err err = {0};
	const bool dry = request_is_dry(request);
	char name[PROJECT_NAME];
	if (chains_apply_in(orch_of(request),
		    project_of_user(orch_of(request), request->user, name), request->json,
		    dry, &applied, &faults, &err))
		reply_failure(request, reply, &faults, &err);
	else if (*applied.occurrence)
		reply_occurrence(request, reply, applied.occurrence);
	else
		http_reply_json(reply, 200, applied.body);
}

static void
read_one(const struct http_request *request, struct http_reply *reply)
{
	json_t *chain;
	struct err err;
	if (chains_get(orch_of(request), request->params[0], &chain, &err))
		http_reply_err(reply, &err);
	else
		http_reply_json(reply, 200, chain);
}

static void
delete_one(const struct http_request *request, struct http_reply *reply)
{
	char occurrence[STAMP_ID];
	struct err err;
	if (chains_delete(orch_of(request), request->params[0], occurrence, &err))
		http_reply_err(reply, &err);
	else if (*occurrence)
		reply_occurrence(request, reply, occurrence);
	else
		http_reply_empty(reply, 204);
}

static void
reply_occurrence(
	const struct http_request *request, struct http_reply *reply, const char *id)
{
	json_t *occurrence;
	struct err err;
	if (occurrence_get(orch_of(request), "ns", id, false, &occurrence, &err)) {
		http_reply_err(reply, &err);
		return;
	}
	http_reply_header(reply, "Location", "%s/%s", NS_OPS, id);
	reply_resource(request, reply, 202, NS_OPS, occurrence);
}
