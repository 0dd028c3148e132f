/* projects.c: /renga/v1/projects: who may have how much. */
#include "api/northbound/internal.h"
#include "orchestrator/project.h"

#define PROJECTS "/renga/v1/projects"

static void list(const struct http_request *request, struct http_reply *reply);
static void read_one(const struct http_request *request, struct http_reply *reply);
static void put(const struct http_request *request, struct http_reply *reply);
static void delete_one(const struct http_request *request, struct http_reply *reply);

const struct http_route projects_routes[] = {
	{"GET", PROJECTS, list, HTTP_BODY_NONE, HTTP_AUTH_TOKEN, HTTP_ROLE_VIEWER,
		"Projects: what their services have, and may have"},
	{"GET", PROJECTS "/{name}", read_one, HTTP_BODY_NONE, HTTP_AUTH_TOKEN,
		HTTP_ROLE_VIEWER, "A project"},
	{"PUT", PROJECTS "/{name}", put, HTTP_BODY_JSON, HTTP_AUTH_TOKEN, HTTP_ROLE_ADMIN,
		"Make a project, or give it other quotas: {quota: {services, vnfs, "
		"memoryMiB, cores}}"},
	{"DELETE", PROJECTS "/{name}", delete_one, HTTP_BODY_NONE, HTTP_AUTH_TOKEN,
		HTTP_ROLE_ADMIN, "Delete a project that has nothing any more"},
	{0},
};

static const char *const members[] = {"name", "quota", "used", "created", NULL};
static const struct query_rules rules = {.optional = members};

static void
list(const struct http_request *request, struct http_reply *reply)
{
	json_t *items;
	struct err err;
	if (project_list(orch_of(request), &items, &err))
		http_reply_err(reply, &err);
	else
		query_reply(request, reply, &rules, items);
}

static void
read_one(const struct http_request *request, struct http_reply *reply)
{
	json_t *project;
	struct err err;
	if (project_get(orch_of(request), request->params[0], &project, &err))
		http_reply_err(reply, &err);
	else
		http_reply_json(reply, 200, project);
}

static void
put(const struct http_request *request, struct http_reply *reply)
{
	struct faults faults = {0};
	struct err err = {0};
	if (project_put(
		    orch_of(request), request->params[0], request->json, &faults, &err))
		reply_failure(request, reply, &faults, &err);
	else
		read_one(request, reply);
}

static void
delete_one(const struct http_request *request, struct http_reply *reply)
{
	struct err err;
	if (project_delete(orch_of(request), request->params[0], &err))
		http_reply_err(reply, &err);
	else
		http_reply_empty(reply, 204);
}
