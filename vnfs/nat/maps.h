/* maps.h: the mappings of a NAT: which inside address and port has which outside address
 * and port (endpoint-independent, RFC 4787 REQ-1), and what is counted about them. No
 * clock, no I/O.
 *
 * All of it follows from the sessions and the configuration, so it is private memory,
 * built anew after a restart and for a configuration with another pool. A mapping lives
 * while a session uses it; a static one always.
 */
#ifndef VNFS_NAT_MAPS_H
#define VNFS_NAT_MAPS_H

#include <stdbool.h>
#include <stdint.h>
#include "dataplane/sdk/base.h"
#include "dataplane/sdk/session.h"
#include "vnfs/nat/config.h"
#include "vnfs/nat/pool.h"

struct mapping {
	struct session session;
	struct session_key4 in, out; /* src and sport: inside, outside */
	uint32_t n_sessions;
	uint32_t is_static;
	uint64_t reserved;
};

enum maps_counter { MAPS_PEER = 5, MAPS_HOST = 6 }; /* `kind` of a counter's key */

struct maps;

/* Room for n sessions, with the static mappings in place. 0, or ERR_NO_RESOURCE. */
int maps_create(struct maps **maps, const struct config *config, uint32_t n_sessions,
	uint64_t seed, struct err *err);
void maps_destroy(struct maps *maps); /* null is fine */
struct pool *maps_pool(const struct maps *maps);

/* Addresses in network, ports in host order. The mapping, or SESSION_NONE. */
session_ref maps_by_inside(
	const struct maps *maps, uint8_t proto, uint32_t ip, uint16_t port);
session_ref maps_by_outside(
	const struct maps *maps, uint8_t proto, uint32_t ip, uint16_t port);
struct mapping *maps_of(const struct maps *maps, session_ref ref);

/* A new mapping with an outside port near `random`. SESSION_NONE: no port is free, or no
 * room. */
session_ref maps_add(
	struct maps *maps, uint8_t proto, uint32_t ip, uint16_t port, uint32_t random);
/* The mapping of a session that lived before these maps: found, or made with just this
 * outside address and port. SESSION_NONE: it does not agree with the pool, or with
 * another mapping. */
session_ref maps_adopt(struct maps *maps, uint8_t proto, uint32_t ip, uint16_t port,
	uint32_t outside_ip, uint16_t outside_port);
/* One session more, one less; the last one frees the mapping. */
void maps_get(struct maps *maps, session_ref ref);
void maps_put(struct maps *maps, session_ref ref);

/* ---- counters: sessions of an inside host, and of a mapping with a peer address ---- */

/* Key of how many sessions the mapping (its inside end) has with the outside host `peer`.
 */
struct session_key4 maps_peer_key(
	uint8_t proto, uint32_t ip, uint16_t port, uint32_t peer);
struct session_key4 maps_host_key(uint32_t ip);
uint32_t maps_counted(const struct maps *maps, const struct session_key4 *key);
void maps_count(struct maps *maps, const struct session_key4 *key);
void maps_uncount(struct maps *maps, const struct session_key4 *key);

/* Any thread: mappings now, static ones included. */
uint32_t maps_total(const struct maps *maps);

#endif
