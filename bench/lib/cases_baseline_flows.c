/* cases_baseline_flows.c: the same packets through rte_hash, asked for one flow at a time
 * by packets that are parsed as our VNFs do it; and rte_hash alone: whole bursts whose
 * packets nobody checks, the least that it can cost. Both count in the flow's record, and
 * nothing else is done. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <rte_hash.h>
#include <rte_hash_crc.h>
#include "bench/lib/baseline.h"
#include "bench/lib/cases.h"
#include "bench/lib/frame.h"
#include "bench/lib/rig.h"
#include "dataplane/pkt/hdr.h"
#include "dataplane/sdk/vnf.h"

struct hash_key {
	uint32_t src, dst;
	uint16_t sport, dport;
	uint32_t proto;
};

struct hash_flows {
	struct rte_hash *hash;
	struct hash_session {
		uint64_t packets, bytes, rest[14];
	} * sessions;
};

static struct hash_key
hash_key_of(uint32_t i)
{
	return (struct hash_key){.src = htonl(10u << 24 | (i / 63 + 256)),
		.dst = htonl(0xc6336400 + i % 251),
		.sport = (uint16_t)(1024 + i % 63),
		.dport = 443,
		.proto = PKT_PROTO_TCP};
}

static bool
judge_hash(const void *arg, const struct pkt_info *info)
{
	const struct hash_flows *flows = arg;
	struct hash_key key = {
		.sport = info->sport, .dport = info->dport, .proto = info->proto};

	memcpy(&key.src, info->src, 4);
	memcpy(&key.dst, info->dst, 4);
	const int32_t at = rte_hash_lookup(flows->hash, &key);

	if (at < 0)
		return false;
	flows->sessions[at].packets++;
	flows->sessions[at].bytes += info->end;
	return true;
}

static unsigned
judge_hash_burst(const void *arg, struct rte_mbuf *const *pkts)
{
	const struct hash_flows *flows = arg;
	struct hash_key keys[VNF_BURST];
	const void *list[VNF_BURST];
	int32_t at[VNF_BURST];
	unsigned n = 0;

	for (unsigned i = 0; i < VNF_BURST; i++) {
		const uint8_t *ip = rte_pktmbuf_mtod(pkts[i], uint8_t *) + PKT_ETH_LEN;

		memcpy(&keys[i].src, ip + 12, 8);
		keys[i].sport = (uint16_t)(ip[PKT_IP4_LEN] << 8 | ip[PKT_IP4_LEN + 1]);
		keys[i].dport =
			(uint16_t)(ip[PKT_IP4_LEN + 2] << 8 | ip[PKT_IP4_LEN + 3]);
		keys[i].proto = ip[9];
		list[i] = &keys[i];
	}
	if (rte_hash_lookup_bulk(flows->hash, list, VNF_BURST, at) != 0)
		return 0;
	for (unsigned i = 0; i < VNF_BURST; i++)
		if (at[i] >= 0)
			__builtin_prefetch(&flows->sessions[at[i]], 1);
	for (unsigned i = 0; i < VNF_BURST; i++) {
		if (at[i] < 0)
			continue;
		flows->sessions[at[i]].packets++;
		flows->sessions[at[i]].bytes += pkts[i]->data_len;
		n++;
	}
	return n;
}

static struct hash_flows
make_flows(uint32_t n)
{
	const struct rte_hash_parameters parameters = {.name = "baseline",
		.entries = n * 2,
		.key_len = sizeof(struct hash_key),
		.hash_func = rte_hash_crc};
	struct hash_flows flows = {.hash = rte_hash_create(&parameters),
		.sessions = calloc((size_t)n * 2 + 1, sizeof(*flows.sessions))};

	rig_need(flows.hash != NULL && flows.sessions != NULL, "no memory");
	for (uint32_t i = 0; i < n; i++) {
		const struct hash_key key = hash_key_of(i);

		rig_need(rte_hash_add_key(flows.hash, &key) >= 0, "rte_hash_add_key");
	}
	return flows;
}

static void
fill(struct rte_mbuf **pkts, uint32_t n, uint64_t *random)
{
	for (unsigned i = 0; i < RIG_BATCH; i++) {
		const struct hash_key key =
			hash_key_of((uint32_t)(rig_random(random) % n));
		const struct frame frame = {.family = 4,
			.proto = PKT_PROTO_TCP,
			.tcp_flags = PKT_TCP_ACK,
			.src = {ntohl(key.src)},
			.dst = {ntohl(key.dst)},
			.sport = key.sport,
			.dport = key.dport};

		frame_write(&frame, pkts[i]);
	}
}

static void
measure(const struct bench_options *options, const struct hash_flows *flows, uint32_t n,
	bool bursts)
{
	struct rig *rig = rig_open("passthrough", json_object());
	struct rig_samples samples = {0};
	uint64_t random = 7;

	for (uint32_t done = 0; done < options->packets; done += RIG_BATCH) {
		struct rte_mbuf **pkts = rig_buffers(rig, RIG_BATCH);

		fill(pkts, n, &random);
		if (bursts)
			baseline_judge_bursts(flows, judge_hash_burst, pkts, &samples);
		else
			baseline_judge(flows, judge_hash, pkts, &samples);
	}
	const struct rig_result result = rig_result(&samples);

	printf("{\"bench\": \"vnf-cycles\", \"baseline\": \"%s\", \"case\": "
	       "\"established\", \"sessions\": %u, \"cycles\": %.1f, \"median\": "
	       "%.1f}\n",
		bursts ? "rte_hash alone" : "rte_hash one by one", n, result.quiet,
		result.median);
	fflush(stdout);
	rig_close(rig);
}

static void
measure_size(const struct bench_options *options, uint32_t n)
{
	struct hash_flows flows = make_flows(n);

	measure(options, &flows, n, false);
	measure(options, &flows, n, true);
	rte_hash_free(flows.hash);
	free(flows.sessions);
}

void
bench_baseline_flows(const struct bench_options *options)
{
	static const uint32_t usual[] = {1008, 64512, 258048, 1032192};
	const uint32_t *sizes;
	const unsigned n = bench_sizes(options, usual, 4, &sizes);

	for (unsigned i = 0; i < n; i++)
		measure_size(options, sizes[i]);
}
