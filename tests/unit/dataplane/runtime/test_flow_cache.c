/* Tests of the flow cache: a group with one does what the same group does without it:
 * the same bytes leave, in the same order within each flow, and the same is counted.
 * Firewall, NAT and router; hosts 10.0.0.10 and up to the left, 198.51.100.10 and up to
 * the right. */
#include "tests/unit/dataplane/runtime/group_stage.h"
#include <arpa/inet.h>
#include <stdio.h>
#include "dataplane/pkt/csum.h"
#include "dataplane/pkt/hdr.h"
#include "dataplane/runtime/flow_cache_parts.h"
#include "dataplane/shm/steer.h"
#include "tests/lib/random.h"

#define HOSTS  4
#define FLOWS  64
#define LEFT   0x0a00000au /* 10.0.0.10 */
#define RIGHT  0xc633640au /* 198.51.100.10 */
#define OUTER  0xcb007102u /* 203.0.113.2 */
#define BURSTS 6000
#define FRAMES 96 /* that leave at one end after a burst */

static const char *const names[GROUP_VNFS] = {"firewall", "nat", "router"};

#define NAT                                                                                  \
	"{\"inside\": {\"addresses\": [\"10.0.0.1/24\"], \"mac\": \"02:00:00:00:00:fe\"},"   \
	" \"outside\": {\"addresses\": [\"203.0.113.2/24\"], \"gateway\": \"203.0.113.1\"}," \
	" \"pool\": [\"203.0.113.2\"], \"max-sessions\": 1000"
#define ROUTER                                                                               \
	"{\"interfaces\": [{\"cp\": \"p0\", \"addresses\": [\"203.0.113.1/24\"],"            \
	" \"mac\": \"02:00:00:00:01:01\"}, {\"cp\": \"p1\", \"addresses\":"                  \
	" [\"198.51.100.1/24\"], \"mac\": \"02:00:00:00:01:02\", \"mtu\": %u}],"             \
	" \"routes\": [%s], \"neighbours\": ["                                               \
	" {\"cp\": \"p1\", \"address\": \"198.51.100.10\", \"mac\": \"02:00:00:00:02:0a\"}," \
	" {\"cp\": \"p1\", \"address\": \"198.51.100.11\", \"mac\": \"02:00:00:00:02:0b\"}," \
	" {\"cp\": \"p1\", \"address\": \"198.51.100.12\", \"mac\": \"%s\"},"                \
	" {\"cp\": \"p1\", \"address\": \"198.51.100.13\", \"mac\": \"02:00:00:00:02:0d\"}]}"

struct flow { /* of a left and a right host */
	uint32_t left, right;
	uint16_t sport, dport; /* as the left one has them */
	uint8_t proto;
	uint32_t outer; /* as the right one sees the left, when it has heard of it */
	uint16_t oport;
	uint32_t seq[2]; /* of what the left, and the right one sends next */
	bool answered;	 /* by the right one */
};

struct pair {
	struct group *plain, *cached;
	struct flow flows[FLOWS];
	unsigned packets; /* that left */
	unsigned calm;	  /* odd packets are so many times as rare */
};

struct out {
	unsigned len;
	unsigned order;
	uint8_t frame[GROUP_FRAME];
};

/* ---- frames ---- */

struct shape { /* what is unusual about a packet */
	uint8_t ttl, tos, flags;
	bool df, bad_mac, bad_csum, no_l4_csum, option, fragment;
	unsigned data, padding;
};

