/* notify.c: see notify.h. */
#include "orchestrator/notify.h"

#include <string.h>
#include "common/log.h"
#include "db/packages.h"
#include "db/subscriptions.h"
#include "orchestrator/stamp.h"
#include "orchestrator/state.h"
#include "orchestrator/subscription.h"

#define NS_INSTANCES  "/nslcm/v1/ns_instances/"
#define VNF_INSTANCES "/vnflcm/v1/vnf_instances/"
#define CHANGE	      "NsChangeNotification"

static json_t *occurrence_body(const struct db_occurrence *row, bool ns);
static int notify_change(struct db *db, const struct db_occurrence *row, struct err *err);
static const char *change_status(const struct db_occurrence *row);
static void ns_facts(const struct db_ns *ns, json_t *facts);
static void vnf_facts(struct db *db, const struct db_vnf *vnf, json_t *facts);
static json_t *identifier_body(const char *type, const char *member, const char *id,
	const char *link, const char *base);
static int queue(struct db *db, const struct db_subscription *to, const char *resource,
	const json_t *body, struct err *err);
static int shed(struct db *db, const char *subscription, struct err *err);

int
notify_occurrence(struct db *db, const struct db_occurrence *row, struct err *err)
{
	const bool ns = strcmp(row->api, "ns") == 0;
	json_t *facts = json_pack("{s:s, s:s, s:s}", "notificationTypes",
		ns ? "NsLcmOperationOccurrenceNotification"
		   : "VnfLcmOperationOccurrenceNotification",
		"operationTypes", row->operation, "operationStates", row->state);
	if (ns)
		notify_ns_facts(db, row->instance, facts);
	else
		notify_vnf_facts(db, row->instance, facts);
	int rc = notify_send(db, ns ? "nslcm" : "vnflcm", row->instance,
		occurrence_body(row, ns), facts, err);
	return rc || ns ? rc : notify_change(db, row, err);
}

int
notify_ns(struct db *db, const struct db_ns *ns, bool created, struct err *err)
{
	const char *type = created ? "NsIdentifierCreationNotification"
				   : "NsIdentifierDeletionNotification";
	json_t *facts = json_pack("{s:s}", "notificationTypes", type);
	ns_facts(ns, facts);
	return notify_send(db, "nslcm", ns->id,
		identifier_body(type, "nsInstanceId", ns->id, "nsInstance", NS_INSTANCES),
		facts, err);
}

int
notify_vnf(struct db *db, const struct db_vnf *vnf, bool created, struct err *err)
{
	const char *type = created ? "VnfIdentifierCreationNotification"
				   : "VnfIdentifierDeletionNotification";
	json_t *facts = json_pack("{s:s}", "notificationTypes", type);
	vnf_facts(db, vnf, facts);
	return notify_send(db, "vnflcm", vnf->id,
		identifier_body(
			type, "vnfInstanceId", vnf->id, "vnfInstance", VNF_INSTANCES),
		facts, err);
}

/* START tells that something begins, RESULT how it ended, for good or for now. */
static json_t *
occurrence_body(const struct db_occurrence *row, bool ns)
{
	const enum state state = state_from_name(row->state);
	const bool result = state_final(state) || state == STATE_FAILED_TEMP;
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:b, s:O*, s:{s:{s:s+}, "
			 "s:{s:s+}}}",
		"notificationType",
		ns ? "NsLcmOperationOccurrenceNotification"
		   : "VnfLcmOperationOccurrenceNotification",
		"notificationStatus", result ? "RESULT" : "START", "operationState",
		row->state, ns ? "nsInstanceId" : "vnfInstanceId", row->instance,
		ns ? "nsLcmOpOccId" : "vnfLcmOpOccId", row->id, "operation",
		row->operation, "isAutomaticInvocation", row->automatic, "error",
		row->error, "_links", ns ? "nsInstance" : "vnfInstance", "href",
		ns ? NS_INSTANCES : VNF_INSTANCES, row->instance,
		ns ? "nsLcmOpOcc" : "vnfLcmOpOcc", "href",
		ns ? "/nslcm/v1/ns_lcm_op_occs/" : "/vnflcm/v1/vnf_lcm_op_occs/",
		row->id);
}

/* Whoever looks at services is told of what is done to a VNF of one: that it begins, and
 * how it ended. Nothing of a VNF that is managed by itself. */
