/* maps.h: the mappings of a NAT: which inside address and port has which outside address
 * and port (endpoint-independent, RFC 4787 REQ-1), and what is counted about them. No
 * I/O; time is an argument.
 *
 * All of it follows from the sessions and the configuration, so it is private memory,
 * built anew after a restart and for a configuration with another pool. A mapping lives
 * while a session uses it; a static one always. It is found by either end in a hash table
 * of chains; the hash is keyed.
 */
#ifndef VNFS_NAT_MAPS_H
#define VNFS_NAT_MAPS_H

#include <stdbool.h>
#include <stdint.h>
#include "dataplane/sdk/base.h"
#include "vnfs/nat/config.h"
#include "vnfs/nat/dice.h"
#include "vnfs/nat/hosts.h"
#include "vnfs/nat/journal.h"
#include "vnfs/nat/peers.h"
#include "vnfs/nat/pool.h"

typedef uint32_t map_ref;
#define MAP_NONE UINT32_MAX

struct mapping { /* addresses in network, ports in host order */
	uint32_t in_ip, out_ip;
	uint16_t in_port, out_port;
	uint8_t proto;
	bool is_static;
	uint16_t address;	    /* number of out_ip in the pool */
	uint32_t n_sessions;	    /* that hold it */
	uint32_t next_in, next_out; /* in its chains; next_in: of the free ones, too */
};

enum maps_result { MAPS_OK, MAPS_NO_PORT, MAPS_HOST_PORTS };

struct maps {
	struct pool *pool;
	struct hosts *hosts; /* null: nothing is limited or kept per host */
	struct peers *peers; /* null: no address-dependent filtering */
	struct mapping *list;
	uint32_t *in_chains, *out_chains; /* first mapping of each, + 1 */
	uint32_t capacity, used, free, mask, count;
	uint64_t secret[2];
};

/* Room for n sessions, with the static mappings in place. 0, or ERR_NO_RESOURCE. */
int maps_create(struct maps **maps, const struct config *config, uint32_t n_sessions,
	uint64_t seed, struct err *err);
void maps_destroy(struct maps *maps); /* null is fine */

#define MAPS_EXPECT DICE_AHEAD
struct maps_guess {	 /* what maps_add() will make */
	uint32_t random; /* that it will be called with */
	uint32_t ip;
	uint16_t port;
	map_ref ref;
};
/* Brings what maps_by_inside() and maps_add() will look at into the cache, for n inside
 * ends (src and sport), MAPS_EXPECT at most, and guesses what is made. */
void maps_expect(const struct maps *maps, const struct config *config,
	const struct session_key4 *keys, unsigned n, struct maps_guess *guesses);
/* The mapping, or MAP_NONE. */
map_ref maps_by_inside(
	const struct maps *maps, uint8_t proto, uint32_t ip, uint16_t port);
map_ref maps_by_outside(
	const struct maps *maps, uint8_t proto, uint32_t ip, uint16_t port);

static inline struct mapping *
maps_of(const struct maps *maps, map_ref ref)
{
	return &maps->list[ref];
}

struct maps_env { /* what a change of mappings needs beside them */
	const struct config *config;
	struct journal *journal;
	uint64_t now_ns;
	uint32_t random;
};

/* A new mapping with an outside port near env->random, that no session holds yet.
 * MAP_NONE: *result says why. */
map_ref maps_add(struct maps *maps, const struct maps_env *env, uint8_t proto,
	uint32_t ip, uint16_t port, enum maps_result *result);
/* The mapping of a session that lived before these maps: found, or made with just this
 * outside address and port. MAP_NONE: it does not agree with the pool, or with another
 * mapping. */
map_ref maps_adopt(struct maps *maps, uint8_t proto, uint32_t ip, uint16_t port,
	uint32_t outside_ip, uint16_t outside_port);
/* One session more, one less; the last one frees the mapping, whose port rests unless
 * `closed`: TCP that both sides ended. */
void maps_get(struct maps *maps, map_ref ref);
void maps_put(struct maps *maps, const struct maps_env *env, map_ref ref, bool closed);

/* Any thread: mappings now, static ones included. */
uint32_t maps_total(const struct maps *maps);

#endif
