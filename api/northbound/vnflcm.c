/* vnflcm.c: /vnflcm/v1: VNF instances. */
#include "api/northbound/internal.h"
#include "orchestrator/project.h"
#include "orchestrator/vnf.h"
#include "orchestrator/vnf_alone.h"
#include "orchestrator/vnf_change.h"
#include "orchestrator/vnf_flavour.h"
#include "orchestrator/vnf_heal.h"
#include "orchestrator/vnf_operate.h"
#include "orchestrator/vnf_port.h"
#include "orchestrator/vnf_scale.h"

static void list(const struct http_request *request, struct http_reply *reply);
static void create(const struct http_request *request, struct http_reply *reply);
static void delete_one(const struct http_request *request, struct http_reply *reply);
static void instantiate(const struct http_request *request, struct http_reply *reply);
static void terminate(const struct http_request *request, struct http_reply *reply);
static void change_flavour(const struct http_request *request, struct http_reply *reply);
static void read_one(const struct http_request *request, struct http_reply *reply);
static bool asks_for_config(const struct http_request *request);
static bool is_unchanged(const struct http_request *request, struct http_reply *reply);
static void modify(const struct http_request *request, struct http_reply *reply);
static void change_package(const struct http_request *request, struct http_reply *reply);
static void scale(const struct http_request *request, struct http_reply *reply);
static void scale_to_level(const struct http_request *request, struct http_reply *reply);
static void operate(const struct http_request *request, struct http_reply *reply);
static void heal(const struct http_request *request, struct http_reply *reply);
static void change_ext_conn(const struct http_request *request, struct http_reply *reply);
static void move(const struct http_request *request, struct http_reply *reply);

#define ONE VNF_COLLECTION "/{vnfInstanceId}"
#define TASK(task_, handler_, summary_)                                                  \
	{                                                                                \
		"POST", ONE task_, handler_, HTTP_BODY_JSON, HTTP_AUTH_TOKEN,            \
			HTTP_ROLE_OPERATOR, summary_ OR_PLAN                             \
	}

const struct http_route vnflcm_routes[] = {
	{"GET", VNF_COLLECTION, list, HTTP_BODY_NONE, HTTP_AUTH_TOKEN, HTTP_ROLE_VIEWER,
		"VNF instances"},
	{"POST", VNF_COLLECTION, create, HTTP_BODY_JSON, HTTP_AUTH_TOKEN,
		HTTP_ROLE_OPERATOR, "Create a VNF instance that is managed by itself"},
	{"GET", ONE, read_one, HTTP_BODY_NONE, HTTP_AUTH_TOKEN, HTTP_ROLE_VIEWER,
		"A VNF instance"},
	{"PATCH", ONE, modify, HTTP_BODY_JSON, HTTP_AUTH_TOKEN, HTTP_ROLE_OPERATOR,
		"Change a VNF's configuration (merge patch) or information" OR_PLAN},
	{"DELETE", ONE, delete_one, HTTP_BODY_NONE, HTTP_AUTH_TOKEN, HTTP_ROLE_OPERATOR,
		"Delete a VNF instance that is managed by itself"},
	TASK("/instantiate", instantiate, "Instantiate a VNF"),
	TASK("/terminate", terminate, "Terminate a VNF that is managed by itself"),
	TASK("/change_flavour", change_flavour, "Change the deployment flavour"),
	TASK("/change_vnfpkg", change_package,
		"Go on with another package, without a gap"),
	TASK("/scale", scale, "Replicas more or less, without a gap"),
	TASK("/scale_to_level", scale_to_level, "As many replicas as are told"),
	TASK("/operate", operate, "Stop or start a VNF"),
	TASK("/heal", heal, "Replace the processes of a VNF"),
	TASK("/change_ext_conn", change_ext_conn,
		"Give a connection point that leads out another port"),
	{"POST", "/renga/v1/vnf_instances/{vnfInstanceId}/move", move, HTTP_BODY_JSON,
		HTTP_AUTH_TOKEN, HTTP_ROLE_OPERATOR,
		"Go on on another core {core}, without a gap" OR_PLAN},
	{0},
};

static const char *const mandatory[] = {"id", "vnfdId", "vnfProvider", "vnfProductName",
	"vnfSoftwareVersion", "vnfdVersion", "instantiationState", "_links", NULL};
