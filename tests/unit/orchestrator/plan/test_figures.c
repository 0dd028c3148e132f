/* test_figures.c: what a service costs, from two looks at the statistics. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "orchestrator/plan/figures.h"

/* Service n: a and b in one group, c alone on another core; x is as its document says. */
#define VNF(id, group, core)                                                             \
	"{'kind': 'vnf', 'object': '" id "', 'ns': 'n', 'doc': {'name': 's." id          \
	"', 'core': " #core ", 'group': {'name': '" group "', 'n': 1}}}"
#define OBJECTS                                                                          \
	"[" VNF("c", "auto-2", 0) ", " VNF("b", "auto-1", 1) ", " VNF(                   \
		"a", "auto-1", 1) ", " VNF("x", "mine", 1) "]"
#define TOLD(id, core, cycles, packets)                                                  \
	"{'id': '" id "', 'core': " #core ", 'burstCycles': {'sum': " #cycles            \
	"}, 'cps': {'left': {'rxPackets': " #packets "}, 'right': {'rxPackets': 0}}}"
#define LOOK(vnfs, others)                                                               \
	"{'n': {'tscHz': 1000000, 'io': [{'core': 0, 'busy': 0.25}], 'vnfs': [" vnfs     \
	"]}, 'other': {'tscHz': 1000000, 'vnfs': [" others "]}}"
#define BEFORE                                                                           \
	LOOK(TOLD("a", 1, 0, 0) ", " TOLD("b", 1, 1000, 0) ", " TOLD(                    \
		     "c", 0, 0, 0) ", " TOLD("x", 1, 0, 0),                              \
		TOLD("o", 0, 500, 0))
#define AFTER                                                                            \
	LOOK(TOLD("a", 1, 400000, 4000) ", " TOLD("b", 1, 201000, 4000) ", " TOLD(       \
		     "c", 0, 640000, 4000) ", " TOLD("x", 1, 200000, 4000),              \
		TOLD("o", 0, 100500, 9))

static json_t *
parse(const char *text)
{
	json_t *json;
	char *copy = strdup(text);
	for (char *at = copy; *at; at++)
		*at = *at == '\'' ? '"' : *at;
	json = json_loads(copy, 0, NULL);
	assert_non_null(json);
	free(copy);
	return json;
}

struct scene {
	json_t *objects, *profiles, *host, *before, *after;
	struct figures figures;
	bool made;
};

static void
make(struct scene *s, const char *before, const char *after)
{
	s->objects = parse(OBJECTS);
	s->profiles = parse("['a', 'x', 'b', 'c']");
	s->host = parse("{'cores': [0, 1], 'ioCore': 0}");
	s->before = before ? parse(before) : NULL;
	s->after = parse(after);
	s->made = figures_make("n", s->objects, s->profiles, s->host, s->before, s->after,
		2, &s->figures);
}

static void
clear(struct scene *s)
{
	json_decref(s->objects);
	json_decref(s->profiles);
	json_decref(s->host);
	json_decref(s->before);
	json_decref(s->after);
}

static void
is_near(double value, double wanted)
{
	assert_true(value > wanted - 1e-6 && value < wanted + 1e-6);
}

static void
test_figures_are_of_the_time_between_two_looks(void **state)
{
	(void)state;
	struct scene s;
	make(&s, BEFORE, AFTER);
	const struct balance_figures *f = &s.figures.balance;
	assert_true(s.made && f->measured);
	assert_int_equal(f->n_vnfs, 3); /* in the descriptor's order, without x */
	assert_string_equal(f->vnfs[0].name, "a");
	assert_string_equal(f->vnfs[2].name, "c");
	assert_int_equal(f->vnfs[1].group, 0);
	assert_int_equal(f->vnfs[2].group, 1);
	is_near(f->vnfs[0].load, 0.2); /* 400,000 of 2,000,000 cycles */
	is_near(f->vnfs[0].rate, 2000);
	/* without the hop between b and c */
	is_near(f->vnfs[1].load, 0.1 - 2000.0 * BALANCE_HOP / 2 / 1e6);
	is_near(f->vnfs[2].load, 0.32 - 2000.0 * BALANCE_HOP / 2 / 1e6);
	is_near(f->cores[0].taken, 0.25 + 0.05); /* ports, the other service */
	is_near(f->cores[1].taken, 0.1);	 /* x */
	assert_true(f->cores[0].io && !f->cores[1].io);
	clear(&s);
}

