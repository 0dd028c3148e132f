/* cases_baseline_rules.c: the same packets through what one would write first: rules
 * searched one after the other, or rte_acl asked for one packet at a time. Each parses as
 * our VNFs do, and nothing else is done, so the comparison favours them. And rte_acl
 * alone: whole bursts whose packets nobody checks or counts, the least that it can cost.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <rte_acl.h>
#include "bench/lib/baseline.h"
#include "bench/lib/cases.h"
#include "bench/lib/classbench.h"
#include "bench/lib/rig.h"
#include "dataplane/pkt/hdr.h"
#include "dataplane/sdk/vnf.h"

struct acl_key { /* as rte_acl reads it: network order */
	uint8_t proto;
	uint8_t pad[3];
	uint32_t src, dst;
	uint16_t sport, dport;
};

RTE_ACL_RULE_DEF(acl_rule, 5);

/* burst: instead of judge. */
static struct rig_result
judge_rules(const struct filter_set *set, const void *arg, judge_fn *judge,
	judge_burst_fn *burst, uint32_t packets)
{
	struct rig *rig = rig_open("passthrough", json_object());
	struct rig_samples samples = {0};
	uint64_t random = 5;

	for (uint32_t done = 0; done < packets; done += RIG_BATCH) {
		struct rte_mbuf **pkts = rig_buffers(rig, RIG_BATCH);

		for (unsigned i = 0; i < RIG_BATCH; i++) {
			struct frame frame;

			filter_set_draw(set, &random, &frame);
			frame_write(&frame, pkts[i]);
		}
		if (judge != NULL)
			baseline_judge(arg, judge, pkts, &samples);
		else
			baseline_judge_bursts(arg, burst, pkts, &samples);
	}
	rig_close(rig);
	return rig_result(&samples);
}

/* ---- linear search ---- */

static bool
judge_linear(const void *arg, const struct pkt_info *info)
{
	const struct filter_set *set = arg;
	struct frame frame = {
		.proto = info->proto, .sport = info->sport, .dport = info->dport};
	uint32_t src, dst;

	memcpy(&src, info->src, 4);
	memcpy(&dst, info->dst, 4);
	frame.src[0] = ntohl(src);
	frame.dst[0] = ntohl(dst);
	for (unsigned i = 0; i < set->n; i++)
		if (filter_matches(&set->list[i], &frame))
			return true;
	return false;
}

/* ---- rte_acl, one packet a call ---- */

static const struct rte_acl_field_def acl_fields[5] = {
	{RTE_ACL_FIELD_TYPE_BITMASK, 1, 0, 0, offsetof(struct acl_key, proto)},
	{RTE_ACL_FIELD_TYPE_MASK, 4, 1, 1, offsetof(struct acl_key, src)},
	{RTE_ACL_FIELD_TYPE_MASK, 4, 2, 2, offsetof(struct acl_key, dst)},
	{RTE_ACL_FIELD_TYPE_RANGE, 2, 3, 3, offsetof(struct acl_key, sport)},
	{RTE_ACL_FIELD_TYPE_RANGE, 2, 4, 3, offsetof(struct acl_key, dport)},
};

static struct rte_acl_ctx *
acl_build(const struct filter_set *set)
{
	const struct rte_acl_param param = {.name = "baseline",
		.socket_id = SOCKET_ID_ANY,
		.rule_size = RTE_ACL_RULE_SZ(5),
		.max_rule_num = set->n};
	struct rte_acl_config config = {.num_categories = 1, .num_fields = 5};
	struct rte_acl_ctx *ctx = rte_acl_create(&param);

	rig_need(ctx != NULL, "rte_acl_create");
	memcpy(config.defs, acl_fields, sizeof(acl_fields));
	for (unsigned i = 0; i < set->n; i++) {
		const struct filter *f = &set->list[i];
		struct acl_rule rule = {.data = {.category_mask = 1,
						.priority = RTE_ACL_MAX_PRIORITY - (int)i,
						.userdata = i + 1},
			.field = {{{.u8 = f->proto}, {.u8 = f->any_proto ? 0 : 0xff}},
				{{.u32 = f->src}, {.u32 = f->src_len}},
				{{.u32 = f->dst}, {.u32 = f->dst_len}},
				{{.u16 = f->sport[0]}, {.u16 = f->sport[1]}},
				{{.u16 = f->dport[0]}, {.u16 = f->dport[1]}}}};

		rig_need(rte_acl_add_rules(ctx, (struct rte_acl_rule *)&rule, 1) == 0,
			"rte_acl_add_rules");
	}
	rig_need(rte_acl_build(ctx, &config) == 0, "rte_acl_build");
	return ctx;
}

