/* test_table.c: sessions, mappings, ports and TCP states of the NAT; the clock is a
 * number. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <arpa/inet.h>
#include <cmocka.h>
#include "dataplane/pkt/hdr.h"
#include "vnfs/nat/table.h"
#include "vnfs/nat/tcp.h"

#define SECOND	 1000000000ull
#define SESSIONS 64
#define HOST(n)	 htonl(0x0a000000 + (n))
#define PEER(n)	 htonl(0xc6336400 + (n))
#define POOL	 htonl(0xcb007102) /* 203.0.113.2 */

struct fixture {
	struct table table;
	struct maps *maps;
	struct config config;
	struct net_prefix outside;
	void *region;
	uint64_t now;
	enum table_result result;
};

static void
use(struct fixture *f)
{
	struct maps *before = f->maps;

	assert_int_equal(maps_create(&f->maps, &f->config, SESSIONS, 3, NULL), 0);
	table_use(&f->table, &f->config, f->maps);
	maps_destroy(before);
}

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	const size_t size = table_region_size(SESSIONS);

	assert_int_equal(net_prefix_parse("203.0.113.2/24", &f->outside), 0);
	f->config = (struct config){
		.outside.l3 = {.addresses = &f->outside, .n_addresses = 1},
		.ports = {1024, 65535},
		.filtering = CONFIG_FILTER_ADDRESS,
		.max_sessions = SESSIONS,
		.timeouts = {7440 * SECOND, 240 * SECOND, 300 * SECOND, 60 * SECOND}};
	f->now = 1000 * SECOND;
	assert_int_equal(posix_memalign(&f->region, 64, size), 0);
	memset(f->region, 0, size);
	assert_int_equal(table_open(&f->table, f->region, size, 5, NULL), 0);
	table_adopt(&f->table, f->now);
	use(f);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	table_close(&f->table);
	maps_destroy(f->maps);
	free(f->region);
	free(f);
	return 0;
}

static struct pkt_info
packet(uint8_t proto, uint32_t src, uint16_t sport, uint32_t dst, uint16_t dport,
	uint8_t flags)
{
	struct pkt_info info = {.family = 4,
		.proto = proto,
		.first = true,
		.sport = sport,
		.dport = dport,
		.tcp_flags = flags};

	memcpy(info.src, &src, 4);
	memcpy(info.dst, &dst, 4);
	return info;
}

/* A packet from inside; its session or SESSION_NONE. */
static session_ref
out(struct fixture *f, uint8_t proto, uint32_t host, uint16_t port, uint32_t peer,
	uint16_t peer_port, uint8_t flags)
{
	struct pkt_info info = packet(proto, host, port, peer, peer_port, flags);
	struct session_key4 key;

	info.icmp_type = 8;
	assert_true(table_key_out(&info, &key));
	f->result = TABLE_OK;
	session_ref ref = table_find(&f->table, &key, SESSION_NONE, f->now);

	if (ref == SESSION_NONE)
		ref = table_add_out(&f->table, &key, &info, f->now, &f->result);
	if (ref != SESSION_NONE)
		table_seen(&f->table, ref, true, flags, f->now);
	return ref;
}

static session_ref
in(struct fixture *f, uint8_t proto, uint32_t peer, uint16_t peer_port, uint32_t ip,
	uint16_t port, uint8_t flags)
{
	const struct pkt_info info = packet(proto, peer, peer_port, ip, port, flags);
	struct session_key4 key;

	assert_true(table_key_in(&info, &key));
	f->result = TABLE_OK;
	session_ref ref = table_find(&f->table, &key, SESSION_NONE, f->now);

	if (ref == SESSION_NONE)
		ref = table_add_in(&f->table, &key, &info, f->now, &f->result);
	if (ref != SESSION_NONE)
		table_seen(&f->table, ref, false, flags, f->now);
	return ref;
}

