/* test_limits.c: ports that rest, are shared, or come in blocks; limits of inside hosts;
 * and what of it is told in the log. */
#include <stdio.h>
#include <unistd.h>
#include "tests/unit/vnfs/nat/fixture.h"

#define UDP_OUT(f, host, port, peer) out(f, PKT_PROTO_UDP, host, port, peer, 53, 0)

static void
pass(struct fixture *f, uint64_t seconds)
{
	f->now += seconds * SECOND;
	for (unsigned i = 0; i < 8; i++)
		table_expire(&f->table, f->now);
}

/* ---- rest ---- */

static void
test_rest(void **state)
{
	struct fixture *f = *state;

	f->config.ports = (struct net_ports){5000, 5000};
	f->config.port_rest = (struct config_rest){120 * SECOND, 10};
	use(f);
	assert_int_equal(outside_port(f, UDP_OUT(f, HOST(1), 1, PEER(1))), 5000);
	pass(f, 301);
	assert_int_equal(pool_resting(f->maps->pool), 1);
	pass(f, 119);
	assert_int_equal(UDP_OUT(f, HOST(2), 1, PEER(1)), SESSION_NONE);
	assert_int_equal(f->result, TABLE_NO_PORT);
	pass(f, 2);
	assert_int_equal(pool_resting(f->maps->pool), 0);
	assert_int_equal(outside_port(f, UDP_OUT(f, HOST(2), 1, PEER(1))), 5000);
}

static void
test_rest_of_tcp_only_if_it_was_not_closed(void **state)
{
	struct fixture *f = *state;

	f->config.port_rest = (struct config_rest){120 * SECOND, 10};
	use(f);
	const uint16_t port = outside_port(
		f, out(f, PKT_PROTO_TCP, HOST(1), 1, PEER(1), 80, PKT_TCP_SYN));

	pass(f, 242); /* it never opened */
	assert_int_equal(pool_resting(f->maps->pool), 1);
	pass(f, 121);
	const uint16_t next = outside_port(
		f, out(f, PKT_PROTO_TCP, HOST(1), 1, PEER(1), 80, PKT_TCP_SYN));

	in(f, PKT_PROTO_TCP, PEER(1), 80, POOL, next, PKT_TCP_SYN | PKT_TCP_ACK);
	out(f, PKT_PROTO_TCP, HOST(1), 1, PEER(1), 80, PKT_TCP_FIN | PKT_TCP_ACK);
	in(f, PKT_PROTO_TCP, PEER(1), 80, POOL, next, PKT_TCP_FIN | PKT_TCP_ACK);
	pass(f, 242);
	assert_int_equal(session_count(f->table.sessions), 0);
	assert_int_equal(pool_resting(f->maps->pool), 0);
	assert_true(port != 0);
}

static void
test_rest_is_of_so_many_ports_at_most(void **state)
{
	struct fixture *f = *state;

	f->config.port_rest = (struct config_rest){120 * SECOND, 3};
	use(f);
	for (unsigned round = 0; round < 5; round++) { /* the ring goes round */
		for (unsigned i = 0; i < 10; i++)
			UDP_OUT(f, HOST(i), 1, PEER(1));
		pass(f, 301);
		assert_int_equal(pool_resting(f->maps->pool), 3);
		pass(f, 121);
		assert_int_equal(pool_resting(f->maps->pool), 0);
	}
}

/* ---- sharing ---- */

static void
test_sharing_only_when_none_is_free_and_never_with_the_same_peer(void **state)
{
	struct fixture *f = *state;

	f->config.ports = (struct net_ports){5000, 5001};
	f->config.port_overlapping = true;
	use(f);
	const uint16_t one = outside_port(f, UDP_OUT(f, HOST(1), 1, PEER(1)));
	const uint16_t two = outside_port(f, UDP_OUT(f, HOST(2), 1, PEER(1)));

	assert_int_not_equal(one, two);
	assert_int_equal(maps_total(f->maps), 2);
	/* the third has no port of its own, and PEER(1) knows both */
	assert_int_equal(UDP_OUT(f, HOST(3), 1, PEER(1)), SESSION_NONE);
	const session_ref shared = UDP_OUT(f, HOST(3), 1, PEER(2));

	assert_in_range(outside_port(f, shared), 5000, 5001);
	assert_int_equal(maps_total(f->maps), 2);
	assert_int_equal(
		in(f, PKT_PROTO_UDP, PEER(2), 53, POOL, outside_port(f, shared), 0),
		shared | 1);
	/* the first ones keep their mappings: endpoint-independent as before */
	assert_int_equal(outside_port(f, UDP_OUT(f, HOST(1), 1, PEER(3))), one);
	f->config.port_overlapping = false;
	assert_int_equal(UDP_OUT(f, HOST(3), 1, PEER(4)), SESSION_NONE);
	pass(f, 302);
	assert_int_equal(session_count(f->table.sessions), 0);
	assert_int_equal(maps_total(f->maps), 0);
}

