/* engine.c: the workers: a queue of occurrences, and the services that are claimed. */
#include "orchestrator/engine.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include "common/log.h"
#include "db/occurrences.h"
#include "orchestrator/run.h"

#define MAX_WORKERS	 128 /* those that rest included */
#define KEEP_OCCURRENCES 100000
#define PRUNE_EVERY	 1000 /* operations */

struct entry {
	struct entry *next;
	char name[64];
};

struct engine {
	struct run run;
	pthread_mutex_t lock;
	pthread_cond_t changed; /* the queue, the claims, or stop */
	struct entry *queue, *claims;
	unsigned workers; /* that do something at once, but for those that rest */
	unsigned working, resting;
	unsigned begun; /* operations */
	bool stop, resumed;
	pthread_t threads[MAX_WORKERS];
	unsigned n_threads;
};

static int add_worker(struct engine *engine);
static void on_rest(void *arg, bool rests);
static bool may_work(const struct engine *engine);
static void *worker(void *arg);
static void work(struct engine *engine, const char *occurrence);
static void prune(struct engine *engine);
static bool find(struct entry *list, const char *name);
static void append(struct entry **list, const char *name);
static void drop(struct entry **list, const char *name);

int
engine_open(struct db *db, const struct vnfm *vnfm, unsigned workers, struct engine **out,
	struct err *err)
{
	int rc = db_occurrence_prune(db, KEEP_OCCURRENCES, err);
	if (rc)
		return rc;
	struct engine *engine = calloc(1, sizeof(*engine));
	if (!engine)
		return err_set(err, ERR_INTERNAL, NULL, NULL, "out of memory");
	pthread_mutex_init(&engine->lock, NULL);
	pthread_cond_init(&engine->changed, NULL);
	run_open(&engine->run, db, vnfm);
	engine->run.rests = on_rest;
	engine->run.arg = engine;
	engine->workers = workers;
	while (engine->n_threads < workers) {
		rc = add_worker(engine);
		if (rc) {
			engine_close(engine);
			return err_sys(err, rc, "cannot start a worker");
		}
	}
	*out = engine;
	return 0;
}

void
engine_stop(struct engine *engine)
{
	if (!engine)
		return;
	pthread_mutex_lock(&engine->lock);
	engine->stop = true;
	pthread_cond_broadcast(&engine->changed);
	pthread_mutex_unlock(&engine->lock);
	run_stop(&engine->run);
	while (engine->n_threads)
		pthread_join(engine->threads[--engine->n_threads], NULL);
}

void
engine_close(struct engine *engine)
{
	if (!engine)
		return;
	engine_stop(engine);
	while (engine->queue)
		drop(&engine->queue, engine->queue->name);
	while (engine->claims)
		drop(&engine->claims, engine->claims->name);
	run_close(&engine->run);
	pthread_cond_destroy(&engine->changed);
	pthread_mutex_destroy(&engine->lock);
	free(engine);
}

void
engine_submit(struct engine *engine, const char *occurrence)
{
	pthread_mutex_lock(&engine->lock);
	append(&engine->queue, occurrence);
	pthread_cond_broadcast(&engine->changed);
	pthread_mutex_unlock(&engine->lock);
}

void
engine_resume(struct engine *engine)
{
	struct db_occurrence *rows;
	size_t n;
	struct err err;
	pthread_mutex_lock(&engine->lock);
	const bool again = engine->resumed;
	engine->resumed = true;
	pthread_mutex_unlock(&engine->lock);
	if (again)
		return;
	if (db_occurrence_list_unfinished(engine->run.db, &rows, &n, &err)) {
		run_complain("unfinished operations cannot be read", &err);
		return;
	}
	for (size_t i = 0; i < n; i++)
		engine_submit(engine, rows[i].id);
	db_occurrences_free(rows, n);
}

bool
engine_try_claim(struct engine *engine, const char *ns)
{
	pthread_mutex_lock(&engine->lock);
	const bool free_now = !find(engine->claims, ns);
	if (free_now)
		append(&engine->claims, ns);
	pthread_mutex_unlock(&engine->lock);
	return free_now;
}

