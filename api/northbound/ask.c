/* ask.c: /renga/v1/vnfs: questions to a VNF and things for it to do, as its type knows
 * them. */
#include "orchestrator/ask.h"
#include "api/northbound/internal.h"

static void query(const struct http_request *request, struct http_reply *reply);
static void act(const struct http_request *request, struct http_reply *reply);

const struct http_route ask_routes[] = {
	{"GET", "/renga/v1/vnfs/{vnfInstanceId}/query/{what}", query, HTTP_BODY_NONE,
		HTTP_AUTH_TOKEN, HTTP_ROLE_VIEWER,
		"A question to a VNF, such as sessions; its members are parameters"},
	{"POST", "/renga/v1/vnfs/{vnfInstanceId}/act/{what}", act, HTTP_BODY_JSON,
		HTTP_AUTH_TOKEN, HTTP_ROLE_OPERATOR,
		"Something for a VNF to do, such as reset-counters"},
	{0},
};

static void ask(const struct http_request *request, const json_t *args, bool doing,
	struct http_reply *reply);

static void
query(const struct http_request *request, struct http_reply *reply)
{
	const char *name, *value;
	json_t *args = json_object();
	for (unsigned i = 0; http_query_at(request, i, &name, &value); i++)
		json_object_set_new(args, name, json_string(value));
	ask(request, args, false, reply);
	json_decref(args);
}

static void
act(const struct http_request *request, struct http_reply *reply)
{
	ask(request, request->json, true, reply);
}

static void
ask(const struct http_request *request, const json_t *args, bool doing,
	struct http_reply *reply)
{
	json_t *answer = NULL;
	struct err err = {0};
	if (ask_vnf(orch_of(request), request->params[0], request->params[1], args, doing,
		    &answer, &err))
		http_reply_err(reply, &err);
	else
		http_reply_json(reply, 200, answer);
}