/* ---- ports are hard to guess ---- */

static void
test_ports_are_spread_and_do_not_follow_one_another(void **state)
{
	struct fixture *f = *state;
	unsigned near = 0, buckets[8] = {0};
	uint16_t before = 0;

	for (unsigned i = 0; i < SESSIONS; i++) {
		const uint16_t port = outside_port(
			f, UDP_OUT(f, HOST(1), (uint16_t)(1000 + i), PEER(1)));

		near += port - before < 100 && port > before;
		buckets[(port - 1024u) * 8 / (65536 - 1024)]++;
		before = port;
	}
	assert_true(near <= 3);
	for (unsigned i = 0; i < 8; i++)
		assert_in_range(buckets[i], 1, SESSIONS / 3);
}

/* ---- hosts ---- */

static void
test_limits_are_of_each_host_and_come_free(void **state)
{
	struct fixture *f = *state;

	f->config.max_ports_per_host = 2;
	f->config.max_sessions_per_host = 4;
	use(f);
	for (uint16_t port = 1; port <= 2; port++)
		for (unsigned peer = 1; peer <= 2; peer++)
			assert_true(
				UDP_OUT(f, HOST(1), port, PEER(peer)) != SESSION_NONE);
	assert_int_equal(UDP_OUT(f, HOST(1), 1, PEER(3)), SESSION_NONE);
	assert_int_equal(f->result, TABLE_QUOTA);
	f->config.max_sessions_per_host = 5;
	assert_int_equal(UDP_OUT(f, HOST(1), 3, PEER(1)), SESSION_NONE);
	assert_int_equal(f->result, TABLE_HOST_PORTS);
	assert_true(UDP_OUT(f, HOST(2), 3, PEER(1)) != SESSION_NONE);
	use(f); /* counted anew */
	assert_int_equal(UDP_OUT(f, HOST(1), 3, PEER(1)), SESSION_NONE);
	assert_int_equal(f->result, TABLE_HOST_PORTS);
	pass(f, 302);
	assert_null(hosts_find(f->maps->hosts, HOST(1)));
	assert_true(UDP_OUT(f, HOST(1), 3, PEER(1)) != SESSION_NONE);
}

static void
test_rate_of_new_sessions(void **state)
{
	struct fixture *f = *state;
	unsigned made = 0;

	f->config.max_new_sessions_per_host = 5;
	use(f);
	for (unsigned i = 0; i < 100; i++) { /* 100 in two seconds */
		made += UDP_OUT(f, HOST(1), (uint16_t)(1 + i), PEER(1)) != SESSION_NONE;
		f->now += SECOND / 50;
	}
	assert_in_range(made, 14, 16); /* the burst of 5, and 5 a second */
	assert_int_equal(f->result, TABLE_HOST_RATE);
	assert_true(UDP_OUT(f, HOST(2), 1, PEER(1)) != SESSION_NONE);
}

/* ---- blocks ---- */

static void
use_blocks(struct fixture *f)
{
	f->config.ports = (struct net_ports){1024, 1024 + 4 * 8 - 1};
	f->config.port_blocks = (struct config_blocks){8, 2};
	f->config.port_rest = (struct config_rest){120 * SECOND, 100};
	use(f);
}

