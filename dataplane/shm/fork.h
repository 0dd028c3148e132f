/* fork.h: by which of its links a packet leaves an end (a port, a connection point) that
 * has several: for whoever sends there. Made anew with each wiring.
 *
 * An end's links that lead to the replicas of one VNF are a *fan*, and the VNF's spread
 * says which of them a packet takes. An end with several fans is a *fork*: a packet takes
 * the fan that names its path. The number of its path lies in its mbuf, a byte; 0: it is
 * on none. What is on none, or on one that the fork does not know, is classified there
 * by the service's classifier (steer.h).
 */
#ifndef DATAPLANE_SHM_FORK_H
#define DATAPLANE_SHM_FORK_H

#include <stdbool.h>
#include <stdint.h>
#include <rte_mbuf.h>
#include "dataplane/shm/choose.h"
#include "dataplane/shm/layout.h"
#include "dataplane/shm/steer.h"

#define FORK_FANS    16	  /* of an end */
#define FORK_NOWHERE 0xff /* as the number of a link: none leads there */
#define FORK_NO_PATH 0xfe /* the packet is on no path that the fork knows */

struct fork {
	const struct steer *steer; /* null: the service has none */
	int32_t path_offset;	   /* of the byte in the mbuf */
	unsigned n;		   /* fans */
	uint8_t fan_of[STEER_PATH_MAX + 1];
	struct fork_fan {
		struct spread *spread; /* null: it is one link */
		enum spread_by by;
		uint8_t links[SPREAD_REPLICAS]; /* by replica; of one: the first */
		uint32_t there;			/* bits of replicas that have one */
	} fans[FORK_FANS];
};

/* An end of no links yet. */
void fork_init(struct fork *fork, const struct steer *steer, int32_t path_offset);
/* Adds its link number `link`, that goes that way. */
void fork_add(struct fork *fork, const struct shm_way *way, unsigned link);
/* Gives those of n <= STEER_BURST packets a path that are on none which the fork knows.
 */
void fork_steer(const struct fork *fork, struct rte_mbuf *const *pkts, unsigned n);

static inline bool
fork_is_one(const struct fork *fork)
{
	return fork->n <= 1;
}

/* Whether it depends on the packet which link it takes. */
static inline bool
fork_chooses(const struct fork *fork)
{
	return fork->n > 1 || (fork->n == 1 && fork->fans[0].spread != NULL);
}

static inline uint8_t *
fork_path(const struct fork *fork, struct rte_mbuf *pkt)
{
	return (uint8_t *)pkt + fork->path_offset;
}

/* The link that a packet takes, whose frame that is; or FORK_NOWHERE, FORK_NO_PATH. */
static inline unsigned
fork_choose(const struct fork *fork, struct rte_mbuf *pkt)
{
	const uint8_t at = fork->n > 1 ? fork->fan_of[*fork_path(fork, pkt)] : 0;
	const struct fork_fan *fan = &fork->fans[at % FORK_FANS];

	if (unlikely(at >= fork->n))
		return fork->n > 0 ? FORK_NO_PATH : FORK_NOWHERE;
	if (fan->spread == NULL)
		return fan->links[0];
	return fan->links[choose_replica(fan->spread, fan->by,
		rte_pktmbuf_mtod(pkt, const uint8_t *), pkt->data_len, fan->there)];
}

#endif
