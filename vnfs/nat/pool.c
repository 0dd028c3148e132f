/* pool.c: outside addresses and a bitmap of their ports for each protocol; see pool.h. */
#include "vnfs/nat/pool.h"
#include <arpa/inet.h>
#include <stdlib.h>
#include "dataplane/pkt/hdr.h"

#define PORTS  65536
#define PROTOS 3
#define WORDS  (PORTS / 64)
#define LOW    1023 /* the last of the well-known ports */

struct pool {
	uint32_t n;
	uint32_t addrs[CONFIG_MAX_POOL]; /* network order */
	uint32_t lowest, highest;	 /* host order: a quick no */
	struct net_ports ports;
	uint64_t (*taken)[PROTOS][WORDS]; /* by address */
};

static uint64_t *bitmap(const struct pool *pool, int i, uint8_t proto);
static int find_free(const uint64_t *taken, uint32_t first, uint32_t last);
static struct net_ports class_of(const struct pool *pool, uint8_t proto, uint16_t port);

struct pool *
pool_create(const struct config *config)
{
	struct pool *pool = calloc(1, sizeof(*pool));
	struct net_range one;
	const struct net_range *ranges;
	const unsigned n = config_pool(config, &one, &ranges);

	if (pool == NULL)
		return NULL;
	pool->lowest = UINT32_MAX;
	pool->ports = config->ports;
	for (unsigned i = 0; i < n; i++) {
		const uint32_t first = net_addr_v4(&ranges[i].first);
		const uint32_t last = net_addr_v4(&ranges[i].last);

		for (uint32_t k = 0; k <= last - first && pool->n < CONFIG_MAX_POOL; k++)
			pool->addrs[pool->n++] = htonl(first + k);
		pool->lowest = first < pool->lowest ? first : pool->lowest;
		pool->highest = last > pool->highest ? last : pool->highest;
	}
	pool->taken = calloc(pool->n, sizeof(*pool->taken));
	if (pool->taken != NULL)
		return pool;
	free(pool);
	return NULL;
}

void
pool_destroy(struct pool *pool)
{
	if (pool == NULL)
		return;
	free(pool->taken);
	free(pool);
}

int
pool_find(const struct pool *pool, uint32_t ip)
{
	const uint32_t host = ntohl(ip);

	if (host < pool->lowest || host > pool->highest)
		return -1;
	for (uint32_t i = 0; i < pool->n; i++)
		if (pool->addrs[i] == ip)
			return (int)i;
	return -1;
}

uint32_t
pool_address(const struct pool *pool, uint32_t inside_ip)
{
	const uint32_t hash = ntohl(inside_ip) * 0x9e3779b1u;

	return pool->addrs[(uint64_t)hash * pool->n >> 32];
}

uint16_t
pool_take(struct pool *pool, uint32_t ip, uint8_t proto, uint16_t source_port,
	uint32_t random)
{
	const struct net_ports range = class_of(pool, proto, source_port);
	uint64_t *taken = bitmap(pool, pool_find(pool, ip), proto);
	const uint32_t size = (uint32_t)range.last - range.first + 1;
	const uint32_t start = range.first + (uint32_t)((uint64_t)random * size >> 32);

	if (taken == NULL)
		return 0;
	int port = find_free(taken, start, range.last);

	if (port < 0 && start > range.first)
		port = find_free(taken, range.first, start - 1);
	if (port < 0)
		return 0;
	taken[port / 64] |= 1ull << port % 64;
	return (uint16_t)port;
}

bool
pool_mark(struct pool *pool, uint32_t ip, uint8_t proto, uint16_t port)
{
	uint64_t *taken = bitmap(pool, pool_find(pool, ip), proto);

	if (taken == NULL || taken[port / 64] & 1ull << port % 64)
		return false;
	taken[port / 64] |= 1ull << port % 64;
	return true;
}

void
pool_free(struct pool *pool, uint32_t ip, uint8_t proto, uint16_t port)
{
	uint64_t *taken = bitmap(pool, pool_find(pool, ip), proto);

	if (taken != NULL)
		taken[port / 64] &= ~(1ull << port % 64);
}

bool
pool_covers(const struct pool *pool, uint32_t ip, uint16_t port)
{
	return port >= pool->ports.first && port <= pool->ports.last &&
	       pool_find(pool, ip) >= 0;
}

/* Null: no such address or protocol. */
static uint64_t *
bitmap(const struct pool *pool, int i, uint8_t proto)
{
	if (i < 0)
		return NULL;
	switch (proto) {
	case PKT_PROTO_TCP:
		return pool->taken[i][0];
	case PKT_PROTO_UDP:
		return pool->taken[i][1];
	case PKT_PROTO_ICMP:
		return pool->taken[i][2];
	default:
		return NULL;
	}
}

/* The first free port in first..last, or -1. */
static int
find_free(const uint64_t *taken, uint32_t first, uint32_t last)
{
	for (uint32_t word = first / 64; word <= last / 64; word++) {
		uint64_t free_bits = ~taken[word];

		if (word == first / 64)
			free_bits &= UINT64_MAX << first % 64;
		if (word == last / 64)
			free_bits &= UINT64_MAX >> (63 - last % 64);
		if (free_bits != 0)
			return (int)(word * 64 + (uint32_t)__builtin_ctzll(free_bits));
	}
	return -1;
}

/* The part of the range that a source port of that class maps to; all of it if it has no
 * such part. */
static struct net_ports
class_of(const struct pool *pool, uint8_t proto, uint16_t port)
{
	struct net_ports range = pool->ports;

	if (proto == PKT_PROTO_ICMP)
		return range;
	if (port <= LOW && range.first <= LOW)
		range.last = range.last < LOW ? range.last : LOW;
	else if (port > LOW && range.last > LOW)
		range.first = range.first > LOW ? range.first : LOW + 1;
	return range;
}