static uint16_t
outside_port(struct fixture *f, session_ref ref)
{
	assert_int_not_equal(ref, SESSION_NONE);
	return table_of(&f->table, ref)->out.dport;
}

#define UDP_OUT(f, host, port, peer) out(f, PKT_PROTO_UDP, host, port, peer, 53, 0)

static void
test_table_mapping_is_endpoint_independent(void **state)
{
	struct fixture *f = *state;
	const uint16_t port = outside_port(f, UDP_OUT(f, HOST(1), 1000, PEER(1)));

	assert_int_equal(outside_port(f, UDP_OUT(f, HOST(1), 1000, PEER(2))), port);
	assert_int_not_equal(outside_port(f, UDP_OUT(f, HOST(1), 1001, PEER(1))), port);
	assert_int_not_equal(outside_port(f, UDP_OUT(f, HOST(2), 1000, PEER(1))), port);
	assert_int_equal(maps_total(f->maps), 3);
	assert_true(port >= 1024);
}

static void
test_table_filtering_is_as_configured(void **state)
{
	static const struct {
		int filtering;
		bool same, other_port, other_host;
	} cases[] = {{CONFIG_FILTER_NONE, true, true, true},
		{CONFIG_FILTER_ADDRESS, true, true, false},
		{CONFIG_FILTER_ADDRESS_PORT, true, false, false}};
	struct fixture *f = *state;

	for (unsigned i = 0; i < 3; i++) {
		f->config.filtering = cases[i].filtering;
		use(f);
		const uint16_t host_port = (uint16_t)(2000 + i);
		const uint16_t port =
			outside_port(f, UDP_OUT(f, HOST(1), host_port, PEER(1)));

		assert_true(
			in(f, PKT_PROTO_UDP, PEER(1), 53, POOL, port, 0) != SESSION_NONE);
		assert_int_equal(
			in(f, PKT_PROTO_UDP, PEER(1), 54, POOL, port, 0) != SESSION_NONE,
			cases[i].other_port);
		assert_int_equal(
			in(f, PKT_PROTO_UDP, PEER(9), 53, POOL, port, 0) != SESSION_NONE,
			cases[i].other_host);
	}
	assert_int_equal(f->result, TABLE_FILTERED);
}

static void
test_table_unknown_outside_port_has_no_mapping(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(in(f, PKT_PROTO_UDP, PEER(1), 53, POOL, 9, 0), SESSION_NONE);
	assert_int_equal(f->result, TABLE_NO_MAPPING);
}

static void
test_table_only_a_syn_opens_tcp_from_outside_and_no_rst_from_inside(void **state)
{
	struct fixture *f = *state;

	f->config.filtering = CONFIG_FILTER_NONE;
	use(f);
	assert_int_equal(out(f, PKT_PROTO_TCP, HOST(1), 80, PEER(1), 1, PKT_TCP_RST),
		SESSION_NONE);
	const uint16_t port = outside_port(
		f, out(f, PKT_PROTO_TCP, HOST(1), 80, PEER(1), 1, PKT_TCP_SYN));

	assert_int_equal(
		in(f, PKT_PROTO_TCP, PEER(2), 1, POOL, port, PKT_TCP_ACK), SESSION_NONE);
	assert_true(in(f, PKT_PROTO_TCP, PEER(2), 1, POOL, port, PKT_TCP_SYN) !=
		    SESSION_NONE);
}

static void
test_table_sessions_end_just_when_their_time_is_over(void **state)
{
	struct fixture *f = *state;
	const uint16_t port = outside_port(f, UDP_OUT(f, HOST(1), 1000, PEER(1)));

	f->now += 299 * SECOND;
	assert_true(in(f, PKT_PROTO_UDP, PEER(1), 53, POOL, port, 0) != SESSION_NONE);
	f->now += 299 * SECOND; /* refreshed meanwhile */
	assert_true(in(f, PKT_PROTO_UDP, PEER(1), 53, POOL, port, 0) != SESSION_NONE);
	f->now += 300 * SECOND;
	assert_int_equal(in(f, PKT_PROTO_UDP, PEER(1), 53, POOL, port, 0), SESSION_NONE);
	assert_int_equal(f->result, TABLE_NO_MAPPING);
	assert_int_equal(maps_total(f->maps), 0);
}

