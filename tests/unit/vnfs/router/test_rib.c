/* test_rib.c: from FPM frames to a routing table: what FRR's zebra sent once, replacement
 * without a gap, next hop objects that change, sessions, and hostile bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include "common/dirs.h"
#include "tests/unit/vnfs/router/nl.h"
#include "vnfs/router/fpm.h"

#define LINK 3 /* number of the interface that is connection point 1 */

static uint64_t turns;

/* The interface with number LINK is connection point 1; others are only the daemon's. */
static enum rib_hop
resolve(void *arg, const struct netlink_hop *from, struct l3_hop *hop)
{
	(void)arg;
	if (from->ifindex != LINK)
		return from->family == 0 ? RIB_HOP_LOCAL : RIB_HOP_NONE;
	*hop = (struct l3_hop){.cp = 1, .family = from->family};
	memcpy(hop->addr, from->addr, sizeof(hop->addr));
	return from->family == 0 ? RIB_HOP_LINK : RIB_HOP_VIA;
}

static struct l3_routes *
table(void)
{
	struct l3_route_drafts drafts = {0};
	struct l3_routes *out;

	assert_int_equal(l3_routes_create_live(&out, &drafts, 1000, &turns, NULL), 0);
	return out;
}

struct fixture {
	struct rib *rib;
	struct l3_routes *table;
};

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_int_equal(rib_open(&f->rib, 1000, resolve, NULL, NULL), 0);
	f->table = table();
	rib_attach(f->rib, f->table, 0xffff, NULL);
	rib_begin(f->rib);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	rib_detach(f->rib, f->table);
	l3_routes_destroy(f->table);
	rib_close(f->rib);
	free(f);
	return 0;
}

static const struct l3_route *
route(const struct l3_routes *t, const char *text)
{
	struct net_prefix p;

	assert_int_equal(net_prefix_parse(text, &p), 0);
	const uint32_t number = l3_live_number(t, &p);

	return number == L3_ROUTE_NEW ? NULL : &t->routes[number];
}

/* "192.0.2.1 192.0.2.2": the next hops of a route; "": it has none, or is not there. */
static void
assert_hops(const struct l3_routes *t, const char *prefix, const char *wanted)
{
	const struct l3_route *r = route(t, prefix);
	char got[512] = "", text[NET_STRLEN];

	for (unsigned i = 0; r != NULL && i < r->n_hops; i++) {
		const struct l3_hop *hop = &t->hops[r->hops + i];
		struct net_addr addr = {.family = hop->family};

		memcpy(addr.bytes, hop->addr, 16);
		strcat(got, i > 0 ? " " : "");
		strcat(got, net_addr_print(&addr, text));
	}
	assert_string_equal(got, wanted);
}

static void
assert_kind(const struct l3_routes *t, const char *prefix, enum l3_route_kind kind)
{
	const struct l3_route *r = route(t, prefix);

	assert_non_null(r);
	assert_int_equal(r->kind, kind);
}

/* All frames at bytes; stops at what does not hold together. */
static int
feed(struct rib *rib, const uint8_t *bytes, size_t len)
{
	int rc = 0;

	while (rc == 0 && len > 0) {
		const int n = fpm_frame_len(bytes, len);
		size_t done = 0;

		if (n <= 0)
			return n;
		rc = fpm_take_frame(rib, bytes, (size_t)n, &done);
		turns++;
		bytes += n;
		len -= (size_t)n;
	}
	return rc;
}

static void
feed_nl(struct rib *rib, const struct nl *nl)
{
	assert_int_equal(feed(rib, nl->bytes, nl->len), 0);
}

static void
one_route(struct rib *rib, uint16_t type, const char *prefix, const char *gateway)
{
	struct nl nl = {0};

	nl_frame(&nl);
	nl_route(&nl, type, prefix, RTN_UNICAST);
	if (gateway != NULL) {
		nl_addr(&nl, RTA_GATEWAY, gateway);
		nl_u32(&nl, RTA_OIF, LINK);
	}
	feed_nl(rib, &nl);
}

