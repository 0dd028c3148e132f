/* crew.c: see crew.h. No call into the system but sched_yield() and the doorbells'
 * futexes. */
#include "dataplane/runtime/crew.h"
#include <sched.h>
#include <rte_branch_prediction.h>
#include <rte_pause.h>
#include "dataplane/shm/doorbell.h"

#define MS	 1000000ull
#define TICK_NS	 MS
#define SLEEP_NS (100 * MS) /* at most: the heartbeats move at least so often */

static void gather(struct crew *crew);
static void keep_cache(struct crew *crew);
static void link_all(struct crew *crew);
static void link_outputs(struct crew *crew, struct worker *from);
static bool find_input(
	const struct crew *crew, const struct rte_ring *ring, struct crew_link *link);
static void work_done(struct crew *crew, unsigned n);
static void rest(struct crew *crew);
static bool is_pending(const struct crew *crew);
static bool is_blocked(const struct crew *crew);
static bool is_ending(const struct crew *crew);
static void ring(struct crew *crew);
static void ring_early(const struct crew *crew);
static void yield(struct crew *crew);
static void sleep_at_doorbells(struct crew *crew);
static bool wait_for_any(const struct crew *crew, uint64_t timeout_ns);
static uint64_t sleep_ns(const struct crew *crew);

void
crew_run(struct crew *crew)
{
	crew_begin(crew);
	while (crew->n_active > 0) {
		const unsigned n = crew_round(crew);

		if (n > 0)
			work_done(crew, n);
		else if (crew->n_active > 0)
			rest(crew);
	}
}

void
crew_begin(struct crew *crew)
{
	for (unsigned i = 0; i < crew->n; i++) {
		crew->workers[i]->crew = crew;
		crew->workers[i]->number = i;
		worker_begin(crew->workers[i]);
	}
	gather(crew);
}

unsigned
crew_round(struct crew *crew)
{
	unsigned n = 0;

	for (unsigned i = 0; i < crew->n_active; i++)
		n += worker_round(crew->active[i]);
	gather(crew);
	if (crew->cache != NULL && crew->n_active > 0)
		keep_cache(crew);
	return n;
}

void
crew_stop(const struct crew *crew, enum worker_stop how)
{
	for (unsigned i = 0; i < crew->n; i++)
		worker_stop(crew->workers[i], how);
}

static void
keep_cache(struct crew *crew)
{
	const uint64_t now_ns = crew->active[0]->vnf->now_ns;

	flow_cache_round(crew->cache, now_ns);
	if (now_ns - crew->ticked_ns < TICK_NS)
		return;
	crew->ticked_ns = now_ns;
	flow_cache_tick(crew->cache);
}

static void
gather(struct crew *crew)
{
	uint64_t linked = 0;

	crew->n_active = 0;
	for (unsigned i = 0; i < crew->n; i++) {
		struct worker *worker = crew->workers[i];

		if (unlikely(worker->ended))
			continue;
		crew->active[crew->n_active++] = worker;
		linked += worker->wiring_gen + (1ull << 32);
	}
	if (unlikely(linked != crew->linked)) {
		crew->linked = linked;
		link_all(crew);
	}
}

/* ---- what is handed on within the crew --------------------------------------------- */

static void
link_all(struct crew *crew)
{
	for (unsigned i = 0; i < crew->n; i++) {
		crew->workers[i]->exchange.inside = 0;
		if (crew->workers[i]->ended) /* its rings are another's */
			crew->workers[i]->exchange.inner = 0;
	}
	for (unsigned i = 0; i < crew->n_active; i++)
		link_outputs(crew, crew->active[i]);
	if (crew->cache != NULL)
		flow_cache_rewire(crew->cache);
}

static void
link_outputs(struct crew *crew, struct worker *from)
{
	struct exchange *x = &from->exchange;
	const uint32_t before = x->inner;

	x->inner = 0;
	for (unsigned i = 0; i < x->n_wired_outs; i++) {
		const unsigned out = x->wired_outs[i];

		if (find_input(crew, x->outs[out].ring, &crew->links[from->number][out]))
			x->inner |= 1u << out;
	}
	x->dirty |= before & ~x->inner; /* who has left us is to be woken */
}

static bool
find_input(const struct crew *crew, const struct rte_ring *ring, struct crew_link *link)
{
	for (unsigned i = 0; i < crew->n_active; i++) {
		struct exchange *x = &crew->active[i]->exchange;

		for (unsigned in = 0; in < x->n_ins; in++)
			if (x->ins[in] == ring) {
				x->inside |= 1u << in;
				link->to = (uint8_t)crew->active[i]->number;
				link->in = (uint8_t)in;
				return true;
			}
	}
	return false;
}

