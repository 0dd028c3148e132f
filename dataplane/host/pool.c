/* pool.c: the packet buffers of one service. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <rte_errno.h>
#include <rte_malloc.h>
#include <rte_ring.h>
#include "dataplane/host/pool.h"

#define CACHE 256 /* buffers that each dataplane lcore may keep at hand */

struct free_set { /* which buffers of a span are at home */
	const struct buffer_span *span;
	uint8_t *is_free;
};

static void note_free(const void *buffer, void *arg);
static int allocate(struct pool *pool, struct err *err);
static int make_mempool(const char *name, uint32_t n, uint16_t room, unsigned cache,
	struct rte_mempool **mempool);
static void each_free_of(const struct rte_mempool *mempool,
	void (*cb)(const void *buffer, void *arg), void *arg);
static uint32_t reclaim(struct pool *pool, const struct buffer_span *span);
static void place_buffer(
	struct rte_mempool *mempool, void *arg, void *buffer, unsigned index);
static uint64_t free_mib(void);

int
pool_create(const char *ns, uint32_t buffers, struct pool **out, struct err *err)
{
	static unsigned counter; /* names of mempools are never used twice */
	struct pool *pool;
	int rc;

	if (buffers < POOL_BUFFERS_MIN || buffers > POOL_BUFFERS_MAX)
		return err_set(err, ERR_INVALID, "buffers", NULL,
			"a pool has from %u to %u buffers", POOL_BUFFERS_MIN,
			POOL_BUFFERS_MAX);
	pool = calloc(1, sizeof(*pool));
	if (pool == NULL)
		return err_sys(err, ENOMEM, "cannot make a pool");
	snprintf(pool->ns, sizeof(pool->ns), "%s", ns);
	pool->size = buffers;
	pool->number = counter++;
	rc = allocate(pool, err);
	if (rc < 0) {
		pool_destroy(pool);
		return rc;
	}
	*out = pool;
	return 0;
}

void
pool_destroy(struct pool *pool)
{
	if (pool == NULL)
		return;
	rte_mempool_free(pool->mempool);
	rte_mempool_free(pool->large.mempool);
	json_decref(pool->tag);
	free(pool);
}

uint32_t
pool_free_count(const struct pool *pool)
{
	return rte_mempool_avail_count(pool->mempool);
}

void
pool_each_free(
	const struct pool *pool, void (*cb)(const void *buffer, void *arg), void *arg)
{
	each_free_of(pool->mempool, cb, arg);
	if (pool->large.mempool != NULL)
		each_free_of(pool->large.mempool, cb, arg);
}

static void
each_free_of(const struct rte_mempool *mempool, void (*cb)(const void *buffer, void *arg),
	void *arg)
{
	const struct rte_ring *ring = mempool->pool_data;
	const struct rte_mempool_cache *cache;

	for (uint32_t i = ring->cons.tail; i != ring->prod.tail; i++)
		cb(((void *const *)&ring[1])[i & ring->mask], arg);
	if (mempool->cache_size == 0)
		return;
	for (unsigned lcore = 0; lcore < RTE_MAX_LCORE; lcore++) {
		cache = &mempool->local_cache[lcore];
		for (uint32_t i = 0; i < cache->len; i++)
			cb(cache->objs[i], arg);
	}
}

uint32_t
pool_reclaim(struct pool *pool)
{
	return reclaim(pool, &pool->span) + reclaim(pool, &pool->large.span);
}

static uint32_t
reclaim(struct pool *pool, const struct buffer_span *span)
{
	struct free_set set = {span, calloc(span->n + 1, 1)};
	struct rte_mbuf *buffer;
	uint32_t n = 0;

	if (set.is_free == NULL)
		return 0;
	pool_each_free(pool, note_free, &set);
	for (uint32_t i = 0; i < span->n; i++) {
		buffer = (struct rte_mbuf *)(span->first + (uintptr_t)i * span->stride);
		if (set.is_free[i] || buffer_is_out(buffer))
			continue;
		pool_free(pool, &buffer, 1);
		n++;
	}
	free(set.is_free);
	return n;
}

static void
note_free(const void *buffer, void *arg)
{
	const struct free_set *set = arg;

	if (buffer_span_has(set->span, buffer))
		set->is_free[((uintptr_t)buffer - set->span->first) / set->span->stride] =
			1;
}