static char *
captured(size_t *len)
{
	char *bytes;

	assert_int_equal(dirs_read_file("tests/unit/vnfs/router/zebra-8.4.fpm", 65536,
				 &bytes, len, NULL),
		0);
	return bytes;
}

static void
test_what_zebra_sends(void **state)
{
	struct fixture *f = *state;
	size_t len;
	char *bytes = captured(&len);

	assert_int_equal(feed(f->rib, (uint8_t *)bytes, len), 0);
	free(bytes);
	assert_int_equal(rib_counts(f->rib)->malformed, 0);
	assert_null(route(f->table, "10.1.0.0/16"));	  /* withdrawn */
	assert_hops(f->table, "10.2.0.0/16", "10.0.0.2"); /* had two */
	assert_kind(f->table, "10.3.0.0/16", L3_ROUTE_BLACKHOLE);
	assert_kind(f->table, "10.4.0.0/16", L3_ROUTE_UNREACHABLE);
	assert_kind(f->table, "10.5.0.0/16", L3_ROUTE_CONNECTED);
	assert_hops(f->table, "10.6.0.0/16", "10.0.0.9");
	assert_kind(f->table, "10.255.0.1/32", L3_ROUTE_LOCAL);
	assert_hops(f->table, "2001:db8:1::/48", "2001:db8::2");
	assert_hops(f->table, "2001:db8:2::/48", "fe80::1");
	assert_null(route(f->table, "fe80::/64"));
}

static void
test_withdrawn_and_told_anew_in_one_frame_is_a_replacement(void **state)
{
	struct fixture *f = *state;
	struct nl nl = {0};

	one_route(f->rib, RTM_NEWROUTE, "10.1.0.0/16", "192.0.2.1");
	const struct l3_route *before = route(f->table, "10.1.0.0/16");

	l3_route_count((struct l3_route *)(uintptr_t)before, 100);
	nl_frame(&nl);
	nl_route(&nl, RTM_DELROUTE, "10.1.0.0/16", RTN_UNICAST);
	nl_route(&nl, RTM_NEWROUTE, "10.1.0.0/16", RTN_UNICAST);
	nl_addr(&nl, RTA_GATEWAY, "192.0.2.2");
	nl_u32(&nl, RTA_OIF, LINK);
	feed_nl(f->rib, &nl);
	assert_ptr_equal(route(f->table, "10.1.0.0/16"), before);
	assert_int_equal(before->packets, 1);
	assert_hops(f->table, "10.1.0.0/16", "192.0.2.2");
	one_route(f->rib, RTM_DELROUTE, "10.1.0.0/16", NULL);
	assert_null(route(f->table, "10.1.0.0/16"));
	assert_int_equal(rib_count(f->rib), 0);
}

static void
nexthop(struct rib *rib, uint32_t id, const char *gateway)
{
	struct nl nl = {0};

	nl_frame(&nl);
	nl_nexthop(&nl, RTM_NEWNEXTHOP, AF_INET, id);
	nl_addr(&nl, NHA_GATEWAY, gateway);
	nl_u32(&nl, NHA_OIF, LINK);
	feed_nl(rib, &nl);
}

static void
test_routes_follow_their_next_hop_objects(void **state)
{
	const struct nexthop_grp members[] = {{.id = 1}, {.id = 2, .weight = 4}};
	struct fixture *f = *state;
	struct nl nl = {0};

	nexthop(f->rib, 1, "192.0.2.1");
	nl_frame(&nl); /* a group before its second member, as zebra does */
	nl_nexthop(&nl, RTM_NEWNEXTHOP, AF_UNSPEC, 3);
	nl_attr(&nl, NHA_GROUP, members, sizeof(members));
	nl_frame(&nl);
	nl_route(&nl, RTM_NEWROUTE, "10.1.0.0/16", RTN_UNICAST);
	nl_u32(&nl, RTA_NH_ID, 3);
	feed_nl(f->rib, &nl);
	assert_hops(f->table, "10.1.0.0/16", "192.0.2.1");
	nexthop(f->rib, 2, "192.0.2.2");
	assert_hops(f->table, "10.1.0.0/16", "192.0.2.1 192.0.2.2");
	assert_int_equal(
		f->table->hops[route(f->table, "10.1.0.0/16")->hops + 1].weight, 5);
	nexthop(f->rib, 1, "192.0.2.7");
	assert_hops(f->table, "10.1.0.0/16", "192.0.2.7 192.0.2.2");
}

