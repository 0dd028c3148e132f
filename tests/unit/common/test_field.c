/* test_field.c: rules of field tables: parse, print, describe. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "common/field.h"

struct inner {
	char *name;
	uint16_t low;
	struct net_prefix *nets;
	unsigned n_nets;
};

struct outer {
	bool flag;
	uint64_t big, size, rate, idle_ns;
	int mode;
	struct net_addr gateway;
	struct net_range range;
	struct net_ports ports;
	struct net_mac mac;
	struct net_endpoint endpoint;
	struct inner one;
	bool has_one;
	struct inner *many;
	unsigned n_many;
	uint8_t custom;
	uint8_t *small;
	unsigned n_small;
};

static int
parse_even(const struct field *field, const json_t *json, const char *path, void *out,
	struct faults *faults)
{
	(void)field;
	if (json_integer_value(json) % 2)
		return faults_add(faults, ERR_INVALID, path, NULL, "must be even");
	*(uint8_t *)out = json_integer_value(json);
	return 0;
}

static json_t *
print_even(const struct field *field, const void *in)
{
	(void)field;
	return json_integer(*(const uint8_t *)in);
}

static const struct field_value modes[] = {
	{"drop", 1, "away with it"}, {"accept", 2, "let it pass"}, {0}};
static const struct field inner_fields[] = {
	{.name = "name",
		.type = FIELD_STRING,
		.offset = offsetof(struct inner, name),
		.required = true},
	{.name = "low",
		.type = FIELD_UINT,
		.offset = offsetof(struct inner, low),
		.size = 2,
		.min = 5,
		.max = 9000,
		.dflt = "1500"},
	{.name = "nets",
		.type = FIELD_PREFIX,
		.offset = offsetof(struct inner, nets),
		.list = true,
		.count = offsetof(struct inner, n_nets),
		.max_len = 3},
	{0}};

#define MEMBER(m) .offset = offsetof(struct outer, m)
static const struct field outer_fields[] = {{.name = "flag",
						    .type = FIELD_BOOL,
						    MEMBER(flag),
						    .dflt = "true",
						    .help = "a flag"},
	{.name = "big", .type = FIELD_UINT, MEMBER(big), .size = 8},
	{.name = "size", .type = FIELD_SIZE, MEMBER(size), .dflt = "64k"},
	{.name = "rate", .type = FIELD_RATE, MEMBER(rate), .dflt = "10k", .max = 1000000},
	{.name = "idle",
		.type = FIELD_DURATION,
		MEMBER(idle_ns),
		.dflt = "5m",
		.min = 1000000000},
	{.name = "mode",
		.type = FIELD_ENUM,
		MEMBER(mode),
		.values = modes,
		.dflt = "drop"},
	{.name = "gateway", .type = FIELD_ADDR, MEMBER(gateway)},
	{.name = "range", .type = FIELD_RANGE, MEMBER(range)},
	{.name = "ports", .type = FIELD_PORTS, MEMBER(ports), .dflt = "1024-65535"},
	{.name = "mac", .type = FIELD_MAC, MEMBER(mac), .dflt = "auto"},
	{.name = "endpoint", .type = FIELD_ENDPOINT, MEMBER(endpoint)},
	{.name = "one",
		.type = FIELD_STRUCT,
		MEMBER(one),
		.sub = inner_fields,
		.present = true,
		.present_offset = offsetof(struct outer, has_one)},
	{.name = "many",
		.type = FIELD_STRUCT,
		MEMBER(many),
		.sub = inner_fields,
		.list = true,
		.size = sizeof(struct inner),
		.count = offsetof(struct outer, n_many)},
	{.name = "custom",
		.type = FIELD_CUSTOM,
		MEMBER(custom),
		.size = 1,
		.parse = parse_even,
		.print = print_even,
		.dflt = "4",
		.syntax = "an even number"},
	{.name = "small",
		.type = FIELD_UINT,
		MEMBER(small),
		.size = 1,
		.list = true,
		.count = offsetof(struct outer, n_small),
		.dflt = "[1, 2]"},
	{0}};

static struct outer out;
static struct faults faults;

static int
parse(const char *text)
{
	json_t *json = text ? json_loads(text, 0, NULL) : NULL;
	faults_clear(&faults);
	memset(&out, 0xa5, sizeof(out));
	const int rc = field_parse(outer_fields, json, "", &out, sizeof(out), &faults);
	assert_true(!text || json);
	json_decref(json);
	return rc;
}

static void
assert_fault(size_t i, const char *path, const char *text)
{
	assert_true(i < faults.n);
	assert_string_equal(faults.list[i].path, path);
	if (!strstr(faults.list[i].text, text))
		fail_msg("'%s' is not in '%s'", text, faults.list[i].text);
}

static void
test_field_absent_members_get_their_defaults(void **state)
{
	(void)state;
	assert_int_equal(parse(NULL), 0);
	assert_true(out.flag);
	assert_int_equal(out.size, 65536);
	assert_int_equal(out.rate, 10000);
	assert_int_equal(out.idle_ns, 300000000000);
	assert_int_equal(out.mode, 1);
	assert_int_equal(out.gateway.family, 0);
	assert_int_equal(out.ports.first, 1024);
	assert_int_equal(out.one.low, 1500);
	assert_false(out.has_one);
	assert_int_equal(out.custom, 4);
	assert_int_equal(out.n_small, 2);
	assert_int_equal(out.small[1], 2);
	field_clear(outer_fields, &out);
}

static void
test_field_null_counts_as_absent(void **state)
{
	(void)state;
	assert_int_equal(parse("{\"flag\": null, \"many\": null, \"one\": null}"), 0);
	assert_true(out.flag);
	assert_int_equal(out.n_many, 0);
	field_clear(outer_fields, &out);
}

static void
test_field_values_of_every_type_are_read(void **state)
{
	(void)state;
	assert_int_equal(
		parse("{\"flag\": false, \"big\": \"0xffffffffffffffff\", \"size\": "
		      "\"2M\","
		      "\"rate\": 500, \"idle\": \"2h4m\", \"mode\": \"accept\","
		      "\"gateway\": \"10.0.0.1\", \"range\": \"10.0.0.1-10.0.0.9\","
		      "\"ports\": 80, \"mac\": \"02:00:00:00:00:01\","
		      "\"endpoint\": \"[::1]:80\", \"one\": {\"name\": \"x\", \"low\": "
		      "9000},"
		      "\"many\": [{\"name\": \"a\"}, {\"name\": \"b\", \"nets\": "
		      "\"10.0.0.0/8\"}],"
		      "\"custom\": 8, \"small\": 255}"),
		0);
	assert_false(out.flag);
	assert_true(out.big == UINT64_MAX);
	assert_int_equal(out.size, 2 << 20);
	assert_int_equal(out.idle_ns, 7440000000000);
	assert_int_equal(out.mode, 2);
	assert_int_equal(out.ports.last, 80);
	assert_int_equal(out.endpoint.port, 80);
	assert_true(out.has_one);
	assert_string_equal(out.many[1].name, "b");
	assert_int_equal(out.many[1].nets[0].len, 8);
	assert_int_equal(out.small[0], 255);
	field_clear(outer_fields, &out);
	assert_null(out.many);
}

static void
test_field_list_may_be_given_as_one_value(void **state)
{
	(void)state;
	assert_int_equal(parse("{\"many\": {\"name\": \"a\"}, \"small\": 7}"), 0);
	assert_int_equal(out.n_many, 1);
	assert_int_equal(out.n_small, 1);
	assert_int_equal(out.small[0], 7);
	field_clear(outer_fields, &out);
	assert_int_equal(parse("{\"small\": 256, \"many\": 3}"), -EINVAL);
	assert_fault(0, "many", "object");
	assert_fault(1, "small", "at most 255");
}

static void
test_field_every_fault_is_told_with_its_path(void **state)
{
	(void)state;
	assert_int_equal(
		parse("{\"flag\": \"yes\", \"big\": -1, \"size\": \"3x\", \"rate\": "
		      "1000001,"
		      "\"idle\": \"10ms\", \"mode\": \"acept\", \"gateway\": \"10.0.0\","
		      "\"many\": [{\"name\": 5}, {\"low\": 4}, null], \"custom\": 3, "
		      "\"falg\": 1}"),
		-EINVAL);
	assert_int_equal(faults.n, 13);
	assert_fault(0, "flag", "true or false, not 'yes'");
	assert_fault(1, "big", "0 or more");
	assert_fault(2, "size", "64k");
	assert_fault(3, "rate", "at most 1M");
	assert_fault(4, "idle", "at least 1s");
	assert_fault(5, "mode", "drop or accept, not 'acept'");
	assert_string_equal(faults.list[5].hint, "did you mean 'accept'?");
	assert_fault(6, "gateway", "address");
	assert_fault(7, "many[0].name", "text, not '5'");
	assert_string_equal(faults.list[7].hint, "write it in quotes");
	assert_fault(8, "many[1].name", "required");
	assert_fault(9, "many[1].low", "at least 5");
	assert_fault(10, "many[2]", "object");
	assert_fault(11, "custom", "even");
	assert_fault(12, "falg", "unknown member 'falg'");
	assert_string_equal(faults.list[12].hint, "did you mean 'flag'?");
}

static void
test_field_unknown_member_far_from_all_gets_the_list(void **state)
{
	(void)state;
	assert_int_equal(
		parse("{\"one\": {\"name\": \"x\", \"unheard-of\": 1}}"), -EINVAL);
	assert_fault(0, "one.unheard-of", "unknown member");
	assert_string_equal(faults.list[0].hint, "known: name, low, nets");
}

static void
test_field_failed_parse_leaves_nothing_to_clear(void **state)
{
	(void)state;
	assert_int_equal(parse("{\"many\": [{\"name\": \"a\"}], \"mode\": 1}"), -EINVAL);
	assert_null(out.many);
	assert_null(out.small);
	assert_int_equal(parse("[]"), -EINVAL);
	assert_fault(0, "", "must be an object");
	field_clear(outer_fields, NULL);
}

static void
test_field_list_length_is_limited(void **state)
{
	(void)state;
	assert_int_equal(parse("{\"one\": {\"name\": \"x\", \"nets\": [\"::\", \"::\", "
			       "\"::\", \"::\"]}}"),
		-EMSGSIZE);
	assert_fault(0, "one.nets", "at most 3");
}

static void
test_field_printed_form_parses_to_the_same_object(void **state)
{
	(void)state;
	static const char *const documents[] = {"{}",
		"{\"one\": {\"name\": \"x\"}, \"idle\": \"90061001002003ns\", \"size\": "
		"1025}",
		"{\"big\": \"0xfffffffffffffff0\", \"rate\": 0, \"small\": [], \"mac\": "
		"\"auto\"}",
		"{\"many\": [{\"name\": \"a\", \"nets\": [\"10.1.2.3/8\", \"::1\"]}],"
		" \"range\": \"::1-::5\", \"endpoint\": \"1.2.3.4:0\", \"gateway\": "
		"\"fe80::1\"}"};
	for (size_t i = 0; i < sizeof(documents) / sizeof(documents[0]); i++) {
		assert_int_equal(parse(documents[i]), 0);
		json_t *once = field_print(outer_fields, &out);
		char *text = json_dumps(once, 0);
		field_clear(outer_fields, &out);
		assert_int_equal(parse(text), 0);
		json_t *twice = field_print(outer_fields, &out);
		assert_true(json_equal(once, twice));
		field_clear(outer_fields, &out);
		free(text);
		json_decref(once);
		json_decref(twice);
	}
}

static void
test_field_printed_form_has_normal_units(void **state)
{
	(void)state;
	assert_int_equal(
		parse("{\"idle\": 7440, \"size\": \"2048k\", \"rate\": \"1000\"}"), 0);
	json_t *json = field_print(outer_fields, &out);
	assert_string_equal(json_string_value(json_object_get(json, "idle")), "2h4m");
	assert_string_equal(json_string_value(json_object_get(json, "size")), "2M");
	assert_string_equal(json_string_value(json_object_get(json, "rate")), "1k");
	assert_string_equal(json_string_value(json_object_get(json, "mode")), "drop");
	assert_null(json_object_get(json, "one"));
	json_decref(json);
	field_clear(outer_fields, &out);
}

static void
test_field_describe_tells_all_of_the_table(void **state)
{
	(void)state;
	json_t *list = field_describe(outer_fields);
	char *text = json_dumps(json_array_get(list, 4), JSON_SORT_KEYS);
	assert_string_equal(text,
		"{\"default\": \"5m\", \"min\": \"1s\", \"name\": \"idle\", "
		"\"type\": \"duration\"}");
	free(text);
	text = json_dumps(json_array_get(list, 5), JSON_SORT_KEYS);
	assert_non_null(
		strstr(text, "{\"help\": \"let it pass\", \"name\": \"accept\"}"));
	free(text);
	json_t *members = json_object_get(json_array_get(list, 12), "members");
	assert_int_equal(json_array_size(members), 3);
	assert_true(
		json_is_true(json_object_get(json_array_get(members, 0), "required")));
	json_decref(list);
}

static void
test_field_numbers_with_units(void **state)
{
	(void)state;
	static const char *const bad[] = {
		"", "5", "m", "5x", "-5s", "5 s", "5m3", "1.5s", "99999999999d"};
	uint64_t v;
	assert_int_equal(field_duration_parse("1d2h3m4s5ms6us7ns", &v), 0);
	assert_int_equal(v, 93784005006007);
	for (size_t i = 2; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(field_duration_parse(bad[i], &v), -EINVAL);
	assert_int_equal(field_duration_parse("", &v), -EINVAL);
	assert_int_equal(field_duration_parse("5", &v), 0);
	assert_int_equal(v, 5000000000);
	assert_int_equal(field_size_parse("3G", &v), 0);
	assert_int_equal(v, 3ull << 30);
	assert_int_equal(field_rate_parse("3G", &v), 0);
	assert_int_equal(v, 3000000000);
	assert_int_equal(field_size_parse("99999999999T", &v), -EINVAL);
	assert_int_equal(field_size_parse("1MB", &v), -EINVAL);
}

static void
test_field_nearest_is_at_most_three_edits_away(void **state)
{
	(void)state;
	static const char *const names[] = {"firewall", "nat", "router", NULL};
	assert_string_equal(field_nearest("firewal", names), "firewall");
	assert_string_equal(field_nearest("fierwall", names), "firewall");
	assert_string_equal(field_nearest("rooter", names), "router");
	assert_null(field_nearest("passthrough", names));
	assert_null(field_nearest("xyz", names));
	assert_null(field_nearest("", names));
}

static int
clear_faults(void **state)
{
	(void)state;
	faults_clear(&faults);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_field_absent_members_get_their_defaults),
		cmocka_unit_test(test_field_null_counts_as_absent),
		cmocka_unit_test(test_field_values_of_every_type_are_read),
		cmocka_unit_test(test_field_list_may_be_given_as_one_value),
		cmocka_unit_test(test_field_every_fault_is_told_with_its_path),
		cmocka_unit_test(test_field_unknown_member_far_from_all_gets_the_list),
		cmocka_unit_test(test_field_failed_parse_leaves_nothing_to_clear),
		cmocka_unit_test(test_field_list_length_is_limited),
		cmocka_unit_test(test_field_printed_form_parses_to_the_same_object),
		cmocka_unit_test(test_field_printed_form_has_normal_units),
		cmocka_unit_test(test_field_describe_tells_all_of_the_table),
		cmocka_unit_test(test_field_numbers_with_units),
		cmocka_unit_test(test_field_nearest_is_at_most_three_edits_away),
	};
	return cmocka_run_group_tests(tests, NULL, clear_faults);
}
