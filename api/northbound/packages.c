/* packages.c: /vnfpkgm/v1: VNF packages, also by vnfdId for a VNFM. */
#include <stdlib.h>
#include <string.h>
#include "api/northbound/internal.h"
#include "common/doc.h"
#include "orchestrator/packages.h"

static void list(const struct http_request *request, struct http_reply *reply);
static void read_one(const struct http_request *request, struct http_reply *reply);
static void patch(const struct http_request *request, struct http_reply *reply);
static void vnfd(const struct http_request *request, struct http_reply *reply);
static void by_vnfd(const struct http_request *request, struct http_reply *reply);
static void package_content(const struct http_request *request, struct http_reply *reply);

#define ONE PKG_COLLECTION "/{vnfPkgId}"

const struct http_route packages_routes[] = {
	{"GET", PKG_COLLECTION, list, HTTP_BODY_NONE, HTTP_AUTH_TOKEN, HTTP_ROLE_VIEWER,
		"VNF packages"},
	{"GET", ONE, read_one, HTTP_BODY_NONE, HTTP_AUTH_TOKEN, HTTP_ROLE_VIEWER,
		"A VNF package"},
	{"PATCH", ONE, patch, HTTP_BODY_JSON, HTTP_AUTH_TOKEN, HTTP_ROLE_OPERATOR,
		"Enable or disable a VNF package, change its user data"},
	{"GET", ONE "/vnfd", vnfd, HTTP_BODY_NONE, HTTP_AUTH_TOKEN, HTTP_ROLE_VIEWER,
		"The VNFD of a package"},
	{"GET", ONE "/package_content", package_content, HTTP_BODY_NONE, HTTP_AUTH_TOKEN,
		HTTP_ROLE_VIEWER, "The content of a package"},
	{"GET", "/vnfpkgm/v1/onboarded_vnf_packages/{vnfdId}", by_vnfd, HTTP_BODY_NONE,
		HTTP_AUTH_TOKEN, HTTP_ROLE_VIEWER,
		"The VNF package that brings a vnfdId"},
	{0},
};

static const char *const mandatory[] = {
	"id", "onboardingState", "operationalState", "usageState", "_links", NULL};
static const char *const excluded[] = {
	"softwareImages", "additionalArtifacts", "userDefinedData", "checksum", NULL};
static const char *const optional[] = {"vnfdId", "vnfProvider", "vnfProductName",
	"vnfSoftwareVersion", "vnfdVersion", NULL};
static const struct query_rules rules = {
	.mandatory = mandatory, .excluded = excluded, .optional = optional};

static void
list(const struct http_request *request, struct http_reply *reply)
{
	json_t *items;
	struct err err;
	if (packages_list(orch_of(request), &items, &err))
		http_reply_err(reply, &err);
	else
		reply_collection(request, reply, &rules, PKG_COLLECTION, items);
}

static void
read_one(const struct http_request *request, struct http_reply *reply)
{
	json_t *package;
	struct err err;
	if (packages_get(orch_of(request), request->params[0], &package, &err))
		http_reply_err(reply, &err);
	else
		reply_resource(request, reply, 200, PKG_COLLECTION, package);
}

static void
by_vnfd(const struct http_request *request, struct http_reply *reply)
{
	json_t *package;
	struct err err;
	if (packages_get_by_vnfd(orch_of(request), request->params[0], &package, &err))
		http_reply_err(reply, &err);
	else
		reply_resource(request, reply, 200, PKG_COLLECTION, package);
}

static void
patch(const struct http_request *request, struct http_reply *reply)
{
	json_t *package = NULL, *changes;
	struct err err;
	int rc = packages_get(orch_of(request), request->params[0], &package, &err);
	if (!rc && !reply_unchanged(request, reply, PKG_COLLECTION, package)) {
		json_decref(package);
		return;
	}
	json_decref(package);
	if (!rc)
		rc = packages_patch(orch_of(request), request->params[0], request->json,
			&changes, &err);
	if (rc)
		http_reply_err(reply, &err);
	else if (packages_get(orch_of(request), request->params[0], &package, &err))
		http_reply_json(reply, 200, changes);
	else
		reply_changes(reply, PKG_COLLECTION, package, changes);
}

static void
vnfd(const struct http_request *request, struct http_reply *reply)
{
	json_t *doc;
	struct err err;
	if (packages_vnfd(orch_of(request), request->params[0], &doc, &err)) {
		http_reply_err(reply, &err);
		return;
	}
	char *text = doc_to_yaml(doc);
	json_decref(doc);
	http_reply_ranges(
		request, reply, "text/plain", text ? text : "", text ? strlen(text) : 0);
	free(text);
}

static void
package_content(const struct http_request *request, struct http_reply *reply)
{
	struct err err;
	json_t *package;
	if (packages_get(orch_of(request), request->params[0], &package, &err) == 0) {
		json_decref(package);
		err_set(&err, ERR_UNSUPPORTED, NULL, "GET .../vnfd gives its descriptor",
			"a built-in package has no archive");
	}
	http_reply_err(reply, &err);
}
