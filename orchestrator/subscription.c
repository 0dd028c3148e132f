/* subscription.c: see subscription.h. */
#include "orchestrator/subscription.h"

#include <stdio.h>
#include <string.h>
#include "common/field.h"
#include "db/subscriptions.h"
#include "orchestrator/courier.h"
#include "orchestrator/stamp.h"

/* What each interface's notifications can be filtered by: members of the facts that
 * notify.h and its kin give. */
static const struct {
	const char *api;
	const char *members[12];
} filters[] = {
	{"nslcm", {"notificationTypes", "operationTypes", "operationStates",
			  "nsComponentTypes", "lcmOpNameImpactingNsComponent",
			  "lcmOpOccStatusImpactingNsComponent",
			  "nsInstanceSubscriptionFilter", "nsInstanceIds",
			  "nsInstanceNames", "nsdIds"}},
	{"vnflcm", {"notificationTypes", "operationTypes", "operationStates",
			   "vnfInstanceSubscriptionFilter", "vnfInstanceIds",
			   "vnfInstanceNames", "vnfdIds"}},
	{"nsd", {"notificationTypes", "nsdInfoId", "nsdId", "nsdName", "nsdVersion",
			"nsdDesigner", "nsdInvariantId", "nsdOnboardingState",
			"nsdOperationalState"}},
	{"vnfpkgm", {"notificationTypes", "vnfPkgId", "vnfdId", "operationalState"}},
	{"nsfm", {"notificationTypes", "perceivedSeverities", "eventTypes",
			 "probableCauses", "faultyResourceTypes",
			 "nsInstanceSubscriptionFilter", "nsInstanceIds",
			 "nsInstanceNames", "nsdIds"}},
	{"vnffm", {"notificationTypes", "perceivedSeverities", "eventTypes",
			  "probableCauses", "faultyResourceTypes",
			  "vnfInstanceSubscriptionFilter", "vnfInstanceIds",
			  "vnfInstanceNames", "vnfdIds"}},
};

#define N_FILTERS (sizeof(filters) / sizeof(filters[0]))

static const char *const *filter_of(const char *api);
static void check_request(const char *api, const json_t *request, struct faults *faults);
static void check_filter(
	const char *api, const json_t *filter, const char *path, struct faults *faults);
static void check_authentication(const json_t *auth, struct faults *faults);
static void check_texts(const json_t *params, const char *const *names, const char *path,
	struct faults *faults);
static int find_same(struct orch *orch, const char *api, const json_t *request,
	json_t **found, struct err *err);
static int insert(struct orch *orch, const char *api, const json_t *request,
	json_t **subscription, struct err *err);
static json_t *to_json(const struct db_subscription *row);
static int get_dead(struct orch *orch, const char *letter, struct db_notification *row,
	struct err *err);

int
subscription_list(struct orch *orch, const char *api, json_t **list, struct err *err)
{
	struct db_subscription *rows;
	size_t n;
	int rc = db_subscription_list(orch->db, api, &rows, &n, err);
	if (rc)
		return rc;
	*list = json_array();
	for (size_t i = 0; i < n; i++)
		json_array_append_new(*list, to_json(&rows[i]));
	db_subscriptions_free(rows, n);
	return 0;
}

int
subscription_get(struct orch *orch, const char *api, const char *id,
	json_t **subscription, struct err *err)
{
	struct db_subscription row = {0};
	int rc = db_subscription_get(orch->db, id, &row, NULL);
	if (rc || strcmp(row.api, api) != 0)
		rc = err_set(err, ERR_NOT_FOUND, NULL, NULL,
			"there is no subscription '%s'", id);
	else
		*subscription = to_json(&row);
	db_subscription_clear(&row);
	return rc;
}

int
subscription_delete(struct orch *orch, const char *api, const char *id, struct err *err)
{
	json_t *subscription = NULL;
	int rc = subscription_get(orch, api, id, &subscription, err);
	json_decref(subscription);
	return rc ? rc : db_subscription_delete(orch->db, id, err);
}

