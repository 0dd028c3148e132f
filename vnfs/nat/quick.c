/* quick.c: see quick.h.
 *
 * A packet must not overtake one of its session that changes the session: behind such a
 * one, all of the session go the long way; behind TCP that is not usual, the whole rest
 * of the burst does, as its session is not known here.
 */
#include "vnfs/nat/quick.h"
#include <string.h>
#include "dataplane/pkt/parse_usual.h"
#include "vnfs/nat/rewrite.h"
#include "vnfs/nat/tcp.h"

#define IP  PKT_USUAL_L3
#define SRC (IP + 12)
#define DST (IP + 16)
#define L4  PKT_USUAL_L4

#define ALWAYS_INLINE inline __attribute__((always_inline))

struct picked { /* the usual ones */
	unsigned n;
	uint8_t at[VNF_BURST];
	uint8_t *frames[VNF_BURST];
	struct session_key4 keys[VNF_BURST];
	session_ref refs[VNF_BURST];
};

struct steady { /* those of them that may pass */
	unsigned n;
	uint8_t of[VNF_BURST]; /* their places among the picked */
	const struct table_session *sessions[VNF_BURST];
	uint32_t ips[VNF_BURST]; /* where they go; host order */
	uint64_t values[VNF_BURST];
};

struct hop { /* the way by a route, as the last packet found it */
	uint64_t value;
	uint32_t mtu; /* 0: it goes the long way */
	unsigned cp;
	uint8_t macs[12]; /* of the neighbour, and ours */
};

struct lifetimes { /* that a packet gives its session; 0: leaves it */
	uint64_t tcp, udp;
};

/* ---- which ---- */

static inline bool
is_tcp(const struct rte_mbuf *mbuf, const uint8_t *frame)
{
	return mbuf->data_len > IP + 9 && pkt_be16(frame + 12) == PKT_ETH_IPV4 &&
	       frame[IP + 9] == PKT_PROTO_TCP;
}

/* As key_out() and key_in() make it. */
static inline void
make_key(const uint8_t *frame, enum key_kind kind, struct session_key4 *key)
{
	uint64_t words[2];
	uint32_t ports;

	memcpy(&words[0], frame + SRC, 8);
	memcpy(&ports, frame + L4, 4);
	ports = __builtin_bswap32(ports);
	words[1] = (uint64_t)(ports >> 16 | ports << 16) | (uint64_t)frame[IP + 9] << 48 |
		   (uint64_t)kind << 56;
	memcpy(key, words, sizeof(*key));
}

static ALWAYS_INLINE void
pick(const struct nat *nat, const struct vnf_burst *burst, struct picked *p,
	uint32_t *rest, bool out)
{
	const struct l3_to to = l3_to_us(&nat->l3, burst->cp);

	p->n = 0;
	for (unsigned i = 0; i < burst->n; i++) {
		const struct rte_mbuf *mbuf = burst->pkts[i];
		uint8_t *frame = rte_pktmbuf_mtod(mbuf, uint8_t *);

		if (unlikely(!pkt_is_usual(frame, mbuf->data_len))) {
			*rest |= is_tcp(mbuf, frame) ? UINT32_MAX << i : 1u << i;
			if (is_tcp(mbuf, frame))
				break;
			continue;
		}
		if (unlikely(!l3_is_to(&to, frame) ||
			     l3_is_martian4(&nat->l3, frame + SRC, frame + DST) ||
			     (out && nat_in_pool(nat, frame + DST)))) {
			*rest |= 1u << i;
			continue;
		}
		make_key(frame, out ? KEY_OUT : KEY_IN, &p->keys[p->n]);
		p->frames[p->n] = frame;
		p->at[p->n++] = (uint8_t)i;
	}
}

/* ---- whose sessions stay what they are ---- */

static inline bool
is_steady(const struct table_session *s, const uint8_t *frame, uint64_t now_ns)
{
	if (unlikely(s->session.expires_ns <= now_ns || (s->flags & TABLE_GUEST)))
		return false;
	return s->in.proto != PKT_PROTO_TCP || tcp_is_open_steady(s->tcp, frame[L4 + 13]);
}

static inline bool
is_among(session_ref ref, const session_ref *refs, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if (refs[i] == ref)
			return true;
	return false;
}

/* It goes the long way, which need not look it up again. */
static inline void
leave_to_rest(struct quick_rest *rest, unsigned at, session_ref ref)
{
	rest->places |= 1u << at;
	rest->looked_up |= 1u << at;
	rest->refs[at] = ref;
}

static ALWAYS_INLINE void
sift(const struct nat *nat, const struct picked *p, struct steady *q,
	struct quick_rest *rest, bool out)
{
	const struct session_table *sessions = nat->table.sessions;
	const uint64_t now_ns = nat_now(nat);
	session_ref changed[VNF_BURST];
	unsigned n_changed = 0, n = 0;

