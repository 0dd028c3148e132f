/* l3_fib.c: rte_fib and rte_fib6 of the size that the routes need; see l3_fib.h. */
#include "dataplane/sdk/l3_fib.h"
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <rte_errno.h>
#include <rte_memory.h>
#include <rte_fib.h>
#include <rte_fib6.h>
#include "dataplane/sdk/l3_list.h"

#define MAX_LEN	     128
#define DIRECT_BITS  24	  /* of the first table of both direct forms */
#define L3_FIB_SLACK 4096 /* groups more than routes */

struct l3_fib {
	struct l3_list4 *list4; /* few routes; all null: no route of that family */
	struct l3_list6 *list6;
	struct rte_fib *fib4; /* many */
	struct rte_fib6 *fib6;
	struct l3_trie *live4, *live6; /* of one that changes: both, and only these */
};

struct census { /* of the routes of one family */
	size_t n;
	uint32_t tables; /* second-level tables that they can need, at most */
};

static struct census count(const struct l3_fib_route *routes, size_t n, uint8_t family);
static int create4(struct l3_fib *fib, const struct census *census);
static int create6(struct l3_fib *fib, const struct census *census);
static int add_of_len(
	struct l3_fib *fib, const struct l3_fib_route *routes, size_t n, unsigned len);

int
l3_fib_create(
	struct l3_fib **out, const struct l3_fib_route *routes, size_t n, struct err *err)
{
	const struct census c4 = count(routes, n, 4), c6 = count(routes, n, 6);
	struct l3_fib *fib = calloc(1, sizeof(*fib));
	int rc = fib != NULL ? 0 : -ENOMEM;

	if (rc == 0 && c4.n > 0)
		rc = create4(fib, &c4);
	if (rc == 0 && c6.n > 0)
		rc = create6(fib, &c6);
	for (unsigned len = 0; len <= MAX_LEN && rc == 0; len++)
		rc = add_of_len(fib, routes, n, len);
	if (rc == 0) {
		*out = fib;
		return 0;
	}
	l3_fib_destroy(fib);
	return err_set(err, ERR_NO_RESOURCE, NULL, NULL,
		"a table of %zu routes could not be made: %s", n, strerror(-rc));
}

void
l3_fib_destroy(struct l3_fib *fib)
{
	if (fib == NULL)
		return;
	free(fib->list4);
	free(fib->list6);
	rte_fib_free(fib->fib4);
	rte_fib6_free(fib->fib6);
	l3_trie_destroy(fib->live4);
	l3_trie_destroy(fib->live6);
	free(fib);
}

/* An IPv4 prefix needs a group at most; an IPv6 one rarely two of its own. */
int
l3_fib_create_live(struct l3_fib **out, uint32_t max, struct err *err)
{
	struct l3_fib *fib = calloc(1, sizeof(*fib));
	int rc = fib != NULL ? l3_trie_create(&fib->live4, max + L3_FIB_SLACK, err)
			     : err_sys(err, ENOMEM, "cannot make a routing table");

	if (rc == 0)
		rc = l3_trie_create(&fib->live6, 2 * max + L3_FIB_SLACK, err);
	if (rc == 0)
		*out = fib;
	else
		l3_fib_destroy(fib);
	return rc;
}

static struct l3_trie *
live_of(const struct l3_fib *fib, uint8_t family)
{
	return family == 4 ? fib->live4 : fib->live6;
}

int
l3_fib_add(struct l3_fib *fib, const struct l3_fib_route *route)
{
	return l3_trie_add(live_of(fib, route->prefix.addr.family),
		route->prefix.addr.bytes, route->prefix.len, route->value);
}

void
l3_fib_del(struct l3_fib *fib, const struct net_prefix *prefix, uint32_t cover,
	unsigned cover_len, struct l3_trie_freed *freed)
{
	l3_trie_del(live_of(fib, prefix->addr.family), prefix->addr.bytes, prefix->len,
		cover, cover_len, freed);
}

void
l3_fib_release(struct l3_fib *fib, uint8_t family, uint32_t group)
{
	l3_trie_release(live_of(fib, family), group);
}

void
l3_fib_find4(const struct l3_fib *fib, const uint32_t *ips, uint64_t *values, unsigned n)
{
	if (fib->list4 != NULL)
		l3_list4_find(fib->list4, ips, values, n);
	else if (fib->fib4 != NULL)
		rte_fib_lookup_bulk(
			fib->fib4, (uint32_t *)(uintptr_t)ips, values, (int)n);
	else if (fib->live4 != NULL)
		l3_trie_find4(fib->live4, ips, values, n);
	else
		memset(values, 0, n * sizeof(*values));
}

