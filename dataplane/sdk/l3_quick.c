/* l3_quick.c: see l3_quick.h. */
#include "dataplane/sdk/l3_quick.h"
#include <arpa/inet.h>
#include <string.h>
#include <rte_prefetch.h>
#include "dataplane/pkt/parse_usual.h"
#include "dataplane/sdk/l3_out.h"

#define IP    PKT_ETH_LEN
#define TOTAL (IP + 2)
#define TTL   (IP + 8)
#define SRC   (IP + 12)
#define DST   (IP + 16)

struct quick { /* those of the burst that may be forwarded */
	unsigned n;
	uint8_t at[VNF_BURST];
	uint8_t *frames[VNF_BURST];
	uint32_t ips[VNF_BURST]; /* host order */
	uint64_t values[VNF_BURST];
};

static uint32_t select_usual(
	const struct l3 *l3, const struct vnf_burst *burst, struct quick *q);
static bool forward(struct l3 *l3, const struct l3_routes *table, struct vnf_burst *burst,
	const struct quick *q, unsigned i);
static void say(const struct l3 *l3, const struct l3_routes *table,
	const struct vnf_burst *burst, const struct quick *q, uint32_t rest);
static void passed_by(
	struct l3 *l3, struct l3_routes *table, const struct vnf_passed *passed);
static void passed_to(
	struct l3 *l3, struct l3_routes *table, const struct vnf_passed *passed);
static void count(struct l3_routes *table, const struct vnf_burst *burst,
	const struct quick *q, uint32_t rest);

uint32_t
l3_quick_forward(struct l3 *l3, struct l3_routes *table, struct vnf_burst *burst)
{
	struct quick q;
	uint32_t rest = select_usual(l3, burst, &q);

	if (q.n == 0)
		return rest;
	l3_fib_find4(table->fib, q.ips, q.values, q.n);
	for (unsigned i = 0; i < q.n; i++)
		__builtin_prefetch(l3_route_of(table, q.values[i]), 1);
	for (unsigned i = 0; i < q.n; i++)
		if (unlikely(!forward(l3, table, burst, &q, i)))
			rest |= 1u << q.at[i];
	count(table, burst, &q, rest);
	if (unlikely(l3->vnf->trace != NULL))
		say(l3, table, burst, &q, rest);
	return rest;
}

/* A route to one hop is the token: it may have gone when it is told what passed. Else the
 * destination, whose neighbour is in use. */
#define TOKEN_TO (1ull << 63)

static void
say(const struct l3 *l3, const struct l3_routes *table, const struct vnf_burst *burst,
	const struct quick *q, uint32_t rest)
{
	for (unsigned i = 0; i < q->n; i++) {
		const unsigned at = q->at[i];

		if ((rest >> at & 1) == 0)
			vnf_steady(l3->vnf->trace, at,
				&(struct vnf_steady){
					.token = l3_route_hop_number(q->values[i]) != 0
							 ? l3_route_token(
								   table, q->values[i])
							 : TOKEN_TO | q->ips[i],
					.flags = VNF_STEADY_ROUTED | VNF_STEADY_COUNTED,
					.max_total =
						l3_out_mtu(l3, burst->verdicts[at])});
	}
}

void
l3_quick_expect(const struct l3_routes *table, uint64_t token)
{
	if ((token & TOKEN_TO) == 0)
		__builtin_prefetch(&table->routes[(uint32_t)token - 1], 1);
}

uint64_t
l3_quick_passed(struct l3 *l3, struct l3_routes *table, const struct vnf_passed *passed)
{
	if (passed->token & TOKEN_TO)
		passed_to(l3, table, passed);
	else
		passed_by(l3, table, passed);
	return 0;
}

static void
passed_by(struct l3 *l3, struct l3_routes *table, const struct vnf_passed *passed)
{
	struct l3_route *route = l3_route_of_token(table, passed->token), now;

	if (route == NULL)
		return; /* its counters have gone, too */
	l3_route_add(route, passed->packets, passed->bytes);
	now = l3_route_now(route);
	if (now.n_hops == 1) {
		const struct l3_hop *hop = &table->hops[now.hops];

		neigh_find(l3->neigh, hop->cp, hop->family, hop->addr); /* is in use */
	}
}

static void
passed_to(struct l3 *l3, struct l3_routes *table, const struct vnf_passed *passed)
{
	const uint32_t ip = (uint32_t)passed->token;
	uint8_t addr[16] = {0};
	struct l3_route *route;
	uint64_t value;

	l3_fib_find4(table->fib, &ip, &value, 1);
	route = l3_route_of(table, value);
	if (route == NULL)
		return;
	l3_route_add(route, passed->packets, passed->bytes);
	memcpy(addr, &(uint32_t){htonl(ip)}, 4);
	if (route->kind == L3_ROUTE_CONNECTED)
		neigh_find(l3->neigh, route->cp, 4, addr); /* is in use */
}