	for (unsigned k = 0; k < p->n; k++) {
		const session_ref ref = p->refs[k];
		const struct table_session *s = session_record(sessions, ref);

		if (unlikely(ref == SESSION_NONE || !is_steady(s, p->frames[k], now_ns) ||
			     is_among(ref, changed, n_changed))) {
			leave_to_rest(rest, p->at[k], ref);
			if (ref != SESSION_NONE)
				changed[n_changed++] = ref;
			continue;
		}
		q->of[n] = (uint8_t)k;
		q->sessions[n] = s;
		q->ips[n++] = __builtin_bswap32(out ? s->in.dst : s->in.src);
	}
	q->n = n;
}

/* ---- on their way ---- */

/* The way by the route with that value, to ip on a link of ours. */
static inline struct hop
hop_of(struct nat *nat, uint64_t value, uint32_t ip, bool out)
{
	const struct l3_route *route = l3_route_of(nat->routes, value);
	struct hop hop = {.value = value};
	struct l3_hop link = {.family = 4};
	const struct l3_hop *next = &link;

	if (route == NULL ||
		(route->kind != L3_ROUTE_VIA && route->kind != L3_ROUTE_CONNECTED))
		return hop;
	if (route->kind == L3_ROUTE_VIA) {
		next = &nat->routes->hops[route->hops];
	} else {
		hop.value = L3_FIB_NONE; /* others by this route have another neighbour */
		link.cp = route->cp;
		ip = __builtin_bswap32(ip);
		memcpy(link.addr, &ip, 4);
	}
	const uint8_t *mac = neigh_find(nat->l3.neigh, next->cp, 4, next->addr);

	if (mac == NULL || (out && next->cp == CONFIG_INSIDE))
		return hop;
	hop.cp = next->cp;
	hop.mtu = l3_out_mtu(&nat->l3, next->cp);
	memcpy(hop.macs, mac, 6);
	memcpy(hop.macs + 6, nat->l3.config->ifaces[next->cp].mac, 6);
	return hop;
}

/* Adds the halves of a word, and the carry. */
static inline uint16_t
fold(uint32_t sum)
{
	return (uint16_t)((sum + (sum << 16 | sum >> 16)) >> 16);
}

/* The address and port of one side exchanged, the TTL counted down, a new identification
 * where one is needed, both checksums mended at once: RFC 1624 equation 3. */
static ALWAYS_INLINE void
translate(struct nat *nat, uint8_t *frame, const struct table_session *s, bool out)
{
	struct pkt_ip4 *ip = (struct pkt_ip4 *)(frame + IP);
	const bool udp = ip->proto == PKT_PROTO_UDP;
	uint8_t *at_ip = frame + (out ? SRC : DST);
	uint8_t *at_port = frame + L4 + (out ? 0 : 2);
	uint8_t *at_csum =
		frame + L4 +
		(udp ? offsetof(struct pkt_udp, csum) : offsetof(struct pkt_tcp, csum));
	const uint32_t addr = out ? s->out.dst : s->in.src;
	const uint16_t port = __builtin_bswap16(out ? s->out.dport : s->in.sport);
	uint32_t addr_before;
	uint16_t port_before, csum;

	memcpy(&addr_before, at_ip, 4);
	memcpy(&port_before, at_port, 2);
	memcpy(&csum, at_csum, 2);
	const uint32_t sum = ~addr_before + addr;
	const uint32_t change = fold(sum + (sum < addr));      /* never 0 */
	uint32_t head = (uint16_t)~ip->csum + change + 0xfffe; /* one less of TTL */

	if (out && !(ip->frag_off & __builtin_bswap16(PKT_IP4_DF))) {
		const uint16_t id = __builtin_bswap16(
			ident_next(&nat->ident, s->out.dst, s->in.dst, s->in.proto));

		head += (uint16_t)~ip->id + (uint32_t)id;
		ip->id = id;
	}
	memcpy(at_ip, &addr, 4);
	memcpy(at_port, &port, 2);
	ip->ttl--;
	ip->csum = (uint16_t)~fold(head);
	if (unlikely(udp && csum == 0))
		return;
	csum = (uint16_t)~fold(
		(uint16_t)~csum + change + (uint16_t)~port_before + (uint32_t)port);
	if (unlikely(udp && csum == 0))
		csum = 0xffff;
	memcpy(at_csum, &csum, 2);
}

static inline struct lifetimes
lifetimes_of(const struct nat *nat, bool out)
{
	const struct config *config = nat->config;
	const bool udp = out || config->refresh != CONFIG_REFRESH_OUTBOUND;

	return (struct lifetimes){
		config->timeouts.tcp_established, udp ? config->timeouts.udp : 0};
}

