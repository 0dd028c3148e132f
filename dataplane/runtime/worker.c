/* worker.c: see worker.h. */
#include "dataplane/runtime/worker.h"
#include <errno.h>
#include <string.h>
#include <time.h>
#include <rte_cycles.h>
#include "common/fault.h"
#include "dataplane/runtime/crew.h"
#include "dataplane/runtime/turn.h"
#include "dataplane/shm/doorbell.h"
#include "dataplane/shm/hand.h"

#define MS	     1000000ull
#define TICK_NS	     MS
#define DRAIN_NS     (100 * MS)
#define SWAP_WAIT_NS (2000 * MS)
#define SETTLE_ROUND 1024 /* entries of the flow cache: a fifth of a millisecond */

static uint64_t ns_per_tsc(const struct shm_host *host);
static uint64_t to_ns(uint64_t tsc, uint64_t scale);
static bool go_on(const struct worker *w);
static void read_clock(struct worker *w);
static void take_changes(struct worker *w);
static bool is_settled(const struct worker *w);
static bool may_end(const struct worker *w);
static void take_wiring(struct worker *w);
static void tick(struct worker *w);
static unsigned pass(struct worker *w);
static unsigned burst(struct worker *w, unsigned in);
static inline void hand_on(struct worker *w);
static void account(struct worker *w);
static unsigned end_round(struct worker *w);

/* ---- a round ----------------------------------------------------------------------- */

void
worker_open(
	struct worker *w, struct shm_host *host, struct shm_slot *slot, struct vnf *vnf)
{
	memset(w, 0, sizeof(*w));
	w->host = host;
	w->slot = slot;
	w->vnf = vnf;
	w->generation = host->generation;
	w->ns_per_tsc = ns_per_tsc(host);
	w->drain_ns = DRAIN_NS;
	exchange_open(&w->exchange, slot, vnf);
	vnf->io = &exchange_io;
	vnf->io_arg = &w->exchange;
	read_clock(w);
	take_wiring(w);
}

uint64_t
worker_clock_ns(const struct shm_host *host, uint64_t tsc)
{
	return to_ns(tsc, ns_per_tsc(host));
}

/* Times 2^32, so that the loop multiplies instead of dividing. */
static uint64_t
ns_per_tsc(const struct shm_host *host)
{
	return (1000000000ull << 32) / host->tsc_hz;
}

static uint64_t
to_ns(uint64_t tsc, uint64_t scale)
{
	return (uint64_t)(((unsigned __int128)tsc * scale) >> 32);
}

void
worker_begin(struct worker *w)
{
	/* a full fence: either our look at the wiring sees a change, or who made it sees
	 * that we run */
	__atomic_store_n(&w->slot->state, SHM_SLOT_RUNNING, __ATOMIC_SEQ_CST);
}

unsigned
worker_round(struct worker *w)
{
	unsigned n;

	if (unlikely(w->ended))
		return 0;
	w->slot->heartbeat++;
	w->slot->counters.loops++;
	read_clock(w);
	if (unlikely(!go_on(w)) && may_end(w))
		return end_round(w);
	take_changes(w);
	tick(w);
	w->crew->lap = w->tsc;
	n = pass(w);
	if (n > 0)
		account(w);
	return n;
}

void
worker_serve(struct worker *w, unsigned in, uint64_t now_ns)
{
	unsigned n = 0, k;

	if (unlikely(w->ended || !go_on(w)))
		return;
	w->vnf->now_ns = now_ns;
	do
		n += k = burst(w, in);
	while (k > 0 && exchange_waits(&w->exchange, in));
	if (n > 0)
		account(w);
}

static bool
go_on(const struct worker *w)
{
	return __atomic_load_n(&w->stop, __ATOMIC_RELAXED) == WORKER_RUN &&
	       __atomic_load_n(&w->host->shutdown, __ATOMIC_RELAXED) == 0 &&
	       w->host->generation == w->generation;
}

static void
read_clock(struct worker *w)
{
	w->tsc = rte_rdtsc();
	w->vnf->now_ns = w->base_ns + to_ns(w->tsc, w->ns_per_tsc);
}

static void
take_changes(struct worker *w)
{
	if (unlikely(__atomic_load_n(&w->slot->wiring_gen, __ATOMIC_ACQUIRE) !=
		     w->wiring_gen))
		take_wiring(w);
	if (unlikely(__atomic_load_n(&w->swap_asked, __ATOMIC_ACQUIRE) != w->swap_done) &&
		is_settled(w)) {
		FAULT_POINT("swap-asked");
		w->swap = w->vnf->type->swap(w->vnf, w->swap);
		FAULT_POINT("swap-done");
		__atomic_store_n(&w->swap_done, w->swap_done + 1, __ATOMIC_RELEASE);
	}
}

/* Whether the VNF knows of all packets that passed without it. */
static bool
is_settled(const struct worker *w)
{
	return w->exchange.cache == NULL ||
	       flow_cache_settle(w->exchange.cache, SETTLE_ROUND);
}

/* In order it ends when it knows that; until then it works. */
static bool
may_end(const struct worker *w)
{
	const uint32_t how = __atomic_load_n(&w->stop, __ATOMIC_RELAXED);

	return how == WORKER_RUN || how == WORKER_ABANDON || is_settled(w);
}

static void
take_wiring(struct worker *w)
{
	const uint32_t gen = __atomic_load_n(&w->slot->wiring_gen, __ATOMIC_ACQUIRE);

	exchange_wire(&w->exchange, &w->slot->wiring[gen & 1]);
	w->wiring_gen = gen;
	FAULT_POINT("wiring-taken");
	__atomic_store_n(&w->slot->wiring_ack, gen, __ATOMIC_RELEASE);
}

