/* test_conntrack.c: keys that both directions share, and what each packet is to its flow.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "tests/lib/pkttext.h"
#include "vnfs/firewall/conntrack.h"

#define ETH    "eth 02:00:00:00:00:01 > 02:00:00:00:00:02 "
#define SECOND 1000000000ull

static const struct fw_timeouts timeouts = {.tcp_established = 7440 * SECOND,
	.tcp_transitory = 240 * SECOND,
	.udp = 300 * SECOND,
	.icmp = 60 * SECOND,
	.other = 300 * SECOND};

struct fixture {
	void *region;
	struct accounts *accounts;
	struct lifetimes lifetimes;
	struct conntrack ct;
	struct journal journal;
	/* of the packet seen last */
	struct pkttext text;
	struct track track;
	struct session_key6 key;
	struct pkt_info packet;
};

static void
read_packet(struct fixture *f, const char *text)
{
	struct err err;

	if (pkttext_parse(text, &f->text, &err) != 0)
		fail_msg("%s", err.text);
	assert_int_equal(pkt_parse(f->text.data, f->text.len, &f->packet), PKT_OK);
	conntrack_key(f->text.data, &f->packet, &f->track, &f->key);
}

static struct packet
packet_of(const struct fixture *f, unsigned cp)
{
	return (struct packet){.track = &f->track,
		.key = &f->key,
		.info = &f->packet,
		.frame = f->text.data,
		.bytes = 64,
		.cp = cp};
}

static enum conntrack_verdict
see(struct fixture *f, unsigned cp, const char *text)
{
	struct packet packet;

	read_packet(f, text);
	packet = packet_of(f, cp);
	return conntrack_see(&f->ct, session_find(f->ct.table, &f->key), &packet, SECOND);
}

static void
open_flow(struct fixture *f, unsigned cp, const char *text)
{
	struct packet packet;

	assert_int_equal(see(f, cp, text), CONNTRACK_NEW);
	packet = packet_of(f, cp);
	assert_int_equal(conntrack_open(&f->ct, &packet, ACCOUNT_GONE, 0, SECOND),
		CONNTRACK_OPENED);
}

/* Both packets have one key, seen from its two ends. */
static void
assert_one_flow(struct fixture *f, const char *there, const char *back)
{
	struct session_key6 key;
	bool swapped;

	read_packet(f, there);
	assert_int_equal(f->track.kind, TRACK_FLOW);
	key = f->key;
	swapped = f->track.swapped;
	read_packet(f, back);
	assert_int_equal(f->track.kind, TRACK_FLOW);
	assert_memory_equal(&f->key, &key, sizeof(key));
	assert_int_not_equal(f->track.swapped, swapped);
}

static void
test_conntrack_key_is_the_same_for_both_directions(void **state)
{
	assert_one_flow(*state, ETH "ip4 10.0.0.1 > 10.0.0.2 udp 5 > 6",
		ETH "ip4 10.0.0.2 > 10.0.0.1 udp 6 > 5");
	assert_one_flow(*state, ETH "ip4 10.0.0.1 > 10.0.0.1 udp 5 > 6",
		ETH "ip4 10.0.0.1 > 10.0.0.1 udp 6 > 5");
	assert_one_flow(*state, ETH "ip6 2001:db8::2 > 2001:db8::1 tcp 1 > 2 flags S",
		ETH "ip6 2001:db8::1 > 2001:db8::2 tcp 2 > 1 flags SA");
	assert_one_flow(*state, ETH "ip4 10.0.0.9 > 10.0.0.1 icmp echo id 7",
		ETH "ip4 10.0.0.1 > 10.0.0.9 icmp reply id 7");
	assert_one_flow(*state, ETH "ip6 fd00::1 > fd00::2 icmp6 echo id 7",
		ETH "ip6 fd00::2 > fd00::1 icmp6 reply id 7");
	assert_one_flow(*state, ETH "ip4 10.0.0.9 > 10.0.0.1 proto 47 \"x\"",
		ETH "ip4 10.0.0.1 > 10.0.0.9 proto 47 \"x\"");
}

