/* internal.h: what the route tables share. */
#ifndef API_NORTHBOUND_INTERNAL_H
#define API_NORTHBOUND_INTERNAL_H

#include <stdatomic.h>
#include "api/http/http.h"
#include "api/http/query.h"
#include "api/northbound/httpstats.h"
#include "api/northbound/northbound.h"
#include "orchestrator/operation.h"

struct northbound { /* the arg of every table */
	struct orch *orch;
	struct http_server *server;
	struct http_config config;
	struct httpstats *stats;
	atomic_uint streams; /* of events, under way */
};

extern const struct http_route nsd_routes[], packages_routes[], nslcm_routes[],
	vnflcm_routes[], ops_routes[], chains_routes[], renga_routes[], events_routes[],
	alarms_routes[], subscriptions_routes[], projects_routes[], capacity_routes[],
	stats_routes[], ask_routes[], system_routes[];

/* A service's result: the resource with its links and an ETag, or why not. Takes the
 * reference. */
void reply_resource(const struct http_request *request, struct http_reply *reply,
	unsigned status, const char *collection, json_t *resource);
/* As query_reply, each item with its links. */
void reply_collection(const struct http_request *request, struct http_reply *reply,
	const struct query_rules *rules, const char *collection, json_t *items);
/* Gives each item its links. */
void reply_decorate(json_t *items, const char *collection);
/* 422 with all faults (409 if they are conflicts only, 403 if it is only that there is
 * not enough), else err. Clears the faults. */
void reply_failure(const struct http_request *request, struct http_reply *reply,
	struct faults *faults, const struct err *err);
/* 202 with the Location of an occurrence. */
void reply_accepted(
	struct http_reply *reply, const char *collection, const char *occurrence);
/* What a task resource's summary ends with. */
#define OR_PLAN "; with ?dryRun=true only its plan is told"

/* A task resource: has the task done for the instance that the path names, and answers
 * 202 with the Location of its occurrence below `collection`, or with ?dryRun=true 200
 * with the plan; or why not. */
typedef int reply_task_fn(struct orch *orch, const char *id, const json_t *body,
	struct operation_answer *answer, struct faults *faults, struct err *err);
void reply_task(const struct http_request *request, struct http_reply *reply,
	reply_task_fn *task, const char *collection);
/* 200 with what a PATCH changed, and the ETag that the resource has now. Takes
 * both references. */
void reply_changes(struct http_reply *reply, const char *collection, json_t *resource,
	json_t *changes);
/* Answers 412 by itself and returns false if If-Match names another state of the resource
 * than this one (borrowed). */
bool reply_unchanged(const struct http_request *request, struct http_reply *reply,
	const char *collection, const json_t *resource);

/* A query parameter that is a number from 0 to max; ERR_MALFORMED. */
int request_number(const struct http_request *request, const char *name, long long dflt,
	long long max, long long *value, struct err *err);
struct orch *orch_of(const struct http_request *request);
/* Whether a list's query may want one of these members (null-ended): by an attribute
 * selector, or in a filter. */
bool request_selects(const struct http_request *request, const char *const *members);
/* ?dryRun=true */
bool request_is_dry(const struct http_request *request);

#define NS_COLLECTION  "/nslcm/v1/ns_instances"
#define NS_OPS	       "/nslcm/v1/ns_lcm_op_occs"
#define VNF_COLLECTION "/vnflcm/v1/vnf_instances"
#define VNF_OPS	       "/vnflcm/v1/vnf_lcm_op_occs"
#define NSD_COLLECTION "/nsd/v1/ns_descriptors"
#define PKG_COLLECTION "/vnfpkgm/v1/vnf_packages"

#endif
