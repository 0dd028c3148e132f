/* cases_router.c: forwarding to destinations at random inside a table of real prefixes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <arpa/inet.h>
#include <endian.h>
#include "bench/lib/cases.h"
#include "bench/lib/frame.h"
#include "bench/lib/prefixes.h"
#include "bench/lib/rig.h"

static json_t *
route(const struct prefix *p, int family, unsigned gateway)
{
	char text[INET6_ADDRSTRLEN];
	const uint64_t words[2] = {htobe64(p->ip[0]), htobe64(p->ip[1])};
	const uint32_t ip = htonl((uint32_t)p->ip[0]);

	inet_ntop(family == 4 ? AF_INET : AF_INET6,
		family == 4 ? (const void *)&ip : (const void *)words, text,
		sizeof(text));
	return json_pack("{s:o, s:o}", "prefix", json_sprintf("%s/%u", text, p->len),
		"via",
		family == 4 ? json_sprintf("10.1.0.%u", 2 + gateway)
			    : json_sprintf("2001:db8:1::%x", 2 + gateway));
}

static json_t *
config(const struct prefixes *table, uint32_t n)
{
	json_t *routes = json_array();

	for (uint32_t i = 0; i < n; i++)
		json_array_append_new(
			routes, route(&table->list[i], table->family, i % 16));
	return json_pack("{s:[{s:s, s:[s,s]}, {s:s, s:[s,s]}], s:o}", "interfaces", "cp",
		"p0", "addresses", "10.0.0.1/24", "2001:db8::1/64", "cp", "p1",
		"addresses", "10.1.0.1/24", "2001:db8:1::1/64", "routes", routes);
}

static void
fill(struct rig *rig, const struct prefixes *table, uint32_t n, uint64_t *random)
{
	struct rte_mbuf **pkts = rig_buffers(rig, RIG_BATCH);

	for (unsigned i = 0; i < RIG_BATCH; i++) {
		struct frame frame;

		prefixes_draw(table, n, random, &frame);
		frame_write(&frame, pkts[i]);
	}
}

static void
measure(const struct bench_options *options, const struct prefixes *table, uint32_t n)
{
	struct rig *rig = rig_open("router", config(table, n));
	struct rig_samples samples = {0};
	uint64_t random = 11;

	for (unsigned i = 0; i < 64; i++) { /* neighbours are found, tables touched */
		fill(rig, table, n, &random);
		rig_run(rig, 0, RIG_BATCH);
	}
	for (uint32_t done = 0; done < options->packets; done += RIG_BATCH) {
		fill(rig, table, n, &random);
		rig_sample(&samples, rig_run(rig, 0, RIG_BATCH), RIG_BATCH);
		rig_need(rig_forwarded(rig) == RIG_BATCH, "router: dropped for %s",
			rig_worst_reason(rig));
	}
	const struct rig_result result = rig_result(&samples);

	printf("{\"bench\": \"vnf-cycles\", \"vnf\": \"router\", \"case\": \"ipv%d\", "
	       "\"routes\": %u, \"cycles\": %.1f, \"median\": %.1f}\n",
		table->family, n, result.quiet, result.median);
	fflush(stdout);
	rig_close(rig);
}

static void
run(const struct bench_options *options, const char *file, int family)
{
	static const uint32_t usual[] = {16, 1000, 10000, UINT32_MAX};
	const uint32_t *sizes;
	const unsigned n = bench_sizes(options, usual, 4, &sizes);
	struct prefixes table;

	if (!prefixes_read(&table, file, family)) {
		fprintf(stderr, "router: no prefixes/%s, skipped\n", file);
		free(table.list);
		return;
	}
	prefixes_shuffle(&table);
	for (unsigned i = 0; i < n; i++)
		measure(options, &table, sizes[i] < table.n ? sizes[i] : table.n);
	free(table.list);
}

void
bench_router(const struct bench_options *options)
{
	run(options, "ipv4-2002.txt.gz", 4);
}

void
bench_router6(const struct bench_options *options)
{
	run(options, "ipv6-2019.txt.gz", 6);
}
