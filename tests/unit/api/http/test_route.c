/* Routes: which one a method and a path name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "api/http/route.h"

static const struct http_route routes[] = {
	{.method = "GET", .pattern = "/v1/things"},
	{.method = "POST", .pattern = "/v1/things"},
	{.method = "GET", .pattern = "/v1/things/{id}"},
	{.method = "GET", .pattern = "/v1/things/{id}/parts/{part}"},
	{.method = "POST", .pattern = "/v1/things/actions"},
	{.method = "GET", .pattern = "/v1/things/latest"},
	{.method = "GET", .pattern = "/ui/{rest*}", .auth = HTTP_AUTH_NONE},
	{.method = "GET", .pattern = "/healthz", .auth = HTTP_AUTH_NONE},
	{0},
};
static const struct http_table tables[] = {{.routes = routes, .arg = "arg"}, {0}};

static struct url url;

static struct route_match
find(const char *method, const char *target)
{
	struct route_match match;
	url_clear(&url);
	assert_int_equal(url_parse(target, &url, NULL), 0);
	route_find(tables, method, &url, &match);
	return match;
}

static int
clear(void **state)
{
	(void)state;
	url_clear(&url);
	return 0;
}

static void
test_route_hands_out_the_named_segments_in_order(void **state)
{
	(void)state;
	struct route_match match = find("GET", "/v1/things/7/parts/a%2Fb");
	assert_string_equal(match.route->pattern, "/v1/things/{id}/parts/{part}");
	assert_string_equal(match.params[0], "7");
	assert_string_equal(match.params[1], "a/b");
	assert_string_equal(match.arg, "arg");
}

static void
test_route_prefers_a_literal_segment(void **state)
{
	(void)state;
	assert_string_equal(
		find("GET", "/v1/things/latest").route->pattern, "/v1/things/latest");
	assert_string_equal(
		find("GET", "/v1/things/other").route->pattern, "/v1/things/{id}");
}

static void
test_route_falls_back_to_a_pattern_that_has_the_method(void **state)
{
	(void)state;
	assert_string_equal(
		find("GET", "/v1/things/actions").route->pattern, "/v1/things/{id}");
	assert_string_equal(find("GET", "/v1/things/actions").params[0], "actions");
}

static void
test_route_names_the_methods_of_a_known_path(void **state)
{
	(void)state;
	struct route_match match = find("DELETE", "/v1/things");
	assert_null(match.route);
	assert_true(match.path_known);
	assert_string_equal(match.allow, "GET, HEAD, POST, OPTIONS");
}

static void
test_route_unknown_path_is_not_known(void **state)
{
	(void)state;
	assert_false(find("GET", "/v1").path_known);
	assert_false(find("GET", "/v1/things/7/parts").path_known);
	assert_false(find("GET", "/v1/things/7/parts/1/2").path_known);
	assert_false(find("GET", "/").path_known);
}

static void
test_route_head_finds_get(void **state)
{
	(void)state;
	assert_string_equal(find("HEAD", "/v1/things").route->method, "GET");
}

static void
test_route_rest_takes_the_remaining_path(void **state)
{
	(void)state;
	assert_string_equal(find("GET", "/ui/js/app.js").params[0], "js/app.js");
	assert_string_equal(find("GET", "/ui/").params[0], "");
}

static void
test_route_is_public_only_if_all_methods_are(void **state)
{
	(void)state;
	assert_true(find("POST", "/healthz").path_public);
	assert_false(find("GET", "/v1/things").path_public);
	assert_false(find("GET", "/nowhere").path_public);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(
			test_route_hands_out_the_named_segments_in_order, clear),
		cmocka_unit_test_teardown(test_route_prefers_a_literal_segment, clear),
		cmocka_unit_test_teardown(
			test_route_falls_back_to_a_pattern_that_has_the_method, clear),
		cmocka_unit_test_teardown(
			test_route_names_the_methods_of_a_known_path, clear),
		cmocka_unit_test_teardown(test_route_unknown_path_is_not_known, clear),
		cmocka_unit_test_teardown(test_route_head_finds_get, clear),
		cmocka_unit_test_teardown(
			test_route_rest_takes_the_remaining_path, clear),
		cmocka_unit_test_teardown(
			test_route_is_public_only_if_all_methods_are, clear),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