static void
tick(struct worker *w)
{
	const uint32_t asked = __atomic_load_n(&w->tick_asked, __ATOMIC_ACQUIRE);

	if (w->vnf->now_ns - w->last_tick_ns < TICK_NS && asked == w->tick_done)
		return;
	w->last_tick_ns = w->vnf->now_ns;
	w->tick_done = asked;
	if (w->vnf->type->tick != NULL)
		exchange_tick(&w->exchange);
}

/* One burst from each input, and what waits to be released. */
static unsigned
pass(struct worker *w)
{
	unsigned n = 0;

	w->exchange.blocked = false;
	for (unsigned cp = 0; cp < w->slot->n_cps; cp++)
		n += burst(w, cp);
	for (unsigned in = SHM_CPS; in < w->exchange.n_ins; in++)
		n += burst(w, in);
	if (unlikely(w->exchange.released_head != w->exchange.released_tail)) {
		n += exchange_flush(&w->exchange);
		hand_on(w);
	}
	return n;
}

static unsigned
burst(struct worker *w, unsigned in)
{
	const unsigned n = exchange_burst(&w->exchange, in);

	hand_on(w);
	return n;
}

/* The time of those who are handed something is theirs. */
static inline void
hand_on(struct worker *w)
{
	uint64_t now;

	if (likely(w->exchange.handed == 0))
		return;
	now = rte_rdtsc();
	w->spent_tsc += now - w->crew->lap;
	w->crew->lap = now;
	crew_hand_on(w->crew, w);
}

static void
account(struct worker *w)
{
	const uint64_t now = rte_rdtsc(), spent = w->spent_tsc + now - w->crew->lap;

	w->crew->lap = now;
	w->spent_tsc = 0;
	w->slot->counters.busy_tsc += spent;
	histogram_add(&w->slot->counters.burst_tsc, spent);
}

/* What somebody may have done before he could see that we are about to sleep. Packets
 * that wait for room are no news. */
bool
worker_has_news(const struct worker *w)
{
	if (w->ended)
		return false;
	return !go_on(w) || (!w->exchange.blocked && exchange_pending(&w->exchange)) ||
	       __atomic_load_n(&w->slot->wiring_gen, __ATOMIC_ACQUIRE) != w->wiring_gen ||
	       __atomic_load_n(&w->swap_asked, __ATOMIC_ACQUIRE) != w->swap_done ||
	       __atomic_load_n(&w->tick_asked, __ATOMIC_ACQUIRE) != w->tick_done;
}

/* ---- the end ----------------------------------------------------------------------- */

/* One try to let go of all that is in our hands; others of the crew, to whom it may go,
 * have their rounds between two. */
static unsigned
end_round(struct worker *w)
{
	const uint32_t how = __atomic_load_n(&w->stop, __ATOMIC_RELAXED);

	if (how != WORKER_DRAIN && how != WORKER_LEAVE && how != WORKER_HAND_OVER) {
		w->result = -ECONNABORTED;
		__atomic_store_n(&w->ended, true, __ATOMIC_RELEASE);
		return 0;
	}
	if (w->give_up_ns == 0) {
		w->give_up_ns = w->vnf->now_ns + w->drain_ns;
		if (how == WORKER_HAND_OVER)
			exchange_park(&w->exchange);
	}
	const bool drained =
		exchange_flush(&w->exchange) == 0 && exchange_drain(&w->exchange);

	exchange_ring(&w->exchange);
	if (!drained && w->vnf->now_ns < w->give_up_ns)
		return 0;
	if (!drained) /* it is left to the dataplane, as after a crash */
		w->result = -EBUSY;
	else if (how == WORKER_HAND_OVER)
		turn_pass(w->slot);
	else
		__atomic_store_n(&w->slot->state, SHM_SLOT_DRAINED, __ATOMIC_RELEASE);
	if (how == WORKER_LEAVE) /* no process of the slot is alive */
		__atomic_store_n(&w->slot->pid, 0, __ATOMIC_RELEASE);
	doorbell_ring(w->slot->care);
	__atomic_store_n(&w->ended, true, __ATOMIC_RELEASE);
	return 0;
}

/* ---- the control thread's part ----------------------------------------------------- */

void
worker_stop(struct worker *w, enum worker_stop how)
{
	__atomic_store_n(&w->stop, how, __ATOMIC_RELEASE);
	doorbell_ring(&w->slot->doorbell);
}

void
worker_wake(struct worker *w)
{
	__atomic_store_n(&w->tick_asked, w->tick_asked + 1, __ATOMIC_RELEASE);
	doorbell_ring(&w->slot->doorbell);
}

int
worker_swap(struct worker *w, void *built, void **replaced, struct err *err)
{
	const struct timespec pause = {.tv_nsec = 100000};
	const uint32_t asked = w->swap_asked + 1;
	uint64_t waited_ns = 0;

	w->swap = built;
	__atomic_store_n(&w->swap_asked, asked, __ATOMIC_RELEASE);
	doorbell_ring(&w->slot->doorbell);
	while (__atomic_load_n(&w->swap_done, __ATOMIC_ACQUIRE) != asked) {
		if (waited_ns >= SWAP_WAIT_NS)
			return err_set(err, ERR_TIMEOUT, NULL, NULL,
				"the worker does not take the configuration");
		nanosleep(&pause, NULL);
		waited_ns += (uint64_t)pause.tv_nsec;
	}
	*replaced = w->swap;
	return 0;
}
