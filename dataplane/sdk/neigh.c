/* neigh.c: the neighbour table, on a session table for its records, index and timers; see
 * neigh.h. */
#include "dataplane/sdk/neigh.h"
#include <stdlib.h>
#include <string.h>
#include <rte_branch_prediction.h>
#include "common/net.h"

#define NONE	       UINT16_MAX
#define DUE_BATCH      32
#define HINTS	       256		      /* power of two */
#define STATIC_LOOK_NS (3600 * 1000000000ull) /* the wheel comes by static ones */

_Static_assert(sizeof(struct neigh_record) == 80, "layout of the instance state");

static const struct session_spec spec = {.record_size = sizeof(struct neigh_record),
	.key_size = sizeof(struct session_key6),
	.n_keys = 1,
	.version = 1};

struct held { /* a packet that waits; in a list of its neighbour, or of the free ones */
	struct rte_mbuf *pkt;
	uint16_t next;
};

struct queue { /* of one neighbour, by record number */
	uint16_t first, last, n;
};

struct neigh {
	struct neigh_hints hints; /* first */
	struct session_table *table;
	const struct neigh_ops *ops;
	void *arg;
	uint16_t free;
	uint32_t n_held;
	uint32_t n_incomplete;
	uint8_t statics; /* number of the last neigh_begin_static(); 0: none yet */
	struct held held[NEIGH_HELD];
	struct queue queues[NEIGH_CAPACITY];
};

static struct neigh_record *find(
	struct neigh *neigh, unsigned cp, uint8_t family, const uint8_t ip[16]);
static struct neigh_record *record_of(const struct neigh *neigh, session_ref ref);
static struct session_key6 key_of(unsigned cp, uint8_t family, const uint8_t ip[16]);
static session_ref add(
	struct neigh *neigh, const struct session_key6 *key, uint64_t now_ns);
static session_ref ask_first(
	struct neigh *neigh, const struct session_key6 *key, uint64_t now_ns);
static void prepare_left_over(struct neigh *neigh);
static bool enqueue(struct neigh *neigh, session_ref ref, struct rte_mbuf *pkt);
static struct rte_mbuf *dequeue(struct neigh *neigh, session_ref ref);
static void release(struct neigh *neigh, session_ref ref);
static void fail(struct neigh *neigh, session_ref ref);
static void due(struct neigh *neigh, session_ref ref, uint64_t now_ns);
static void set_state(
	struct neigh *neigh, struct neigh_record *record, enum neigh_state state);

size_t
neigh_region_size(void)
{
	return session_region_size(&spec, NEIGH_CAPACITY);
}

int
neigh_open(struct neigh **out, void *mem, uint64_t seed, const struct neigh_ops *ops,
	void *arg, struct err *err)
{
	struct neigh *neigh = calloc(1, sizeof(*neigh));

	if (neigh == NULL)
		return err_set(
			err, ERR_NO_RESOURCE, NULL, NULL, "no memory for neighbours");
	int rc = session_prepare(
		&neigh->table, &spec, mem, neigh_region_size(), seed, err);

	if (rc < 0) {
		free(neigh);
		return rc;
	}
	neigh->hints.records = neigh->table->records;
	neigh->ops = ops;
	neigh->arg = arg;
	for (uint16_t i = 0; i < NEIGH_HELD; i++)
		neigh->held[i].next = i + 1 < NEIGH_HELD ? (uint16_t)(i + 1) : NONE;
	for (unsigned i = 0; i < NEIGH_CAPACITY; i++)
		neigh->queues[i] = (struct queue){.first = NONE, .last = NONE};
	*out = neigh;
	return 0;
}

void
neigh_adopt(struct neigh *neigh, uint64_t now_ns)
{
	session_adopt(neigh->table, now_ns);
	prepare_left_over(neigh);
}

void
neigh_close(struct neigh *neigh)
{
	if (neigh == NULL)
		return;
	session_close(neigh->table);
	free(neigh);
}

