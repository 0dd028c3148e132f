/* reasm.c: datagrams in a session table in private memory, with the pieces that were seen
 * of each, and a list of held packets per datagram; see reasm.h. */
#include "dataplane/sdk/reasm.h"

#include <stdlib.h>
#include <string.h>
#include "dataplane/sdk/session.h"

#define SECOND_NS   1000000000ull
#define DUE_AT_ONCE 16
#define SOURCES	    1024 /* counters of sources: strangers may share one */
#define NONE	    UINT16_MAX
#define UNIT	    8 /* bytes; offsets are multiples of it */

enum state { WAITING, PASSED, REFUSED, BROKEN };

struct piece { /* in units; [first, end) */
	uint16_t first, end;
};

struct datagram {
	struct session session;
	struct session_key6 key; /* sport, dport: the identification */
	uint64_t value;
	uint16_t held, last_held; /* first and last in the list of held, or NONE */
	uint16_t source;	  /* its counters */
	uint16_t end;	/* of the datagram, if its last piece was seen, else 0 */
	uint16_t units; /* seen so far */
	uint16_t n_pieces;
	uint8_t state;
	bool passed; /* its first was decided to value */
	uint8_t reserved[2];
	struct piece pieces[REASM_MAX_PIECES];
};

_Static_assert(sizeof(struct datagram) % 8 == 0, "records are multiples of 8 bytes");

struct held {
	struct rte_mbuf *pkt;
	uint16_t next; /* in its datagram, or in the list of free ones */
};

struct reasm {
	struct vnf *vnf;
	const struct reasm_ops *ops;
	void *arg;
	struct session_table *table;
	void *records;
	struct held held[REASM_MAX_HELD];
	uint16_t free_held;
	uint32_t n_held;
	uint16_t source_held[SOURCES], source_datagrams[SOURCES];
};

static const struct session_spec spec = {
	.record_size = sizeof(struct datagram),
	.key_size = sizeof(struct session_key6),
	.n_keys = 1,
	.version = 1,
};

static void key_of(unsigned cp, uint16_t zone, const struct pkt_info *info,
	struct session_key6 *key);
static session_ref find_or_make(struct reasm *r, const struct session_key6 *key);
static enum reasm_verdict add_piece(struct datagram *d, const struct pkt_info *info);
static enum reasm_verdict hold(struct reasm *r, struct datagram *d, struct rte_mbuf *pkt);
static void release(struct reasm *r, struct datagram *d);
static void give_up(struct reasm *r, struct datagram *d, unsigned reason);
static bool is_complete(const struct datagram *d);
static void forget(struct reasm *r, session_ref ref);

int
reasm_create(struct reasm **reasm, struct vnf *vnf, const struct reasm_ops *ops,
	void *arg, struct err *err)
{
	const size_t size = session_region_size(&spec, REASM_MAX_DATAGRAMS);
	struct reasm *r = calloc(1, sizeof(*r));
	int rc;

	if (r == NULL || posix_memalign(&r->records, 64, size) != 0) {
		free(r);
		return err_set(
			err, ERR_NO_RESOURCE, NULL, NULL, "no memory for fragments");
	}
	memset(r->records, 0, size);
	r->vnf = vnf;
	r->ops = ops;
	r->arg = arg;
	for (unsigned i = 0; i < REASM_MAX_HELD; i++)
		r->held[i].next = i + 1 < REASM_MAX_HELD ? i + 1 : NONE;
	rc = session_open(
		&r->table, &spec, r->records, size, vnf->seed, vnf->now_ns, err);
	if (rc < 0) {
		reasm_destroy(r);
		return rc;
	}
	*reasm = r;
	return 0;
}

void
reasm_destroy(struct reasm *r)
{
	if (r == NULL)
		return;
	session_close(r->table);
	free(r->records);
	free(r);
}

enum reasm_verdict
reasm_see(struct reasm *r, unsigned cp, uint16_t zone, const struct pkt_info *info,
	struct rte_mbuf *pkt, uint64_t *value)
{
	struct session_key6 key;
	struct datagram *d;
	enum reasm_verdict verdict;
	session_ref ref;

