/* relink.c: see relink.h. */
#include "dataplane/host/relink.h"
#include <unistd.h>
#include <rte_cycles.h>
#include "common/log.h"
#include "dataplane/host/ring.h"
#include "dataplane/host/stats.h"
#include "dataplane/host/wiring.h"
#include "dataplane/shm/hand.h"

#define DRAIN_US    1000000 /* for what is under way in VNFs that are taken out */
#define HELD_US	    2000    /* for what they hold, with nothing else left */
#define ARRIVE_US   200000  /* for old rings to be read */
#define POLL_US	    20
#define PATIENCE_NS 200000000 /* of producers meanwhile */

typedef bool condition(const struct host *host, const struct pool *pool);

static void be_patient(const struct host *host, const struct pool *pool, bool patient);
static uint64_t wait_for(const struct host *host, const struct pool *pool, condition *met,
	uint64_t at_most_us);
static uint64_t now_us(void);
static bool is_drained(const struct host *host, const struct pool *pool);
static bool is_quiet(const struct host *host, const struct pool *pool);
static bool holds_nothing(const struct host *host, const struct pool *pool);
static bool is_hand_empty(const struct shm_hand *hand);
static bool has_heir(const struct host *host, const struct link *link, unsigned at);
static bool is_read(const struct link *link, unsigned at);
static bool is_empty(const struct rte_ring *ring);
static void cut(struct host *host, const struct pool *pool);
static void hand_over(struct host *host, struct link *link, unsigned at);
static struct link *find_heir(
	struct host *host, const struct link *link, unsigned at, bool near);
static bool has_arrived(const struct host *host, const struct pool *pool);
static int end_formers(struct host *host, const struct pool *pool, struct err *err);
static unsigned take_formers(struct host *host, const struct pool *pool,
	struct rte_ring **rings[], unsigned max);

int
relink_run(struct host *host, struct pool *pool, struct relink_outcome *outcome,
	struct err *err)
{
	const uint64_t dropped = stats_crowded_out(host, pool);
	const uint64_t shed = stats_shed(host, pool);
	uint64_t start = now_us();
	int rc;

	be_patient(host, pool, true);
	rc = wiring_apply(host, pool, &outcome->freed, err);
	outcome->turn_us = now_us() - start;
	if (rc == 0) {
		outcome->drain_us = wait_for(host, pool, is_drained, DRAIN_US) +
				    wait_for(host, pool, holds_nothing, HELD_US);
		cut(host, pool);
		start = now_us();
		rc = wiring_apply(host, pool, &outcome->freed, err);
		outcome->cut_us = now_us() - start;
	}
	if (rc == 0) {
		outcome->arrive_us = wait_for(host, pool, has_arrived, ARRIVE_US);
		rc = end_formers(host, pool, err);
	}
	be_patient(host, pool, false);
	outcome->dropped += stats_crowded_out(host, pool) - dropped;
	outcome->shed += stats_shed(host, pool) - shed;
	return rc;
}

bool
relink_is_due(const struct host *host, const struct pool *pool)
{
	const struct link *link;

	LIST_FOREACH (link, &host->links, entry)
		if (link->pool == pool &&
			(link->state != LINK_UP || link->former[0] != NULL ||
				link->former[1] != NULL))
			return true;
	return false;
}

void
relink_tidy(struct host *host)
{
	struct pool *pool;
	struct err err;

	LIST_FOREACH (pool, &host->pools, entry)
		if (end_formers(host, pool, &err) < 0)
			log_warn("old rings stay", "ns=%s reason=\"%s\" next=later",
				pool->ns, err.text);
}

static void
be_patient(const struct host *host, const struct pool *pool, bool patient)
{
	struct slot *slot;

	LIST_FOREACH (slot, &host->slots, entry)
		if (slot->pool == pool)
			slot_set_patience(slot,
				patient && !wiring_waits_in_vain(host, slot) ? PATIENCE_NS
									     : 0);
}

/* Returns how long it took, at most about at_most_us. */
static uint64_t
wait_for(const struct host *host, const struct pool *pool, condition *met,
	uint64_t at_most_us)
{
	const uint64_t start = now_us();

	while (!met(host, pool) && now_us() - start < at_most_us)
		usleep(POLL_US);
	return now_us() - start;
}

static uint64_t
now_us(void)
{
	return rte_rdtsc() / (rte_get_tsc_hz() / 1000000);
}

/* A packet may move on behind our look, to a VNF that was looked at before: but in each
 * further look that misses it, it must have passed one more of those that leave. */
static bool
is_drained(const struct host *host, const struct pool *pool)
{
	const struct slot *slot;
	unsigned looks = 1;

	LIST_FOREACH (slot, &host->slots, entry)
		looks += slot->pool == pool && wiring_leaves(host, slot) ? 1 : 0;
	while (looks > 0 && is_quiet(host, pool))
		looks--;
	return looks == 0;
}

/* Who is dead will not read any more. A ring is looked at before the hand that it is
 * taken into. */