static const char *const excluded[] = {"vnfConfigurableProperties", "vimConnectionInfo",
	"instantiatedVnfInfo", "metadata", "extensions", NULL};
static const char *const optional[] = {
	"vnfInstanceName", "vnfInstanceDescription", "vnfPkgId", "policies", NULL};
static const struct query_rules rules = {
	.mandatory = mandatory, .excluded = excluded, .optional = optional};

static void
list(const struct http_request *request, struct http_reply *reply)
{
	json_t *items;
	struct err err;
	if (vnf_list(orch_of(request), asks_for_config(request), &items, &err))
		http_reply_err(reply, &err);
	else
		reply_collection(request, reply, &rules, VNF_COLLECTION, items);
}

/* A list has none unless asked for more, or for less. */
static bool
asks_for_config(const struct http_request *request)
{
	const char *name, *value;
	return http_query_at(request, 0, &name, &value);
}

static void
read_one(const struct http_request *request, struct http_reply *reply)
{
	json_t *vnf;
	struct err err;
	if (vnf_get(orch_of(request), request->params[0], &vnf, &err))
		http_reply_err(reply, &err);
	else
		reply_resource(request, reply, 200, VNF_COLLECTION, vnf);
}

static void
modify(const struct http_request *request, struct http_reply *reply)
{
	if (http_header(request, "If-Match") && !is_unchanged(request, reply))
		return;
	reply_task(request, reply, vnf_modify, VNF_OPS);
}

/* Answers by itself if not. */
static bool
is_unchanged(const struct http_request *request, struct http_reply *reply)
{
	json_t *vnf = NULL;
	struct err err = {0};
	if (vnf_get(orch_of(request), request->params[0], &vnf, &err)) {
		http_reply_err(reply, &err);
		return false;
	}
	const bool unchanged = reply_unchanged(request, reply, VNF_COLLECTION, vnf);
	json_decref(vnf);
	return unchanged;
}

static void
create(const struct http_request *request, struct http_reply *reply)
{
	char name[PROJECT_NAME];
	json_t *vnf;
	struct faults faults = {0};
	struct err err = {0};
	if (vnf_create(orch_of(request),
		    project_of_user(orch_of(request), request->user, name), request->json,
		    &vnf, &faults, &err))
		reply_failure(request, reply, &faults, &err);
	else
		reply_resource(request, reply, 201, VNF_COLLECTION, vnf);
}

static void
delete_one(const struct http_request *request, struct http_reply *reply)
{
	struct err err;
	if (http_header(request, "If-Match") && !is_unchanged(request, reply))
		return;
	if (vnf_delete(orch_of(request), request->params[0], &err))
		http_reply_err(reply, &err);
	else
		http_reply_empty(reply, 204);
}

static void
instantiate(const struct http_request *request, struct http_reply *reply)
{
	reply_task(request, reply, vnf_instantiate, VNF_OPS);
}

static void
terminate(const struct http_request *request, struct http_reply *reply)
{
	reply_task(request, reply, vnf_terminate, VNF_OPS);
}

static void
change_flavour(const struct http_request *request, struct http_reply *reply)
{
	reply_task(request, reply, vnf_flavour_change, VNF_OPS);
}

static void
change_package(const struct http_request *request, struct http_reply *reply)
{
	reply_task(request, reply, vnf_change_package, VNF_OPS);
}

static void
scale(const struct http_request *request, struct http_reply *reply)
{
	reply_task(request, reply, vnf_scale, VNF_OPS);
}

static void
scale_to_level(const struct http_request *request, struct http_reply *reply)
{
	reply_task(request, reply, vnf_scale_to_level, VNF_OPS);
}

static void
operate(const struct http_request *request, struct http_reply *reply)
{
	reply_task(request, reply, vnf_operate, VNF_OPS);
}

static void
heal(const struct http_request *request, struct http_reply *reply)
{
	reply_task(request, reply, vnf_heal, VNF_OPS);
}

static void
change_ext_conn(const struct http_request *request, struct http_reply *reply)
{
	reply_task(request, reply, vnf_port_change, VNF_OPS);
}

static void
move(const struct http_request *request, struct http_reply *reply)
{
	reply_task(request, reply, vnf_move, VNF_OPS);
}