static void
test_blocks_hold_the_ports_of_one_host(void **state)
{
	struct fixture *f = *state;
	uint16_t first = 0;

	use_blocks(f);
	for (uint16_t i = 0; i < 8; i++) {
		const uint16_t port = outside_port(
			f, UDP_OUT(f, HOST(1), (uint16_t)(100 + i), PEER(1)));

		if (i == 0)
			first = pool_block_of(f->maps->pool, port);
		assert_int_equal(pool_block_of(f->maps->pool, port), first);
	}
	const uint16_t other = outside_port(f, UDP_OUT(f, HOST(2), 1, PEER(1)));

	assert_int_not_equal(pool_block_of(f->maps->pool, other), first);
	for (uint16_t i = 8; i < 16; i++) {
		const uint16_t port = outside_port(
			f, UDP_OUT(f, HOST(1), (uint16_t)(100 + i), PEER(1)));

		assert_int_not_equal(pool_block_of(f->maps->pool, port), first);
	}
	assert_int_equal(UDP_OUT(f, HOST(1), 200, PEER(1)), SESSION_NONE);
	assert_int_equal(f->result, TABLE_HOST_PORTS);
	/* TCP has the same blocks */
	const uint16_t tcp = outside_port(
		f, out(f, PKT_PROTO_TCP, HOST(1), 1, PEER(1), 80, PKT_TCP_SYN));

	assert_non_null(hosts_block(
		hosts_find(f->maps->hosts, HOST(1)), pool_block_of(f->maps->pool, tcp)));
}

static void
test_blocks_are_given_back_rest_and_survive_a_restart(void **state)
{
	struct fixture *f = *state;

	use_blocks(f);
	for (unsigned host = 1; host <= 4; host++)
		assert_true(UDP_OUT(f, HOST(host), 1, PEER(1)) != SESSION_NONE);
	assert_int_equal(UDP_OUT(f, HOST(5), 1, PEER(1)), SESSION_NONE);
	assert_int_equal(f->result, TABLE_NO_PORT);
	use(f);
	assert_int_equal(session_count(f->table.sessions), 4);
	assert_int_equal(UDP_OUT(f, HOST(5), 1, PEER(1)), SESSION_NONE);
	assert_int_equal(f->result, TABLE_NO_PORT);
	pass(f, 302);
	assert_int_equal(pool_resting(f->maps->pool), 4);
	assert_int_equal(UDP_OUT(f, HOST(5), 1, PEER(1)), SESSION_NONE);
	pass(f, 121);
	assert_true(UDP_OUT(f, HOST(5), 1, PEER(1)) != SESSION_NONE);
}

/* ---- the log ---- */

static char lines[65536];

/* What the journal writes now. */
static const char *
flushed(struct fixture *f, uint32_t rate)
{
	int ends[2];
	const int kept = dup(STDERR_FILENO);

	assert_int_equal(pipe(ends), 0);
	dup2(ends[1], STDERR_FILENO);
	journal_flush(&f->journal, "edge.nat", rate, 1000000 * SECOND, f->now);
	dup2(kept, STDERR_FILENO);
	close(kept);
	close(ends[1]);
	const ssize_t n = read(ends[0], lines, sizeof(lines) - 1);

	close(ends[0]);
	lines[n > 0 ? n : 0] = '\0';
	return lines;
}

static unsigned
count(const char *text, const char *what)
{
	unsigned n = 0;

	for (text = strstr(text, what); text != NULL; text = strstr(text + 1, what))
		n++;
	return n;
}

static void
test_log_of_mappings_names_no_destination(void **state)
{
	struct fixture *f = *state;
	char expected[256];

	f->config.log = (struct config_log){.mappings = true, .rate = 1000};
	const uint16_t port = outside_port(f, UDP_OUT(f, HOST(1), 1000, PEER(1)));

	UDP_OUT(f, HOST(1), 1000, PEER(2)); /* of the same mapping */
	snprintf(expected, sizeof(expected),
		"msg=\"nat mapping\" vnf=edge.nat event=create at=1970-01-12T14:03:20.000Z "
		"proto=udp inside=10.0.0.1:1000 outside=203.0.113.2:%u\n",
		port);
	const char *text = flushed(f, 1000);

	assert_non_null(strstr(text, expected));
	assert_int_equal(count(text, "\n"), 1);
	pass(f, 302);
	snprintf(expected, sizeof(expected),
		"event=delete at=1970-01-12T14:08:22.000Z proto=udp "
		"inside=10.0.0.1:1000 outside=203.0.113.2:%u\n",
		port);
	text = flushed(f, 1000);
	assert_non_null(strstr(text, expected));
	assert_int_equal(count(text, "\n"), 1);
	assert_null(strstr(text, "198.51"));
}

