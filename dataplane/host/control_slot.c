/* control_slot.c: slot.put, slot.clear, slot.del. */
#include <string.h>
#include <rte_eal.h>
#include "common/log.h"
#include "dataplane/host/control.h"
#include "dataplane/host/leftovers.h"
#include "dataplane/host/replicas.h"
#include "dataplane/host/request.h"
#include "dataplane/host/stats.h"

static const char *const states[] = {[SHM_SLOT_FREE] = "free",
	[SHM_SLOT_RESERVED] = "reserved",
	[SHM_SLOT_RUNNING] = "running",
	[SHM_SLOT_DRAINED] = "drained"};

static int read_want(const json_t *request, struct slot_want *want, struct err *err);
static int read_replica(const json_t *replica, struct slot_want *want, struct err *err);
static int read_group(const json_t *group, struct slot_want *want, struct err *err);
static struct slot *make(
	struct host *host, const struct slot_want *want, struct err *err);
static int check_dead(const struct slot *slot, struct err *err);
static uint32_t turn_of(const struct slot *slot);
static uint32_t clear(struct host *host, struct slot *slot);
static json_t *to_json(const struct slot *slot);
static json_t *macs(const struct shm_slot *shm);

json_t *
control_slot_put(struct host *host, const json_t *request, struct err *err)
{
	struct slot_want want;
	struct slot *slot;

	if (read_want(request, &want, err) < 0)
		return NULL;
	slot = host_slot(host, want.id);
	if (slot == NULL)
		slot = make(host, &want, err);
	else if (slot_update(slot, &want, err) < 0)
		return NULL;
	if (slot == NULL)
		return NULL;
	if (want.of != NULL && replicas_join(host, slot, &want, err) < 0)
		return NULL;
	control_keep_tag(&slot->tag, request);
	if (host_replan(host, NULL, err) < 0)
		return NULL;
	return to_json(slot);
}

json_t *
control_slot_clear(struct host *host, const json_t *request, struct err *err)
{
	json_int_t turn = -1;
	struct slot *slot;
	const char *id;
	uint32_t freed;

	if (request_unpack(request, err, "{s:s, s?I}", "id", &id, "turn", &turn) < 0)
		return NULL;
	slot = host_slot(host, id);
	if (slot == NULL) {
		err_set(err, ERR_NOT_FOUND, "id", NULL, "there is no slot for VNF '%s'",
			id);
		return NULL;
	}
	if (turn >= 0 && turn != (json_int_t)turn_of(slot))
		return json_pack(
			"{s:i, s:I}", "freed", 0, "turn", (json_int_t)turn_of(slot));
	if (check_dead(slot, err) < 0)
		return NULL;
	leftovers_sweep(rte_eal_get_runtime_dir());
	host_park(host);
	freed = clear(host, slot);
	lockprobe_now(host->lockprobe); /* the dead may have left one locked */
	if (host_replan(host, NULL, err) < 0)
		return NULL;
	log_info("slot cleared", "vnf=%s slot=%u freed=%u", id, slot->shm->index, freed);
	return json_pack("{s:I, s:I}", "freed", (json_int_t)freed, "turn",
		(json_int_t)slot->shm->turn);
}

json_t *
control_slot_del(struct host *host, const json_t *request, struct err *err)
{
	struct slot *slot;
	struct link *link;
	uint64_t crowded_out;
	const char *id;

	if (request_unpack(request, err, "{s:s}", "id", &id) < 0)
		return NULL;
	slot = host_slot(host, id);
	if (slot == NULL)
		return json_object();
	if (check_dead(slot, err) < 0)
		return NULL;
	link = host_link_of(host, slot, LINK_CUT);
	if (link != NULL && control_link_remove(host, link, err) < 0)
		return NULL;
	if (host_link_of(host, slot, LINK_ANY) != NULL) {
		err_set(err, ERR_STATE, "id", "delete the link first",
			"VNF '%s' still has a link", id);
		return NULL;
	}
	leftovers_sweep(rte_eal_get_runtime_dir());
	host_park(host);
	crowded_out = stats_slot_crowded_out(slot);
	clear(host, slot);
	lockprobe_now(host->lockprobe);
	LIST_REMOVE(slot, entry);
	replicas_leave(host, slot);
	slot_destroy(slot);
	log_info("slot deleted", "vnf=%s crowded_out=%lu", id, crowded_out);
	return host_replan(host, NULL, err) < 0 ? NULL : json_object();
}

json_t *
control_slot_list(const struct host *host)
{
	json_t *list = json_array();
	const struct slot *slot;

	LIST_FOREACH (slot, &host->slots, entry)
		json_array_append_new(list, to_json(slot));
	return list;
}

json_t *
control_slot_beats(const struct host *host)
{
	json_t *list = json_array();
	const struct slot *slot;

	LIST_FOREACH (slot, &host->slots, entry)
		json_array_append_new(
			list, json_pack("{s:s, s:i, s:I}", "id", slot->id, "pid",
				      (int)slot->shm->pid, "heartbeat",
				      (json_int_t)__atomic_load_n(
					      &slot->shm->heartbeat, __ATOMIC_RELAXED)));
	return list;
}

