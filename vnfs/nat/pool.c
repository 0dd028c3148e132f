/* pool.c: outside addresses, and a bitmap of their ports for each protocol; see pool.h.
 */
#include "vnfs/nat/pool.h"
#include <arpa/inet.h>
#include <stdlib.h>
#include "dataplane/pkt/hdr.h"
#include "vnfs/nat/lazy.h"

#define PORTS	   65536
#define PROTOS	   3
#define BLOCKS	   PROTOS /* in place of a protocol */
#define WORDS	   (PORTS / 64)
#define LOW	   1023 /* the last of the well-known ports */
#define TICK_BATCH 256
#define INDEX	   1024 /* at most a quarter full */
#define ODD	   0xaaaaaaaaaaaaaaaaull

struct rest {
	uint64_t until_ns;
	uint16_t address, port;
	uint8_t proto; /* as a number below */
};

struct pool {
	struct pool_bounds bounds; /* first */
	uint32_t n;
	uint32_t ips[CONFIG_MAX_POOL]; /* network order */
	uint16_t index[INDEX];	       /* number + 1 by hash of the address */
	bool dedicated[CONFIG_MAX_POOL];
	uint32_t n_shared;
	uint16_t shared[CONFIG_MAX_POOL]; /* those that are not dedicated */
	struct net_ports range;
	uint32_t block_size;
	uint64_t (*taken)[PROTOS][WORDS]; /* by address */
	uint64_t (*blocks)[WORDS / 64];	  /* taken, by address */
	struct rest *resting;		  /* a ring, the first to end first */
	uint32_t max_resting, first, n_resting;
};

static void add_addresses(struct pool *pool, const struct config *config);
static void dedicate(struct pool *pool, const struct config *config);
static int number_of(uint8_t proto);
static int find_free(
	const uint64_t *taken, uint32_t first, uint32_t last, uint64_t which);
static struct net_ports class_of(
	const struct net_ports *all, uint8_t proto, uint16_t port);
static void rest(
	struct pool *pool, int address, int proto, uint16_t port, uint64_t until_ns);
static void set_free(struct pool *pool, int address, int proto, uint16_t port);

struct pool *
pool_create(const struct config *config)
{
	struct pool *pool = calloc(1, sizeof(*pool));

	if (pool == NULL)
		return NULL;
	pool->bounds.lowest = UINT32_MAX;
	pool->range = config->ports;
	pool->block_size = config->port_blocks.size;
	pool->max_resting = config->port_rest.max;
	add_addresses(pool, config);
	dedicate(pool, config);
	pool->taken = lazy_alloc(pool->n * sizeof(*pool->taken));
	pool->blocks = calloc(pool->n + 1, sizeof(*pool->blocks));
	pool->resting = lazy_alloc((pool->max_resting + 1) * sizeof(*pool->resting));
	if (pool->taken != NULL && pool->blocks != NULL && pool->resting != NULL)
		return pool;
	pool_destroy(pool);
	return NULL;
}

void
pool_destroy(struct pool *pool)
{
	if (pool == NULL)
		return;
	lazy_free(pool->taken, pool->n * sizeof(*pool->taken));
	lazy_free(pool->resting, (pool->max_resting + 1) * sizeof(*pool->resting));
	free(pool->blocks);
	free(pool);
}

static inline uint32_t
home_of(uint32_t ip)
{
	return ip * 0x9e3779b1u >> 22; /* of INDEX */
}

static void
add_address(struct pool *pool, uint32_t ip)
{
	uint32_t at = home_of(ip);

	while (pool->index[at] != 0)
		at = (at + 1) % INDEX;
	pool->ips[pool->n++] = ip;
	pool->index[at] = (uint16_t)pool->n;
}

static void
add_addresses(struct pool *pool, const struct config *config)
{
	struct net_range one;
	const struct net_range *ranges;
	const unsigned n = config_pool(config, &one, &ranges);

	for (unsigned i = 0; i < n; i++) {
		const uint32_t first = net_addr_v4(&ranges[i].first);
		const uint32_t last = net_addr_v4(&ranges[i].last);

		for (uint32_t k = 0; k <= last - first && pool->n < CONFIG_MAX_POOL; k++)
			add_address(pool, htonl(first + k));
		pool->bounds.lowest =
			first < pool->bounds.lowest ? first : pool->bounds.lowest;
		pool->bounds.highest =
			last > pool->bounds.highest ? last : pool->bounds.highest;
	}
}

