/* renga.c: /renga/v1: VNF types, hosts, doctor, logs, tokens. */
#include <stdlib.h>
#include <string.h>
#include "api/northbound/internal.h"
#include "orchestrator/host.h"
#include "orchestrator/packages.h"
#include "orchestrator/token.h"
#include "orchestrator/vnf.h"

#define MAX_LINES 10000

static void types(const struct http_request *request, struct http_reply *reply);
static void type(const struct http_request *request, struct http_reply *reply);
static void hosts(const struct http_request *request, struct http_reply *reply);
static void doctor(const struct http_request *request, struct http_reply *reply);
static void vnf_log_text(const struct http_request *request, struct http_reply *reply);
static void tokens(const struct http_request *request, struct http_reply *reply);
static void create_token(const struct http_request *request, struct http_reply *reply);
static void delete_token(const struct http_request *request, struct http_reply *reply);

const struct http_route renga_routes[] = {
	{"GET", "/renga/v1/vnf_types", types, HTTP_BODY_NONE, HTTP_AUTH_TOKEN,
		HTTP_ROLE_VIEWER,
		"VNF types: connection points, drop reasons, configuration"},
	{"GET", "/renga/v1/vnf_types/{type}", type, HTTP_BODY_NONE, HTTP_AUTH_TOKEN,
		HTTP_ROLE_VIEWER, "A VNF type"},
	{"GET", "/renga/v1/hosts", hosts, HTTP_BODY_NONE, HTTP_AUTH_TOKEN,
		HTTP_ROLE_VIEWER, "Hosts: cores, memory, dataplane"},
	{"GET", "/renga/v1/doctor", doctor, HTTP_BODY_NONE, HTTP_AUTH_TOKEN,
		HTTP_ROLE_VIEWER, "Audit: findings, every packet buffer, orphans"},
	{"GET", "/renga/v1/vnfs/{vnfInstanceId}/log", vnf_log_text, HTTP_BODY_NONE,
		HTTP_AUTH_TOKEN, HTTP_ROLE_VIEWER, "The last ?lines=N of a VNF's log"},
	{"GET", "/renga/v1/tokens", tokens, HTTP_BODY_NONE, HTTP_AUTH_TOKEN,
		HTTP_ROLE_ADMIN, "Tokens, without their secrets"},
	{"POST", "/renga/v1/tokens", create_token, HTTP_BODY_JSON, HTTP_AUTH_TOKEN,
		HTTP_ROLE_ADMIN,
		"Create a token {name, role, project?}; its secret is told once"},
	{"DELETE", "/renga/v1/tokens/{name}", delete_token, HTTP_BODY_NONE,
		HTTP_AUTH_TOKEN, HTTP_ROLE_ADMIN, "Delete a token"},
	{0},
};

static const char *const host_members[] = {"id", "state", "host", "version", "cores",
	"ioCore", "memory", "slots", "dataplane", "interfaces", "error", NULL};
static const struct query_rules host_rules = {.optional = host_members};
static const char *const type_members[] = {"type", "summary", "api", "connectionPoints",
	"dropReasons", "stateVersion", "config", "version", NULL};
static const struct query_rules type_rules = {.optional = type_members};
static const char *const token_members[] = {"name", "role", "created", "project", NULL};
static const struct query_rules token_rules = {.optional = token_members};

static void
types(const struct http_request *request, struct http_reply *reply)
{
	json_t *list;
	struct err err;
	if (packages_types(orch_of(request), &list, &err))
		http_reply_err(reply, &err);
	else
		query_reply(request, reply, &type_rules, list);
}

static void
type(const struct http_request *request, struct http_reply *reply)
{
	json_t *manifest;
	struct err err;
	if (packages_type(orch_of(request), request->params[0], &manifest, &err))
		http_reply_err(reply, &err);
	else
		http_reply_json(reply, 200, manifest);
}

static void
hosts(const struct http_request *request, struct http_reply *reply)
{
	json_t *list;
	struct err err;
	if (host_list(orch_of(request), &list, &err))
		http_reply_err(reply, &err);
	else
		query_reply(request, reply, &host_rules, list);
}

static void
doctor(const struct http_request *request, struct http_reply *reply)
{
	json_t *audit;
	struct err err;
	if (host_doctor(orch_of(request), &audit, &err))
		http_reply_err(reply, &err);
	else
		http_reply_json(reply, 200, audit);
}

static void
vnf_log_text(const struct http_request *request, struct http_reply *reply)
{
	char *text = NULL;
	long long lines;
	struct err err;
	int rc = request_number(request, "lines", 100, MAX_LINES, &lines, &err);
	if (!rc)
		rc = vnf_log(orch_of(request), request->params[0], (unsigned)lines, &text,
			&err);
	if (rc)
		http_reply_err(reply, &err);
	else
		http_reply_data(reply, 200, "text/plain", text, strlen(text));
	free(text);
}

static void
tokens(const struct http_request *request, struct http_reply *reply)
{
	json_t *list;
	struct err err;
	if (token_list(orch_of(request), &list, &err))
		http_reply_err(reply, &err);
	else
		query_reply(request, reply, &token_rules, list);
}

static void
create_token(const struct http_request *request, struct http_reply *reply)
{
	json_t *token;
	struct err err;
	if (token_create(orch_of(request), request->json, &token, &err)) {
		http_reply_err(reply, &err);
		return;
	}
	http_reply_header(reply, "Location", "/renga/v1/tokens/%s",
		json_string_value(json_object_get(token, "name")));
	http_reply_json(reply, 201, token);
}

static void
delete_token(const struct http_request *request, struct http_reply *reply)
{
	struct err err;
	if (token_delete(orch_of(request), request->params[0], &err))
		http_reply_err(reply, &err);
	else
		http_reply_empty(reply, 204);
}
