/* punt.c: see punt.h. */
#include "vnfs/router/punt.h"
#include <arpa/inet.h>
#include <string.h>
#include "dataplane/pkt/hdr.h"
#include "dataplane/sdk/offload.h"

#define RING	  (1u << 20) /* bytes each way: 600 packets of 1,500, 10,000 small ones */
#define PER_TICK  32
#define SECOND_NS 1000000000ull
#define BURST_NS                                                                         \
	(SECOND_NS / 10) /* what may come at once: a tenth of a second's worth           \
			  */

#define PROTO_IGMP  2
#define PROTO_EIGRP 88
#define PROTO_OSPF  89
#define PROTO_PIM   103
#define PROTO_VRRP  112

static bool is_routing_protocol(const struct pkt_info *info);
static bool is_link_group(const struct pkt_info *info);

/* ---- control thread ---- */

int
punt_open(struct punt *punt)
{
	int rc = 0;

	if (punt->to_kernel.bytes == NULL)
		rc = frames_open(&punt->to_kernel, RING);
	if (rc == 0 && punt->from_kernel.bytes == NULL)
		rc = frames_open(&punt->from_kernel, RING);
	return rc;
}

void
punt_close(struct punt *punt)
{
	frames_close(&punt->to_kernel);
	frames_close(&punt->from_kernel);
}

void
punt_set(struct punt *punt, uint32_t taps, uint64_t rate)
{
	__atomic_store_n(&punt->cost_ns, (uint32_t)(SECOND_NS / (rate > 0 ? rate : 1)),
		__ATOMIC_RELAXED);
	__atomic_store_n(&punt->taps, taps, __ATOMIC_RELEASE);
}

/* ---- what is what ---- */

enum punt_class
punt_class_of(const uint8_t *frame, const struct pkt_info *info)
{
	if (info->eth_type == PKT_ETH_ARP) /* only answers: questions are ours */
		return frame[info->l3 + 7] == 2 ? PUNT_ROUTING : PUNT_NOT;
	if (info->family == 0)
		return PUNT_NOT;
	if (info->proto == PKT_PROTO_ICMPV6 && info->icmp_type == 136)
		return PUNT_ROUTING; /* neighbour advertisement */
	if (is_routing_protocol(info))
		return PUNT_ROUTING;
	if (info->family == 4 ? info->dst[0] >= 224 : info->dst[0] == 0xff)
		return info->proto == PROTO_IGMP && is_link_group(info) ? PUNT_OTHER
									: PUNT_NOT;
	return PUNT_OTHER;
}

/* 224.0.0.0/24 and ff02::/16: never forwarded, by whomever. */
static bool
is_link_group(const struct pkt_info *info)
{
	return info->family == 4
		       ? info->dst[0] == 224 && info->dst[1] == 0 && info->dst[2] == 0
		       : info->dst[0] == 0xff && info->dst[1] == 0x02;
}

static bool
is_port(const struct pkt_info *info, uint16_t port)
{
	return info->sport == port || info->dport == port;
}

static bool
is_routing_protocol(const struct pkt_info *info)
{
	if ((info->family == 4 ? info->dst[0] >= 224 : info->dst[0] == 0xff) &&
		!is_link_group(info))
		return false;
	switch (info->proto) {
	case PROTO_OSPF:
	case PROTO_EIGRP:
	case PROTO_PIM:
	case PROTO_VRRP:
		return true;
	case PKT_PROTO_TCP: /* BGP, LDP */
		return is_port(info, 179) || is_port(info, 646);
	case PKT_PROTO_UDP: /* RIP, RIPng, LDP, Babel, BFD */
		return info->dport == 520 || info->dport == 521 || info->dport == 646 ||
		       info->dport == 6696 || info->dport == 3784 ||
		       info->dport == 3785 || info->dport == 4784;
	default:
		return false;
	}
}

/* ---- worker ---- */

static bool
take(struct punt_bucket *bucket, uint64_t cost_ns, uint64_t now_ns)
{
	bucket->credit_ns += now_ns - bucket->last_ns;
	bucket->last_ns = now_ns;
	if (bucket->credit_ns > BURST_NS + cost_ns)
		bucket->credit_ns = BURST_NS + cost_ns;
	if (bucket->credit_ns < cost_ns)
		return false;
	bucket->credit_ns -= cost_ns;
	return true;
}

static void
count(uint64_t *counter)
{
	__atomic_store_n(counter, *counter + 1, __ATOMIC_RELAXED);
}

bool
punt_offer(struct punt *punt, const struct l3_pkt *pkt, enum punt_class class,
	uint64_t now_ns)
{
	const uint32_t cost_ns = __atomic_load_n(&punt->cost_ns, __ATOMIC_RELAXED);
	bool taken = take(&punt->buckets[class], cost_ns, now_ns);

	if (taken) {
		offload_finish(pkt->mbuf, pkt->frame, &pkt->info);
		taken = frames_put(
			&punt->to_kernel, pkt->cp, pkt->frame, pkt->mbuf->data_len);
	}

	count(taken ? &punt->punted : &punt->limited);
	return taken;
}

void
punt_tick(struct punt *punt, struct vnf *vnf)
{
	const uint8_t *frame;
	uint32_t len;
	unsigned cp;

	for (unsigned i = 0; i < PER_TICK; i++) {
		frame = frames_peek(&punt->from_kernel, &cp, &len);
		struct rte_mbuf *mbuf = frame != NULL ? vnf_originate(vnf) : NULL;

		if (mbuf == NULL)
			return;
		if (len <= rte_pktmbuf_tailroom(mbuf)) {
			memcpy(rte_pktmbuf_mtod(mbuf, uint8_t *), frame, len);
			l3_set_len(mbuf, len);
			vnf_send(vnf, mbuf, cp);
			count(&punt->sent);
		} else {
			vnf_discard(vnf, mbuf, VNF_NOT_COUNTED);
		}
		frames_pop(&punt->from_kernel);
	}
}