static void
test_conntrack_key_differs_with_any_part_of_the_flow(void **state)
{
	static const char *const flows[] = {
		ETH "ip4 10.0.0.1 > 10.0.0.2 udp 5 > 6",
		ETH "ip4 10.0.0.1 > 10.0.0.2 udp 6 > 5",
		ETH "ip4 10.0.0.1 > 10.0.0.3 udp 5 > 6",
		ETH "ip4 10.0.0.1 > 10.0.0.2 tcp 5 > 6 flags S",
		ETH "vlan 1 ip4 10.0.0.1 > 10.0.0.2 udp 5 > 6",
		ETH "vlan 1 vlan 1 ip4 10.0.0.1 > 10.0.0.2 udp 5 > 6",
		ETH "ip4 10.0.0.1 > 10.0.0.2 icmp echo id 5",
		ETH "ip4 10.0.0.2 > 10.0.0.1 icmp echo id 5",
		ETH "ip6 a00:1:: > a00:2:: udp 5 > 6",
	};
	enum { N = sizeof(flows) / sizeof(flows[0]) };
	struct session_key6 keys[N];
	struct fixture *f = *state;

	for (unsigned i = 0; i < N; i++) {
		read_packet(f, flows[i]);
		keys[i] = f->key;
		for (unsigned k = 0; k < i; k++)
			assert_memory_not_equal(&keys[i], &keys[k], sizeof(keys[i]));
	}
}

static void
test_conntrack_icmp_that_is_neither_query_nor_error_is_no_flow(void **state)
{
	struct fixture *f = *state;

	read_packet(f, ETH "ip4 10.0.0.1 > 10.0.0.2 icmp redirect code 1 [ip4 10.0.0.2 > "
			   "10.0.0.9 udp 1 > 2]");
	assert_int_equal(f->track.kind, TRACK_NONE);
	read_packet(f, ETH "ip6 fe80::1 > fe80::2 hlim 255 icmp6 ns target fe80::2");
	assert_int_equal(f->track.kind, TRACK_NONE);
}

static void
test_conntrack_error_has_the_key_of_the_packet_it_quotes(void **state)
{
	struct fixture *f = *state;
	struct session_key6 key;

	read_packet(f, ETH "ip4 10.0.0.1 > 10.0.0.2 udp 5 > 6");
	key = f->key;
	read_packet(f, ETH "ip4 10.0.0.9 > 10.0.0.1 icmp unreachable code 1 [ip4 "
			   "10.0.0.1 > 10.0.0.2 udp 5 > 6]");
	assert_int_equal(f->track.kind, TRACK_ERROR);
	assert_memory_equal(&f->key, &key, sizeof(key));
}

static void
test_conntrack_tells_direction_by_key_and_side(void **state)
{
	struct fixture *f = *state;

	open_flow(f, FW_LEFT, ETH "ip4 10.0.0.9 > 10.0.0.1 udp 5 > 6");
	assert_int_equal(see(f, FW_LEFT, ETH "ip4 10.0.0.9 > 10.0.0.1 udp 5 > 6"),
		CONNTRACK_ORIGINAL);
	assert_int_equal(see(f, FW_RIGHT, ETH "ip4 10.0.0.1 > 10.0.0.9 udp 6 > 5"),
		CONNTRACK_REPLY);
	assert_int_equal(see(f, FW_RIGHT, ETH "ip4 10.0.0.9 > 10.0.0.1 udp 5 > 6"),
		CONNTRACK_UNTRACKED);
	assert_int_equal(see(f, FW_LEFT, ETH "ip4 10.0.0.1 > 10.0.0.9 udp 6 > 5"),
		CONNTRACK_UNTRACKED);
}

static void
test_conntrack_answer_without_a_query_opens_nothing(void **state)
{
	assert_int_equal(
		see(*state, FW_LEFT, ETH "ip4 10.0.0.1 > 10.0.0.9 icmp reply id 5"),
		CONNTRACK_UNTRACKED);
}

