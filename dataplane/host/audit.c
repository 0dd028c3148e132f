/* audit.c: counting every buffer. */
#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "dataplane/host/audit.h"
#include "dataplane/shm/hand.h"

static void meet(struct audit *audit, uint8_t *seen, enum audit_place place);
static void add_up(const struct buffer_span *span, const uint8_t *seen,
	bool (*out)(const void *buffer), struct audit_count *sum);
static uint32_t size_of(const struct pool *pool);
static int audit_pool(struct host *host, const struct pool *pool, json_t *buffers,
	json_t *findings, struct err *err);
static struct audit_count count(
	const struct host *host, const struct pool *pool, struct audit *audit);
static void meet_free(const void *buffer, void *arg);
static void sweep(const struct host *host, const struct pool *pool, struct audit *audit);
static void sweep_slot(const struct slot *slot, struct audit *audit);
static void look_in_hand(const struct slot *slot, uint32_t *first, uint32_t *n);
static void sweep_ring(const struct rte_ring *ring, struct audit *audit);
static bool is_out(const void *buffer);
static void report(const struct pool *pool, const struct audit *audit,
	const struct audit_count *sum, json_t *buffers, json_t *findings);
static void find_garbage(const struct host *host, json_t *findings);
static void add_finding(json_t *findings, const char *level, const char *hint,
	const char *fmt, ...) __attribute__((format(printf, 4, 5)));

void
audit_meet(struct audit *audit, const void *buffer, enum audit_place place)
{
	uint8_t *seen = audit->seen;
	const struct buffer_span *span;

	for (unsigned i = 0; i < AUDIT_SPANS; i++, seen += span->n) {
		span = audit->spans[i];
		if (!buffer_span_has(span, buffer))
			continue;
		meet(audit, &seen[((uintptr_t)buffer - span->first) / span->stride],
			place);
		return;
	}
	audit->foreign++;
}

static void
meet(struct audit *audit, uint8_t *seen, enum audit_place place)
{
	if (*seen == AUDIT_FREE)
		audit->doubled++;
	else
		*seen = (uint8_t)place;
}

struct audit_count
audit_sum(const struct audit *audit, bool (*out)(const void *buffer))
{
	struct audit_count sum = {0};
	const uint8_t *seen = audit->seen;

	for (unsigned i = 0; i < AUDIT_SPANS; i++) {
		add_up(audit->spans[i], seen, out, &sum);
		seen += audit->spans[i]->n;
	}
	return sum;
}

static void
add_up(const struct buffer_span *span, const uint8_t *seen,
	bool (*out)(const void *buffer), struct audit_count *sum)
{
	const char *buffer = (const char *)span->first;

	for (uint32_t i = 0; i < span->n; i++, buffer += span->stride)
		if (seen[i] == AUDIT_FREE)
			sum->free++;
		else if (seen[i] == AUDIT_RING)
			sum->in_rings++;
		else if (seen[i] == AUDIT_HAND)
			sum->in_hand++;
		else if (out(buffer))
			sum->missing++;
		else
			sum->in_ports++;
}

json_t *
audit_host(struct host *host, struct err *err)
{
	json_t *buffers = json_array(), *findings = json_array();
	const struct pool *pool;
	int rc = 0;

	host_park(host);
	LIST_FOREACH (pool, &host->pools, entry)
		if (rc == 0)
			rc = audit_pool(host, pool, buffers, findings, err);
	if (rc == 0)
		rc = host_replan(host, NULL, err);
	else
		host_replan(host, NULL, NULL);
	find_garbage(host, findings);
	if (rc == 0)
		return json_pack("{s:o, s:o}", "buffers", buffers, "findings", findings);
	json_decref(buffers);
	json_decref(findings);
	return NULL;
}

static int
audit_pool(struct host *host, const struct pool *pool, json_t *buffers, json_t *findings,
	struct err *err)
{
	struct audit audit = {.spans = {&pool->span, &pool->large.span},
		.seen = calloc(size_of(pool), 1)};
	struct audit_count sum;

	if (audit.seen == NULL)
		return err_sys(err, ENOMEM, "cannot count %u buffers", size_of(pool));
	sum = count(host, pool, &audit);
	report(pool, &audit, &sum, buffers, findings);
	free(audit.seen);
	return 0;
}

static uint32_t
size_of(const struct pool *pool)
{
	return pool->span.n + pool->large.span.n;
}

static struct audit_count
count(const struct host *host, const struct pool *pool, struct audit *audit)
{
	struct audit_count sum;

	pool_each_free(pool, meet_free, audit);
	for (unsigned i = 0; i < AUDIT_SWEEPS; i++) {
		if (i > 1)
			usleep(AUDIT_PAUSE_US);
		audit->foreign = audit->doubled = 0;
		sweep(host, pool, audit);
		sum = audit_sum(audit, is_out);
		if (sum.missing == 0)
			break;
	}
	return sum;
}

static void
meet_free(const void *buffer, void *arg)
{
	audit_meet(arg, buffer, AUDIT_FREE);
}

