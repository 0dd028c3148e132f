/* The list of events. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>
#include "vnfm/events.h"

static uint64_t
seq_of(const json_t *list, size_t i)
{
	return (uint64_t)json_integer_value(
		json_object_get(json_array_get(list, i), "seq"));
}

static void
test_events_are_numbered_and_told_once(void **state)
{
	(void)state;
	struct events *events = events_create();
	events_add(events, "vnf-ready", "n", "v", "");
	events_add(events, "vnf-died", "n", "v", "signal 9");
	json_t *all = events_after(events, 0, 0);
	assert_int_equal(json_array_size(all), 2);
	assert_int_equal(seq_of(all, 1), seq_of(all, 0) + 1);
	json_t *rest = events_after(events, seq_of(all, 0), 0);
	assert_int_equal(json_array_size(rest), 1);
	json_t *none = events_after(events, seq_of(all, 1), 1);
	assert_int_equal(json_array_size(none), 0);
	json_decref(all);
	json_decref(rest);
	json_decref(none);
	events_destroy(events);
}

static void
test_events_of_a_port_name_it(void **state)
{
	(void)state;
	struct events *events = events_create();
	events_add_port(events, "port-lost", "n", "n/lan", "gone");
	events_add(events, "vnf-ready", "n", "v", "");
	json_t *all = events_after(events, 0, 0);
	assert_string_equal(
		json_string_value(json_object_get(json_array_get(all, 0), "port")),
		"n/lan");
	assert_string_equal(
		json_string_value(json_object_get(json_array_get(all, 0), "vnf")), "");
	assert_null(json_object_get(json_array_get(all, 1), "port"));
	json_decref(all);
	events_destroy(events);
}

static void
test_events_of_a_new_life_follow_those_of_the_old(void **state)
{
	(void)state;
	struct events *old = events_create();
	events_add(old, "vnf-ready", "n", "v", "");
	json_t *list = events_after(old, 0, 0);
	uint64_t last = seq_of(list, 0);
	json_decref(list);
	events_destroy(old);
	usleep(5000);
	struct events *new = events_create();
	events_add(new, "dataplane-ready", "", "", "found");
	list = events_after(new, last, 0);
	assert_int_equal(json_array_size(list), 1);
	assert_true(seq_of(list, 0) > last);
	json_decref(list);
	events_destroy(new);
}

static void
test_events_keeps_the_newest(void **state)
{
	(void)state;
	struct events *events = events_create();
	for (int i = 0; i < 3000; i++)
		events_add(events, "vnf-ready", "n", "v", "");
	json_t *list = events_after(events, 0, 0);
	assert_int_equal(json_array_size(list), 1024);
	json_decref(list);
	events_destroy(events);
}

static void *
add_later(void *arg)
{
	usleep(20000);
	events_add(arg, "vnf-died", "n", "v", "");
	return NULL;
}

static void
test_events_wakes_who_waits(void **state)
{
	(void)state;
	struct events *events = events_create();
	pthread_t thread;
	pthread_create(&thread, NULL, add_later, events);
	json_t *list = events_after(events, 0, 5000);
	assert_int_equal(json_array_size(list), 1);
	json_decref(list);
	pthread_join(thread, NULL);
	events_close(events);
	list = events_after(events, UINT64_MAX - 1, 60000);
	json_decref(list);
	events_destroy(events);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_events_are_numbered_and_told_once),
		cmocka_unit_test(test_events_of_a_port_name_it),
		cmocka_unit_test(test_events_of_a_new_life_follow_those_of_the_old),
		cmocka_unit_test(test_events_keeps_the_newest),
		cmocka_unit_test(test_events_wakes_who_waits),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
