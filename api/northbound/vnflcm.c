/* vnflcm.c: /vnflcm/v1: VNF instances. */
#include "api/northbound/internal.h"
#include "orchestrator/vnf.h"
#include "orchestrator/vnf_change.h"
#include "orchestrator/vnf_scale.h"

static void list(const struct http_request *request, struct http_reply *reply);
static void read_one(const struct http_request *request, struct http_reply *reply);
static bool asks_for_config(const struct http_request *request);
static bool is_unchanged(const struct http_request *request, struct http_reply *reply);
static void modify(const struct http_request *request, struct http_reply *reply);
static void change_package(const struct http_request *request, struct http_reply *reply);
static void scale(const struct http_request *request, struct http_reply *reply);
static void move(const struct http_request *request, struct http_reply *reply);

#define ONE VNF_COLLECTION "/{vnfInstanceId}"

const struct http_route vnflcm_routes[] = {
	{"GET", VNF_COLLECTION, list, HTTP_BODY_NONE, HTTP_AUTH_TOKEN, HTTP_ROLE_VIEWER,
		"VNF instances"},
	{"GET", ONE, read_one, HTTP_BODY_NONE, HTTP_AUTH_TOKEN, HTTP_ROLE_VIEWER,
		"A VNF instance"},
	{"PATCH", ONE, modify, HTTP_BODY_JSON, HTTP_AUTH_TOKEN, HTTP_ROLE_OPERATOR,
		"Change a VNF's configuration (merge patch) or information"},
	{"POST", ONE "/change_vnfpkg", change_package, HTTP_BODY_JSON, HTTP_AUTH_TOKEN,
		HTTP_ROLE_OPERATOR, "Go on with another package, without a gap"},
	{"POST", ONE "/scale", scale, HTTP_BODY_JSON, HTTP_AUTH_TOKEN, HTTP_ROLE_OPERATOR,
		"One replica more or less, without a gap"},
	{"POST", "/renga/v1/vnf_instances/{vnfInstanceId}/move", move, HTTP_BODY_JSON,
		HTTP_AUTH_TOKEN, HTTP_ROLE_OPERATOR,
		"Go on on another core {core}, without a gap"},
	{0},
};

static const char *const mandatory[] = {"id", "vnfdId", "vnfProvider", "vnfProductName",
	"vnfSoftwareVersion", "vnfdVersion", "instantiationState", "_links", NULL};
static const char *const excluded[] = {"vnfConfigurableProperties", "vimConnectionInfo",
	"instantiatedVnfInfo", "metadata", "extensions", NULL};
static const char *const optional[] = {
	"vnfInstanceName", "vnfInstanceDescription", "vnfPkgId", NULL};
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
	char occurrence[STAMP_ID];
	struct faults faults = {0};
	struct err err = {0};
	if (http_header(request, "If-Match") && !is_unchanged(request, reply))
		return;
	if (vnf_modify(orch_of(request), request->params[0], request->json, occurrence,
		    &faults, &err))
		reply_failure(request, reply, &faults, &err);
	else
		reply_accepted(reply, VNF_OPS, occurrence);
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
change_package(const struct http_request *request, struct http_reply *reply)
{
	char occurrence[STAMP_ID];
	struct faults faults = {0};
	struct err err = {0};
	if (vnf_change_package(orch_of(request), request->params[0], request->json,
		    occurrence, &faults, &err))
		reply_failure(request, reply, &faults, &err);
	else
		reply_accepted(reply, VNF_OPS, occurrence);
}

static void
scale(const struct http_request *request, struct http_reply *reply)
{
	char occurrence[STAMP_ID];
	struct faults faults = {0};
	struct err err = {0};
	if (vnf_scale(orch_of(request), request->params[0], request->json, occurrence,
		    &faults, &err))
		reply_failure(request, reply, &faults, &err);
	else
		reply_accepted(reply, VNF_OPS, occurrence);
}

static void
move(const struct http_request *request, struct http_reply *reply)
{
	char occurrence[STAMP_ID];
	struct faults faults = {0};
	struct err err = {0};
	if (vnf_move(orch_of(request), request->params[0], request->json, occurrence,
		    &faults, &err))
		reply_failure(request, reply, &faults, &err);
	else
		reply_accepted(reply, VNF_OPS, occurrence);
}