const uint8_t *
neigh_find_unhinted(
	struct neigh *neigh, unsigned cp, uint8_t family, const uint8_t ip[16])
{
	struct neigh_record *record = find(neigh, cp, family, ip);

	if (record == NULL || record->state == NEIGH_INCOMPLETE)
		return NULL;
	if (!record->used)
		record->used = 1;
	return record->mac;
}

bool
neigh_hold(struct neigh *neigh, unsigned cp, uint8_t family, const uint8_t ip[16],
	struct rte_mbuf *pkt, uint64_t now_ns)
{
	const struct session_key6 key = key_of(cp, family, ip);
	session_ref ref = session_find(neigh->table, &key);

	if (ref == SESSION_NONE)
		ref = ask_first(neigh, &key, now_ns);
	if (ref == SESSION_NONE)
		return false;
	return pkt == NULL || enqueue(neigh, ref, pkt);
}

bool
neigh_learn(struct neigh *neigh, unsigned cp, uint8_t family, const uint8_t ip[16],
	const uint8_t mac[6], bool create, bool confirm, uint64_t now_ns)
{
	const struct session_key6 key = key_of(cp, family, ip);
	session_ref ref = session_find(neigh->table, &key);
	const bool known = ref != SESSION_NONE;

	if (!known && create)
		ref = add(neigh, &key, now_ns);
	if (ref == SESSION_NONE)
		return false;
	struct neigh_record *record = record_of(neigh, ref);

	if (known && record->state == NEIGH_STATIC)
		return true;
	const bool same = known && record->state != NEIGH_INCOMPLETE &&
			  memcmp(record->mac, mac, 6) == 0;

	if (same && !confirm)
		return true;
	neigh->hints.epoch++;
	neigh->hints.changes += !same;
	memcpy(record->mac, mac, 6);
	record->confirmed_ns = now_ns;
	record->tries = 0;
	record->used = 0;
	set_state(neigh, record, NEIGH_REACHABLE);
	session_expire_at(neigh->table, ref,
		now_ns + (confirm ? NEIGH_REACHABLE_NS : NEIGH_REACHABLE_NS / 6));
	release(neigh, ref);
	return true;
}

void
neigh_begin_static(struct neigh *neigh)
{
	neigh->hints.epoch++;
	neigh->statics = neigh->statics == UINT8_MAX ? 1 : neigh->statics + 1;
}

bool
neigh_set_static(struct neigh *neigh, unsigned cp, uint8_t family, const uint8_t ip[16],
	const uint8_t mac[6], uint64_t now_ns)
{
	const struct session_key6 key = key_of(cp, family, ip);
	session_ref ref = session_find(neigh->table, &key);

	if (ref == SESSION_NONE)
		ref = add(neigh, &key, now_ns);
	if (ref == SESSION_NONE)
		return false;
	struct neigh_record *record = record_of(neigh, ref);

	neigh->hints.epoch++;
	neigh->hints.changes += memcmp(record->mac, mac, 6) != 0;
	memcpy(record->mac, mac, 6);
	record->confirmed_ns = now_ns;
	record->tries = neigh->statics;
	set_state(neigh, record, NEIGH_STATIC);
	session_expire_at(neigh->table, ref, now_ns + STATIC_LOOK_NS);
	release(neigh, ref);
	return true;
}

void
neigh_tick(struct neigh *neigh, uint64_t now_ns)
{
	session_ref refs[DUE_BATCH];

	neigh->hints.epoch++;
	const unsigned n = session_due(neigh->table, now_ns, refs, DUE_BATCH);

	for (unsigned i = 0; i < n; i++)
		due(neigh, refs[i], now_ns);
}

static bool
is_stale_static(const struct neigh *neigh, const struct neigh_record *record)
{
	return record->state == NEIGH_STATIC && record->tries != neigh->statics;
}

void
neigh_purge(
	struct neigh *neigh, bool (*keep)(void *arg, const struct neigh_record *record))
{
	session_ref next = session_next(neigh->table, SESSION_NONE);