/* As deep as there are workers, in case that they pass something around in a circle. */
void
crew_hand_on(struct crew *crew, struct worker *from)
{
	uint32_t handed = from->exchange.handed;

	from->exchange.handed = 0;
	if (crew->depth == CREW_MAX)
		return;
	crew->depth++;
	for (; handed != 0; handed &= handed - 1) {
		const struct crew_link *link =
			&crew->links[from->number][__builtin_ctz(handed)];

		worker_serve(crew->workers[link->to], link->in, from->vnf->now_ns);
	}
	crew->depth--;
}

/* Consumers are woken when the inputs are drained or the budget is used up, not for each
 * burst. */
static void
work_done(struct crew *crew, unsigned n)
{
	const struct shm_slot *slot = crew->active[0]->slot;
	const bool shared_core = slot->spin_budget_ns == 0;

	crew->idle_since_ns = 0;
	crew->work += n;
	if (crew->work < slot->work_budget && is_pending(crew))
		return;
	ring_early(crew);
	if (crew->work < slot->work_budget)
		return;
	crew->work = 0;
	if (shared_core) {
		ring(crew);
		yield(crew);
	}
}

/* ---- idle -------------------------------------------------------------------------- */

static void
rest(struct crew *crew)
{
	const struct shm_slot *slot = crew->active[0]->slot;
	const uint64_t now_ns = crew->active[0]->vnf->now_ns;
	uint64_t idle_ns;

	ring(crew);
	for (unsigned i = 0; i < crew->n_active; i++)
		crew->active[i]->slot->counters.empty_loops++;
	crew->work = 0;
	if (crew->idle_since_ns == 0)
		crew->idle_since_ns = now_ns;
	idle_ns = now_ns - crew->idle_since_ns;
	if (slot->spin_budget_ns == UINT32_MAX || idle_ns < slot->spin_budget_ns)
		rte_pause();
	else if (idle_ns - slot->spin_budget_ns < slot->yield_budget_ns ||
		 (is_blocked(crew) && idle_ns < slot->patience_ns + TICK_NS) ||
		 is_ending(crew))
		yield(crew);
	else
		sleep_at_doorbells(crew);
}

static bool
is_pending(const struct crew *crew)
{
	for (unsigned i = 0; i < crew->n_active; i++)
		if (exchange_pending(&crew->active[i]->exchange))
			return true;
	return false;
}

static bool
is_blocked(const struct crew *crew)
{
	for (unsigned i = 0; i < crew->n_active; i++)
		if (crew->active[i]->exchange.blocked)
			return true;
	return false;
}

static bool
is_ending(const struct crew *crew)
{
	for (unsigned i = 0; i < crew->n_active; i++)
		if (worker_is_ending(crew->active[i]))
			return true;
	return false;
}

static void
ring(struct crew *crew)
{
	for (unsigned i = 0; i < crew->n_active; i++)
		exchange_ring(&crew->active[i]->exchange);
}

static void
ring_early(const struct crew *crew)
{
	for (unsigned i = 0; i < crew->n_active; i++)
		exchange_ring_early(&crew->active[i]->exchange);
}

static void
yield(struct crew *crew)
{
	crew->active[0]->slot->counters.yields++;
	sched_yield();
}

static void
sleep_at_doorbells(struct crew *crew)
{
	bool news = false;

	for (unsigned i = 0; i < crew->n_active; i++)
		doorbell_arm(&crew->active[i]->slot->doorbell);
	for (unsigned i = 0; i < crew->n_active; i++)
		news |= worker_has_news(crew->active[i]);
	if (news) {
		for (unsigned i = 0; i < crew->n_active; i++)
			doorbell_disarm(&crew->active[i]->slot->doorbell);
		return;
	}
	for (unsigned i = 0; i < crew->n_active; i++)
		crew->active[i]->slot->counters.sleeps++;
	if (!wait_for_any(crew, sleep_ns(crew)))
		return;
	for (unsigned i = 0; i < crew->n_active; i++)
		crew->active[i]->slot->counters.wakeups++;
	crew->idle_since_ns = 0; /* down the ladder again */
}

static bool
wait_for_any(const struct crew *crew, uint64_t timeout_ns)
{
	struct shm_doorbell *bells[CREW_MAX];

	for (unsigned i = 0; i < crew->n_active; i++)
		bells[i] = &crew->active[i]->slot->doorbell;
	return crew->n_active == 1 ? doorbell_wait(bells[0], timeout_ns)
				   : doorbell_wait_any(bells, crew->n_active, timeout_ns);
}

static uint64_t
sleep_ns(const struct crew *crew)
{
	uint64_t least = is_blocked(crew) ? TICK_NS : SLEEP_NS;

	for (unsigned i = 0; i < crew->n_active; i++) {
		const uint64_t ns = crew->active[i]->vnf->type->tick_idle_ms * MS;

		if (ns > 0 && ns < least)
			least = ns;
	}
	return least;
}