	key_of(cp, zone, info, &key);
	ref = find_or_make(r, &key);
	if (ref == SESSION_NONE)
		return REASM_FULL;
	d = session_record(r->table, ref);
	if (d->state == BROKEN)
		return REASM_OVERLAP;
	verdict = add_piece(d, info);
	if (verdict == REASM_OVERLAP) {
		give_up(r, d, r->ops->reason_overlap);
		d->state = BROKEN;
	}
	if (verdict != REASM_FOLLOW)
		return verdict;
	if (d->state == REFUSED)
		return REASM_REFUSED;
	if (d->state == WAITING)
		return info->first ? REASM_FIRST : hold(r, d, pkt);
	*value = d->value;
	if (is_complete(d))
		forget(r, ref);
	return REASM_FOLLOW;
}

void
reasm_decide(struct reasm *r, unsigned cp, uint16_t zone, const struct pkt_info *info,
	bool pass, uint64_t value)
{
	struct session_key6 key;
	struct datagram *d;
	session_ref ref;

	key_of(cp, zone, info, &key);
	ref = session_find(r->table, &key);
	if (ref == SESSION_NONE) /* it was told first, so it is there */
		return;
	d = session_record(r->table, ref);
	d->state = pass ? PASSED : REFUSED;
	d->passed = pass;
	d->value = value;
	if (!pass)
		give_up(r, d, r->ops->reason_refused);
	else
		release(r, d);
	if (is_complete(d))
		forget(r, ref);
}

void
reasm_tick(struct reasm *r)
{
	session_ref due[DUE_AT_ONCE];
	unsigned n;

	do {
		n = session_due(r->table, r->vnf->now_ns, due, DUE_AT_ONCE);
		for (unsigned i = 0; i < n; i++) {
			give_up(r, session_record(r->table, due[i]),
				r->ops->reason_timeout);
			forget(r, due[i]);
		}
	} while (n == DUE_AT_ONCE);
}

uint32_t
reasm_held(const struct reasm *r)
{
	return __atomic_load_n(&r->n_held, __ATOMIC_RELAXED);
}

/* ---- datagrams ---- */

static uint16_t
source_of(const struct reasm *r, const struct session_key6 *key)
{
	uint64_t word[2];
	uint64_t hash = r->vnf->seed | 1;

	memcpy(word, key->src, sizeof(word));
	hash = (hash ^ word[0]) * 0x9e3779b97f4a7c15ull;
	hash ^= hash >> 29;
	hash = (hash ^ word[1] ^ r->vnf->seed) * 0xbf58476d1ce4e5b9ull;
	return (uint16_t)(hash >> 54); /* of SOURCES */
}

/* IPv6 tells datagrams by addresses and identification alone: what follows the fragment
 * header is not the same in each (RFC 8200 4.5). */
static void
key_of(unsigned cp, uint16_t zone, const struct pkt_info *info, struct session_key6 *key)
{
	*key = (struct session_key6){
		.sport = (uint16_t)(info->frag_id >> 16),
		.dport = (uint16_t)info->frag_id,
		.zone = zone,
		.proto = info->family == 4 ? info->proto : 0,
		.kind = (uint8_t)(info->family | cp << 4),
	};
	memcpy(key->src, info->src, sizeof(key->src));
	memcpy(key->dst, info->dst, sizeof(key->dst));
}

static session_ref
find_or_make(struct reasm *r, const struct session_key6 *key)
{
	const uint64_t life_ns = ((key->kind & 0xf) == 4 ? 30 : 60) * SECOND_NS;
	session_ref ref = session_find(r->table, key);
	struct datagram *d;

	if (ref != SESSION_NONE)
		return ref;
	const uint16_t source = source_of(r, key);

	if (r->source_datagrams[source] == REASM_MAX_DATAGRAMS_SOURCE)
		return SESSION_NONE;
	ref = session_new(r->table);
	if (ref == SESSION_NONE)
		return SESSION_NONE;
	d = session_record(r->table, ref);
	d->key = *key;
	d->held = d->last_held = NONE;
	d->source = source;
	if (session_commit(r->table, ref, r->vnf->now_ns + life_ns) < 0)
		return SESSION_NONE;
	r->source_datagrams[source]++;
	return ref;
}