static unsigned
put_ip(uint8_t *frame, const struct flow *flow, bool right, const struct shape *shape)
{
	struct pkt_eth *eth = (struct pkt_eth *)frame;
	struct pkt_ip4 *ip = (struct pkt_ip4 *)(frame + PKT_ETH_LEN);
	const unsigned head = PKT_IP4_LEN + (shape->option ? 4 : 0);

	memcpy(eth->dst, right ? "\x02\0\0\0\x01\x02" : "\x02\0\0\0\0\xfe", 6);
	memcpy(eth->src, "\x02\0\0\0\x03", 6);
	eth->src[5] = (uint8_t)(right ? flow->right : flow->left);
	eth->dst[4] ^= shape->bad_mac ? 0x10 : 0;
	eth->type = htons(PKT_ETH_IPV4);
	memset(ip, 0, head);
	ip->ver_ihl = (uint8_t)(0x40 | head / 4);
	ip->tos = shape->tos;
	ip->frag_off = htons((uint16_t)((shape->df ? PKT_IP4_DF : 0) |
					(shape->fragment ? PKT_IP4_MF : 0)));
	ip->id = htons((uint16_t)flow->seq[right]);
	ip->ttl = shape->ttl;
	ip->proto = flow->proto;
	ip->src = htonl(right ? flow->right : flow->left);
	ip->dst = htonl(right ? flow->outer : flow->right);
	if (shape->option)
		memset(ip + 1, 1, 4); /* NOP */
	return PKT_ETH_LEN + head;
}

static unsigned
put_l4(uint8_t *frame, unsigned at, const struct flow *flow, bool right,
	const struct shape *shape)
{
	struct pkt_udp *udp = (struct pkt_udp *)(frame + at);
	struct pkt_tcp *tcp = (struct pkt_tcp *)(frame + at);
	const unsigned head = flow->proto == PKT_PROTO_UDP ? PKT_UDP_LEN : PKT_TCP_LEN;

	memset(frame + at, 0, head);
	udp->sport = htons(right ? flow->dport : flow->sport);
	udp->dport = htons(right ? flow->oport : flow->dport);
	if (flow->proto == PKT_PROTO_UDP) {
		udp->len = htons((uint16_t)(head + shape->data));
	} else {
		tcp->seq = htonl(flow->seq[right]);
		tcp->ack = shape->flags & PKT_TCP_ACK ? htonl(flow->seq[!right]) : 0;
		tcp->off = PKT_TCP_LEN / 4 << 4;
		tcp->flags = shape->flags;
		tcp->window = htons(8000);
	}
	for (unsigned i = 0; i < shape->data; i++)
		frame[at + head + i] = (uint8_t)random32();
	return head + shape->data;
}

/* Its length. */
static unsigned
make(uint8_t *frame, const struct flow *flow, bool right, const struct shape *shape)
{
	const unsigned at = put_ip(frame, flow, right, shape);
	const unsigned l4 = put_l4(frame, at, flow, right, shape);
	struct pkt_ip4 *ip = (struct pkt_ip4 *)(frame + PKT_ETH_LEN);
	struct pkt_info info;

	ip->total_len = htons((uint16_t)(at - PKT_ETH_LEN + l4));
	csum_ip4_set(ip);
	if (pkt_parse(frame, at + l4, &info) == PKT_OK && !shape->no_l4_csum &&
		!shape->fragment)
		csum_l4_set(frame, &info);
	if (shape->bad_csum)
		ip->csum ^= 0x0101;
	memset(frame + at + l4, 0xee, shape->padding);
	return at + l4 + shape->padding;
}

static unsigned
make_arp(uint8_t *frame, uint32_t host, uint8_t card)
{
	struct pkt_eth *eth = (struct pkt_eth *)frame;
	struct pkt_arp *arp = (struct pkt_arp *)(frame + PKT_ETH_LEN);

	memset(frame, 0xff, 6);
	memcpy(eth->src, "\x02\0\0\0\x03", 6);
	eth->src[4] = card;
	eth->src[5] = (uint8_t)host;
	eth->type = htons(PKT_ETH_ARP);
	*arp = (struct pkt_arp){.hw_type = htons(1),
		.proto_type = htons(PKT_ETH_IPV4),
		.hw_len = 6,
		.proto_len = 4,
		.op = htons(1),
		.sender_ip = htonl(host),
		.target_ip = htonl(0x0a000001)};
	memcpy(arp->sender_mac, eth->src, 6);
	return PKT_ETH_LEN + PKT_ARP_LEN;
}

/* ---- both groups ---- */

static void
feed(struct pair *p, bool right, const uint8_t *frame, unsigned len)
{
	group_feed(p->plain, right, frame, len);
	group_feed(p->cached, right, frame, len);
}