	while (next != SESSION_NONE) {
		const session_ref ref = next;

		next = session_next(neigh->table, ref);
		if (is_stale_static(neigh, record_of(neigh, ref)) ||
			!keep(neigh->arg, record_of(neigh, ref)))
			fail(neigh, ref);
	}
}

json_t *
neigh_to_json(const struct neigh *neigh, const char *const *cps, uint64_t now_ns)
{
	static const char *const states[] = {
		"incomplete", "reachable", "probe", "static"};
	json_t *list = json_array();
	struct neigh_record r;

	for (uint32_t i = 0; i < NEIGH_CAPACITY; i++) {
		char ip[NET_STRLEN], mac[NET_STRLEN];
		struct net_addr addr;
		struct net_mac hw;

		if (!session_read(neigh->table, i, &r))
			continue;
		addr.family = r.key.kind;
		memcpy(addr.bytes, r.key.src, 16);
		memcpy(hw.bytes, r.mac, 6);
		json_t *o = json_pack("{s:s, s:s, s:s, s:I}", "address",
			net_addr_print(&addr, ip), "cp", cps[r.key.sport], "state",
			states[r.state], "age",
			(json_int_t)((now_ns - r.confirmed_ns) / 1000000000ull));

		if (r.state != NEIGH_INCOMPLETE)
			json_object_set_new(
				o, "mac", json_string(net_mac_print(&hw, mac)));
		json_array_append_new(list, o);
	}
	return list;
}

uint32_t
neigh_count(const struct neigh *neigh)
{
	return session_count(neigh->table);
}

uint32_t
neigh_held(const struct neigh *neigh)
{
	return __atomic_load_n(&neigh->n_held, __ATOMIC_RELAXED);
}

/* ---- records ---- */

static struct neigh_record *
record_of(const struct neigh *neigh, session_ref ref)
{
	return session_record(neigh->table, ref);
}

static struct session_key6
key_of(unsigned cp, uint8_t family, const uint8_t ip[16])
{
	struct session_key6 key = {.sport = (uint16_t)cp, .kind = family};

	memcpy(key.src, ip, 16);
	return key;
}

/* The record, or null. */
static struct neigh_record *
find(struct neigh *neigh, unsigned cp, uint8_t family, const uint8_t ip[16])
{
	const struct session_key6 key = key_of(cp, family, ip);
	const session_ref ref = session_find(neigh->table, &key);

	if (ref == SESSION_NONE)
		return NULL;
	neigh->hints.at[neigh_hint(cp, ip)] = ref >> 1;
	return record_of(neigh, ref);
}

/* A new record, not INCOMPLETE yet. */
static session_ref
add(struct neigh *neigh, const struct session_key6 *key, uint64_t now_ns)
{
	const session_ref ref = session_new(neigh->table);

	if (ref == SESSION_NONE)
		return SESSION_NONE;
	struct neigh_record *record = record_of(neigh, ref);

	record->key = *key;
	record->state = NEIGH_REACHABLE;
	record->confirmed_ns = now_ns;
	return session_commit(neigh->table, ref, now_ns + NEIGH_RETRY_NS) == 0
		       ? ref
		       : SESSION_NONE;
}

/* Those that are asked for may take half the table, so that a scan of a subnet leaves
 * room for neighbours that exist. */
static session_ref
ask_first(struct neigh *neigh, const struct session_key6 *key, uint64_t now_ns)
{
	if (neigh->n_incomplete >= NEIGH_CAPACITY / 2)
		return SESSION_NONE;
	const session_ref ref = add(neigh, key, now_ns);

	if (ref == SESSION_NONE)
		return SESSION_NONE;
	struct neigh_record *record = record_of(neigh, ref);

	set_state(neigh, record, NEIGH_INCOMPLETE);
	record->tries = 1;
	neigh->ops->solicit(neigh->arg, record);
	return ref;
}

static void
set_state(struct neigh *neigh, struct neigh_record *record, enum neigh_state state)
{
	neigh->n_incomplete -= record->state == NEIGH_INCOMPLETE;
	neigh->n_incomplete += state == NEIGH_INCOMPLETE;
	record->state = (uint8_t)state;
}

