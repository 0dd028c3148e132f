/* test_iface.c: addresses of interfaces: what may be configured, and what they answer
 * for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "dataplane/sdk/iface.h"

static const uint8_t mac[6] = {0x02, 0x11, 0x22, 0x33, 0x44, 0x55};

static struct net_addr
ip(const char *text)
{
	struct net_addr addr;

	assert_int_equal(net_addr_parse(text, &addr), 0);
	return addr;
}

static struct iface_config
config_of(struct net_prefix *room, const char *a, const char *b)
{
	struct iface_config config = {.addresses = room};

	assert_int_equal(net_prefix_parse(a, &room[config.n_addresses++]), 0);
	if (b != NULL)
		assert_int_equal(net_prefix_parse(b, &room[config.n_addresses++]), 0);
	return config;
}

static size_t
n_faults(const struct iface_config *config)
{
	struct faults faults = {0};

	iface_check(config, "interfaces[0]", &faults);
	const size_t n = faults.n;

	faults_clear(&faults);
	return n;
}

static void
test_iface_refuses_addresses_that_no_interface_has(void **state)
{
	static const char *const bad[] = {"0.0.0.1/8", "127.0.0.1/8", "224.0.0.1/24",
		"255.255.255.255/32", "10.0.0.0/24", "10.0.0.255/24", "10.0.0.1/0",
		"ff02::1/64", "::/64", "::1/128"};
	static const char *const good[] = {"10.0.0.1/24", "10.0.0.0/31", "10.0.0.1/31",
		"10.0.0.1/32", "2001:db8::/64", "fe80::1/64"};
	struct net_prefix room[2];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		const struct iface_config config = config_of(room, bad[i], NULL);

		assert_int_equal(n_faults(&config), 1);
	}
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		const struct iface_config config = config_of(room, good[i], NULL);

		assert_int_equal(n_faults(&config), 0);
	}
}

static void
test_iface_mtu_below_what_the_family_needs_is_a_fault(void **state)
{
	struct net_prefix room[2];
	struct iface_config config = config_of(room, "10.0.0.1/24", NULL);

	(void)state;
	config.mtu = 68;
	assert_int_equal(n_faults(&config), 0);
	config.mtu = 67;
	assert_int_equal(n_faults(&config), 1);
	config = config_of(room, "10.0.0.1/24", "2001:db8::1/64");
	config.mtu = 1279;
	assert_int_equal(n_faults(&config), 1);
}

static void
test_iface_overlapping_subnets_are_told_with_both_places(void **state)
{
	struct net_prefix room_a[2], room_b[2];
	const struct iface_config a = config_of(room_a, "10.0.0.1/16", NULL);
	const struct iface_config b = config_of(room_b, "192.0.2.1/24", "10.0.5.1/24");
	struct faults faults = {0};

	(void)state;
	iface_check_overlap(&a, "interfaces[0]", &b, "interfaces[1]", &faults);
	assert_int_equal(faults.n, 1);
	assert_string_equal(faults.list[0].path, "interfaces[1].addresses[1]");
	assert_non_null(strstr(faults.list[0].text, "interfaces[0]"));
	faults_clear(&faults);
}

static void
test_iface_link_local_address_is_the_macs_eui64(void **state)
{
	struct net_prefix room[2];
	const struct iface_config config = config_of(room, "2001:db8::1/64", NULL);
	const struct net_addr expected = ip("fe80::11:22ff:fe33:4455");
	struct iface iface;

	(void)state;
	iface_init(&iface, 3, &config, mac);
	assert_true(iface_owns(&iface, 6, expected.bytes));
	assert_int_equal(iface.n, 2);
	assert_int_equal(iface.cp, 3);
}

static void
test_iface_without_ipv6_has_no_link_local_address(void **state)
{
	struct net_prefix room[2];
	const struct iface_config config = config_of(room, "10.0.0.1/24", NULL);
	struct iface iface;

	(void)state;
	iface_init(&iface, 0, &config, mac);
	assert_int_equal(iface.n, 1);
	assert_memory_equal(iface.mac, mac, 6);
}

static void
test_iface_source_is_the_address_on_link_with_the_destination(void **state)
{
	struct net_prefix room[2];
	const struct iface_config config = config_of(room, "10.0.0.1/24", "10.0.1.1/24");
	const struct net_addr near = ip("10.0.1.77"), far = ip("8.8.8.8"),
			      six = ip("::5");
	struct iface iface;

	(void)state;
	iface_init(&iface, 0, &config, mac);
	assert_memory_equal(
		iface_source(&iface, 4, near.bytes), ip("10.0.1.1").bytes, 16);
	assert_memory_equal(iface_source(&iface, 4, far.bytes), ip("10.0.0.1").bytes, 16);
	assert_null(iface_source(&iface, 6, six.bytes));
}

static void
test_iface_broadcasts_are_all_ones_and_all_zeros_of_a_subnet(void **state)
{
	struct net_prefix room[2];
	const struct iface_config config = config_of(room, "10.0.0.1/23", "192.0.2.0/31");
	struct iface iface;

	(void)state;
	iface_init(&iface, 0, &config, mac);
	assert_true(iface_is_broadcast(&iface, ip("10.0.1.255").bytes));
	assert_true(iface_is_broadcast(&iface, ip("10.0.0.0").bytes));
	assert_false(iface_is_broadcast(&iface, ip("10.0.0.255").bytes));
	assert_false(iface_is_broadcast(&iface, ip("10.0.1.0").bytes));
	assert_false(iface_is_broadcast(&iface, ip("192.0.2.1").bytes));
}

static void
test_iface_answers_for_itself_and_its_proxied_ranges(void **state)
{
	struct net_prefix room[2];
	const struct iface_config config = config_of(room, "10.0.0.1/24", NULL);
	struct net_range range;
	struct iface iface;

	(void)state;
	iface_init(&iface, 0, &config, mac);
	assert_int_equal(net_range_parse("10.0.0.16-10.0.0.31", &range), 0);
	iface.proxies = &range;
	iface.n_proxies = 1;
	assert_true(iface_answers(&iface, 4, ip("10.0.0.1").bytes));
	assert_true(iface_answers(&iface, 4, ip("10.0.0.31").bytes));
	assert_false(iface_answers(&iface, 4, ip("10.0.0.32").bytes));
	assert_false(iface_owns(&iface, 4, ip("10.0.0.16").bytes));
}

static void
test_iface_mtu_is_configured_else_the_ports_else_1500(void **state)
{
	struct iface iface = {.mtu = 0};

	(void)state;
	assert_int_equal(iface_mtu(&iface, 0), 1500);
	assert_int_equal(iface_mtu(&iface, 9000), 9000);
	iface.mtu = 1400;
	assert_int_equal(iface_mtu(&iface, 9000), 1400);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_iface_refuses_addresses_that_no_interface_has),
		cmocka_unit_test(test_iface_mtu_below_what_the_family_needs_is_a_fault),
		cmocka_unit_test(
			test_iface_overlapping_subnets_are_told_with_both_places),
		cmocka_unit_test(test_iface_link_local_address_is_the_macs_eui64),
		cmocka_unit_test(test_iface_without_ipv6_has_no_link_local_address),
		cmocka_unit_test(
			test_iface_source_is_the_address_on_link_with_the_destination),
		cmocka_unit_test(
			test_iface_broadcasts_are_all_ones_and_all_zeros_of_a_subnet),
		cmocka_unit_test(test_iface_answers_for_itself_and_its_proxied_ranges),
		cmocka_unit_test(test_iface_mtu_is_configured_else_the_ports_else_1500),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