/* REASM_FOLLOW if it is new and fits. */
static enum reasm_verdict
add_piece(struct datagram *d, const struct pkt_info *info)
{
	const uint32_t len = (uint32_t)info->end - info->frag_data;
	const uint32_t first = info->frag_off / UNIT;
	const uint32_t end = first + (len + UNIT - 1) / UNIT;

	if (len == 0 || (info->more && len % UNIT != 0) || end > UINT16_MAX)
		return REASM_OVERLAP;
	for (unsigned i = 0; i < d->n_pieces; i++) {
		const struct piece *p = &d->pieces[i];

		if (p->first == first && p->end == end &&
			(info->more || d->end == 0 || d->end == end))
			return REASM_DUPLICATE;
		if (first < p->end && p->first < end)
			return REASM_OVERLAP;
		if (!info->more && p->end > end) /* behind the end */
			return REASM_OVERLAP;
	}
	if (d->end != 0 && (!info->more || end > d->end))
		return REASM_OVERLAP;
	if (d->n_pieces == REASM_MAX_PIECES)
		return REASM_FULL;
	d->pieces[d->n_pieces++] = (struct piece){(uint16_t)first, (uint16_t)end};
	d->units = (uint16_t)(d->units + end - first);
	if (!info->more)
		d->end = (uint16_t)end;
	return REASM_FOLLOW;
}

static bool
is_complete(const struct datagram *d)
{
	return d->end != 0 && d->units == d->end;
}

static void
forget(struct reasm *r, session_ref ref)
{
	const struct datagram *d = session_record(r->table, ref);
	const uint64_t value = d->value;
	const bool passed = d->passed;

	r->source_datagrams[d->source]--;
	session_delete(r->table, ref);
	if (passed && r->ops->forget != NULL)
		r->ops->forget(r->arg, value);
}

/* ---- held packets ---- */

static inline void
count_held(struct reasm *r, const struct datagram *d, int n)
{
	r->source_held[d->source] = (uint16_t)(r->source_held[d->source] + n);
	__atomic_store_n(&r->n_held, r->n_held + (uint32_t)n, __ATOMIC_RELAXED);
}

static enum reasm_verdict
hold(struct reasm *r, struct datagram *d, struct rte_mbuf *pkt)
{
	const uint16_t i = r->free_held;

	if (i == NONE || r->source_held[d->source] == REASM_MAX_HELD_SOURCE ||
		!vnf_hold(r->vnf, pkt)) {
		d->n_pieces--; /* it may come again */
		d->units = (uint16_t)(d->units - (d->pieces[d->n_pieces].end -
							 d->pieces[d->n_pieces].first));
		if (d->end == d->pieces[d->n_pieces].end)
			d->end = 0;
		return REASM_FULL;
	}
	r->free_held = r->held[i].next;
	r->held[i] = (struct held){.pkt = pkt, .next = NONE};
	if (d->held == NONE)
		d->held = i;
	else
		r->held[d->last_held].next = i;
	d->last_held = i;
	count_held(r, d, 1);
	return REASM_HELD;
}

/* Takes the first one off its list. */
static struct rte_mbuf *
take_held(struct reasm *r, struct datagram *d)
{
	const uint16_t i = d->held;

	if (i == NONE)
		return NULL;
	d->held = r->held[i].next;
	r->held[i].next = r->free_held;
	r->free_held = i;
	count_held(r, d, -1);
	return r->held[i].pkt;
}

static void
release(struct reasm *r, struct datagram *d)
{
	struct rte_mbuf *pkt;

	while ((pkt = take_held(r, d)) != NULL)
		r->ops->release(r->arg, pkt, d->key.kind >> 4, d->value);
}

static void
give_up(struct reasm *r, struct datagram *d, unsigned reason)
{
	struct rte_mbuf *pkt;

	while ((pkt = take_held(r, d)) != NULL)
		vnf_discard(r->vnf, pkt, reason);
}
