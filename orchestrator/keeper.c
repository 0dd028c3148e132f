/* keeper.c: see keeper.h. */
#include "orchestrator/keeper.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "orchestrator/kept.h"
#include "orchestrator/observe.h"
#include "orchestrator/pacer.h"

#define LOOK_MS 1000

struct entry { /* a service */
	struct entry *next;
	struct kept kept;
	json_t *told; /* what keeper_tell() answers */
	bool seen;    /* in this look */
};

struct keeper {
	struct orch *orch;
	struct pacer pacer;
	struct entry *services; /* the list, and what is told, under its lock */
};

static void *keeper_thread(void *arg);
static void look(struct keeper *keeper);
static void look_at(struct keeper *keeper, const struct db_policy_service *service,
	const json_t *observed);
static struct entry *find(struct keeper *keeper, const char *ns);
static struct entry *find_or_add(struct keeper *keeper, const char *ns);
static void forget_unseen(struct keeper *keeper);
static unsigned look_ms(void);
static int64_t now_ms(void);

int
keeper_open(struct orch *orch, struct keeper **out, struct err *err)
{
	struct keeper *keeper = calloc(1, sizeof(*keeper));
	if (!keeper)
		return err_set(err, ERR_INTERNAL, NULL, NULL, "out of memory");
	keeper->orch = orch;
	int rc = pacer_open(&keeper->pacer, keeper_thread, keeper, err);
	if (rc)
		free(keeper);
	else
		*out = keeper;
	return rc;
}

bool
keeper_close(struct keeper *keeper)
{
	if (!keeper)
		return true;
	if (!pacer_stop(&keeper->pacer))
		return false;
	for (struct entry *entry = keeper->services; entry; entry = entry->next)
		entry->seen = false;
	forget_unseen(keeper);
	pacer_clear(&keeper->pacer);
	free(keeper);
	return true;
}

json_t *
keeper_tell(struct keeper *keeper, const char *ns)
{
	json_t *told = NULL;
	if (!keeper)
		return NULL;
	pthread_mutex_lock(&keeper->pacer.lock);
	const struct entry *entry = find(keeper, ns);
	if (entry)
		told = json_deep_copy(entry->told); /* threads share no references */
	pthread_mutex_unlock(&keeper->pacer.lock);
	return told;
}

json_t *
keeper_tell_vnf(struct keeper *keeper, const char *ns, const char *profile)
{
	json_t *all = keeper_tell(keeper, ns), *told = NULL, *one;
	size_t i;
	json_array_foreach (all, i, one) {
		const char *vnf = json_string_value(json_object_get(one, "vnf"));
		if (told || !vnf || strcmp(vnf, profile) != 0)
			continue;
		told = json_copy(one);
		json_object_del(told, "vnf");
	}
	json_decref(all);
	return told;
}

static void *
keeper_thread(void *arg)
{
	struct keeper *keeper = arg;
	const unsigned ms = look_ms();
	while (!pacer_pause(&keeper->pacer, ms))
		look(keeper);
	return NULL;
}

static void
look(struct keeper *keeper)
{
	struct db_policy_service *services;
	size_t n;
	if (db_policy_services(keeper->orch->db, &services, &n, NULL))
		return;
	json_t *observed = n ? observe_vnfs_brief(keeper->orch) : NULL;
	for (size_t i = 0; i < n && !pacer_pause(&keeper->pacer, 0); i++)
		look_at(keeper, &services[i], observed);
	json_decref(observed);
	db_policy_services_free(services, n);
	forget_unseen(keeper);
}

static void
look_at(struct keeper *keeper, const struct db_policy_service *service,
	const json_t *observed)
{
	struct entry *entry = find_or_add(keeper, service->ns);
	if (!entry)
		return;
	json_t *told = kept_look(keeper->orch, &entry->kept, service, observed, now_ms());
	pthread_mutex_lock(&keeper->pacer.lock);
	json_decref(entry->told);
	entry->told = told;
	entry->seen = true;
	pthread_mutex_unlock(&keeper->pacer.lock);
}

static struct entry *
find(struct keeper *keeper, const char *ns)
{
	struct entry *entry = keeper->services;
	while (entry && strcmp(entry->kept.ns, ns) != 0)
		entry = entry->next;
	return entry;
}

/* Only the thread adds and removes. */
static struct entry *
find_or_add(struct keeper *keeper, const char *ns)
{
	struct entry *entry = find(keeper, ns);
	if (entry)
		return entry;
	entry = calloc(1, sizeof(*entry));
	if (!entry)
		return NULL;
	kept_open(&entry->kept, ns);
	pthread_mutex_lock(&keeper->pacer.lock);
	entry->next = keeper->services;
	keeper->services = entry;
	pthread_mutex_unlock(&keeper->pacer.lock);
	return entry;
}

/* Services that are gone, or have no policy any more. */
static void
forget_unseen(struct keeper *keeper)
{
	pthread_mutex_lock(&keeper->pacer.lock);
	for (struct entry **at = &keeper->services; *at;) {
		struct entry *entry = *at;
		if (entry->seen) {
			entry->seen = false;
			at = &entry->next;
			continue;
		}
		*at = entry->next;
		kept_clear(&entry->kept);
		json_decref(entry->told);
		free(entry);
	}
	pthread_mutex_unlock(&keeper->pacer.lock);
}

static unsigned
look_ms(void)
{
	const char *said = getenv("RENGA_POLICY_MS");
	const unsigned long ms = said ? strtoul(said, NULL, 10) : 0;
	return ms >= 10 && ms <= 600000 ? (unsigned)ms : LOOK_MS;
}

static int64_t
now_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}