int
pool_add_large(struct pool *pool, struct err *err)
{
	struct pool_kind large = {0};
	char name[RTE_MEMPOOL_NAMESIZE];
	int rc;

	if (pool->large.mempool != NULL)
		return 0;
	snprintf(name, sizeof(name), "large%u", pool->number);
	rc = make_mempool(name, POOL_LARGE, BUFFER_LARGE_ROOM, 0, &large.mempool);
	if (rc == 0)
		rte_mempool_obj_iter(large.mempool, place_buffer, &large.span);
	if (rc == 0 && large.span.n == POOL_LARGE) {
		pool->large.mempool = large.mempool;
		large.span.n = 0;
		pool->large.span = large.span;
		__atomic_store_n(&pool->large.span.n, POOL_LARGE, __ATOMIC_RELEASE);
		return 0;
	}
	rte_mempool_free(large.mempool);
	return err_set(err, ERR_NO_RESOURCE, NULL, "a dataplane with a larger --memory",
		"no memory for %u large packet buffers: %zu MiB are wanted, %lu MiB free",
		POOL_LARGE, ((size_t)POOL_LARGE * BUFFER_LARGE_ROOM) >> 20, free_mib());
}

void
pool_share_large(struct pool *pool, int queues)
{
	uint32_t share;

	pool->large_users += (unsigned)queues;
	share = POOL_LARGE / 2 / RTE_MAX(pool->large_users, 1u);
	__atomic_store_n(&pool->large_share, RTE_MAX(share, 1u), __ATOMIC_RELAXED);
}

void
pool_free(const struct pool *pool, struct rte_mbuf **buffers, uint32_t n)
{
	uint32_t usual = 0;

	for (uint32_t i = 0; i < n; i++) {
		pool_tidy(pool, buffers[i]);
		buffer_set_out(buffers[i], false);
		if (unlikely(pool_is_large(pool, buffers[i])))
			rte_mempool_put(pool->large.mempool, buffers[i]);
		else
			buffers[usual++] = buffers[i];
	}
	rte_mempool_put_bulk(pool->mempool, (void **)buffers, usual);
}

static int
allocate(struct pool *pool, struct err *err)
{
	char name[RTE_MEMPOOL_NAMESIZE];
	int rc;

	snprintf(name, sizeof(name), "pool%u", pool->number);
	rc = make_mempool(name, pool->size, BUFFER_DATA_ROOM,
		pool->size >= 4 * CACHE ? CACHE : 0, &pool->mempool);
	if (rc == -ENOMEM)
		return err_set(err, ERR_NO_RESOURCE, "buffers",
			"fewer buffers, or a dataplane with a larger --memory",
			"no memory for %u packet buffers: about %zu MiB are wanted, %lu "
			"MiB free",
			pool->size, ((size_t)pool->size * (BUFFER_DATA_ROOM + 256)) >> 20,
			free_mib());
	if (rc < 0)
		return err_sys(err, -rc, "cannot make a pool of %u buffers", pool->size);
	rte_mempool_obj_iter(pool->mempool, place_buffer, &pool->span);
	if (pool->span.n == pool->size)
		return 0;
	return err_set(err, ERR_NO_RESOURCE, "buffers",
		"fewer buffers, or a dataplane with a larger --memory",
		"packet memory has no piece large enough for %u buffers", pool->size);
}

/* As rte_pktmbuf_pool_create() does, but with buffers that may lie across pages, so that
 * all are evenly spaced and a pointer can be judged by arithmetic. Devices see virtual
 * addresses (eal.c), for which pages do not matter. */
static int
make_mempool(const char *name, uint32_t n, uint16_t room, unsigned cache,
	struct rte_mempool **out)
{
	struct rte_pktmbuf_pool_private private = {.mbuf_data_room_size = room};
	struct rte_mempool *mempool;
	int rc;

	mempool = rte_mempool_create_empty(name, n,
		sizeof(struct rte_mbuf) + RTE_ALIGN_CEIL((uint32_t)room, 64u), cache,
		sizeof(private), SOCKET_ID_ANY, RTE_MEMPOOL_F_NO_IOVA_CONTIG);
	*out = mempool;
	if (mempool == NULL)
		return -rte_errno;
	rc = rte_mempool_set_ops_byname(mempool, "ring_mp_mc", NULL);
	if (rc < 0)
		return rc;
	rte_pktmbuf_pool_init(mempool, &private);
	rc = rte_mempool_populate_default(mempool);
	if (rc < 0)
		return rc;
	rte_mempool_obj_iter(mempool, rte_pktmbuf_init, NULL);
	return 0;
}

/* Counts the buffers that lie where they are expected. */
static void
place_buffer(struct rte_mempool *mempool, void *arg, void *buffer, unsigned index)
{
	struct buffer_span *span = arg;

	if (index == 0)
		*span = buffer_span_of((uintptr_t)buffer,
			mempool->header_size + mempool->elt_size + mempool->trailer_size,
			0);
	if ((uintptr_t)buffer == span->first + (uintptr_t)index * span->stride)
		span->n++;
}

static uint64_t
free_mib(void)
{
	struct rte_malloc_socket_stats stats;
	uint64_t bytes = 0;

	for (unsigned i = 0; i < RTE_MAX_NUMA_NODES; i++)
		if (rte_malloc_get_socket_stats((int)i, &stats) == 0)
			bytes += stats.heap_freesz_bytes;
	return bytes >> 20;
}
