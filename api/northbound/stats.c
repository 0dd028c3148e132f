/* stats.c: /renga/v1/stats: figures of services and VNFs. */
#include "orchestrator/stats.h"
#include "api/northbound/internal.h"

static void all(const struct http_request *request, struct http_reply *reply);
static void of_ns(const struct http_request *request, struct http_reply *reply);
static void of_vnf(const struct http_request *request, struct http_reply *reply);

const struct http_route stats_routes[] = {
	{"GET", "/renga/v1/stats", all, HTTP_BODY_NONE, HTTP_AUTH_TOKEN, HTTP_ROLE_VIEWER,
		"Figures of all services"},
	{"GET", "/renga/v1/stats/ns/{nsInstanceId}", of_ns, HTTP_BODY_NONE,
		HTTP_AUTH_TOKEN, HTTP_ROLE_VIEWER, "Figures of a service, hop by hop"},
	{"GET", "/renga/v1/stats/vnf/{vnfInstanceId}", of_vnf, HTTP_BODY_NONE,
		HTTP_AUTH_TOKEN, HTTP_ROLE_VIEWER, "Figures of a VNF"},
	{0},
};

static const char *const members[] = {"nsInstanceId", "name", "latencyUs", "buffers",
	"drops", "ports", "vnfs", "links", NULL};
static const struct query_rules rules = {.optional = members};

static void
all(const struct http_request *request, struct http_reply *reply)
{
	json_t *list;
	struct err err;
	if (stats_all(orch_of(request), &list, &err))
		http_reply_err(reply, &err);
	else
		query_reply(request, reply, &rules, list);
}

static void
of_ns(const struct http_request *request, struct http_reply *reply)
{
	json_t *stats;
	struct err err;
	if (stats_ns(orch_of(request), request->params[0], &stats, &err))
		http_reply_err(reply, &err);
	else
		http_reply_json(reply, 200, stats);
}

static void
of_vnf(const struct http_request *request, struct http_reply *reply)
{
	json_t *stats;
	struct err err;
	if (stats_vnf(orch_of(request), request->params[0], &stats, &err))
		http_reply_err(reply, &err);
	else
		http_reply_json(reply, 200, stats);
}
