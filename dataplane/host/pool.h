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

struct pool {
	LIST_ENTRY(pool) entry;
	char ns[64];
	uint32_t size; /* buffers */
	unsigned number;
	uint32_t epoch; /* grows to see every process of the service between two bursts */
	struct rte_mempool *mempool;
	unsigned share;		/* of the I/O worker's rounds, as a weight */
	struct limits limits;	/* of all that enters the service */
	struct limiter limiter; /* made of them; all zero: none */
	struct buffer_span span;
	json_t *tag;
};
LIST_HEAD(pool_list, pool);

/* tag is borrowed. ERR_NO_RESOURCE if the memory does not suffice. */
int pool_create(const char *ns, uint32_t buffers, struct pool **pool, struct err *err);
/* Takes home what is neither free nor on its way: what a driver that is closed did not
 * give back. Workers parked, and no driver may hold any. Returns how many. */
uint32_t pool_reclaim(struct pool *pool);
/* Null is fine. Nobody may hold a buffer of it. */
void pool_destroy(struct pool *pool);
/* Buffers at home, whoever's cache they are in. */
uint32_t pool_free_count(const struct pool *pool);
/* Calls cb with every buffer that lies in the pool or an lcore's cache. Only while no
 * worker runs (worker.h, parked). */
void pool_each_free(
	const struct pool *pool, void (*cb)(const void *buffer, void *arg), void *arg);

#endif
