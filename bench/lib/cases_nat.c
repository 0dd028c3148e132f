/* cases_nat.c: established sessions, out and in, and new ones. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "bench/lib/cases.h"
#include "bench/lib/frame.h"
#include "bench/lib/rig.h"
#include "dataplane/pkt/hdr.h"

#define INSIDE	0
#define OUTSIDE 1

struct outside_end { /* of a session; host order */
	uint32_t ip;
	uint16_t port;
};

static json_t *
config(uint32_t sessions)
{
	return json_pack("{s:{s:s, s:[{s:s, s:s}]}, s:{s:s, s:s}, s:s, s:i}", "inside",
		"addresses", "10.0.0.1/24", "routes", "prefix", "10.64.0.0/10", "via",
		"10.0.0.2", "outside", "addresses", "203.0.113.2/24", "gateway",
		"203.0.113.1", "pool", "203.0.113.16-203.0.113.79", "max-sessions",
		(int)(sessions + 1024));
}

/* Session number i: 63 of each host, to 251 servers. */
static struct frame
session_out(uint32_t i, uint8_t flags)
{
	return (struct frame){.family = 4,
		.proto = PKT_PROTO_TCP,
		.tcp_flags = flags,
		.to_cp = INSIDE,
		.src = {(10u << 24 | 64u << 16) + i / 63},
		.dst = {0xc6336400 + i % 251},
		.sport = (uint16_t)(1024 + i % 63),
		.dport = 443};
}

static struct frame
session_in(uint32_t i, uint8_t flags, const struct outside_end *end)
{
	return (struct frame){.family = 4,
		.proto = PKT_PROTO_TCP,
		.tcp_flags = flags,
		.to_cp = OUTSIDE,
		.src = {0xc6336400 + i % 251},
		.dst = {end->ip},
		.sport = 443,
		.dport = end->port};
}

static void
check(struct rig *rig, unsigned n)
{
	rig_need(rig_forwarded(rig) == n, "nat: dropped for %s", rig_worst_reason(rig));
}

/* What a packet that left has as its source. */
static struct outside_end
end_of(const struct rte_mbuf *pkt)
{
	const uint8_t *p = rte_pktmbuf_mtod(pkt, const uint8_t *) + PKT_ETH_LEN;

	return (struct outside_end){ntohl(((const struct pkt_ip4 *)p)->src),
		ntohs(((const struct pkt_tcp *)(p + PKT_IP4_LEN))->sport)};
}

static void
find_neighbours(struct rig *rig)
{
	struct frame frame = session_out(0, PKT_TCP_SYN);

	frame.dst[0] += 251;
	frame_write(&frame, rig_buffers(rig, 1)[0]);
	rig_run(rig, INSIDE, 1);
}

static void
open_all(struct rig *rig, uint32_t n, struct outside_end *ends,
	struct rig_samples *samples)
{
	find_neighbours(rig);
	for (uint32_t at = 0; at < n; at += RIG_BATCH) {
		const unsigned k = n - at < RIG_BATCH ? n - at : RIG_BATCH;
		struct rte_mbuf **pkts = rig_buffers(rig, k);

		for (unsigned i = 0; i < k; i++) {
			const struct frame frame = session_out(at + i, PKT_TCP_SYN);

			frame_write(&frame, pkts[i]);
		}
		const uint64_t cycles = rig_run(rig, INSIDE, k);

		check(rig, k);
		if (samples != NULL)
			rig_sample(samples, cycles, k);
		for (unsigned i = 0; ends != NULL && i < k; i++)
			ends[at + i] = end_of(pkts[i]);
	}
}

static void
answer_all(struct rig *rig, uint32_t n, const struct outside_end *ends)
{
	for (uint32_t at = 0; at < n; at += RIG_BATCH) {
		const unsigned k = n - at < RIG_BATCH ? n - at : RIG_BATCH;
		struct rte_mbuf **pkts = rig_buffers(rig, k);

		for (unsigned i = 0; i < k; i++) {
			const struct frame frame = session_in(
				at + i, PKT_TCP_SYN | PKT_TCP_ACK, &ends[at + i]);

			frame_write(&frame, pkts[i]);
		}
		rig_run(rig, OUTSIDE, k);
	}
}

static struct rig_result
measure_way(struct rig *rig, uint32_t n, const struct outside_end *ends, uint32_t packets)
{
	struct rig_samples samples = {0};
	uint64_t random = 9;

	for (uint32_t done = 0; done < packets; done += RIG_BATCH) {
		struct rte_mbuf **pkts = rig_buffers(rig, RIG_BATCH);

		for (unsigned i = 0; i < RIG_BATCH; i++) {
			const uint32_t s = (uint32_t)(rig_random(&random) % n);
			const struct frame frame =
				ends == NULL ? session_out(s, PKT_TCP_ACK)
					     : session_in(s, PKT_TCP_ACK, &ends[s]);

			frame_write(&frame, pkts[i]);
		}
		rig_sample(&samples,
			rig_run(rig, ends == NULL ? INSIDE : OUTSIDE, RIG_BATCH),
			RIG_BATCH);
		check(rig, RIG_BATCH);
	}
	return rig_result(&samples);
}

void
bench_nat_established(const struct bench_options *options)
{
	static const uint32_t usual[] = {1008, 64512, 258048, 1032192};
	const uint32_t *sizes;
	const unsigned n = bench_sizes(options, usual, 4, &sizes);

	for (unsigned i = 0; i < n; i++) {
		struct outside_end *ends = calloc(sizes[i], sizeof(*ends));
		struct rig *rig = rig_open("nat", config(sizes[i]));

		rig_need(ends != NULL, "no memory");
		open_all(rig, sizes[i], ends, NULL);
		answer_all(rig, sizes[i], ends);
		const struct rig_result out =
			measure_way(rig, sizes[i], NULL, options->packets);
		const struct rig_result in =
			measure_way(rig, sizes[i], ends, options->packets);

		printf("{\"bench\": \"vnf-cycles\", \"vnf\": \"nat\", \"case\": "
		       "\"established\", \"sessions\": %u, \"cycles\": %.1f, \"out\": "
		       "%.1f, \"in\": %.1f, \"median\": %.1f, \"bytesPerSession\": %.1f}\n",
			sizes[i], (out.quiet + in.quiet) / 2, out.quiet, in.quiet,
			(out.median + in.median) / 2, (double)rig_memory(rig) / sizes[i]);
		fflush(stdout);
		rig_close(rig);
		free(ends);
	}
}

void
bench_nat_setup(const struct bench_options *options)
{
	static const uint32_t usual[] = {64512, 1032192};
	const uint32_t *sizes;
	const unsigned n = bench_sizes(options, usual, 2, &sizes);

	for (unsigned i = 0; i < n; i++) {
		struct rig *rig = rig_open("nat", config(sizes[i]));
		struct rig_samples samples = {0};

		open_all(rig, sizes[i], NULL, &samples);
		const struct rig_result result = rig_result(&samples);

		printf("{\"bench\": \"vnf-cycles\", \"vnf\": \"nat\", \"case\": "
		       "\"setup\", \"sessions\": %u, \"cycles\": %.1f, \"median\": %.1f}\n",
			sizes[i], result.quiet, result.median);
		fflush(stdout);
		rig_close(rig);
	}
}
