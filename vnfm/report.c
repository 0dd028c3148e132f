/* report.c: what is known of the host, of traffic and of buffers, gathered from the
 * dataplane, the VNFs and the supervisor (service.h).
 */
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "common/dirs.h"
#include "common/frame.h"
#include "vnfm/change.h"
#include "vnfm/nodes.h"
#include "vnfm/orphans.h"

#define READ_MS	 5000
#define AUDIT_MS 15000
#define STATS_MS 500 /* of one VNF: a hanging one must not hold up the others' */

static int ask_dataplane(struct service *service, json_t *request, int timeout_ms,
	json_t **reply, struct err *err);
static void run_host(struct call *call);
static void add_system(json_t *host, const struct cores *cores);
static json_t *interfaces(void);
static void add_own_stats(json_t *stats, const json_t *vnfs);
static const json_t *find_by_id(const json_t *list, const char *id);
static void add_plugin_stats(json_t *vnf);
static bool is_fine(const json_t *audit);

int
service_host(struct service *service, json_t **host, struct err *err)
{
	struct call *call = call_create(service, run_host, READ_MS);
	if (call == NULL)
		return err_set(err, ERR_INTERNAL, NULL, NULL, "out of memory");
	int rc = call_perform(call, service->manager->loop, host, NULL, err);
	json_t *hello;
	if (rc == 0)
		add_system(*host, &service->manager->options->cores);
	if (rc != 0 || ask_dataplane(service, json_pack("{s:s}", "op", "hello"), READ_MS,
			       &hello, NULL) != 0)
		return rc;
	json_object_set(*host, "memory", json_object_get(hello, "memory"));
	json_object_set_new(*host, "slots",
		json_pack("{s:O, s:O}", "total", json_object_get(hello, "slots"), "free",
			json_object_get(hello, "slotsFree")));
	json_decref(hello);
	return 0;
}

int
service_stats(struct service *service, const char *ns, json_t **stats, struct err *err)
{
	json_t *vnfs;
	int rc = ask_dataplane(service, json_pack("{s:s, s:s}", "op", "stats", "ns", ns),
		READ_MS, stats, err);
	if (rc != 0)
		return rc;
	rc = service_list(service, SERVICE_VNF, ns, &vnfs, err);
	if (rc != 0) {
		json_decref(*stats);
		return rc;
	}
	json_object_del(*stats, "ok");
	add_own_stats(*stats, vnfs);
	json_decref(vnfs);
	json_t *list = json_object_get(*stats, "vnfs");
	for (size_t i = 0; i < json_array_size(list); i++)
		add_plugin_stats(json_array_get(list, i));
	return 0;
}

int
service_audit(struct service *service, json_t **audit, struct err *err)
{
	json_t *vnfs;
	int rc = ask_dataplane(
		service, json_pack("{s:s}", "op", "audit"), AUDIT_MS, audit, err);
	if (rc != 0)
		return rc;
	rc = service_list(service, SERVICE_VNF, NULL, &vnfs, err);
	if (rc != 0) {
		json_decref(*audit);
		return rc;
	}
	json_object_del(*audit, "ok");
	json_object_set_new(*audit, "orphans", orphans_find(vnfs));
	json_object_set_new(*audit, "ok", json_boolean(is_fine(*audit)));
	json_decref(vnfs);
	return 0;
}

/* Takes the request. */
static int
ask_dataplane(struct service *service, json_t *request, int timeout_ms, json_t **reply,
	struct err *err)
{
	int rc = frame_ask(
		service->manager->dataplane.socket, request, timeout_ms, reply, err);
	json_decref(request);
	return rc;
}

static void
run_host(struct call *call)
{
	const struct manager *manager = call->service->manager;
	const struct dataplane *dataplane = &manager->dataplane;
	char name[256] = "";
	gethostname(name, sizeof(name) - 1);
	call_finish(call, SERVICE_DONE,
		json_pack(
			"{s:s, s:s, s:o, s:i, s:o, s:{s:i, s:i}, s:{s:i, s:i}, s:{s:s, s:i, "
			"s:I, s:i}}",
			"host", name, "version", RENGA_VERSION, "cores",
			cores_to_json(&manager->options->cores), "ioCore",
			manager->options->io_core, "ioCores",
			cores_to_json(&manager->options->io_cores), "memory", "totalMiB",
			0, "freeMiB", 0, "slots", "total", 0, "free", 0, "dataplane",
			"state", dataplane_state_name(dataplane->state), "pid",
			(int)dataplane->pid, "generation",
			(json_int_t)dataplane->generation, "restarts",
			(int)dataplane->restarts));
}

/* What the kernel tells. */
static void
add_system(json_t *host, const struct cores *cores)
{
	json_t *nodes = nodes_to_json("/sys/devices/system/cpu", cores);
	if (nodes != NULL)
		json_object_set_new(host, "nodes", nodes);
	json_object_set_new(host, "interfaces", interfaces());
}

/* By name: what a port may be bound to. */
static json_t *
interfaces(void)
{
	json_t *names = json_array();
	struct if_nameindex *list = if_nameindex();
	for (const struct if_nameindex *one = list; one != NULL && one->if_name != NULL;
		one++)
		json_array_append_new(names, json_string(one->if_name));
	if (list != NULL)
		if_freenameindex(list);
	return names;
}

static void
add_own_stats(json_t *stats, const json_t *vnfs)
{
	static const char *const members[] = {"state", "restarts", "lastError", NULL};
	const json_t *list = json_object_get(stats, "vnfs");
	for (size_t i = 0; i < json_array_size(list); i++) {
		json_t *vnf = json_array_get(list, i);
		const json_t *own =
			find_by_id(vnfs, json_string_value(json_object_get(vnf, "id")));
		for (const char *const *m = members; own != NULL && *m != NULL; m++) {
			json_t *value = json_object_get(own, *m);
			if (value != NULL)
				json_object_set(vnf, *m, value);
		}
	}
}

static const json_t *
find_by_id(const json_t *list, const char *id)
{
	for (size_t i = 0; id != NULL && i < json_array_size(list); i++) {
		const json_t *item = json_array_get(list, i);
		if (strcmp(json_string_value(json_object_get(item, "id")), id) == 0)
			return item;
	}
	return NULL;
}

/* One that does not answer now has no such figures, which its absence says. */
static void
add_plugin_stats(json_t *vnf)
{
	const char *id = json_string_value(json_object_get(vnf, "id"));
	const char *state = json_string_value(json_object_get(vnf, "state"));
	char socket[256];
	json_t *request = json_pack("{s:s}", "op", "stats"), *own = NULL;
	if (id != NULL && state != NULL && strcmp(state, "ready") == 0 &&
		dirs_runtime_path(socket, sizeof(socket), "vnf/%s.sock", id) == 0 &&
		frame_ask(socket, request, STATS_MS, &own, NULL) == 0) {
		json_object_del(own, "ok");
		json_object_update_missing(vnf, own);
	}
	json_decref(own);
	json_decref(request);
}

static bool
is_fine(const json_t *audit)
{
	const json_t *buffers = json_object_get(audit, "buffers");
	const json_t *findings = json_object_get(audit, "findings");
	for (size_t i = 0; i < json_array_size(buffers); i++)
		if (json_integer_value(
			    json_object_get(json_array_get(buffers, i), "missing")) != 0)
			return false;
	for (size_t i = 0; i < json_array_size(findings); i++) {
		const char *level = json_string_value(
			json_object_get(json_array_get(findings, i), "level"));
		if (level != NULL && strcmp(level, "error") == 0)
			return false;
	}
	return json_array_size(json_object_get(audit, "orphans")) == 0;
}
