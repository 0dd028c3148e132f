/* pool.h: threads that run jobs; more of them while jobs wait for others that block. Any
 * thread. */
#ifndef API_HTTP_POOL_H
#define API_HTTP_POOL_H

#include "common/err.h"

struct pool;

struct pool_job { /* part of what it works on; the pool's until run() is called */
	void (*run)(struct pool_job *job);
	struct pool_job *next;
};

/* Threads are made when a job finds none idle, up to `most`; those beyond `base` end
 * after some idle seconds. */
int pool_open(unsigned base, unsigned most, struct pool **pool, struct err *err);
/* Never fails: with all threads busy the job waits its turn. */
void pool_submit(struct pool *pool, struct pool_job *job);
/* Waits for every job and thread. Nothing may be submitted any more. Null is fine. */
void pool_close(struct pool *pool);

#endif
