/* test_grant.c: what a plan needs, against what is free. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "orchestrator/grant.h"
#include "orchestrator/plan/need.h"

#define HOST(slots_, memory_)                                                            \
	"{'slots': {'total': 96, 'free': " #slots_                                       \
	"}, 'memory': {'totalMiB': 512, 'freeMiB': " #memory_ "}}"
#define VNF(id_) "{'kind': 'vnf', 'object': '" id_ "', 'ns': 'n', 'doc': {}}"
#define PUT(kind_, id_, doc_)                                                            \
	"{'action': 'put', 'kind': '" kind_ "', 'object': '" id_                         \
	"', 'ns': 'n', 'wanted': " doc_ "}"
#define SERVICE(buffers_) PUT("service", "n", "{'buffers': " #buffers_ "}")

/* Reads JSON with ' for ". */
static json_t *
json(const char *text)
{
	char buf[4096];
	snprintf(buf, sizeof(buf), "%s", text);
	for (char *c = buf; *c; c++)
		*c = *c == '\'' ? '"' : *c;
	json_t *value = json_loads(buf, 0, NULL);
	assert_non_null(value);
	return value;
}

/* The texts of all faults, one after the other. */
static const char *
judge(const char *host, const char *wanted, const char *pending, const char *sizes,
	const char *steps)
{
	static char text[1024];
	struct faults faults = {0};
	json_t *parts[] = {
		json(host), json(wanted), json(pending), json(sizes), json(steps)};
	const struct grant grant = {.ns = "n",
		.host = parts[0],
		.wanted = parts[1],
		.pending = parts[2],
		.sizes = parts[3],
		.steps = parts[4]};
	grant_judge(&grant, &faults);
	text[0] = '\0';
	for (size_t i = 0; i < faults.n; i++) {
		assert_int_equal(faults.list[i].code, ERR_NO_RESOURCE);
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%s",
			i ? "; " : "", faults.list[i].text);
	}
	faults_clear(&faults);
	for (size_t i = 0; i < 5; i++)
		json_decref(parts[i]);
	return text;
}

static void
test_grant_is_a_table(void **state)
{
	(void)state;
	static const struct {
		const char *host, *wanted, *pending, *sizes, *steps, *refusal;
	} cases[] = {
		/* enough of all */
		{HOST(2, 300), "[]", "[]", "{}",
			"[" SERVICE(1024) "," PUT("vnf", "a", "{}") "," PUT(
				"vnf", "b", "{}") "]",
			""},
		/* slots: as the VNF manager counts them */
		{HOST(1, 300), "[]", "[]", "{}",
			"[" PUT("vnf", "a", "{}") "," PUT("vnf", "b", "{}") "]",
			"not enough slots for VNF processes: 2 needed, 1 free"},
		/* what is under way has its slot already */
		{HOST(2, 300), "[]", "[" VNF("x") "]", "{}",
			"[" PUT("vnf", "a", "{}") "," PUT("vnf", "b", "{}") "]",
			"not enough slots for VNF processes: 2 needed, 1 free"},
		{HOST(1, 300), "[]", "[" VNF("x") "," VNF("y") "]", "{}",
			"[" PUT("vnf", "a", "{}") "]",
			"not enough slots for VNF processes: 1 needed, 0 free"},
		/* what the host has lost is still wanted */
		{"{'slots': {'total': 2, 'free': 2}}", "[" VNF("x") "," VNF("y") "]",
			"[]", "{}", "[" PUT("vnf", "a", "{}") "]",
			"not enough slots for VNF processes: 1 needed, 0 free"},
		/* memory: of buffers, told states, and states by configuration */
		{HOST(9, 100), "[]", "[]", "{}", "[" SERVICE(65536) "]",
			"not enough MiB of huge-page memory: 153 needed, 100 free"},
		{HOST(9, 100), "[]", "[]", "{}",
			"[" PUT("vnf", "a", "{'stateSize': 209715200}") "]",
			"not enough MiB of huge-page memory: 201 needed, 100 free"},
		{HOST(9, 100), "[]", "[]", "{'a': 104857600}",
			"[" PUT("vnf", "a", "{}") "]",
			"not enough MiB of huge-page memory: 101 needed, 100 free"},
		{HOST(9, 100), "[]", "[]", "{'a': 73400320}",
			"[" PUT("vnf", "a~1", "{}") "]", ""},
		{HOST(9, 100), "[]", "[" VNF("x") "]", "{'a': 73400320, 'x': 41943040}",
			"[" PUT("vnf", "a~1", "{}") "]",
			"not enough MiB of huge-page memory: 71 needed, 59 free"},
		/* each thing that is missing is named */
		{HOST(0, 1), "[]", "[]", "{}",
			"[" SERVICE(4096) "," PUT("vnf", "a", "{}") "]",
			"not enough slots for VNF processes: 1 needed, 0 free; "
			"not enough MiB of huge-page memory: 10 needed, 1 free"},
		/* what is there already needs nothing more */
		{HOST(0, 0), "[" VNF("a") "]", "[]", "{}",
			"[{'action': 'put', 'kind': 'vnf', 'object': 'a', 'ns': 'n', "
			"'wanted': {'core': 2}, 'before': {'core': 1}}]",
			""},
		{HOST(0, 0), "[" VNF("a") "]", "[]", "{}",
			"[{'action': 'del', 'kind': 'vnf', 'object': 'a', 'ns': 'n'}]",
			""},
		/* a host that tells nothing is asked when it does */
		{"{}", "[]", "[]", "{}", "[" SERVICE(65536) "]", ""},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_string_equal(
			judge(cases[i].host, cases[i].wanted, cases[i].pending,
				cases[i].sizes, cases[i].steps),
			cases[i].refusal);
}

/* n links from connection points of a, by turns left and right. */
static json_t *
links_of_a(int n)
{
	json_t *links = json_object();
	char id[16];
	for (int i = 0; i < n; i++) {
		snprintf(id, sizeof(id), "n/l%d", i);
		json_object_set_new(links, id,
			json_pack("{s:{s:s, s:s}, s:{s:s}}", "a", "vnf", "a", "cp",
				i % 2 ? "left" : "right", "b", "port", "n/p"));
	}
	return links;
}

static void
test_grant_refuses_more_links_than_a_vnf_can_have(void **state)
{
	(void)state;
	for (int n = 16; n <= 17; n++) {
		struct faults faults = {0};
		json_t *none = json_array(), *host = json_object();
		json_t *steps = json_pack("[{s:s, s:s, s:s, s:{s:o}}]", "action",
			"relink", "kind", "service", "object", "n", "wanted", "links",
			links_of_a(n));
		const struct grant grant = {.ns = "n",
			.host = host,
			.wanted = none,
			.pending = none,
			.sizes = host,
			.steps = steps};
		grant_judge(&grant, &faults);
		assert_int_equal(faults.n, n > 16);
		if (faults.n)
			assert_string_equal(faults.list[0].text,
				"not enough links of VNF a: 17 needed, 16 free");
		faults_clear(&faults);
		json_decref(steps);
		json_decref(none);
		json_decref(host);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_grant_is_a_table),
		cmocka_unit_test(test_grant_refuses_more_links_than_a_vnf_can_have),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
