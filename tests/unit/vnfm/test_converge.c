/* What is done next about an object; the documents that the set takes; what the dataplane
 * is asked. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "tests/unit/vnfm/converge_set.h"
#include "vnfm/request.h"

static struct object *service, *port, *vnf, *connection;

/* A service with a port, a VNF, and a link between them. */
static int
make(void **state)
{
	(void)state;
	wanted_init(&wanted);
	service = add(OBJECT_SERVICE, "n", "{'name': 'edge', 'buffers': 4096}");
	port = add(OBJECT_PORT, "n/lan",
		"{'ns': 'n', 'name': 'lan', 'spec': {'driver': 'null'}}");
	vnf = add(OBJECT_VNF, "v",
		"{'ns': 'n', 'name': 'edge.fw', 'type': 'firewall', 'config': {}, "
		"'core': 1}");
	vnf->vnf.state = LIFECYCLE_STARTING;
	connection = add(OBJECT_LINK, "n/l",
		"{'ns': 'n', 'name': 'l', 'a': {'port': 'n/lan'}, 'b': {'vnf': 'v', "
		"'cp': 'left'}}");
	return 0;
}

static void
apply(struct object *object)
{
	json_decref(object->applied);
	object->applied = json_incref(object->wanted);
}

static void
run(struct object *object)
{
	apply(object);
	object->vnf.pid = 42;
	object->vnf.state = LIFECYCLE_READY;
}

static void
test_converge_builds_up_in_the_order_of_dependence(void **state)
{
	(void)state;
	assert_int_equal(next(service), CONVERGE_PUT);
	assert_int_equal(next(port), CONVERGE_NONE);
	assert_int_equal(next(vnf), CONVERGE_NONE);
	apply(service);
	assert_int_equal(next(service), CONVERGE_NONE);
	assert_int_equal(next(port), CONVERGE_PUT);
	assert_int_equal(next(vnf), CONVERGE_PUT);
	assert_int_equal(next(connection), CONVERGE_NONE);
	apply(port);
	assert_int_equal(next(connection), CONVERGE_NONE);
	apply(vnf);
	assert_int_equal(next(connection), CONVERGE_PUT);
	assert_int_equal(next(vnf), CONVERGE_SPAWN);
}

static void
test_converge_does_one_thing_at_a_time(void **state)
{
	(void)state;
	service->busy = true;
	assert_int_equal(next(service), CONVERGE_NONE);
}

static void
test_converge_asks_nothing_of_a_dataplane_that_is_not_ready(void **state)
{
	(void)state;
	uint64_t due_ms = UINT64_MAX;
	assert_int_equal(
		converge_next(&wanted, service, false, 0, &due_ms), CONVERGE_NONE);
	apply(service);
	apply(vnf);
	assert_int_equal(converge_next(&wanted, vnf, false, 0, &due_ms), CONVERGE_NONE);
}

static void
test_converge_replaces_a_dead_process_in_its_slot_after_clearing(void **state)
{
	(void)state;
	apply(service);
	run(vnf);
	assert_int_equal(next(vnf), CONVERGE_NONE);
	vnf->vnf.pid = 0;
	vnf->vnf.used = true;
	vnf->vnf.state = LIFECYCLE_DEGRADED;
	assert_int_equal(next(vnf), CONVERGE_CLEAR);
	vnf->vnf.used = false;
	assert_int_equal(next(vnf), CONVERGE_SPAWN);
}

static void
test_converge_waits_for_the_back_off(void **state)
{
	(void)state;
	uint64_t due_ms = UINT64_MAX;
	apply(service);
	apply(vnf);
	vnf->vnf.due_ms = 1500;
	assert_int_equal(converge_next(&wanted, vnf, true, 1000, &due_ms), CONVERGE_NONE);
	assert_int_equal(due_ms, 1500);
	assert_int_equal(
		converge_next(&wanted, vnf, true, 1500, &due_ms), CONVERGE_SPAWN);
}

static void
test_converge_does_not_ask_again_at_once_what_was_refused(void **state)
{
	(void)state;
	uint64_t due_ms = UINT64_MAX;
	service->retry_ms = 2000;
	assert_int_equal(
		converge_next(&wanted, service, true, 1000, &due_ms), CONVERGE_NONE);
	assert_int_equal(due_ms, 2000);
}

