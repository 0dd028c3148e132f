/* test_replicas.c: a VNF of several processes among the objects of a host. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "orchestrator/plan/replicas.h"
#include "orchestrator/plan/target.h"

static const int cores[REPLICAS_MAX] = {1, 2, 3, 4, 5, 6, 7, 8};

/* lan -- v -- w -- wan */
static json_t *
chain(void)
{
	return json_loads(
		"[{\"kind\": \"vnf\", \"object\": \"v\", \"ns\": \"n\", \"doc\": {\"name\": "
		"\"s.v\", \"core\": 1, \"config\": {\"a\": 1}}},"
		"{\"kind\": \"vnf\", \"object\": \"w\", \"ns\": \"n\", \"doc\": {\"name\": "
		"\"s.w\", \"core\": 1}},"
		"{\"kind\": \"link\", \"object\": \"n/lan-v\", \"ns\": \"n\", \"doc\": "
		"{\"name\": \"lan-v\", \"a\": {\"port\": \"n/lan\"}, \"b\": {\"vnf\": \"v\", "
		"\"cp\": \"left\"}}},"
		"{\"kind\": \"link\", \"object\": \"n/v-w\", \"ns\": \"n\", \"doc\": "
		"{\"name\": \"v-w\", \"a\": {\"vnf\": \"v\", \"cp\": \"right\"}, \"b\": "
		"{\"vnf\": \"w\", \"cp\": \"left\"}}}]",
		0, NULL);
}

static unsigned
n_links(const json_t *objects)
{
	unsigned n = 0;
	size_t i;
	json_t *object;
	json_array_foreach ((json_t *)objects, i, object)
		n += strcmp(json_string_value(json_object_get(object, "kind")), "link") ==
		     0;
	return n;
}

static void
test_replicas_are_copies_with_links_of_their_own(void **state)
{
	(void)state;
	json_t *objects = chain();
	replicas_set(objects, "v", 3, cores);
	assert_int_equal(replicas_count(objects, "v"), 3);
	const json_t *doc = json_object_get(target_find(objects, "vnf", "v~2"), "doc");
	json_t *replica = json_pack("{s:s, s:i, s:i}", "of", "v", "index", 2, "n", 3);
	assert_true(json_equal(json_object_get(doc, "replica"), replica));
	assert_string_equal(json_string_value(json_object_get(doc, "name")), "s.v~2");
	assert_int_equal(json_integer_value(json_object_get(doc, "core")), 3);
	assert_int_equal(n_links(objects), 6);
	assert_non_null(target_find(objects, "link", "n/lan-v~1"));
	assert_non_null(target_find(objects, "link", "n/v-w~20"));
	json_decref(replica);
	json_decref(objects);
}

static void
test_replicas_of_neighbours_are_all_joined(void **state)
{
	(void)state;
	json_t *objects = chain();
	replicas_set(objects, "v", 2, cores);
	replicas_set(objects, "w", 3, cores);
	assert_int_equal(n_links(objects), 2 + 6);
	const json_t *doc =
		json_object_get(target_find(objects, "link", "n/v-w~12"), "doc");
	assert_string_equal(
		json_string_value(json_object_get(json_object_get(doc, "a"), "vnf")),
		"v~1");
	assert_string_equal(
		json_string_value(json_object_get(json_object_get(doc, "b"), "vnf")),
		"w~2");
	json_decref(objects);
}

static void
test_replicas_of_a_group_are_groups(void **state)
{
	(void)state;
	json_t *objects = chain();
	json_object_set_new(json_object_get(target_find(objects, "vnf", "v"), "doc"),
		"group", json_pack("{s:s, s:i}", "name", "all", "n", 2));
	replicas_set(objects, "v", 3, cores);
	static const char *const ids[] = {"v", "v~1", "v~2"}, *const names[] = {"all",
								      "all~1", "all~2"};
	for (size_t i = 0; i < 3; i++) {
		const json_t *group = json_object_get(
			json_object_get(target_find(objects, "vnf", ids[i]), "doc"),
			"group");
		assert_string_equal(
			json_string_value(json_object_get(group, "name")), names[i]);
		assert_int_equal(json_integer_value(json_object_get(group, "n")), 2);
	}
	json_decref(objects);
}

static void
test_replicas_that_go_take_their_links_along(void **state)
{
	(void)state;
	json_t *objects = chain(), *expected = chain();
	replicas_set(expected, "v", 1, cores);
	replicas_set(objects, "v", 4, cores);
	replicas_set(objects, "v", 1, cores);
	assert_true(json_equal(objects, expected));
	json_decref(objects);
	json_decref(expected);
}

static void
test_replicas_are_known_by_their_ids(void **state)
{
	char of[16];
	(void)state;
	assert_string_equal(replicas_of("v~3", of, sizeof(of)), "v");
	assert_string_equal(replicas_of("v", of, sizeof(of)), "v");
	assert_int_equal(replicas_index("v~3"), 3);
	assert_int_equal(replicas_index("v"), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_replicas_are_copies_with_links_of_their_own),
		cmocka_unit_test(test_replicas_of_neighbours_are_all_joined),
		cmocka_unit_test(test_replicas_of_a_group_are_groups),
		cmocka_unit_test(test_replicas_that_go_take_their_links_along),
		cmocka_unit_test(test_replicas_are_known_by_their_ids),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
