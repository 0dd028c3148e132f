/* test_merge.c: a document that its author and its users changed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "orchestrator/plan/merge.h"

#define NONE NULL

static const struct {
	const char *before, *after, *now, *merged;
} cases[] = {
	/* the author changed nothing: it stays, with what users changed and took out */
	{"{\"a\": 1}", "{\"a\": 1}", "{\"a\": 2, \"b\": 3}", "{\"a\": 2, \"b\": 3}"},
	{"{\"a\": 1}", "{\"a\": 1}", "{}", "{}"},
	{NONE, NONE, "{\"b\": 3}", "{\"b\": 3}"},
	/* what the author changed holds */
	{"{\"a\": 1}", "{\"a\": 5}", "{\"a\": 2, \"b\": 3}", "{\"a\": 5, \"b\": 3}"},
	{"{\"a\": 1}", "{\"a\": 1, \"c\": 4}", "{\"a\": 2}", "{\"a\": 2, \"c\": 4}"},
	{"{\"a\": 1, \"c\": 4}", "{\"a\": 1}", "{\"a\": 1, \"c\": 6}", "{\"a\": 1}"},
	{"{\"a\": 1}", "{\"a\": 5}", "{}", "{\"a\": 5}"},
	{"{\"a\": 1}", NONE, "{\"a\": 2}", NONE},
	{NONE, "{\"a\": 5}", "{\"b\": 3}", "{\"a\": 5, \"b\": 3}"},
	/* member by member below; a list is one value */
	{"{\"o\": {\"a\": 1, \"b\": 1}}", "{\"o\": {\"a\": 5, \"b\": 1}}",
		"{\"o\": {\"a\": 1, \"b\": 2}}", "{\"o\": {\"a\": 5, \"b\": 2}}"},
	{"{\"l\": [1]}", "{\"l\": [1, 2]}", "{\"l\": [1, 3]}", "{\"l\": [1, 2]}"},
	{"{\"l\": [1]}", "{\"l\": [1]}", "{\"l\": [1, 3]}", "{\"l\": [1, 3]}"},
	{"{\"o\": 1}", "{\"o\": {\"a\": 1}}", "{\"o\": 2}", "{\"o\": {\"a\": 1}}"},
};

static json_t *
read(const char *text)
{
	json_t *value = text ? json_loads(text, 0, NULL) : NULL;
	assert_true(value || !text);
	return value;
}

static void
test_merge_takes_from_the_author_only_what_the_author_changed(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		json_t *before = read(cases[i].before), *after = read(cases[i].after);
		json_t *now = read(cases[i].now), *expected = read(cases[i].merged);
		json_t *merged = merge_three(before, after, now);
		if (!expected)
			assert_null(merged);
		else
			assert_true(json_equal(merged, expected));
		json_decref(before);
		json_decref(after);
		json_decref(now);
		json_decref(expected);
		json_decref(merged);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_merge_takes_from_the_author_only_what_the_author_changed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
