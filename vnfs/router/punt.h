/* punt.h: packets for the router's own routing daemons, on their way to the kernel and
 * back. The worker copies them into a ring and out of another; the control thread does
 * the rest (tap.h). A policer lets so many through: protocols that keep the routes alive
 * have a bucket of their own, so that a flood of others cannot starve them.
 */
#ifndef VNFS_ROUTER_PUNT_H
#define VNFS_ROUTER_PUNT_H

#include "dataplane/sdk/l3_stack.h"
#include "vnfs/router/frames.h"

enum punt_class {
	PUNT_NOT,     /* nothing that daemons or the kernel have to see */
	PUNT_ROUTING, /* OSPF, BGP, RIP, BFD, PIM, VRRP, ...; answers of neighbours */
	PUNT_OTHER,   /* what else is addressed to the router */
};

struct punt_bucket { /* of time: a packet costs its share of a second [worker] */
	uint64_t credit_ns, last_ns;
};

struct punt {
	uint32_t taps;	  /* bits: cps that have a TAP [control] */
	uint32_t cost_ns; /* of one packet [control] */
	struct frames to_kernel, from_kernel;
	struct punt_bucket buckets[PUNT_OTHER + 1];
	uint64_t punted, limited, sent; /* packets [worker] */
	uint64_t lost; /* from the kernel, when the ring was full [control] */
};

/* Before it, all zero, it has no packets and no room. Once more is fine. 0 or -ENOMEM. */
int punt_open(struct punt *punt);
void punt_close(struct punt *punt);
/* Control thread: the TAPs that are there, and packets a second of each class. */
void punt_set(struct punt *punt, uint32_t taps, uint64_t rate);

/* What a packet is that was not forwarded: addressed to us, or to a group. Pure. */
enum punt_class punt_class_of(const uint8_t *frame, const struct pkt_info *info);

/* Worker. Whether packets of that connection point have where to go. */
static inline bool
punt_has(const struct punt *punt, unsigned cp)
{
	return __atomic_load_n(&punt->taps, __ATOMIC_RELAXED) >> cp & 1;
}
/* Worker: copies a packet for the kernel. False: the policer says no, or no room. */
bool punt_offer(struct punt *punt, const struct l3_pkt *pkt, enum punt_class class,
	uint64_t now_ns);
/* Worker, from tick(): sends what the kernel sent, some at a time. */
void punt_tick(struct punt *punt, struct vnf *vnf);

#endif
