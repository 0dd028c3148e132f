/* step.c: see step.h. */
#include <stdlib.h>
#include "common/log.h"
#include "vnfm/ports.h"
#include "vnfm/request.h"
#include "vnfm/step.h"
#include "vnfm/succession.h"

#define ASK_MS	 10000 /* for an answer of the dataplane */
#define RETRY_MS 1000  /* after a refusal */

struct asked { /* about one object */
	struct manager *manager;
	struct object *object;
	enum converge_action action;
	uint64_t generation;
};

static json_t *put_request(
	struct manager *manager, const struct object *object, struct err *err);
static void on_answer(json_t *reply, const struct err *err, void *arg);
static void done(struct manager *manager, struct object *object,
	enum converge_action action, json_t *reply);
static uint32_t turn_of(const json_t *reply, const struct object *vnf);
static void refused(struct manager *manager, struct object *object,
	enum converge_action action, const struct err *err);

void
step_ask(struct manager *manager, struct object *object, enum converge_action action)
{
	struct err err = {0};
	struct asked *asked = malloc(sizeof(*asked));
	json_t *request = action == CONVERGE_PUT   ? put_request(manager, object, &err)
			  : action == CONVERGE_DEL ? request_del(object)
						   : request_clear(object);
	if (asked == NULL || request == NULL) {
		free(asked);
		json_decref(request);
		refused(manager, object, action, &err);
		return;
	}
	*asked = (struct asked){.manager = manager,
		.object = object,
		.action = action,
		.generation = manager->dataplane.generation};
	object->busy = true;
	json_decref(object->asked);
	object->asked = json_incref(object->wanted);
	dataplane_ask(&manager->dataplane, request, ASK_MS, on_answer, asked);
}

static json_t *
put_request(struct manager *manager, const struct object *object, struct err *err)
{
	json_t *manifest = NULL;
	if (object->kind == OBJECT_VNF &&
		catalog_manifest(manager->catalog, wanted_text(object, "type"), &manifest,
			err) != 0)
		return NULL;
	json_t *request = request_put(
		object, manifest, object->vnf.state_size, manager->default_core);
	json_decref(manifest);
	return request;
}

/* An answer of a dataplane that died meanwhile says nothing any more. */
static void
on_answer(json_t *reply, const struct err *err, void *arg)
{
	struct asked asked = *(struct asked *)arg;
	struct manager *manager = asked.manager;
	free(arg);
	asked.object->busy = false;
	if (asked.generation == manager->dataplane.generation &&
		manager->dataplane.state == DATAPLANE_READY) {
		if (err->code == ERR_NONE) {
			done(manager, asked.object, asked.action, reply);
			if (asked.action == CONVERGE_CLEAR)
				succession_on_clear(manager, asked.object);
		} else {
			refused(manager, asked.object, asked.action, err);
		}
	}
	manager_converge(manager);
}

static void
done(struct manager *manager, struct object *object, enum converge_action action,
	json_t *reply)
{
	object->retry_ms = 0;
	if (object->kind != OBJECT_VNF)
		object->error = (struct err){0};
	if (action == CONVERGE_CLEAR) {
		object->vnf.used = false;
		object->vnf.turn = turn_of(reply, object);
		return;
	}
	json_decref(object->applied);
	json_decref(object->previous);
	json_decref(object->actual);
	object->applied = action == CONVERGE_PUT ? json_incref(object->asked) : NULL;
	object->previous = NULL;
	object->actual = action == CONVERGE_PUT ? json_copy(reply) : NULL;
	json_object_del(object->actual, "ok");
	json_object_del(object->actual, "tag");
	object->placed = action == CONVERGE_PUT;
	if (object->kind == OBJECT_PORT && action == CONVERGE_PUT)
		ports_seen(manager, object);
	if (object->kind == OBJECT_VNF && action == CONVERGE_PUT) {
		object->vnf.slot =
			(int)json_integer_value(json_object_get(reply, "slot"));
		object->vnf.turn = turn_of(reply, object);
	}
}

static uint32_t
turn_of(const json_t *reply, const struct object *vnf)
{
	const json_t *turn = json_object_get(reply, "turn");
	return turn != NULL ? (uint32_t)json_integer_value(turn) : vnf->vnf.turn;
}

/* A change that was refused is taken back; what was new, or is put again after a loss,
 * keeps its error. A lost object is tried again; who put a new one decides (service.c).
 */
static void
refused(struct manager *manager, struct object *object, enum converge_action action,
	const struct err *err)
{
	log_warn("dataplane refused", "kind=%s id=\"%s\" action=%d reason=\"%s\"",
		wanted_kind_name(object->kind), object->id, (int)action, err->text);
	object->error = *err;
	object->retry_ms = loop_now_ms() + RETRY_MS;
	if (action != CONVERGE_PUT)
		return;
	if (object->previous != NULL) {
		json_decref(object->wanted);
		object->wanted = object->previous;
		object->previous = NULL;
	}
	if (object->vnf.succession == SUCCESSION_WANTED)
		succession_refused(object, err);
	else if (object->kind == OBJECT_VNF && err->code != ERR_UNAVAILABLE &&
		 err->code != ERR_TIMEOUT)
		manager_event(manager, object, LIFECYCLE_REFUSED, err->text);
}