static void
test_log_of_sessions_names_the_destination(void **state)
{
	struct fixture *f = *state;

	f->config.log = (struct config_log){.sessions = true, .rate = 1000};
	out(f, PKT_PROTO_TCP, HOST(1), 1000, PEER(1), 80, PKT_TCP_SYN);
	pass(f, 302);
	const char *text = flushed(f, 1000);

	assert_int_equal(count(text, "msg=\"nat session\""), 2);
	assert_int_equal(count(text, " destination=198.51.100.1:80\n"), 2);
	assert_int_equal(count(text, "proto=tcp"), 2);
}

static void
test_log_of_blocks_is_two_lines_for_all_their_sessions(void **state)
{
	struct fixture *f = *state;

	use_blocks(f);
	f->config.log = (struct config_log){.mappings = true, .rate = 1000};
	for (uint16_t i = 0; i < 8; i++)
		assert_true(UDP_OUT(f, HOST(1), (uint16_t)(100 + i), PEER(1)) !=
			    SESSION_NONE);
	pass(f, 302);
	const char *text = flushed(f, 1000);

	assert_int_equal(count(text, "\n"), 2);
	assert_int_equal(count(text, "msg=\"nat port block\""), 2);
	assert_int_equal(count(text, "event=create"), 1);
	assert_int_equal(count(text, " inside=10.0.0.1 outside=203.0.113.2 ports="), 2);
}

static void
test_log_is_bounded_and_losses_are_counted(void **state)
{
	struct fixture *f = *state;
	const struct journal_event event = {.what = JOURNAL_MAPPING, .proto = 17};

	for (unsigned i = 0; i < JOURNAL_ROOM + 5; i++)
		journal_add(&f->journal, &event);
	assert_int_equal(f->journal.lost, 5);
	assert_int_equal(count(flushed(f, 10), "\n"), 10); /* a second's */
	assert_int_equal(count(flushed(f, 10), "\n"), 0);
	f->now += SECOND;
	assert_int_equal(count(flushed(f, 10), "\n"), 10);
	assert_int_equal(f->journal.told, 20);
}

static void
test_log_of_refusals_is_ten_a_second_with_how_many_more(void **state)
{
	struct fixture *f = *state;

	for (unsigned i = 0; i < 25; i++)
		journal_refuse(&f->journal, "ports-exhausted", PKT_PROTO_UDP, HOST(1),
			1000, f->now);
	const char *text = flushed(f, 1000);

	assert_int_equal(count(text, "msg=\"nat session refused\""), 10);
	assert_int_equal(count(text, "proto=udp inside=10.0.0.1:1000 "
				     "reason=ports-exhausted more=0\n"),
		10);
	f->now += SECOND;
	journal_refuse(&f->journal, "host-quota", PKT_PROTO_TCP, HOST(1), 1, f->now);
	assert_non_null(strstr(flushed(f, 1000), "reason=host-quota more=15\n"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		RULE("a freed port rests for 120 s [NAT-18]", test_rest),
		RULE("TCP rests only if it was not closed [NAT-18]",
			test_rest_of_tcp_only_if_it_was_not_closed),
		RULE("so many ports rest at most [NAT-18]",
			test_rest_is_of_so_many_ports_at_most),
		RULE("a port is shared only when none is free, never with one peer [NAT-2]",
			test_sharing_only_when_none_is_free_and_never_with_the_same_peer),
		RULE("ports are spread and do not follow one another [NAT-5]",
			test_ports_are_spread_and_do_not_follow_one_another),
		RULE("limits are of each host, and come free [NAT-17]",
			test_limits_are_of_each_host_and_come_free),
		RULE("a host opens sessions at its rate [NAT-17]",
			test_rate_of_new_sessions),
		RULE("a block holds ports of one host [NAT-20]",
			test_blocks_hold_the_ports_of_one_host),
		RULE("blocks are given back, rest, and survive a restart [NAT-20 NAT-18]",
			test_blocks_are_given_back_rest_and_survive_a_restart),
		RULE("log: mappings, without destinations [NAT-20]",
			test_log_of_mappings_names_no_destination),
		RULE("log: sessions, with destinations, if wanted [NAT-20]",
			test_log_of_sessions_names_the_destination),
		RULE("log: a block takes two lines for all its sessions [NAT-20]",
			test_log_of_blocks_is_two_lines_for_all_their_sessions),
		RULE("log: rate and backlog are bounded, losses counted [NAT-20]",
			test_log_is_bounded_and_losses_are_counted),
		RULE("log: who is refused is told, ten times a second [NAT-16]",
			test_log_of_refusals_is_ten_a_second_with_how_many_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