/* Flows leave in any order, each in its own. */
static int
compare_out(const void *a, const void *b)
{
	const struct out *x = a, *y = b;
	const int flow = memcmp(x->frame + 23, y->frame + 23, 15);

	return flow != 0 ? flow : (x->order > y->order) - (x->order < y->order);
}

static unsigned
take_all(struct group *group, bool right, struct out *outs)
{
	unsigned n = 0;

	while ((outs[n].len = group_take(group, right, outs[n].frame)) > 0) {
		outs[n].frame[24] = outs[n].frame[25] = 0; /* the checksum is no flow */
		outs[n].order = n;
		n++;
		assert_true(n < FRAMES);
	}
	return n;
}

/* What the right one sees of a flow, which it needs to answer. */
static void
learn(struct pair *p, const struct out *out)
{
	const struct pkt_ip4 *ip = (const struct pkt_ip4 *)(out->frame + PKT_ETH_LEN);
	const struct pkt_udp *udp =
		(const struct pkt_udp *)((const uint8_t *)ip + (ip->ver_ihl & 15) * 4);
	const uint16_t id = ntohs(udp->dport);

	if (out->frame[12] != 8 || out->frame[13] != 0 || id < 1000 || id >= 1000 + FLOWS)
		return;
	p->flows[id - 1000].outer = ntohl(ip->src);
	p->flows[id - 1000].oport = ntohs(udp->sport);
}

static void
run_and_compare(struct pair *p)
{
	static struct out plain[FRAMES], cached[FRAMES];

	group_run(p->plain);
	group_run(p->cached);
	for (unsigned right = 0; right < 2; right++) {
		const unsigned n = take_all(p->plain, right, plain);

		assert_int_equal(take_all(p->cached, right, cached), n);
		qsort(plain, n, sizeof(plain[0]), compare_out);
		qsort(cached, n, sizeof(cached[0]), compare_out);
		for (unsigned i = 0; i < n; i++) {
			assert_int_equal(cached[i].len, plain[i].len);
			assert_memory_equal(
				cached[i].frame, plain[i].frame, plain[i].len);
			if (right)
				learn(p, &plain[i]);
		}
		p->packets += n;
	}
}

static void
compare_json(json_t *plain, json_t *cached)
{
	json_object_del(plain, "flowCache");
	json_object_del(cached, "flowCache");
	if (!json_equal(plain, cached)) {
		char *a = json_dumps(plain, JSON_SORT_KEYS),
		     *b = json_dumps(cached, JSON_SORT_KEYS);

		print_error("without: %s\nwith:    %s\n", a, b);
		free(a);
		free(b);
		fail();
	}
	json_decref(plain);
	json_decref(cached);
}

/* Times are coarse: as old, and as long to live, but for a second. */
static void
compare_times(const json_t *plain, const json_t *cached)
{
	static const char *const times[] = {
		"age", "expiresIn", "ageSeconds", "expiresInSeconds"};
	json_t *list = json_object_get(cached, "sessions"), *session;
	size_t i;

	json_array_foreach (json_object_get(plain, "sessions"), i, session)
		for (unsigned k = 0; k < 4; k++) {
			json_t *other = json_array_get(list, i);
			const json_int_t a = json_integer_value(
						 json_object_get(session, times[k])),
					 b = json_integer_value(
						 json_object_get(other, times[k]));

			assert_in_range(a - b + 1, 0, 2);
			json_object_del(session, times[k]);
			json_object_del(other, times[k]);
		}
}

static void
compare_sessions(struct vnf *plain, struct vnf *cached)
{
	struct err err = {0};
	json_t *none = json_object();
	json_t *a = plain->type->query(plain, "sessions", none, &err),
	       *b = cached->type->query(cached, "sessions", none, &err);

	compare_times(a, b);
	compare_json(a, b);
	json_decref(none);
}