static void
dedicate(struct pool *pool, const struct config *config)
{
	for (unsigned i = 0; i < config->n_statics; i++) {
		const struct config_end *outside = &config->statics[i].outside;
		const int address = pool_find(pool, htonl(net_addr_v4(&outside->addr)));

		if (outside->ports.first == 0 && address >= 0)
			pool->dedicated[address] = true;
	}
	for (uint32_t i = 0; i < pool->n; i++)
		if (!pool->dedicated[i])
			pool->shared[pool->n_shared++] = (uint16_t)i;
}

/* ---- addresses ---- */

int
pool_find(const struct pool *pool, uint32_t ip)
{
	if (!pool_may_have(pool, ip))
		return -1;
	for (uint32_t at = home_of(ip); pool->index[at] != 0; at = (at + 1) % INDEX)
		if (pool->ips[pool->index[at] - 1] == ip)
			return pool->index[at] - 1;
	return -1;
}

uint32_t
pool_ip(const struct pool *pool, int address)
{
	return pool->ips[address];
}

bool
pool_is_dedicated(const struct pool *pool, int address)
{
	return pool->dedicated[address];
}

int
pool_pair(const struct pool *pool, uint32_t inside_ip)
{
	const uint32_t hash = ntohl(inside_ip) * 0x9e3779b1u;

	return pool->n_shared == 0 ? -1
				   : pool->shared[(uint64_t)hash * pool->n_shared >> 32];
}

/* ---- ports ---- */

/* The ports that may be given. */
static struct net_ports
range_of(const struct pool *pool, const struct pool_want *want)
{
	return want->within.last > 0
		       ? want->within
		       : class_of(&pool->range, want->proto, want->source_port);
}

static uint32_t
start_of(const struct net_ports *range, uint32_t random)
{
	const uint32_t size = (uint32_t)range->last - range->first + 1;

	return range->first + (uint32_t)((uint64_t)random * size >> 32);
}

/* From a random place on, around. */
static int
find_from(const uint64_t *taken, const struct net_ports *range, uint32_t start,
	uint64_t which)
{
	const int port = find_free(taken, start, range->last, which);

	if (port >= 0 || start == range->first)
		return port;
	return find_free(taken, range->first, start - 1, which);
}

uint16_t
pool_take(struct pool *pool, int address, const struct pool_want *want)
{
	const struct net_ports range = range_of(pool, want);
	const int proto = number_of(want->proto);
	const uint32_t start = start_of(&range, want->random);
	int port = -1;

	if (proto < 0 || address < 0)
		return 0;
	uint64_t *taken = pool->taken[address][proto];

	if (want->parity)
		port = find_from(
			taken, &range, start, want->source_port & 1 ? ODD : ~ODD);
	if (port < 0)
		port = find_from(taken, &range, start, UINT64_MAX);
	if (port < 0)
		return 0;
	taken[port / 64] |= 1ull << port % 64;
	return (uint16_t)port;
}

uint16_t
pool_guess(const struct pool *pool, int address, const struct pool_want *want)
{
	const struct net_ports range = range_of(pool, want);
	const uint32_t start = start_of(&range, want->random);
	const uint32_t behind = start | 63;
	const int proto = number_of(want->proto);

	if (proto < 0 || address < 0)
		return 0;
	const int port = find_free(pool->taken[address][proto], start,
		behind < range.last ? behind : range.last, UINT64_MAX);

	return port < 0 ? 0 : (uint16_t)port;
}

void
pool_expect(const struct pool *pool, int address, const struct pool_want *want)
{
	const struct net_ports range = range_of(pool, want);
	const int proto = number_of(want->proto);

	if (proto >= 0 && address >= 0)
		__builtin_prefetch(
			&pool->taken[address][proto][start_of(&range, want->random) / 64],
			1);
}

bool
pool_mark(struct pool *pool, int address, uint8_t proto, uint16_t port)
{
	const int number = number_of(proto);

	if (address < 0 || number < 0)
		return false;
	uint64_t *taken = pool->taken[address][number];

	if (taken[port / 64] & 1ull << port % 64)
		return false;
	taken[port / 64] |= 1ull << port % 64;
	return true;
}

void
pool_free(struct pool *pool, int address, uint8_t proto, uint16_t port,
	uint64_t rest_until_ns)
{
	rest(pool, address, number_of(proto), port, rest_until_ns);
}

uint16_t
pool_any(const struct pool *pool, const struct pool_want *want)
{
	const struct net_ports range = range_of(pool, want);

	return (uint16_t)start_of(&range, want->random);
}

bool
pool_covers(const struct pool *pool, uint16_t port)
{
	return port >= pool->range.first && port <= pool->range.last;
}

