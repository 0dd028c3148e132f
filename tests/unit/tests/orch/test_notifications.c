/* test_notifications.c: subscriptions, and what reaches a subscriber that is a fake. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <pthread.h>
#include <cmocka.h>
#include "db/internal.h"
#include "orchestrator/alarm.h"
#include "orchestrator/courier.h"
#include "orchestrator/ns.h"
#include "orchestrator/nsd.h"
#include "orchestrator/packages.h"
#include "orchestrator/subscription.h"
#include "orchestrator/vnf.h"
#include "orchestrator/vnf_alone.h"
#include "tests/orch/stage.h"

#define EDGE                                                                               \
	"kind: Chain\nname: edge\nports: {lan: {driver: 'null'}, wan: {driver: 'null'}}\n" \
	"path: [lan, {vnf: a, type: firewall}, wan]\n"
#define SUBSCRIBE(filter) "{\"callbackUri\": \"http://there/\", \"filter\": " filter "}"

struct subscriber {
	pthread_mutex_t lock;
	json_t *got;	/* [notification] */
	unsigned fails; /* so many of the next fail */
	unsigned tried;
	bool deaf;  /* does not answer the test */
	bool hangs; /* whoever is at http://slow/ */
};

struct fixture {
	struct stage stage;
	struct subscriber subscriber;
};

static int
probe(void *self, const char *uri, const json_t *authentication, struct err *err)
{
	const struct subscriber *subscriber = self;
	(void)uri;
	(void)authentication;
	return subscriber->deaf
		       ? err_set(err, ERR_INVALID, "callbackUri", NULL, "it is deaf")
		       : 0;
}

static int
post(void *self, const char *uri, const json_t *authentication, const json_t *body,
	struct err *err)
{
	struct subscriber *subscriber = self;
	int rc = 0;
	(void)authentication;
	pthread_mutex_lock(&subscriber->lock);
	while (subscriber->hangs && strcmp(uri, "http://slow/") == 0) {
		pthread_mutex_unlock(&subscriber->lock);
		usleep(1000);
		pthread_mutex_lock(&subscriber->lock);
	}
	subscriber->tried++;
	if (subscriber->fails) {
		subscriber->fails--;
		rc = err_set(err, ERR_UNAVAILABLE, NULL, NULL, "nobody is there");
	} else {
		json_array_append_new(subscriber->got, json_deep_copy(body));
	}
	pthread_mutex_unlock(&subscriber->lock);
	return rc;
}

static const struct courier_driver driver = {probe, post};

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct err err;
	pthread_mutex_init(&f->subscriber.lock, NULL);
	f->subscriber.got = json_array();
	stage_open(&f->stage);
	assert_int_equal(
		courier_open(f->stage.orch, &driver, &f->subscriber, 1, &err), 0);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;
	stage_close(&f->stage);
	json_decref(f->subscriber.got);
	free(f);
	return 0;
}

/* The name of the error, "new" or "same". */
static const char *
subscribe(struct fixture *f, const char *api, const char *text)
{
	json_t *request = json_loads(text, 0, NULL), *subscription = NULL;
	struct faults faults = {0};
	struct err err = {0};
	bool is_new = false;
	assert_non_null(request);
	int rc = subscription_create(
		f->stage.orch, api, request, &subscription, &is_new, &faults, &err);
	const enum err_code code = faults.n ? faults.list[0].code : err.code;
	faults_clear(&faults);
	json_decref(request);
	json_decref(subscription);
	return rc ? err_code_name(code) : is_new ? "new" : "same";
}