static void
test_table_expiry_finds_idle_sessions_by_itself(void **state)
{
	struct fixture *f = *state;

	for (unsigned i = 0; i < SESSIONS; i++)
		assert_true(UDP_OUT(f, HOST(i), 1000, PEER(1)) != SESSION_NONE);
	for (unsigned i = 0; i < 3010; i++) {
		f->now += SECOND / 10;
		table_expire(&f->table, f->now);
		if (i == 2900)
			assert_int_equal(session_count(f->table.sessions), SESSIONS);
	}
	assert_int_equal(session_count(f->table.sessions), 0);
	assert_int_equal(maps_total(f->maps), 0);
}

static void
test_table_full_refuses_and_ends_none(void **state)
{
	struct fixture *f = *state;

	for (unsigned i = 0; i < SESSIONS; i++)
		assert_true(UDP_OUT(f, HOST(1), (uint16_t)(1000 + i), PEER(1)) !=
			    SESSION_NONE);
	assert_int_equal(UDP_OUT(f, HOST(2), 1000, PEER(1)), SESSION_NONE);
	assert_int_equal(f->result, TABLE_FULL);
	assert_int_equal(session_count(f->table.sessions), SESSIONS);
	assert_int_equal(maps_total(f->maps), SESSIONS); /* none for the one refused */
}

static void
test_table_ports_used_up_refuse_and_come_back(void **state)
{
	struct fixture *f = *state;

	f->config.ports = (struct net_ports){5000, 5003};
	use(f);
	for (unsigned i = 0; i < 4; i++)
		assert_in_range(
			outside_port(f, UDP_OUT(f, HOST(i), 1000, PEER(1))), 5000, 5003);
	assert_int_equal(UDP_OUT(f, HOST(9), 1000, PEER(1)), SESSION_NONE);
	assert_int_equal(f->result, TABLE_NO_PORT);
	assert_true(out(f, PKT_PROTO_TCP, HOST(9), 1000, PEER(1), 80, PKT_TCP_SYN) !=
		    SESSION_NONE); /* TCP has ports of its own */
	f->now += 301 * SECOND;
	table_expire(&f->table, f->now);
	table_expire(&f->table, f->now);
	assert_true(UDP_OUT(f, HOST(9), 1000, PEER(1)) != SESSION_NONE);
}

static void
test_table_quota_is_per_inside_host(void **state)
{
	struct fixture *f = *state;

	f->config.max_sessions_per_host = 2;
	use(f);
	assert_true(UDP_OUT(f, HOST(1), 1, PEER(1)) != SESSION_NONE);
	assert_true(UDP_OUT(f, HOST(1), 1, PEER(2)) != SESSION_NONE);
	assert_int_equal(UDP_OUT(f, HOST(1), 1, PEER(3)), SESSION_NONE);
	assert_int_equal(f->result, TABLE_QUOTA);
	assert_true(UDP_OUT(f, HOST(2), 1, PEER(3)) != SESSION_NONE);
}

static void
test_table_icmp_queries_have_identifiers_and_60_seconds(void **state)
{
	struct fixture *f = *state;
	const uint16_t id =
		outside_port(f, out(f, PKT_PROTO_ICMP, HOST(1), 7, PEER(1), 7, 0));

	assert_true(in(f, PKT_PROTO_ICMP, PEER(1), id, POOL, id, 0) != SESSION_NONE);
	f->now += 60 * SECOND;
	assert_int_equal(in(f, PKT_PROTO_ICMP, PEER(1), id, POOL, id, 0), SESSION_NONE);
}

