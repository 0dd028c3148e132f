/* test_firewall.c: the glue in the harness: its example, its printed form, and that every
 * frame that comes in goes out or is counted, whatever it holds ($RENGA_DATA/pcap or
 * ../shared/data/pcap, skipped without). */
#include <errno.h>
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "common/doc.h"
#include "tests/lib/harness_text.h"
#include "vnfs/firewall/firewall.h"

extern const struct vnf_type *const vnf_plugin_type;

#define ETH "eth 02:00:00:00:00:01 > 02:00:00:00:00:02 "

static void
assert_takes(const json_t *json)
{
	struct faults faults = {0};
	struct fw_config config;
	json_t *once, *twice;

	assert_int_equal(
		field_parse(fw_config_fields, json, "", &config, sizeof(config), &faults),
		0);
	fw_config_check(&config, &faults);
	assert_int_equal(faults.n, 0);
	once = field_print(fw_config_fields, &config);
	field_clear(fw_config_fields, &config);
	assert_int_equal(
		field_parse(fw_config_fields, once, "", &config, sizeof(config), &faults),
		0);
	twice = field_print(fw_config_fields, &config);
	field_clear(fw_config_fields, &config);
	assert_true(json_equal(once, twice));
	json_decref(once);
	json_decref(twice);
}

static void
test_firewall_example_is_good_and_its_printed_form_reads_back_equal(void **state)
{
	struct doc *doc = NULL;

	(void)state;
	assert_int_equal(doc_read("vnfs/firewall/example.yaml", 0, &doc, NULL), 0);
	assert_takes(doc_root(doc));
	doc_close(doc);
}

static void
test_firewall_drops_by_default(void **state)
{
	struct harness *h = harness_text_open(vnf_plugin_type, NULL);

	(void)state;
	harness_text_in(h, FW_LEFT, ETH "ip4 10.0.0.1 > 10.0.0.2 udp 1 > 2");
	assert_int_equal(harness_drop(h), FW_NO_RULE);
	assert_null(harness_close(h));
}

static void
test_firewall_reason_names_stand_in_the_order_of_their_numbers(void **state)
{
	(void)state;
	assert_string_equal(
		firewall_reasons[FW_NO_RULE - VNF_REASON_OWN].name, "no-rule");
	assert_string_equal(
		firewall_reasons[FW_REJECTED - VNF_REASON_OWN].name, "rejected");
	assert_string_equal(
		firewall_reasons[FW_FRAGMENT - VNF_REASON_OWN].name, "fragment");
	assert_string_equal(firewall_reasons[FW_FRAGMENT_LIMIT - VNF_REASON_OWN].name,
		"fragment-limit");
	assert_string_equal(firewall_reasons[FW_ROUTING_HEADER - VNF_REASON_OWN].name,
		"routing-header");
	assert_null(firewall_reasons[FW_POLICED - VNF_REASON_OWN + 1].name);
}

static void
test_firewall_counts_a_flow_for_its_rule_through_many_replacements(void **state)
{
	struct harness *h = harness_text_open(
		vnf_plugin_type, "rules: [{name: keep, action: accept}]");
	struct faults faults = {0};
	json_t *stats;

	(void)state;
	for (unsigned i = 0; i < 600; i++) {
		char config[128];

		snprintf(config, sizeof(config),
			"rules: [{name: n%u, action: drop, proto: udp, dport: 9}, "
			"{name: keep, "
			"action: accept}]",
			i);
		assert_int_equal(harness_configure(h, config, &faults), 0);
		harness_text_in(h, FW_LEFT, ETH "ip4 10.0.0.1 > 10.0.0.2 udp 1 > 2");
	}
	stats = harness_stats(h);
	assert_int_equal(json_integer_value(doc_at(stats, "rules[1].packets")), 600);
	assert_int_equal(json_integer_value(doc_at(stats, "sessions")), 1);
	json_decref(stats);
	assert_null(harness_close(h));
}

static json_int_t
stat_of(struct harness *h, const char *group, const char *name)
{
	json_t *stats = harness_stats(h);
	const json_t *from = group != NULL ? json_object_get(stats, group) : stats;
	const json_int_t value = json_integer_value(json_object_get(from, name));

	json_decref(stats);
	return value;
}

static void
test_firewall_sweeps_a_bounded_part_of_its_sessions_in_each_tick(void **state)
{
	struct harness *h = harness_text_open(
		vnf_plugin_type, "rules: [{action: accept, from: left}]");
	struct harness_frame out;
	struct faults faults = {0};
	char text[160];

	(void)state;
	for (unsigned i = 0; i < 1000; i++) {
		snprintf(text, sizeof(text), ETH "ip4 10.0.0.1 > 10.0.0.2 udp %u > 53",
			1024 + i);
		harness_text_in(h, FW_LEFT, text);
		assert_true(harness_out(h, FW_RIGHT, &out));
	}
	assert_int_equal(harness_configure(h, "sessions: recheck", &faults), 0);
	assert_int_equal(stat_of(h, NULL, "sessions"), 1000);
	harness_clock(h, 1000000);
	assert_int_equal(stat_of(h, "recheck", "ended"), 512);
	harness_clock(h, 1000000);
	assert_int_equal(stat_of(h, "recheck", "ended"), 1000);
	assert_int_equal(stat_of(h, NULL, "sessions"), 0);
	assert_null(harness_close(h));
}

