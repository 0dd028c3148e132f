/* pool.h: the outside addresses of a NAT, which of their ports are taken and which rest.
 * No I/O; time is an argument.
 *
 * A port is free, taken, or rests: after a mapping it is not given out for a while (RFC
 * 6888 REQ-8). Addresses are told by their number in the pool. Some are dedicated: each
 * to one inside host (a static mapping of whole addresses), so no port of theirs is given
 * out. Private memory that comes page by page as ports are used.
 */
#ifndef VNFS_NAT_POOL_H
#define VNFS_NAT_POOL_H

#include <stdbool.h>
#include <stdint.h>
#include "dataplane/sdk/base.h"
#include "vnfs/nat/config.h"

struct pool;

/* Null: out of memory. */
struct pool *pool_create(const struct config *config);
void pool_destroy(struct pool *pool); /* null is fine */

struct pool_bounds { /* begins struct pool; host order */
	uint32_t lowest, highest;
};

/* False: an address (network order) is not in the pool. */
static inline bool
pool_may_have(const struct pool *pool, uint32_t ip)
{
	const struct pool_bounds *bounds = (const struct pool_bounds *)pool;
	const uint32_t host = __builtin_bswap32(ip); /* little-endian hosts only */

	return host >= bounds->lowest && host <= bounds->highest;
}

/* Number of the address (network order) in the pool, or -1. */
int pool_find(const struct pool *pool, uint32_t ip);
uint32_t pool_ip(const struct pool *pool, int address);
bool pool_is_dedicated(const struct pool *pool, int address);
/* The outside address of an inside host: always the same one (RFC 4787 REQ-2, "paired").
 * -1: all are dedicated. */
int pool_pair(const struct pool *pool, uint32_t inside_ip);

struct pool_want {
	uint8_t proto;
	uint16_t source_port; /* its class (0-1023, above) and perhaps parity are kept */
	uint32_t random;
	struct net_ports within; /* only these; 0-0: any of the range */
	bool parity;
};

/* Takes a free port (TCP, UDP) or identifier (ICMP) near `random`, of the same class as
 * the source port where the range has both (RFC 4787 REQ-3). 0: all are taken. */
uint16_t pool_take(struct pool *pool, int address, const struct pool_want *want);
/* The port that pool_take() would most likely take now; 0: cannot tell. pool_expect()
 * brings what both look at first into the cache. */
uint16_t pool_guess(const struct pool *pool, int address, const struct pool_want *want);
void pool_expect(const struct pool *pool, int address, const struct pool_want *want);
/* Takes just this one, which need not be in the range (a static mapping). False: it is
 * taken. */
bool pool_mark(struct pool *pool, int address, uint8_t proto, uint16_t port);
/* Frees it; it rests first until rest_until_ns, unless that is 0 or too many rest. */
void pool_free(struct pool *pool, int address, uint8_t proto, uint16_t port,
	uint64_t rest_until_ns);
/* A port of the range and class that may be shared (RFC 7857 section 3), by chance. */
uint16_t pool_any(const struct pool *pool, const struct pool_want *want);
/* Whether a session may go on with it: the port is in the range. */
bool pool_covers(const struct pool *pool, uint16_t port);

/* ---- blocks of ports (port-blocks), each for one inside host ---- */

/* Takes a block near `random` and returns its first port; 0: none is free. */
uint16_t pool_take_block(struct pool *pool, int address, uint32_t random);
/* Takes the block that holds port. Its first port; 0: it is taken, or port is in none. */
uint16_t pool_mark_block(struct pool *pool, int address, uint16_t port);
/* The block that holds port, by its first port; 0: none. */
uint16_t pool_block_of(const struct pool *pool, uint16_t port);
void pool_free_block(
	struct pool *pool, int address, uint16_t first, uint64_t rest_until_ns);

/* Ends the rest of those whose time has come; bounded. */
void pool_tick(struct pool *pool, uint64_t now_ns);
/* Any thread: ports and blocks that rest now. */
uint32_t pool_resting(const struct pool *pool);

#endif