static void
handshake(struct fixture *f, uint16_t *port)
{
	*port = outside_port(
		f, out(f, PKT_PROTO_TCP, HOST(1), 80, PEER(1), 1, PKT_TCP_SYN));
	in(f, PKT_PROTO_TCP, PEER(1), 1, POOL, *port, PKT_TCP_SYN | PKT_TCP_ACK);
	out(f, PKT_PROTO_TCP, HOST(1), 80, PEER(1), 1, PKT_TCP_ACK);
}

static uint64_t
lives(struct fixture *f, session_ref ref)
{
	return (table_of(&f->table, ref)->session.expires_ns - f->now) / SECOND;
}

static void
test_table_tcp_timeouts_follow_the_state(void **state)
{
	struct fixture *f = *state;
	uint16_t port;
	session_ref ref = out(f, PKT_PROTO_TCP, HOST(1), 80, PEER(1), 1, PKT_TCP_SYN);

	assert_int_equal(lives(f, ref), 240);
	handshake(f, &port);
	assert_int_equal(lives(f, ref), 7440);
	ref = out(f, PKT_PROTO_TCP, HOST(1), 80, PEER(1), 1, PKT_TCP_FIN | PKT_TCP_ACK);
	assert_int_equal(lives(f, ref), 7440); /* half closed: the peer may go on */
	in(f, PKT_PROTO_TCP, PEER(1), 1, POOL, port, PKT_TCP_FIN | PKT_TCP_ACK);
	assert_int_equal(lives(f, ref), 240);
}

static void
test_tcp_reset_is_transitory_unless_the_connection_goes_on(void **state)
{
	struct fixture *f = *state;
	uint16_t port;

	handshake(f, &port);
	const session_ref ref = in(f, PKT_PROTO_TCP, PEER(1), 1, POOL, port, PKT_TCP_RST);

	assert_int_equal(lives(f, ref), 240);
	out(f, PKT_PROTO_TCP, HOST(1), 80, PEER(1), 1, PKT_TCP_ACK);
	assert_int_equal(lives(f, ref), 7440);
}

static void
test_tcp_simultaneous_open_is_an_open(void **state)
{
	uint8_t tcp = tcp_next(0, true, PKT_TCP_SYN);

	(void)state;
	tcp = tcp_next(tcp, false, PKT_TCP_SYN);
	assert_false(tcp_is_established(tcp));
	tcp = tcp_next(tcp, true, PKT_TCP_SYN | PKT_TCP_ACK);
	tcp = tcp_next(tcp, false, PKT_TCP_ACK);
	assert_true(tcp_is_established(tcp));
}

static void
test_tcp_syn_after_both_fins_opens_anew(void **state)
{
	uint8_t tcp = TCP_OUT | TCP_IN | TCP_ESTABLISHED | TCP_FIN_OUT | TCP_FIN_IN;

	(void)state;
	tcp = tcp_next(tcp, true, PKT_TCP_SYN);
	assert_false(tcp_is_established(tcp));
	tcp = tcp_next(tcp, false, PKT_TCP_SYN | PKT_TCP_ACK);
	tcp = tcp_next(tcp, true, PKT_TCP_ACK);
	assert_true(tcp_is_established(tcp));
}

static void
test_table_sessions_survive_a_restart_with_their_mappings(void **state)
{
	struct fixture *f = *state;
	const uint16_t port = outside_port(f, UDP_OUT(f, HOST(1), 1000, PEER(1)));

	UDP_OUT(f, HOST(1), 1000, PEER(2));
	table_close(&f->table);
	assert_int_equal(
		table_open(&f->table, f->region, table_region_size(SESSIONS), 6, NULL),
		0);
	table_adopt(&f->table, f->now);
	use(f);
	assert_int_equal(session_count(f->table.sessions), 2);
	assert_int_equal(maps_total(f->maps), 1);
	assert_int_equal(outside_port(f, UDP_OUT(f, HOST(1), 1000, PEER(3))), port);
	assert_true(in(f, PKT_PROTO_UDP, PEER(1), 99, POOL, port, 0) != SESSION_NONE);
}

