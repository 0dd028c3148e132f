/* test_full_table.c: packets through a router with a full table go where a search of all
 * prefixes one by one says: real tables ($RENGA_DATA/prefixes or ../shared/data/prefixes,
 * skipped without) and made-up ones.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "dataplane/pkt/csum.h"
#include "dataplane/pkt/hdr.h"
#include "tests/lib/harness.h"
#include "tests/lib/random.h"

#define MAX_PREFIXES 400000
#define PACKETS	     2000
#define LOOKS	     60000000 /* of the oracle, for one table */
#define HOPS	     16

extern const struct vnf_type *const vnf_plugin_type;

struct table {
	uint8_t family;
	struct net_prefix *list;
	size_t n;
};

/* ---- prefixes ---- */

static int
compare(const void *a, const void *b)
{
	const struct net_prefix *x = a, *y = b;
	const int order = net_addr_cmp(&x->addr, &y->addr);

	return order != 0 ? order : (int)x->len - (int)y->len;
}

/* Sorted, each once, and without those that hold or are the router's own subnets. */
static void
settle(struct table *table)
{
	struct net_prefix own4, own6;
	size_t n = 0;

	net_prefix_parse("198.51.100.0/24", &own4);
	net_prefix_parse("2001:db8::/64", &own6);
	qsort(table->list, table->n, sizeof(*table->list), compare);
	for (size_t i = 0; i < table->n; i++) {
		const struct net_prefix *p = &table->list[i];

		if (n > 0 && compare(p, &table->list[n - 1]) == 0)
			continue;
		if (net_prefix_overlaps(p, table->family == 4 ? &own4 : &own6) &&
			p->len >= (table->family == 4 ? 24 : 64))
			continue;
		table->list[n++] = *p;
	}
	table->n = n;
}

/* False: no such file. */
static bool
read_table(struct table *table, const char *name)
{
	const char *data = getenv("RENGA_DATA");
	char command[512], line[128];

	snprintf(command, sizeof(command), "gzip -dc %s/prefixes/%s 2>/dev/null",
		data != NULL ? data : "../shared/data", name);
	FILE *pipe = popen(command, "r");

	assert_non_null(pipe);
	while (fgets(line, sizeof(line), pipe) != NULL && table->n < MAX_PREFIXES) {
		struct net_prefix *p = &table->list[table->n];

		line[strcspn(line, " \n")] = '\0';
		if (net_prefix_parse(line, p) == 0 && p->addr.family == table->family) {
			*p = net_prefix_network(p);
			table->n++;
		}
	}
	pclose(pipe);
	settle(table);
	return table->n > 0;
}

/* Nested ones of every length, a default route among them. */
static void
make_table(struct table *table, size_t n)
{
	const unsigned bytes = table->family == 4 ? 4 : 16;

	for (size_t i = 0; i < n; i++) {
		struct net_prefix p = {.addr = {.family = table->family}};

		for (unsigned k = 0; k < bytes; k++)
			p.addr.bytes[k] = (uint8_t)random32();
		p.addr.bytes[0] = table->family == 4 ? (uint8_t)(20 + random32() % 80)
						     : (uint8_t)(0x20 + random32() % 2);
		p.len = (uint8_t)(i == 0 ? 0 : 8 + random32() % (bytes * 8 - 7));
		table->list[i] = net_prefix_network(&p);
	}
	table->n = n;
	settle(table);
}

/* The number of the longest prefix that holds addr, or -1. */
static long
oracle(const struct table *table, const struct net_addr *addr)
{
	long best = -1;

	for (size_t i = 0; i < table->n; i++)
		if ((best < 0 || table->list[i].len > table->list[best].len) &&
			net_prefix_contains(&table->list[i], addr))
			best = (long)i;
	return best;
}

/* Inside of one of the prefixes, mostly. */
static struct net_addr
target(const struct table *table)
{
	const struct net_prefix *p = &table->list[random32() % table->n];
	const bool inside = random32() % 8 != 0;
	struct net_addr addr = {.family = table->family};

	for (unsigned bit = 0; bit < (table->family == 4 ? 32 : 128); bit++) {
		const uint8_t mask = (uint8_t)(0x80 >> bit % 8);
		const bool fixed = inside && bit < p->len;

		if (fixed ? p->addr.bytes[bit / 8] & mask : random32() & 1)
			addr.bytes[bit / 8] |= mask;
	}
	if (addr.family == 4) /* of the blocks that are forwarded at all */
		addr.bytes[0] = addr.bytes[0] % 126 + 1;
	else
		addr.bytes[0] = (uint8_t)(0x20 | (addr.bytes[0] & 0x1f));
	return addr;
}

/* ---- the router ---- */

