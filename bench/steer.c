/* steer.c: what a fork takes for a packet: it is on its path already, or is classified by
 * so many rules.
 *
 * UDP of 60 bytes from 4,096 address pairs in bursts of 32, in the cache; rules are
 * prefixes and ports at random with one for all at their end, and two paths that share
 * what it matches. One JSON object per number of rules: TSC cycles per packet, the median
 * of the rounds.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <rte_cycles.h>
#include "bench/lib/frame.h"
#include "bench/lib/rig.h"
#include "dataplane/shm/fork.h"

#define BURST	32
#define PACKETS 4096
#define ROUNDS	51
#define PATH_AT offsetof(struct rte_mbuf, dynfield1)

static volatile unsigned chosen;

static void measure(unsigned n_rules);
static struct steer *make(unsigned n_rules);
static json_t *rule(uint64_t *seed);
static void make_packets(struct rte_mbuf **pkts);
static double time_all(const struct fork *fork, struct rte_mbuf **pkts, bool steered);
static int by_size(const void *a, const void *b);

int
main(void)
{
	static const unsigned sizes[] = {1, 10, 100, 255};

	for (unsigned i = 0; i < RTE_DIM(sizes); i++)
		measure(sizes[i]);
	return 0;
}

static void
measure(unsigned n_rules)
{
	struct rte_mbuf *pkts[PACKETS];
	struct steer *steer = make(n_rules);
	struct fork fork;

	make_packets(pkts);
	fork_init(&fork, steer, PATH_AT);
	fork_add(&fork, &(struct shm_way){.paths = {1 << 1}, .fan = 0}, 0);
	fork_add(&fork, &(struct shm_way){.paths = {1 << 2}, .fan = 1}, 1);
	printf("{\"bench\": \"steer\", \"rules\": %u, \"classified\": %.1f, \"onPath\": %.1f}\n",
		n_rules, time_all(&fork, pkts, false), time_all(&fork, pkts, true));
	for (unsigned i = 0; i < PACKETS; i++)
		free(pkts[i]);
	steer_free(steer);
}

static struct steer *
make(unsigned n_rules)
{
	static struct steer_counts counts;
	static int like[STEER_RULES_MAX];
	json_t *json = json_array();
	struct faults faults = {0};
	struct steer_rules rules;
	struct steer *steer = NULL;
	struct err err = {0};
	uint64_t seed = 1;

	for (unsigned i = 1; i < n_rules; i++)
		json_array_append_new(json, rule(&seed));
	json_array_append_new(json, json_pack("{s:{}, s:[{s:i}, {s:i}]}", "match", "to",
					    "path", 1, "path", 2));
	rig_need(steer_rules_parse(json, "steer", &rules, &faults) == 0, "bad rules");
	memset(like, -1, sizeof(like));
	rig_need(steer_make(&steer, &rules, 1, &counts, NULL, like, &err) == 0, "%s",
		err.text);
	steer_rules_clear(&rules);
	json_decref(json);
	return steer;
}

static json_t *
rule(uint64_t *seed)
{
	return json_pack("{s:{s:o, s:s, s:o}, s:b, s:[{s:i}]}", "match", "src",
		json_sprintf("10.%u.0.0/%u", (unsigned)(rig_random(seed) % 256),
			(unsigned)(12 + rig_random(seed) % 20)),
		"proto", "udp", "dport",
		json_integer((json_int_t)(rig_random(seed) % 1024)), "symmetric", 1, "to",
		"path", (int)(1 + rig_random(seed) % 2));
}

static void
make_packets(struct rte_mbuf **pkts)
{
	uint64_t seed = 2;

	for (unsigned i = 0; i < PACKETS; i++) {
		const struct frame frame = {.family = 4,
			.proto = 17,
			.sport = 5000,
			.dport = (uint16_t)(rig_random(&seed) % 1024),
			.src = {0x0a000000 + rig_random(&seed) % 0xffffff},
			.dst = {0xc0000201}};

		pkts[i] = calloc(1, sizeof(*pkts[i]) + RTE_PKTMBUF_HEADROOM + 128);
		rig_need(pkts[i] != NULL, "no memory");
		pkts[i]->buf_addr = pkts[i] + 1;
		pkts[i]->buf_len = RTE_PKTMBUF_HEADROOM + 128;
		pkts[i]->data_off = RTE_PKTMBUF_HEADROOM;
		frame_write(&frame, pkts[i]);
	}
}

/* steered: all are on their paths from the start. */
static double
time_all(const struct fork *fork, struct rte_mbuf **pkts, bool steered)
{
	double rounds[ROUNDS];

	for (unsigned round = 0; round < ROUNDS; round++) {
		uint64_t begin;

		for (unsigned i = 0; i < PACKETS; i++)
			*fork_path(fork, pkts[i]) = steered ? 1 + i % 2 : 0;
		begin = rte_rdtsc();
		for (unsigned i = 0; i < PACKETS; i += BURST) {
			fork_steer(fork, &pkts[i], BURST);
			for (unsigned k = 0; k < BURST; k++)
				chosen += fork_choose(fork, pkts[i + k]);
		}
		rounds[round] = (double)(rte_rdtsc() - begin) / PACKETS;
	}
	qsort(rounds, ROUNDS, sizeof(rounds[0]), by_size);
	return rounds[ROUNDS / 2];
}

static int
by_size(const void *a, const void *b)
{
	const double one = *(const double *)a, other = *(const double *)b;

	return one < other ? -1 : one > other;
}
