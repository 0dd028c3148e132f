/* Reading collections: both filter dialects, selectors, paging. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "api/http/query.h"

static const char *const mandatory[] = {"id", "state", NULL};
static const char *const excluded[] = {"big", NULL};
static const char *const optional[] = {"name", "parts", "since", "count", "on", NULL};
static const char *const own[] = {"dryRun", NULL};
static const struct query_rules rules = {.mandatory = mandatory,
	.excluded = excluded,
	.optional = optional,
	.own = own,
	.page = 2};
static json_t *items;

static int
make_items(void **state)
{
	(void)state;
	char text[] =
		"[{`id`: `a`, `state`: `up`, `name`: `alpha`, `count`: 1, `on`: true,"
		"  `big`: {`x`: 1}, `since`: `2026-01-01T00:00:00Z`,"
		"  `parts`: [{`k`: `p1`, `v`: 1}, {`k`: `p2`, `v`: 2}]},"
		" {`id`: `b`, `state`: `down`, `name`: `it's, b`, `count`: 20, `on`: "
		"false,"
		"  `since`: `2026-01-01T02:00:00+01:00`, `parts`: []},"
		" {`id`: `c`, `state`: `up`, `name`: `gamma`, `count`: 3.5,"
		"  `since`: `2027-01-01T00:00:00Z`}]";
	for (char *at = text; (at = strchr(at, '`')) != NULL;)
		*at = '"';
	items = json_loads(text, 0, NULL);
	return items != NULL ? 0 : -1;
}

static int
drop_items(void **state)
{
	(void)state;
	json_decref(items);
	return 0;
}

/* The same items, read in parts. */
static int
read_part(void *arg, const json_t *equal, const char *after, size_t offset, size_t n,
	json_t **part, struct err *err)
{
	const json_t *state = json_object_get(equal, "state");
	bool behind = after == NULL;
	size_t i, passed = 0;
	json_t *item;
	(void)arg;
	(void)err;
	*part = json_array();
	json_array_foreach (items, i, item)
		if (after != NULL && strcmp(after, json_string_value(json_object_get(
							   item, "id"))) == 0)
			break;
	const bool gone = after != NULL && i == json_array_size(items);
	json_array_foreach (items, i, item) {
		const bool skipped = gone && passed++ < offset;
		if ((behind || gone) && !skipped && json_array_size(*part) < n &&
			(state == NULL ||
				json_equal(state, json_object_get(item, "state"))))
			json_array_append(*part, item);
		behind |= after != NULL &&
			  strcmp(after, json_string_value(json_object_get(item, "id"))) ==
				  0;
	}
	return 0;
}

/* What comes of a list has to come of a source too. */
static void
same_from_source(const struct url *url, int rc, const struct query_page *page)
{
	const struct query_source source = {read_part, NULL};
	struct query_page other = {0};
	struct err err = {0};
	assert_int_equal(query_run_source(&rules, "/things", url->args, url->n_args,
				 &source, &other, &err),
		rc);
	if (rc != 0)
		return;
	assert_true(json_equal(page->items, other.items));
	assert_int_equal(page->next == NULL, other.next == NULL);
	if (page->next != NULL)
		assert_string_equal(page->next, other.next);
	json_decref(other.items);
	free(other.next);
}

static int
run(const char *query, struct query_page *page)
{
	char target[512];
	struct url url;
	snprintf(target, sizeof(target), "/things?%s", query);
	assert_int_equal(url_parse(target, &url, NULL), 0);
	struct err err = {0};
	int rc = query_run(&rules, "/things", url.args, url.n_args, items, page, &err);
	if (rc != 0)
		assert_int_equal(err.code, ERR_MALFORMED);
	same_from_source(&url, rc, page);
	url_clear(&url);
	return rc;
}

/* The ids of the first page in a row. */
static void
expect_ids(const char *query, const char *ids)
{
	struct query_page page;
	char found[16] = "";
	assert_int_equal(run(query, &page), 0);
	for (size_t i = 0; i < json_array_size(page.items); i++)
		strcat(found, json_string_value(json_object_get(
				      json_array_get(page.items, i), "id")));
	if (strcmp(found, ids) != 0)
		fail_msg("%s: expected \"%s\", got \"%s\"", query, ids, found);
	json_decref(page.items);
	free(page.next);
}

