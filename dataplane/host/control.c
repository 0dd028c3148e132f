/* control.c: the table of the control socket's operations, and those about the host as a
 * whole. */
#include <string.h>
#include <unistd.h>
#include "dataplane/host/audit.h"
#include "dataplane/host/control.h"
#include "dataplane/host/eal.h"
#include "dataplane/host/request.h"
#include "dataplane/host/stats.h"

#define LONG_MS	  20000 /* makes or frees memory, opens devices */
#define MEDIUM_MS 8000	/* waits for VNFs to acknowledge, a second each at most */

struct operation;

static json_t *answer(const struct operation *operation, const json_t *request,
	struct host *host, struct err *err);
static json_t *hello(struct host *host, const json_t *request, struct err *err);
static json_t *list(struct host *host, const json_t *request, struct err *err);
static json_t *beats(struct host *host, const json_t *request, struct err *err);
static json_t *stats(struct host *host, const json_t *request, struct err *err);
static json_t *audit(struct host *host, const json_t *request, struct err *err);
static json_t *shut_down(struct host *host, const json_t *request, struct err *err);

static const struct operation {
	const char *name;
	json_t *(*run)(struct host *host, const json_t *request, struct err *err);
	uint32_t patience_ms; /* that it may take before we count as hung; 0: as always */
} operations[] = {
	{"hello", hello, 0},
	{"pool.put", control_pool_put, LONG_MS},
	{"pool.del", control_pool_del, LONG_MS},
	{"port.put", control_port_put, LONG_MS},
	{"port.del", control_port_del, LONG_MS},
	{"port.reset", control_port_reset, MEDIUM_MS},
	{"slot.put", control_slot_put, LONG_MS},
	{"slot.clear", control_slot_clear, MEDIUM_MS},
	{"slot.del", control_slot_del, LONG_MS},
	{"spread.move", control_spread_move, MEDIUM_MS},
	{"spread.settle", control_spread_settle, MEDIUM_MS},
	{"spread.release", control_spread_release, MEDIUM_MS},
	{"link.put", control_link_put, MEDIUM_MS},
	{"link.del", control_link_del, MEDIUM_MS},
	{"links.put", control_links_put, MEDIUM_MS},
	{"list", list, 0},
	{"beats", beats, 0},
	{"stats", stats, 0},
	{"audit", audit, LONG_MS},
	{"shutdown", shut_down, LONG_MS},
};

json_t *
control_answer(const json_t *request, void *arg, struct err *err)
{
	const char *name = json_string_value(json_object_get(request, "op"));

	if (name == NULL) {
		err_set(err, ERR_INVALID, "op", NULL, "a request names its operation");
		return NULL;
	}
	for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]); i++)
		if (strcmp(operations[i].name, name) == 0)
			return answer(&operations[i], request, arg, err);
	err_set(err, ERR_UNSUPPORTED, "op", "docs/southbound.md lists them",
		"there is no operation '%s'", name);
	return NULL;
}

/* The life signs say that it may take longer. */
static json_t *
answer(const struct operation *operation, const json_t *request, struct host *host,
	struct err *err)
{
	json_t *reply;

	__atomic_store_n(
		&host->pulse->patience_ms, operation->patience_ms, __ATOMIC_RELEASE);
	reply = operation->run(host, request, err);
	__atomic_store_n(
		&host->pulse->control, host->pulse->control + 1, __ATOMIC_RELEASE);
	__atomic_store_n(&host->pulse->patience_ms, 0, __ATOMIC_RELEASE);
	return reply;
}

void
control_keep_tag(json_t **tag, const json_t *request)
{
	json_decref(*tag);
	*tag = json_incref(json_object_get(request, "tag"));
}

static json_t *
hello(struct host *host, const json_t *request, struct err *err)
{
	json_t *io_cores = json_array();
	uint64_t total, unused;
	unsigned slots_free = 0;
	char address[32];

	(void)request;
	(void)err;
	eal_memory(&total, &unused);
	snprintf(address, sizeof(address), "%p", (void *)host->shm);
	for (unsigned i = 0; i < SHM_SLOTS; i++)
		slots_free += host->shm->slots[i].state == SHM_SLOT_FREE;
	for (unsigned i = 0; i < host->n_workers; i++)
		json_array_append_new(io_cores, json_integer(host->workers[i].cpu));
	return json_pack("{s:s, s:i, s:I, s:s, s:i, s:i, s:{s:I, s:I}, s:o}", "version",
		RENGA_VERSION, "pid", (int)getpid(), "generation",
		(json_int_t)host->shm->generation, "shm", address, "slots", SHM_SLOTS,
		"slotsFree", (int)slots_free, "memory", "totalMiB", (json_int_t)total,
		"freeMiB", (json_int_t)unused, "ioCores", io_cores);
}

static json_t *
list(struct host *host, const json_t *request, struct err *err)
{
	(void)request;
	(void)err;
	return json_pack("{s:o, s:o, s:o, s:o}", "pools", control_pool_list(host),
		"ports", control_port_list(host), "slots", control_slot_list(host),
		"links", control_link_list(host));
}

static json_t *
beats(struct host *host, const json_t *request, struct err *err)
{
	(void)request;
	(void)err;
	return json_pack("{s:o}", "slots", control_slot_beats(host));
}

static json_t *
stats(struct host *host, const json_t *request, struct err *err)
{
	const struct pool *pool;
	const char *ns;

	if (request_unpack(request, err, "{s:s}", "ns", &ns) < 0)
		return NULL;
	pool = host_pool(host, ns);
	if (pool != NULL)
		return stats_service(host, pool);
	err_set(err, ERR_NOT_FOUND, "ns", NULL, "there is no service '%s' here", ns);
	return NULL;
}

static json_t *
audit(struct host *host, const json_t *request, struct err *err)
{
	(void)request;
	return audit_host(host, err);
}

static json_t *
shut_down(struct host *host, const json_t *request, struct err *err)
{
	(void)request;
	(void)err;
	loop_stop(host->loop);
	return json_object();
}
