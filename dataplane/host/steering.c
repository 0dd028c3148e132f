/* steering.c: see steering.h. */
#include "dataplane/host/steering.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <rte_malloc.h>
#include "common/log.h"
#include "dataplane/host/wiring.h"
#include "dataplane/shm/steer.h"

static int end_former(struct host *host, struct pool *pool, struct err *err);
static int make(struct pool_steering *steering, const json_t *json, struct steer **steer,
	struct err *err);
static int prepare(struct pool_steering *steering, struct err *err);
static bool is_named(const struct steer *steer, unsigned path);

int
steering_change(struct host *host, struct pool *pool, const json_t *json, struct err *err)
{
	struct pool_steering *steering = &pool->steering;
	struct steer *steer = NULL;
	struct err late;
	int rc;

	if (json_is_null(json) || (json_is_array(json) && json_array_size(json) == 0))
		json = NULL;
	if (json == steering->rules || json_equal(json, steering->rules))
		return 0;
	rc = end_former(host, pool, err);
	if (rc == 0 && json != NULL)
		rc = make(steering, json, &steer, err);
	if (rc < 0)
		return rc;
	steering->changed = true;
	steering->former = steering->steer;
	steering->steer = steer;
	json_decref(steering->rules);
	steering->rules = json_deep_copy(json);
	log_info("service has other paths", "ns=%s rules=%zu", pool->ns,
		json_array_size(json));
	if (end_former(host, pool, &late) < 0)
		log_warn("rules of before stay", "ns=%s reason=\"%s\" next=later",
			pool->ns, late.text);
	return 0;
}

void
steering_clear(struct pool_steering *steering)
{
	steer_free(steering->steer);
	steer_free(steering->former);
	rte_free(steering->counts);
	json_decref(steering->rules);
	*steering = (struct pool_steering){0};
}

json_t *
steering_counts(const struct pool_steering *steering)
{
	json_t *list;

	if (steering->counts == NULL)
		return NULL;
	list = json_array();
	for (unsigned i = 1; i <= STEER_PATH_MAX; i++) {
		const uint64_t packets = __atomic_load_n(
			&steering->counts->paths[i].packets, __ATOMIC_RELAXED);

		if (packets == 0 && !is_named(steering->steer, i))
			continue;
		json_array_append_new(
			list, json_pack("{s:i, s:I, s:I}", "path", (int)i, "packets",
				      (json_int_t)packets, "bytes",
				      (json_int_t)__atomic_load_n(
					      &steering->counts->paths[i].bytes,
					      __ATOMIC_RELAXED)));
	}
	return list;
}

/* When all who send follow the newest wiring. */
static int
end_former(struct host *host, struct pool *pool, struct err *err)
{
	struct pool_steering *steering = &pool->steering;
	int rc;

	if (!steering->changed)
		return 0;
	rc = wiring_apply(host, pool, NULL, err);
	if (rc < 0)
		return rc;
	steer_free(steering->former);
	steering->former = NULL;
	steering->changed = false;
	return 0;
}

static int
make(struct pool_steering *steering, const json_t *json, struct steer **steer,
	struct err *err)
{
	struct steer_rules rules;
	struct faults faults = {0};
	int *like;
	int rc = steer_rules_parse(json, "steer", &rules, &faults);

	if (rc < 0) {
		rc = faults_first(&faults, err);
		faults_clear(&faults);
		return rc;
	}
	like = steer_rules_like(json, steering->rules);
	rc = prepare(steering, err);
	if (rc == 0 && like == NULL)
		rc = err_sys(err, ENOMEM, "cannot make a classifier");
	if (rc == 0)
		rc = steer_make(steer, &rules, steering->seed, steering->counts,
			steering->steer, like, err);
	if (rc < 0)
		err_prefix(err, "steer");
	free(like);
	steer_rules_clear(&rules);
	return rc;
}

static int
prepare(struct pool_steering *steering, struct err *err)
{
	if (steering->counts != NULL)
		return 0;
	if (getrandom(&steering->seed, sizeof(steering->seed), 0) !=
		sizeof(steering->seed))
		return err_sys(err, errno, "cannot make a classifier");
	steering->counts = rte_zmalloc(
		"steer-counts", sizeof(*steering->counts), RTE_CACHE_LINE_SIZE);
	if (steering->counts != NULL)
		return 0;
	return err_set(err, ERR_NO_RESOURCE, NULL, "a dataplane with a larger --memory",
		"no packet memory for a classifier");
}

static bool
is_named(const struct steer *steer, unsigned path)
{
	for (uint32_t i = 0; steer != NULL && i < steer->n; i++)
		if (memchr(steer->choices[i].paths, (int)path, STEER_BUCKETS) != NULL)
			return true;
	return false;
}