static uint32_t
select_usual(const struct l3 *l3, const struct vnf_burst *burst, struct quick *q)
{
	const struct l3_to to = l3_to_us(l3, burst->cp);
	uint32_t rest = 0;

	q->n = 0;
	if (!l3->config->ifaces[burst->cp].present)
		return (uint32_t)((1ull << burst->n) - 1);
	for (unsigned i = 0; i < burst->n; i++) {
		const struct rte_mbuf *mbuf = burst->pkts[i];
		uint8_t *frame = rte_pktmbuf_mtod(mbuf, uint8_t *);
		uint32_t ip;

		if (unlikely(!pkt_is_usual(frame, mbuf->data_len) ||
			     !l3_is_to(&to, frame) ||
			     l3_is_martian4(l3, frame + SRC, frame + DST))) {
			rest |= 1u << i;
			continue;
		}
		memcpy(&ip, frame + DST, 4);
		q->frames[q->n] = frame;
		q->ips[q->n] = ntohl(ip);
		q->at[q->n++] = (uint8_t)i;
	}
	return rest;
}

/* Where the route leads; null: not to a neighbour. */
static const struct l3_hop *
next_hop(const struct l3_routes *table, const struct l3_route *route,
	const struct rte_mbuf *mbuf, struct l3_hop *room)
{
	const uint8_t *frame = rte_pktmbuf_mtod(mbuf, const uint8_t *);
	const struct l3_route now = l3_route_now(route);
	struct pkt_info info;

	if (likely(now.kind == L3_ROUTE_VIA && now.n_hops == 1))
		return &table->hops[now.hops];
	if (now.kind != L3_ROUTE_VIA && now.kind != L3_ROUTE_CONNECTED)
		return NULL;
	return pkt_parse_usual(frame, mbuf->data_len, &info)
		       ? l3_route_hop(table, &now, &info, room)
		       : NULL;
}

static inline void
rewrite(uint8_t *frame, const uint8_t *macs)
{
	struct pkt_ip4 *ip = (struct pkt_ip4 *)(frame + IP);
	const uint32_t csum = (uint32_t)ip->csum + htons(0x100);

	memcpy(frame, macs, 12);
	ip->ttl--;
	ip->csum = (uint16_t)(csum + (csum >= 0xffff));
}

/* False: the neighbour is not known. */
static bool
resolve(struct l3 *l3, const struct l3_hop *hop, struct l3_adjacency *adjacency)
{
	const uint8_t *mac = neigh_find(l3->neigh, hop->cp, hop->family, hop->addr);

	if (mac == NULL)
		return false;
	adjacency->mtu = l3_out_mtu(l3, hop->cp);
	adjacency->cp = hop->cp;
	memcpy(adjacency->macs, mac, 6);
	memcpy(adjacency->macs + 6, l3->config->ifaces[hop->cp].mac, 6);
	return true;
}

/* The one of a hop that is known by its number: kept. Null: no such neighbour. */
static inline const struct l3_adjacency *
kept_adjacency(struct l3 *l3, const struct l3_routes *table, uint32_t number)
{
	struct l3_adjacency *adjacency = &l3->adjacencies[number % L3_ADJACENCIES];
	const uint64_t of = (uint64_t)neigh_epoch(l3->neigh) << 32 | number;

	if (likely(adjacency->of == of))
		return adjacency;
	adjacency->of = 0;
	if (!resolve(l3, &table->hops[number - 1], adjacency))
		return NULL;
	adjacency->of = of;
	return adjacency;
}

/* The one of a hop that depends on the packet. */
static const struct l3_adjacency *
other_adjacency(struct l3 *l3, const struct l3_routes *table, uint64_t value,
	const struct rte_mbuf *mbuf, struct l3_adjacency *adjacency)
{
	const struct l3_route *route = l3_route_of(table, value);
	const struct l3_hop *hop = NULL;
	struct l3_hop room;

	if (route != NULL)
		hop = next_hop(table, route, mbuf, &room);
	return hop != NULL && resolve(l3, hop, adjacency) ? adjacency : NULL;
}

/* False: it goes the long way, and nothing was done to it. */
static inline bool
forward(struct l3 *l3, const struct l3_routes *table, struct vnf_burst *burst,
	const struct quick *q, unsigned i)
{
	struct rte_mbuf *mbuf = burst->pkts[q->at[i]];
	const uint32_t number = l3_route_hop_number(q->values[i]);
	uint8_t *frame = q->frames[i];
	const uint32_t total = pkt_be16(frame + TOTAL);
	struct l3_adjacency room;
	const struct l3_adjacency *to =
		number != 0 ? kept_adjacency(l3, table, number)
			    : other_adjacency(l3, table, q->values[i], mbuf, &room);

	if (to == NULL || frame[TTL] <= 1 || total > to->mtu ||
		(to->cp == burst->cp && l3->config->redirects))
		return false;
	if (total + PKT_ETH_LEN < mbuf->data_len) /* Ethernet padding ends here */
		l3_set_len(mbuf, total + PKT_ETH_LEN);
	rewrite(frame, to->macs);
	burst->verdicts[q->at[i]] = VNF_FORWARD(to->cp);
	return true;
}

/* Those that were forwarded. Last, when the counters have had time to come near. */
static void
count(struct l3_routes *table, const struct vnf_burst *burst, const struct quick *q,
	uint32_t rest)
{
	for (unsigned i = 0; i < q->n; i++)
		if (likely((rest >> q->at[i] & 1) == 0))
			l3_route_count(l3_route_of(table, q->values[i]),
				burst->pkts[q->at[i]]->pkt_len);
}