static void
expect_first(const char *query, const char *json)
{
	struct query_page page;
	assert_int_equal(run(query, &page), 0);
	char *text =
		json_dumps(json_array_get(page.items, 0), JSON_COMPACT | JSON_SORT_KEYS);
	assert_string_equal(text, json);
	free(text);
	json_decref(page.items);
	free(page.next);
}

static void
expect_refused(const char *query)
{
	struct query_page page;
	if (run(query, &page) == 0)
		fail_msg("%s: expected a refusal", query);
}

static void
test_filter_compares_by_the_type_of_the_attribute(void **state)
{
	(void)state;
	expect_ids("filter=(eq,state,up)", "ac");
	expect_ids("filter=(neq,state,up)", "b");
	expect_ids("filter=(gt,count,3)", "bc");
	expect_ids("filter=(lte,count,3.5)", "ac");
	expect_ids("filter=(eq,on,true)", "a");
	expect_ids("filter=(gt,since,2026-01-01T00:30:00Z)", "bc");
	expect_ids("filter=(eq,since,2026-01-01T01:00:00Z)", "b");
}

static void
test_filter_lists_and_substrings(void **state)
{
	(void)state;
	expect_ids("filter=(in,id,a,b)", "ab");
	expect_ids("filter=(nin,id,a,b)", "c");
	expect_ids("filter=(cont,name,lph,mm)", "ac");
	expect_ids("filter=(ncont,name,a)", "b");
}

static void
test_filter_terms_must_all_hold(void **state)
{
	(void)state;
	expect_ids("filter=(eq,state,up);(gt,count,2)", "c");
	expect_ids("filter=(eq,state,up)&filter=(eq,id,a)", "a");
}

static void
test_filter_goes_through_arrays_and_keys(void **state)
{
	(void)state;
	expect_ids("filter=(eq,parts/k,p2)", "a");
	expect_ids("filter=(eq,big/@key,x)", "a");
}

static void
test_filter_missing_attribute_meets_nothing(void **state)
{
	(void)state;
	expect_ids("filter=(neq,on,true)", "b");
	expect_ids("filter=(nin,parts/k,p1)", "a");
}

static void
test_filter_values_may_be_quoted(void **state)
{
	(void)state;
	expect_ids("filter=(eq,name,'it''s,%20b')", "b");
}

static void
test_filter_older_dialect(void **state)
{
	(void)state;
	expect_ids("state=up", "ac");
	expect_ids("state.eq=up&id=c", "c");
	expect_ids("id=a,b", "ab");
	expect_ids("id.neq=a,b", "c");
	expect_ids("count.gt=3", "bc");
	expect_ids("parts.ANYINDEX.k=p1", "a");
	expect_ids("parts.k.cont=p", "a");
}

static void
test_filter_that_cannot_be_is_refused(void **state)
{
	(void)state;
	static const char *const bad[] = {"filter=", "filter=(eq,state)",
		"filter=eq,state,up", "filter=(is,state,up)", "filter=(eq,state,up",
		"filter=(eq,state,up)x", "filter=(eq,state,up);", "filter=(eq,state,a,b)",
		"filter=(eq,,a)", "filter=(eq,a~z,b)", "filter=(eq,name,it's)",
		"filter=(eq,nothere,x)", "nothere=x", "count.gt=1,2", "..=1", NULL};
	for (const char *const *query = bad; *query != NULL; query++)
		expect_refused(*query);
}

static void
test_filter_leaves_the_handlers_own_arguments_alone(void **state)
{
	(void)state;
	expect_ids("dryRun=true&id=c", "c");
}

static void
test_selector_default_leaves_out_the_default_set(void **state)
{
	(void)state;
	expect_first("id=c", "{\"count\":3.5,\"id\":\"c\",\"name\":\"gamma\","
			     "\"since\":\"2027-01-01T00:00:00Z\",\"state\":\"up\"}");
	expect_first(
		"id=a&fields=big", "{\"big\":{\"x\":1},\"id\":\"a\",\"state\":\"up\"}");
	expect_first("id=a&fields=parts/k", "{\"id\":\"a\",\"parts\":[{\"k\":\"p1\"},{"
					    "\"k\":\"p2\"}],\"state\":\"up\"}");
	expect_first("id=a&fields=parts/k,parts/v",
		"{\"id\":\"a\",\"parts\":[{\"k\":\"p1\",\"v\":1},{\"k\":\"p2\",\"v\":2}],"
		"\"state\":\"up\"}");
}

