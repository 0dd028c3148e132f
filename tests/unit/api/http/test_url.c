/* Request targets: splitting, decoding, refusing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "api/http/url.h"

static void
test_url_folds_doubled_and_trailing_slashes(void **state)
{
	(void)state;
	struct url url;
	assert_int_equal(url_parse("//nsd///v1/ns_descriptors/", &url, NULL), 0);
	assert_int_equal(url.n_segments, 3);
	assert_string_equal(url.path, "/nsd/v1/ns_descriptors");
	url_clear(&url);
	assert_int_equal(url_parse("/", &url, NULL), 0);
	assert_int_equal(url.n_segments, 0);
	assert_string_equal(url.path, "/");
	url_clear(&url);
}

static void
test_url_keeps_an_escaped_slash_in_its_segment(void **state)
{
	(void)state;
	struct url url;
	assert_int_equal(url_parse("/v1/ports/ns-1%2Flan", &url, NULL), 0);
	assert_int_equal(url.n_segments, 3);
	assert_string_equal(url.segments[2], "ns-1/lan");
	url_clear(&url);
}

static void
test_url_decodes_arguments(void **state)
{
	(void)state;
	struct url url;
	assert_int_equal(
		url_parse("/x?filter=(eq,a,b%26c)&all_fields&q=a+b%2B", &url, NULL), 0);
	assert_int_equal(url.n_args, 3);
	assert_string_equal(url_arg(&url, "filter"), "(eq,a,b&c)");
	assert_string_equal(url_arg(&url, "all_fields"), "");
	assert_string_equal(url_arg(&url, "q"), "a b+");
	assert_null(url_arg(&url, "none"));
	url_clear(&url);
}

static void
test_url_refuses_what_is_no_target(void **state)
{
	(void)state;
	static const char *const bad[] = {
		"x", "*", "/%", "/%4", "/%zz", "/a%00b", "/x?a=%00", "/%ff", NULL};
	for (const char *const *target = bad; *target != NULL; target++) {
		struct url url;
		struct err err = {0};
		assert_true(url_parse(*target, &url, &err) < 0);
		assert_int_equal(err.code, ERR_MALFORMED);
	}
}

static void
test_url_refuses_more_segments_and_arguments_than_it_holds(void **state)
{
	(void)state;
	char target[1024] = "";
	struct url url;
	for (int i = 0; i <= URL_MAX_SEGMENTS; i++)
		strcat(target, "/a");
	assert_true(url_parse(target, &url, NULL) < 0);
	strcpy(target, "/x?");
	for (int i = 0; i <= URL_MAX_ARGS; i++)
		strcat(target, "a=1&");
	assert_true(url_parse(target, &url, NULL) < 0);
}

static void
test_url_encode_is_undone_by_parse(void **state)
{
	(void)state;
	char *encoded = url_encode("a/b c?&=%+\xc3\xa9");
	char target[128] = "/";
	strcat(target, encoded);
	struct url url;
	assert_int_equal(url_parse(target, &url, NULL), 0);
	assert_string_equal(url.segments[0], "a/b c?&=%+\xc3\xa9");
	url_clear(&url);
	free(encoded);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_url_folds_doubled_and_trailing_slashes),
		cmocka_unit_test(test_url_keeps_an_escaped_slash_in_its_segment),
		cmocka_unit_test(test_url_decodes_arguments),
		cmocka_unit_test(test_url_refuses_what_is_no_target),
		cmocka_unit_test(
			test_url_refuses_more_segments_and_arguments_than_it_holds),
		cmocka_unit_test(test_url_encode_is_undone_by_parse),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
