/* layout.h: what lies in the memory that the dataplane shares with the VNF processes.
 *
 * One struct shm_host, made by the dataplane (primary) at start. Every process maps it at
 * the same address, which a VNF is given on its command line: it looks up nothing and
 * takes no lock of DPDK's. Plain data and pointers into shared memory only: no function
 * pointer, no libc pointer.
 *
 * Who writes is said at each member: [D] dataplane, [V] the VNF process of the slot.
 * Counters have one writer and are read by anyone with a relaxed load.
 */
#ifndef DATAPLANE_SHM_LAYOUT_H
#define DATAPLANE_SHM_LAYOUT_H

#include <stdbool.h>
#include <stdint.h>
#include <rte_common.h>
#include <rte_mbuf.h>
#include <rte_ring.h>
#include "dataplane/shm/histogram.h"
#include "dataplane/shm/spread.h"

#define SHM_MAGIC 0x52454e4741303035ull /* "RENGA005": changes with the layout */
#define SHM_SLOTS 96			/* VNF processes on a host */
#define SHM_LCORE_BASE                                                                   \
	16 /* lcore ids of VNF processes, one each; the dataplane's own are below */
#define SHM_CPS		  16   /* VNF_MAX_CPS */
#define SHM_MORE	  14   /* links of a slot beside the first of each cp */
#define SHM_REASONS	  48   /* VNF_MAX_REASONS */
#define SHM_BURST	  32   /* VNF_BURST */
#define SHM_HAND	  256  /* buffers in a worker's hand */
#define SHM_HELD	  1024 /* VNF_MAX_HELD */
#define SHM_STASH	  64   /* buffers in a stash ring when full */
#define SHM_BASE_VIRTADDR "0x200000000000" /* outside the sanitizers' shadow memory */

/* ---- doorbell: how a sleeper is woken (doorbell.h)
 * ---------------------------------------------------------- */

struct steer;

struct shm_doorbell {
	uint32_t asleep; /* futex word: 1 while its owner sleeps or is about to; producers
			    clear it and wake */
	uint32_t rings;	 /* wake-ups so far [producers, approximate] */
} __rte_cache_aligned;

/* ---- link: one direction between two connection points
 * ------------------------------------------------------ */

struct shm_link {
	struct rte_ring *ring;	       /* SP/SC, mbuf pointers; null: nothing there */
	struct shm_doorbell *consumer; /* whom to wake after an enqueue */
};

/* ---- hand: the ledger of buffers between a dequeue and an enqueue (hand.h)
 * ---------------------------------- */

enum shm_hand_op { SHM_HAND_NONE, SHM_HAND_TAKE, SHM_HAND_GIVE };

struct shm_hand { /* [V]; read by the dataplane after the process is dead, or for the
		     audit */
	union {
		struct {
			uint32_t first; /* pkts[first..n) are in hand */
			uint32_t n;
		};
		uint64_t ends; /* both, first in the lower half: stored at once by
				  hand_adopt() */
	};
	uint32_t op;	  /* enum shm_hand_op: the transfer under way */
	uint32_t op_tail; /* the ring's consumer (TAKE) or producer (GIVE) tail before it
			   */
	uint32_t op_from; /* n (TAKE) or first (GIVE) before it */
	struct rte_ring *op_ring;
	struct rte_mbuf *pkts[SHM_HAND];
} __rte_cache_aligned;

/* ---- counters
 * -------------------------------------------------------------------------------------------------
 */

struct shm_cp_counters {
	uint64_t rx_packets, rx_bytes, tx_packets, tx_bytes;
} __rte_cache_aligned;

struct shm_slot_counters { /* [V] */
	struct shm_cp_counters cps[SHM_CPS];
	uint64_t drops[SHM_REASONS];
	uint64_t busy_tsc;	    /* spent with packets */
	struct histogram burst_tsc; /* of it, by pass over the inputs: a burst of each */
	uint64_t loops, empty_loops, sleeps, wakeups, yields;
	uint64_t bursts;
	uint64_t originated; /* packets made from the stash */
	uint64_t held;	     /* packets held now */
} __rte_cache_aligned;

/* ---- wiring: what a slot's connection points are joined to
 * --------------------------------------------------- */

struct shm_way { /* where a link leads, for who has several to choose from (fork.h) */
	struct spread *spread; /* which of the links of its fan a packet takes; null: it
				  is the only one */
	uint32_t paths[8];     /* bits: packets on these take it */
	uint8_t by;	       /* enum spread_by, with a spread */
	uint8_t replica;       /* of the VNF at out */
	uint8_t fan;	       /* number: links to replicas of one VNF are of one fan */
};

struct shm_more { /* a further link of a connection point: to another replica, or VNF */
	struct shm_link in;
	struct rte_ring *former;
	struct shm_link out;
	struct shm_way way;
	uint8_t cp;
};