static void
test_a_route_that_cannot_be_followed_takes_the_old_one_away(void **state)
{
	struct fixture *f = *state;
	struct nl nl = {0};

	one_route(f->rib, RTM_NEWROUTE, "10.1.0.0/16", "192.0.2.1");
	nl_frame(&nl);
	nl_route(&nl, RTM_NEWROUTE, "10.1.0.0/16", RTN_UNICAST);
	nl_addr(&nl, RTA_GATEWAY, "192.0.2.1");
	nl_u32(&nl, RTA_OIF, 99); /* no interface of ours */
	feed_nl(f->rib, &nl);
	assert_null(route(f->table, "10.1.0.0/16"));
	assert_int_equal(rib_counts(f->rib)->ignored, 1);
}

static void
test_other_tables_and_groups_are_ignored(void **state)
{
	struct fixture *f = *state;
	struct nl nl = {0};

	nl_frame(&nl);
	nl_route(&nl, RTM_NEWROUTE, "10.1.0.0/16", RTN_BLACKHOLE);
	nl_u32(&nl, RTA_TABLE, 1001);
	nl_frame(&nl);
	nl_route(&nl, RTM_NEWROUTE, "224.0.0.0/4", RTN_BLACKHOLE);
	feed_nl(f->rib, &nl);
	assert_int_equal(rib_count(f->rib), 0);
	assert_int_equal(rib_counts(f->rib)->ignored, 2);
}

static void
test_routes_that_a_new_session_does_not_tell_are_swept(void **state)
{
	struct fixture *f = *state;

	one_route(f->rib, RTM_NEWROUTE, "10.1.0.0/16", "192.0.2.1");
	one_route(f->rib, RTM_NEWROUTE, "10.2.0.0/16", "192.0.2.1");
	rib_begin(f->rib);
	assert_int_equal(rib_count_stale(f->rib), 2);
	assert_hops(f->table, "10.2.0.0/16", "192.0.2.1");
	one_route(f->rib, RTM_NEWROUTE, "10.1.0.0/16", "192.0.2.1");
	assert_int_equal(rib_count_stale(f->rib), 1);
	assert_true(rib_sweep(f->rib));
	assert_null(route(f->table, "10.2.0.0/16"));
	assert_hops(f->table, "10.1.0.0/16", "192.0.2.1");
	assert_true(rib_clear(f->rib));
	assert_int_equal(rib_count(f->rib), 0);
}

static uint64_t
bytes_of(const struct l3_routes *table, const char *prefix)
{
	return l3_routes_sums(table, (uint32_t)(route(table, prefix) - table->routes))
		.bytes;
}

static void
test_a_new_table_gets_all_routes_and_counters_go_on(void **state)
{
	struct fixture *f = *state;
	struct l3_routes *next = table();

	one_route(f->rib, RTM_NEWROUTE, "10.1.0.0/16", "192.0.2.1");
	l3_route_count((struct l3_route *)(uintptr_t)route(f->table, "10.1.0.0/16"), 60);
	rib_attach(f->rib, next, 0xffff, f->table);
	assert_hops(next, "10.1.0.0/16", "192.0.2.1");
	one_route(f->rib, RTM_NEWROUTE, "10.2.0.0/16", "192.0.2.2"); /* into both */
	l3_route_count((struct l3_route *)(uintptr_t)route(f->table, "10.2.0.0/16"), 70);
	l3_routes_inherit(next, f->table);
	assert_int_equal(bytes_of(next, "10.1.0.0/16"), 60);
	assert_int_equal(bytes_of(next, "10.2.0.0/16"), 70);
	rib_detach(f->rib, f->table);
	l3_routes_destroy(f->table);
	f->table = next;
	one_route(f->rib, RTM_DELROUTE, "10.1.0.0/16", NULL);
	assert_null(route(next, "10.1.0.0/16"));
}

