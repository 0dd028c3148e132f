/* pool.h: the outside addresses of a NAT and which of their ports are taken. No clock, no
 * I/O. */
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

/* Number of the address (network order) in the pool, or -1. */
int pool_find(const struct pool *pool, uint32_t ip);
/* The outside address of an inside host: always the same one (RFC 4787 REQ-2, "paired").
 */
uint32_t pool_address(const struct pool *pool, uint32_t inside_ip);
/* Takes a free port (TCP, UDP) or identifier (ICMP) of address ip, near `random`, of the
 * same class (0-1023 or above) as the source port where the pool has both (RFC 4787
 * REQ-3). 0: all are taken. */
uint16_t pool_take(struct pool *pool, uint32_t ip, uint8_t proto, uint16_t source_port,
	uint32_t random);
/* Takes just this one, which need not be in the range (a static mapping). False: it is
 * taken, or ip is not of the pool. */
bool pool_mark(struct pool *pool, uint32_t ip, uint8_t proto, uint16_t port);
void pool_free(struct pool *pool, uint32_t ip, uint8_t proto, uint16_t port);
/* Whether a session may go on with it: the address is of the pool, the port in the range.
 */
bool pool_covers(const struct pool *pool, uint32_t ip, uint16_t port);

#endif
