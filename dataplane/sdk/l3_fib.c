/* l3_fib.c: the form of a table by the number of its routes; see l3_fib.h. */
#include "dataplane/sdk/l3_fib.h"
#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "dataplane/sdk/l3_list.h"
#include "dataplane/sdk/l3_packed.h"

#define L3_FIB_SLACK 4096 /* groups more than routes */

struct l3_fib {
	struct l3_list4 *list4; /* few routes; all null: no route of that family */
	struct l3_list6 *list6;
	struct l3_packed *packed4, *packed6; /* many */
	struct l3_trie *live4, *live6; /* of one that changes: both, and only these */
};

static int create4(struct l3_fib *fib, const struct l3_fib_route *routes, size_t n);
static int create6(struct l3_fib *fib, const struct l3_fib_route *routes, size_t n);

int
l3_fib_create(
	struct l3_fib **out, const struct l3_fib_route *routes, size_t n, struct err *err)
{
	struct l3_fib *fib = calloc(1, sizeof(*fib));
	int rc = fib != NULL ? 0 : -ENOMEM;
	size_t n4 = 0;

	while (n4 < n && routes[n4].prefix.addr.family == 4)
		n4++;
	if (rc == 0)
		rc = create4(fib, routes, n4);
	if (rc == 0)
		rc = create6(fib, n > n4 ? routes + n4 : NULL, n - n4);
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
	l3_packed_destroy(fib->packed4);
	l3_packed_destroy(fib->packed6);
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
	else if (fib->packed4 != NULL)
		l3_packed_find4(fib->packed4, ips, values, n);
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
	else if (fib->packed6 != NULL)
		l3_packed_find6(fib->packed6, ips, values, n);
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

/* ---- building ---- */

static uint64_t
answer(const struct l3_fib_route *route)
{
	return (uint64_t)route->hint << 32 | route->value;
}

/* A list has shorter prefixes first. */
static int
create4(struct l3_fib *fib, const struct l3_fib_route *routes, size_t n)
{
	if (n > L3_LIST_MAX)
		return l3_packed_create(&fib->packed4, routes, n);
	if (n == 0)
		return 0;
	fib->list4 = calloc(1, sizeof(*fib->list4));
	if (fib->list4 == NULL)
		return -ENOMEM;
	for (unsigned len = 0; len <= 32; len++)
		for (size_t i = 0; i < n; i++)
			if (routes[i].prefix.len == len)
				l3_list4_append(fib->list4, &routes[i].prefix,
					answer(&routes[i]));
	return 0;
}

static int
create6(struct l3_fib *fib, const struct l3_fib_route *routes, size_t n)
{
	if (n > L3_LIST_MAX)
		return l3_packed_create(&fib->packed6, routes, n);
	if (n == 0)
		return 0;
	fib->list6 = calloc(1, sizeof(*fib->list6));
	if (fib->list6 == NULL)
		return -ENOMEM;
	for (unsigned len = 0; len <= 128; len++)
		for (size_t i = 0; i < n; i++)
			if (routes[i].prefix.len == len)
				l3_list6_append(fib->list6, &routes[i].prefix,
					answer(&routes[i]));
	return 0;
}