static void
test_figures_need_two_looks_and_traffic(void **state)
{
	(void)state;
	struct scene s;
	make(&s, NULL, AFTER);
	assert_true(s.made && !s.figures.balance.measured);
	clear(&s);
	make(&s, BEFORE, BEFORE);
	assert_true(s.made && !s.figures.balance.measured);
	clear(&s);
	/* one that began anew in between tells nothing yet */
	make(&s, AFTER, BEFORE);
	assert_true(s.made && !s.figures.balance.measured);
	clear(&s);
}

#define WAITING(fill, drops)                                                               \
	"{'n': {'tscHz': 1000000, 'vnfs': [{'id': 'a', 'core': 1, 'ring': {'fill': " #fill \
	", 'size': 1024}, 'drops': {'patience': " #drops "}, 'burstCycles': {'sum': "      \
	"200000}, 'cps': {'left': {'rxPackets': 4000}}}]}}"
#define STARTED                                                                           \
	"{'n': {'tscHz': 1000000, 'vnfs': [{'id': 'a', 'core': 1, 'ring': {'fill': 900, " \
	"'size': 1024}, 'drops': {'patience': 0}, 'burstCycles': {'sum': 0}, 'cps': "     \
	"{'left': {'rxPackets': 0}}}]}}"

static void
test_figures_take_a_core_where_packets_wait_for_full(void **state)
{
	static const struct {
		const char *after;
		double load;
	} scenes[] = {
		{WAITING(900, 0), 1}, {WAITING(100, 0), 0.1}, {WAITING(900, 5), 0.1}};
	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct scene s;
		make(&s, STARTED, scenes[i].after);
		is_near(s.figures.balance.vnfs[0].load, scenes[i].load);
		is_near(s.figures.balance.hz, 1e5 / scenes[i].load);
		clear(&s);
	}
}

static void
test_figures_tell_what_they_are(void **state)
{
	(void)state;
	struct scene s;
	struct balance balance;
	make(&s, BEFORE, AFTER);
	balance_choose(&s.figures.balance, &balance);
	json_t *vnfs = figures_vnfs_json(&s.figures),
	       *cores = figures_cores_json(&s.figures),
	       *groups = figures_groups_json(&s.figures, &balance),
	       *wanted = parse(
		       "[{'vnf': 'a', 'packetsPerSecond': 2000, 'cyclesPerPacket': "
		       "100, 'percent': 20}, {'vnf': 'b', 'packetsPerSecond': 2000, "
		       "'cyclesPerPacket': 30, 'percent': 6}, {'vnf': 'c', "
		       "'packetsPerSecond': 2000, 'cyclesPerPacket': 140, "
		       "'percent': 28}]"),
	       *wanted_cores =
		       parse("[{'core': 0, 'percent': 58}, {'core': 1, 'percent': "
			     "36}]"),
	       *wanted_groups = parse(
		       "[{'name': 'auto-1', 'core': 1, 'vnfs': ['a', 'b']}, {'name': "
		       "'auto-2', 'core': 0, 'vnfs': ['c']}]");
	assert_true(json_equal(vnfs, wanted));
	assert_true(json_equal(cores, wanted_cores));
	assert_true(json_equal(groups, wanted_groups));
	json_decref(vnfs);
	json_decref(cores);
	json_decref(groups);
	json_decref(wanted);
	json_decref(wanted_cores);
	json_decref(wanted_groups);
	clear(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_figures_are_of_the_time_between_two_looks),
		cmocka_unit_test(test_figures_need_two_looks_and_traffic),
		cmocka_unit_test(test_figures_take_a_core_where_packets_wait_for_full),
		cmocka_unit_test(test_figures_tell_what_they_are),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