void
l3_fib_find6(const struct l3_fib *fib, uint8_t (*ips)[16], uint64_t *values, unsigned n)
{
	if (fib->list6 != NULL)
		l3_list6_find(fib->list6, ips, values, n);
	else if (fib->fib6 != NULL)
		rte_fib6_lookup_bulk(fib->fib6, ips, values, (int)n);
	else if (fib->live6 != NULL)
		l3_trie_find6(fib->live6, ips, values, n);
	else
		memset(values, 0, n * sizeof(*values));
}

uint32_t
l3_fib_find(const struct l3_fib *fib, uint8_t family, const uint8_t ip[16])
{
	uint64_t value;
	uint32_t ip4;
	uint8_t ip6[1][16];

	if (family == 4) {
		memcpy(&ip4, ip, 4);
		ip4 = ntohl(ip4);
		l3_fib_find4(fib, &ip4, &value, 1);
	} else {
		memcpy(ip6, ip, 16);
		l3_fib_find6(fib, ip6, &value, 1);
	}
	return (uint32_t)value;
}

static struct census
count(const struct l3_fib_route *routes, size_t n, uint8_t family)
{
	struct census census = {0};

	for (size_t i = 0; i < n; i++) {
		const struct net_prefix *p = &routes[i].prefix;

		if (p->addr.family != family)
			continue;
		census.n++;
		if (p->len > DIRECT_BITS)
			census.tables += (p->len - DIRECT_BITS + 7u) / 8;
	}
	return census;
}

/* Names are unique in the process. Control thread only. */
static const char *
next_name(void)
{
	static char name[24];
	static unsigned counter;

	snprintf(name, sizeof(name), "l3-%u", counter++);
	return name;
}

static int
create4(struct l3_fib *fib, const struct census *census)
{
	struct rte_fib_conf conf = {.type = RTE_FIB_DIR24_8,
		.default_nh = L3_FIB_NONE,
		.max_routes = (int)census->n + 1,
		.dir24_8 = {.nh_sz = RTE_FIB_DIR24_8_4B, .num_tbl8 = census->tables + 1}};

	if (census->n <= L3_LIST_MAX) {
		fib->list4 = calloc(1, sizeof(*fib->list4));
		return fib->list4 != NULL ? 0 : -ENOMEM;
	}
	fib->fib4 = rte_fib_create(next_name(), SOCKET_ID_ANY, &conf);
	return fib->fib4 != NULL ? 0 : -rte_errno;
}

static int
create6(struct l3_fib *fib, const struct census *census)
{
	struct rte_fib6_conf conf = {.type = RTE_FIB6_TRIE,
		.default_nh = L3_FIB_NONE,
		.max_routes = (int)census->n + 1,
		.trie = {.nh_sz = RTE_FIB6_TRIE_4B, .num_tbl8 = census->tables + 1}};

	if (census->n <= L3_LIST_MAX) {
		fib->list6 = calloc(1, sizeof(*fib->list6));
		return fib->list6 != NULL ? 0 : -ENOMEM;
	}
	fib->fib6 = rte_fib6_create(next_name(), SOCKET_ID_ANY, &conf);
	return fib->fib6 != NULL ? 0 : -rte_errno;
}

static int
add(struct l3_fib *fib, const struct l3_fib_route *route)
{
	const struct net_prefix net = net_prefix_network(&route->prefix);

	if (net.addr.family == 4 && fib->list4 != NULL)
		l3_list4_append(fib->list4, &net, route->value);
	else if (net.addr.family == 6 && fib->list6 != NULL)
		l3_list6_append(fib->list6, &net, route->value);
	else if (net.addr.family == 4)
		return rte_fib_add(
			fib->fib4, net_addr_v4(&net.addr), net.len, route->value);
	else
		return rte_fib6_add(fib->fib6, net.addr.bytes, net.len, route->value);
	return 0;
}

/* Shorter prefixes first: a list wants it so; and in other orders rte_fib (22.11) does
 * not give back all second-level tables that it took on the way, and runs out of them. */
static int
add_of_len(struct l3_fib *fib, const struct l3_fib_route *routes, size_t n, unsigned len)
{
	int rc = 0;

	for (size_t i = 0; i < n && rc == 0; i++)
		if (routes[i].prefix.len == len)
			rc = add(fib, &routes[i]);
	return rc;
}
