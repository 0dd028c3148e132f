/* subscriptions.c: subscriptions of each interface that has some, and under /renga/v1 the
 * notifications that wait or could not be delivered. */
#include <stdio.h>
#include <string.h>
#include "api/northbound/internal.h"
#include "api/problem/problem.h"
#include "orchestrator/subscription.h"

#define SUBSCRIPTIONS "/v1/subscriptions"
#define NOTIFICATIONS "/renga/v1/notifications"
#define API_MAX	      16

static void list(const struct http_request *request, struct http_reply *reply);
static void create(const struct http_request *request, struct http_reply *reply);
static void read_one(const struct http_request *request, struct http_reply *reply);
static void delete_one(const struct http_request *request, struct http_reply *reply);
static void letters(const struct http_request *request, struct http_reply *reply);
static void revive(const struct http_request *request, struct http_reply *reply);
static void bury(const struct http_request *request, struct http_reply *reply);
static const char *api_of(const struct http_request *request, char api[API_MAX]);
static const char *collection_of(
	const struct http_request *request, char collection[API_MAX + 32]);

#define ROUTE(method_, path_, handler_, body_, role_, summary_)                          \
	{                                                                                \
		method_, path_, handler_, HTTP_BODY_##body_, HTTP_AUTH_TOKEN,            \
			HTTP_ROLE_##role_, summary_                                      \
	}
#define ROUTES(collection_, whose_)                                                      \
	ROUTE("GET", collection_, list, NONE, VIEWER,                                    \
		"Subscriptions to notifications of " whose_),                            \
		ROUTE("POST", collection_, create, JSON, OPERATOR,                       \
			"Subscribe to notifications of " whose_),                        \
		ROUTE("GET", collection_ "/{subscriptionId}", read_one, NONE, VIEWER,    \
			"A subscription"),                                               \
		ROUTE("DELETE", collection_ "/{subscriptionId}", delete_one, NONE,       \
			OPERATOR, "Unsubscribe")

const struct http_route subscriptions_routes[] = {
	ROUTES("/nslcm" SUBSCRIPTIONS, "services"),
	ROUTES("/vnflcm" SUBSCRIPTIONS, "VNFs"),
	ROUTES("/nsd" SUBSCRIPTIONS, "descriptors"),
	ROUTES("/vnfpkgm" SUBSCRIPTIONS, "VNF packages"),
	ROUTES("/nsfm" SUBSCRIPTIONS, "alarms of services and the host"),
	ROUTES("/vnffm" SUBSCRIPTIONS, "alarms of VNFs"),
	ROUTE("GET", NOTIFICATIONS, letters, NONE, VIEWER,
		"Notifications that wait (WAITING) or were given up (DEAD)"),
	ROUTE("POST", NOTIFICATIONS "/{id}/retry", revive, JSON, OPERATOR,
		"Try a notification again that was given up"),
	ROUTE("DELETE", NOTIFICATIONS "/{id}", bury, NONE, OPERATOR,
		"Forget a notification that was given up"),
	{0},
};

static const char *const mandatory[] = {"id", "callbackUri", "_links", NULL};
static const char *const optional[] = {"filter", NULL};
static const struct query_rules rules = {.mandatory = mandatory, .optional = optional};
static const char *const letter_members[] = {"id", "subscriptionId", "state", "attempts",
	"reason", "created", "notification", NULL};
static const struct query_rules letter_rules = {.optional = letter_members};

static void
list(const struct http_request *request, struct http_reply *reply)
{
	char api[API_MAX], collection[API_MAX + 32];
	json_t *items;
	struct err err;
	if (subscription_list(orch_of(request), api_of(request, api), &items, &err))
		http_reply_err(reply, &err);
	else
		reply_collection(request, reply, &rules,
			collection_of(request, collection), items);
}

/* One that is there already is pointed to. */
static void
create(const struct http_request *request, struct http_reply *reply)
{
	char api[API_MAX], buf[API_MAX + 32];
	const char *collection = collection_of(request, buf);
	json_t *subscription;
	bool is_new;
	struct faults faults = {0};
	struct err err = {0};
	if (subscription_create(orch_of(request), api_of(request, api), request->json,
		    &subscription, &is_new, &faults, &err)) {
		reply_failure(request, reply, &faults, &err);
		return;
	}
	if (is_new) {
		reply_resource(request, reply, 201, collection, subscription);
		return;
	}
	http_reply_header(reply, "Location", "%s/%s", collection,
		json_string_value(json_object_get(subscription, "id")));
	http_reply_empty(reply, 303);
	json_decref(subscription);
}

static void
read_one(const struct http_request *request, struct http_reply *reply)
{
	char api[API_MAX], collection[API_MAX + 32];
	json_t *subscription;
	struct err err;
	if (subscription_get(orch_of(request), api_of(request, api), request->params[0],
		    &subscription, &err))
		http_reply_err(reply, &err);
	else
		reply_resource(request, reply, 200, collection_of(request, collection),
			subscription);
}

static void
delete_one(const struct http_request *request, struct http_reply *reply)
{
	char api[API_MAX];
	struct err err;
	if (subscription_delete(
		    orch_of(request), api_of(request, api), request->params[0], &err))
		http_reply_err(reply, &err);
	else
		http_reply_empty(reply, 204);
}

static void
letters(const struct http_request *request, struct http_reply *reply)
{
	json_t *items, *letter;
	size_t i;
	struct err err;
	if (subscription_letters(orch_of(request), &items, &err)) {
		http_reply_err(reply, &err);
		return;
	}
	json_array_foreach (items, i, letter)
		problem_of_error(json_object_get(letter, "notification"));
	query_reply(request, reply, &letter_rules, items);
}

static void
revive(const struct http_request *request, struct http_reply *reply)
{
	struct err err;
	if (subscription_revive(orch_of(request), request->params[0], &err))
		http_reply_err(reply, &err);
	else
		http_reply_empty(reply, 202);
}

static void
bury(const struct http_request *request, struct http_reply *reply)
{
	struct err err;
	if (subscription_bury(orch_of(request), request->params[0], &err))
		http_reply_err(reply, &err);
	else
		http_reply_empty(reply, 204);
}

/* The first part of the path. */
static const char *
api_of(const struct http_request *request, char api[API_MAX])
{
	snprintf(api, API_MAX, "%.*s", (int)strcspn(request->path + 1, "/"),
		request->path + 1);
	return api;
}

static const char *
collection_of(const struct http_request *request, char collection[API_MAX + 32])
{
	char api[API_MAX];
	snprintf(collection, API_MAX + 32, "/%s" SUBSCRIPTIONS, api_of(request, api));
	return collection;
}