/* Waits for n notifications: "TYPE/STATE TYPE/STATE" in their order (static). */
static const char *
received(struct fixture *f, size_t n)
{
	static char text[1024];
	struct subscriber *subscriber = &f->subscriber;
	size_t i, is = 0;
	json_t *item;
	for (unsigned ms = 0; is < n && ms < 5000; ms++) {
		usleep(1000);
		pthread_mutex_lock(&subscriber->lock);
		is = json_array_size(subscriber->got);
		pthread_mutex_unlock(&subscriber->lock);
	}
	text[0] = '\0';
	pthread_mutex_lock(&subscriber->lock);
	json_array_foreach (subscriber->got, i, item) {
		const char *type =
			json_string_value(json_object_get(item, "notificationType"));
		const char *state =
			json_string_value(json_object_get(item, "operationState"));
		const size_t len = strlen(text);
		snprintf(text + len, sizeof(text) - len, "%s%.11s%s%s", len ? " " : "",
			type, state ? "/" : "", state ? state : "");
	}
	json_array_clear(subscriber->got);
	pthread_mutex_unlock(&subscriber->lock);
	return text;
}

static size_t
letters(struct fixture *f, const char *state, char *id, size_t size)
{
	json_t *list, *letter;
	struct err err;
	size_t i, n = 0;
	assert_int_equal(subscription_letters(f->stage.orch, &list, &err), 0);
	json_array_foreach (list, i, letter)
		if (strcmp(json_string_value(json_object_get(letter, "state")), state) ==
			0) {
			n++;
			snprintf(id, size, "%s",
				json_string_value(json_object_get(letter, "id")));
		}
	json_decref(list);
	return n;
}

static void
test_notify_life_of_a_service_is_told_in_order(void **state)
{
	struct fixture *f = *state;
	assert_string_equal(subscribe(f, "nslcm", SUBSCRIBE("{}")), "new");
	stage_apply(&f->stage, EDGE);
	assert_string_equal(received(f, 3),
		"NsIdentifie NsLcmOperat/PROCESSING NsLcmOperat/COMPLETED");
	stage_delete(&f->stage, "edge");
	assert_string_equal(received(f, 3),
		"NsLcmOperat/PROCESSING NsLcmOperat/COMPLETED NsIdentifie");
}

static void
test_notify_operations_on_a_vnf_start_with_starting(void **state)
{
	struct fixture *f = *state;
	stage_apply(&f->stage, EDGE);
	assert_string_equal(subscribe(f, "vnflcm", SUBSCRIBE("{}")), "new");
	stage_task(&f->stage, vnf_modify, "edge.a",
		"{\"vnfConfigurableProperties\": {\"config\": {\"default\": \"drop\"}}}");
	assert_string_equal(received(f, 3),
		"VnfLcmOpera/STARTING VnfLcmOpera/PROCESSING VnfLcmOpera/COMPLETED");
}

/* Whoever looks at services learns of what is done to a VNF, who begins it whatever. */
static void
test_notify_operations_on_a_vnf_change_its_service(void **state)
{
	struct fixture *f = *state;
	static const char *const members[][2] = {
		{"notificationType", "NsChangeNotification"}, {"nsComponentType", "VNF"},
		{"lcmOpNameImpactingNsComponent", "VNF_MODIFY_INFO"},
		{"lcmOpOccStatusImpactingNsComponent", "ROLLED_BACK"}};
	char occurrence[STAMP_ID];
	stage_apply(&f->stage, EDGE);
	assert_string_equal(
		subscribe(f, "nslcm",
			SUBSCRIBE("{\"notificationTypes\": [\"NsChangeNotification\"], "
				  "\"nsComponentTypes\": [\"VNF\"], "
				  "\"lcmOpNameImpactingNsComponent\": "
				  "[\"VNF_MODIFY_INFO\"], "
				  "\"nsInstanceSubscriptionFilter\": "
				  "{\"nsInstanceNames\": [\"edge\"]}}")),
		"new");
	assert_string_equal(subscribe(f, "nslcm",
				    SUBSCRIBE("{\"lcmOpOccStatusImpactingNsComponent\": "
					      "[\"FAILED\"]}")),
		"new");
	fake_fail_put(f->stage.fake, VNFM_VNF, "edge.a", 1);
	assert_string_equal(
		stage_task(&f->stage, vnf_modify, "edge.a",
			"{\"vnfConfigurableProperties\": {\"config\": {\"default\": "
			"\"drop\"}}}"),
		"ROLLED_BACK");
	snprintf(occurrence, sizeof(occurrence), "%s", f->stage.occurrence);
	stage_delete(&f->stage, "edge");
	json_t *last = NULL;
	for (unsigned ms = 0; !last && ms < 5000; ms++) {
		usleep(1000);
		pthread_mutex_lock(&f->subscriber.lock);
		last = json_incref(json_array_get(f->subscriber.got, 1));
		pthread_mutex_unlock(&f->subscriber.lock);
	}
	assert_non_null(last);
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
		assert_string_equal(
			json_string_value(json_object_get(last, members[i][0])),
			members[i][1]);
	assert_string_equal(json_string_value(json_object_get(
				    last, "lcmOpOccIdImpactingNsComponent")),
		occurrence);
	assert_non_null(json_object_get(last, "error"));
	assert_non_null(json_object_get(json_object_get(last, "_links"), "nsInstance"));
	json_decref(last);
	assert_string_equal(received(f, 2), "NsChangeNot NsChangeNot");
}