/* False: it goes the long way, and nothing was done to it. */
static ALWAYS_INLINE bool
forward(struct nat *nat, struct rte_mbuf *mbuf, uint8_t *frame,
	const struct table_session *s, const struct hop *hop, bool out)
{
	const uint32_t total = pkt_be16(frame + IP + 2);

	if (unlikely(total > hop->mtu || frame[IP + 8] <= 1))
		return false;
	if (total + PKT_ETH_LEN < mbuf->data_len) /* Ethernet padding ends here */
		l3_set_len(mbuf, total + PKT_ETH_LEN);
	translate(nat, frame, s, out);
	memcpy(frame, hop->macs, 12);
	return true;
}

/* Each of its like needs a number of its own if its datagrams may be cut to pieces. */
static void
say(struct nat *nat, unsigned at, session_ref ref, const struct session *session,
	const struct hop *hop, const uint8_t *frame, bool out)
{
	const struct vnf_steady said = {.token = ref,
		.flags = VNF_STEADY_ROUTED | VNF_STEADY_COUNTED,
		.max_total = hop->mtu,
		.until_ns = session->expires_ns};

	if (!out || (frame[IP + 6] & PKT_IP4_DF >> 8))
		vnf_steady(nat->l3.vnf->trace, at, &said);
}

void
quick_expect(struct vnf *vnf, uint64_t token)
{
	const struct nat *nat = vnf->self;

	session_prefetch(nat->table.sessions, (session_ref)token);
}

uint64_t
quick_passed(struct vnf *vnf, const struct vnf_passed *passed)
{
	struct nat *nat = vnf->self;
	const bool out = session_side(passed->token) == 0;
	const struct table_session *s =
		session_record(nat->table.sessions, passed->token);
	const struct lifetimes lifetimes = lifetimes_of(nat, out);
	const uint64_t lifetime =
		s->in.proto == PKT_PROTO_TCP ? lifetimes.tcp : lifetimes.udp;
	const uint32_t ip = __builtin_bswap32(out ? s->in.dst : s->in.src);
	uint64_t value;

	if (lifetime != 0 && passed->now_ns + lifetime > s->session.expires_ns)
		table_prolong(&nat->table, passed->token, &s->session, lifetime,
			passed->now_ns);
	l3_fib_find4(nat->routes->fib, &ip, &value, 1);
	hop_of(nat, value, ip, out); /* its neighbour is in use */
	return s->session.expires_ns;
}

static ALWAYS_INLINE void
forward_all(struct nat *nat, struct vnf_burst *burst, const struct picked *p,
	const struct steady *q, struct quick_rest *rest, bool out)
{
	const struct lifetimes lifetimes = lifetimes_of(nat, out);
	const uint64_t now_ns = nat_now(nat);
	struct hop hop = {.value = L3_FIB_NONE};

	for (unsigned i = 0; i < q->n; i++) {
		const unsigned k = q->of[i], at = p->at[k];
		const struct table_session *s = q->sessions[i];
		const uint64_t lifetime =
			s->in.proto == PKT_PROTO_TCP ? lifetimes.tcp : lifetimes.udp;

		if (q->values[i] != hop.value || hop.value == L3_FIB_NONE)
			hop = hop_of(nat, q->values[i], q->ips[i], out);
		if (unlikely(
			    !forward(nat, burst->pkts[at], p->frames[k], s, &hop, out))) {
			leave_to_rest(rest, at, p->refs[k]);
			continue;
		}
		burst->verdicts[at] = VNF_FORWARD(hop.cp);
		if (unlikely(nat->l3.vnf->trace != NULL))
			say(nat, at, p->refs[k], &s->session, &hop, p->frames[k], out);
		if (lifetime != 0)
			table_prolong(
				&nat->table, p->refs[k], &s->session, lifetime, now_ns);
	}
}

static ALWAYS_INLINE void
pass(struct nat *nat, struct vnf_burst *burst, struct quick_rest *rest, bool out)
{
	struct picked p;
	struct steady q;

	pick(nat, burst, &p, &rest->places, out);
	if (p.n == 0)
		return;
	session_find_bulk(nat->table.sessions, p.keys, p.n, p.refs);
	sift(nat, &p, &q, rest, out);
	if (q.n == 0)
		return;
	l3_fib_find4(nat->routes->fib, q.ips, q.values, q.n);
	forward_all(nat, burst, &p, &q, rest, out);
}

void
quick_pass(struct nat *nat, struct vnf_burst *burst, struct quick_rest *rest)
{
	rest->places = rest->looked_up = 0;
	if (burst->cp == CONFIG_INSIDE)
		pass(nat, burst, rest, true);
	else
		pass(nat, burst, rest, false);
	rest->places &= UINT32_MAX >> (32 - burst->n);
}
