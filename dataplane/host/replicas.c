/* replicas.c: see replicas.h. */
#include "dataplane/host/replicas.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>
#include <rte_malloc.h>
#include "common/log.h"
#include "dataplane/host/wiring.h"
#include "dataplane/shm/doorbell.h"
#include "dataplane/shm/hand.h"

#define WORK_OFF_MS 1000
#define POLL_US	    50

struct walk { /* from VNF to VNF of a process */
	const struct host *host;
	bool seen[SHM_SLOTS];
};

static struct slot *find_sibling(
	const struct host *host, const struct slot *slot, const char *of);
static bool may_go(const struct host *host, const struct slot *slot);
static int check_apart(const struct host *host, const struct replicas *replicas,
	const struct slot_want *want, struct err *err);
static struct replicas *company(
	struct host *host, const struct slot_want *want, struct err *err);
static void enter(struct host *host, struct slot *slot, struct replicas *replicas,
	const char *of, unsigned index);
static bool is_shared(const struct replicas *replicas);
static struct replicas *find(const struct host *host, const char *of);
static enum spread_by first_that_minds(
	struct walk *walk, const struct slot *slot, unsigned cp);
static const struct link_end *way_on(
	const struct link *link, const struct slot *slot, unsigned cp);
static int work_off_all(const struct host *host, const struct replicas *replicas,
	unsigned index, struct err *err);
static struct replicas *create(
	struct host *host, const char *of, unsigned n, struct err *err);
static int check_running(const struct host *host, const struct replicas *replicas,
	uint32_t which, struct err *err);
static uint32_t running(const struct host *host, const struct replicas *replicas);
static int see_all(struct host *host, const struct replicas *replicas, struct err *err);
static int work_off(struct slot *slot, struct err *err);
static unsigned list_inputs(const struct slot *slot, const struct rte_ring *rings[]);
static bool is_past(const struct rte_ring *ring, uint32_t tail);
static int refresh(struct host *host, struct replicas *replicas, struct err *err);

int
replicas_join(struct host *host, struct slot *slot, const struct slot_want *want,
	struct err *err)
{
	struct slot *sibling = find_sibling(host, slot, want->of);
	struct replicas *replicas;

	if (slot->replicas != NULL && slot->shm->replica != want->index)
		return err_set(err, ERR_STATE, "replica", NULL,
			"VNF '%s' is another replica already", slot->shm->name);
	if (slot->replicas != NULL && (sibling != NULL || is_shared(slot->replicas)))
		return 0;
	if (sibling != NULL && !may_go(host, sibling)) {
		if (check_apart(host, sibling->replicas, want, err) < 0)
			return err_errno(err->code);
		enter(host, slot, sibling->replicas, want->of, want->index);
		return 0;
	}
	replicas = company(host, want, err);
	if (replicas == NULL)
		return err_errno(err->code);
	if (sibling != NULL)
		enter(host, sibling, replicas, want->of, sibling->shm->replica);
	enter(host, slot, replicas, want->of, want->index);
	return 0;
}

/* Another replica of the same VNF; null: there is none. */
static struct slot *
find_sibling(const struct host *host, const struct slot *slot, const char *of)
{
	struct slot *other;

	LIST_FOREACH (other, &host->slots, entry)
		if (other != slot && other->replicas != NULL &&
			strcmp(other->of, of) == 0)
			return other;
	return NULL;
}

/* Whether one can come to another company: it shares no flows with anybody. */
static bool
may_go(const struct host *host, const struct slot *slot)
{
	return !is_shared(slot->replicas) && find_sibling(host, slot, slot->of) == NULL;
}

/* Of VNFs that were parted while they shared their flows, one cannot have more replicas
 * than the others. */
static int
check_apart(const struct host *host, const struct replicas *replicas,
	const struct slot_want *want, struct err *err)
{
	const struct slot *slot;
	bool alone = true;

	LIST_FOREACH (slot, &host->slots, entry)
		alone = alone &&
			(slot->replicas != replicas || strcmp(slot->of, want->of) == 0);
	if (alone || want->group != NULL || want->n <= spread_owners(replicas->spread))
		return 0;
	return err_set(err, ERR_STATE, "replica", "scale it to one replica before",
		"VNF '%s' was parted from a group and shares its flows with others of "
		"it still",
		want->name);
}

