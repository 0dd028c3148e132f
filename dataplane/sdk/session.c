/* session.c: the records of the session table in their region: taken over, made, ended,
 * read. */
#include "dataplane/sdk/session_parts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <rte_malloc.h>
#include "common/fault.h"

#define MAGIC	    0x53455353494f4e32ull /* "SESSION2" */
#define HEADER_SIZE 64
#define PAGE_SIZE   4096
#define ADOPT_AHEAD 8 /* records whose places in the index are prefetched */

struct session_header { /* first in the region */
	uint64_t magic; /* written last */
	uint32_t version, record_size, key_size, n_keys;
	uint32_t capacity;
	uint32_t used; /* no record from this one on was ever taken */
};

static int check_spec(
	const struct session_spec *spec, uint32_t capacity, struct err *err);
static int make_private(struct session_table *t, struct err *err);
static void touch(void *mem, size_t size);
static void adopt_header(struct session_table *t);
static void adopt_records(struct session_table *t);
static uint32_t take_free(struct session_table *t);
static void free_push(struct session_table *t, uint32_t i);

size_t
session_region_size(const struct session_spec *spec, uint32_t capacity)
{
	size_t size = HEADER_SIZE + (size_t)capacity * spec->record_size;

	return (size + 63) & ~(size_t)63;
}

int
session_open(struct session_table **table, const struct session_spec *spec, void *mem,
	size_t size, uint64_t seed, uint64_t now_ns, struct err *err)
{
	int rc = session_prepare(table, spec, mem, size, seed, err);

	if (rc == 0)
		session_adopt(*table, now_ns);
	return rc;
}

int
session_prepare(struct session_table **table, const struct session_spec *spec, void *mem,
	size_t size, uint64_t seed, struct err *err)
{
	size_t room = size > HEADER_SIZE ? (size - HEADER_SIZE) / spec->record_size : 0;
	uint32_t capacity = room < SESSION_MAX_RECORDS ? room : SESSION_MAX_RECORDS;
	struct session_table *t;
	int rc = check_spec(spec, capacity, err);

	if (rc < 0)
		return rc;
	t = calloc(1, sizeof(*t));
	if (t == NULL)
		return err_set(err, ERR_NO_RESOURCE, NULL, NULL,
			"no memory for a session table");
	t->records = (uint8_t *)mem + HEADER_SIZE;
	t->header = mem;
	t->record_size = spec->record_size;
	t->key_size = spec->key_size;
	t->n_keys = spec->n_keys;
	t->version = spec->version;
	t->capacity = t->limit = capacity;
	session_index_seed(t, seed);
	rc = make_private(t, err);
	if (rc < 0) {
		session_close(t);
		return rc;
	}
	*table = t;
	return 0;
}

void
session_adopt(struct session_table *t, uint64_t now_ns)
{
	t->tick = now_ns >> SESSION_TICK_SHIFT;
	adopt_header(t);
	adopt_records(t);
}

static int
check_spec(const struct session_spec *spec, uint32_t capacity, struct err *err)
{
	uint32_t keys = spec->key_size * spec->n_keys;

	if ((spec->key_size != 16 && spec->key_size != 40) || spec->n_keys < 1 ||
		spec->n_keys > 2 || spec->record_size % 8 != 0 ||
		spec->record_size < sizeof(struct session) + keys)
		return err_set(err, ERR_INVALID, NULL, NULL,
			"a session record of %u bytes cannot hold %u keys of %u bytes",
			spec->record_size, spec->n_keys, spec->key_size);
	if (capacity == 0)
		return err_set(err, ERR_INVALID, "state-size",
			"give the instance more state",
			"the state region has no room for a session");
	return 0;
}

static int
make_private(struct session_table *t, struct err *err)
{
	uint64_t entries = 8;

	while (entries < 2ull * t->capacity * t->n_keys)
		entries *= 2;
	t->mask = entries - 1;
	t->index = rte_zmalloc("session-index", entries * sizeof(*t->index), 64);
	t->links =
		rte_zmalloc("session-links", (size_t)t->capacity * sizeof(*t->links), 64);
	t->slots =
		rte_zmalloc("session-wheel", SESSION_WHEEL_SLOTS * sizeof(*t->slots), 64);
	if (t->index == NULL || t->links == NULL || t->slots == NULL)
		return err_set(err, ERR_NO_RESOURCE, NULL, "make max-sessions smaller",
			"no memory for an index of %u sessions", t->capacity);
	memset(t->slots, 0xff, SESSION_WHEEL_SLOTS * sizeof(*t->slots));
	touch(t->index, entries * sizeof(*t->index));
	touch(t->links, (size_t)t->capacity * sizeof(*t->links));
	return 0;
}

/* Now rather than when packets wait. */
static void
touch(void *mem, size_t size)
{
	for (size_t at = 0; at < size; at += PAGE_SIZE)
		((volatile uint8_t *)mem)[at] = 0;
}

/* Records of another layout, or that no header vouches for, are cleared before the new
 * header is written; so are those that the table grew by. */
