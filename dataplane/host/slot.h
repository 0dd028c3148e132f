/* slot.h: the place of a VNF instance: its share of the shared layout, its rings, its
 * state, and what is done when its process has died. Control thread only. */
#ifndef DATAPLANE_HOST_SLOT_H
#define DATAPLANE_HOST_SLOT_H

#include <stdbool.h>
#include <sys/queue.h>
#include <jansson.h>
#include "common/err.h"
#include "dataplane/host/pool.h"
#include "dataplane/shm/layout.h"

struct slot {
	LIST_ENTRY(slot) entry;
	struct shm_slot *shm;
	struct pool *pool;
	char ns[64], id[64];
	char cps[SHM_CPS][32];
	char reasons[SHM_REASONS][32];
	struct replicas *replicas; /* that it is one of; null: it is the only one */
	char of[64];		   /* id of the VNF that it is a replica of, if it is */
	bool spin;		   /* idles by spinning, whoever else needs the CPU */
	uint32_t turn;	 /* packets before it yields where other services want the core */
	unsigned worker; /* index of the I/O worker that cares for it */
	uint64_t garbage;     /* pointers in its rings that were no buffers */
	uint64_t busy_before; /* busy_tsc at the last sample */
	uint64_t sampled_tsc; /* when that was */
	double busy;	      /* share of the time between the last two samples */
	json_t *tag;
};
LIST_HEAD(slot_list, slot);

struct slot_want { /* what slot.put asks for; strings are borrowed */
	const char *id, *ns, *name, *type, *idle;
	const json_t *cps, *reasons;
	const json_t *spread; /* of each cp: "pair", "source", "port"; null: pair */
	const char *of; /* it is replica `index` of `n` of that VNF; null: the only one */
	unsigned index, n;
	const char *group; /* it shares its process with those of that name; null: no */
	uint64_t state_size;
	unsigned cpu;
	unsigned share; /* of a shared CPU, as a weight: SLOT_SHARE usually */
};

#define SLOT_SHARE     100
#define SLOT_SHARE_MAX 10000

/* Faults of a request that no slot could meet. */
int slot_check(const struct slot_want *want, struct err *err);
/* Reserves one of shm's slots. ERR_NO_RESOURCE if all are taken or there is no memory. */
int slot_create(struct shm_host *shm, const struct slot_want *want, struct pool *pool,
	struct shm_doorbell *care, struct slot **slot, struct err *err);
/* Follows a repeated wish. Another type, other connection points and a larger state are
 * ERR_STATE while a process runs. */
int slot_update(struct slot *slot, const struct slot_want *want, struct err *err);
/* Null is fine. No process, no plan and no link may use it. What its rings hold goes
 * home. */
void slot_destroy(struct slot *slot);

/* Whether a process is attached and lives (one that is dead but not yet reaped does not).
 */
bool slot_is_alive(const struct slot *slot);
/* Whether it is one that the VNF has to do with: what stands in its hand may be anything.
 */
bool slot_has_ring(const struct slot *slot, const struct rte_ring *ring);
/* Index of a connection point, or -1. */
int slot_cp(const struct slot *slot, const char *name);
/* Frees what a dead process held, each buffer once, and makes the slot ready for a
 * successor. The ends that it used of rings of links must be settled by the caller before
 * (link_settle). Workers parked. Returns how many were freed. */
uint32_t slot_clear(struct slot *slot);

/* Wiring of all connection points at once; a running process takes it over between two
 * bursts. Does nothing if it is so already. ERR_TIMEOUT: the process has not even taken
 * over the one before. */
int slot_wire(struct slot *slot, const struct shm_wiring *wiring, struct err *err);
/* Waits until a running process follows the newest wiring and touches nothing that only
 * older ones named. A dead one touches nothing: its hand is settled. ERR_TIMEOUT after a
 * second: the wiring stands, and calling again waits again. */
int slot_wait_wired(struct slot *slot, struct err *err);
/* How long it waits for a full output before it drops; 0: as usual. */
void slot_set_patience(struct slot *slot, uint64_t patience_ns);
/* Whether its process works: packets on their way to it arrive. */
bool slot_is_running(const struct slot *slot);
/* After the death of its process: the transfer under way is finished or undone, so that
 * its rings may go. Harmless when repeated, and while it lives. */
void slot_settle(struct slot *slot);
/* Takes a sample of how busy its process is; about once a second. */
void slot_sample(struct slot *slot, uint64_t tsc);
/* Size of its instance state that a wish may grow to without a new region. */
uint64_t slot_region_size(const struct slot *slot);

#endif
