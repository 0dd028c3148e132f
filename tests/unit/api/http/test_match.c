/* Headers held against what the server has; credentials; the status of an error. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "api/http/auth.h"
#include "api/http/body.h"
#include "api/http/match.h"
#include "api/problem/problem.h"

static void
test_etag_is_named_by_quotes_star_and_lists(void **state)
{
	(void)state;
	assert_true(match_etag("\"a\"", "a", false));
	assert_true(match_etag("\"x\", \"a\"", "a", false));
	assert_true(match_etag("*", "a", false));
	assert_true(match_etag("a", "a", false));
	assert_false(match_etag("\"ab\"", "a", false));
	assert_false(match_etag("", "a", false));
}

static void
test_weak_etag_counts_only_where_weak_is_enough(void **state)
{
	(void)state;
	assert_true(match_etag("W/\"a\"", "a", true));
	assert_false(match_etag("W/\"a\"", "a", false));
}

static void
test_range_takes_first_last_and_suffix(void **state)
{
	(void)state;
	size_t first, last;
	assert_int_equal(match_range("bytes=0-9", 100, &first, &last), MATCH_RANGE_PART);
	assert_int_equal(first, 0);
	assert_int_equal(last, 9);
	assert_int_equal(match_range("bytes=90-", 100, &first, &last), MATCH_RANGE_PART);
	assert_int_equal(last, 99);
	assert_int_equal(match_range("bytes=-10", 100, &first, &last), MATCH_RANGE_PART);
	assert_int_equal(first, 90);
	assert_int_equal(
		match_range("bytes=50-999", 100, &first, &last), MATCH_RANGE_PART);
	assert_int_equal(last, 99);
}

static void
test_range_that_cannot_be_is_told_from_none(void **state)
{
	(void)state;
	size_t first, last;
	assert_int_equal(match_range("bytes=100-", 100, &first, &last), MATCH_RANGE_BAD);
	assert_int_equal(match_range("bytes=9-5", 100, &first, &last), MATCH_RANGE_BAD);
	assert_int_equal(match_range("bytes=-0", 100, &first, &last), MATCH_RANGE_BAD);
	assert_int_equal(match_range(NULL, 100, &first, &last), MATCH_RANGE_NONE);
	assert_int_equal(
		match_range("bytes=0-1,5-6", 100, &first, &last), MATCH_RANGE_NONE);
	assert_int_equal(match_range("lines=0-1", 100, &first, &last), MATCH_RANGE_NONE);
}

static void
test_accept_knows_wildcards_and_zero_quality(void **state)
{
	(void)state;
	assert_true(match_accept(NULL, "application/json"));
	assert_true(match_accept("text/html, */*;q=0.1", "application/json"));
	assert_true(match_accept("application/*", "application/json"));
	assert_true(match_accept("application/json;q=0.5", "application/json"));
	assert_true(match_accept("text/plain", "text/plain; charset=utf-8"));
	assert_false(match_accept("text/plain", "application/json"));
	assert_false(match_accept("application/json;q=0", "application/json"));
	assert_false(match_accept("application/jsonp", "application/json"));
}

static void
test_version_needs_the_same_major_and_no_newer_minor(void **state)
{
	(void)state;
	assert_true(match_version("1.3.0", "1.3.0"));
	assert_true(match_version("1.1.5", "1.3.0"));
	assert_true(match_version("1.3.0-impl:example.com:product:1", "1.3.0"));
	assert_false(match_version("1.4.0", "1.3.0"));
	assert_false(match_version("2.0.0", "1.3.0"));
	assert_false(match_version("1.3", "1.3.0"));
	assert_false(match_version("1.3.0x", "1.3.0"));
	assert_false(match_version("", "1.3.0"));
}

static void
test_body_types_are_those_of_the_route(void **state)
{
	(void)state;
	assert_true(body_accepts(HTTP_BODY_JSON, "application/json; charset=utf-8"));
	assert_true(body_accepts(HTTP_BODY_JSON, "application/merge-patch+json"));
	assert_true(body_accepts(HTTP_BODY_JSON, ""));
	assert_false(body_accepts(HTTP_BODY_JSON, "application/yaml"));
	assert_false(body_accepts(HTTP_BODY_JSON, "application/x-www-form-urlencoded"));
	assert_true(body_accepts(HTTP_BODY_DOC, "application/yaml"));
	assert_false(body_accepts(HTTP_BODY_DOC, "application/zip"));
	assert_true(body_accepts(HTTP_BODY_RAW, "application/zip"));
}

static void
test_body_deeper_than_the_limit_is_refused_and_brackets_in_strings_do_not_count(
	void **state)
{
	(void)state;
	struct doc *doc;
	struct err err = {0};
	const char deep[] = "[[[1]]]", text[] = "[\"[[[[\\\"[\"]";
	assert_true(body_parse(HTTP_BODY_JSON, "", deep, sizeof(deep) - 1, 2, &doc,
			    &err) < 0);
	assert_int_equal(err.code, ERR_TOO_LARGE);
	assert_int_equal(
		body_parse(HTTP_BODY_JSON, "", text, sizeof(text) - 1, 2, &doc, &err), 0);
	doc_close(doc);
}

