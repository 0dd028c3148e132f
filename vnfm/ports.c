/* ports.c: see ports.h. */
#include <stdio.h>
#include <string.h>
#include "common/log.h"
#include "vnfm/manager.h"
#include "vnfm/ports.h"

#define ASK_MS 10000

static void on_list(json_t *reply, const struct err *err, void *arg);
static void take(struct manager *manager, const json_t *seen);

void
ports_ask(struct manager *manager)
{
	dataplane_ask(&manager->dataplane, json_pack("{s:s}", "op", "list"), ASK_MS,
		on_list, manager);
}

void
ports_seen(struct manager *manager, struct object *port)
{
	const json_t *spec = json_object_get(port->wanted, "spec");
	const char *state = json_string_value(json_object_get(port->actual, "state"));
	const char *interface = json_string_value(json_object_get(spec, "interface"));
	const bool lost = state != NULL && strcmp(state, "lost") == 0;
	char detail[512];
	if (state == NULL || lost == port->told_lost)
		return;
	port->told_lost = lost;
	snprintf(detail, sizeof(detail),
		lost ? "port '%s': its interface '%s' is gone; it is taken up again when "
		       "there is one of that name"
		     : "port '%s': its interface '%s' is there again",
		port->name, interface != NULL ? interface : "");
	log_warn(lost ? "port lost" : "port ready", "port=%s interface=%s", port->id,
		interface != NULL ? interface : "");
	events_add_port(manager->events, lost ? "port-lost" : "port-ready", port->ns,
		port->id, detail);
}

static void
on_list(json_t *reply, const struct err *err, void *arg)
{
	struct manager *manager = arg;
	const json_t *ports = json_object_get(reply, "ports");
	if (err->code != ERR_NONE) {
		log_warn("states of ports not read", "reason=\"%s\"", err->text);
		manager->lookout.ports = UINT64_MAX; /* asked again */
		return;
	}
	for (size_t i = 0; i < json_array_size(ports); i++)
		take(manager, json_array_get(ports, i));
}

static void
take(struct manager *manager, const json_t *seen)
{
	const char *id = json_string_value(json_object_get(seen, "id"));
	struct object *port =
		id != NULL ? wanted_find(&manager->wanted, OBJECT_PORT, id) : NULL;
	if (port == NULL || port->applied == NULL || port->busy)
		return;
	json_decref(port->actual);
	port->actual = json_deep_copy(seen);
	json_object_del(port->actual, "tag");
	ports_seen(manager, port);
}