static void
adopt_header(struct session_table *t)
{
	struct session_header *header = t->header;
	bool known = header->magic == MAGIC && header->version == t->version &&
		     header->record_size == t->record_size &&
		     header->key_size == t->key_size && header->n_keys == t->n_keys;
	uint32_t first_new = known ? header->capacity : 0;

	if (!known)
		__atomic_store_n(&header->magic, 0, __ATOMIC_RELEASE);
	for (uint32_t i = first_new; i < t->capacity; i++) {
		if (session_at(t, i)->generation != 0)
			session_at(t, i)->generation = 0;
	}
	header->version = t->version;
	header->record_size = t->record_size;
	header->key_size = t->key_size;
	header->n_keys = t->n_keys;
	if (!known || header->used > t->capacity)
		header->used = known ? t->capacity : 0;
	__atomic_store_n(&header->capacity, t->capacity, __ATOMIC_RELEASE);
	__atomic_store_n(&header->magic, MAGIC, __ATOMIC_RELEASE);
}

/* From the last to the first, so that the free records of low numbers are used first.
 * The cost is that of the records that were ever used, not of all. */
static void
adopt_records(struct session_table *t)
{
	t->free = SESSION_NIL;
	t->used = t->header->used;
	for (uint32_t i = t->used; i-- > 0;) {
		struct session *session = session_at(t, i);

		if (i >= 2 * ADOPT_AHEAD)
			__builtin_prefetch(session_at(t, i - 2 * ADOPT_AHEAD));
		if (i >= ADOPT_AHEAD)
			session_index_prefetch(t, i - ADOPT_AHEAD);

		if ((session->generation & 1) != 0 && session_index_add(t, i) < 0)
			session->generation++;
		if ((session->generation & 1) == 0) {
			free_push(t, i);
			continue;
		}
		session_wheel_add(t, i);
		t->count++;
	}
}

void
session_close(struct session_table *t)
{
	if (t == NULL)
		return;
	rte_free(t->index);
	rte_free(t->links);
	rte_free(t->slots);
	free(t);
}

void
session_set_limit(struct session_table *t, uint32_t limit)
{
	t->limit = limit < t->capacity ? limit : t->capacity;
}

/* ---- making and ending ---- */

session_ref
session_new(struct session_table *t)
{
	struct session *session;
	uint32_t i;

	if (t->count >= t->limit)
		return SESSION_NONE;
	i = take_free(t);
	if (i == SESSION_NIL)
		return SESSION_NONE;
	session = session_at(t, i);
	memset(session + 1, 0, t->record_size - sizeof(*session));
	FAULT_POINT("session-new");
	return i << 1;
}

/* Freed ones first, so that the records in use stay close together. */
static uint32_t
take_free(struct session_table *t)
{
	uint32_t i = t->free;

	if (i != SESSION_NIL) {
		t->free = t->links[i].next;
		return i;
	}
	if (t->used == t->capacity)
		return SESSION_NIL;
	i = t->used++;
	__atomic_store_n(&t->header->used, t->used, __ATOMIC_RELEASE);
	return i;
}

int
session_commit(struct session_table *t, session_ref ref, uint64_t expires_ns)
{
	uint32_t i = ref >> 1;
	struct session *session = session_at(t, i);

	if (session_index_add(t, i) < 0) {
		free_push(t, i);
		return -EEXIST;
	}
	session->expires_ns = expires_ns;
	session_wheel_add(t, i);
	__atomic_store_n(&t->count, t->count + 1, __ATOMIC_RELAXED);
	FAULT_POINT("session-written");
	__atomic_store_n(&session->generation, session->generation + 1, __ATOMIC_RELEASE);
	FAULT_POINT("session-made");
	return 0;
}

void
session_abandon(struct session_table *t, session_ref ref)
{
	free_push(t, ref >> 1);
}

void
session_delete(struct session_table *t, session_ref ref)
{
	uint32_t i = ref >> 1;
	struct session *session = session_at(t, i);

	__atomic_store_n(&session->generation, session->generation + 1, __ATOMIC_SEQ_CST);
	FAULT_POINT("session-ended");
	session_index_del(t, i);
	session_wheel_del(t, i);
	free_push(t, i);
	__atomic_store_n(&t->count, t->count - 1, __ATOMIC_RELAXED);
}

static void
free_push(struct session_table *t, uint32_t i)
{
	t->links[i].next = t->free;
	t->free = i;
}

/* ---- looking at it ---- */

session_ref
session_next(const struct session_table *t, session_ref ref)
{
	for (uint32_t i = ref == SESSION_NONE ? 0 : (ref >> 1) + 1; i < t->used; i++) {
		if ((session_at(t, i)->generation & 1) != 0)
			return i << 1;
	}
	return SESSION_NONE;
}

unsigned
session_scan(
	const struct session_table *t, uint32_t *at, unsigned looks, session_ref *refs)
{
	const uint32_t end = t->capacity - *at > looks ? *at + looks : t->capacity;
	unsigned n = 0;

	for (; *at < end; (*at)++) {
		if ((session_at(t, *at)->generation & 1) != 0)
			refs[n++] = *at << 1;
	}
	return n;
}

bool
session_read(const struct session_table *t, uint32_t i, void *copy)
{
	const struct session *session = session_at(t, i);
	const uint64_t *from = (const uint64_t *)session;
	uint64_t *to = copy;
	uint32_t generation = __atomic_load_n(&session->generation, __ATOMIC_ACQUIRE);

	if ((generation & 1) == 0)
		return false;
	for (uint32_t word = 0; word < t->record_size / 8; word++)
		to[word] = __atomic_load_n(&from[word], __ATOMIC_RELAXED);
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	return __atomic_load_n(&session->generation, __ATOMIC_RELAXED) == generation;
}

uint32_t
session_count(const struct session_table *t)
{
	return __atomic_load_n(&t->count, __ATOMIC_RELAXED);
}