static void
test_table_another_pool_ends_only_what_is_not_of_it(void **state)
{
	struct fixture *f = *state;
	struct net_range pool[2];

	assert_int_equal(net_range_parse("203.0.113.2-203.0.113.3", &pool[0]), 0);
	assert_int_equal(net_range_parse("203.0.113.3", &pool[1]), 0);
	f->config.pool = &pool[0];
	f->config.n_pool = 1;
	use(f);
	unsigned kept = 0;

	for (unsigned i = 0; i < 20; i++) {
		const session_ref ref = UDP_OUT(f, HOST(i), 1000, PEER(1));

		kept += table_of(&f->table, ref)->out.dst == htonl(0xcb007103);
	}
	assert_in_range(kept, 1, 19);
	f->config.pool = &pool[1];
	use(f);
	assert_int_equal(session_count(f->table.sessions), kept);
	assert_int_equal(maps_total(f->maps), kept);
}

static void
test_pool_ports_keep_their_class(void **state)
{
	struct fixture *f = *state;

	f->config.ports = (struct net_ports){900, 2000};
	struct pool *pool = pool_create(&f->config);

	for (unsigned i = 0; i < 50; i++) {
		assert_in_range(pool_take(pool, POOL, PKT_PROTO_UDP, 53, i * 85899345u),
			900, 1023);
		assert_in_range(pool_take(pool, POOL, PKT_PROTO_UDP, 5353, i * 85899345u),
			1024, 2000);
	}
	pool_destroy(pool);
}

static void
test_pool_gives_each_port_once(void **state)
{
	struct fixture *f = *state;
	struct pool *pool = pool_create(&f->config);
	static bool seen[65536];

	memset(seen, 0, sizeof(seen));
	for (unsigned i = 0; i < 65536 - 1024; i++) {
		const uint16_t port =
			pool_take(pool, POOL, PKT_PROTO_TCP, 4000, i * 2654435761u);

		assert_in_range(port, 1024, 65535);
		assert_false(seen[port]);
		seen[port] = true;
	}
	assert_int_equal(pool_take(pool, POOL, PKT_PROTO_TCP, 4000, 7), 0);
	pool_free(pool, POOL, PKT_PROTO_TCP, 7777);
	assert_int_equal(pool_take(pool, POOL, PKT_PROTO_TCP, 4000, 7), 7777);
	pool_destroy(pool);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_table_mapping_is_endpoint_independent),
		TEST(test_table_filtering_is_as_configured),
		TEST(test_table_unknown_outside_port_has_no_mapping),
		TEST(test_table_only_a_syn_opens_tcp_from_outside_and_no_rst_from_inside),
		TEST(test_table_sessions_end_just_when_their_time_is_over),
		TEST(test_table_expiry_finds_idle_sessions_by_itself),
		TEST(test_table_full_refuses_and_ends_none),
		TEST(test_table_ports_used_up_refuse_and_come_back),
		TEST(test_table_quota_is_per_inside_host),
		TEST(test_table_icmp_queries_have_identifiers_and_60_seconds),
		TEST(test_table_tcp_timeouts_follow_the_state),
		TEST(test_tcp_reset_is_transitory_unless_the_connection_goes_on),
		TEST(test_tcp_simultaneous_open_is_an_open),
		TEST(test_tcp_syn_after_both_fins_opens_anew),
		TEST(test_table_sessions_survive_a_restart_with_their_mappings),
		TEST(test_table_another_pool_ends_only_what_is_not_of_it),
		TEST(test_pool_ports_keep_their_class),
		TEST(test_pool_gives_each_port_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
