/* rule_change.c: how long a firewall of many rules takes to have one more, or one less:
 * from build() to the end of swap(), the reading of the document left out; beside it,
 * how long all of them take to compile, which follows in the background.
 *
 *	rule_change [RULES [CHANGES]]        10000 and 100 untold
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <rte_cycles.h>
#include "bench/lib/classbench.h"
#include "bench/lib/rig.h"

struct times { /* ms */
	double *list;
	unsigned n;
};

static void note(struct times *times, const struct rig *rig);
static void print(const char *what, unsigned rules, struct times *times);

static double cycles_per_ms;

static void
calibrate(void)
{
	const struct timespec nap = {.tv_nsec = 50000000};
	struct timespec from, to;

	clock_gettime(CLOCK_MONOTONIC, &from);
	const uint64_t start = rte_rdtsc();

	nanosleep(&nap, NULL);
	clock_gettime(CLOCK_MONOTONIC, &to);
	cycles_per_ms = (double)(rte_rdtsc() - start) /
			((double)(to.tv_sec - from.tv_sec) * 1e3 +
				(double)(to.tv_nsec - from.tv_nsec) / 1e6);
}

static double
ms(uint64_t cycles)
{
	return (double)cycles / cycles_per_ms;
}

static json_t *
one_rule(unsigned i)
{
	char src[32], name[32];

	snprintf(src, sizeof(src), "10.%u.%u.0/24", i >> 8 & 255, i & 255);
	snprintf(name, sizeof(name), "change-%u", i);
	return json_pack("{s:s, s:s, s:s, s:s, s:i}", "name", name, "action", "drop",
		"proto", "tcp", "src", src, "dport", (int)(1 + i % 1000));
}

int
main(int argc, char **argv)
{
	const unsigned n = argc > 1 ? strtoul(argv[1], NULL, 10) : 10000;
	const unsigned changes = argc > 2 ? strtoul(argv[2], NULL, 10) : 100;
	struct times add = {calloc(changes, sizeof(double)), 0};
	struct times del = {calloc(changes, sizeof(double)), 0};
	struct times all = {calloc(changes, sizeof(double)), 0};
	struct filter_set set;
	uint64_t random = 1;

	calibrate();
	filter_set_make(&set, n);
	json_t *config = filter_set_config(&set, false);
	json_t *rules = json_object_get(config, "rules");
	struct rig *rig = rig_open("firewall", json_incref(config));

	for (unsigned i = 0; i < changes; i++) {
		const size_t at = rig_random(&random) % json_array_size(rules);

		json_array_insert_new(rules, at, one_rule(i));
		rig_configure(rig, json_incref(config));
		note(&add, rig);
		json_array_remove(rules, rig_random(&random) % json_array_size(rules));
		rig_configure(rig, json_incref(config));
		note(&del, rig);
		if (i % 16 != 15)
			continue;
		const uint64_t refine = rte_rdtsc();

		rig_need(rig_refine(rig), "nothing to compile");
		all.list[all.n++] = ms(rte_rdtsc() - refine);
	}
	print("add", n, &add);
	print("delete", n, &del);
	print("compile", n, &all);
	rig_close(rig);
	json_decref(config);
	filter_set_free(&set);
	return 0;
}

static void
note(struct times *times, const struct rig *rig)
{
	times->list[times->n++] = ms(rig_change_cycles(rig));
}

static int
compare(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static void
print(const char *what, unsigned rules, struct times *times)
{
	if (times->n == 0)
		return;
	qsort(times->list, times->n, sizeof(*times->list), compare);
	printf("{\"bench\": \"rule-change\", \"case\": \"%s\", \"rules\": %u, \"changes\": %u, "
	       "\"ms\": %.2f, \"median\": %.2f, \"worst\": %.2f}\n",
		what, rules, times->n, times->list[times->n / 10],
		times->list[times->n / 2], times->list[times->n - 1]);
	free(times->list);
}