/* All counters, once the VNFs know of all that passed. */
static void
compare_counts(struct pair *p)
{
	group_settle(p->cached);
	group_settle(p->plain);
	for (unsigned i = 0; i < GROUP_VNFS; i++) {
		const struct shm_slot_counters *a = &p->plain->host.slots[i].counters,
					       *b = &p->cached->host.slots[i].counters;
		struct vnf *plain = &p->plain->vnfs[i], *cached = &p->cached->vnfs[i];

		assert_memory_equal(a->cps, b->cps, sizeof(a->cps));
		assert_memory_equal(a->drops, b->drops, sizeof(a->drops));
		compare_json(vnf_stats(plain), vnf_stats(cached));
		if (i < 2)
			compare_sessions(plain, cached);
	}
	assert_int_equal(group_missing(p->plain), 0);
	assert_int_equal(group_missing(p->cached), 0);
}

/* ---- random traffic, random changes ---- */

static void
begin_flow(struct flow *flow, unsigned i)
{
	*flow = (struct flow){.left = LEFT + random_below(HOSTS),
		.right = RIGHT + random_below(HOSTS),
		.sport = (uint16_t)(20000 + random_below(40000)),
		.dport = (uint16_t)(1000 + i),
		.proto = random_below(2) ? PKT_PROTO_UDP : PKT_PROTO_TCP,
		.seq = {random32(), random32()}};
}

static bool
one_in(unsigned n)
{
	return random_below(n) == 0;
}

static bool
odd(const struct pair *p, unsigned n)
{
	return one_in(n * p->calm);
}

static uint8_t
some_flags(const struct pair *p, const struct flow *flow)
{
	static const uint8_t flags[] = {PKT_TCP_ACK, PKT_TCP_ACK | PKT_TCP_PSH};

	if (flow->outer == 0)
		return PKT_TCP_SYN;
	if (odd(p, 40))
		return (uint8_t)random_below(64);
	return flags[random_below(2)];
}

/* Each flow: opened by the left, answered by the right, then data; now and then
 * something odd. */
static void
send_one(struct pair *p)
{
	struct flow *flow = &p->flows[random_below(FLOWS)];
	const bool right = flow->outer != 0 && random_below(2);
	struct shape shape = {.ttl = odd(p, 50) ? (uint8_t)(1 + random_below(3)) : 64,
		.tos = odd(p, 20) ? (uint8_t)random32() : 0,
		.flags = some_flags(p, flow),
		.df = !odd(p, 10),
		.bad_mac = odd(p, 100),
		.bad_csum = odd(p, 100),
		.no_l4_csum = flow->proto == PKT_PROTO_UDP && one_in(20),
		.option = odd(p, 100),
		.fragment = odd(p, 200),
		.data = random_below(one_in(10) ? 120 : 20),
		.padding = one_in(5) ? random_below(20) : 0};
	uint8_t frame[GROUP_FRAME];
	unsigned len;

	if (one_in(100)) {
		begin_flow(flow, (unsigned)(flow - p->flows));
		return;
	}
	if (flow->proto == PKT_PROTO_TCP && right && (!flow->answered || odd(p, 7)))
		shape.flags = PKT_TCP_SYN | PKT_TCP_ACK;
	flow->answered |= right;
	if (shape.flags & PKT_TCP_SYN)
		shape.data = 0;
	len = make(frame, flow, right, &shape);
	flow->seq[right] +=
		shape.data + ((shape.flags & (PKT_TCP_SYN | PKT_TCP_FIN)) != 0);
	feed(p, right, frame, len);
}

static void
change_firewall(char *text, size_t size)
{
	snprintf(text, size,
		"{\"default\": \"drop\", \"max-sessions\": 1000, \"sessions\": \"recheck\","
		" \"max-half-open\": %u,"
		" \"stateful\": %s, \"rules\": ["
		"{\"name\": \"some\", \"action\": \"%s\", \"proto\": \"udp\","
		" \"dport\": \"1000-%u\"},"
		"{\"name\": \"all\", \"action\": \"accept\"}]}",
		one_in(2) ? 5 : 1000, one_in(5) ? "false" : "true",
		one_in(3) ? "drop" : "accept", 1000 + random_below(FLOWS));
}

static void
change_nat(char *text, size_t size)
{
	snprintf(text, size, NAT ", \"refresh\": \"%s\"}",
		one_in(2) ? "outbound" : "both");
}