int
subscription_create(struct orch *orch, const char *api, const json_t *request,
	json_t **subscription, bool *is_new, struct faults *faults, struct err *err)
{
	*subscription = NULL;
	check_request(api, request, faults);
	if (faults->n)
		return err_errno(faults->list[0].code);
	int rc = find_same(orch, api, request, subscription, err);
	*is_new = !*subscription;
	if (rc || !*is_new)
		return rc;
	rc = courier_probe(orch->courier,
		json_string_value(json_object_get(request, "callbackUri")),
		json_object_get(request, "authentication"), err);
	return rc ? rc : insert(orch, api, request, subscription, err);
}

int
subscription_letters(struct orch *orch, json_t **list, struct err *err)
{
	struct db_notification *rows;
	size_t n;
	int rc = db_notification_list(orch->db, &rows, &n, err);
	if (rc)
		return rc;
	*list = json_array();
	for (size_t i = 0; i < n; i++)
		json_array_append_new(
			*list, json_pack("{s:s, s:s, s:s, s:I, s:s*, s:s, s:O}", "id",
				       rows[i].id, "subscriptionId", rows[i].subscription,
				       "state", rows[i].dead ? "DEAD" : "WAITING",
				       "attempts", (json_int_t)rows[i].attempts, "reason",
				       rows[i].reason, "created", rows[i].created,
				       "notification", rows[i].body));
	db_notifications_free(rows, n);
	return 0;
}

int
subscription_revive(struct orch *orch, const char *letter, struct err *err)
{
	struct db_notification row = {0};
	int rc = get_dead(orch, letter, &row, err);
	if (!rc) {
		row.dead = false;
		row.attempts = 0;
		row.due_ms = stamp_us() / 1000;
		rc = db_notification_update(orch->db, &row, err);
	}
	db_notification_clear(&row);
	if (!rc)
		courier_wake(orch->courier);
	return rc;
}

int
subscription_bury(struct orch *orch, const char *letter, struct err *err)
{
	struct db_notification row = {0};
	int rc = get_dead(orch, letter, &row, err);
	if (!rc)
		rc = db_notification_delete(orch->db, letter, err);
	db_notification_clear(&row);
	return rc;
}

bool
subscription_matches(const json_t *filter, const json_t *facts)
{
	const char *name;
	json_t *member, *value;
	size_t i;
	json_object_foreach ((json_t *)filter, name, member) {
		const json_t *fact = json_object_get(facts, name);
		bool found =
			json_is_object(member) && subscription_matches(member, facts);
		json_array_foreach (member, i, value)
			found |= fact && json_equal(value, fact);
		if (!found)
			return false;
	}
	return true;
}

static void
check_request(const char *api, const json_t *request, struct faults *faults)
{
	const json_t *auth = json_object_get(request, "authentication");
	const json_t *filter = json_object_get(request, "filter");
	const char *uri = json_string_value(json_object_get(request, "callbackUri"));
	if (!uri || (strncmp(uri, "http://", 7) != 0 && strncmp(uri, "https://", 8) != 0))
		faults_add(faults, ERR_INVALID, "callbackUri",
			"http://HOST[:PORT]/PATH, or https://",
			"callbackUri is missing, or no URI that can be called");
	if (filter)
		check_filter(api, filter, "filter", faults);
	if (auth)
		check_authentication(auth, faults);
}

static void
check_filter(
	const char *api, const json_t *filter, const char *path, struct faults *faults)
{
	const char *const *known = filter_of(api);
	char at[128], hint[96];
	const char *name;
	json_t *value;
	if (!json_is_object(filter))
		faults_add(faults, ERR_INVALID, path, NULL, "a filter is a map");
	json_object_foreach ((json_t *)filter, name, value) {
		size_t i = 0;
		while (known[i] && strcmp(known[i], name) != 0)
			i++;
		const char *nearest = known[i] ? NULL : field_nearest(name, known);
		snprintf(at, sizeof(at), "%s.%.60s", path, name);
		snprintf(hint, sizeof(hint), "did you mean '%s'?",
			nearest ? nearest : known[0]);
		if (!known[i])
			faults_add(faults, ERR_INVALID, at, hint,
				"it cannot be filtered by this");
		else if (strstr(name, "SubscriptionFilter"))
			check_filter(api, value, at, faults);
		else if (!json_is_array(value))
			faults_add(faults, ERR_INVALID, at, NULL, "this is no list");
	}
}

