/* test_net.c: rules of addresses as values. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "common/net.h"

#define CASES(list) for (size_t i = 0; i < sizeof(list) / sizeof((list)[0]); i++)

/* Checks that each text of a list parses and prints as itself, or is refused and nothing
 * is written. */
#define ROUND_TRIP(type, good)                                                           \
	CASES(good)                                                                      \
	{                                                                                \
		struct net_##type value;                                                 \
		char buf[NET_STRLEN];                                                    \
		assert_int_equal(net_##type##_parse((good)[i], &value), 0);              \
		assert_string_equal(net_##type##_print(&value, buf), (good)[i]);         \
	}
#define REFUSED(type, bad)                                                               \
	CASES(bad)                                                                       \
	{                                                                                \
		struct net_##type value, before;                                         \
		memset(&before, 0xa5, sizeof(before));                                   \
		memcpy(&value, &before, sizeof(value));                                  \
		assert_int_equal(net_##type##_parse((bad)[i], &value), -EINVAL);         \
		assert_memory_equal(&value, &before, sizeof(value));                     \
	}

static void
test_net_addr_round_trips(void **state)
{
	(void)state;
	const char *good[] = {
		"0.0.0.0", "10.0.0.1", "255.255.255.255", "::", "2001:db8::1"};
	const char *bad[] = {
		"", "10.0.0", "10.0.0.256", "1.2.3.4.5", " 10.0.0.1", "2001:db8::g", "x"};
	ROUND_TRIP(addr, good)
	REFUSED(addr, bad)
}

static void
test_net_prefix_keeps_host_bits_and_defaults_to_a_host(void **state)
{
	(void)state;
	const char *good[] = {
		"10.0.0.1/24", "0.0.0.0/0", "2001:db8::1/64", "::/0", "10.0.0.1/32"};
	const char *bad[] = {"", "10.0.0.0/33", "10.0.0.0/", "::/129", "10.0.0.0/-1",
		"10.0.0.0/8/8", "10.0.0.0/ 8"};
	ROUND_TRIP(prefix, good)
	REFUSED(prefix, bad)
	struct net_prefix host;
	assert_int_equal(net_prefix_parse("10.0.0.1", &host), 0);
	assert_int_equal(host.len, 32);
	assert_int_equal(net_prefix_parse("::1", &host), 0);
	assert_int_equal(host.len, 128);
}

static void
test_net_range_is_ordered_and_of_one_family(void **state)
{
	(void)state;
	const char *good[] = {"10.0.0.1-10.0.0.9", "10.0.0.1", "2001:db8::1-2001:db8::ff",
		"1111:2222:3333:4444:5555:6666:7777:8888-ffff:2222:3333:4444:5555:6666:7777:8888"};
	const char *bad[] = {"", "-", "10.0.0.9-10.0.0.1", "10.0.0.1-::1", "10.0.0.1-"};
	ROUND_TRIP(range, good)
	REFUSED(range, bad)
}

static void
test_net_ports_are_one_or_an_ordered_range(void **state)
{
	(void)state;
	const char *good[] = {"0", "80", "8000-8100", "65535", "0-65535"};
	const char *bad[] = {
		"", "65536", "-1", "90-80", "80-", "-80", "http", "80 ", "+80", "000080"};
	ROUND_TRIP(ports, good)
	REFUSED(ports, bad)
}

static void
test_net_mac_is_six_hex_pairs(void **state)
{
	(void)state;
	const char *good[] = {"02:00:00:00:00:01", "ff:ff:ff:ff:ff:ff"};
	const char *bad[] = {"", "auto", "2:0:0:0:0:1", "02-00-00-00-00-01",
		"02:00:00:00:00:0g", "02:00:00:00:00:01:02"};
	ROUND_TRIP(mac, good)
	REFUSED(mac, bad)
}

static void
test_net_endpoint_brackets_ipv6(void **state)
{
	(void)state;
	const char *good[] = {"203.0.113.2:8080", "[2001:db8::1]:80"};
	const char *bad[] = {"", ":", "203.0.113.2", "203.0.113.2:", "203.0.113.2:65536",
		"2001:db8::1:80x", "[203.0.113.2]:80", "[2001:db8::1]", "[]:80", "[:80",
		"[2001:db8::1:80"};
	ROUND_TRIP(endpoint, good)
	REFUSED(endpoint, bad)
}

static void
test_net_addr_cmp_puts_ipv4_first(void **state)
{
	(void)state;
	const char *ordered[] = {
		"0.0.0.1", "10.0.0.1", "255.0.0.0", "::", "::1", "2001::"};
	struct net_addr a, b;
	for (size_t i = 0; i + 1 < sizeof(ordered) / sizeof(ordered[0]); i++) {
		net_addr_parse(ordered[i], &a);
		net_addr_parse(ordered[i + 1], &b);
		assert_true(net_addr_cmp(&a, &b) < 0);
		assert_true(net_addr_cmp(&b, &a) > 0);
		assert_true(net_addr_equal(&a, &a));
		assert_false(net_addr_equal(&a, &b));
	}
}

static void
test_net_prefix_contains_and_overlaps(void **state)
{
	(void)state;
	struct net_prefix wide, narrow, other, all6;
	struct net_addr in, out;
	net_prefix_parse("10.0.0.0/8", &wide);
	net_prefix_parse("10.1.128.0/17", &narrow);
	net_prefix_parse("10.1.0.0/17", &other);
	net_prefix_parse("::/0", &all6);
	net_addr_parse("10.1.200.1", &in);
	net_addr_parse("10.1.100.1", &out);
	assert_true(net_prefix_contains(&narrow, &in));
	assert_false(net_prefix_contains(&narrow, &out));
	assert_false(net_prefix_contains(&all6, &in));
	assert_true(net_prefix_overlaps(&wide, &narrow));
	assert_true(net_prefix_overlaps(&narrow, &wide));
	assert_false(net_prefix_overlaps(&narrow, &other));
	assert_false(net_prefix_overlaps(&all6, &wide));
}

static void
test_net_prefix_network_clears_host_bits(void **state)
{
	(void)state;
	struct net_prefix prefix;
	char buf[NET_STRLEN];
	net_prefix_parse("10.1.255.255/20", &prefix);
	prefix = net_prefix_network(&prefix);
	assert_string_equal(net_prefix_print(&prefix, buf), "10.1.240.0/20");
	net_prefix_parse("2001:db8::1/64", &prefix);
	prefix = net_prefix_network(&prefix);
	assert_string_equal(net_prefix_print(&prefix, buf), "2001:db8::/64");
}

static void
test_net_addr_v4_is_host_order(void **state)
{
	(void)state;
	struct net_addr addr;
	net_addr_parse("192.0.2.1", &addr);
	assert_int_equal(net_addr_v4(&addr), 0xc0000201);
	const struct net_addr back = net_addr_from_v4(0xc0000201);
	assert_true(net_addr_equal(&addr, &back));
}

static void
test_net_none_prints_as_nothing(void **state)
{
	(void)state;
	char buf[NET_STRLEN] = "x";
	assert_string_equal(net_addr_print(&(struct net_addr){0}, buf), "");
	assert_string_equal(net_prefix_print(&(struct net_prefix){0}, buf), "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_net_addr_round_trips),
		cmocka_unit_test(test_net_prefix_keeps_host_bits_and_defaults_to_a_host),
		cmocka_unit_test(test_net_range_is_ordered_and_of_one_family),
		cmocka_unit_test(test_net_ports_are_one_or_an_ordered_range),
		cmocka_unit_test(test_net_mac_is_six_hex_pairs),
		cmocka_unit_test(test_net_endpoint_brackets_ipv6),
		cmocka_unit_test(test_net_addr_cmp_puts_ipv4_first),
		cmocka_unit_test(test_net_prefix_contains_and_overlaps),
		cmocka_unit_test(test_net_prefix_network_clears_host_bits),
		cmocka_unit_test(test_net_addr_v4_is_host_order),
		cmocka_unit_test(test_net_none_prints_as_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