static void
change_router(char *text, size_t size)
{
	static const char *const routes[] = {"",
		"{\"prefix\": \"198.51.100.11/32\", \"via\": \"198.51.100.13\"}",
		"{\"prefix\": \"198.51.100.12/31\", \"action\": \"blackhole\"}"};

	snprintf(text, size, ROUTER, one_in(4) ? 68 + random_below(60) : 1500,
		one_in(2) ? "" : routes[random_below(3)],
		one_in(2) ? "02:00:00:00:02:0c" : "02:00:00:00:02:1c");
}

static void
change_one(struct pair *p)
{
	static void (*const changes[GROUP_VNFS])(char *text, size_t size) = {
		change_firewall, change_nat, change_router};
	const unsigned i = random_below(GROUP_VNFS);
	char text[2048];

	changes[i](text, sizeof(text));
	group_configure(p->plain, i, text);
	group_configure(p->cached, i, text);
}

static void
tell_neighbours(struct pair *p)
{
	uint8_t frame[GROUP_FRAME];

	for (unsigned i = 0; i < HOSTS; i++)
		feed(p, false, frame, make_arp(frame, LEFT + i, one_in(5)));
	run_and_compare(p);
}

/* Hosts are heard of now and then, or the NAT would lose them. */
static void
wait_both(struct pair *p, uint64_t ns)
{
	group_wait(p->plain, ns);
	group_wait(p->cached, ns);
	if (!one_in(10))
		tell_neighbours(p);
}

static int
setup(void **state)
{
	struct pair *p = calloc(1, sizeof(*p));
	char firewall[2048], nat[2048], router[2048];
	const char *const configs[GROUP_VNFS] = {firewall, nat, router};

	snprintf(firewall, sizeof(firewall),
		"{\"default\": \"drop\", \"max-sessions\": 1000, \"rules\": [{\"action\":"
		" \"accept\", \"from\": \"left\"}]}");
	snprintf(nat, sizeof(nat), NAT "}");
	snprintf(router, sizeof(router), ROUTER, 1500, "", "02:00:00:00:02:0c");
	p->plain = group_open(names, configs, false);
	p->cached = group_open(names, configs, true);
	for (unsigned i = 0; i < FLOWS; i++)
		begin_flow(&p->flows[i], i);
	tell_neighbours(p);
	*state = p;
	return 0;
}

static int
teardown(void **state)
{
	struct pair *p = *state;

	group_close(p->plain);
	group_close(p->cached);
	free(p);
	return 0;
}

static struct flow_cache_counts
mix(struct pair *p, unsigned calm)
{
	struct flow_cache_counts counts;

	p->calm = calm;
	for (unsigned burst = 1; burst <= BURSTS; burst++) {
		for (unsigned n = random_below(32); n > 0; n--)
			send_one(p);
		run_and_compare(p);
		if (burst % 150 == 0)
			change_one(p);
		if (burst % 20 == 0)
			wait_both(p, random_below(one_in(10) ? 2000 : 200) * 1000000ull);
		if (burst % 100 == 0)
			compare_counts(p);
	}
	counts = flow_cache_read(p->cached->crew.cache);
	print_message("# %u packets left; %lu passed by %lu entries, %lu went the whole "
		      "way; ended: %lu cut, %lu changed, %lu aged\n",
		p->packets, counts.passed, counts.recorded, counts.whole, counts.cut,
		counts.changed, counts.aged);
	assert_true(counts.cut > 0 && counts.changed > 0 && counts.aged > 0);
	return counts;
}

static void
test_odd_traffic_is_treated_as_without_the_cache(void **state)
{
	assert_true(mix(*state, 1).passed > BURSTS);
}

static void
test_usual_traffic_is_treated_as_without_the_cache(void **state)
{
	const struct flow_cache_counts counts = mix(*state, 20);

	assert_true(counts.passed > counts.whole / 2);
}

static unsigned
n_sessions(struct group *group)
{
	json_t *stats = vnf_stats(&group->vnfs[1]);
	const json_int_t n = json_integer_value(json_object_get(stats, "sessions"));

	json_decref(stats);
	return (unsigned)n;
}