/* And nothing of the service that is made for it. */
static void
test_notify_life_of_a_vnf_by_itself(void **state)
{
	struct fixture *f = *state;
	struct faults faults = {0};
	struct err err = {0};
	json_t *vnf, *request = json_pack("{s:s, s:s}", "vnfdId", "renga-firewall",
			     "vnfInstanceName", "guard");
	assert_string_equal(subscribe(f, "nslcm", SUBSCRIBE("{}")), "new");
	assert_string_equal(subscribe(f, "vnflcm", SUBSCRIBE("{}")), "new");
	assert_int_equal(
		vnf_create(f->stage.orch, NULL, request, &vnf, &faults, &err), 0);
	json_decref(request);
	json_decref(vnf);
	stage_task(&f->stage, vnf_instantiate, "guard",
		"{\"flavourId\": \"default\", \"additionalParams\": {\"ports\": "
		"{\"left\": {\"driver\": \"null\"}, \"right\": {\"driver\": "
		"\"null\"}}}}");
	assert_string_equal(received(f, 4),
		"VnfIdentifi VnfLcmOpera/STARTING VnfLcmOpera/PROCESSING "
		"VnfLcmOpera/COMPLETED");
	stage_task(&f->stage, vnf_terminate, "guard", "{}");
	assert_int_equal(
		vnf_delete(f->stage.orch, stage_id(&f->stage, "guard"), &err), 0);
	assert_string_equal(received(f, 4),
		"VnfLcmOpera/STARTING VnfLcmOpera/PROCESSING VnfLcmOpera/COMPLETED "
		"VnfIdentifi");
}

static void
test_notify_life_of_a_descriptor_and_of_a_package(void **state)
{
	struct fixture *f = *state;
	static const char nsd[] =
		"nsd: [{id: n-1, name: n, version: '1', designer: me, df: [{id: d, "
		"virtual-link-profile: [{id: p, virtual-link-desc-id: l}, {id: q, "
		"virtual-link-desc-id: m}], vnf-profile: [{id: a, vnfd-id: renga-firewall, "
		"virtual-link-connectivity: [{virtual-link-profile-id: p, "
		"constituent-cpd-id: [{constituent-cpd-id: left}]}, "
		"{virtual-link-profile-id: q, constituent-cpd-id: [{constituent-cpd-id: "
		"right}]}]}]}], virtual-link-desc: [{id: l}, {id: m}], sapd: [{id: x, "
		"virtual-link-desc: l}, {id: y, virtual-link-desc: m}]}]\n";
	struct orch *orch = f->stage.orch;
	struct faults faults = {0};
	struct err err;
	char id[STAMP_ID];
	json_t *info, *changes,
		*off = json_pack("{s:s}", "nsdOperationalState", "DISABLED");
	json_t *disabled = json_pack("{s:s}", "operationalState", "DISABLED");
	assert_string_equal(subscribe(f, "nsd", SUBSCRIBE("{}")), "new");
	assert_string_equal(
		subscribe(f, "vnfpkgm", SUBSCRIBE("{\"vnfdId\": [\"renga-firewall\"]}")),
		"new");
	assert_int_equal(nsd_create(orch, NULL, &info, &err), 0);
	snprintf(id, sizeof(id), "%s", json_string_value(json_object_get(info, "id")));
	json_decref(info);
	assert_int_not_equal(
		nsd_upload(orch, id, "text/plain", "nsd: []", 7, &faults, &err), 0);
	faults_clear(&faults);
	assert_int_equal(
		nsd_upload(orch, id, "text/plain", nsd, strlen(nsd), &faults, &err), 0);
	assert_int_equal(nsd_patch(orch, id, off, &changes, &err), 0);
	json_decref(changes);
	assert_int_equal(nsd_delete(orch, id, &err), 0);
	assert_string_equal(
		received(f, 4), "NsdOnBoardi NsdOnBoardi NsdChangeNo NsdDeletion");
	assert_int_equal(
		packages_patch(orch, "renga-firewall", disabled, &changes, &err), 0);
	json_decref(changes);
	assert_int_equal(
		packages_patch(orch, "renga-passthrough", disabled, &changes, &err), 0);
	json_decref(changes);
	assert_string_equal(received(f, 1), "VnfPackageC");
	json_decref(off);
	json_decref(disabled);
}

