/* pool.c: one queue, one lock; threads are detached and counted. */
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>
#include "api/http/pool.h"
#include "common/log.h"

#define IDLE_S	   5
#define STACK_SIZE (1u << 20)

struct pool {
	pthread_mutex_t lock;
	pthread_cond_t work, ended;
	pthread_attr_t attr;
	struct pool_job *first, **last;
	unsigned base, most, threads, idle, queued;
	bool closing;
};

static void add_thread(struct pool *pool);
static void *thread_main(void *arg);
static bool wait_for_job(struct pool *pool);
static struct pool_job *take_job(struct pool *pool);

int
pool_open(unsigned base, unsigned most, struct pool **out, struct err *err)
{
	struct pool *pool = calloc(1, sizeof(*pool));
	if (pool == NULL)
		return err_sys(err, ENOMEM, "cannot make a thread pool");
	pool->base = base;
	pool->most = most;
	pool->last = &pool->first;
	pthread_mutex_init(&pool->lock, NULL);
	pthread_condattr_t clock;
	pthread_condattr_init(&clock);
	pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
	pthread_cond_init(&pool->work, &clock);
	pthread_cond_init(&pool->ended, NULL);
	pthread_condattr_destroy(&clock);
	pthread_attr_init(&pool->attr);
	pthread_attr_setdetachstate(&pool->attr, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&pool->attr, STACK_SIZE);
	pthread_mutex_lock(&pool->lock);
	add_thread(pool);
	bool started = pool->threads > 0;
	pthread_mutex_unlock(&pool->lock);
	if (!started) {
		pool_close(pool);
		return err_set(err, ERR_INTERNAL, NULL, NULL, "cannot start a thread");
	}
	*out = pool;
	return 0;
}

void
pool_submit(struct pool *pool, struct pool_job *job)
{
	pthread_mutex_lock(&pool->lock);
	job->next = NULL;
	*pool->last = job;
	pool->last = &job->next;
	pool->queued++;
	if (pool->queued > pool->idle && pool->threads < pool->most)
		add_thread(pool);
	pthread_cond_signal(&pool->work);
	pthread_mutex_unlock(&pool->lock);
}

void
pool_close(struct pool *pool)
{
	if (pool == NULL)
		return;
	pthread_mutex_lock(&pool->lock);
	pool->closing = true;
	pthread_cond_broadcast(&pool->work);
	while (pool->threads > 0)
		pthread_cond_wait(&pool->ended, &pool->lock);
	pthread_mutex_unlock(&pool->lock);
	pthread_attr_destroy(&pool->attr);
	pthread_cond_destroy(&pool->work);
	pthread_cond_destroy(&pool->ended);
	pthread_mutex_destroy(&pool->lock);
	free(pool);
}

static void
add_thread(struct pool *pool)
{
	pthread_t thread;
	int rc = pthread_create(&thread, &pool->attr, thread_main, pool);
	if (rc != 0)
		log_warn("cannot start a thread", "threads=%u errno=%d", pool->threads,
			rc);
	else
		pool->threads++;
}

static void *
thread_main(void *arg)
{
	struct pool *pool = arg;
	pthread_mutex_lock(&pool->lock);
	while (wait_for_job(pool)) {
		struct pool_job *job = take_job(pool);
		pthread_mutex_unlock(&pool->lock);
		job->run(job);
		pthread_mutex_lock(&pool->lock);
	}
	pool->threads--;
	pthread_cond_signal(&pool->ended);
	pthread_mutex_unlock(&pool->lock);
	return NULL;
}

/* False when the thread should end. */
static bool
wait_for_job(struct pool *pool)
{
	struct timespec until;
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += IDLE_S;
	pool->idle++;
	while (pool->first == NULL && !pool->closing) {
		if (pool->threads <= pool->base)
			pthread_cond_wait(&pool->work, &pool->lock);
		else if (pthread_cond_timedwait(&pool->work, &pool->lock, &until) ==
			 ETIMEDOUT)
			break;
	}
	pool->idle--;
	return pool->first != NULL;
}

static struct pool_job *
take_job(struct pool *pool)
{
	struct pool_job *job = pool->first;
	pool->first = job->next;
	if (pool->first == NULL)
		pool->last = &pool->first;
	pool->queued--;
	return job;
}
