/* l3_stack.h: what every routed VNF does beside its own work: which frames are for it,
 * ARP and ND, martians, answers to what is addressed to it. What goes out is in l3_out.h.
 * Worker only, but for l3_open(), l3_close(), l3_config_*().
 *
 * process() of a routed VNF: l3_input() each packet; those with L3_ACCEPT are IP packets,
 * checked, that want a decision: l3_local() for what is addressed to us, l3_out_forward()
 * for what goes on.
 */
#ifndef DATAPLANE_SDK_L3_STACK_H
#define DATAPLANE_SDK_L3_STACK_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <rte_branch_prediction.h>
#include <rte_mbuf.h>
#include "dataplane/pkt/parse.h"
#include "dataplane/sdk/icmp.h"
#include "dataplane/sdk/iface.h"
#include "dataplane/sdk/l3_martian.h"
#include "dataplane/sdk/neigh.h"
#include "dataplane/sdk/vnf.h"

/* ---- drop reasons of every routed VNF: the first of its own ---- */

enum l3_reason {
	L3_LOCAL = VNF_REASON_OWN,
	L3_NO_SERVICE,
	L3_NOT_FOR_US,
	L3_NOT_IP,
	L3_BAD_NEIGHBOUR,
	L3_MARTIAN,
	L3_MULTICAST,
	L3_SOURCE_ROUTE,
	L3_TTL,
	L3_TOO_BIG,
	L3_NO_ROUTE,
	L3_NO_NEIGHBOUR,
	L3_NEIGHBOUR_QUEUE,
	L3_REASON_OWN /* the first of the type's own */
};

#define L3_REASONS                                                                       \
	{"local", "for this VNF itself: ARP, ND, ICMP"},                                 \
		{"no-service",                                                           \
			"to an address of this VNF, for a service that it has not"},     \
		{"not-for-us",                                                           \
			"a frame to another MAC, a tagged one, or no interface here"},   \
		{"not-ip", "neither IP nor ARP"},                                        \
		{"bad-neighbour", "an ARP or ND message that breaks the rules"},         \
		{"martian", "an address that no packet may come from or go to"},         \
		{"multicast", "multicast and broadcast are not forwarded"},              \
		{"source-route", "a source route: not followed"},                        \
		{"ttl-expired", "its TTL or hop limit ended here"},                      \
		{"too-big", "larger than the MTU and may not be cut"},                   \
		{"no-route", "no route to its destination"},                             \
		{"no-neighbour", "the next hop does not answer ARP or ND"},              \
	{                                                                                \
		"neighbour-queue", "too many packets wait for the next hop's address"    \
	}

/* ---- the stack of one instance ---- */

struct l3_pkt { /* a packet under work */
	struct rte_mbuf *mbuf;
	uint8_t *frame;
	unsigned cp; /* it came in by */
	struct pkt_info info;
};

struct l3_hop { /* where to: a neighbour on the link of a connection point */
	uint8_t cp;
	uint8_t family;
	uint16_t weight; /* its share among several; 0 is 1 */
	uint8_t addr[16];
};

struct l3_static { /* a configured neighbour */
	uint8_t cp;
	uint8_t family;
	uint8_t mac[6];
	uint8_t addr[16];
};

struct l3_config { /* built by the control thread, then read-only */
	struct iface ifaces[VNF_MAX_CPS];
	struct icmp_rate icmp_rate;
	const struct l3_static *statics; /* borrowed */
	unsigned n_statics;
	bool announce;	/* tell the links of new own addresses */
	bool redirects; /* for l3_redirect(): the VNF asks, not the stack */
};

struct l3_ops {
	/* The next hop to dst, for what the stack itself sends. False: none. */
	bool (*route)(
		void *arg, uint8_t family, const uint8_t dst[16], struct l3_hop *hop);
	/* Undoes a translation, so that an error about a packet that waited in vain
	 * reaches its sender with what it sent. False: no error. Null: packets are as
	 * they came. */
	bool (*restore)(void *arg, struct l3_pkt *pkt);
};

/* What a packet to a next hop gets, kept ready: good for one epoch of the neighbours. */
struct l3_adjacency {
	uint64_t of; /* the hop's number in the routing table + 1, and the epoch; 0: none
		      */
	uint16_t mtu;
	uint8_t cp;
	uint8_t macs[12]; /* destination, source */
};
#define L3_ADJACENCIES 64 /* by hop's number; power of two */

struct l3 {
	struct vnf *vnf;
	const struct l3_config *config; /* never null after the first l3_swap() */
	struct neigh *neigh;
	struct icmp_limit limit;
	struct l3_martian martian;
	uint32_t announce[VNF_MAX_CPS]; /* addresses of each that are to be announced */
	bool purge; /* the configuration changed: forget neighbours that are on link no
		       more */
	const struct l3_ops *ops;
	void *arg;
	struct l3_adjacency adjacencies[L3_ADJACENCIES];
};

/* The packet goes on to the VNF's own work. */
#define L3_ACCEPT ((vnf_verdict)0x7ffe)

/* region: neigh_region_size() bytes of instance state. 0 or negative errno. */
int l3_open(struct l3 *l3, struct vnf *vnf, void *region, const struct l3_ops *ops,
	void *arg, struct err *err);
/* From adopt(): the region is ours now. */
void l3_adopt(struct l3 *l3);
void l3_close(struct l3 *l3);
/* From swap(): config is used from now on. */
void l3_swap(struct l3 *l3, const struct l3_config *config);
/* From tick(). */
void l3_tick(struct l3 *l3);

/* One packet that came in by cp. L3_ACCEPT and pkt filled; else its verdict. */
vnf_verdict l3_input(
	struct l3 *l3, unsigned cp, struct rte_mbuf *mbuf, struct l3_pkt *pkt);
/* A packet to one of our addresses: echo is answered, the rest refused. Its verdict. */
vnf_verdict l3_local(struct l3 *l3, struct l3_pkt *pkt);

/* ---- the usual packet: inline ---- */

struct l3_to { /* the MAC of an interface, as words of a frame; little-endian hosts only
		*/
	uint64_t mac, mask;
};

/* A replica takes what is for another one, too. Of one burst: it may become one. */
static inline struct l3_to
l3_to_us(const struct l3 *l3, unsigned cp)
{
	struct l3_to to = {.mask = UINT64_MAX >> 16};

	memcpy(&to.mac, l3->config->ifaces[cp].mac, 6);
	if (l3->vnf->scaled)
		to.mask &= ~((uint64_t)VNF_MAC_REPLICA << 40);
	return to;
}

/* frame: eight bytes and more. */
static inline bool
l3_is_to(const struct l3_to *to, const uint8_t *frame)
{
	uint64_t word;

	memcpy(&word, frame, 8);
	return ((word ^ to->mac) & to->mask) == 0;
}

/* Whether an IPv4 packet is one to leave to l3_input(): from or to no host. */
static inline bool
l3_is_martian4(const struct l3 *l3, const uint8_t src[4], const uint8_t dst[4])
{
	return unlikely(l3_martian_wants_look4(&l3->martian, src, dst)) &&
	       l3_martian_is4(&l3->martian, l3->config->ifaces, src, dst);
}

/* Sets the length of a buffer's frame. */
static inline void
l3_set_len(struct rte_mbuf *mbuf, uint32_t len)
{
	mbuf->data_len = (uint16_t)len;
	mbuf->pkt_len = len;
}

#endif
