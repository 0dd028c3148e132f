/* test_routing.c: a router in the harness with a daemon at its FPM server: packets go by
 * the routes that it tells of, over lost sessions and new configurations. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <unistd.h>
#include "tests/lib/harness.h"
#include "tests/lib/pkttext.h"
#include "tests/unit/vnfs/router/nl.h"

#define SECOND 1000000000ull

extern const struct vnf_type *const vnf_plugin_type;

static unsigned port;

static const char *
config(const char *more)
{
	static char text[1024];

	port = port != 0 ? port : 20000 + (unsigned)getpid() % 20000;
	snprintf(text, sizeof(text),
		"interfaces:\n"
		"- {cp: p0, addresses: [203.0.113.1/24]}\n"
		"- {cp: p1, addresses: [198.51.100.1/24]}\n"
		"neighbours:\n"
		"- {cp: p1, address: 198.51.100.2, mac: '02:00:00:00:00:02'}\n"
		"- {cp: p1, address: 198.51.100.3, mac: '02:00:00:00:00:03'}\n"
		"routing: {fpm: '127.0.0.1:%u', taps: false, hold: 30s}\n%s",
		port, more);
	return text;
}

static struct harness *
open_router(void)
{
	struct harness *h = NULL;
	struct faults faults = {0};

	if (harness_open(&h, vnf_plugin_type, config(""), NULL, &faults) != 0)
		fail_msg("%s: %s", faults.list[0].path, faults.list[0].text);
	return h;
}

static int
zebra(struct harness *h)
{
	const struct sockaddr_in address = {.sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr = {htonl(INADDR_LOOPBACK)}};
	const int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_true(fd >= 0);
	assert_int_equal(
		connect(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
	harness_serve(h, 30);
	return fd;
}

static void
tell(struct harness *h, int fd, uint16_t type, const char *prefix, const char *gateway)
{
	struct nl nl = {0};

	nl_frame(&nl);
	nl_route(&nl, type, prefix, RTN_UNICAST);
	if (gateway != NULL)
		nl_addr(&nl, RTA_GATEWAY, gateway);
	assert_int_equal(write(fd, nl.bytes, nl.len), nl.len);
	harness_serve(h, 30);
}

/* The last byte of the MAC that a packet to dst leaves for; 0: it does not. */
static unsigned
way(struct harness *h, const char *dst)
{
	static struct pkttext pkt;
	struct harness_frame out;
	char text[128];
	struct err err;

	snprintf(text, sizeof(text),
		"eth 02:00:00:00:00:aa > 02:00:00:00:ff:00 ip4 203.0.113.9 > %s "
		"udp 1000 > 9",
		dst);
	if (pkttext_parse(text, &pkt, &err) != 0)
		fail_msg("%s", err.text);
	while (harness_out(h, 1, &out)) /* announcements */
		;
	harness_in(h, 0, pkt.data, pkt.len);
	const unsigned mac = harness_out(h, 1, &out) ? out.data[5] : 0;

	while (harness_drop(h) >= 0)
		;
	while (harness_out(h, 0, &out))
		;
	return mac;
}

static json_int_t
stat_of(struct harness *h, const char *name)
{
	json_t *stats = harness_stats(h);
	const json_t *value = json_object_get(json_object_get(stats, "routing"), name);
	const json_int_t n =
		json_is_boolean(value) ? json_is_true(value) : json_integer_value(value);

	json_decref(stats);
	return n;
}

static void
test_packets_go_by_the_routes_of_a_daemon(void **state)
{
	struct harness *h = open_router();
	const int fd = zebra(h);

	(void)state;
	assert_int_equal(stat_of(h, "connected"), 1);
	assert_int_equal(way(h, "10.1.0.1"), 0);
	tell(h, fd, RTM_NEWROUTE, "10.1.0.0/16", "198.51.100.2");
	assert_int_equal(way(h, "10.1.0.1"), 2);
	tell(h, fd, RTM_NEWROUTE, "10.1.0.0/16", "198.51.100.3");
	assert_int_equal(way(h, "10.1.0.1"), 3);
	tell(h, fd, RTM_NEWROUTE, "0.0.0.0/0", "198.51.100.2");
	tell(h, fd, RTM_DELROUTE, "10.1.0.0/16", NULL);
	assert_int_equal(way(h, "10.1.0.1"), 2);
	assert_int_equal(stat_of(h, "updates"), 4);
	close(fd);
	assert_null(harness_close(h));
}