static bool
judge_acl(const void *arg, const struct pkt_info *info)
{
	struct acl_key key = {.proto = info->proto,
		.sport = htons(info->sport),
		.dport = htons(info->dport)};
	const uint8_t *keys[1] = {(const uint8_t *)&key};
	uint32_t result = 0;

	memcpy(&key.src, info->src, 4);
	memcpy(&key.dst, info->dst, 4);
	rte_acl_classify(arg, keys, &result, 1, 1);
	return result != 0;
}

/* ---- rte_acl, a burst a call ---- */

static unsigned
judge_acl_burst(const void *arg, struct rte_mbuf *const *pkts)
{
	struct acl_key keys[VNF_BURST];
	const uint8_t *list[VNF_BURST];
	uint32_t results[VNF_BURST];
	unsigned n = 0;

	for (unsigned i = 0; i < VNF_BURST; i++) {
		const uint8_t *ip = rte_pktmbuf_mtod(pkts[i], uint8_t *) + PKT_ETH_LEN;

		keys[i].proto = ip[9];
		memcpy(&keys[i].src, ip + 12, 8);
		memcpy(&keys[i].sport, ip + PKT_IP4_LEN, 4);
		list[i] = (const uint8_t *)&keys[i];
	}
	rte_acl_classify(arg, list, results, VNF_BURST, 1);
	for (unsigned i = 0; i < VNF_BURST; i++)
		n += results[i] != 0;
	return n;
}

static void
print_rules(const char *what, const char *name, unsigned n, struct rig_result result)
{
	printf("{\"bench\": \"vnf-cycles\", \"baseline\": \"%s\", \"case\": "
	       "\"stateless\", \"set\": \"%s\", \"rules\": %u, \"cycles\": %.1f, "
	       "\"median\": %.1f}\n",
		what, name, n, result.quiet, result.median);
	fflush(stdout);
}

static void
measure_set(const struct bench_options *options, const struct filter_set *set,
	const char *name)
{
	struct rte_acl_ctx *ctx = acl_build(set);

	print_rules("rte_acl one by one", name, set->n,
		judge_rules(set, ctx, judge_acl, NULL, options->packets / 4));
	print_rules("rte_acl alone", name, set->n,
		judge_rules(set, ctx, NULL, judge_acl_burst, options->packets / 4));
	print_rules("linear search", name, set->n,
		judge_rules(set, set, judge_linear, NULL, 65536));
	rte_acl_free(ctx);
}

void
bench_baseline_rules(const struct bench_options *options)
{
	static const char *const names[] = {"acl1_1k", "fw1_1k"};
	static const uint32_t usual[] = {16, 100, 1000, 10000};
	const uint32_t *sizes;
	const unsigned n = bench_sizes(options, usual, 4, &sizes);
	struct filter_set set;

	for (unsigned i = 0; i < 2; i++) {
		if (!filter_set_read(&set, names[i], 100000))
			continue;
		measure_set(options, &set, names[i]);
		filter_set_free(&set);
	}
	for (unsigned i = 0; i < n; i++) {
		filter_set_make(&set, sizes[i]);
		measure_set(options, &set, "random");
		filter_set_free(&set);
	}
}
