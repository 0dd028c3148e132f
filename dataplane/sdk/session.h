/* session.h: a table of sessions whose records outlive the process that keeps it.
 *
 * Records are flat and lie in memory that is given, the instance state region or a part
 * of it: a header, then records of one size, numbered from 0. Each begins with a struct
 * session, then come its keys (one or two, of 16 or 40 bytes), then what is the VNF's
 * own. A record counts while its generation is odd; that is written last when it is made
 * and first when it is deleted, and keys do not change in between, so a process killed at
 * any instruction leaves a table that its successor can read. Everything else is private
 * and built anew by session_open(): the index, the list of free records, the timer wheel.
 *
 * The index is an open-addressing table of 8-byte entries {hash, record} with linear
 * probing, at most half full, and deletion by shifting back: one cache line for most
 * lookups, and one for the record. Its hash is keyed by a seed and not linear (two rounds
 * of 64 x 64 -> 128 bit multiplication), so that nobody outside can make keys that
 * collide. A lookup in bulks of 32 takes about half the cycles of rte_hash's in the same
 * run (bench/session-table.sh). A session of 128 bytes takes 152 with all that is
 * private, or 168 with two keys.
 *
 * Time is an argument. The wheel has slots of 134 ms; a record lies in the slot of its
 * due time or, when that is farther than the wheel reaches, in the last slot, and is laid
 * in again when that comes round. Making a session live longer only writes its record;
 * the wheel finds out when it gets there. So expiry costs a constant per session.
 *
 * The worker owns a table: all functions are its alone but for session_open() and
 * session_close(), called while no worker runs, and those marked "any thread".
 */
#ifndef DATAPLANE_SDK_SESSION_H
#define DATAPLANE_SDK_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "common/err.h"

/* The keys that a VNF usually wants. Every byte counts: zero what is not used. Both keys
 * of a record live in one namespace; `kind` is the VNF's, to keep apart what must not
 * meet (inside and outside, flows and fragments). */
struct session_key4 {
	uint32_t src, dst; /* as in the packet */
	uint16_t sport, dport;
	uint16_t zone; /* VLAN id, or anything that separates equal addresses */
	uint8_t proto;
	uint8_t kind;
};

struct session_key6 {
	uint8_t src[16], dst[16];
	uint16_t sport, dport;
	uint16_t zone;
	uint8_t proto;
	uint8_t kind;
};

_Static_assert(sizeof(struct session_key4) == 16, "session_key4 has no padding");
_Static_assert(sizeof(struct session_key6) == 40, "session_key6 has no padding");

/* The head of every record. */
struct session {
	uint32_t generation; /* odd: the record counts */
	uint32_t due;	     /* tick at which the wheel looks at it; only for session.c */
	uint64_t expires_ns; /* set by session_expire_at() */
};

/* What the records of a table look like. */
struct session_spec {
	uint32_t record_size; /* bytes, a multiple of 8; 64 or 128 keeps records on their
				 own cache lines */
	uint32_t key_size;    /* 16 or 40 */
	uint32_t n_keys;      /* 1 or 2 */
	uint32_t version;     /* of the VNF's own part */
};

/* Names a record, and the key by which it was found: record number * 2 + side. */
typedef uint32_t session_ref;
#define SESSION_NONE	    UINT32_MAX
#define SESSION_MAX_RECORDS (1u << 28)

struct session_header;

struct session_table { /* read it through the functions below */
	uint8_t *records;
	struct session_header *header;
	uint32_t record_size, key_size, n_keys, version;
	uint32_t capacity, limit, count;
	uint32_t used; /* records from this one on were never taken */
	struct session_entry *index;
	uint32_t mask;		    /* entries of the index - 1 */
	uint64_t secret[6];	    /* of the hash */
	struct session_link *links; /* per record: neighbours in its wheel slot, or the
				       next free one */
	uint32_t free;		    /* first free record */
	uint32_t *slots;	    /* of the wheel: first record, or none */
	uint32_t tick;		    /* the wheel's hand */
};

/* Bytes that a table of that many records takes in the region. Multiple of 64. */
size_t session_region_size(const struct session_spec *spec, uint32_t capacity);

/* Opens the table that lies at mem, 64-byte aligned, with as many records as size has
 * room for. All zero, or records of another layout or version: an empty one is made. Else
 * every session that it holds is taken over, with its time; two records with one key (a
 * predecessor killed between two writes) become one. The table may have grown since; if
 * it shrank, the records beyond are gone. now_ns: of the clock that the predecessor used.
 * seed: unknown to outsiders. 0, ERR_INVALID (the region has no room for a record),
 * ERR_NO_RESOURCE. Limit = capacity. */