/* The NAT's time runs out although packets come: only those from inside prolong it. */
static void
test_session_that_is_used_from_outside_alone_ends_in_time(void **state)
{
	struct pair *p = *state;
	struct flow *flow = &p->flows[0];
	const struct shape shape = {.ttl = 64, .df = true, .data = 10};
	const char *const config = NAT ", \"refresh\": \"outbound\"}";
	unsigned alive = 0;
	uint8_t frame[GROUP_FRAME];

	group_configure(p->plain, 1, config);
	group_configure(p->cached, 1, config);
	flow->proto = PKT_PROTO_UDP;
	feed(p, false, frame, make(frame, flow, false, &shape));
	run_and_compare(p);
	for (unsigned i = 0; i < 800; i++) {
		group_wait(p->plain, 400000000);
		group_wait(p->cached, 400000000);
		feed(p, false, frame, make_arp(frame, flow->left, 0));
		feed(p, true, frame, make(frame, flow, true, &shape));
		run_and_compare(p);
		alive += n_sessions(p->cached);
		assert_int_equal(n_sessions(p->cached), n_sessions(p->plain));
	}
	assert_in_range(alive, 740, 760); /* 300 s */
	assert_true(flow_cache_read(p->cached->crew.cache).passed > 600);
}

/* Packets of UDP flows in turns, `gap_ns` apart from round to round. */
static struct flow_cache_counts
rounds(struct pair *p, unsigned n, uint64_t gap_ns)
{
	const struct shape shape = {.ttl = 64, .df = true, .data = 10};
	uint8_t frame[GROUP_FRAME];

	for (unsigned round = 0; round < n; round++) {
		for (unsigned i = 0; i < FLOWS; i++) {
			p->flows[i].proto = PKT_PROTO_UDP;
			feed(p, false, frame, make(frame, &p->flows[i], false, &shape));
		}
		run_and_compare(p);
		group_wait(p->plain, gap_ns);
		group_wait(p->cached, gap_ns);
	}
	return flow_cache_read(p->cached->crew.cache);
}

static void
test_flows_that_are_rare_get_few_entries(void **state)
{
	struct pair *p = *state;
	struct flow_cache_counts few, more;

	p->cached->crew.cache->worth = FLOW_CACHE_WORTH;
	p->cached->crew.cache->credit = 10 * FLOWS;
	few = rounds(p, 200, 1200000000);
	assert_true(few.recorded < few.whole / 5);
	more = rounds(p, 400, 20000000); /* until one burst of many has found out */
	assert_true(more.passed - few.passed > (more.whole - few.whole) / 2);
}

/* Fewer than are worth it in a step, more in the time that an entry waits. */
static void
test_flows_of_few_packets_keep_their_entries(void **state)
{
	struct pair *p = *state;
	struct flow_cache_counts counts;

	p->cached->crew.cache->worth = FLOW_CACHE_WORTH;
	counts = rounds(p, 40, 400000000);
	assert_int_equal(counts.aged, 0);
	assert_true(counts.passed > 10 * counts.whole);
}

static unsigned
treatments_in_use(const struct flow_cache *cache)
{
	unsigned n = 0;

	for (unsigned i = 0; i < cache->n_treatments; i++)
		n += cache->treatments[i].is.entries > 0;
	return n;
}

/* Also of one host in many flows, and again once all have ended. */
static void
test_entries_to_one_neighbour_share_a_treatment_which_ends_with_the_last(void **state)
{
	struct pair *p = *state;
	const struct flow_cache *cache = p->cached->crew.cache;
	unsigned first;

	for (unsigned i = 0; i < FLOWS; i++)
		p->flows[i].right = RIGHT;
	rounds(p, 4, 1000000);
	first = treatments_in_use(cache);
	assert_int_equal(flow_cache_read(cache).entries, FLOWS);
	assert_in_range(first, 1, 2);
	for (unsigned i = 0; i < 40; i++) {
		group_wait(p->plain, 100000000);
		group_wait(p->cached, 100000000);
		run_and_compare(p);
	}
	assert_int_equal(flow_cache_read(cache).entries, 0);
	assert_int_equal(treatments_in_use(cache), 0);
	rounds(p, 4, 1000000);
	assert_int_equal(treatments_in_use(cache), first);
	assert_int_equal(cache->n_treatments, first);
}

