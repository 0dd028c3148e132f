/* route_updates.c: a routing table that changes while packets are looked up in it: what a
 * change takes, what the look-ups beside it take, and whether one goes wrong.
 *
 *	route_updates [FILE]	prefixes, one a line; without: 113,000 made ones
 *
 * The reader looks up bursts of 32 addresses inside the table's prefixes on a CPU of its
 * own; a default route covers all, so an answer "no route" is wrong. One JSON object per
 * measurement.
 */
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <rte_cycles.h>
#include "dataplane/sdk/l3_live.h"

#define MADE	113000
#define MAX	1000000
#define CHANGES 1000000u
#define BURST	32
#define ADDRS	(1u << 20)
#define CYCLES	65536 /* of a burst: more are counted as so many */

struct reader {
	const struct l3_fib *fib;
	const uint32_t *addrs;
	uint64_t *turns;
	bool stop;
	uint64_t bursts, wrong;
	uint64_t cycles[CYCLES]; /* bursts by their cycles */
};

static struct net_prefix *prefixes;
static uint32_t n_prefixes;
static uint32_t *addrs;
static uint64_t turns;

static void
need(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "route_updates: %s\n", what);
	exit(1);
}

static uint32_t
random32(void)
{
	static uint64_t state = 88172645463325252ull;

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (uint32_t)(state >> 16);
}

static int
compare(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct net_prefix));
}

/* Each once, in random order. */
static void
make_unique(void)
{
	uint32_t n = 0;

	qsort(prefixes, n_prefixes, sizeof(*prefixes), compare);
	for (uint32_t i = 0; i < n_prefixes; i++)
		if (i == 0 || compare(&prefixes[i], &prefixes[n - 1]) != 0)
			prefixes[n++] = prefixes[i];
	n_prefixes = n;
	for (uint32_t i = n; i > 1; i--) {
		const uint32_t k = random32() % i;
		const struct net_prefix p = prefixes[k];

		prefixes[k] = prefixes[i - 1];
		prefixes[i - 1] = p;
	}
}

static void
read_prefixes(const char *path)
{
	char line[128];
	FILE *file = path != NULL ? fopen(path, "r") : NULL;
	struct net_prefix p;

	need(path == NULL || file != NULL, "cannot read the prefixes");
	prefixes = calloc(MAX, sizeof(*prefixes));
	need(prefixes != NULL, "no memory");
	while (file != NULL && n_prefixes < MAX && fgets(line, sizeof(line), file)) {
		line[strcspn(line, " \t\r\n")] = '\0';
		if (net_prefix_parse(line, &p) == 0 && p.addr.family == 4 && p.len > 0)
			prefixes[n_prefixes++] = net_prefix_network(&p);
	}
	while (file == NULL && n_prefixes < MADE) {
		p = (struct net_prefix){net_addr_from_v4(random32()),
			(uint8_t)(random32() % 20 == 0 ? 25 + random32() % 8
						       : 16 + random32() % 9)};
		prefixes[n_prefixes++] = net_prefix_network(&p);
	}
	if (file != NULL)
		fclose(file);
	make_unique();
}

static void
make_addrs(void)
{
	addrs = calloc(ADDRS, sizeof(*addrs));
	need(addrs != NULL, "no memory");
	for (uint32_t i = 0; i < ADDRS; i++) {
		const struct net_prefix *p = &prefixes[random32() % n_prefixes];
		const uint32_t host = p->len == 32 ? 0 : UINT32_MAX >> p->len;

		addrs[i] = net_addr_v4(&p->addr) | (random32() & host);
	}
}

static void *
look(void *arg)
{
	struct reader *r = arg;
	uint64_t values[BURST];
	uint32_t at = 0;

	while (!__atomic_load_n(&r->stop, __ATOMIC_RELAXED)) {
		const uint64_t begin = rte_rdtsc();

		__atomic_store_n(r->turns, *r->turns + 1, __ATOMIC_RELEASE);
		l3_fib_find4(r->fib, &r->addrs[at], values, BURST);
		for (unsigned i = 0; i < BURST; i++)
			r->wrong += values[i] == L3_FIB_NONE;
		const uint64_t cycles = rte_rdtsc() - begin;

		r->cycles[cycles < CYCLES ? cycles : CYCLES - 1]++;
		r->bursts++;
		at = (at + BURST) % ADDRS;
	}
	return NULL;
}

static void
pin(unsigned cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	sched_setaffinity(0, sizeof(set), &set);
}

static pthread_t
start(struct reader *r, const struct l3_fib *fib)
{
	pthread_t thread;

	*r = (struct reader){.fib = fib, .addrs = addrs, .turns = &turns};
	pin(1);
	need(pthread_create(&thread, NULL, look, r) == 0, "no thread");
	pin(0);
	return thread;
}