/* The one of its group, if its flows can be shared as those of the group are; else one of
 * its own. Null: there is no memory for it. */
static struct replicas *
company(struct host *host, const struct slot_want *want, struct err *err)
{
	const struct slot *first = host_slot(host, want->of);
	const bool works = first != NULL && slot_is_alive(first);
	struct replicas *replicas = NULL;
	char of[sizeof(replicas->of)];

	snprintf(of, sizeof(of), "%s", want->of);
	if (want->group != NULL) { /* of replicas of that index: "all", "all~1", ... */
		snprintf(of, sizeof(of), "%s/%.*s", want->ns,
			(int)strcspn(want->group, "~"), want->group);
		replicas = find(host, of);
		if (is_shared(replicas) &&
			(works || spread_owners(replicas->spread) != want->n))
			snprintf(of, sizeof(of), "%s", want->of);
	}
	replicas = find(host, of);
	return replicas != NULL ? replicas : create(host, of, works ? 1 : want->n, err);
}

static void
enter(struct host *host, struct slot *slot, struct replicas *replicas, const char *of,
	unsigned index)
{
	if (slot->replicas == replicas)
		return;
	replicas_leave(host, slot);
	replicas->n_slots++;
	slot->replicas = replicas;
	slot->shm->replica = index;
	snprintf(slot->of, sizeof(slot->of), "%s", of);
	__atomic_store_n(&slot->shm->spread, replicas->spread, __ATOMIC_RELEASE);
}

static bool
is_shared(const struct replicas *replicas)
{
	return replicas != NULL && spread_owners(replicas->spread) > 1;
}

void
replicas_leave(struct host *host, struct slot *slot)
{
	struct replicas *replicas = slot->replicas;

	(void)host;
	slot->replicas = NULL;
	slot->shm->spread = NULL;
	if (replicas == NULL || --replicas->n_slots > 0)
		return;
	LIST_REMOVE(replicas, entry);
	rte_free(replicas->spread);
	free(replicas);
}

static struct replicas *
find(const struct host *host, const char *of)
{
	struct replicas *replicas;

	LIST_FOREACH (replicas, &host->replicas, entry)
		if (strcmp(replicas->of, of) == 0)
			return replicas;
	return NULL;
}

struct replicas *
replicas_of(const struct host *host, const char *vnf)
{
	const struct slot *slot = host_slot(host, vnf);

	return slot != NULL ? slot->replicas : NULL;
}

struct slot *
replicas_next(const struct host *host, const struct replicas *replicas, unsigned index,
	const struct slot *after)
{
	struct slot *slot =
		after != NULL ? LIST_NEXT(after, entry) : LIST_FIRST(&host->slots);

	for (; slot != NULL; slot = LIST_NEXT(slot, entry))
		if (slot->replicas == replicas && slot->shm->replica == index)
			return slot;
	return NULL;
}

enum spread_by
replicas_by(const struct host *host, const struct slot *slot, unsigned cp)
{
	struct walk walk = {.host = host};

	return slot->replicas != NULL ? first_that_minds(&walk, slot, cp)
				      : SPREAD_BY_PAIR;
}

static enum spread_by
first_that_minds(struct walk *walk, const struct slot *slot, unsigned cp)
{
	enum spread_by by = (enum spread_by)slot->shm->spread_by[cp];
	const struct link_end *far;
	const struct link *link;

	walk->seen[slot->shm->index] = true;
	LIST_FOREACH (link, &walk->host->links, entry) {
		if (by != SPREAD_BY_PAIR)
			break;
		far = way_on(link, slot, cp);
		if (far != NULL && !walk->seen[far->slot->shm->index])
			by = first_that_minds(walk, far->slot, far->cp);
	}
	return by;
}

/* What comes in at a connection point goes on to any other: the other end of a link, if
 * it leads from there to a VNF of the same process. */