struct shm_wiring {
	struct shm_link in[SHM_CPS];
	struct rte_ring *former[SHM_CPS]; /* what a link that was replaced left on its way
					     here: nobody writes to it any more, and it is
					     read empty before `in`; null: nothing */
	struct shm_link out[SHM_CPS];
	uint16_t port_mtu[SHM_CPS];   /* struct vnf.port_mtu */
	struct shm_way ways[SHM_CPS]; /* of the first link of each */
	const struct steer *steer;    /* null: the service has none */
	int32_t path_offset;	      /* of a packet's path number in its mbuf: a byte */
	uint32_t n_more;
	uint32_t epoch; /* of the service: grows to see every process between two bursts
			 */
	struct shm_more more[SHM_MORE];
};

/* ---- slot: one VNF instance's place
 * --------------------------------------------------------------------------- */

enum shm_slot_state {
	SHM_SLOT_FREE,
	SHM_SLOT_RESERVED, /* [D] made, no process yet (or the last one was cleared away);
			      [V] handed over, the successor does not run yet */
	SHM_SLOT_RUNNING,  /* [V] attached, its worker loops */
	SHM_SLOT_DRAINED,  /* [V] the worker ended in order: nothing in hand, ring ends
			      settled */
};

struct shm_slot {
	/* set by the dataplane before a process attaches */
	uint32_t state;
	uint32_t index;
	uint32_t turn; /* number of the process that may run here, a futex: +1 by the
			  dataplane when it clears the slot [D], or by the process that
			  hands it over to the next [V] */
	char id[64];   /* VNF instance id */
	char name[64]; /* for people: edge.fw */
	char type[32];
	uint32_t n_cps, n_reasons;
	struct rte_ring *returns;  /* VNF -> dataplane: dropped buffers, to be freed */
	struct rte_ring *stash;	   /* dataplane -> VNF: fresh buffers */
	struct shm_doorbell *care; /* the dataplane worker that looks after both */
	void *region;		   /* instance state: outlives the process */
	uint64_t region_size;
	uint32_t region_version; /* [V] state_version of what is in it; 0: fresh, all zero
				  */
	char region_format[32];	 /* [V] state_format of it */
	struct spread *spread; /* [D] that sends to this VNF; null: it has no replicas */
	uint32_t replica;      /* [D] which one of it this is */
	uint8_t spread_by[SHM_CPS]; /* [D] enum spread_by of each connection point */
	bool spread_ends;	  /* [D] who sends may look for one end of a flow alone */
	uint32_t cpu;		  /* [D] where the process should run */
	uint8_t macs[SHM_CPS][6]; /* [D] */
	uint64_t patience_ns; /* [D] how long to wait for a full output before dropping to
				 it */
	uint32_t yield_budget_ns; /* [D] how long to yield before sleeping; see the idle
				     ladder */
	uint32_t spin_budget_ns;  /* [D] how long to spin first; 0 on a shared core; ~0u:
				     for ever (a baseline) */
	uint32_t work_budget; /* [D] packets before a worker on a shared core yields */

	/* wiring: [D] fills wiring[gen & 1], then stores gen; the worker copies it
	 * between two bursts, copies again if gen has changed meanwhile, and acknowledges
	 * the gen that it copied. A ring that was unwired lives until then. */
	struct shm_wiring wiring[2];
	uint32_t wiring_gen;
	uint32_t wiring_ack __rte_cache_aligned; /* [V] */

	/* life signs [V] */
	int32_t pid;
	uint32_t stop; /* [control thread of V] the worker is asked to drain and end */
	uint64_t heartbeat; /* +1 per loop, and at least every 100 ms while asleep */
	struct shm_doorbell doorbell;
	struct shm_hand hand;
	struct rte_mbuf
		*held[SHM_HELD]; /* packets kept beyond their burst; null where none */
	struct shm_slot_counters counters;
} __rte_cache_aligned;

/* ---- host
 * -------------------------------------------------------------------------------------------------------
 */

struct shm_host {
	uint64_t magic;
	uint64_t size; /* sizeof(struct shm_host): a cheap check that both sides were
			  built alike */
	uint64_t generation; /* differs for each start of a dataplane */
	int32_t pid;	     /* of the dataplane */
	uint32_t shutdown;   /* [D] set when it ends in order: VNF processes should end */
	uint64_t tsc_hz;
	uint64_t heartbeat; /* [D] +1 per loop of its first worker, at least every 100 ms
			     */
	uint64_t sampled_flag; /* ol_flags bit: the mbuf carries an entry time stamp */
	int32_t stamp_offset;  /* of the uint64_t entry TSC in the mbuf, valid with
				  sampled_flag */
	struct shm_slot slots[SHM_SLOTS];
};

#endif
