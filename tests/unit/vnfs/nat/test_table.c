/* test_table.c: sessions, mappings, ports and TCP states of the NAT; the clock is a
 * number. */
#include "tests/unit/vnfs/nat/fixture.h"

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
	assert_true(in(f, PKT_PROTO_UDP, PEER(1), 53, POOL, port, 0) != SESSION_NONE);
	f->now += 301 * SECOND;
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
	for (unsigned i = 0; i < 3015; i++) {
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
	assert_true(in(f, PKT_PROTO_ICMP, PEER(1), id, POOL, id, 0) != SESSION_NONE);
	f->now += 61 * SECOND;
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
	assert_false(tcp_phase(tcp) == TCP_OPEN);
	tcp = tcp_next(tcp, true, PKT_TCP_SYN | PKT_TCP_ACK);
	tcp = tcp_next(tcp, false, PKT_TCP_ACK);
	assert_true(tcp_phase(tcp) == TCP_OPEN);
}

static void
test_tcp_syn_after_both_fins_opens_anew(void **state)
{
	uint8_t tcp = TCP_OUT | TCP_IN | TCP_ESTABLISHED | TCP_FIN_OUT | TCP_FIN_IN;

	(void)state;
	tcp = tcp_next(tcp, true, PKT_TCP_SYN);
	assert_false(tcp_phase(tcp) == TCP_OPEN);
	tcp = tcp_next(tcp, false, PKT_TCP_SYN | PKT_TCP_ACK);
	tcp = tcp_next(tcp, true, PKT_TCP_ACK);
	assert_true(tcp_phase(tcp) == TCP_OPEN);
}