static int
notify_change(struct db *db, const struct db_occurrence *row, struct err *err)
{
	const char *status = change_status(row);
	struct db_ns ns = {0};
	int rc = 0;
	if (status && db_ns_get_shown(db, row->ns_id, &ns, NULL) == 0) {
		json_t *body = json_pack(
			"{s:s, s:s, s:s, s:s, s:s, s:s+, s:s, s:O*, s:{s:{s:s+}}}",
			"notificationType", CHANGE, "nsInstanceId", ns.id,
			"nsComponentType", "VNF", "nsComponentId", row->instance,
			"lcmOpOccIdImpactingNsComponent", row->id,
			"lcmOpNameImpactingNsComponent", "VNF_", row->operation,
			"lcmOpOccStatusImpactingNsComponent", status, "error", row->error,
			"_links", "nsInstance", "href", NS_INSTANCES, ns.id);
		json_t *facts = json_pack("{s:s, s:s, s:s+, s:s}", "notificationTypes",
			CHANGE, "nsComponentTypes", "VNF",
			"lcmOpNameImpactingNsComponent", "VNF_", row->operation,
			"lcmOpOccStatusImpactingNsComponent", status);
		ns_facts(&ns, facts);
		rc = notify_send(db, "nslcm", ns.id, body, facts, err);
	}
	db_ns_clear(&ns);
	return rc;
}

static const char *
change_status(const struct db_occurrence *row)
{
	const enum state state = state_from_name(row->state);
	return state == STATE_STARTING ? "START" : state_final(state) ? row->state : NULL;
}

void
notify_ns_facts(struct db *db, const char *id, json_t *facts)
{
	struct db_ns ns = {0};
	if (db_ns_get(db, id, &ns, NULL) == 0)
		ns_facts(&ns, facts);
	db_ns_clear(&ns);
}

void
notify_vnf_facts(struct db *db, const char *id, json_t *facts)
{
	struct db_vnf vnf = {0};
	if (db_vnf_get(db, id, &vnf, NULL) == 0)
		vnf_facts(db, &vnf, facts);
	db_vnf_clear(&vnf);
}

static void
ns_facts(const struct db_ns *ns, json_t *facts)
{
	json_object_set_new(facts, "nsInstanceIds", json_string(ns->id));
	json_object_set_new(facts, "nsInstanceNames", json_string(ns->name));
	json_object_set_new(facts, "nsdIds", json_string(ns->nsd_id));
}

static void
vnf_facts(struct db *db, const struct db_vnf *vnf, json_t *facts)
{
	struct db_package package = {0};
	json_object_set_new(facts, "vnfInstanceIds", json_string(vnf->id));
	json_object_set_new(facts, "vnfInstanceNames", json_string(vnf->name));
	if (db_package_get(db, vnf->package_id, &package, NULL) == 0)
		json_object_set_new(facts, "vnfdIds", json_string(package.vnfd_id));
	db_package_clear(&package);
}

static json_t *
identifier_body(const char *type, const char *member, const char *id, const char *link,
	const char *base)
{
	return json_pack("{s:s, s:s, s:{s:{s:s+}}}", "notificationType", type, member, id,
		"_links", link, "href", base, id);
}

/* All have it under the same id. */
int
notify_send(struct db *db, const char *api, const char *resource, json_t *body,
	json_t *facts, struct err *err)
{
	struct db_subscription *rows = NULL;
	char id[STAMP_ID], now[STAMP_TIME];
	size_t n = 0;
	int rc = db_subscription_list(db, api, &rows, &n, err);
	json_object_set_new(body, "id", json_string(stamp_id(id)));
	json_object_set_new(body, "timeStamp", json_string(stamp_time(now)));
	json_object_set_new(body, "timestamp", json_string(now)); /* as some releases */
	for (size_t i = 0; !rc && i < n; i++)
		if (subscription_matches(rows[i].filter, facts))
			rc = queue(db, &rows[i], resource, body, err);
	db_subscriptions_free(rows, n);
	json_decref(body);
	json_decref(facts);
	return rc;
}

static int
queue(struct db *db, const struct db_subscription *to, const char *resource,
	const json_t *body, struct err *err)
{
	char id[STAMP_ID], now[STAMP_TIME];
	json_t *own = json_deep_copy(body);
	json_object_set_new(own, "subscriptionId", json_string(to->id));
	json_object_set_new(json_object_get(own, "_links"), "subscription",
		json_pack("{s:s++++}", "href", "/", to->api, "/v1/subscriptions", "/",
			to->id));
	const struct db_notification row = {.id = stamp_id(id),
		.subscription = to->id,
		.resource = (char *)resource,
		.body = own,
		.created = stamp_time(now),
		.due_ms = stamp_us() / 1000};
	int rc = db_notification_insert(db, &row, err);
	json_decref(own);
	return rc ? rc : shed(db, to->id, err);
}

static int
shed(struct db *db, const char *subscription, struct err *err)
{
	int64_t n = 0;
	int rc = db_notification_shed(db, subscription, NOTIFY_KEEP, &n, err);
	if (!rc && n)
		log_warn("notifications forgotten", "subscription=%s n=%d kept=%d",
			subscription, (int)n, NOTIFY_KEEP);
	return rc;
}
