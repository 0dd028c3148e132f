/* steer.c: frames are classified; see steer.h. */
#include "dataplane/shm/steer.h"
#include <string.h>
#include <rte_acl.h>
#include <rte_byteorder.h>
#include "dataplane/pkt/flow.h"
#include "dataplane/pkt/hdr.h"
#include "dataplane/pkt/parse_usual.h"

struct look { /* a burst on its way through the tables */
	struct steer_key keys[STEER_BURST];
	struct pkt_flow flows[STEER_BURST];
	bool has_flow[STEER_BURST];
	const uint8_t *lists[STEER_KINDS][STEER_BURST]; /* keys by table */
	uint8_t at[STEER_KINDS][STEER_BURST];
	unsigned n[STEER_KINDS];
	uint32_t rules[STEER_BURST]; /* + 1; 0: none */
};

static enum steer_kind make_key(const uint8_t *frame, uint32_t len, struct steer_key *key,
	struct pkt_flow *flow, bool *has_flow);
static void take_frame(const uint8_t *frame, uint32_t len, const struct pkt_info *info,
	struct steer_key *key);
static void take_flow(const struct pkt_flow *flow, struct steer_key *key);
static uint8_t dscp_of(const uint8_t *ip, unsigned family);
static void look_up(const struct steer *steer, struct look *look, unsigned kind);
static uint8_t choose(
	const struct steer *steer, uint32_t rule, const struct pkt_flow *flow);
static void count(const struct steer *steer, struct rte_mbuf *const *pkts, unsigned n,
	const uint8_t *paths);

void
steer_classify(const struct steer *steer, struct rte_mbuf *const *pkts, unsigned n,
	uint8_t *paths)
{
	struct look look;

	memset(look.n, 0, sizeof(look.n));
	for (unsigned i = 0; i < n; i++) {
		const enum steer_kind kind = make_key(
			rte_pktmbuf_mtod(pkts[i], const uint8_t *), pkts[i]->data_len,
			&look.keys[i], &look.flows[i], &look.has_flow[i]);
		const unsigned at = look.n[kind]++;

		look.lists[kind][at] = (const uint8_t *)&look.keys[i];
		look.at[kind][at] = (uint8_t)i;
	}
	for (unsigned kind = 0; kind < STEER_KINDS; kind++)
		if (look.n[kind] > 0)
			look_up(steer, &look, kind);
	for (unsigned i = 0; i < n; i++)
		paths[i] = choose(
			steer, look.rules[i], look.has_flow[i] ? &look.flows[i] : NULL);
	count(steer, pkts, n, paths);
}

static enum steer_kind
make_key(const uint8_t *frame, uint32_t len, struct steer_key *key, struct pkt_flow *flow,
	bool *has_flow)
{
	struct pkt_info info = {0};
	const enum pkt_fault fault = pkt_parse(frame, len, &info);

	memset(key, 0, sizeof(*key));
	take_frame(frame, len, &info, key);
	*has_flow = fault == PKT_OK && pkt_flow_of_parsed(frame, &info, flow);
	if (fault != PKT_OK || info.family == 0)
		return STEER_OTHER;
	key->dscp = rte_cpu_to_be_16(dscp_of(frame + info.l3, info.family));
	if (*has_flow) {
		take_flow(flow, key);
	} else {
		key->proto = info.proto;
		memcpy(key->src, info.src, sizeof(key->src));
		memcpy(key->dst, info.dst, sizeof(key->dst));
	}
	return info.family == 4 ? STEER_IP4 : STEER_IP6;
}

static void
take_frame(const uint8_t *frame, uint32_t len, const struct pkt_info *info,
	struct steer_key *key)
{
	if (len < PKT_ETH_LEN)
		return;
	memcpy(key->dst_mac, frame, 6);
	memcpy(key->src_mac, frame + 6, 6);
	key->ethertype = rte_cpu_to_be_16(info->eth_type);
	if (info->n_vlans > 0)
		key->vlan = rte_cpu_to_be_16(pkt_be16(frame + 14) & 0x0fff);
}

/* Who sends an ICMP error is the end that the quoted packet was for. */
static void
take_flow(const struct pkt_flow *flow, struct steer_key *key)
{
	const unsigned from = flow->quoted ? 1 : 0;

	key->proto = flow->proto;
	memcpy(key->src, flow->addrs[from], sizeof(key->src));
	memcpy(key->dst, flow->addrs[!from], sizeof(key->dst));
	if (flow->fragment)
		return;
	key->sport = rte_cpu_to_be_16(flow->ports[from]);
	key->dport = rte_cpu_to_be_16(flow->ports[!from]);
}

static uint8_t
dscp_of(const uint8_t *ip, unsigned family)
{
	return family == 4 ? ip[1] >> 2 : (uint8_t)((pkt_be16(ip) >> 6) & 0x3f);
}

static void
look_up(const struct steer *steer, struct look *look, unsigned kind)
{
	const struct steer_table *table = &steer->tables[kind];
	const unsigned n = look->n[kind];
	uint32_t first[STEER_BURST], found[STEER_BURST];

	for (unsigned i = 0; i < n; i++)
		first[i] = table->rest;
	for (unsigned k = 0; k < table->n; k++) {
		rte_acl_classify(table->acls[k], look->lists[kind], found, n, 1);
		for (unsigned i = 0; i < n; i++)
			if (found[i] - 1 < first[i] - 1) /* 0, none, is the last */
				first[i] = found[i];
	}
	for (unsigned i = 0; i < n; i++)
		look->rules[look->at[kind][i]] = first[i];
}

static uint8_t
choose(const struct steer *steer, uint32_t rule, const struct pkt_flow *flow)
{
	const struct steer_choice *choice;

	if (rule == 0)
		return 0;
	choice = &steer->choices[rule - 1];
	if (choice->one || flow == NULL)
		return choice->paths[0];
	return choice->paths[pkt_flow_key(flow, steer->seed).pair % STEER_BUCKETS];
}

/* Once for all that follow each other on a path. */
static void
count(const struct steer *steer, struct rte_mbuf *const *pkts, unsigned n,
	const uint8_t *paths)
{
	uint64_t packets = 0, bytes = 0;

	for (unsigned i = 0; i < n; i++) {
		packets++;
		bytes += pkts[i]->pkt_len;
		if (i + 1 < n && paths[i + 1] == paths[i])
			continue;
		__atomic_fetch_add(&steer->counts->paths[paths[i]].packets, packets,
			__ATOMIC_RELAXED);
		__atomic_fetch_add(
			&steer->counts->paths[paths[i]].bytes, bytes, __ATOMIC_RELAXED);
		packets = bytes = 0;
	}
}