static void
test_selector_exclude_fields_spares_what_is_mandatory(void **state)
{
	(void)state;
	expect_first("id=a&exclude_fields=id,name,since,count,on,parts/v",
		"{\"big\":{\"x\":1},\"id\":\"a\",\"parts\":[{\"k\":\"p1\"},{\"k\":\"p2\"}"
		"],"
		"\"state\":\"up\"}");
}

static void
test_selector_exclude_default_with_fields_keeps_those(void **state)
{
	(void)state;
	struct query_page page;
	assert_int_equal(run("id=a&exclude_default&fields=big", &page), 0);
	assert_non_null(json_object_get(json_array_get(page.items, 0), "big"));
	assert_non_null(json_object_get(json_array_get(page.items, 0), "name"));
	json_decref(page.items);
	free(page.next);
}

static void
test_selector_combinations_and_unknown_fields_are_refused(void **state)
{
	(void)state;
	expect_refused("all_fields&fields=name");
	expect_refused("fields=name&exclude_fields=name");
	expect_refused("all_fields&exclude_default");
	expect_refused("fields=nothere");
	expect_refused("exclude_fields=nothere/x");
}

static void
test_paging_walks_the_whole_list_and_keeps_the_query(void **state)
{
	(void)state;
	struct query_page page;
	assert_int_equal(run("all_fields&filter=(in,id,a,b,c)", &page), 0);
	assert_int_equal(json_array_size(page.items), 2);
	assert_non_null(page.next);
	assert_non_null(strstr(
		page.next, "/things?all_fields&filter=%28in%2Cid%2Ca%2Cb%2Cc%29&"));
	char rest[256];
	snprintf(rest, sizeof(rest), "%s", strchr(page.next, '?') + 1);
	json_decref(page.items);
	free(page.next);
	assert_int_equal(run(rest, &page), 0);
	assert_int_equal(json_array_size(page.items), 1);
	assert_null(page.next);
	json_decref(page.items);
}

static void
test_paging_marker_outlives_items_before_it(void **state)
{
	(void)state;
	json_array_remove(items, 0);
	expect_ids("nextpage_opaque_marker=2.b", "c");
}

static void
test_paging_foreign_marker_is_refused(void **state)
{
	(void)state;
	expect_refused("nextpage_opaque_marker=foo");
	expect_refused("nextpage_opaque_marker=");
	expect_refused("nextpage_opaque_marker=-1.x");
}

#define QUERY_TEST(name) cmocka_unit_test_setup_teardown(name, make_items, drop_items)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		QUERY_TEST(test_filter_compares_by_the_type_of_the_attribute),
		QUERY_TEST(test_filter_lists_and_substrings),
		QUERY_TEST(test_filter_terms_must_all_hold),
		QUERY_TEST(test_filter_goes_through_arrays_and_keys),
		QUERY_TEST(test_filter_missing_attribute_meets_nothing),
		QUERY_TEST(test_filter_values_may_be_quoted),
		QUERY_TEST(test_filter_older_dialect),
		QUERY_TEST(test_filter_that_cannot_be_is_refused),
		QUERY_TEST(test_filter_leaves_the_handlers_own_arguments_alone),
		QUERY_TEST(test_selector_default_leaves_out_the_default_set),
		QUERY_TEST(test_selector_exclude_fields_spares_what_is_mandatory),
		QUERY_TEST(test_selector_exclude_default_with_fields_keeps_those),
		QUERY_TEST(test_selector_combinations_and_unknown_fields_are_refused),
		QUERY_TEST(test_paging_walks_the_whole_list_and_keeps_the_query),
		QUERY_TEST(test_paging_marker_outlives_items_before_it),
		QUERY_TEST(test_paging_foreign_marker_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
