/* slot.c: the place of a VNF instance. What happens after its process died is in
 * slot_clear.c. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <rte_malloc.h>
#include "common/loop.h"
#include "dataplane/host/io.h"
#include "dataplane/host/process.h"
#include "dataplane/host/ring.h"
#include "dataplane/host/slot.h"
#include "dataplane/shm/doorbell.h"

#define RETURNS_SIZE	1024
#define STASH_SIZE	(2 * SHM_STASH) /* a ring holds one less than its size */
#define PATIENCE_NS	1000000
#define WIRE_TIMEOUT_MS 1000
#define WIRE_POLL_US	20
#define REGION_MAX	(64ull << 30)

static struct shm_slot *find_free(struct shm_host *shm);
static int make_rings(struct slot *slot, struct err *err);
static void adopt(struct slot *slot, const struct slot_want *want);
static enum spread_by spread_by(const json_t *name);
static void make_macs(struct shm_slot *shm, const char *id, unsigned replica);
static int grow_region(struct slot *slot, uint64_t size, bool keep, struct err *err);
static bool can_succeed(const struct slot *slot, const struct slot_want *want);
static bool same_names(const json_t *wanted, const char (*names)[32], unsigned n);
static int check_names(
	const json_t *names, const char *path, unsigned max, struct err *err);

int
slot_check(const struct slot_want *want, struct err *err)
{
	int rc = check_names(want->cps, "cps", SHM_CPS, err);

	if (rc == 0)
		rc = check_names(want->reasons, "reasons", SHM_REASONS, err);
	if (rc < 0)
		return rc;
	if (strcmp(want->idle, "ladder") != 0 && strcmp(want->idle, "spin") != 0)
		return err_set(err, ERR_INVALID, "idle", "ladder or spin",
			"no way to idle is called '%s'", want->idle);
	if (want->share < 1 || want->share > SLOT_SHARE_MAX)
		return err_set(err, ERR_INVALID, "share", NULL,
			"a share is a weight from 1 to %u", SLOT_SHARE_MAX);
	if (want->state_size > REGION_MAX)
		return err_set(err, ERR_TOO_LARGE, "stateSize", NULL,
			"instance state is at most %llu GiB", REGION_MAX >> 30);
	return 0;
}

int
slot_create(struct shm_host *shm, const struct slot_want *want, struct pool *pool,
	struct shm_doorbell *care, struct slot **out, struct err *err)
{
	struct shm_slot *place = find_free(shm);
	struct slot *slot;
	int rc;

	if (place == NULL)
		return err_set(err, ERR_NO_RESOURCE, NULL,
			"delete services that are not needed",
			"all %u places for VNFs of this host are taken", SHM_SLOTS);
	slot = calloc(1, sizeof(*slot));
	if (slot == NULL)
		return err_sys(err, ENOMEM, "cannot make a slot");
	memset(place, 0, sizeof(*place));
	place->index = (uint32_t)(place - shm->slots);
	slot->shm = place;
	slot->pool = pool;
	place->care = care;
	rc = make_rings(slot, err);
	if (rc == 0)
		rc = grow_region(slot, want->state_size, false, err);
	if (rc < 0) {
		slot_destroy(slot);
		return rc;
	}
	adopt(slot, want);
	make_macs(place, want->of != NULL ? want->of : want->id, want->index);
	place->turn = 1;
	__atomic_store_n(&place->state, SHM_SLOT_RESERVED, __ATOMIC_RELEASE);
	*out = slot;
	return 0;
}

int
slot_update(struct slot *slot, const struct slot_want *want, struct err *err)
{
	int rc = 0;

	if (slot_is_alive(slot) && !can_succeed(slot, want))
		return err_set(err, ERR_STATE, NULL, "stop the VNF first",
			"connection points and drop reasons stay while the VNF runs, but "
			"for reasons that are added");
	if (slot_is_alive(slot) && want->state_size > slot->shm->region_size)
		return err_set(err, ERR_STATE, "stateSize", "stop the VNF first",
			"the instance state cannot grow while the VNF runs");
	if (want->state_size > slot->shm->region_size)
		rc = grow_region(slot, want->state_size, true, err);
	if (rc == 0)
		adopt(slot, want);
	return rc;
}

void
slot_destroy(struct slot *slot)
{
	struct shm_slot *shm;

	if (slot == NULL)
		return;
	shm = slot->shm;
	__atomic_store_n(&shm->state, SHM_SLOT_FREE, __ATOMIC_RELEASE);
	if (shm->returns != NULL)
		io_drain(shm->returns, slot->pool, &slot->garbage);
	if (shm->stash != NULL)
		io_drain(shm->stash, slot->pool, &slot->garbage);
	ring_destroy(shm->returns);
	ring_destroy(shm->stash);
	rte_free(shm->region);
	shm->returns = shm->stash = NULL;
	shm->region = NULL;
	json_decref(slot->tag);
	free(slot);
}