static int
read_want(const json_t *request, struct slot_want *want, struct err *err)
{
	json_int_t state_size = 0, core = 0, share = SLOT_SHARE;
	const json_t *replica = json_object_get(request, "replica");
	const json_t *group = json_object_get(request, "group");
	int rc;

	*want = (struct slot_want){.idle = "ladder"};
	rc = request_unpack(request, err,
		"{s:s, s:s, s:s, s:s, s:o, s:o, s?I, s?I, s?s, s?I}", "id", &want->id,
		"ns", &want->ns, "name", &want->name, "type", &want->type, "cps",
		&want->cps, "reasons", &want->reasons, "stateSize", &state_size, "core",
		&core, "idle", &want->idle, "share", &share);
	if (rc == 0)
		rc = request_check_id(want->id, "id", REQUEST_ID_MAX, err);
	if (rc == 0 && (state_size < 0 || core < 0 || core >= CORES_MAX))
		return err_set(err, ERR_INVALID, state_size < 0 ? "stateSize" : "core",
			NULL, "is out of range");
	if (rc == 0 && replica != NULL)
		rc = read_replica(replica, want, err);
	if (rc == 0 && group != NULL)
		rc = read_group(group, want, err);
	want->spread = json_object_get(request, "spread");
	want->state_size = (uint64_t)state_size;
	want->cpu = (unsigned)core;
	want->share = share < 0 || share > SLOT_SHARE_MAX ? 0 : (unsigned)share;
	return rc < 0 ? rc : slot_check(want, err);
}

static int
read_replica(const json_t *replica, struct slot_want *want, struct err *err)
{
	int index, n;
	int rc = request_unpack(replica, err, "{s:s, s:i, s:i}", "of", &want->of, "index",
		&index, "n", &n);

	if (rc == 0)
		rc = request_check_id(want->of, "of", REQUEST_ID_MAX, err);
	if (rc == 0 &&
		(n < 1 || n > SPREAD_REPLICAS || index < 0 || index >= SPREAD_REPLICAS))
		rc = err_set(err, ERR_INVALID, n < 1 ? "n" : "index", NULL,
			"a VNF has 1 to %u replicas, counted from 0", SPREAD_REPLICAS);
	if (rc < 0)
		err_prefix(err, "replica");
	want->index = (unsigned)index;
	want->n = (unsigned)n;
	return rc;
}

static int
read_group(const json_t *group, struct slot_want *want, struct err *err)
{
	int n = 1;
	int rc = request_unpack(group, err, "{s:s, s?i}", "name", &want->group, "n", &n);

	if (rc == 0)
		rc = request_check_id(want->group, "name", REQUEST_ID_MAX, err);
	if (rc < 0)
		err_prefix(err, "group");
	return rc;
}

static struct slot *
make(struct host *host, const struct slot_want *want, struct err *err)
{
	struct pool *pool = host_pool(host, want->ns);
	const unsigned worker = host_least_busy(host);
	struct slot *slot;

	if (pool == NULL) {
		err_set(err, ERR_NOT_FOUND, "ns", NULL, "service '%s' has no pool",
			want->ns);
		return NULL;
	}
	leftovers_sweep(
		rte_eal_get_runtime_dir()); /* of those that died with our predecessor */
	if (slot_create(host->shm, want, pool, &host->bells[worker], &slot, err) < 0)
		return NULL;
	slot->worker = worker;
	LIST_INSERT_HEAD(&host->slots, slot, entry);
	log_info("slot made", "vnf=%s slot=%u", slot->id, slot->shm->index);
	return slot;
}

static int
check_dead(const struct slot *slot, struct err *err)
{
	if (!slot_is_alive(slot))
		return 0;
	return err_set(err, ERR_STATE, "id", "end it first",
		"VNF '%s' still runs as process %d", slot->id, slot->shm->pid);
}

static uint32_t
turn_of(const struct slot *slot)
{
	return __atomic_load_n(&slot->shm->turn, __ATOMIC_ACQUIRE);
}

/* Workers parked. */
static uint32_t
clear(struct host *host, struct slot *slot)
{
	struct link *link;

	LIST_FOREACH (link, &host->links, entry)
		link_settle(link, slot);
	return slot_clear(slot);
}

static json_t *
to_json(const struct slot *slot)
{
	const struct shm_slot *shm = slot->shm;

	return json_pack(
		"{s:s, s:s, s:s, s:s, s:i, s:i, s:i, s:I, s:I, s:s, s:i, s:o, s:O?}",
		"id", slot->id, "ns", slot->ns, "name", shm->name, "type", shm->type,
		"slot", (int)shm->index, "lcore", (int)(SHM_LCORE_BASE + shm->index),
		"core", (int)shm->cpu, "turn", (json_int_t)shm->turn, "regionSize",
		(json_int_t)shm->region_size, "state", states[shm->state & 3], "pid",
		(int)shm->pid, "macs", macs(shm), "tag", slot->tag);
}

/* Of its connection points, in their order. */
static json_t *
macs(const struct shm_slot *shm)
{
	json_t *list = json_array();
	char text[NET_STRLEN];
	struct net_mac mac;

	for (uint32_t cp = 0; cp < shm->n_cps; cp++) {
		memcpy(mac.bytes, shm->macs[cp], sizeof(mac.bytes));
		json_array_append_new(list, json_string(net_mac_print(&mac, text)));
	}
	return list;
}
