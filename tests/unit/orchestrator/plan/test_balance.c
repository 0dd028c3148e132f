/* test_balance.c: where VNFs go by what was measured: figures in, placement out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "orchestrator/plan/balance.h"

/* Core 0 serves ports. Groups and cores are written as digits, one for each VNF. */
struct scene {
	const char *what;
	double loads[4]; /* ends with 0 */
	double taken[3]; /* of the cores; -1 ends */
	const char *groups, *cores;
	const char *new_groups, *new_cores, *why;
};

#define NO_MORE -1
static const struct scene scenes[] = {
	{"three light ones stay one group", {0.1, 0.1, 0.1}, {0.3, 0, NO_MORE}, "000",
		"111", "000", "111",
		"core 1, the busiest, is busy at 30 %, which is no reason to change"},
	{"light ones that fill a core stay if the other serves ports as hard",
		{0.32, 0.32, 0.32}, {0.9, 0, NO_MORE}, "000", "111", "000", "111",
		"core 1 is busy at 96 %, and no other placement takes enough off it: the "
		"best leaves 96 %"},
	{"a heavy one gets a core for itself", {0.75, 0.12, 0.1}, {0.2, 0, NO_MORE},
		"000", "111", "011", "100",
		"core 1 was busy at 97 %, so it is cut between a and b; no core is expected "
		"above 75 %"},
	{"as it does if it is the last", {0.12, 0.1, 0.75}, {0.2, 0, NO_MORE}, "000",
		"111", "001", "001", NULL},
	{"of equals, the core that serves ports gets fewer", {0.3, 0.3, 0.3},
		{0.2, 0, NO_MORE}, "000", "111", "001", "110", NULL},
	{"a core that serves none is taken before one that does", {0.5, 0.45},
		{0.3, 0, 0}, "00", "11", "01", "12", NULL},
	{"no more cores than it takes", {0.3, 0.3, 0.3}, {0, 0, 0}, "000", "111", "011",
		NULL, NULL},
	{"one VNF cannot be cut", {0.97}, {0.9, 0, NO_MORE}, "0", "1", "0", "1", NULL},
	{"but it may go elsewhere", {0.5}, {0, 0.4, 0}, "0", "1", "0", "2", NULL},
	{"what is cut stays so while one core would be much used", {0.3, 0.3},
		{0.1, 0, NO_MORE}, "01", "10", "01", "10", NULL},
	{"and is one group again when it would not be", {0.2, 0.2}, {0.1, 0, NO_MORE},
		"01", "10", "00", "11",
		"core 1 carries all of it at 40 %, and one process saves the hops between 2"},
	{"what is cut badly is cut anew", {0.2, 0.2, 0.7}, {0.1, 0, NO_MORE}, "011",
		"011", "001", "001", NULL},
	{"a gain that is small is none", {0.44, 0.44}, {0.4, 0, NO_MORE}, "00", "11",
		"00", "11", NULL},
};

static struct balance_figures
figures_of(const struct scene *scene)
{
	static const char *const names[] = {"a", "b", "c", "d"};
	struct balance_figures f = {.hz = 2e9, .measured = true};
	while (f.n_vnfs < 4 && scene->loads[f.n_vnfs] > 0) {
		struct balance_vnf *vnf = &f.vnfs[f.n_vnfs];
		*vnf = (struct balance_vnf){.name = names[f.n_vnfs],
			.load = scene->loads[f.n_vnfs],
			.rate = 100000,
			.group = (unsigned)(scene->groups[f.n_vnfs] - '0')};
		f.cores_of[vnf->group] = scene->cores[f.n_vnfs] - '0';
		f.n_vnfs++;
	}
	while (f.n_cores < 3 && scene->taken[f.n_cores] != NO_MORE) {
		f.cores[f.n_cores] = (struct balance_core){.id = (int)f.n_cores,
			.taken = scene->taken[f.n_cores],
			.io = f.n_cores == 0};
		f.n_cores++;
	}
	return f;
}

