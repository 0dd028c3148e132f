/* test_err.c: rules of errors and lists of faults. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "common/err.h"

static void
test_err_set_returns_the_errno_of_its_code(void **state)
{
	(void)state;
	struct err err;
	assert_int_equal(
		err_set(&err, ERR_NOT_FOUND, "a.b", "try c", "no %s", "x"), -ENOENT);
	assert_int_equal(err.code, ERR_NOT_FOUND);
	assert_string_equal(err.path, "a.b");
	assert_string_equal(err.text, "no x");
	assert_string_equal(err.hint, "try c");
	assert_int_equal(err_set(NULL, ERR_STATE, NULL, NULL, "busy"), -EBUSY);
}

static void
test_err_set_may_use_its_own_text(void **state)
{
	(void)state;
	struct err err;
	err_set(&err, ERR_STATE, "p", "h", "inner");
	err_set(&err, err.code, err.path, err.hint, "outer: %s", err.text);
	assert_string_equal(err.text, "outer: inner");
	assert_string_equal(err.path, "p");
}

static void
test_err_sys_adds_the_reason_of_the_system(void **state)
{
	(void)state;
	struct err err;
	assert_int_equal(err_sys(&err, ENOENT, "cannot open %s", "f"), -EIO);
	assert_string_equal(err.text, "cannot open f: No such file or directory");
}

static void
test_err_prefix_joins_with_a_dot(void **state)
{
	(void)state;
	struct err err;
	err_set(&err, ERR_INVALID, "action", NULL, "bad");
	err_prefix(&err, "rules[0]");
	assert_string_equal(err.path, "rules[0].action");
	err_prefix(&err, "");
	err_prefix(&err, NULL);
	err_prefix(NULL, "x");
	assert_string_equal(err.path, "rules[0].action");
}

static void
test_err_prefix_joins_an_index_or_nothing_without_a_dot(void **state)
{
	(void)state;
	struct err err;
	err_set(&err, ERR_INVALID, "[2]", NULL, "bad");
	err_prefix(&err, "rules");
	assert_string_equal(err.path, "rules[2]");
	err_set(&err, ERR_INVALID, NULL, NULL, "bad");
	err_prefix(&err, "rules");
	assert_string_equal(err.path, "rules");
}

static void
test_err_code_names_go_both_ways(void **state)
{
	(void)state;
	for (unsigned code = 0; code < ERR_CODES; code++)
		assert_int_equal(err_code_from_name(err_code_name(code)), code);
	assert_int_equal(err_code_from_name("no-such-code"), ERR_INTERNAL);
	assert_int_equal(err_code_from_name(NULL), ERR_INTERNAL);
}

static void
test_err_survives_json(void **state)
{
	(void)state;
	struct err in, out;
	err_set(&in, ERR_TIMEOUT, "a[1]", "wait", "too slow");
	json_t *json = err_to_json(&in);
	err_from_json(&out, json);
	json_decref(json);
	assert_memory_equal(&in.code, &out.code, sizeof(in.code));
	assert_string_equal(out.path, "a[1]");
	assert_string_equal(out.text, "too slow");
	assert_string_equal(out.hint, "wait");
}

static void
test_err_from_json_accepts_anything(void **state)
{
	(void)state;
	struct err err;
	json_t *odd = json_pack("{s:i, s:[], s:s}", "text", 3, "code", "hint", "h");
	err_from_json(&err, odd);
	assert_int_equal(err.code, ERR_INTERNAL);
	assert_string_not_equal(err.text, "");
	err_from_json(&err, NULL);
	assert_int_equal(err.code, ERR_INTERNAL);
	json_decref(odd);
}

static void
test_err_is_utf8_whatever_is_put_in(void **state)
{
	(void)state;
	struct err err;
	char text[600];
	for (size_t i = 0; i + 1 < sizeof(text); i += 2)
		memcpy(text + i, "\xc3\xa9", 2);
	text[sizeof(text) - 2] = '\0';
	err_set(&err, ERR_INVALID, NULL, NULL, "%s", text);
	json_t *json = err_to_json(&err);
	assert_non_null(json_object_get(json, "text"));
	json_decref(json);
	err_set(&err, ERR_INVALID, "\xff\xed\xa0\x80", NULL, "x%s", text);
	json = err_to_json(&err);
	assert_string_equal(json_string_value(json_object_get(json, "path")), "????");
	assert_non_null(json_object_get(json, "text"));
	json_decref(json);
}

static void
test_faults_keep_every_one_up_to_a_hundred(void **state)
{
	(void)state;
	struct faults faults = {0};
	for (int i = 0; i < 150; i++)
		assert_int_equal(
			faults_add(&faults, ERR_INVALID, "p", NULL, "fault %d", i),
			-EINVAL);
	assert_int_equal(faults.n, 100);
	assert_true(faults_count(&faults) > 100);
	assert_int_equal(faults_since(&faults, faults_count(&faults)), 0);
	assert_int_equal(faults_since(&faults, faults_count(&faults) - 1), -EINVAL);
	assert_int_equal(faults_since(&faults, 99), -EINVAL);
	assert_string_equal(faults.list[99].text, "fault 99");
	faults_clear(&faults);
	assert_null(faults.list);
}

static void
test_faults_merge_prefixes_each_path(void **state)
{
	(void)state;
	struct faults from = {0}, to = {0};
	faults_add(&from, ERR_INVALID, "mtu", NULL, "low");
	faults_add(&from, ERR_INVALID, "", NULL, "odd");
	faults_merge(&to, &from, "ports.lan");
	assert_string_equal(to.list[0].path, "ports.lan.mtu");
	assert_string_equal(to.list[1].path, "ports.lan");
	faults_clear(&from);
	faults_clear(&to);
}

static void
test_faults_first_tells_how_many_more(void **state)
{
	(void)state;
	struct faults faults = {0};
	struct err err;
	assert_int_equal(faults_first(&faults, &err), 0);
	faults_add(&faults, ERR_NOT_FOUND, "x", NULL, "gone");
	assert_int_equal(faults_first(&faults, &err), -ENOENT);
	assert_string_equal(err.text, "gone");
	faults_add(&faults, ERR_INVALID, "y", NULL, "bad");
	assert_int_equal(faults_first(&faults, &err), -ENOENT);
	assert_string_equal(err.text, "gone (and 1 more)");
	faults_clear(&faults);
}

static void
test_faults_survive_json(void **state)
{
	(void)state;
	struct faults in = {0}, out = {0};
	faults_add(&in, ERR_INVALID, "a", "h", "bad");
	faults_add(&in, ERR_STATE, NULL, NULL, "busy");
	json_t *json = faults_to_json(&in);
	faults_from_json(&out, json);
	assert_int_equal(out.n, 2);
	assert_string_equal(out.list[0].path, "a");
	assert_int_equal(out.list[1].code, ERR_STATE);
	json_decref(json);
	faults_clear(&in);
	faults_clear(&out);
}

static void
test_err_sys_of_a_full_disk_says_so(void **state)
{
	(void)state;
	struct err err;
	assert_int_equal(
		err_sys(&err, ENOSPC, "cannot write %s", "f"), err_errno(ERR_NO_SPACE));
	assert_int_equal(err.code, ERR_NO_SPACE);
	assert_string_not_equal(err.hint, "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_err_set_returns_the_errno_of_its_code),
		cmocka_unit_test(test_err_set_may_use_its_own_text),
		cmocka_unit_test(test_err_sys_of_a_full_disk_says_so),
		cmocka_unit_test(test_err_sys_adds_the_reason_of_the_system),
		cmocka_unit_test(test_err_prefix_joins_with_a_dot),
		cmocka_unit_test(test_err_prefix_joins_an_index_or_nothing_without_a_dot),
		cmocka_unit_test(test_err_code_names_go_both_ways),
		cmocka_unit_test(test_err_survives_json),
		cmocka_unit_test(test_err_from_json_accepts_anything),
		cmocka_unit_test(test_err_is_utf8_whatever_is_put_in),
		cmocka_unit_test(test_faults_keep_every_one_up_to_a_hundred),
		cmocka_unit_test(test_faults_merge_prefixes_each_path),
		cmocka_unit_test(test_faults_first_tells_how_many_more),
		cmocka_unit_test(test_faults_survive_json),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