static void
test_converge_puts_a_changed_document(void **state)
{
	(void)state;
	json_t *doc = parse("{'name': 'edge', 'buffers': 8192}");
	apply(service);
	wanted_change(service, doc);
	json_decref(doc);
	assert_int_equal(next(service), CONVERGE_PUT);
	assert_ptr_equal(service->previous, service->applied);
}

static void
test_converge_ends_a_process_that_is_not_the_wanted_one(void **state)
{
	(void)state;
	apply(service);
	run(vnf);
	vnf->vnf.stale = true;
	vnf->vnf.state = LIFECYCLE_DEGRADED;
	assert_int_equal(next(vnf), CONVERGE_STOP);
}

static void
test_converge_leaves_a_failed_vnf_alone_once_it_is_cleared(void **state)
{
	(void)state;
	apply(service);
	apply(vnf);
	vnf->vnf.state = LIFECYCLE_FAILED;
	vnf->vnf.used = true;
	assert_int_equal(next(vnf), CONVERGE_CLEAR);
	vnf->vnf.used = false;
	assert_int_equal(next(vnf), CONVERGE_NONE);
}

static void
test_converge_takes_apart_links_then_vnfs_and_ports_then_the_service(void **state)
{
	(void)state;
	apply(service);
	apply(port);
	run(vnf);
	apply(connection);
	service->unwanted = port->unwanted = vnf->unwanted = connection->unwanted = true;
	vnf->vnf.state = LIFECYCLE_STOPPING;
	assert_int_equal(next(service), CONVERGE_NONE);
	assert_int_equal(next(port), CONVERGE_NONE);
	assert_int_equal(next(vnf), CONVERGE_NONE);
	assert_int_equal(next(connection), CONVERGE_DEL);
	wanted_del(&wanted, connection);
	assert_int_equal(next(port), CONVERGE_DEL);
	assert_int_equal(next(vnf), CONVERGE_STOP);
	vnf->vnf.pid = 0;
	assert_int_equal(next(vnf), CONVERGE_DEL);
	wanted_del(&wanted, port);
	wanted_del(&wanted, vnf);
	assert_int_equal(next(service), CONVERGE_DEL);
}

static void
test_converge_forgets_what_the_dataplane_never_had(void **state)
{
	(void)state;
	wanted_del(&wanted, connection);
	port->unwanted = true;
	assert_int_equal(next(port), CONVERGE_FORGET);
}

static void
refuse_doc(enum object_kind kind, const char *id, const char *text, const char *path)
{
	struct faults faults = {0};
	json_t *doc = parse(text);
	assert_true(wanted_check(kind, id, doc, &faults) < 0);
	assert_true(faults.n > 0);
	assert_string_equal(faults.list[0].path, path);
	faults_clear(&faults);
	json_decref(doc);
}

static void
test_wanted_refuses_documents_that_cannot_be(void **state)
{
	(void)state;
	refuse_doc(OBJECT_SERVICE, "n", "{'name': 'x'}", "buffers");
	refuse_doc(OBJECT_SERVICE, "n", "{'name': 'x', 'buffers': -1}", "buffers");
	refuse_doc(OBJECT_SERVICE, "n", "{'name': 'x', 'buffers': 1, 'bufers': 1}",
		"bufers");
	refuse_doc(OBJECT_SERVICE, "../n", "{'name': 'x', 'buffers': 1}", "id");
	refuse_doc(OBJECT_PORT, "n/x", "{'ns': 'n', 'name': 'y', 'spec': {}}", "id");
	refuse_doc(OBJECT_PORT, "n/y.3", "{'ns': 'n', 'name': 'y', 'spec': {}}", "id");
	refuse_doc(OBJECT_VNF, "a/b", "{'ns': 'n', 'name': 'y', 'type': 't'}", "id");
	refuse_doc(OBJECT_VNF, "a", "{'ns': 'n', 'name': '../y', 'type': 't'}", "name");
	refuse_doc(OBJECT_VNF, "a", "{'ns': 'n', 'name': 'y', 'type': 't', 'idle': 'no'}",
		"idle");
	refuse_doc(OBJECT_LINK, "n/l",
		"{'ns': 'n', 'name': 'l', 'a': {'vnf': 'v'}, 'b': {'port': 'n/p'}}", "a");
	refuse_doc(OBJECT_VNF, "a", "[]", "");
}

