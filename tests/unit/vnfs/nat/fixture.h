/* fixture.h: a NAT's tables with a clock that is a number, and packets as calls: for the
 * tests beside it. */
#ifndef TESTS_UNIT_VNFS_NAT_FIXTURE_H
#define TESTS_UNIT_VNFS_NAT_FIXTURE_H

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
	struct journal journal;
	struct direct direct;
	struct config config;
	struct net_prefix outside;
	void *region;
	uint64_t now;
	enum table_result result;
};

__attribute__((unused)) static void
use(struct fixture *f)
{
	struct maps *before = f->maps;

	assert_int_equal(maps_create(&f->maps, &f->config, SESSIONS, 3, NULL), 0);
	table_use(&f->table, &f->config, f->maps, &f->direct);
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
		.tcp_filtering = CONFIG_FILTER_SAME,
		.max_sessions = SESSIONS,
		.timeouts = {.tcp_established = 7440 * SECOND,
			.tcp_transitory = 240 * SECOND,
			.udp = 300 * SECOND,
			.icmp = 60 * SECOND,
			.other = 300 * SECOND}};
	f->now = 1000 * SECOND;
	assert_int_equal(posix_memalign(&f->region, 64, size), 0);
	memset(f->region, 0, size);
	assert_int_equal(journal_open(&f->journal, NULL), 0);
	assert_int_equal(table_open(&f->table, f->region, size, 5, &f->journal, NULL), 0);
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
	journal_close(&f->journal);
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
	assert_true(key_out(&info, &key));
	f->result = TABLE_OK;
	session_ref ref = table_find(&f->table, &key, SESSION_NONE, f->now);

	if (ref == SESSION_NONE)
		ref = table_add_out(&f->table, &key, &info, f->now, &f->result);
	if (ref != SESSION_NONE)
		table_seen(&f->table, ref, true, flags, f->now);
	return ref;
}

__attribute__((unused)) static session_ref
in(struct fixture *f, uint8_t proto, uint32_t peer, uint16_t peer_port, uint32_t ip,
	uint16_t port, uint8_t flags)
{
	const struct pkt_info info = packet(proto, peer, peer_port, ip, port, flags);
	struct session_key4 key;

	assert_true(key_in(&info, &key));
	f->result = TABLE_OK;
	session_ref ref = table_find(&f->table, &key, SESSION_NONE, f->now);

	if (ref == SESSION_NONE)
		ref = table_add_in(&f->table, &key, &info, f->now, &f->result);
	if (ref != SESSION_NONE)
		table_seen(&f->table, ref, false, flags, f->now);
	return ref;
}

__attribute__((unused)) static uint16_t
outside_port(struct fixture *f, session_ref ref)
{
	assert_int_not_equal(ref, SESSION_NONE);
	return table_of(&f->table, ref)->out.dport;
}

#define UDP_OUT(f, host, port, peer) out(f, PKT_PROTO_UDP, host, port, peer, 53, 0)

#define RULE(text, function)                                                             \
	{                                                                                \
		.name = (text), .test_func = (function), .setup_func = setup,            \
		.teardown_func = teardown                                                \
	}

#endif