static const struct link_end *
way_on(const struct link *link, const struct slot *slot, unsigned cp)
{
	for (unsigned at = 0; at < 2 && link->state != LINK_CUT; at++) {
		const struct link_end *near = &link->ends[at], *far = &link->ends[!at];

		if (near->slot == slot && near->cp != cp && far->slot != NULL &&
			far->slot->replicas == slot->replicas &&
			!replicas_are_across(slot, far->slot))
			return far;
	}
	return NULL;
}

bool
replicas_by_ends(const struct host *host, const struct replicas *replicas)
{
	const struct slot *slot;

	LIST_FOREACH (slot, &host->slots, entry)
		for (unsigned cp = 0; slot->replicas == replicas && cp < SHM_CPS; cp++)
			if (slot->shm->spread_by[cp] != SPREAD_BY_PAIR)
				return true;
	return false;
}

bool
replicas_are_across(const struct slot *a, const struct slot *b)
{
	return a->replicas != NULL && a->replicas == b->replicas &&
	       a->shm->replica != b->shm->replica;
}

int
replicas_move(struct host *host, struct replicas *replicas, unsigned n, bool force,
	unsigned *moving, uint32_t *givers, struct err *err)
{
	int rc = force ? 0 : check_running(host, replicas, (1u << n) - 1, err);

	if (rc < 0)
		return rc;
	*moving = spread_move(replicas->spread, n, givers);
	if (*moving == 0)
		return 0;
	log_info("flows move", "vnf=%s replicas=%u buckets=%u", replicas->of, n, *moving);
	if (force)
		*givers &= running(host, replicas);
	rc = check_running(host, replicas, *givers, err);
	if (rc == 0)
		rc = see_all(host, replicas, err);
	for (unsigned i = 0; i < SPREAD_REPLICAS && rc == 0; i++)
		if ((*givers & 1u << i) != 0)
			rc = work_off_all(host, replicas, i, err);
	return rc;
}

/* Those of a group hand on to each other, in an order that is not known here. */
static int
work_off_all(const struct host *host, const struct replicas *replicas, unsigned index,
	struct err *err)
{
	struct slot *slot;
	unsigned n = 0;
	int rc = 0;

	for (slot = NULL; (slot = replicas_next(host, replicas, index, slot)) != NULL;)
		n++;
	for (unsigned pass = 0; pass < n; pass++)
		for (slot = NULL; rc == 0 && (slot = replicas_next(host, replicas, index,
						      slot)) != NULL;)
			rc = work_off(slot, err);
	return rc;
}

int
replicas_settle(struct host *host, struct replicas *replicas, struct err *err)
{
	if (!spread_settle(replicas->spread))
		return err_set(err, ERR_NO_RESOURCE, NULL,
			"try again with fewer sessions, or scale in to one replica before",
			"VNF '%s' has more sessions than can be kept where they are",
			replicas->of);
	log_info("flows moved", "vnf=%s pins=%u", replicas->of, replicas->spread->n_pins);
	return refresh(host, replicas, err);
}

int
replicas_release(
	struct host *host, struct replicas *replicas, unsigned index, struct err *err)
{
	if (spread_is_used(replicas->spread, index))
		return err_set(err, ERR_STATE, "index", "move its flows away before",
			"replica %u of VNF '%s' has its share of the flows", index,
			replicas->of);
	spread_release(replicas->spread, index);
	log_info("replica released", "vnf=%s replica=%u", replicas->of, index);
	return refresh(host, replicas, err);
}

static struct replicas *
create(struct host *host, const char *of, unsigned n, struct err *err)
{
	struct replicas *replicas = calloc(1, sizeof(*replicas));
	uint64_t seed;

	if (replicas == NULL || getrandom(&seed, sizeof(seed), 0) != sizeof(seed)) {
		err_sys(err, errno, "cannot make replicas");
		free(replicas);
		return NULL;
	}
	replicas->spread =
		rte_zmalloc("spread", sizeof(*replicas->spread), RTE_CACHE_LINE_SIZE);
	if (replicas->spread == NULL) {
		err_set(err, ERR_NO_RESOURCE, NULL, "a dataplane with a larger --memory",
			"no packet memory to share a VNF's flows among replicas");
		free(replicas);
		return NULL;
	}
	snprintf(replicas->of, sizeof(replicas->of), "%s", of);
	spread_init(replicas->spread, seed, n);
	LIST_INSERT_HEAD(&host->replicas, replicas, entry);
	return replicas;
}