static void
test_notify_alarms_of_both_views_until_they_are_cleared(void **state)
{
	struct fixture *f = *state;
	struct db *db = f->stage.orch->db;
	char vnf[STAMP_ID], ns[STAMP_ID];
	stage_apply(&f->stage, EDGE);
	snprintf(vnf, sizeof(vnf), "%s", stage_id(&f->stage, "edge.a"));
	snprintf(ns, sizeof(ns), "%s", stage_id(&f->stage, "edge"));
	assert_string_equal(subscribe(f, "nsfm",
				    SUBSCRIBE("{\"perceivedSeverities\": [\"CRITICAL\", "
					      "\"CLEARED\"]}")),
		"new");
	assert_string_equal(
		subscribe(f, "vnffm",
			SUBSCRIBE("{\"notificationTypes\": [\"AlarmNotification\"], "
				  "\"vnfInstanceSubscriptionFilter\": "
				  "{\"vnfInstanceNames\": [\"edge.a\"]}}")),
		"new");
	alarm_take_event(db, "2026-01-01T00:00:00Z", "vnf-waits", ns, vnf, NULL, NULL);
	assert_string_equal(received(f, 1), "AlarmNotifi"); /* MAJOR: of the VNF */
	alarm_take_event(db, "2026-01-01T00:00:01Z", "vnf-failed", ns, vnf, NULL, NULL);
	assert_string_equal(received(f, 2), "AlarmNotifi AlarmNotifi");
	alarm_take_event(db, "2026-01-01T00:00:02Z", "vnf-ready", ns, vnf, NULL, NULL);
	assert_string_equal(received(f, 1), "AlarmCleare");
	alarm_take_event(db, "2026-01-01T00:00:03Z", "vnf-ready", ns, vnf, NULL, NULL);
	alarm_take_event(db, "2026-01-01T00:00:04Z", "port-lost", ns, NULL, "p", NULL);
	usleep(20000);
	assert_string_equal(received(f, 0), ""); /* MAJOR, and of no VNF */
}

static void
test_notify_subscriber_that_hangs_keeps_no_other_waiting(void **state)
{
	struct fixture *f = *state;
	static const char slow[] = "{\"callbackUri\": \"http://slow/\"}";
	f->subscriber.hangs = true;
	assert_string_equal(subscribe(f, "nslcm", slow), "new");
	assert_string_equal(subscribe(f, "nslcm", SUBSCRIBE("{}")), "new");
	stage_apply(&f->stage, EDGE);
	assert_string_equal(received(f, 3),
		"NsIdentifie NsLcmOperat/PROCESSING NsLcmOperat/COMPLETED");
	pthread_mutex_lock(&f->subscriber.lock);
	f->subscriber.hangs = false;
	pthread_mutex_unlock(&f->subscriber.lock);
	assert_string_equal(received(f, 3),
		"NsIdentifie NsLcmOperat/PROCESSING NsLcmOperat/COMPLETED");
}