static void
test_empty_body_is_no_document(void **state)
{
	(void)state;
	struct doc *doc;
	assert_int_equal(body_parse(HTTP_BODY_JSON, "", NULL, 0, 64, &doc, NULL), 0);
	assert_null(doc);
}

static void
test_auth_reads_bearer_and_basic(void **state)
{
	(void)state;
	struct auth_credential c;
	assert_int_equal(auth_parse("Bearer abc.DEF-1=", &c, NULL), 0);
	assert_string_equal(c.scheme, "bearer");
	assert_string_equal(c.secret, "abc.DEF-1=");
	assert_int_equal(auth_parse("basic YWxpY2U6c2U6Y3JldA==", &c, NULL), 0);
	assert_string_equal(c.scheme, "basic");
	assert_string_equal(c.user, "alice");
	assert_string_equal(c.secret, "se:cret");
}

static void
test_auth_absent_and_malformed_differ(void **state)
{
	(void)state;
	struct auth_credential c;
	struct err err;
	auth_parse(NULL, &c, &err);
	assert_int_equal(err.code, ERR_UNAUTHENTICATED);
	static const char *const bad[] = {"Bear xyz", "Bearer", "Bearer a b",
		"Bearer \"x\"", "Basic", "Basic YQ==", "Basic !!!!", "Basic YWxpY2U6", "",
		NULL};
	for (const char *const *header = bad; *header != NULL; header++) {
		err.code = ERR_NONE;
		int rc = auth_parse(*header, &c, &err);
		if (rc != 0) /* an empty password is a credential */
			assert_int_equal(err.code, ERR_MALFORMED);
		else
			assert_string_equal(c.secret, "");
	}
}

static void
test_problem_has_what_the_standard_asks_for(void **state)
{
	(void)state;
	struct err err;
	err_set(&err, ERR_NOT_FOUND, "path[1]", "look", "no %s", "thing");
	json_t *problem = problem_from_err(problem_status(err.code), &err);
	assert_int_equal(json_integer_value(json_object_get(problem, "status")), 404);
	assert_string_equal(
		json_string_value(json_object_get(problem, "title")), "Not Found");
	assert_string_equal(
		json_string_value(json_object_get(problem, "detail")), "no thing");
	assert_string_equal(
		json_string_value(json_object_get(problem, "errorCode")), "not-found");
	assert_string_equal(
		json_string_value(json_object_get(problem, "path")), "path[1]");
	assert_string_equal(json_string_value(json_object_get(problem, "hint")), "look");
	json_decref(problem);
}

static void
test_problem_survives_a_text_cut_inside_a_character(void **state)
{
	(void)state;
	struct err err = {.code = ERR_INVALID, .text = "caf\xc3"};
	json_t *problem = problem_from_err(422, &err);
	assert_string_equal(json_string_value(json_object_get(problem, "detail")), "caf");
	json_decref(problem);
}

static void
test_problem_names_every_fault(void **state)
{
	(void)state;
	struct faults faults = {0};
	faults_add(&faults, ERR_INVALID, "rules[0].action", "accept or drop",
		"no such action");
	faults_add(&faults, ERR_INVALID, "rules[1].src", NULL, "no address");
	json_t *problem = problem_from_faults(422, &faults);
	json_t *params = json_object_get(problem, "invalidParams");
	assert_int_equal(json_array_size(params), 2);
	assert_string_equal(
		json_string_value(json_object_get(json_array_get(params, 1), "path")),
		"rules[1].src");
	json_decref(problem);
	faults_clear(&faults);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_etag_is_named_by_quotes_star_and_lists),
		cmocka_unit_test(test_weak_etag_counts_only_where_weak_is_enough),
		cmocka_unit_test(test_range_takes_first_last_and_suffix),
		cmocka_unit_test(test_range_that_cannot_be_is_told_from_none),
		cmocka_unit_test(test_accept_knows_wildcards_and_zero_quality),
		cmocka_unit_test(test_version_needs_the_same_major_and_no_newer_minor),
		cmocka_unit_test(test_body_types_are_those_of_the_route),
		cmocka_unit_test(
			test_body_deeper_than_the_limit_is_refused_and_brackets_in_strings_do_not_count),
		cmocka_unit_test(test_empty_body_is_no_document),
		cmocka_unit_test(test_auth_reads_bearer_and_basic),
		cmocka_unit_test(test_auth_absent_and_malformed_differ),
		cmocka_unit_test(test_problem_has_what_the_standard_asks_for),
		cmocka_unit_test(test_problem_survives_a_text_cut_inside_a_character),
		cmocka_unit_test(test_problem_names_every_fault),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
