/* pool.h: the packet buffers of one service. Slices do not share buffers: each service
 * has a pool of its own, and its end gives the pool back whole. Control thread only, but
 * for the memory itself. */
#ifndef DATAPLANE_HOST_POOL_H
#define DATAPLANE_HOST_POOL_H

#include <sys/queue.h>
#include <jansson.h>
#include <rte_mempool.h>
#include "common/err.h"
#include "dataplane/host/buffer.h"
#include "dataplane/host/limiter.h"

#define POOL_BUFFERS_MIN 256
#define POOL_BUFFERS_MAX (16u << 20)

#define POOL_LARGE 128 /* large buffers of a pool that has any */

struct pool_kind {		     /* buffers of one size */
	struct rte_mempool *mempool; /* null: none */
	struct buffer_span span;     /* empty: none */
};

struct steer;
struct steer_counts;

struct pool_steering {		     /* which paths its packets take (steering.h) */
	struct steer *steer;	     /* in force; null: none */
	struct steer *former;	     /* somebody may still look at it */
	bool changed;		     /* not all are known to follow `steer` */
	struct steer_counts *counts; /* null: there never was one */
	uint64_t seed;
	json_t *rules; /* that steer is made of; null: none */
};

struct pool {
	LIST_ENTRY(pool) entry;
	char ns[64];
	uint32_t size; /* buffers */
	unsigned number;
	uint32_t epoch; /* grows to see every process of the service between two bursts */
	struct rte_mempool *mempool;
	unsigned share;		       /* of the I/O worker's rounds, as a weight */
	struct pool_steering steering; /* all zero: none */
	struct limits limits;	       /* of all that enters the service */
	struct limiter limiter;	       /* made of them; all zero: none */
	struct buffer_span span;       /* of the usual buffers */
	struct pool_kind large; /* for frames that no usual one holds: what a port takes
				   that carries the offloads of the kernel (offload.h) */
	unsigned large_users;	/* queues of such ports */
	uint32_t large_share;	/* that each may keep ready, together half of them */
	json_t *tag;
};
LIST_HEAD(pool_list, pool);

/* tag is borrowed. ERR_NO_RESOURCE if the memory does not suffice. */
int pool_create(const char *ns, uint32_t buffers, struct pool **pool, struct err *err);
/* Adds the large buffers, if it has none yet. Workers that know the pool need not be
 * parked: none has seen such a buffer. ERR_NO_RESOURCE. */
int pool_add_large(struct pool *pool, struct err *err);
/* So many queues more, or fewer, keep large buffers ready. */
void pool_share_large(struct pool *pool, int queues);
/* Takes home what is neither free nor on its way: what a driver that is closed did not
 * give back. Workers parked, and no driver may hold any. Returns how many. */
uint32_t pool_reclaim(struct pool *pool);
/* Null is fine. Nobody may hold a buffer of it. */
void pool_destroy(struct pool *pool);
/* Of the usual buffers those at home, whoever's cache they are in. */
uint32_t pool_free_count(const struct pool *pool);
/* Calls cb with every buffer that lies in the pool or an lcore's cache. Only while no
 * worker runs (worker.h, parked). */
void pool_each_free(
	const struct pool *pool, void (*cb)(const void *buffer, void *arg), void *arg);

static inline bool
pool_is_large(const struct pool *pool, const struct rte_mbuf *buffer)
{
	return buffer_span_has(&pool->large.span, buffer);
}

/* Whether a pointer that a VNF gave is a buffer of the pool that is on its way. */
static inline bool
pool_has_out(const struct pool *pool, const struct rte_mbuf *buffer)
{
	return (buffer_span_has(&pool->span, buffer) || pool_is_large(pool, buffer)) &&
	       buffer_is_out(buffer);
}

/* buffer_tidy() for whichever it is. */
static inline bool
pool_tidy(const struct pool *pool, struct rte_mbuf *buffer)
{
	if (unlikely(pool_is_large(pool, buffer)))
		return buffer_tidy(pool->large.mempool, BUFFER_LARGE_ROOM, buffer);
	return buffer_tidy(pool->mempool, BUFFER_DATA_ROOM, buffer);
}

/* Gives n buffers back. Dataplane lcores only. */
void pool_free(const struct pool *pool, struct rte_mbuf **buffers, uint32_t n)
	__attribute__((noinline));

/* The same for buffers that are tidy and marked as at home. */
static inline void
pool_put(const struct pool *pool, struct rte_mbuf **buffers, uint32_t n)
{
	if (likely(pool->large.mempool == NULL))
		rte_mempool_put_bulk(pool->mempool, (void **)buffers, n);
	else
		pool_free(pool, buffers, n);
}

#endif