/* -1: no protocol with ports that are given out. */
static int
number_of(uint8_t proto)
{
	switch (proto) {
	case PKT_PROTO_TCP:
		return 0;
	case PKT_PROTO_UDP:
		return 1;
	case PKT_PROTO_ICMP:
		return 2;
	default:
		return -1;
	}
}

/* The first free one of first..last and of those bits of a word, or -1. */
static int
find_free(const uint64_t *taken, uint32_t first, uint32_t last, uint64_t which)
{
	for (uint32_t word = first / 64; word <= last / 64; word++) {
		uint64_t free_bits = ~taken[word] & which;

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
class_of(const struct net_ports *all, uint8_t proto, uint16_t port)
{
	struct net_ports range = *all;

	if (proto == PKT_PROTO_ICMP)
		return range;
	if (port <= LOW && range.first <= LOW)
		range.last = range.last < LOW ? range.last : LOW;
	else if (port > LOW && range.last > LOW)
		range.first = range.first > LOW ? range.first : LOW + 1;
	return range;
}

/* ---- blocks: the range above the well-known ports, cut from its start on ---- */

static uint32_t
first_block(const struct pool *pool)
{
	return pool->range.first > LOW || pool->range.last <= LOW ? pool->range.first
								  : LOW + 1;
}

static uint32_t
n_blocks(const struct pool *pool)
{
	const uint32_t size = pool->range.last + 1u - first_block(pool);

	return pool->block_size == 0 ? 0 : size / pool->block_size;
}

static uint16_t
take_block(struct pool *pool, int address, uint32_t i)
{
	pool->blocks[address][i / 64] |= 1ull << i % 64;
	return (uint16_t)(first_block(pool) + i * pool->block_size);
}

uint16_t
pool_take_block(struct pool *pool, int address, uint32_t random)
{
	const uint32_t n = n_blocks(pool);

	if (n == 0 || address < 0)
		return 0;
	const struct net_ports all = {0, (uint16_t)(n - 1)};
	const int i = find_from(
		pool->blocks[address], &all, start_of(&all, random), UINT64_MAX);

	return i < 0 ? 0 : take_block(pool, address, (uint32_t)i);
}

uint16_t
pool_block_of(const struct pool *pool, uint16_t port)
{
	const uint32_t first = first_block(pool);

	if (pool->block_size == 0 || port < first ||
		(port - first) / pool->block_size >= n_blocks(pool))
		return 0;
	return (uint16_t)(port - (port - first) % pool->block_size);
}

uint16_t
pool_mark_block(struct pool *pool, int address, uint16_t port)
{
	const uint16_t first = pool_block_of(pool, port);
	const uint32_t i = (first - first_block(pool)) / pool->block_size;

	if (first == 0 || pool->blocks[address][i / 64] & 1ull << i % 64)
		return 0;
	return take_block(pool, address, i);
}

void
pool_free_block(struct pool *pool, int address, uint16_t first, uint64_t rest_until_ns)
{
	rest(pool, address, BLOCKS, first, rest_until_ns);
}

/* ---- rest ---- */

static void
rest(struct pool *pool, int address, int proto, uint16_t port, uint64_t until_ns)
{
	if (until_ns == 0 || pool->n_resting == pool->max_resting) {
		set_free(pool, address, proto, port);
		return;
	}
	const uint32_t at = pool->first + pool->n_resting;

	pool->resting[at < pool->max_resting ? at : at - pool->max_resting] =
		(struct rest){.until_ns = until_ns,
			.address = (uint16_t)address,
			.port = port,
			.proto = (uint8_t)proto};
	__atomic_store_n(&pool->n_resting, pool->n_resting + 1, __ATOMIC_RELAXED);
}

static void
set_free(struct pool *pool, int address, int proto, uint16_t port)
{
	if (proto != BLOCKS) {
		pool->taken[address][proto][port / 64] &= ~(1ull << port % 64);
		return;
	}
	const uint32_t i = (port - first_block(pool)) / pool->block_size;

	pool->blocks[address][i / 64] &= ~(1ull << i % 64);
}

void
pool_tick(struct pool *pool, uint64_t now_ns)
{
	for (unsigned i = 0; i < TICK_BATCH && pool->n_resting > 0; i++) {
		const struct rest *r = &pool->resting[pool->first];

		if (r->until_ns > now_ns)
			return;
		set_free(pool, r->address, r->proto, r->port);
		pool->first = pool->first + 1 == pool->max_resting ? 0 : pool->first + 1;
		__atomic_store_n(&pool->n_resting, pool->n_resting - 1, __ATOMIC_RELAXED);
	}
}

uint32_t
pool_resting(const struct pool *pool)
{
	return __atomic_load_n(&pool->n_resting, __ATOMIC_RELAXED);
}
