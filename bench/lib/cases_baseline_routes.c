/* cases_baseline_routes.c: what rte_fib takes for the look-ups of a router alone: each
 * burst's destinations at once in a direct table, and the routes' counters. No packet is
 * checked or rewritten, so a router that uses it takes more. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <rte_cycles.h>
#include <rte_fib.h>
#include <rte_malloc.h>
#include "bench/lib/cases.h"
#include "bench/lib/prefixes.h"
#include "bench/lib/rig.h"
#include "dataplane/pkt/hdr.h"
#include "dataplane/sdk/vnf.h"

#define DST (PKT_ETH_LEN + 16)

struct fib {
	struct rte_fib *fib;
	struct count {
		uint64_t packets, bytes;
	} * counts; /* by route's number + 1 */
};

static int
by_length(const void *a, const void *b)
{
	return (int)((const struct prefix *)a)->len -
	       (int)((const struct prefix *)b)->len;
}

static struct fib
make(const struct prefixes *table, uint32_t n)
{
	struct rte_fib_conf conf = {.type = RTE_FIB_DIR24_8,
		.max_routes = (int)n + 1,
		.dir24_8 = {.nh_sz = RTE_FIB_DIR24_8_4B, .num_tbl8 = n + 1}};
	struct fib fib = {.fib = rte_fib_create("baseline", SOCKET_ID_ANY, &conf),
		.counts = rte_zmalloc(NULL, (n + 1) * sizeof(*fib.counts), 64)};
	struct prefix *list = malloc(n * sizeof(*list));

	rig_need(fib.fib != NULL && fib.counts != NULL && list != NULL, "no memory");
	memcpy(list, table->list, n * sizeof(*list));
	qsort(list, n, sizeof(*list), by_length);
	for (uint32_t i = 0; i < n; i++)
		rig_need(rte_fib_add(fib.fib, (uint32_t)list[i].ip[0],
				 (uint8_t)list[i].len, i + 1) == 0,
			"rte_fib_add");
	free(list);
	return fib;
}

static unsigned
look_up(struct fib *fib, struct rte_mbuf **pkts)
{
	uint32_t ips[VNF_BURST];
	uint64_t values[VNF_BURST];
	unsigned n = 0;

	for (unsigned i = 0; i < VNF_BURST; i++) {
		memcpy(&ips[i], rte_pktmbuf_mtod(pkts[i], uint8_t *) + DST, 4);
		ips[i] = ntohl(ips[i]);
	}
	rte_fib_lookup_bulk(fib->fib, ips, values, VNF_BURST);
	for (unsigned i = 0; i < VNF_BURST; i++)
		__builtin_prefetch(&fib->counts[values[i]], 1);
	for (unsigned i = 0; i < VNF_BURST; i++) {
		fib->counts[values[i]].packets++;
		fib->counts[values[i]].bytes += pkts[i]->pkt_len;
		n += values[i] != 0;
	}
	return n;
}

static void
measure(const struct bench_options *options, const struct prefixes *table, uint32_t n)
{
	struct rig *rig = rig_open("passthrough", json_object());
	struct fib fib = make(table, n);
	struct rig_samples samples = {0};
	uint64_t random = 11;

	for (uint32_t done = 0; done < options->packets; done += RIG_BATCH) {
		struct rte_mbuf **pkts = rig_buffers(rig, RIG_BATCH);
		unsigned found = 0;

		for (unsigned i = 0; i < RIG_BATCH; i++) {
			struct frame frame;

			prefixes_draw(table, n, &random, &frame);
			frame_write(&frame, pkts[i]);
		}
		const uint64_t start = rte_rdtsc();

		for (unsigned at = 0; at < RIG_BATCH; at += VNF_BURST)
			found += look_up(&fib, pkts + at);
		rig_sample(&samples, rte_rdtsc() - start, RIG_BATCH);
		rig_need(found == RIG_BATCH, "baseline: no route");
	}
	const struct rig_result result = rig_result(&samples);

	printf("{\"bench\": \"vnf-cycles\", \"baseline\": \"rte_fib alone\", \"case\": "
	       "\"ipv4\", \"routes\": %u, \"cycles\": %.1f, \"median\": %.1f}\n",
		n, result.quiet, result.median);
	fflush(stdout);
	rte_fib_free(fib.fib);
	rte_free(fib.counts);
	rig_close(rig);
}

void
bench_baseline_routes(const struct bench_options *options)
{
	static const uint32_t usual[] = {16, 1000, 10000, UINT32_MAX};
	const uint32_t *sizes;
	const unsigned n = bench_sizes(options, usual, 4, &sizes);
	struct prefixes table;

	if (prefixes_read(&table, "ipv4-2002.txt.gz", 4)) {
		prefixes_shuffle(&table);
		for (unsigned i = 0; i < n; i++)
			measure(options, &table, sizes[i] < table.n ? sizes[i] : table.n);
	}
	free(table.list);
}
