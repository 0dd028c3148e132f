/* capacity.c: /nfvici/v1: what the infrastructure has, and what is free of it. */
#include "api/northbound/internal.h"
#include "orchestrator/capacity.h"

#define INFOS "/nfvici/v1/nfvi_capacity_infos"

static void list(const struct http_request *request, struct http_reply *reply);
static void read_one(const struct http_request *request, struct http_reply *reply);
static void add_self(json_t *info);

const struct http_route capacity_routes[] = {
	{"GET", INFOS, list, HTTP_BODY_NONE, HTTP_AUTH_TOKEN, HTTP_ROLE_VIEWER,
		"Capacity of the infrastructure, and what is free"},
	{"GET", INFOS "/{vimId}", read_one, HTTP_BODY_NONE, HTTP_AUTH_TOKEN,
		HTTP_ROLE_VIEWER, "Capacity of a VIM, and what is free"},
	{0},
};

static const char *const mandatory[] = {"vimId", "_links", NULL};
static const char *const optional[] = {
	"capacityMeasurements", "capacityInfoPerZone", NULL};
static const struct query_rules rules = {.mandatory = mandatory, .optional = optional};

static void
list(const struct http_request *request, struct http_reply *reply)
{
	json_t *items;
	struct err err;
	if (capacity_list(orch_of(request), &items, &err)) {
		http_reply_err(reply, &err);
		return;
	}
	add_self(json_array_get(items, 0));
	query_reply(request, reply, &rules, items);
}

static void
read_one(const struct http_request *request, struct http_reply *reply)
{
	json_t *info;
	struct err err;
	if (capacity_get(orch_of(request), request->params[0], &info, &err)) {
		http_reply_err(reply, &err);
		return;
	}
	add_self(info);
	http_reply_json(reply, 200, info);
}

static void
add_self(json_t *info)
{
	json_object_set_new(info, "_links",
		json_pack("{s:{s:s+}}", "self", "href", INFOS "/",
			json_string_value(json_object_get(info, "vimId"))));
}