static void
test_wanted_says_what_the_unknown_member_was_meant_to_be(void **state)
{
	(void)state;
	struct faults faults = {0};
	json_t *doc = parse("{'name': 'x', 'buffers': 1, 'tga': 1}");
	wanted_check(OBJECT_SERVICE, "n", doc, &faults);
	assert_string_equal(faults.list[0].hint, "did you mean 'tag'?");
	faults_clear(&faults);
	json_decref(doc);
}

static void
test_wanted_an_end_carries_one_link(void **state)
{
	(void)state;
	struct err err;
	json_t *doc = parse("{'ns': 'n', 'name': 'm', 'a': {'port': 'n/lan'},"
			    " 'b': {'vnf': 'v', 'cp': 'right'}}");
	assert_true(wanted_check_place(&wanted, OBJECT_LINK, "n/m", doc, &err) < 0);
	assert_int_equal(err.code, ERR_EXISTS);
	assert_string_equal(err.path, "a");
	assert_int_equal(wanted_check_place(&wanted, OBJECT_LINK, "n/l", doc, &err), 0);
	json_decref(doc);
}

/* At n/lan: one to v for path 1, and another to its other side. */
static void
test_wanted_an_end_carries_links_that_are_for_paths_of_their_own(void **state)
{
	static const struct {
		const char *is, *other;
		int code;
	} cases[] = {
		{"[1]", "[2, 3]", ERR_NONE},
		{"[1, 2]", "[2]", ERR_EXISTS},
		{"[1]", "null", ERR_EXISTS},
		{"null", "[1]", ERR_EXISTS},
	};
	char text[256];
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct err err = {0};
		snprintf(text, sizeof(text),
			"{'ns': 'n', 'name': 'l', 'a': {'port': 'n/lan'}, 'b': {'vnf': "
			"'v', 'cp': 'left'}, 'paths': %s}",
			cases[i].is);
		json_t *is = parse(text);
		snprintf(text, sizeof(text),
			"{'ns': 'n', 'name': 'm', 'a': {'port': 'n/lan'}, 'b': {'vnf': "
			"'v', 'cp': 'right'}, 'paths': %s}",
			cases[i].other);
		json_t *other = parse(text);
		json_t *links = json_pack("{s:o, s:o}", "n/l", is, "n/m", other);
		wanted_check_relink(&wanted, "n", links, &err);
		assert_int_equal(err.code, cases[i].code);
		json_decref(links);
	}
}

static void
test_wanted_refuses_bad_rules_and_paths_with_their_place(void **state)
{
	(void)state;
	refuse_doc(OBJECT_SERVICE, "n",
		"{'name': 'x', 'buffers': 1, 'steer': [{'match': {'vlan': 9999}, 'to': "
		"[{'path': 1}]}]}",
		"steer[0].match.vlan");
	refuse_doc(OBJECT_LINK, "n/l",
		"{'ns': 'n', 'name': 'l', 'a': {'port': 'n/q'}, 'b': {'port': 'n/p'}, "
		"'paths': [0]}",
		"paths");
}

static void
test_wanted_needs_service_and_ends_first(void **state)
{
	(void)state;
	struct err err;
	json_t *doc = parse("{'ns': 'other', 'name': 'p', 'spec': {}}");
	assert_true(wanted_check_place(&wanted, OBJECT_PORT, "other/p", doc, &err) < 0);
	assert_string_equal(err.path, "ns");
	json_decref(doc);
	doc = parse("{'ns': 'n', 'name': 'm', 'a': {'port': 'n/nope'},"
		    " 'b': {'vnf': 'v', 'cp': 'right'}}");
	assert_true(wanted_check_place(&wanted, OBJECT_LINK, "n/m", doc, &err) < 0);
	assert_string_equal(err.path, "a");
	json_decref(doc);
}

