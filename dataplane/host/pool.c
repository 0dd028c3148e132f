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
static int make_mempool(struct pool *pool);
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
	const struct rte_ring *ring = pool->mempool->pool_data;
	const struct rte_mempool_cache *cache;

	for (uint32_t i = ring->cons.tail; i != ring->prod.tail; i++)
		cb(((void *const *)&ring[1])[i & ring->mask], arg);
	if (pool->mempool->cache_size == 0)
		return;
	for (unsigned lcore = 0; lcore < RTE_MAX_LCORE; lcore++) {
		cache = &pool->mempool->local_cache[lcore];
		for (uint32_t i = 0; i < cache->len; i++)
			cb(cache->objs[i], arg);
	}
}

uint32_t
pool_reclaim(struct pool *pool)
{
	struct free_set set = {&pool->span, calloc(pool->size, 1)};
	struct rte_mbuf *buffer;
	uint32_t n = 0;

	if (set.is_free == NULL)
		return 0;
	pool_each_free(pool, note_free, &set);
	for (uint32_t i = 0; i < pool->size; i++) {
		buffer = (struct rte_mbuf *)(pool->span.first +
					     (uintptr_t)i * pool->span.stride);
		if (set.is_free[i] || buffer_is_out(buffer))
			continue;
		buffer_free(pool->mempool, &buffer, 1);
		n++;
	}
	free(set.is_free);
	return n;
}

static void
note_free(const void *buffer, void *arg)
{
	const struct free_set *set = arg;

	set->is_free[((uintptr_t)buffer - set->span->first) / set->span->stride] = 1;
}

static int
allocate(struct pool *pool, struct err *err)
{
	int rc = make_mempool(pool);

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
make_mempool(struct pool *pool)
{
	struct rte_pktmbuf_pool_private private = {
		.mbuf_data_room_size = BUFFER_DATA_ROOM};
	char name[RTE_MEMPOOL_NAMESIZE];
	int rc;

	snprintf(name, sizeof(name), "pool%u", pool->number);
	pool->mempool = rte_mempool_create_empty(name, pool->size,
		sizeof(struct rte_mbuf) + BUFFER_DATA_ROOM,
		pool->size >= 4 * CACHE ? CACHE : 0, sizeof(private), SOCKET_ID_ANY,
		RTE_MEMPOOL_F_NO_IOVA_CONTIG);
	if (pool->mempool == NULL)
		return -rte_errno;
	rc = rte_mempool_set_ops_byname(pool->mempool, "ring_mp_mc", NULL);
	if (rc < 0)
		return rc;
	rte_pktmbuf_pool_init(pool->mempool, &private);
	rc = rte_mempool_populate_default(pool->mempool);
	if (rc < 0)
		return rc;
	rte_mempool_obj_iter(pool->mempool, rte_pktmbuf_init, NULL);
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
