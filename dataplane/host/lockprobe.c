/* lockprobe.c: are the locks that all processes share still to be had? */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>
#include <rte_eal_memconfig.h>
#include <rte_lcore.h>
#include <rte_malloc.h>
#include <rte_memzone.h>
#include "common/log.h"
#include "common/loop.h"
#include "dataplane/host/lockprobe.h"

#define ZONE "renga lockprobe"

struct lockprobe {
	pthread_t thread;
	pthread_mutex_t mutex; /* of: */
	pthread_cond_t changed;
	bool stop, due;
	int at;		 /* [prober] index of the lock being asked for; -1: none */
	uint32_t passed; /* [prober] locks that came back so far */
	/* of who looks: */
	uint32_t seen;
	uint64_t since_ms, cpu_ms;
};

static void touch_heaps(void);
static void touch_zones(void);
static void touch_tailqs(void);
static void touch_mempools(void);
static void read_memory_map(void);
static void write_memory_map(void);

/* give_back: what helps if all before it were to be had. */
static const struct lock {
	const char *name;
	void (*touch)(void);
	void (*give_back)(void);
} locks[] = {
	{"the heap", touch_heaps, NULL},
	{"the list of memory zones", touch_zones, NULL},
	{"the tail queues", touch_tailqs, NULL},
	{"the list of mempools", touch_mempools, NULL},
	{"the map of memory", read_memory_map, NULL},
	{"the map of memory, by readers", write_memory_map, rte_mcfg_mem_read_unlock},
};

static int start_thread(struct lockprobe *probe);
static void *run(void *arg);
static bool wait_until_due(struct lockprobe *probe);
static uint64_t cpu_ms(const struct lockprobe *probe);

int
lockprobe_start(struct lockprobe **out, struct err *err)
{
	struct lockprobe *probe = calloc(1, sizeof(*probe));
	pthread_condattr_t clock;
	int error;

	if (probe == NULL)
		return err_sys(err, ENOMEM, "cannot look at locks");
	if (rte_memzone_reserve(ZONE, RTE_CACHE_LINE_SIZE, SOCKET_ID_ANY, 0) == NULL) {
		free(probe);
		return err_set(err, ERR_NO_RESOURCE, "--memory", NULL,
			"no memory to start with");
	}
	pthread_mutex_init(&probe->mutex, NULL);
	pthread_condattr_init(&clock);
	pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
	pthread_cond_init(&probe->changed, &clock);
	pthread_condattr_destroy(&clock);
	probe->at = -1;
	error = start_thread(probe);
	if (error != 0) {
		free(probe);
		return err_sys(err, error, "cannot look at locks");
	}
	*out = probe;
	return 0;
}

void
lockprobe_stop(struct lockprobe *probe)
{
	if (probe == NULL)
		return;
	pthread_mutex_lock(&probe->mutex);
	probe->stop = true;
	pthread_cond_signal(&probe->changed);
	pthread_mutex_unlock(&probe->mutex);
	pthread_join(probe->thread, NULL);
	pthread_cond_destroy(&probe->changed);
	pthread_mutex_destroy(&probe->mutex);
	free(probe);
}

void
lockprobe_now(struct lockprobe *probe)
{
	pthread_mutex_lock(&probe->mutex);
	probe->due = true;
	pthread_cond_signal(&probe->changed);
	pthread_mutex_unlock(&probe->mutex);
}

const char *
lockprobe_lost(struct lockprobe *probe)
{
	const int at = __atomic_load_n(&probe->at, __ATOMIC_ACQUIRE);
	const uint32_t passed = __atomic_load_n(&probe->passed, __ATOMIC_ACQUIRE);
	const uint64_t now_ms = loop_now_ms();

	if (at < 0 || passed != probe->seen || probe->since_ms == 0) {
		probe->seen = passed;
		probe->since_ms = at < 0 ? 0 : now_ms;
		probe->cpu_ms = at < 0 ? 0 : cpu_ms(probe);
		return NULL;
	}
	if (now_ms - probe->since_ms < LOCKPROBE_MS ||
		cpu_ms(probe) - probe->cpu_ms < LOCKPROBE_CPU_MS)
		return NULL;
	if (locks[at].give_back == NULL)
		return locks[at].name;
	log_warn("a dead process holds a lock", "lock=\"%s\" next=\"give it back\"",
		locks[at].name);
	probe->since_ms = 0;
	locks[at].give_back();
	return NULL;
}

/* The thread takes no signals: they are for the control thread's loop. */
static int
start_thread(struct lockprobe *probe)
{
	sigset_t all, before;
	int error;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_create(&probe->thread, NULL, run, probe);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return error;
}

static void *
run(void *arg)
{
	struct lockprobe *probe = arg;

	while (wait_until_due(probe))
		for (int i = 0; i < (int)RTE_DIM(locks); i++) {
			__atomic_store_n(&probe->at, i, __ATOMIC_RELEASE);
			locks[i].touch();
			__atomic_store_n(&probe->at, -1, __ATOMIC_RELEASE);
			__atomic_fetch_add(&probe->passed, 1, __ATOMIC_RELEASE);
		}
	return NULL;
}

/* False: it should end. */
static bool
wait_until_due(struct lockprobe *probe)
{
	struct timespec until;
	bool stop;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += LOCKPROBE_EVERY_MS / 1000;
	pthread_mutex_lock(&probe->mutex);
	while (!probe->stop && !probe->due)
		if (pthread_cond_timedwait(&probe->changed, &probe->mutex, &until) ==
			ETIMEDOUT)
			break;
	probe->due = false;
	stop = probe->stop;
	pthread_mutex_unlock(&probe->mutex);
	return !stop;
}

/* Waiting for a lock is spinning. */
static uint64_t
cpu_ms(const struct lockprobe *probe)
{
	struct timespec used = {0};
	clockid_t clock;

	if (pthread_getcpuclockid(probe->thread, &clock) == 0)
		clock_gettime(clock, &used);
	return (uint64_t)used.tv_sec * 1000 + (uint64_t)used.tv_nsec / 1000000;
}

static void
touch_heaps(void)
{
	for (unsigned i = 0; i < rte_socket_count(); i++)
		rte_free(rte_malloc_socket(
			NULL, RTE_CACHE_LINE_SIZE, 0, rte_socket_id_by_idx(i)));
}

/* It exists, so it is refused, with the lock in hand. */
static void
touch_zones(void)
{
	rte_memzone_reserve(ZONE, RTE_CACHE_LINE_SIZE, SOCKET_ID_ANY, 0);
}

static void
touch_tailqs(void)
{
	rte_mcfg_tailq_write_lock();
	rte_mcfg_tailq_write_unlock();
}

static void
touch_mempools(void)
{
	rte_mcfg_mempool_write_lock();
	rte_mcfg_mempool_write_unlock();
}

static void
read_memory_map(void)
{
	rte_mcfg_mem_read_lock();
	rte_mcfg_mem_read_unlock();
}

static void
write_memory_map(void)
{
	rte_mcfg_mem_write_lock();
	rte_mcfg_mem_write_unlock();
}
