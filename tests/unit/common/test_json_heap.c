/* test_json_heap.c: memory of the trees of large documents. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "common/json_heap.h"
#include "common/json_text.h"

#define N 40000

static json_t *
large(void)
{
	char *text = malloc(N * 64), *at = text;

	at += sprintf(at, "{\"list\":[0");
	for (unsigned i = 0; i < N; i++)
		at += sprintf(at, ",{\"number\":%u,\"text\":\"some text %u\"}", i, i);
	at += sprintf(at, "]}");
	json_t *json = json_text_read(text, (size_t)(at - text), 0, NULL);

	free(text);
	assert_non_null(json);
	return json;
}

static void *
free_it(void *json)
{
	json_decref(json);
	return NULL;
}

static void
test_json_heap_is_empty_when_the_trees_are_gone(void **state)
{
	pthread_t thread;

	(void)state;
	for (int i = 0; i < 3; i++) {
		json_t *one = large(), *other = large();

		json_decref(one);
		pthread_create(&thread, NULL, free_it, other);
		pthread_join(thread, NULL);
		assert_int_equal(json_heap_blocks(), 0);
	}
}

static void
test_json_heap_keeps_a_part_that_somebody_holds(void **state)
{
	json_t *json = large();
	json_t *part = json_incref(json_array_get(json_object_get(json, "list"), N / 2));

	(void)state;
	json_decref(json);
	json = large(); /* takes what was freed */
	assert_int_equal(json_integer_value(json_object_get(part, "number")), N / 2 - 1);
	json_decref(json);
	json_decref(part);
	assert_int_equal(json_heap_blocks(), 0);
}

static void
test_json_heap_and_malloc_share_a_tree(void **state)
{
	json_t *json = large(), *list = json_object_get(json, "list");

	(void)state;
	for (unsigned i = 0; i < 1000; i++) {
		json_t *item = json_array_get(list, i + 1);

		json_object_set_new(item, "more", json_string("text"));
		json_object_set_new(item, "text", json_integer(i));
		json_object_del(item, "number");
		json_array_append_new(list, json_pack("{s:i}", "i", (int)i));
	}
	char *text = json_dumps(json, JSON_COMPACT);
	json_t *same = json_loads(text, 0, NULL);

	assert_true(json_equal(json, same));
	free(text);
	json_decref(same);
	json_decref(json);
	assert_int_equal(json_heap_blocks(), 0);
}

static void
test_json_heap_is_not_for_small_documents(void **state)
{
	json_t *json = json_text_read("{\"a\":[1,2,\"b\"]}", 15, 0, NULL);

	(void)state;
	assert_non_null(json);
	assert_int_equal(json_heap_blocks(), 0);
	json_decref(json);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_json_heap_is_empty_when_the_trees_are_gone),
		cmocka_unit_test(test_json_heap_keeps_a_part_that_somebody_holds),
		cmocka_unit_test(test_json_heap_and_malloc_share_a_tree),
		cmocka_unit_test(test_json_heap_is_not_for_small_documents),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