void
engine_release(struct engine *engine, const char *ns)
{
	pthread_mutex_lock(&engine->lock);
	drop(&engine->claims, ns);
	pthread_cond_broadcast(&engine->changed);
	pthread_mutex_unlock(&engine->lock);
}

void
engine_drain(struct engine *engine)
{
	pthread_mutex_lock(&engine->lock);
	while (!engine->stop && (engine->queue || engine->working))
		pthread_cond_wait(&engine->changed, &engine->lock);
	pthread_mutex_unlock(&engine->lock);
}

/* 0, or what a thread could not be made for. */
static int
add_worker(struct engine *engine)
{
	if (engine->n_threads == MAX_WORKERS)
		return EAGAIN;
	const int rc =
		pthread_create(&engine->threads[engine->n_threads], NULL, worker, engine);
	engine->n_threads += rc == 0;
	return rc;
}

/* Another does what comes meanwhile. */
static void
on_rest(void *arg, bool rests)
{
	struct engine *engine = arg;
	pthread_mutex_lock(&engine->lock);
	engine->resting += rests ? 1 : -1u;
	if (rests && !engine->stop &&
		engine->n_threads - engine->resting < engine->workers &&
		add_worker(engine))
		log_warn("operations wait for those that drain", "workers=%u resting=%u",
			engine->n_threads, engine->resting);
	pthread_cond_broadcast(&engine->changed);
	pthread_mutex_unlock(&engine->lock);
}

static bool
may_work(const struct engine *engine)
{
	return engine->queue && engine->working - engine->resting < engine->workers;
}

static void *
worker(void *arg)
{
	struct engine *engine = arg;
	pthread_mutex_lock(&engine->lock);
	while (!engine->stop) {
		char id[64];
		if (!may_work(engine)) {
			pthread_cond_wait(&engine->changed, &engine->lock);
			continue;
		}
		memcpy(id, engine->queue->name, sizeof(id));
		drop(&engine->queue, id);
		engine->working++;
		const bool many = ++engine->begun % PRUNE_EVERY == 0;
		pthread_mutex_unlock(&engine->lock);
		work(engine, id);
		if (many)
			prune(engine);
		pthread_mutex_lock(&engine->lock);
		engine->working--;
		pthread_cond_broadcast(&engine->changed);
	}
	pthread_mutex_unlock(&engine->lock);
	return NULL;
}

static void
work(struct engine *engine, const char *id)
{
	struct db_occurrence row = {0};
	struct err err;
	int rc;
	do
		rc = db_occurrence_get(engine->run.db, id, &row, &err);
	while (run_may_try_again(&engine->run, rc, &err));
	if (rc) {
		run_complain("operation cannot be read", &err);
		return;
	}
	pthread_mutex_lock(&engine->lock);
	while (find(engine->claims, row.ns_id) && !engine->stop)
		pthread_cond_wait(&engine->changed, &engine->lock);
	append(&engine->claims, row.ns_id);
	const bool stop = engine->stop;
	pthread_mutex_unlock(&engine->lock);
	if (!stop)
		run_occurrence(&engine->run, id);
	engine_release(engine, row.ns_id);
	db_occurrence_clear(&row);
}

/* What is not deleted now is so later. */
static void
prune(struct engine *engine)
{
	struct err err;
	if (db_occurrence_prune(engine->run.db, KEEP_OCCURRENCES, &err))
		run_complain("old operations cannot be deleted", &err);
}

static bool
find(struct entry *list, const char *name)
{
	while (list && strcmp(list->name, name) != 0)
		list = list->next;
	return list != NULL;
}

static void
append(struct entry **list, const char *name)
{
	struct entry *entry = calloc(1, sizeof(*entry));
	if (!entry)
		abort();
	strncpy(entry->name, name, sizeof(entry->name) - 1);
	while (*list)
		list = &(*list)->next;
	*list = entry;
}

static void
drop(struct entry **list, const char *name)
{
	while (*list && strcmp((*list)->name, name) != 0)
		list = &(*list)->next;
	struct entry *entry = *list;
	if (!entry)
		return;
	*list = entry->next;
	free(entry);
}