static void
sweep(const struct host *host, const struct pool *pool, struct audit *audit)
{
	const struct link *link;
	const struct slot *slot;

	LIST_FOREACH (link, &host->links, entry)
		if (link->pool == pool) {
			sweep_ring(link->rings[0], audit);
			sweep_ring(link->rings[1], audit);
			sweep_ring(link->former[0], audit);
			sweep_ring(link->former[1], audit);
		}
	LIST_FOREACH (slot, &host->slots, entry)
		if (slot->pool == pool)
			sweep_slot(slot, audit);
}

static void
sweep_slot(const struct slot *slot, struct audit *audit)
{
	const struct shm_slot *shm = slot->shm;
	const struct rte_mbuf *held;
	uint32_t first, n;

	look_in_hand(slot, &first, &n);
	for (uint32_t i = first; i < n && i < SHM_HAND; i++)
		audit_meet(audit, __atomic_load_n(&shm->hand.pkts[i], __ATOMIC_RELAXED),
			AUDIT_HAND);
	for (uint32_t i = 0; i < SHM_HELD; i++) {
		held = __atomic_load_n(&shm->held[i], __ATOMIC_RELAXED);
		if (held != NULL)
			audit_meet(audit, held, AUDIT_HAND);
	}
	sweep_ring(shm->returns, audit);
	sweep_ring(shm->stash, audit);
}

/* A worker that is dead, or stands still in the middle of a transfer, has in hand what a
 * settled hand would hold. For one that moves, `first` is read before `n`: entries from
 * there on were in hand at some moment of the sweep. */
static void
look_in_hand(const struct slot *slot, uint32_t *first, uint32_t *n)
{
	const size_t head = offsetof(struct shm_hand, pkts);
	const struct shm_hand *hand = &slot->shm->hand;
	struct shm_hand seen;
	char before[offsetof(struct shm_hand, pkts)];

	memcpy(before, hand, head);
	rte_smp_rmb();
	memcpy(&seen, before, head);
	if (!slot_has_ring(slot, seen.op_ring))
		seen.op = SHM_HAND_NONE;
	hand_range(&seen, first, n);
	rte_smp_rmb();
	if (memcmp(before, hand, head) == 0)
		return;
	*first = __atomic_load_n(&hand->first, __ATOMIC_ACQUIRE);
	*n = __atomic_load_n(&hand->n, __ATOMIC_ACQUIRE);
}

static void
sweep_ring(const struct rte_ring *ring, struct audit *audit)
{
	uint32_t from, to;
	void *const *entries;

	if (ring == NULL)
		return;
	entries = (void *const *)&ring[1];
	from = __atomic_load_n(&ring->cons.tail, __ATOMIC_ACQUIRE);
	to = __atomic_load_n(&ring->prod.tail, __ATOMIC_ACQUIRE);
	if (to - from > ring->size)
		return; /* it moved meanwhile; the next sweep will see it */
	for (uint32_t i = from; i != to; i++)
		audit_meet(audit,
			__atomic_load_n(&entries[i & ring->mask], __ATOMIC_RELAXED),
			AUDIT_RING);
}

static bool
is_out(const void *buffer)
{
	return buffer_is_out(buffer);
}

static void
report(const struct pool *pool, const struct audit *audit, const struct audit_count *sum,
	json_t *buffers, json_t *findings)
{
	json_array_append_new(buffers,
		json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:I}", "ns", pool->ns, "size",
			(json_int_t)size_of(pool), "free", (json_int_t)sum->free,
			"inRings", (json_int_t)sum->in_rings, "inHand",
			(json_int_t)sum->in_hand, "inPorts", (json_int_t)sum->in_ports,
			"missing", (json_int_t)sum->missing));
	if (sum->missing > 0)
		add_finding(findings, "error",
			"terminate and instantiate the service anew",
			"%u of %u packet buffers of service %s are lost", sum->missing,
			size_of(pool), pool->ns);
	if (audit->doubled > 0)
		add_finding(findings, "error",
			"a VNF gave a buffer away twice; see its log",
			"%u packet buffers of service %s are in use though they are free",
			audit->doubled, pool->ns);
	if (audit->foreign > 0)
		add_finding(findings, "error",
			"a VNF wrote what is no buffer; see its log",
			"%u pointers in rings of service %s are no packet buffers",
			audit->foreign, pool->ns);
}

static void
find_garbage(const struct host *host, json_t *findings)
{
	const struct slot *slot;

	LIST_FOREACH (slot, &host->slots, entry)
		if (slot->garbage > 0)
			add_finding(findings, "warning", "restart or upgrade the VNF",
				"VNF %s has returned %lu pointers that were no packet "
				"buffers",
				slot->shm->name, slot->garbage);
}

static void
add_finding(json_t *findings, const char *level, const char *hint, const char *fmt, ...)
{
	char detail[256];
	va_list args;

	va_start(args, fmt);
	vsnprintf(detail, sizeof(detail), fmt, args);
	va_end(args);
	json_array_append_new(
		findings, json_pack("{s:s, s:s, s:s, s:s}", "check", "buffers", "level",
				  level, "detail", detail, "hint", hint));
}
