/* cases_firewall.c: rules alone, established flows, new flows. */
#include <stdio.h>
#include <stdlib.h>
#include "bench/lib/cases.h"
#include "bench/lib/classbench.h"
#include "bench/lib/rig.h"
#include "dataplane/pkt/hdr.h"

#define LEFT  0
#define RIGHT 1

/* ---- stateless ---- */

static void
measure_rules(const struct bench_options *options, const struct filter_set *set,
	const char *name)
{
	json_t *config = filter_set_config(set, false);
	struct rig *rig = rig_open("firewall", config);
	struct rig_samples samples = {0};
	uint64_t random = 5;

	for (uint32_t done = 0; done < options->packets; done += RIG_BATCH) {
		struct rte_mbuf **pkts = rig_buffers(rig, RIG_BATCH);

		for (unsigned i = 0; i < RIG_BATCH; i++) {
			struct frame frame;

			filter_set_draw(set, &random, &frame);
			frame_write(&frame, pkts[i]);
		}
		rig_sample(&samples, rig_run(rig, LEFT, RIG_BATCH), RIG_BATCH);
		rig_need(rig_forwarded(rig) == RIG_BATCH, "firewall: dropped for %s",
			rig_worst_reason(rig));
	}
	const struct rig_result result = rig_result(&samples);

	printf("{\"bench\": \"vnf-cycles\", \"vnf\": \"firewall\", \"case\": "
	       "\"stateless\", \"set\": \"%s\", \"rules\": %u, \"cycles\": %.1f, \"median\": %.1f}\n",
		name, set->n, result.quiet, result.median);
	fflush(stdout);
	rig_close(rig);
}

void
bench_firewall_stateless(const struct bench_options *options)
{
	static const char *const names[] = {
		"acl1_1k", "acl3_1k", "fw1_1k", "fw4_1k", "ipc1_1k"};
	static const uint32_t usual[] = {16, 100, 1000, 10000};
	const uint32_t *sizes;
	const unsigned n = bench_sizes(options, usual, 4, &sizes);
	struct filter_set set;

	for (unsigned i = 0; i < 5; i++) {
		const char *name = options->set != NULL ? options->set : names[i];

		if (filter_set_read(&set, name, 100000)) {
			measure_rules(options, &set, name);
			filter_set_free(&set);
		} else {
			fprintf(stderr, "firewall: no classbench/%s, skipped\n", name);
		}
		if (options->set != NULL)
			return;
	}
	for (unsigned i = 0; i < n; i++) {
		filter_set_make(&set, sizes[i]);
		measure_rules(options, &set, "random");
		filter_set_free(&set);
	}
}

/* ---- stateful ---- */

static json_t *
stateful_config(uint32_t sessions)
{
	return json_pack("{s:[{s:s, s:s}], s:i}", "rules", "action", "accept", "from",
		"left", "max-sessions", (int)(sessions + 1024));
}

/* Flow number i: 63 connections of each host, to 251 servers. */
static struct frame
flow(uint32_t i, bool back, uint8_t flags)
{
	const uint32_t host = 10u << 24 | (i / 63 + 256), server = 0xc6336400 + i % 251;

	return (struct frame){.family = 4,
		.proto = PKT_PROTO_TCP,
		.tcp_flags = flags,
		.src = {back ? server : host},
		.dst = {back ? host : server},
		.sport = (uint16_t)(back ? 443 : 1024 + i % 63),
		.dport = (uint16_t)(back ? 1024 + i % 63 : 443)};
}

/* One segment of each flow. */
static void
send_all(struct rig *rig, uint32_t n, bool back, uint8_t flags,
	struct rig_samples *samples)
{
	for (uint32_t at = 0; at < n; at += RIG_BATCH) {
		const unsigned k = n - at < RIG_BATCH ? n - at : RIG_BATCH;
		struct rte_mbuf **pkts = rig_buffers(rig, k);

		for (unsigned i = 0; i < k; i++) {
			const struct frame frame = flow(at + i, back, flags);

			frame_write(&frame, pkts[i]);
		}
		const uint64_t cycles = rig_run(rig, back ? RIGHT : LEFT, k);

		rig_need(rig_forwarded(rig) == k, "firewall: dropped for %s",
			rig_worst_reason(rig));
		if (samples != NULL)
			rig_sample(samples, cycles, k);
	}
}

struct talk { /* how far both ends of a connection have sent */
	uint32_t next[2];
};

/* The next segment of one of n connections. */
static struct frame
next_segment(struct talk *talks, uint32_t n, bool back, uint64_t *random)
{
	const uint32_t i = (uint32_t)(rig_random(random) % n);
	struct frame frame = flow(i, back, PKT_TCP_ACK);

	frame.seq = talks[i].next[back];
	frame.ack = talks[i].next[!back];
	talks[i].next[back] += FRAME_TCP_DATA;
	return frame;
}

/* All have shaken hands; the last ACK of that had data, as all frames have. */
static struct talk *
make_talks(uint32_t n)
{
	struct talk *talks = malloc(n * sizeof(*talks));

	rig_need(talks != NULL, "no memory");
	for (uint32_t i = 0; i < n; i++)
		talks[i] = (struct talk){{2 + FRAME_TCP_DATA, 2 + FRAME_TCP_DATA}};
	return talks;
}