static void
test_table_sessions_survive_a_restart_with_their_mappings(void **state)
{
	struct fixture *f = *state;
	const uint16_t port = outside_port(f, UDP_OUT(f, HOST(1), 1000, PEER(1)));

	UDP_OUT(f, HOST(1), 1000, PEER(2));
	table_close(&f->table);
	assert_int_equal(table_open(&f->table, f->region, table_region_size(SESSIONS), 6,
				 &f->journal, NULL),
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

static uint16_t
take(struct pool *pool, uint8_t proto, uint16_t source, uint32_t random)
{
	const struct pool_want want = {
		.proto = proto, .source_port = source, .random = random};

	return pool_take(pool, 0, &want);
}

static void
test_pool_ports_keep_their_class(void **state)
{
	struct fixture *f = *state;

	f->config.ports = (struct net_ports){900, 2000};
	struct pool *pool = pool_create(&f->config);

	for (unsigned i = 0; i < 50; i++) {
		assert_in_range(take(pool, PKT_PROTO_UDP, 53, i * 85899345u), 900, 1023);
		assert_in_range(
			take(pool, PKT_PROTO_TCP, 5353, i * 85899345u), 1024, 2000);
	}
	while (take(pool, PKT_PROTO_UDP, 53, 0) != 0) { /* until they are used up */
	}
	assert_true(take(pool, PKT_PROTO_UDP, 5353, 0) != 0);
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
		const uint16_t port = take(pool, PKT_PROTO_TCP, 4000, i * 2654435761u);

		assert_in_range(port, 1024, 65535);
		assert_false(seen[port]);
		seen[port] = true;
	}
	assert_int_equal(take(pool, PKT_PROTO_TCP, 4000, 7), 0);
	pool_free(pool, 0, PKT_PROTO_TCP, 7777, 0);
	assert_int_equal(take(pool, PKT_PROTO_TCP, 4000, 7), 7777);
	pool_destroy(pool);
}

static void
test_pool_parity_is_kept_while_there_are_such_ports(void **state)
{
	struct fixture *f = *state;
	struct pool_want want = {.proto = PKT_PROTO_UDP, .parity = true};

	f->config.ports = (struct net_ports){2000, 2199};
	struct pool *pool = pool_create(&f->config);

	for (unsigned i = 0; i < 100; i++) {
		want.source_port = 3001;
		want.random = i * 2654435761u;
		assert_int_equal(pool_take(pool, 0, &want) % 2, 1);
	}
	assert_int_equal(pool_take(pool, 0, &want) % 2, 0); /* no odd one is left */
	want.source_port = 3000;
	assert_int_equal(pool_take(pool, 0, &want) % 2, 0);
	pool_destroy(pool);
}

/* ---- TCP ---- */

static void
established(struct fixture *f, uint16_t *port, session_ref *ref)
{
	handshake(f, port);
	*ref = out(f, PKT_PROTO_TCP, HOST(1), 80, PEER(1), 1, PKT_TCP_ACK);
	assert_int_equal(lives(f, *ref), 7440);
}

static session_ref
tcp_out(struct fixture *f, uint8_t flags)
{
	return out(f, PKT_PROTO_TCP, HOST(1), 80, PEER(1), 1, flags);
}

static void
test_tcp_opening_and_closing_have_times_of_their_own(void **state)
{
	struct fixture *f = *state;
	session_ref ref;
	uint16_t port;

	f->config.timeouts.tcp_opening = 30 * SECOND;
	f->config.timeouts.tcp_closing = 500 * SECOND;
	ref = tcp_out(f, PKT_TCP_SYN);
	assert_int_equal(lives(f, ref), 30);
	established(f, &port, &ref);
	tcp_out(f, PKT_TCP_FIN | PKT_TCP_ACK);
	in(f, PKT_PROTO_TCP, PEER(1), 1, POOL, port, PKT_TCP_FIN | PKT_TCP_ACK);
	assert_int_equal(lives(f, ref), 500);
}

static void
test_tcp_reset_ends_it_after_240_seconds_without_traffic(void **state)
{
	struct fixture *f = *state;
	session_ref ref;
	uint16_t port;

	established(f, &port, &ref);
	assert_int_equal(
		in(f, PKT_PROTO_TCP, PEER(1), 1, POOL, port, PKT_TCP_RST), ref | 1);
	f->now += 239 * SECOND;
	table_expire(&f->table, f->now);
	assert_int_equal(session_count(f->table.sessions), 1);
	f->now += 2 * SECOND;
	table_expire(&f->table, f->now);
	assert_int_equal(session_count(f->table.sessions), 0);
}

static void
test_tcp_syn_after_both_fins_needs_one_of_the_other_side(void **state)
{
	struct fixture *f = *state;
	session_ref ref;
	uint16_t port;

	established(f, &port, &ref);
	tcp_out(f, PKT_TCP_FIN | PKT_TCP_ACK);
	in(f, PKT_PROTO_TCP, PEER(1), 1, POOL, port, PKT_TCP_FIN | PKT_TCP_ACK);
	assert_int_equal(lives(f, ref), 240);
	tcp_out(f, PKT_TCP_SYN);
	in(f, PKT_PROTO_TCP, PEER(1), 1, POOL, port, PKT_TCP_FIN | PKT_TCP_ACK);
	tcp_out(f, PKT_TCP_ACK); /* of late segments nothing follows */
	assert_int_equal(lives(f, ref), 240);
	in(f, PKT_PROTO_TCP, PEER(1), 1, POOL, port, PKT_TCP_SYN | PKT_TCP_ACK);
	tcp_out(f, PKT_TCP_ACK);
	assert_int_equal(lives(f, ref), 7440);
}

/* ---- what keeps a mapping alive ---- */

static void
test_udp_inbound_refresh_is_an_option(void **state)
{
	struct fixture *f = *state;

	for (int refresh = CONFIG_REFRESH_BOTH; refresh <= CONFIG_REFRESH_OUTBOUND;
		refresh++) {
		f->config.refresh = refresh;
		const uint16_t port = outside_port(f, UDP_OUT(f, HOST(1), 1000, PEER(1)));

		f->now += 200 * SECOND;
		assert_true(
			in(f, PKT_PROTO_UDP, PEER(1), 53, POOL, port, 0) != SESSION_NONE);
		f->now += 150 * SECOND;
		table_expire(&f->table, f->now);
		assert_int_equal(
			maps_total(f->maps), refresh == CONFIG_REFRESH_BOTH ? 1 : 0);
		f->now += 1000 * SECOND;
		table_expire(&f->table, f->now);
		table_expire(&f->table, f->now);
	}
}

static void
test_udp_outbound_refreshes_all_that_the_mapping_is(void **state)
{
	struct fixture *f = *state;

	f->config.refresh = CONFIG_REFRESH_OUTBOUND;
	const uint16_t port = outside_port(f, UDP_OUT(f, HOST(1), 1000, PEER(1)));

	for (unsigned i = 0; i < 10; i++) {
		f->now += 250 * SECOND;
		table_expire(&f->table, f->now);
		assert_int_equal(
			outside_port(f, UDP_OUT(f, HOST(1), 1000, PEER(2))), port);
	}
}

static void
test_guests_do_not_keep_a_mapping_alive(void **state)
{
	struct fixture *f = *state;

	f->config.filtering = CONFIG_FILTER_NONE;
	use(f);
	const uint16_t port = outside_port(f, tcp_out(f, PKT_TCP_SYN));

	f->now += 200 * SECOND;
	session_ref guest = in(f, PKT_PROTO_TCP, PEER(9), 1, POOL, port, PKT_TCP_SYN);

	assert_int_not_equal(guest, SESSION_NONE);
	/* the inside host refuses: that refreshes nothing either */
	assert_int_equal(
		out(f, PKT_PROTO_TCP, HOST(1), 80, PEER(9), 1, PKT_TCP_RST), guest & ~1u);
	f->now += 41 * SECOND;
	table_expire(&f->table, f->now);
	assert_int_equal(maps_total(f->maps), 0);
	assert_int_equal(
		in(f, PKT_PROTO_TCP, PEER(9), 1, POOL, port, PKT_TCP_SYN), SESSION_NONE);
	assert_int_equal(f->result, TABLE_NO_MAPPING);
}

static void
test_a_guest_that_is_answered_is_a_session_like_others(void **state)
{
	struct fixture *f = *state;

	f->config.filtering = CONFIG_FILTER_NONE;
	use(f);
	const uint16_t port = outside_port(f, tcp_out(f, PKT_TCP_SYN));

	f->now += 200 * SECOND;
	in(f, PKT_PROTO_TCP, PEER(9), 1, POOL, port, PKT_TCP_SYN);
	out(f, PKT_PROTO_TCP, HOST(1), 80, PEER(9), 1, PKT_TCP_SYN | PKT_TCP_ACK);
	in(f, PKT_PROTO_TCP, PEER(9), 1, POOL, port, PKT_TCP_ACK);
	f->now += 3000 * SECOND;
	table_expire(&f->table, f->now);
	assert_int_equal(maps_total(f->maps), 1);
	assert_int_not_equal(
		in(f, PKT_PROTO_TCP, PEER(9), 1, POOL, port, PKT_TCP_ACK), SESSION_NONE);
}

static void
test_guests_survive_a_restart_with_their_mapping_only(void **state)
{
	struct fixture *f = *state;

	f->config.filtering = CONFIG_FILTER_NONE;
	use(f);
	const uint16_t port = outside_port(f, tcp_out(f, PKT_TCP_SYN));

	in(f, PKT_PROTO_TCP, PEER(9), 1, POOL, port, PKT_TCP_SYN);
	use(f);
	assert_int_equal(session_count(f->table.sessions), 2);
	f->now += 100 * SECOND;
	tcp_out(f, PKT_TCP_SYN);
	f->now += 100 * SECOND;
	in(f, PKT_PROTO_TCP, PEER(8), 1, POOL, port, PKT_TCP_SYN);
	f->now += 141 * SECOND;
	table_expire(&f->table, f->now); /* host and first guest are gone */
	assert_int_equal(session_count(f->table.sessions), 1);
	use(f);
	assert_int_equal(session_count(f->table.sessions), 0);
}

/* ---- filtering, pairing, determinism ---- */

static void
test_filtering_of_tcp_is_its_own(void **state)
{
	struct fixture *f = *state;

	f->config.filtering = CONFIG_FILTER_ADDRESS_PORT;
	f->config.tcp_filtering = CONFIG_FILTER_NONE;
	use(f);
	const uint16_t udp = outside_port(f, UDP_OUT(f, HOST(1), 80, PEER(1)));
	const uint16_t tcp = outside_port(f, tcp_out(f, PKT_TCP_SYN));

	assert_int_equal(in(f, PKT_PROTO_UDP, PEER(1), 9, POOL, udp, 0), SESSION_NONE);
	assert_int_not_equal(
		in(f, PKT_PROTO_TCP, PEER(7), 9, POOL, tcp, PKT_TCP_SYN), SESSION_NONE);
	f->config.filtering = CONFIG_FILTER_NONE;
	f->config.tcp_filtering = CONFIG_FILTER_ADDRESS;
	use(f);
	assert_int_not_equal(
		in(f, PKT_PROTO_UDP, PEER(6), 9, POOL, udp, 0), SESSION_NONE);
	assert_int_equal(
		in(f, PKT_PROTO_TCP, PEER(6), 9, POOL, tcp, PKT_TCP_SYN), SESSION_NONE);
}

static void
test_pairing_gives_a_host_one_address_of_a_pool_with_gaps(void **state)
{
	struct fixture *f = *state;
	struct net_range pool[3];

	assert_int_equal(net_range_parse("203.0.113.2", &pool[0]), 0);
	assert_int_equal(net_range_parse("203.0.113.9-203.0.113.10", &pool[1]), 0);
	assert_int_equal(net_range_parse("198.51.100.7", &pool[2]), 0);
	f->config.pool = pool;
	f->config.n_pool = 3;
	use(f);
	uint32_t seen[4] = {0};
	unsigned n = 0;

	for (unsigned host = 1; host <= 12; host++) {
		const session_ref first = UDP_OUT(f, HOST(host), 1000, PEER(1));
		const uint32_t ip = table_of(&f->table, first)->out.dst;

		for (uint16_t port = 1; port < 4; port++) {
			const uint8_t proto = port == 1	  ? PKT_PROTO_TCP
					      : port == 2 ? PKT_PROTO_ICMP
							  : PKT_PROTO_UDP;
			const session_ref ref =
				out(f, proto, HOST(host), port, PEER(port), port, 0);

			assert_int_equal(table_of(&f->table, ref)->out.dst, ip);
		}
		unsigned k = 0;

		while (k < n && seen[k] != ip)
			k++;
		if (k == n) {
			assert_true(n < 4);
			seen[n++] = ip;
		}
	}
	assert_int_equal(n, 4); /* all of the pool serve */
	f->config.pool = NULL;
	f->config.n_pool = 0;
}

/* The same questions, in an empty table and in one that is full but for three sessions,
 * with other hosts before and between. */
static void
ask_all(struct fixture *f)
{
	const uint16_t port = outside_port(f, UDP_OUT(f, HOST(1), 1000, PEER(1)));

	assert_true(port >= 1024);
	assert_int_equal(outside_port(f, UDP_OUT(f, HOST(1), 1000, PEER(2))), port);
	assert_int_equal(in(f, PKT_PROTO_UDP, PEER(3), 53, POOL, port, 0), SESSION_NONE);
	assert_int_equal(f->result, TABLE_FILTERED);
	assert_int_not_equal(
		in(f, PKT_PROTO_UDP, PEER(2), 99, POOL, port, 0), SESSION_NONE);
	assert_int_equal(lives(f, UDP_OUT(f, HOST(1), 1000, PEER(1))), 300);
}

static void
test_behaviour_is_the_same_whatever_the_load_and_order(void **state)
{
	struct fixture *f = *state;

	ask_all(f);
	f->now += 400 * SECOND;
	table_expire(&f->table, f->now);
	assert_int_equal(session_count(f->table.sessions), 0);
	for (unsigned i = 0; i < SESSIONS - 3; i++)
		UDP_OUT(f, HOST(100 + i), 1000, PEER(i % 5));
	assert_int_equal(session_count(f->table.sessions), SESSIONS - 3);
	ask_all(f);
	assert_int_equal(session_count(f->table.sessions), SESSIONS);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		RULE("an inside end has one outside end, whoever it talks to [NAT-1]",
			test_table_mapping_is_endpoint_independent),
		RULE("filtering is as configured [NAT-3]",
			test_table_filtering_is_as_configured),
		RULE("filtering of TCP is its own [NAT-3]",
			test_filtering_of_tcp_is_its_own),
		RULE("an outside port of nobody has no mapping",
			test_table_unknown_outside_port_has_no_mapping),
		RULE("only a SYN opens TCP from outside, and no RST from inside [NAT-9]",
			test_table_only_a_syn_opens_tcp_from_outside_and_no_rst_from_inside),
		RULE("UDP sessions end 300 s after their last packet [NAT-7]",
			test_table_sessions_end_just_when_their_time_is_over),
		RULE("expiry finds idle sessions by itself [COM-12]",
			test_table_expiry_finds_idle_sessions_by_itself),
		RULE("a full table refuses and ends none [NAT-16]",
			test_table_full_refuses_and_ends_none),
		RULE("used up ports refuse and come back [NAT-16]",
			test_table_ports_used_up_refuse_and_come_back),
		RULE("max-sessions-per-host is of each inside host [NAT-17]",
			test_table_quota_is_per_inside_host),
		RULE("ICMP queries have identifiers, and 60 s [NAT-10]",
			test_table_icmp_queries_have_identifiers_and_60_seconds),
		RULE("TCP lives 240 s while it opens, 7440 s idle, 240 s after both FINs "
		     "[NAT-8]",
			test_table_tcp_timeouts_follow_the_state),
		RULE("TCP opening and closing have times of their own [NAT-8]",
			test_tcp_opening_and_closing_have_times_of_their_own),
		RULE("a reset makes TCP transitory, unless it goes on [NAT-8]",
			test_tcp_reset_is_transitory_unless_the_connection_goes_on),
		RULE("a reset session ends after 240 s without traffic [NAT-8]",
			test_tcp_reset_ends_it_after_240_seconds_without_traffic),
		RULE("a simultaneous open is an open [NAT-9]",
			test_tcp_simultaneous_open_is_an_open),
		RULE("a SYN after both FINs opens anew [NAT-8]",
			test_tcp_syn_after_both_fins_opens_anew),
		RULE("a SYN after both FINs needs one of the other side [NAT-8]",
			test_tcp_syn_after_both_fins_needs_one_of_the_other_side),
		RULE("UDP: refresh by inbound packets is an option [NAT-7]",
			test_udp_inbound_refresh_is_an_option),
		RULE("UDP: outbound packets refresh the mapping [NAT-7]",
			test_udp_outbound_refreshes_all_that_the_mapping_is),
		RULE("strangers, and resets in answer to them, keep no mapping alive "
		     "[NAT-7]",
			test_guests_do_not_keep_a_mapping_alive),
		RULE("a stranger that is answered is a peer like others",
			test_a_guest_that_is_answered_is_a_session_like_others),
		RULE("sessions of strangers survive a restart with their mapping only",
			test_guests_survive_a_restart_with_their_mapping_only),
		RULE("sessions survive a restart with their mappings [COM-11]",
			test_table_sessions_survive_a_restart_with_their_mappings),
		RULE("another pool ends only what is not of it",
			test_table_another_pool_ends_only_what_is_not_of_it),
		RULE("a host has one address of the pool, which may have gaps [NAT-6]",
			test_pairing_gives_a_host_one_address_of_a_pool_with_gaps),
		RULE("the same packets are treated alike whatever the load and order "
		     "[NAT-22]",
			test_behaviour_is_the_same_whatever_the_load_and_order),
		RULE("ports keep their class [NAT-4]", test_pool_ports_keep_their_class),
		RULE("each port is given once [NAT-4]", test_pool_gives_each_port_once),
		RULE("parity is kept while there are such ports [NAT-5]",
			test_pool_parity_is_kept_while_there_are_such_ports),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