bool
slot_is_alive(const struct slot *slot)
{
	return process_lives(__atomic_load_n(&slot->shm->pid, __ATOMIC_ACQUIRE));
}

bool
slot_has_ring(const struct slot *slot, const struct rte_ring *ring)
{
	const struct shm_slot *shm = slot->shm;
	bool has = ring == shm->returns || ring == shm->stash;

	for (unsigned i = 0; i < SHM_CPS; i++)
		for (unsigned gen = 0; gen < 2; gen++)
			has |= ring == shm->wiring[gen].in[i].ring ||
			       ring == shm->wiring[gen].former[i] ||
			       ring == shm->wiring[gen].out[i].ring;
	for (unsigned gen = 0; gen < 2; gen++)
		for (unsigned i = 0; i < SHM_MORE; i++)
			has |= ring == shm->wiring[gen].more[i].in.ring ||
			       ring == shm->wiring[gen].more[i].former ||
			       ring == shm->wiring[gen].more[i].out.ring;
	return has && ring != NULL;
}

int
slot_cp(const struct slot *slot, const char *name)
{
	for (unsigned i = 0; i < slot->shm->n_cps; i++)
		if (strcmp(slot->cps[i], name) == 0)
			return (int)i;
	return -1;
}

bool
slot_is_running(const struct slot *slot)
{
	return __atomic_load_n(&slot->shm->state, __ATOMIC_ACQUIRE) == SHM_SLOT_RUNNING &&
	       slot_is_alive(slot);
}

int
slot_wire(struct slot *slot, const struct shm_wiring *wiring, struct err *err)
{
	struct shm_slot *shm = slot->shm;
	const uint32_t generation = shm->wiring_gen;
	int rc;

	if (memcmp(&shm->wiring[generation & 1], wiring, sizeof(*wiring)) == 0)
		return 0;
	rc = slot_wait_wired(slot, err); /* it may still be copying the other half */
	if (rc < 0)
		return rc;
	shm->wiring[(generation + 1) & 1] = *wiring;
	__atomic_store_n(&shm->wiring_gen, generation + 1, __ATOMIC_RELEASE);
	doorbell_ring(&shm->doorbell);
	return 0;
}

/* A process that is not there takes the wiring over when it comes. */
int
slot_wait_wired(struct slot *slot, struct err *err)
{
	const struct shm_slot *shm = slot->shm;
	const uint64_t end = loop_now_ms() + WIRE_TIMEOUT_MS;

	while (__atomic_load_n(&shm->wiring_ack, __ATOMIC_ACQUIRE) != shm->wiring_gen) {
		if (!slot_is_running(slot))
			break;
		if (loop_now_ms() >= end)
			return err_set(err, ERR_TIMEOUT, NULL,
				"kill it: its successor will follow",
				"VNF '%s' (pid %d) does not take over its wiring",
				shm->name, shm->pid);
		usleep(WIRE_POLL_US);
	}
	slot_settle(slot);
	return 0;
}

void
slot_set_patience(struct slot *slot, uint64_t patience_ns)
{
	__atomic_store_n(&slot->shm->patience_ns,
		patience_ns > 0 ? patience_ns : PATIENCE_NS, __ATOMIC_RELAXED);
}

void
slot_sample(struct slot *slot, uint64_t tsc)
{
	const uint64_t busy =
		__atomic_load_n(&slot->shm->counters.busy_tsc, __ATOMIC_RELAXED);

	if (tsc > slot->sampled_tsc && busy >= slot->busy_before)
		slot->busy = (double)(busy - slot->busy_before) /
			     (double)(tsc - slot->sampled_tsc);
	slot->busy_before = busy;
	slot->sampled_tsc = tsc;
}

static struct shm_slot *
find_free(struct shm_host *shm)
{
	for (unsigned i = 0; i < SHM_SLOTS; i++)
		if (shm->slots[i].state == SHM_SLOT_FREE)
			return &shm->slots[i];
	return NULL;
}

static int
make_rings(struct slot *slot, struct err *err)
{
	slot->shm->returns = ring_create(RETURNS_SIZE);
	slot->shm->stash = ring_create(STASH_SIZE);
	if (slot->shm->returns != NULL && slot->shm->stash != NULL)
		return 0;
	return err_set(err, ERR_NO_RESOURCE, NULL, "a dataplane with a larger --memory",
		"no packet memory for the rings of another VNF");
}

/* The shape (type, connection points, reasons) differs from what is there only while no
 * process runs. */