static void
test_firewall_lists_sessions_by_filter_and_page(void **state)
{
	struct harness *h = harness_text_open(
		vnf_plugin_type, "rules: [{name: all, action: accept}]");
	json_t *args, *answer;
	char text[128];
	struct err err;

	(void)state;
	for (unsigned i = 0; i < 30; i++) {
		snprintf(text, sizeof(text), ETH "ip4 10.0.%u.1 > 192.0.2.1 udp %u > 53",
			i % 2, 1000 + i);
		harness_text_in(h, FW_LEFT, text);
	}
	args = json_pack("{s:s, s:s, s:i, s:i}", "src", "10.0.1.0/24", "proto", "udp",
		"port", 53, "limit", 10);
	answer = harness_query(h, "sessions", args, &err);
	assert_int_equal(json_array_size(json_object_get(answer, "sessions")), 10);
	json_object_set(args, "after", json_object_get(answer, "next"));
	json_decref(answer);
	answer = harness_query(h, "sessions", args, &err);
	assert_int_equal(json_array_size(json_object_get(answer, "sessions")), 5);
	assert_null(json_object_get(answer, "next"));
	json_decref(answer);
	json_object_set_new(args, "colour", json_string("red"));
	assert_null(harness_query(h, "sessions", args, &err));
	assert_string_equal(err.path, "colour");
	json_decref(args);
	assert_null(harness_query(h, "tea", NULL, &err));
	assert_int_equal(err.code, ERR_UNSUPPORTED);
	assert_null(harness_close(h));
}

/* ---- every frame that there is ---- */

struct totals {
	uint64_t in, out, dropped;
};

static void
drain(struct harness *h, struct totals *totals)
{
	struct harness_frame frame;
	unsigned reason;
	int cp;

	while (harness_any(h, &cp, &reason, &frame)) {
		if (cp >= 0)
			totals->out++;
		else
			totals->dropped++;
	}
}

static void
play(struct harness *h, FILE *file, struct totals *totals)
{
	uint32_t head[6], record[4];
	struct harness_frame frame;

	if (fread(head, sizeof(head), 1, file) != 1 || head[0] != 0xa1b2c3d4 ||
		head[5] != 1)
		return;
	while (fread(record, sizeof(record), 1, file) == 1 &&
		record[2] <= sizeof(frame.data)) {
		if (fread(frame.data, 1, record[2], file) != record[2])
			return;
		for (unsigned copy = 0; copy < 4; copy++) {
			if (copy > 1 && record[2] > 0) /* spoilt */
				frame.data[random() % record[2]] ^= 1 << random() % 8;
			harness_in(h, copy % 2, frame.data, record[2]);
			totals->in++;
			drain(h, totals);
		}
	}
}

static void
test_firewall_forwards_or_counts_every_frame_of_the_captures(void **state)
{
	struct harness *h = harness_text_open(vnf_plugin_type,
		"rules: [{action: accept, from: left}, "
		"{action: drop, proto: udp}, {action: accept}]");
	const char *data = getenv("RENGA_DATA");
	struct totals totals = {0};
	char pattern[256];
	glob_t files;

	(void)state;
	snprintf(pattern, sizeof(pattern), "%s/pcap/*",
		data != NULL ? data : "../shared/data");
	if (glob(pattern, 0, NULL, &files) != 0) {
		harness_close(h);
		skip();
	}
	srandom(1);
	for (size_t i = 0; i < files.gl_pathc; i++) {
		FILE *file = fopen(files.gl_pathv[i], "r");

		assert_non_null(file);
		play(h, file, &totals);
		fclose(file);
	}
	globfree(&files);
	harness_clock(h, 62000000000ull); /* fragments that are held */
	drain(h, &totals);
	assert_true(totals.in > 1000);
	assert_int_equal(totals.in, totals.out + totals.dropped);
	assert_null(harness_close(h));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_firewall_example_is_good_and_its_printed_form_reads_back_equal),
		cmocka_unit_test(test_firewall_drops_by_default),
		cmocka_unit_test(
			test_firewall_reason_names_stand_in_the_order_of_their_numbers),
		cmocka_unit_test(
			test_firewall_counts_a_flow_for_its_rule_through_many_replacements),
		cmocka_unit_test(
			test_firewall_sweeps_a_bounded_part_of_its_sessions_in_each_tick),
		{.name = "sessions are listed by filter and by page [COM-9]",
			.test_func = test_firewall_lists_sessions_by_filter_and_page},
		cmocka_unit_test(
			test_firewall_forwards_or_counts_every_frame_of_the_captures),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