static void
test_notify_only_what_the_filter_lets_pass(void **state)
{
	struct fixture *f = *state;
	assert_string_equal(
		subscribe(f, "nslcm",
			SUBSCRIBE("{\"operationTypes\": [\"TERMINATE\"], "
				  "\"operationStates\": [\"COMPLETED\", \"FAILED\"], "
				  "\"nsInstanceSubscriptionFilter\": "
				  "{\"nsInstanceNames\": [\"edge\"]}}")),
		"new");
	stage_apply(&f->stage, EDGE);
	stage_delete(&f->stage, "edge");
	assert_string_equal(received(f, 1), "NsLcmOperat/COMPLETED");
	usleep(20000);
	assert_string_equal(received(f, 0), "");
}

static void
test_notify_what_fails_is_repeated_and_keeps_its_order(void **state)
{
	struct fixture *f = *state;
	subscribe(f, "nslcm", SUBSCRIBE("{}"));
	f->subscriber.fails = 4;
	stage_apply(&f->stage, EDGE);
	assert_string_equal(received(f, 3),
		"NsIdentifie NsLcmOperat/PROCESSING NsLcmOperat/COMPLETED");
	assert_int_equal(f->subscriber.tried, 7);
}

static void
test_notify_what_always_fails_becomes_a_dead_letter_and_lets_others_pass(void **state)
{
	struct fixture *f = *state;
	char id[64] = "";
	struct err err;
	subscribe(f, "nslcm", SUBSCRIBE("{}"));
	f->subscriber.fails = COURIER_ATTEMPTS;
	stage_apply(&f->stage, EDGE);
	assert_string_equal(
		received(f, 2), "NsLcmOperat/PROCESSING NsLcmOperat/COMPLETED");
	assert_int_equal(letters(f, "DEAD", id, sizeof(id)), 1);
	assert_int_equal(subscription_revive(f->stage.orch, id, &err), 0);
	assert_string_equal(received(f, 1), "NsIdentifie");
	assert_int_equal(letters(f, "DEAD", id, sizeof(id)), 0);
	assert_int_equal(subscription_bury(f->stage.orch, "nobody", &err),
		err_errno(ERR_NOT_FOUND));
}

/* What cannot be told has not happened. */
static void
test_notify_service_is_made_and_told_of_in_one(void **state)
{
	struct fixture *f = *state;
	struct db *db = f->stage.orch->db;
	struct faults faults = {0};
	struct err err = {0};
	json_t *ns, *request;
	subscribe(f, "nslcm", SUBSCRIBE("{}"));
	stage_apply(&f->stage, EDGE);
	request = json_pack("{s:s, s:s}", "nsdId", "renga-chain-edge", "nsName", "other");
	assert_int_equal(
		db_script(db, "ALTER TABLE notifications RENAME TO gone", &err), 0);
	assert_int_not_equal(ns_create(f->stage.orch, request, &ns, &faults, &err), 0);
	assert_string_equal(stage_id(&f->stage, "other"), "");
	assert_int_equal(
		db_script(db, "ALTER TABLE gone RENAME TO notifications", &err), 0);
	assert_int_equal(ns_create(f->stage.orch, request, &ns, &faults, &err), 0);
	json_decref(ns);
	json_decref(request);
}

static void
test_notify_what_waits_outlives_the_orchestrator(void **state)
{
	struct fixture *f = *state;
	char id[64];
	struct err err;
	subscribe(f, "nslcm", SUBSCRIBE("{}"));
	courier_close(f->stage.orch->courier);
	f->stage.orch->courier = NULL;
	stage_apply(&f->stage, EDGE);
	assert_int_equal(letters(f, "WAITING", id, sizeof(id)), 3);
	stage_restart(&f->stage);
	assert_int_equal(
		courier_open(f->stage.orch, &driver, &f->subscriber, 1, &err), 0);
	assert_string_equal(received(f, 3),
		"NsIdentifie NsLcmOperat/PROCESSING NsLcmOperat/COMPLETED");
}