static void
test_conntrack_picks_up_connections_only_if_told(void **state)
{
	struct fixture *f = *state;

	f->ct.mid_stream = false;
	assert_int_equal(see(f, FW_LEFT, ETH "ip4 10.0.0.1 > 10.0.0.9 tcp 1 > 2 flags A"),
		CONNTRACK_INVALID);
	f->ct.mid_stream = true;
	assert_int_equal(see(f, FW_LEFT, ETH "ip4 10.0.0.1 > 10.0.0.9 tcp 1 > 2 flags A"),
		CONNTRACK_NEW);
	assert_int_equal(
		see(f, FW_LEFT, ETH "ip4 10.0.0.1 > 10.0.0.9 tcp 1 > 2 flags SA"),
		CONNTRACK_INVALID);
	assert_int_equal(see(f, FW_LEFT, ETH "ip4 10.0.0.1 > 10.0.0.9 tcp 1 > 2 flags R"),
		CONNTRACK_INVALID);
	assert_int_equal(see(f, FW_LEFT, ETH "ip4 10.0.0.1 > 10.0.0.9 tcp 1 > 2 flags F"),
		CONNTRACK_INVALID);
}

static void
test_conntrack_ends_a_closed_connection_for_a_new_one(void **state)
{
	struct fixture *f = *state;

	open_flow(f, FW_LEFT, ETH "ip4 10.0.0.1 > 10.0.0.9 tcp 1 > 2 flags S");
	assert_int_equal(
		see(f, FW_RIGHT, ETH "ip4 10.0.0.9 > 10.0.0.1 tcp 2 > 1 flags RA ack 1"),
		CONNTRACK_REPLY);
	assert_int_equal(session_count(f->ct.table), 1);
	open_flow(f, FW_RIGHT, ETH "ip4 10.0.0.9 > 10.0.0.1 tcp 2 > 1 flags S");
	assert_int_equal(session_count(f->ct.table), 1);
}

static void
test_conntrack_holds_an_account_as_long_as_the_flow_lives(void **state)
{
	struct fixture *f = *state;
	const struct account *account = account_at(f->accounts, ACCOUNT_GONE);

	open_flow(f, FW_LEFT, ETH "ip4 10.0.0.9 > 10.0.0.1 udp 5 > 6");
	assert_int_equal(account->holders, 1);
	assert_false(conntrack_expire(&f->ct, 1000 * SECOND));
	assert_int_equal(session_count(f->ct.table), 0);
	assert_int_equal(account->holders, 0);
}

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	size_t size = session_region_size(&conntrack_spec, 64);

	f->region = aligned_alloc(64, size);
	memset(f->region, 0, size);
	f->accounts = accounts_create();
	assert_int_equal(
		session_open(&f->ct.table, &conntrack_spec, f->region, size, 1, 0, NULL),
		0);
	f->ct.accounts = f->accounts;
	lifetimes_of(&timeouts, &f->lifetimes);
	f->ct.lifetimes = &f->lifetimes;
	f->ct.halfopen = halfopen_create(64);
	f->ct.max_halfopen = 64;
	f->ct.journal = &f->journal;
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	halfopen_destroy(f->ct.halfopen);
	session_close(f->ct.table);
	accounts_destroy(f->accounts);
	free(f->region);
	free(f);
	return 0;
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_conntrack_key_is_the_same_for_both_directions),
		TEST(test_conntrack_key_differs_with_any_part_of_the_flow),
		TEST(test_conntrack_icmp_that_is_neither_query_nor_error_is_no_flow),
		TEST(test_conntrack_error_has_the_key_of_the_packet_it_quotes),
		TEST(test_conntrack_tells_direction_by_key_and_side),
		TEST(test_conntrack_answer_without_a_query_opens_nothing),
		TEST(test_conntrack_picks_up_connections_only_if_told),
		TEST(test_conntrack_ends_a_closed_connection_for_a_new_one),
		TEST(test_conntrack_holds_an_account_as_long_as_the_flow_lives),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