static bool
is_quiet(const struct host *host, const struct pool *pool)
{
	const struct link *link;
	const struct slot *slot;

	LIST_FOREACH (link, &host->links, entry) {
		if (link->state != LINK_LEAVING || link->pool != pool)
			continue;
		for (unsigned i = 0; i < 2; i++) {
			slot = link->ends[i].slot;
			if (!has_heir(host, link, i) &&
				(slot == NULL || slot_is_running(slot)) &&
				!is_read(link, i))
				return false;
		}
	}
	LIST_FOREACH (slot, &host->slots, entry)
		if (slot->pool == pool && wiring_leaves(host, slot) &&
			slot_is_running(slot) && !is_hand_empty(&slot->shm->hand))
			return false;
	return true;
}

static bool
holds_nothing(const struct host *host, const struct pool *pool)
{
	const struct slot *slot;

	LIST_FOREACH (slot, &host->slots, entry)
		if (slot->pool == pool && wiring_leaves(host, slot) &&
			slot_is_running(slot) &&
			__atomic_load_n(&slot->shm->counters.held, __ATOMIC_RELAXED) > 0)
			return false;
	return is_drained(host, pool);
}

/* The transfer is announced before the ring's end moves, and taken back when the hand is
 * right. */
static bool
is_hand_empty(const struct shm_hand *hand)
{
	uint64_t ends;

	if (__atomic_load_n(&hand->op, __ATOMIC_ACQUIRE) != SHM_HAND_NONE)
		return false;
	ends = __atomic_load_n(&hand->ends, __ATOMIC_ACQUIRE);
	return (uint32_t)(ends >> 32) <= (uint32_t)ends;
}

/* A link that goes on at that end, and is to take over what is left: each takes from one.
 */
static bool
has_heir(const struct host *host, const struct link *link, unsigned at)
{
	const struct link *other;
	int heirs = 0;

	LIST_FOREACH (other, &host->links, entry)
		if (link_end_at(other, &link->ends[at]) >= 0)
			heirs += other->state == LINK_UP	? 1
				 : other->state == LINK_LEAVING ? -1
								: 0;
	return heirs >= 0;
}

static bool
is_read(const struct link *link, unsigned at)
{
	return is_empty(link->former[at]) && is_empty(link->rings[at]);
}

static bool
is_empty(const struct rte_ring *ring)
{
	return ring == NULL || ring_fill(ring) == 0;
}

static void
cut(struct host *host, const struct pool *pool)
{
	struct link *link;

	LIST_FOREACH (link, &host->links, entry) {
		if (link->state != LINK_LEAVING || link->pool != pool)
			continue;
		for (unsigned i = 0; i < 2; i++)
			hand_over(host, link, i);
		link->state = LINK_CUT;
	}
}

/* Its ring to an end, if anything is in it, becomes the former ring of the link that is
 * now at that end. */
static void
hand_over(struct host *host, struct link *link, unsigned at)
{
	struct rte_ring **from =
		is_empty(link->former[at]) ? &link->rings[at] : &link->former[at];
	struct link *heir;

	if (is_empty(*from))
		return;
	heir = find_heir(host, link, at, true);
	if (heir == NULL)
		heir = find_heir(host, link, at, false);
	if (heir == NULL)
		return;
	heir->former[link_end_at(heir, &link->ends[at])] = *from;
	*from = NULL;
}

/* near: one that is for a path that the link was for, whose packets it has to precede. */
static struct link *
find_heir(struct host *host, const struct link *link, unsigned at, bool near)
{
	struct link *heir;

	LIST_FOREACH (heir, &host->links, entry) {
		const int to = link_end_at(heir, &link->ends[at]);
		uint32_t shared = 0;

		if (heir->state != LINK_UP || to < 0 || heir->former[to] != NULL)
			continue;
		for (unsigned i = 0; i < 8; i++)
			shared |= heir->paths[i] & link->paths[i];
		if (!near || shared != 0)
			return heir;
	}
	return NULL;
}

static bool
has_arrived(const struct host *host, const struct pool *pool)
{
	const struct link *link;
	const struct slot *slot;

	LIST_FOREACH (link, &host->links, entry)
		for (unsigned i = 0; i < 2 && link->pool == pool; i++) {
			slot = link->ends[i].slot;
			if (!is_empty(link->former[i]) &&
				(slot == NULL || slot_is_running(slot)))
				return false;
		}
	return true;
}

/* Those that are empty are taken out of the wiring, then freed. */
static int
end_formers(struct host *host, const struct pool *pool, struct err *err)
{
	struct rte_ring **places[2 * SHM_SLOTS], *rings[2 * SHM_SLOTS];
	const unsigned n = take_formers(host, pool, places, 2 * SHM_SLOTS);
	int rc;

	if (n == 0)
		return 0;
	for (unsigned i = 0; i < n; i++) {
		rings[i] = *places[i];
		*places[i] = NULL;
	}
	rc = wiring_apply(host, pool, NULL, err);
	for (unsigned i = 0; i < n; i++)
		if (rc == 0)
			ring_destroy(rings[i]);
		else
			*places[i] = rings[i];
	return rc;
}

static unsigned
take_formers(struct host *host, const struct pool *pool, struct rte_ring **places[],
	unsigned max)
{
	struct link *link;
	unsigned n = 0;

	LIST_FOREACH (link, &host->links, entry)
		for (unsigned i = 0; i < 2; i++)
			if (link->pool == pool && link->state == LINK_UP &&
				link->former[i] != NULL && is_empty(link->former[i]) &&
				n < max)
				places[n++] = &link->former[i];
	return n;
}