static void
test_request_slot_has_what_the_manifest_tells_and_the_document_as_tag(void **state)
{
	(void)state;
	json_t *manifest =
		parse("{'connectionPoints': ['left', 'right'],"
		      " 'dropReasons': [{'name': 'overflow'}, {'name': 'closed'}]}");
	json_t *request = request_put(vnf, manifest, 123, 0);
	json_t *expected =
		parse("{'op': 'slot.put', 'id': 'v', 'ns': 'n', 'name': 'edge.fw',"
		      " 'type': 'firewall', 'cps': ['left', 'right'],"
		      " 'reasons': ['overflow', 'closed'], 'stateSize': 123,"
		      " 'core': 1, 'idle': 'ladder'}");
	json_t *tag = json_copy(vnf->wanted);
	if (json_object_get(tag, "config"))
		json_object_set_new(tag, "config", json_true());
	json_object_set_new(expected, "tag", tag);
	assert_true(json_equal(request, expected));
	json_decref(expected);
	json_decref(request);
	json_decref(manifest);
}

static enum converge_action
next_of(const struct object *object)
{
	uint64_t due = UINT64_MAX;
	return converge_next(&wanted, object, true, 1000, &due);
}

static void
test_converge_has_a_running_vnf_succeeded_once_the_dataplane_knows(void **state)
{
	(void)state;
	json_t *doc = parse("{'ns': 'n', 'name': 'edge.fw', 'type': 'other'}");
	apply(service);
	run(vnf);
	vnf->vnf.succession = SUCCESSION_WANTED;
	wanted_change(vnf, doc);
	assert_int_equal(next_of(vnf), CONVERGE_PUT);
	apply(vnf);
	assert_int_equal(next_of(vnf), CONVERGE_SUCCEED);
	vnf->vnf.succession = SUCCESSION_STARTING;
	assert_int_equal(next_of(vnf), CONVERGE_NONE);
	json_decref(doc);
}

static void
test_converge_starts_no_process_beside_a_successor_on_its_way(void **state)
{
	(void)state;
	apply(service);
	run(vnf);
	vnf->vnf.pid = 0;
	vnf->vnf.state = LIFECYCLE_DEGRADED;
	vnf->vnf.next.child.pid = 43;
	assert_int_equal(next_of(vnf), CONVERGE_NONE);
	vnf->vnf.next.child.pid = 0;
	assert_int_equal(next_of(vnf), CONVERGE_SPAWN);
}

static void
test_request_link_names_slots(void **state)
{
	(void)state;
	json_t *request = request_put(connection, NULL, 0, 0);
	json_t *end = parse("{'slot': 'v', 'cp': 'left'}");
	assert_true(json_equal(json_object_get(request, "b"), end));
	json_decref(end);
	json_decref(request);
}

#define SET_TEST(name) cmocka_unit_test_setup_teardown(name, make, drop)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		SET_TEST(test_converge_builds_up_in_the_order_of_dependence),
		SET_TEST(test_converge_does_one_thing_at_a_time),
		SET_TEST(test_converge_asks_nothing_of_a_dataplane_that_is_not_ready),
		SET_TEST(
			test_converge_replaces_a_dead_process_in_its_slot_after_clearing),
		SET_TEST(test_converge_waits_for_the_back_off),
		SET_TEST(test_converge_does_not_ask_again_at_once_what_was_refused),
		SET_TEST(test_converge_puts_a_changed_document),
		SET_TEST(
			test_converge_has_a_running_vnf_succeeded_once_the_dataplane_knows),
		SET_TEST(test_converge_starts_no_process_beside_a_successor_on_its_way),
		SET_TEST(test_converge_ends_a_process_that_is_not_the_wanted_one),
		SET_TEST(test_converge_leaves_a_failed_vnf_alone_once_it_is_cleared),
		SET_TEST(
			test_converge_takes_apart_links_then_vnfs_and_ports_then_the_service),
		SET_TEST(test_converge_forgets_what_the_dataplane_never_had),
		SET_TEST(test_wanted_refuses_documents_that_cannot_be),
		SET_TEST(test_wanted_says_what_the_unknown_member_was_meant_to_be),
		SET_TEST(test_wanted_an_end_carries_one_link),
		SET_TEST(
			test_wanted_an_end_carries_links_that_are_for_paths_of_their_own),
		SET_TEST(test_wanted_refuses_bad_rules_and_paths_with_their_place),
		SET_TEST(test_wanted_needs_service_and_ends_first),
		SET_TEST(
			test_request_slot_has_what_the_manifest_tells_and_the_document_as_tag),
		SET_TEST(test_request_link_names_slots),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
