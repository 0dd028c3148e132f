/* instance.c: see instance.h. */
#include "dataplane/runtime/instance.h"
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <rte_cycles.h>
#include "common/fault.h"
#include "common/log.h"

static void make_context(struct instance *instance, const struct vnf_type *type,
	struct shm_host *host, struct shm_slot *slot);
static uint64_t wall_clock_ns(void);
static int check_state(
	const struct instance *instance, const void *config, struct faults *faults);
static int check_format(
	const struct instance *instance, bool empty, struct faults *faults);
static bool can_read(const struct vnf_type *type, const struct shm_slot *slot);
static const char *format_of(const struct vnf_type *type);
static void take_region(struct instance *instance);
static int open_plugin(
	struct instance *instance, const void *config, struct faults *faults);
static int build(struct instance *instance, const void *config, void **built,
	struct faults *faults);
static int hand_over(
	struct instance *instance, void *built, void **replaced, struct faults *faults);
static void discard(struct instance *instance, struct instance_config *config);
static int add_err(struct faults *faults, const struct err *err, int rc);

int
instance_open(struct instance *instance, const struct vnf_type *type,
	struct shm_host *host, struct shm_slot *slot, const json_t *json, bool empty,
	struct faults *faults)
{
	void *config;
	int rc = vnf_config_parse(type, json, &config, faults);

	if (rc != 0)
		return rc;
	make_context(instance, type, host, slot);
	rc = check_state(instance, config, faults);
	if (rc == 0)
		rc = check_format(instance, empty, faults);
	if (rc == 0)
		rc = open_plugin(instance, config, faults);
	if (rc != 0)
		goto fail;
	rc = build(instance, config, &instance->built, faults);
	if (rc != 0) {
		type->close(&instance->vnf);
		goto fail;
	}
	instance->config = config;
	instance->config_generation = 1;
	return 0;
fail:
	vnf_config_free(type, config);
	return rc;
}

int
instance_adopt(struct instance *instance, struct shm_host *host, struct err *err)
{
	const struct vnf_type *type = instance->vnf.type;
	struct shm_slot *slot = instance->slot;
	int rc = 0;

	take_region(instance);
	instance->vnf.now_ns = worker_clock_ns(host, rte_rdtsc());
	if (type->adopt != NULL)
		rc = type->adopt(&instance->vnf, err);
	if (rc != 0)
		return rc;
	slot->region_version = type->state_version;
	snprintf(slot->region_format, sizeof(slot->region_format), "%s", format_of(type));
	if (type->swap != NULL)
		type->swap(&instance->vnf, instance->built);
	instance->used = instance->built;
	instance->built = NULL;
	FAULT_POINT("start-opened");
	/* From here on the dataplane counts on us: wiring waits for our acknowledgement.
	 */
	__atomic_store_n(&slot->pid, getpid(), __ATOMIC_RELEASE);
	FAULT_POINT("start-owned");
	worker_open(&instance->worker, host, slot, &instance->vnf);
	return 0;
}

int
instance_build(struct instance *instance, const json_t *json,
	struct instance_config *prepared, struct faults *faults)
{
	const struct vnf_type *type = instance->vnf.type;
	void *config, *built;
	int rc = vnf_config_parse(type, json, &config, faults);

	if (rc != 0)
		return rc;
	rc = check_state(instance, config, faults);
	if (rc == 0)
		rc = build(instance, config, &built, faults);
	if (rc != 0) {
		vnf_config_free(type, config);
		return rc;
	}
	FAULT_POINT("configure-built");
	*prepared = (struct instance_config){.config = config, .built = built};
	return 0;
}

int
instance_use(struct instance *instance, struct instance_config *prepared,
	struct faults *faults)
{
	struct instance_config old = {.config = instance->config};
	int rc = hand_over(instance, prepared->built, &old.built, faults);

	if (rc != 0)
		return rc; /* the worker may still take it over, so its configuration
			      stays */
	if (old.built != NULL && old.built == instance->refining)
		instance->retired = old;
	else
		discard(instance, &old);
	instance->config = prepared->config;
	instance->config_generation++;
	return 0;
}

int
instance_use_refined(struct instance *instance, void *better, struct faults *faults)
{
	struct instance_config old = {0};
	int rc = hand_over(instance, better, &old.built, faults);

	if (rc == 0)
		discard(instance, &old);
	return rc;
}

void
instance_refined(struct instance *instance)
{
	instance->refining = NULL;
	discard(instance, &instance->retired);
}

static void
discard(struct instance *instance, struct instance_config *config)
{
	if (config->built != NULL)
		instance->vnf.type->destroy(&instance->vnf, config->built);
	vnf_config_free(instance->vnf.type, config->config);
	*config = (struct instance_config){0};
}