int session_open(struct session_table **table, const struct session_spec *spec, void *mem,
	size_t size, uint64_t seed, uint64_t now_ns, struct err *err);
/* The two halves of session_open(), for a successor that gets ready while its predecessor
 * still works: prepare makes all that is private and does not look at mem; adopt takes
 * over what lies there, at the cost of the records that were ever used. Between the two
 * only session_set_limit() and session_close() may be called. */
int session_prepare(struct session_table **table, const struct session_spec *spec,
	void *mem, size_t size, uint64_t seed, struct err *err);
void session_adopt(struct session_table *table, uint64_t now_ns);
/* Frees what is private; the records stay. Null is fine. */
void session_close(struct session_table *table);

/* At most so many sessions, if less than the capacity. Those beyond live on, but no new
 * one is made. */
void session_set_limit(struct session_table *table, uint32_t limit);

/* Looks up n keys of key_size bytes, one behind the other, and writes n refs,
 * SESSION_NONE where there is none. The records found are on their way into the cache
 * (first 128 bytes). n: at most 64. */
void session_find_bulk(const struct session_table *table, const void *keys, unsigned n,
	session_ref *refs);
/* The same for one. */
session_ref session_find(const struct session_table *table, const void *key);

/* Brings what a lookup of the key, or making a record with it, begins with into the
 * cache.
 */
void session_expect(const struct session_table *table, const void *key);

/* A free record, all zero behind its head; SESSION_NONE when the table is full. Write the
 * keys and the rest, then session_commit() or session_abandon() before any other call
 * that makes a record. */
session_ref session_new(struct session_table *table);
/* Makes it count. 0, or -EEXIST if one of its keys is taken: then the record is free
 * again. */
int session_commit(struct session_table *table, session_ref ref, uint64_t expires_ns);
void session_abandon(struct session_table *table, session_ref ref);
void session_delete(struct session_table *table, session_ref ref);

/* Writes up to max refs (side 0) of sessions whose time has come, at most 134 ms late.
 * The caller deletes each or gives it more time; one with which it does neither is told
 * again later. Bounded work: looks at no more than 4 * max records, and at each slot of
 * the wheel once; call it again while it returns max. */
unsigned session_due(
	struct session_table *table, uint64_t now_ns, session_ref *refs, unsigned max);

/* The first session behind ref (SESSION_NONE: from the start), or SESSION_NONE. By record
 * number. */
session_ref session_next(const struct session_table *table, session_ref ref);

/* Looks at `looks` records from number *at on, moves *at behind them, and writes the refs
 * (side 0) of those that are sessions; at most `looks`. Behind the last record *at is the
 * capacity. */
unsigned session_scan(const struct session_table *table, uint32_t *at, unsigned looks,
	session_ref *refs);

/* Any thread: copies record number i (record_size bytes) if it counts; each 8-byte word
 * is whole, and all are of the same session. */
bool session_read(const struct session_table *table, uint32_t i, void *copy);
/* Any thread: sessions now. */
uint32_t session_count(const struct session_table *table);

/* For session_expire_at(). */
void session_rearm(struct session_table *table, uint32_t i);
#define SESSION_TICK_SHIFT 27 /* a tick is 2^27 ns */

static inline unsigned
session_side(session_ref ref)
{
	return ref & 1;
}

/* The record; its struct session comes first. */
static inline void *
session_record(const struct session_table *table, session_ref ref)
{
	return table->records + (size_t)(ref >> 1) * table->record_size;
}

/* Brings its first 128 bytes into the cache, to be written. */
static inline void
session_prefetch(const struct session_table *table, session_ref ref)
{
	const uint8_t *record = session_record(table, ref);

	__builtin_prefetch(record, 1);
	if (table->record_size > 64)
		__builtin_prefetch(record + 64, 1);
}

/* The session ends at expires_ns unless it gets another time before. */
static inline void
session_expire_at(struct session_table *table, session_ref ref, uint64_t expires_ns)
{
	struct session *session = session_record(table, ref);

	session->expires_ns = expires_ns;
	if ((int32_t)((uint32_t)(expires_ns >> SESSION_TICK_SHIFT) + 1 - session->due) <
		0)
		session_rearm(table, ref >> 1);
}

#endif