/* Behind the router paths part: to 198.51.100.10 by the usual ring, all else by `aside`.
 */
static struct steer *
part(struct group *g, struct group_ring *aside)
{
	static const int like[] = {-1, -1};
	static struct steer_counts counts;
	struct shm_slot *slot = &g->host.slots[GROUP_VNFS - 1];
	struct shm_wiring *wiring = &slot->wiring[1];
	json_t *json = json_loads(
		"[{\"match\": {\"dst\": \"198.51.100.10\"}, \"to\": [{\"path\": 1}]},"
		" {\"match\": {}, \"to\": [{\"path\": 2}]}]",
		0, NULL);
	struct faults faults = {0};
	struct steer_rules rules;
	struct steer *steer = NULL;

	assert_int_equal(steer_rules_parse(json, "steer", &rules, &faults), 0);
	assert_int_equal(steer_make(&steer, &rules, 1, &counts, NULL, like, NULL), 0);
	steer_rules_clear(&rules);
	json_decref(json);
	*wiring = slot->wiring[0];
	wiring->steer = steer;
	wiring->path_offset = offsetof(struct rte_mbuf, dynfield1[0]);
	wiring->ways[1].paths[0] = 1 << 1;
	wiring->more[wiring->n_more++] = (struct shm_more){.out.ring = group_ring(aside),
		.cp = 1,
		.way = {.paths = {1 << 2}, .fan = 1}};
	slot->wiring_gen = 1;
	group_run(g);
	return steer;
}

/* Packets to that host, and others, that left by a ring; each is on the path of it. */
static void
count_hosts(struct group *g, struct group_ring *memory, unsigned path, unsigned *first,
	unsigned *others)
{
	struct rte_ring *ring = &memory->ring;

	for (; ring_fill(ring) > 0; ring_advance(ring, 1)) {
		struct rte_mbuf *mbuf = ring_peek(ring, 0);
		const uint8_t *frame = rte_pktmbuf_mtod(mbuf, uint8_t *);

		assert_int_equal(mbuf->dynfield1[0] & 0xff, path);
		*(frame[PKT_ETH_LEN + 19] == 10 ? first : others) += 1;
		g->free[g->n_free++] = mbuf;
	}
}

/* Also of packets longer than what an entry looks at. */
static void
test_packets_that_pass_leave_by_their_paths(void **state)
{
	static struct group_ring aside;
	const struct shape shape = {.ttl = 64, .df = true, .data = 100};
	struct group *g = ((struct pair *)*state)->cached;
	struct flow *flows = ((struct pair *)*state)->flows;
	struct steer *steer = part(g, &aside);
	unsigned first[2] = {0}, others[2] = {0};
	uint8_t frame[GROUP_FRAME];

	for (unsigned round = 0; round < 50; round++) {
		for (unsigned i = 0; i < FLOWS; i++) {
			struct rte_mbuf *next = g->free[g->n_free - 1];

			next->dynfield1[0] = 0; /* as it comes from a port */
			flows[i].proto = PKT_PROTO_UDP;
			group_feed(
				g, false, frame, make(frame, &flows[i], false, &shape));
		}
		group_run(g);
		count_hosts(g, &g->right[GROUP_VNFS], 1, &first[0], &others[0]);
		count_hosts(g, &aside, 2, &first[1], &others[1]);
	}
	assert_true(flow_cache_read(g->crew.cache).passed > 40 * FLOWS);
	assert_int_equal(first[0] + others[1], 50 * FLOWS);
	assert_true(first[0] > 0 && others[1] > 0);
	assert_int_equal(others[0] + first[1], 0);
	steer_free(steer);
}

#define pair_test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		pair_test(test_odd_traffic_is_treated_as_without_the_cache),
		pair_test(test_usual_traffic_is_treated_as_without_the_cache),
		pair_test(test_packets_that_pass_leave_by_their_paths),
		pair_test(test_flows_that_are_rare_get_few_entries),
		pair_test(
			test_entries_to_one_neighbour_share_a_treatment_which_ends_with_the_last),
		pair_test(test_flows_of_few_packets_keep_their_entries),
		pair_test(test_session_that_is_used_from_outside_alone_ends_in_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