static void
adopt(struct slot *slot, const struct slot_want *want)
{
	struct shm_slot *shm = slot->shm;
	const json_t *name;
	size_t i;

	snprintf(slot->id, sizeof(slot->id), "%s", want->id);
	snprintf(slot->ns, sizeof(slot->ns), "%s", want->ns);
	snprintf(shm->id, sizeof(shm->id), "%s", want->id);
	snprintf(shm->name, sizeof(shm->name), "%s", want->name);
	snprintf(shm->type, sizeof(shm->type), "%s", want->type);
	json_array_foreach (want->cps, i, name)
		snprintf(slot->cps[i], sizeof(slot->cps[i]), "%s",
			json_string_value(name));
	json_array_foreach (want->reasons, i, name)
		snprintf(slot->reasons[i], sizeof(slot->reasons[i]), "%s",
			json_string_value(name));
	for (i = 0; i < SHM_CPS; i++)
		shm->spread_by[i] = (uint8_t)spread_by(json_array_get(want->spread, i));
	shm->n_cps = (uint32_t)json_array_size(want->cps);
	if (!slot_is_alive(slot) || json_array_size(want->reasons) > shm->n_reasons)
		shm->n_reasons = (uint32_t)json_array_size(want->reasons);
	shm->cpu = want->cpu;
	shm->patience_ns = PATIENCE_NS;
	slot->turn = RTE_MAX(PLAN_TURN * want->share / SLOT_SHARE, SHM_BURST);
	slot->spin = strcmp(want->idle, "spin") == 0;
}

static enum spread_by
spread_by(const json_t *name)
{
	const char *text = json_string_value(name);

	if (text != NULL && strcmp(text, "source") == 0)
		return SPREAD_BY_SOURCE;
	return text != NULL && strcmp(text, "port") == 0 ? SPREAD_BY_PORT
							 : SPREAD_BY_PAIR;
}

/* Stable over restarts of everything: a hash (FNV-1a) of the instance id and the index;
 * locally administered, unicast. Those of replicas differ in their last bits, which say
 * which one it is (spread_choose_frame()). */
static void
make_macs(struct shm_slot *shm, const char *id, unsigned replica)
{
	uint64_t hash = 0xcbf29ce484222325ull;
	uint64_t mixed;

	for (const char *c = id; *c != '\0'; c++)
		hash = (hash ^ (uint8_t)*c) * 0x100000001b3ull;
	for (unsigned cp = 0; cp < SHM_CPS; cp++) {
		mixed = (hash ^ cp) * 0x100000001b3ull;
		mixed ^= mixed >> 32;
		memcpy(shm->macs[cp], &mixed, sizeof(shm->macs[cp]));
		shm->macs[cp][0] = (uint8_t)((shm->macs[cp][0] & 0xfc) | 0x02);
		shm->macs[cp][5] =
			(uint8_t)((shm->macs[cp][5] & -SPREAD_REPLICAS) | replica);
	}
}

/* A larger region, all zero, or with what the smaller one held at its start. */
static int
grow_region(struct slot *slot, uint64_t size, bool keep, struct err *err)
{
	struct shm_slot *shm = slot->shm;
	void *region = NULL;

	if (size > 0) {
		region = rte_zmalloc("VNF state", size, RTE_CACHE_LINE_SIZE);
		if (region == NULL)
			return err_set(err, ERR_NO_RESOURCE, "stateSize",
				"a smaller state (max-sessions), or a dataplane with a "
				"larger --memory",
				"no packet memory for %lu KiB of instance state",
				size >> 10);
	}
	if (keep && shm->region != NULL)
		memcpy(region, shm->region, shm->region_size);
	else
		shm->region_version = 0;
	rte_free(shm->region);
	shm->region = region;
	shm->region_size = size;
	return 0;
}

/* A process of the wanted shape can take the place of the one that runs: same connection
 * points, and the numbers of drop reasons mean the same to both. */
static bool
can_succeed(const struct slot *slot, const struct slot_want *want)
{
	const unsigned n = (unsigned)json_array_size(want->reasons);

	return json_array_size(want->cps) == slot->shm->n_cps &&
	       same_names(want->cps, slot->cps, slot->shm->n_cps) &&
	       same_names(want->reasons, slot->reasons, RTE_MIN(n, slot->shm->n_reasons));
}

/* The first n. */
static bool
same_names(const json_t *wanted, const char (*names)[32], unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if (strcmp(json_string_value(json_array_get(wanted, i)), names[i]) != 0)
			return false;
	return true;
}

static int
check_names(const json_t *names, const char *path, unsigned max, struct err *err)
{
	const json_t *name;
	size_t i;

	if (!json_is_array(names) || json_array_size(names) > max)
		return err_set(err, ERR_INVALID, path, NULL,
			"is no list of at most %u names", max);
	json_array_foreach (names, i, name)
		if (!json_is_string(name) || json_string_length(name) > 31)
			return err_set(err, ERR_INVALID, path, NULL,
				"entry %zu is no name of at most 31 characters", i);
	return 0;
}