static int
check_running(const struct host *host, const struct replicas *replicas, uint32_t which,
	struct err *err)
{
	const uint32_t missing = which & ~running(host, replicas);

	if (missing == 0)
		return 0;
	return err_set(err, ERR_UNAVAILABLE, NULL, "repeat the request",
		"replica %d of VNF '%s' does not run", __builtin_ctz(missing),
		replicas->of);
}

static uint32_t
running(const struct host *host, const struct replicas *replicas)
{
	const struct slot *slot;
	uint32_t bits = 0, dead = 0;

	LIST_FOREACH (slot, &host->slots, entry)
		if (slot->replicas == replicas)
			*(slot_is_running(slot) ? &bits : &dead) |= 1u
								    << slot->shm->replica;
	return bits & ~dead;
}

/* Whoever sends has been between two bursts since. */
static int
see_all(struct host *host, const struct replicas *replicas, struct err *err)
{
	struct slot *slot;

	LIST_FOREACH (slot, &host->slots, entry)
		if (slot->replicas == replicas) {
			slot->pool->epoch++;
			return wiring_apply(host, slot->pool, NULL, err);
		}
	return 0;
}

/* What was in its inputs has been taken, and the burst with the last of it is over. */
static int
work_off(struct slot *slot, struct err *err)
{
	const struct rte_ring *rings[2 * (SHM_CPS + SHM_MORE)];
	uint32_t tails[2 * (SHM_CPS + SHM_MORE)];
	const unsigned n = list_inputs(slot, rings);
	const uint64_t end = loop_now_ms() + WORK_OFF_MS;
	uint64_t beat = 0;
	bool past = false;

	for (unsigned i = 0; i < n; i++)
		tails[i] = __atomic_load_n(&rings[i]->prod.tail, __ATOMIC_ACQUIRE);
	for (;;) {
		bool all = true;

		for (unsigned i = 0; i < n && !past; i++)
			all = all && is_past(rings[i], tails[i]);
		if (!past && all) {
			past = true;
			beat = __atomic_load_n(&slot->shm->heartbeat, __ATOMIC_ACQUIRE);
		}
		if (past &&
			__atomic_load_n(&slot->shm->heartbeat, __ATOMIC_ACQUIRE) != beat)
			return 0;
		if (loop_now_ms() >= end)
			return err_set(err, ERR_TIMEOUT, NULL, "repeat the request",
				"VNF '%s' (pid %d) does not work off its packets",
				slot->shm->name, slot->shm->pid);
		doorbell_ring(&slot->shm->doorbell);
		usleep(POLL_US);
	}
}

static unsigned
list_inputs(const struct slot *slot, const struct rte_ring *rings[])
{
	const struct shm_wiring *wiring = &slot->shm->wiring[slot->shm->wiring_gen & 1];
	unsigned n = 0;

	for (unsigned i = 0; i < SHM_CPS; i++) {
		if (wiring->in[i].ring != NULL)
			rings[n++] = wiring->in[i].ring;
		if (wiring->former[i] != NULL)
			rings[n++] = wiring->former[i];
	}
	for (unsigned i = 0; i < wiring->n_more; i++) {
		if (wiring->more[i].in.ring != NULL)
			rings[n++] = wiring->more[i].in.ring;
		if (wiring->more[i].former != NULL)
			rings[n++] = wiring->more[i].former;
	}
	return n;
}

static bool
is_past(const struct rte_ring *ring, uint32_t tail)
{
	return (int32_t)(__atomic_load_n(&ring->cons.tail, __ATOMIC_ACQUIRE) - tail) >= 0;
}

/* Pins that make no difference any more are forgotten when nobody looks at them. */
static int
refresh(struct host *host, struct replicas *replicas, struct err *err)
{
	int rc;

	if (replicas->spread->n_pins == 0 || !spread_refresh(replicas->spread))
		return 0;
	rc = see_all(host, replicas, err);
	if (rc == 0)
		spread_forget(replicas->spread);
	return rc;
}