void
instance_close(struct instance *instance)
{
	instance->vnf.type->close(&instance->vnf);
	vnf_config_free(instance->vnf.type, instance->config);
}

static void
make_context(struct instance *instance, const struct vnf_type *type,
	struct shm_host *host, struct shm_slot *slot)
{
	struct vnf *vnf = &instance->vnf;
	const uint64_t tsc = rte_rdtsc();

	memset(instance, 0, sizeof(*instance));
	instance->slot = slot;
	vnf->type = type;
	vnf->name = slot->name;
	vnf->now_ns = worker_clock_ns(host, tsc);
	vnf->wall_offset_ns = wall_clock_ns() - vnf->now_ns;
	vnf->seed = (tsc ^ (uint64_t)slot->turn << 32 ^ (uint64_t)getpid()) *
		    0x9e3779b97f4a7c15ull;
	vnf->state = slot->region_size > 0 ? slot->region : NULL;
	vnf->state_size = slot->region_size;
	memcpy(vnf->port_mac, slot->macs, sizeof(vnf->port_mac));
	vnf->scaled = slot->spread != NULL;
	vnf->replica = slot->replica;
}

static uint64_t
wall_clock_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * 1000000000ull + (uint64_t)now.tv_nsec;
}

/* ---- state ------------------------------------------------------------------------- */

static int
check_state(const struct instance *instance, const void *config, struct faults *faults)
{
	const struct vnf_type *type = instance->vnf.type;
	const size_t needed = type->state_size != NULL ? type->state_size(config) : 0;

	if (needed <= instance->slot->region_size)
		return 0;
	return faults_add(faults, ERR_STATE, NULL,
		"restart the VNF, so that it gets a larger region",
		"this configuration needs %zu KiB of instance state, the instance has "
		"%lu KiB",
		needed >> 10, instance->slot->region_size >> 10);
}

/* What lies in the region was written by a type that we can read, or may be forgotten. */
static int
check_format(const struct instance *instance, bool empty, struct faults *faults)
{
	const struct shm_slot *slot = instance->slot;
	const struct vnf_type *type = instance->vnf.type;

	if (slot->region_version == 0 || can_read(type, slot))
		return 0;
	if (empty) {
		log_warn("state not taken over",
			"vnf=%s has=%s/%u reads=%s/%u next=\"starts empty\"", slot->name,
			slot->region_format, slot->region_version, format_of(type),
			type->state_version);
		return 0;
	}
	return faults_add(faults, ERR_STATE, NULL,
		"allow it to start without its state, or take a version that reads it",
		"the instance has state of form %s version %u, this program reads %s "
		"version %u",
		slot->region_format, slot->region_version, format_of(type),
		type->state_version);
}

static bool
can_read(const struct vnf_type *type, const struct shm_slot *slot)
{
	const uint32_t oldest =
		type->state_oldest != 0 ? type->state_oldest : type->state_version;

	return strcmp(slot->region_format, format_of(type)) == 0 &&
	       slot->region_version >= oldest &&
	       slot->region_version <= type->state_version;
}

static const char *
format_of(const struct vnf_type *type)
{
	return type->state_format != NULL ? type->state_format : type->name;
}

static void
take_region(struct instance *instance)
{
	struct shm_slot *slot = instance->slot;

	if (slot->region_version != 0 && !can_read(instance->vnf.type, slot)) {
		memset(slot->region, 0, slot->region_size);
		slot->region_version = 0;
	}
	instance->vnf.state_fresh = slot->region_version == 0;
}

static int
open_plugin(struct instance *instance, const void *config, struct faults *faults)
{
	struct vnf *vnf = &instance->vnf;
	struct err err = {0};
	int rc = vnf->type->open(vnf, config, &err);

	return rc != 0 ? add_err(faults, &err, rc) : 0;
}

/* ---- configuration ----------------------------------------------------------------- */

static int
build(struct instance *instance, const void *config, void **built, struct faults *faults)
{
	*built = NULL;
	if (instance->vnf.type->build == NULL)
		return 0;
	return instance->vnf.type->build(&instance->vnf, config, built, faults);
}

static int
hand_over(struct instance *instance, void *built, void **replaced, struct faults *faults)
{
	const struct vnf_type *type = instance->vnf.type;
	struct err err = {0};
	int rc;

	if (type->swap == NULL)
		return 0;
	rc = worker_swap(&instance->worker, built, replaced, &err);
	if (rc != 0)
		return add_err(faults, &err, rc);
	instance->used = built;
	return 0;
}

static int
add_err(struct faults *faults, const struct err *err, int rc)
{
	faults_add_err(faults, err);
	return rc;
}