static void
test_subscribe_judges_the_request_and_tries_the_uri(void **state)
{
	struct fixture *f = *state;
	static const char *const bad[] = {"{}", "{\"callbackUri\": \"ftp://there/\"}",
		SUBSCRIBE("{\"colour\": [\"red\"]}"),
		SUBSCRIBE("{\"operationTypes\": \"HEAL\"}"),
		"{\"callbackUri\": \"http://there/\", \"authentication\": {\"authType\": "
		"[\"BASIC\"], \"paramsBasic\": {\"userName\": \"me\"}}}"};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_string_equal(subscribe(f, "nslcm", bad[i]), "invalid");
	f->subscriber.deaf = true;
	assert_string_equal(subscribe(f, "nslcm", SUBSCRIBE("{}")), "invalid");
	f->subscriber.deaf = false;
	assert_string_equal(subscribe(f, "nslcm", SUBSCRIBE("{}")), "new");
	assert_string_equal(subscribe(f, "nslcm", SUBSCRIBE("{}")), "same");
	assert_string_equal(subscribe(f, "vnflcm", SUBSCRIBE("{}")), "new");
}

static void
test_subscription_never_tells_its_secrets_and_goes_with_its_letters(void **state)
{
	struct fixture *f = *state;
	char id[64] = "";
	struct err err;
	json_t *list;
	subscribe(f, "nslcm",
		"{\"callbackUri\": \"http://there/\", \"authentication\": {\"authType\": "
		"[\"BASIC\"], \"paramsBasic\": {\"userName\": \"me\", \"password\": "
		"\"sesame\"}}}");
	assert_int_equal(subscription_list(f->stage.orch, "nslcm", &list, &err), 0);
	char *text = json_dumps(list, 0);
	assert_null(strstr(text, "sesame"));
	free(text);
	f->subscriber.fails = 1000;
	stage_apply(&f->stage, EDGE);
	assert_int_equal(
		subscription_delete(f->stage.orch, "nslcm",
			json_string_value(json_object_get(json_array_get(list, 0), "id")),
			&err),
		0);
	json_decref(list);
	assert_int_equal(letters(f, "WAITING", id, sizeof(id)), 0);
}

static void
test_subscription_pauses_double_up_to_a_minute(void **state)
{
	(void)state;
	assert_int_equal(courier_pause_ms(500, 1), 500);
	assert_int_equal(courier_pause_ms(500, 2), 1000);
	assert_int_equal(courier_pause_ms(500, 7), 32000);
	assert_int_equal(courier_pause_ms(500, 8), 60000);
	assert_int_equal(courier_pause_ms(500, 1000000), 60000);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_notify_life_of_a_service_is_told_in_order),
		TEST(test_notify_operations_on_a_vnf_start_with_starting),
		TEST(test_notify_operations_on_a_vnf_change_its_service),
		TEST(test_notify_life_of_a_vnf_by_itself),
		TEST(test_notify_life_of_a_descriptor_and_of_a_package),
		TEST(test_notify_alarms_of_both_views_until_they_are_cleared),
		TEST(test_notify_subscriber_that_hangs_keeps_no_other_waiting),
		TEST(test_notify_only_what_the_filter_lets_pass),
		TEST(test_notify_what_fails_is_repeated_and_keeps_its_order),
		TEST(test_notify_what_always_fails_becomes_a_dead_letter_and_lets_others_pass),
		TEST(test_notify_service_is_made_and_told_of_in_one),
		TEST(test_notify_what_waits_outlives_the_orchestrator),
		TEST(test_subscribe_judges_the_request_and_tries_the_uri),
		TEST(test_subscription_never_tells_its_secrets_and_goes_with_its_letters),
		cmocka_unit_test(test_subscription_pauses_double_up_to_a_minute),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
