/* nslcm.c: /nslcm/v1: NS instances. */
#include <string.h>
#include "api/northbound/internal.h"
#include "orchestrator/ns.h"
#include "orchestrator/ns_scale.h"
#include "orchestrator/ns_update.h"
#include "orchestrator/vnf_heal.h"
#include "orchestrator/project.h"

static void list(const struct http_request *request, struct http_reply *reply);
static int read_part(void *arg, const json_t *equal, const char *after, size_t offset,
	size_t n, json_t **items, struct err *err);
static void create(const struct http_request *request, struct http_reply *reply);
static void read_one(const struct http_request *request, struct http_reply *reply);
static void delete_one(const struct http_request *request, struct http_reply *reply);
static void instantiate(const struct http_request *request, struct http_reply *reply);
static void scale(const struct http_request *request, struct http_reply *reply);
static void update(const struct http_request *request, struct http_reply *reply);
static void heal(const struct http_request *request, struct http_reply *reply);
static void terminate(const struct http_request *request, struct http_reply *reply);

#define ONE NS_COLLECTION "/{nsInstanceId}"
#define TASK(task_, handler_, summary_)                                                  \
	{                                                                                \
		"POST", ONE task_, handler_, HTTP_BODY_JSON, HTTP_AUTH_TOKEN,            \
			HTTP_ROLE_OPERATOR, summary_ OR_PLAN                             \
	}

const struct http_route nslcm_routes[] = {
	{"GET", NS_COLLECTION, list, HTTP_BODY_NONE, HTTP_AUTH_TOKEN, HTTP_ROLE_VIEWER,
		"NS instances"},
	{"POST", NS_COLLECTION, create, HTTP_BODY_JSON, HTTP_AUTH_TOKEN,
		HTTP_ROLE_OPERATOR, "Create an NS instance"},
	{"GET", ONE, read_one, HTTP_BODY_NONE, HTTP_AUTH_TOKEN, HTTP_ROLE_VIEWER,
		"An NS instance"},
	{"DELETE", ONE, delete_one, HTTP_BODY_NONE, HTTP_AUTH_TOKEN, HTTP_ROLE_OPERATOR,
		"Delete an NS instance"},
	TASK("/instantiate", instantiate, "Instantiate an NS"),
	TASK("/scale", scale, "Scale an NS, or VNFs of it, without a gap"),
	TASK("/update", update, "Change something of an NS"),
	TASK("/heal", heal, "Heal an NS, or VNFs of it"),
	TASK("/terminate", terminate, "Terminate an NS"),
	{0},
};

static const char *const mandatory[] = {"id", "nsInstanceName", "nsInstanceDescription",
	"nsdId", "nsdInfoId", "nsState", "_links", NULL};
static const char *const excluded[] = {"vnfInstances", "vnfInstance", "pnfInfo",
	"virtualLinkInfo", "vnffgInfo", "sapInfo", "nsScaleStatus",
	"additionalAffinityOrAntiAffinityRule", NULL};
static const char *const optional[] = {"flavourId", "nestedNsInstanceId",
	"monitoringParameter", "placement", "policies", NULL};
static const struct query_rules rules = {
	.mandatory = mandatory, .excluded = excluded, .optional = optional};

static void
list(const struct http_request *request, struct http_reply *reply)
{
	const struct query_source source = {read_part, (void *)request};
	query_reply_source(request, reply, &rules, &source);
}

static int
read_part(void *arg, const json_t *equal, const char *after, size_t offset, size_t n,
	json_t **items, struct err *err)
{
	/* what is not in its row is left out unless it is asked for */
	static const char *const apart[] = {
		"vnfInstance", "virtualLinkInfo", "vnffgInfo", "sapInfo", NULL};
	const struct http_request *request = arg;
	const struct ns_page page = {
		request_selects(request, apart), equal, after, offset, n};
	int rc = ns_list(orch_of(request), &page, items, err);
	if (!rc)
		reply_decorate(*items, NS_COLLECTION);
	return rc;
}

static void
create(const struct http_request *request, struct http_reply *reply)
{
	char name[PROJECT_NAME];
	json_t *ns;
	struct faults faults = {0};
	struct err err = {0};
	if (ns_create_in(orch_of(request),
		    project_of_user(orch_of(request), request->user, name), request->json,
		    &ns, &faults, &err))
		reply_failure(request, reply, &faults, &err);
	else
		reply_resource(request, reply, 201, NS_COLLECTION, ns);
}

static void
read_one(const struct http_request *request, struct http_reply *reply)
{
	json_t *ns;
	struct err err;
	if (ns_get(orch_of(request), request->params[0], &ns, &err))
		http_reply_err(reply, &err);
	else
		reply_resource(request, reply, 200, NS_COLLECTION, ns);
}

static void
delete_one(const struct http_request *request, struct http_reply *reply)
{
	json_t *ns = NULL;
	struct err err;
	int rc = ns_get(orch_of(request), request->params[0], &ns, &err);
	if (!rc && !reply_unchanged(request, reply, NS_COLLECTION, ns)) {
		json_decref(ns);
		return;
	}
	json_decref(ns);
	if (!rc)
		rc = ns_delete(orch_of(request), request->params[0], &err);
	if (rc)
		http_reply_err(reply, &err);
	else
		http_reply_empty(reply, 204);
}

static void
instantiate(const struct http_request *request, struct http_reply *reply)
{
	reply_task(request, reply, ns_instantiate, NS_OPS);
}

static void
scale(const struct http_request *request, struct http_reply *reply)
{
	reply_task(request, reply, ns_scale, NS_OPS);
}

static void
update(const struct http_request *request, struct http_reply *reply)
{
	reply_task(request, reply, ns_update, NS_OPS);
}

static void
heal(const struct http_request *request, struct http_reply *reply)
{
	reply_task(request, reply, ns_heal, NS_OPS);
}

static void
terminate(const struct http_request *request, struct http_reply *reply)
{
	reply_task(request, reply, ns_terminate, NS_OPS);
}