static const char *const *
filter_of(const char *api)
{
	size_t i = 0;
	while (i < N_FILTERS - 1 && strcmp(filters[i].api, api) != 0)
		i++;
	return filters[i].members;
}

static void
check_authentication(const json_t *auth, struct faults *faults)
{
	static const char *const basic[] = {"userName", "password", NULL};
	static const char *const oauth2[] = {
		"clientId", "clientPassword", "tokenEndpoint", NULL};
	const char *type =
		json_string_value(json_array_get(json_object_get(auth, "authType"), 0));
	if (type && strcmp(type, "BASIC") == 0)
		check_texts(json_object_get(auth, "paramsBasic"), basic,
			"authentication.paramsBasic", faults);
	else if (type && strcmp(type, "OAUTH2_CLIENT_CREDENTIALS") == 0)
		check_texts(json_object_get(auth, "paramsOauth2ClientCredentials"),
			oauth2, "authentication.paramsOauth2ClientCredentials", faults);
	else
		faults_add(faults, ERR_UNSUPPORTED, "authentication.authType[0]",
			"BASIC or OAUTH2_CLIENT_CREDENTIALS",
			"we cannot authenticate like this");
}

static void
check_texts(const json_t *params, const char *const *names, const char *path,
	struct faults *faults)
{
	char at[128];
	for (size_t i = 0; names[i]; i++) {
		snprintf(at, sizeof(at), "%s.%s", path, names[i]);
		if (!json_is_string(json_object_get(params, names[i])))
			faults_add(
				faults, ERR_INVALID, at, NULL, "%s is missing", names[i]);
	}
}

/* *found null: there is none. */
static int
find_same(struct orch *orch, const char *api, const json_t *request, json_t **found,
	struct err *err)
{
	struct db_subscription *rows;
	size_t n;
	const char *uri = json_string_value(json_object_get(request, "callbackUri"));
	const json_t *filter = json_object_get(request, "filter");
	int rc = db_subscription_list(orch->db, api, &rows, &n, err);
	if (rc)
		return rc;
	for (size_t i = 0; i < n && !*found; i++)
		if (strcmp(rows[i].callback, uri) == 0 &&
			(rows[i].filter == filter || json_equal(rows[i].filter, filter)))
			*found = to_json(&rows[i]);
	db_subscriptions_free(rows, n);
	return 0;
}

static int
insert(struct orch *orch, const char *api, const json_t *request, json_t **subscription,
	struct err *err)
{
	char id[STAMP_ID], now[STAMP_TIME];
	const struct db_subscription row = {.id = stamp_id(id),
		.api = (char *)api,
		.callback = (char *)json_string_value(
			json_object_get(request, "callbackUri")),
		.filter = json_object_get(request, "filter"),
		.authentication = json_object_get(request, "authentication"),
		.created = stamp_time(now)};
	int rc = db_subscription_insert(orch->db, &row, err);
	if (!rc)
		*subscription = to_json(&row);
	return rc;
}

static json_t *
to_json(const struct db_subscription *row)
{
	return json_pack("{s:s, s:O*, s:s, s:[]}", "id", row->id, "filter", row->filter,
		"callbackUri", row->callback, "_actions");
}

static int
get_dead(struct orch *orch, const char *letter, struct db_notification *row,
	struct err *err)
{
	int rc = db_notification_get(orch->db, letter, row, NULL);
	if (rc)
		return err_set(err, ERR_NOT_FOUND, NULL, NULL,
			"there is no notification '%s'", letter);
	if (!row->dead)
		return err_set(err, ERR_STATE, NULL, NULL,
			"notification '%s' is still to be delivered", letter);
	return 0;
}