/* What a predecessor was asking for: its packets are gone, the next one asks anew. Its
 * static neighbours go unless they are set again. */
static void
prepare_left_over(struct neigh *neigh)
{
	session_ref next = session_next(neigh->table, SESSION_NONE);

	while (next != SESSION_NONE) {
		const session_ref ref = next;
		struct neigh_record *record = record_of(neigh, ref);

		next = session_next(neigh->table, ref);
		if (record->state == NEIGH_INCOMPLETE)
			session_delete(neigh->table, ref);
		else if (record->state == NEIGH_STATIC)
			record->tries = 0;
	}
}

/* ---- packets that wait ---- */

static bool
enqueue(struct neigh *neigh, session_ref ref, struct rte_mbuf *pkt)
{
	struct queue *q = &neigh->queues[ref >> 1];

	if (q->n == NEIGH_HELD_EACH)
		neigh->ops->failed(
			neigh->arg, record_of(neigh, ref), dequeue(neigh, ref), true);
	const uint16_t i = neigh->free;

	if (i == NONE)
		return false;
	neigh->free = neigh->held[i].next;
	neigh->held[i] = (struct held){.pkt = pkt, .next = NONE};
	if (q->n++ == 0)
		q->first = i;
	else
		neigh->held[q->last].next = i;
	q->last = i;
	neigh->n_held++;
	return true;
}

/* The oldest that waits, or null. */
static struct rte_mbuf *
dequeue(struct neigh *neigh, session_ref ref)
{
	struct queue *q = &neigh->queues[ref >> 1];
	const uint16_t i = q->first;

	if (q->n == 0)
		return NULL;
	q->n--;
	q->first = neigh->held[i].next;
	neigh->held[i].next = neigh->free;
	neigh->free = i;
	neigh->n_held--;
	return neigh->held[i].pkt;
}

static void
release(struct neigh *neigh, session_ref ref)
{
	struct rte_mbuf *pkt;

	while ((pkt = dequeue(neigh, ref)) != NULL)
		neigh->ops->resolved(neigh->arg, record_of(neigh, ref), pkt);
}

static void
fail(struct neigh *neigh, session_ref ref)
{
	struct neigh_record *record = record_of(neigh, ref);
	struct rte_mbuf *pkt;

	while ((pkt = dequeue(neigh, ref)) != NULL)
		neigh->ops->failed(neigh->arg, record, pkt, false);
	neigh->hints.epoch++;
	neigh->hints.changes++;
	set_state(neigh, record, NEIGH_REACHABLE);
	session_delete(neigh->table, ref);
}

/* ---- timers ---- */

static void
ask_again(struct neigh *neigh, session_ref ref, uint64_t now_ns)
{
	struct neigh_record *record = record_of(neigh, ref);

	record->tries++;
	session_expire_at(neigh->table, ref, now_ns + NEIGH_RETRY_NS);
	neigh->ops->solicit(neigh->arg, record);
}

static void
due(struct neigh *neigh, session_ref ref, uint64_t now_ns)
{
	struct neigh_record *record = record_of(neigh, ref);

	if (record->state == NEIGH_REACHABLE && record->used) {
		record->used = 0;
		set_state(neigh, record, NEIGH_PROBE);
		ask_again(neigh, ref, now_ns);
	} else if (record->state == NEIGH_REACHABLE) {
		if (now_ns - record->confirmed_ns >= NEIGH_UNUSED_NS)
			fail(neigh, ref);
		else
			session_expire_at(neigh->table, ref, now_ns + NEIGH_RETRY_NS);
	} else if (record->state == NEIGH_STATIC) {
		session_expire_at(neigh->table, ref, now_ns + STATIC_LOOK_NS);
	} else if (record->tries < NEIGH_TRIES) {
		ask_again(neigh, ref, now_ns);
	} else {
		fail(neigh, ref);
	}
}