static void
test_links_that_a_table_lacks_are_left_out(void **state)
{
	struct fixture *f = *state;
	struct l3_routes *next = table();

	one_route(f->rib, RTM_NEWROUTE, "10.1.0.0/16", "192.0.2.1");
	rib_attach(f->rib, next, 1u << 0, f->table); /* without connection point 1 */
	assert_null(route(next, "10.1.0.0/16"));
	assert_hops(f->table, "10.1.0.0/16", "192.0.2.1");
	rib_detach(f->rib, next);
	l3_routes_destroy(next);
}

static void
test_frames(void **state)
{
	(void)state;
	assert_int_equal(fpm_frame_len((uint8_t[]){1, 1, 0}, 3), 0);
	assert_int_equal(fpm_frame_len((uint8_t[]){1, 1, 0, 8, 0}, 5), 0);
	assert_int_equal(fpm_frame_len((uint8_t[]){1, 1, 0, 4}, 4), 4);
	assert_int_equal(fpm_frame_len((uint8_t[]){2, 1, 0, 4}, 4), -EBADMSG);
	assert_int_equal(fpm_frame_len((uint8_t[]){1, 1, 0, 3}, 4), -EBADMSG);
	assert_int_equal(fpm_frame_len((uint8_t[]){1, 2, 0, 8}, 4), -EPROTONOSUPPORT);
}

/* Bytes of a real session changed, cut and doubled, and each frame read from memory that
 * ends with it, so that a checker of addresses sees what goes beyond. */
static void
test_changed_bytes_do_no_harm(void **state)
{
	struct fixture *f = *state;
	uint64_t random = 0x5eed;
	size_t len;
	char *original = captured(&len);

	for (unsigned round = 0; round < 3000; round++) {
		size_t cut = len;
		uint8_t *bytes = malloc(len);

		memcpy(bytes, original, len);
		for (unsigned i = 0; i < 1 + round % 8; i++) {
			random = random * 6364136223846793005ull + 1442695040888963407ull;
			bytes[(random >> 33) % len] = (uint8_t)(random >> 25);
			if (i == 7)
				cut = (random >> 40) % len + 1;
		}
		uint8_t *exact = malloc(cut);

		memcpy(exact, bytes, cut);
		feed(f->rib, exact, cut);
		rib_begin(f->rib);
		free(exact);
		free(bytes);
	}
	free(original);
	turns += 3;
	while (!rib_clear(f->rib))
		turns += 3;
	assert_int_equal(rib_count(f->rib), 0);
	assert_int_equal(l3_live_count(f->table), 0);
}

#define TEST(text, function)                                                             \
	{                                                                                \
		.name = text, .test_func = function, .setup_func = setup,                \
		.teardown_func = teardown                                                \
	}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST("what FRR's zebra sends becomes routes [RTR-13]",
			test_what_zebra_sends),
		TEST("withdrawn and told anew in one frame is a replacement [RTR-11]",
			test_withdrawn_and_told_anew_in_one_frame_is_a_replacement),
		TEST("routes follow their next hop objects",
			test_routes_follow_their_next_hop_objects),
		TEST("a route that cannot be followed takes the old one away",
			test_a_route_that_cannot_be_followed_takes_the_old_one_away),
		TEST("other routing tables and groups are ignored",
			test_other_tables_and_groups_are_ignored),
		TEST("routes that a new session does not tell of are swept [RTR-13]",
			test_routes_that_a_new_session_does_not_tell_are_swept),
		TEST("a new table gets all routes, and counters go on [RTR-11]",
			test_a_new_table_gets_all_routes_and_counters_go_on),
		TEST("links that a table lacks are left out",
			test_links_that_a_table_lacks_are_left_out),
		TEST("frames are whole, of version 1, and netlink", test_frames),
		TEST("changed bytes of a session do no harm [RTR-13]",
			test_changed_bytes_do_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