static void
test_balance_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(scenes) / sizeof(scenes[0]); i++) {
		const struct scene *scene = &scenes[i];
		const struct balance_figures figures = figures_of(scene);
		struct balance balance;
		char groups[8] = "", cores[8] = "";
		balance_choose(&figures, &balance);
		for (size_t v = 0; v < figures.n_vnfs; v++) {
			groups[v] = (char)('0' + balance.groups[v]);
			cores[v] = (char)('0' + balance.cores_of[balance.groups[v]]);
		}
		print_message("# %s: %s\n", scene->what, balance.why);
		assert_string_equal(groups, scene->new_groups);
		if (scene->new_cores)
			assert_string_equal(cores, scene->new_cores);
		if (scene->why)
			assert_string_equal(balance.why, scene->why);
		assert_int_equal(balance.changes,
			strcmp(groups, scene->groups) != 0 ||
				(scene->new_cores && strcmp(cores, scene->cores) != 0));
	}
}

static void
test_balance_without_traffic_stays_as_it_started(void **state)
{
	(void)state;
	struct balance_figures figures = figures_of(&scenes[2]);
	struct balance balance;
	figures.measured = false;
	balance_choose(&figures, &balance);
	assert_false(balance.changes);
	assert_non_null(strstr(balance.why, "no traffic has been measured yet"));
}

static void
test_balance_counts_what_a_hop_between_cores_costs(void **state)
{
	(void)state;
	struct balance_figures figures = figures_of(&scenes[4]);
	struct balance balance;
	for (size_t i = 0; i < figures.n_vnfs; i++)
		figures.vnfs[i].rate =
			25e6; /* a hop is a quarter of a core on each side */
	balance_choose(&figures, &balance);
	assert_false(balance.changes);
}

/* Whatever the figures, what is chosen is never busier than what is. */
static void
test_balance_never_makes_it_worse(void **state)
{
	(void)state;
	unsigned seed = 7;
	for (int round = 0; round < 3000; round++) {
		struct balance_figures f = {.hz = 2e9, .measured = true};
		struct balance balance;
		size_t core;
		f.n_vnfs = 1 + (size_t)rand_r(&seed) % 8;
		f.n_cores = 1 + (size_t)rand_r(&seed) % 5;
		for (size_t i = 0; i < f.n_vnfs; i++)
			f.vnfs[i] = (struct balance_vnf){.name = "x",
				.load = rand_r(&seed) % 100 / 150.0,
				.rate = 1e6};
		for (size_t c = 0; c < f.n_cores; c++)
			f.cores[c] = (struct balance_core){
				(int)c, rand_r(&seed) % 90 / 100.0, c == 0};
		balance_choose(&f, &balance);
		const double before = balance_now(&f, &core);
		assert_true(balance.busiest <= before + 1e-9);
		for (size_t i = 0; i < f.n_vnfs; i++) {
			f.vnfs[i].group = balance.groups[i];
			assert_true(balance.groups[i] < balance.n_groups);
		}
		memcpy(f.cores_of, balance.cores_of, sizeof(f.cores_of));
		assert_true(balance_now(&f, &core) <= balance.busiest + 1e-9);
		/* and, followed, it stays */
		balance_choose(&f, &balance);
		assert_false(balance.changes);
	}
}

static void
test_balance_is_followed_when_it_was_said_in_a_row_and_not_soon_again(void **state)
{
	(void)state;
	struct balance_memory memory = {0};
	struct balance cut = {.n_groups = 2, .changes = true}, stay = {.n_groups = 1};
	cut.groups[1] = 1;
	assert_false(balance_is_steady(&memory, &cut));
	assert_false(balance_is_steady(&memory, &cut));
	assert_false(balance_is_steady(&memory, &stay));
	for (int i = 1; i < BALANCE_STEADY; i++)
		assert_false(balance_is_steady(&memory, &cut));
	assert_true(balance_is_steady(&memory, &cut));
	for (int i = 1; i < BALANCE_HOLD; i++)
		assert_false(balance_is_steady(&memory, &cut));
	assert_true(balance_is_steady(&memory, &cut));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_balance_table),
		cmocka_unit_test(test_balance_without_traffic_stays_as_it_started),
		cmocka_unit_test(test_balance_counts_what_a_hop_between_cores_costs),
		cmocka_unit_test(test_balance_never_makes_it_worse),
		cmocka_unit_test(
			test_balance_is_followed_when_it_was_said_in_a_row_and_not_soon_again),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