static void
measure_established(const struct bench_options *options, uint32_t n)
{
	struct rig *rig = rig_open("firewall", stateful_config(n));
	struct talk *talks = make_talks(n);
	struct rig_samples samples = {0};
	uint64_t random = 7;

	send_all(rig, n, false, PKT_TCP_SYN, NULL);
	send_all(rig, n, true, PKT_TCP_SYN | PKT_TCP_ACK, NULL);
	send_all(rig, n, false, PKT_TCP_ACK, NULL);
	for (uint32_t done = 0; done < options->packets; done += RIG_BATCH) {
		const bool back = (done / RIG_BATCH) % 2 != 0;
		struct rte_mbuf **pkts = rig_buffers(rig, RIG_BATCH);

		for (unsigned i = 0; i < RIG_BATCH; i++) {
			const struct frame frame = next_segment(talks, n, back, &random);

			frame_write(&frame, pkts[i]);
		}
		rig_sample(&samples, rig_run(rig, back ? RIGHT : LEFT, RIG_BATCH),
			RIG_BATCH);
		rig_need(rig_forwarded(rig) == RIG_BATCH, "firewall: dropped for %s",
			rig_worst_reason(rig));
	}
	const struct rig_result result = rig_result(&samples);

	printf("{\"bench\": \"vnf-cycles\", \"vnf\": \"firewall\", \"case\": "
	       "\"established\", \"sessions\": %u, \"cycles\": %.1f, \"median\": %.1f, "
	       "\"bytesPerSession\": %.1f}\n",
		n, result.quiet, result.median, (double)rig_memory(rig) / n);
	fflush(stdout);
	free(talks);
	rig_close(rig);
}

void
bench_firewall_established(const struct bench_options *options)
{
	static const uint32_t usual[] = {1008, 64512, 258048, 1032192};
	const uint32_t *sizes;
	const unsigned n = bench_sizes(options, usual, 4, &sizes);

	for (unsigned i = 0; i < n; i++)
		measure_established(options, sizes[i]);
}

void
bench_firewall_setup(const struct bench_options *options)
{
	static const uint32_t usual[] = {64512, 1032192};
	const uint32_t *sizes;
	const unsigned n = bench_sizes(options, usual, 2, &sizes);

	for (unsigned i = 0; i < n; i++) {
		struct rig *rig = rig_open("firewall", stateful_config(sizes[i]));
		struct rig_samples samples = {0};

		send_all(rig, sizes[i], false, PKT_TCP_SYN, &samples);
		const struct rig_result result = rig_result(&samples);

		printf("{\"bench\": \"vnf-cycles\", \"vnf\": \"firewall\", \"case\": "
		       "\"setup\", \"sessions\": %u, \"cycles\": %.1f, \"median\": %.1f}\n",
			sizes[i], result.quiet, result.median);
		fflush(stdout);
		rig_close(rig);
	}
}

/* ---- a flood ---- */

#define FLOW_COUNT 16128u
#define FLOOD	   1000000u

/* Three SYNs of random sources, most to nobody, for each segment of an open connection.
 */
void
bench_firewall_flood(const struct bench_options *options)
{
	struct rig *rig = rig_open("firewall", stateful_config(65536));
	struct rig_samples samples = {0};
	uint64_t random = 13, good = 0, sent = 0;

	(void)options;
	send_all(rig, FLOW_COUNT, false, PKT_TCP_SYN, NULL);
	send_all(rig, FLOW_COUNT, true, PKT_TCP_SYN | PKT_TCP_ACK, NULL);
	send_all(rig, FLOW_COUNT, false, PKT_TCP_ACK, NULL);
	for (uint32_t flood = 0; flood < FLOOD; flood += RIG_BATCH / 4 * 3) {
		struct rte_mbuf **pkts = rig_buffers(rig, RIG_BATCH);

		for (unsigned i = 0; i < RIG_BATCH; i++) {
			const uint64_t r = rig_random(&random);
			struct frame frame = flow((uint32_t)(r % FLOW_COUNT), false,
				i % 4 == 0 ? PKT_TCP_ACK : PKT_TCP_SYN);

			if (i % 4 != 0) {
				frame.src[0] = 0x14000000 | (r >> 32 & 0x3ffffff);
				frame.sport = (uint16_t)(r >> 16);
			}
			frame_write(&frame, pkts[i]);
		}
		rig_sample(&samples, rig_run(rig, LEFT, RIG_BATCH), RIG_BATCH);
		for (unsigned i = 0; i < RIG_BATCH; i += 4)
			good += rig_was_forwarded(rig, i);
		sent += RIG_BATCH / 4;
	}
	const struct rig_result result = rig_result(&samples);

	printf("{\"bench\": \"vnf-cycles\", \"vnf\": \"firewall\", \"case\": "
	       "\"flood\", \"syns\": %u, \"sessions\": %u, \"goodput\": %.6f, "
	       "\"cycles\": %.1f, \"median\": %.1f, \"bytes\": %llu}\n",
		FLOOD, FLOW_COUNT, (double)good / (double)sent, result.quiet,
		result.median, (unsigned long long)rig_memory(rig));
	fflush(stdout);
	rig_close(rig);
}