static void
end(struct reader *r, pthread_t thread)
{
	__atomic_store_n(&r->stop, true, __ATOMIC_RELAXED);
	pthread_join(thread, NULL);
}

/* For one look-up, in the middle one of all bursts: who else has the CPU does not count.
 */
static double
median(const struct reader *r)
{
	uint64_t seen = 0;
	unsigned i = 0;

	while (i < CYCLES - 1 && (seen += r->cycles[i]) * 2 < r->bursts)
		i++;
	return (double)i / BURST;
}

static double
seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static double
cycles_alone(const struct l3_fib *fib)
{
	static struct reader r;
	const pthread_t thread = start(&r, fib);

	nanosleep(&(struct timespec){.tv_nsec = 700000000}, NULL);
	end(&r, thread);
	return median(&r);
}

static void
put(struct l3_routes *table, const struct net_prefix *p)
{
	const struct l3_hop hop = {.cp = (uint8_t)(random32() % 4),
		.family = 4,
		.addr = {192, 0, 2, (uint8_t)(random32() % 8)}};
	const struct l3_change change = {.kind = L3_ROUTE_VIA, .n_hops = 1, .hops = &hop};
	int rc;

	while ((rc = l3_live_put(table, p, &change, NULL)) == -EAGAIN)
		sched_yield();
	need(rc == 0, "a route did not fit");
}

static void
del(struct l3_routes *table, const struct net_prefix *p)
{
	while (l3_live_del(table, p) == -EAGAIN)
		sched_yield();
}

/* Replaces routes, or withdraws and tells them anew (two changes each). */
static void
change_beside(struct l3_routes *table, bool replace, double alone)
{
	static struct reader r;
	const pthread_t thread = start(&r, table->fib);
	const double begin = seconds();

	for (uint32_t i = 0; i < CHANGES; i += replace ? 1 : 2) {
		const struct net_prefix *p = &prefixes[i / 2 % n_prefixes];

		if (!replace)
			del(table, p);
		put(table, p);
	}
	const double took = seconds() - begin;

	end(&r, thread);
	printf("{\"bench\": \"route-updates\", \"change\": \"%s\", \"routes\": %u, "
	       "\"changes\": %u, \"us\": %.2f, \"perMinute\": %.0f, "
	       "\"lookupCycles\": %.1f, \"wrong\": %lu, "
	       "\"baseline\": {\"name\": \"look-ups without changes\", "
	       "\"lookupCycles\": %.1f}}\n",
		replace ? "replace" : "withdraw, tell anew", n_prefixes, CHANGES,
		took * 1e6 / CHANGES, CHANGES / took * 60, median(&r), r.wrong, alone);
}

static int
compare_routes(const void *a, const void *b)
{
	return compare(&((const struct l3_fib_route *)a)->prefix,
		&((const struct l3_fib_route *)b)->prefix);
}

static struct l3_fib *
fixed_fib(void)
{
	struct l3_fib_route *list = calloc(n_prefixes, sizeof(*list));
	struct l3_fib *fib;

	need(list != NULL, "no memory");
	for (uint32_t i = 0; i < n_prefixes; i++)
		list[i] = (struct l3_fib_route){prefixes[i], i + 1, 0};
	qsort(list, n_prefixes, sizeof(*list), compare_routes);
	need(l3_fib_create(&fib, list, n_prefixes, NULL) == 0, "no memory");
	free(list);
	return fib;
}

int
main(int argc, char **argv)
{
	struct l3_route_drafts drafts = {0};
	const struct net_prefix all = {.addr = {.family = 4}};
	struct l3_routes *table;

	read_prefixes(argc > 1 ? argv[1] : NULL);
	make_addrs();
	l3_route_draft(&drafts, &all, L3_ROUTE_BLACKHOLE, NULL, 0);
	need(l3_routes_create_live(&table, &drafts, 1000000, &turns, NULL) == 0,
		"no memory");
	double begin = seconds();

	for (uint32_t i = 0; i < n_prefixes; i++)
		put(table, &prefixes[i]);
	const double load = seconds() - begin;
	struct l3_fib *fixed = fixed_fib();
	const double alone = cycles_alone(table->fib), with_fixed = cycles_alone(fixed);

	printf("{\"bench\": \"route-updates\", \"change\": \"load\", \"routes\": %u, "
	       "\"us\": %.2f, \"lookupCycles\": %.1f, \"baseline\": {\"name\": "
	       "\"a fixed table\", "
	       "\"lookupCycles\": %.1f}}\n",
		n_prefixes, load * 1e6 / n_prefixes, alone, with_fixed);
	change_beside(table, true, alone);
	change_beside(table, false, alone);
	l3_fib_destroy(fixed);
	l3_routes_destroy(table);
	return 0;
}
