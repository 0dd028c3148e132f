/* nsd.c: /nsd/v1: network service descriptors. */
#include <stdlib.h>
#include <string.h>
#include "api/northbound/internal.h"
#include "orchestrator/nsd.h"

static void list(const struct http_request *request, struct http_reply *reply);
static void create(const struct http_request *request, struct http_reply *reply);
static void read_one(const struct http_request *request, struct http_reply *reply);
static void patch(const struct http_request *request, struct http_reply *reply);
static void delete_one(const struct http_request *request, struct http_reply *reply);
static void upload(const struct http_request *request, struct http_reply *reply);
static void content(const struct http_request *request, struct http_reply *reply);

#define ONE NSD_COLLECTION "/{nsdInfoId}"

const struct http_route nsd_routes[] = {
	{"GET", NSD_COLLECTION, list, HTTP_BODY_NONE, HTTP_AUTH_TOKEN, HTTP_ROLE_VIEWER,
		"Network service descriptors"},
	{"POST", NSD_COLLECTION, create, HTTP_BODY_JSON, HTTP_AUTH_TOKEN,
		HTTP_ROLE_OPERATOR, "Create an empty descriptor record"},
	{"GET", ONE, read_one, HTTP_BODY_NONE, HTTP_AUTH_TOKEN, HTTP_ROLE_VIEWER,
		"A descriptor record"},
	{"PATCH", ONE, patch, HTTP_BODY_JSON, HTTP_AUTH_TOKEN, HTTP_ROLE_OPERATOR,
		"Enable or disable a descriptor, change its user data"},
	{"DELETE", ONE, delete_one, HTTP_BODY_NONE, HTTP_AUTH_TOKEN, HTTP_ROLE_OPERATOR,
		"Delete a descriptor"},
	{"PUT", ONE "/nsd_content", upload, HTTP_BODY_RAW, HTTP_AUTH_TOKEN,
		HTTP_ROLE_OPERATOR, "Upload the descriptor: YAML, JSON, zip or tar"},
	{"GET", ONE "/nsd_content", content, HTTP_BODY_NONE, HTTP_AUTH_TOKEN,
		HTTP_ROLE_VIEWER, "The descriptor as it was uploaded"},
	{"GET", ONE "/nsd", content, HTTP_BODY_NONE, HTTP_AUTH_TOKEN, HTTP_ROLE_VIEWER,
		"The descriptor as it was uploaded"},
	{0},
};

static const char *const mandatory[] = {"id", "nsdOnboardingState", "nsdOperationalState",
	"nsdUsageState", "_links", NULL};
static const char *const excluded[] = {
	"userDefinedData", "onboardingFailureDetails", NULL};
static const char *const optional[] = {"nsdId", "nsdName", "nsdVersion", "nsdDesigner",
	"nsdInvariantId", "vnfPkgIds", "pnfdInfoIds", "nestedNsdInfoIds", NULL};
static const struct query_rules rules = {
	.mandatory = mandatory, .excluded = excluded, .optional = optional};

static void
list(const struct http_request *request, struct http_reply *reply)
{
	json_t *items;
	struct err err;
	if (nsd_list(orch_of(request), &items, &err))
		http_reply_err(reply, &err);
	else
		reply_collection(request, reply, &rules, NSD_COLLECTION, items);
}

static void
create(const struct http_request *request, struct http_reply *reply)
{
	json_t *nsd;
	struct err err;
	if (nsd_create(orch_of(request), request->json, &nsd, &err))
		http_reply_err(reply, &err);
	else
		reply_resource(request, reply, 201, NSD_COLLECTION, nsd);
}

static void
read_one(const struct http_request *request, struct http_reply *reply)
{
	json_t *nsd;
	struct err err;
	if (nsd_get(orch_of(request), request->params[0], &nsd, &err))
		http_reply_err(reply, &err);
	else
		reply_resource(request, reply, 200, NSD_COLLECTION, nsd);
}

static void
patch(const struct http_request *request, struct http_reply *reply)
{
	json_t *nsd = NULL, *changes;
	struct err err;
	int rc = nsd_get(orch_of(request), request->params[0], &nsd, &err);
	if (!rc && !reply_unchanged(request, reply, NSD_COLLECTION, nsd)) {
		json_decref(nsd);
		return;
	}
	json_decref(nsd);
	if (!rc)
		rc = nsd_patch(orch_of(request), request->params[0], request->json,
			&changes, &err);
	if (rc)
		http_reply_err(reply, &err);
	else if (nsd_get(orch_of(request), request->params[0], &nsd, &err))
		http_reply_json(reply, 200, changes);
	else
		reply_changes(reply, NSD_COLLECTION, nsd, changes);
}

static void
delete_one(const struct http_request *request, struct http_reply *reply)
{
	json_t *nsd = NULL;
	struct err err;
	int rc = nsd_get(orch_of(request), request->params[0], &nsd, &err);
	if (!rc && !reply_unchanged(request, reply, NSD_COLLECTION, nsd)) {
		json_decref(nsd);
		return;
	}
	json_decref(nsd);
	if (!rc)
		rc = nsd_delete(orch_of(request), request->params[0], &err);
	if (rc)
		http_reply_err(reply, &err);
	else
		http_reply_empty(reply, 204);
}

static void
upload(const struct http_request *request, struct http_reply *reply)
{
	struct faults faults = {0};
	struct err err = {0};
	const char *type = *request->content_type ? request->content_type : "text/plain";
	if (!request->body_len) {
		err_set(&err, ERR_MALFORMED, NULL, "send YAML, JSON, or an archive",
			"the request has no content");
		http_reply_err(reply, &err);
	} else if (nsd_upload(orch_of(request), request->params[0], type, request->body,
			   request->body_len, &faults, &err)) {
		reply_failure(request, reply, &faults, &err);
	} else {
		http_reply_empty(reply, 204);
	}
}

static void
content(const struct http_request *request, struct http_reply *reply)
{
	struct nsd_content got = {0};
	struct err err;
	if (nsd_content(orch_of(request), request->params[0], &got, &err))
		http_reply_err(reply, &err);
	else
		http_reply_ranges(request, reply, got.type, got.data, got.len);
	free(got.type);
	free(got.data);
}