static char *
config_of(const struct table *table)
{
	const bool ip4 = table->family == 4;
	char *text = NULL, prefix[NET_STRLEN];
	size_t size;
	FILE *out = open_memstream(&text, &size);

	fprintf(out, "{\"interfaces\": [{\"cp\": \"p0\", \"addresses\": "
		     "[\"203.0.113.1/24\", \"2001:db8:1::1/64\"]}, {\"cp\": \"p1\", "
		     "\"addresses\": [\"198.51.100.1/24\", \"2001:db8::1/64\"]}], "
		     "\"icmp-rate\": {\"total\": 0}, \"neighbours\": [");
	for (unsigned i = 0; i < HOPS; i++)
		fprintf(out,
			"%s{\"cp\": \"p1\", \"address\": \"%s%x\", \"mac\": "
			"\"02:00:00:00:01:%02x\"}",
			i > 0 ? ", " : "", ip4 ? "198.51.100.2" : "2001:db8::2",
			ip4 ? i % 10 + 16 * (i / 10) : i, i);
	fprintf(out, "], \"routes\": [");
	for (size_t i = 0; i < table->n; i++)
		fprintf(out, "%s{\"prefix\": \"%s\", \"via\": \"%s%x\"}",
			i > 0 ? ", " : "", net_prefix_print(&table->list[i], prefix),
			ip4 ? "198.51.100.2" : "2001:db8::2",
			(unsigned)(ip4 ? i % HOPS % 10 + 16 * (i % HOPS / 10)
				       : i % HOPS));
	fprintf(out, "]}");
	fclose(out);
	return text;
}

static size_t
write_packet(const struct net_addr *dst, uint8_t *frame)
{
	static const uint8_t head[12] = {2, 0, 0, 0, 0xff, 0, 2, 0, 0, 0, 0, 1};

	memset(frame, 0, 80);
	memcpy(frame, head, sizeof(head));
	if (dst->family == 6) {
		const uint8_t ip[8] = {0x60, 0, 0, 0, 0, 0, 59, 64};

		memcpy(frame + 12, "\x86\xdd", 2);
		memcpy(frame + 14, ip, 8);
		memcpy(frame + 22, "\x20\x01\x0d\xb8\x00\x01", 6);
		frame[37] = 9;
		memcpy(frame + 38, dst->bytes, 16);
		return 54;
	}
	struct pkt_ip4 *ip = (struct pkt_ip4 *)(frame + 14);
	const uint8_t start[12] = {0x45, 0, 0, 20, 0, 0, 0, 0, 64, 253};

	memcpy(frame + 12, "\x08\x00", 2);
	memcpy(ip, start, 12);
	memcpy(frame + 26, "\xcb\x00\x71\x09", 4);
	memcpy(frame + 30, dst->bytes, 4);
	csum_ip4_set(ip);
	return 34;
}

static bool
is_own_subnet(const struct net_addr *dst)
{
	struct net_prefix p;

	net_prefix_parse(dst->family == 4 ? "198.51.100.0/24" : "2001:db8::/63", &p);
	if (net_prefix_contains(&p, dst))
		return true;
	net_prefix_parse("203.0.113.0/24", &p);
	return net_prefix_contains(&p, dst);
}

static void
check(const struct table *table)
{
	struct harness_frame frame;
	struct faults faults = {0};
	struct harness *h = NULL;
	char *text = config_of(table);
	uint8_t packet[80];

	if (harness_open(&h, vnf_plugin_type, text, NULL, &faults) != 0)
		fail_msg("%s: %s", faults.list[0].path, faults.list[0].text);
	free(text);
	for (unsigned i = 0; i < PACKETS && i < LOOKS / table->n; i++) {
		const struct net_addr dst = target(table);
		const long wanted = oracle(table, &dst);

		if (is_own_subnet(&dst))
			continue;
		harness_in(h, 0, packet, write_packet(&dst, packet));
		assert_int_equal(harness_out(h, 1, &frame), wanted >= 0);
		if (wanted >= 0)
			assert_int_equal(frame.data[5], wanted % HOPS);
		while (harness_drop(h) >= 0)
			continue;
	}
	assert_null(harness_close(h));
}

static void
check_real(uint8_t family, const char *name, size_t at_least)
{
	struct table table = {family, calloc(MAX_PREFIXES, sizeof(*table.list)), 0};

	if (read_table(&table, name)) {
		assert_true(table.n >= at_least);
		check(&table);
	}
	const bool there = table.n > 0;

	free(table.list);
	if (!there)
		skip();
}

static void
check_made(uint8_t family, size_t n)
{
	struct table table = {family, calloc(MAX_PREFIXES, sizeof(*table.list)), 0};

	make_table(&table, n);
	check(&table);
	free(table.list);
}

static void
test_real4(void **state)
{
	(void)state;
	check_real(4, "ipv4-2002.txt.gz", 110000);
}

static void
test_real6(void **state)
{
	(void)state;
	check_real(6, "ipv6-2019.txt.gz", 30000);
}

static void
test_made4(void **state)
{
	(void)state;
	check_made(4, 40);
	check_made(4, 3000);
	check_made(4, 100000);
}

static void
test_made6(void **state)
{
	(void)state;
	check_made(6, 40);
	check_made(6, 3000);
	check_made(6, 30000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		{.name = "packets by a real IPv4 table go where a search of all prefixes "
			 "says [RTR-1]",
			.test_func = test_real4},
		{.name = "packets by a real IPv6 table go where a search of all prefixes "
			 "says [RTR-1 COM-13]",
			.test_func = test_real6},
		{.name = "packets by made-up IPv4 tables go where a search of all "
			 "prefixes says [RTR-1]",
			.test_func = test_made4},
		{.name = "packets by made-up IPv6 tables go where a search of all "
			 "prefixes says [RTR-1 COM-13]",
			.test_func = test_made6},
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