static void
test_routes_stay_for_the_hold_time(void **state)
{
	struct harness *h = open_router();
	int fd = zebra(h);

	(void)state;
	tell(h, fd, RTM_NEWROUTE, "10.1.0.0/16", "198.51.100.2");
	tell(h, fd, RTM_NEWROUTE, "10.2.0.0/16", "198.51.100.2");
	close(fd);
	harness_serve(h, 30);
	assert_int_equal(stat_of(h, "connected"), 0);
	harness_clock(h, 20 * SECOND);
	harness_serve(h, 30);
	assert_int_equal(way(h, "10.1.0.1"), 2);
	fd = zebra(h); /* and tells of only one again */
	tell(h, fd, RTM_NEWROUTE, "10.1.0.0/16", "198.51.100.2");
	assert_int_equal(stat_of(h, "stale"), 1);
	assert_int_equal(way(h, "10.2.0.1"), 2);
	harness_clock(h, 11 * SECOND);
	harness_serve(h, 30);
	assert_int_equal(way(h, "10.1.0.1"), 2);
	assert_int_equal(way(h, "10.2.0.1"), 0);
	close(fd);
	harness_serve(h, 30);
	harness_clock(h, 31 * SECOND); /* nobody comes */
	harness_serve(h, 30);
	assert_int_equal(stat_of(h, "routes"), 0);
	assert_int_equal(way(h, "10.1.0.1"), 0);
	assert_null(harness_close(h));
}

static void
test_new_configurations_keep_learned_routes_and_win(void **state)
{
	struct harness *h = open_router();
	const int fd = zebra(h);
	struct faults faults = {0};

	(void)state;
	tell(h, fd, RTM_NEWROUTE, "10.1.0.0/16", "198.51.100.2");
	tell(h, fd, RTM_NEWROUTE, "10.2.0.0/16", "198.51.100.2");
	assert_int_equal(harness_configure(h,
				 config("routes:\n- {prefix: 10.1.0.0/16, via: "
					"198.51.100.3}\n"),
				 &faults),
		0);
	assert_int_equal(way(h, "10.1.0.1"), 3);
	assert_int_equal(way(h, "10.2.0.1"), 2);
	tell(h, fd, RTM_NEWROUTE, "10.3.0.0/16", "198.51.100.3");
	assert_int_equal(way(h, "10.3.0.1"), 3);
	assert_int_equal(harness_configure(h, config(""), &faults), 0);
	assert_int_equal(way(h, "10.1.0.1"), 2); /* the learned one comes back */
	close(fd);
	assert_null(harness_close(h));
}

static void
test_a_peer_that_talks_nonsense_is_dropped(void **state)
{
	struct harness *h = open_router();
	int fd = zebra(h);

	(void)state;
	assert_int_equal(write(fd, "GET / HTTP/1.1\r\n\r\n", 18), 18);
	harness_serve(h, 30);
	assert_int_equal(stat_of(h, "connected"), 0);
	close(fd);
	fd = zebra(h);
	tell(h, fd, RTM_NEWROUTE, "10.1.0.0/16", "198.51.100.2");
	assert_int_equal(way(h, "10.1.0.1"), 2);
	close(fd);
	assert_null(harness_close(h));
}

static void
assert_fault(const char *text, const char *path)
{
	struct harness *h = NULL;
	struct faults faults = {0};

	assert_int_not_equal(harness_open(&h, vnf_plugin_type, text, NULL, &faults), 0);
	assert_int_equal(faults.n, 1);
	assert_string_equal(faults.list[0].path, path);
	faults_clear(&faults);
}

static void
test_configuration_faults(void **state)
{
#define IFACE "interfaces:\n- {cp: p0, addresses: 10.0.0.1/24%s}\n%s"
	char text[512];

	(void)state;
	snprintf(text, sizeof(text), IFACE, "", "routing: {fpm: '192.0.2.1:2620'}\n");
	assert_fault(text, "routing.fpm");
	snprintf(text, sizeof(text), IFACE, "", "routing: {netns: frr}\n");
	assert_fault(text, "routing.netns");
	snprintf(text, sizeof(text), IFACE, ", tap: rt0", "");
	assert_fault(text, "interfaces[0].tap");
	snprintf(text, sizeof(text), IFACE, ", tap: a-name-that-is-too-long",
		"routing: {}\n");
	assert_fault(text, "interfaces[0].tap");
	snprintf(text, sizeof(text), IFACE, ", tap: p1",
		"- {cp: p1, addresses: 10.0.1.1/24}\nrouting: {}\n");
	assert_fault(text, "interfaces[1].tap");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		{.name = "packets go by the routes of a daemon [RTR-11 RTR-13]",
			.test_func = test_packets_go_by_the_routes_of_a_daemon},
		{.name = "routes stay for the hold time [RTR-13]",
			.test_func = test_routes_stay_for_the_hold_time},
		{.name = "new configurations keep learned routes, and win [RTR-13]",
			.test_func = test_new_configurations_keep_learned_routes_and_win},
		{.name = "a peer that talks nonsense is dropped",
			.test_func = test_a_peer_that_talks_nonsense_is_dropped},
		{.name = "faults of the configuration are named",
			.test_func = test_configuration_faults},
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
