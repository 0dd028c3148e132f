/* change.c: see change.h. */
#include <stdio.h>
#include <string.h>
#include "common/log.h"
#include "vnfm/change.h"
#include "vnfm/relink.h"
#include "vnfm/succession.h"

static void put_new(struct call *call);
static void put_again(struct call *call, struct object *object);
static void put_vnf_again(struct call *call, struct object *vnf);
static bool same(const struct object *object, const char *member, const json_t *doc);
static bool needs_restart(const struct call *call, const struct object *vnf);
static bool can_succeed(const struct call *call, const struct object *vnf);
static void succeed(struct call *call, struct object *vnf);
static void restart(struct call *call, struct object *vnf);
static void take_apart(struct manager *manager, struct object *object);
static bool is_part_of(const struct object *part, const struct object *whole);
static bool look(struct call *call);
static bool look_applied(struct call *call, struct object *object);
static bool look_ready(struct call *call, const struct object *vnf);
static void fail_not_found(struct call *call);

void
change_put(struct call *call)
{
	struct manager *manager = call->service->manager;
	struct object *object = wanted_find(&manager->wanted, call->kind, call->id);
	struct err err = {0};
	int rc = wanted_check_place(
		&manager->wanted, call->kind, call->id, call->doc, &err);
	if (rc == 0 && manager->ending)
		rc = err_set(&err, ERR_STATE, NULL, NULL, "the platform is being ended");
	if (rc == 0 && object != NULL && object->unwanted)
		rc = err_set(&err, ERR_STATE, NULL, "put it again when it is gone",
			"the %s '%s' is being ended", wanted_kind_name(call->kind),
			call->id);
	if (rc != 0)
		call_fail(call, &err);
	else if (object == NULL)
		put_new(call);
	else if (object->kind == OBJECT_VNF)
		put_vnf_again(call, object);
	else
		put_again(call, object);
}

void
change_commit(struct call *call)
{
	struct manager *manager = call->service->manager;
	struct object *vnf = wanted_find(&manager->wanted, OBJECT_VNF, call->id);
	if (vnf == NULL) {
		fail_not_found(call);
		return;
	}
	vnf->vnf.configuring = false;
	wanted_change(vnf, call->doc);
	log_info("vnf configured", "vnf=%s", vnf->name);
	call_finish(call, SERVICE_DONE, wanted_to_json(vnf));
	manager_converge(manager);
}

void
change_abort(struct call *call)
{
	struct object *vnf =
		wanted_find(&call->service->manager->wanted, OBJECT_VNF, call->id);
	if (vnf != NULL)
		vnf->vnf.configuring = false;
	call_finish(call, SERVICE_DONE, NULL);
}

void
change_del(struct call *call)
{
	struct manager *manager = call->service->manager;
	struct object *object = wanted_find(&manager->wanted, call->kind, call->id);
	if (object == NULL) {
		call_finish(call, SERVICE_DONE, NULL);
		return;
	}
	log_info("object to go", "kind=%s id=\"%s\"", wanted_kind_name(object->kind),
		object->id);
	change_wait(call, CALL_WAIT_GONE);
	take_apart(manager, object);
}

void
change_wait_ready(struct call *call)
{
	struct service *service = call->service;
	change_wait(call, CALL_WAIT_READY);
	change_look(service);
}

void
change_look(void *arg)
{
	struct service *service = arg;
	struct call *call, *next;
	for (call = TAILQ_FIRST(&service->waiting); call != NULL; call = next) {
		next = TAILQ_NEXT(call, entry);
		TAILQ_REMOVE(&service->waiting, call, entry);
		if (!look(call))
			TAILQ_INSERT_HEAD(&service->waiting, call, entry);
	}
}

void
change_close(struct service *service)
{
	struct err err;
	err_set(&err, ERR_UNAVAILABLE, NULL, "repeat the request",
		"renga-vnfm is ending");
	service->closing = true;
	while (!TAILQ_EMPTY(&service->waiting)) {
		struct call *call = TAILQ_FIRST(&service->waiting);
		TAILQ_REMOVE(&service->waiting, call, entry);
		relink_release(call->relink);
		call_fail(call, &err);
	}
}

void
change_wait(struct call *call, enum call_wait wait)
{
	call->wait = wait;
	TAILQ_INSERT_TAIL(&call->service->waiting, call, entry);
}

static void
put_new(struct call *call)
{
	struct manager *manager = call->service->manager;
	struct object *object =
		wanted_add(&manager->wanted, call->kind, call->id, call->doc);
	if (object == NULL) {
		struct err err;
		err_set(&err, ERR_INTERNAL, NULL, NULL, "out of memory");
		call_fail(call, &err);
		return;
	}
	if (object->kind != OBJECT_VNF) {
		call->fresh = true;
		change_wait(call, CALL_WAIT_APPLIED);
		manager_converge(manager);
		return;
	}
	object->vnf.owner = manager;
	object->vnf.state_size = call->state_size;
	manager_event(manager, object, LIFECYCLE_PUT, "");
	call_finish(call, SERVICE_ACCEPTED, wanted_to_json(object));
}

static void
put_again(struct call *call, struct object *object)
{
	struct service *service = call->service; /* a finished call may be gone at once */
	if (!json_equal(object->wanted, call->doc))
		wanted_change(object, call->doc);
	object->retry_ms = 0;
	change_wait(call, CALL_WAIT_APPLIED);
	manager_converge(service->manager);
	change_look(service);
}

/* What runs as wanted is left alone. */
static void
put_vnf_again(struct call *call, struct object *vnf)
{
	struct manager *manager =
		call->service->manager; /* a finished call may be gone */
	bool failed = vnf->vnf.state == LIFECYCLE_FAILED;
	struct err err;
	if (vnf->vnf.configuring) {
		err_set(&err, ERR_STATE, NULL, "repeat the request",
			"the VNF '%s' is being configured", vnf->id);
		call_fail(call, &err);
	} else if (succession_pending(vnf) && !json_equal(vnf->wanted, call->doc)) {
		err_set(&err, ERR_STATE, NULL, "repeat the request",
			"the VNF '%s' is being changed", vnf->id);
		call_fail(call, &err);
	} else if (!failed && can_succeed(call, vnf)) {
		succeed(call, vnf);
	} else if (failed || needs_restart(call, vnf)) {
		restart(call, vnf);
	} else if (!same(vnf, "config", call->doc)) {
		vnf->vnf.configuring = true;
		call_finish(call, CHANGE_CONFIGURE, NULL);
	} else {
		if (!json_equal(vnf->wanted, call->doc))
			wanted_change(vnf, call->doc);
		call_finish(call,
			vnf->vnf.state == LIFECYCLE_READY ? SERVICE_DONE
							  : SERVICE_ACCEPTED,
			wanted_to_json(vnf));
		manager_converge(manager);
	}
}

static bool
same(const struct object *object, const char *member, const json_t *doc)
{
	const json_t *had = json_object_get(object->wanted, member);
	const json_t *has = json_object_get(doc, member);
	return had == NULL || has == NULL ? had == has : json_equal(had, has);
}

/* Another program, core, company or more memory; or another configuration for a process
 * that cannot take it now. */
static bool
needs_restart(const struct call *call, const struct object *vnf)
{
	return !same(vnf, "type", call->doc) || !same(vnf, "core", call->doc) ||
	       !same(vnf, "revision", call->doc) || !same(vnf, "stateSize", call->doc) ||
	       !same(vnf, "group", call->doc) || call->state_size > vnf->vnf.state_size ||
	       (vnf->vnf.state != LIFECYCLE_READY && !same(vnf, "config", call->doc));
}

/* Without a gap: it runs, and its successor needs no more memory than it has. */
static bool
can_succeed(const struct call *call, const struct object *vnf)
{
	return vnf->vnf.state == LIFECYCLE_READY && needs_restart(call, vnf) &&
	       same(vnf, "stateSize", call->doc) &&
	       call->state_size <= vnf->vnf.state_size;
}

static void
succeed(struct call *call, struct object *vnf)
{
	struct manager *manager = call->service->manager;
	succession_want(vnf, vnf->wanted);
	wanted_change(vnf, call->doc);
	call_finish(call, SERVICE_ACCEPTED, wanted_to_json(vnf));
	manager_converge(manager);
}

static void
restart(struct call *call, struct object *vnf)
{
	struct vnf_process *process = &vnf->vnf;
	wanted_change(vnf, call->doc);
	process->state_size = call->state_size;
	process->stale = process->pid != 0;
	process->hopeless = false;
	process->backoff = (struct backoff){0};
	process->due_ms = 0;
	manager_event(call->service->manager, vnf, LIFECYCLE_PUT, "");
	call_finish(call, SERVICE_ACCEPTED, wanted_to_json(vnf));
}

static void
take_apart(struct manager *manager, struct object *whole)
{
	manager->converging = true; /* one round at the end */
	for (unsigned kind = 0; kind < OBJECT_KINDS; kind++) {
		struct object *part;
		TAILQ_FOREACH (part, &manager->wanted.lists[kind], entry) {
			if (part->unwanted || !is_part_of(part, whole))
				continue;
			part->unwanted = true;
			part->retry_ms = 0;
			if (kind == OBJECT_VNF) {
				succession_abandon(part);
				manager_event(manager, part, LIFECYCLE_DELETE, "");
			}
		}
	}
	manager->converging = false;
	manager_converge(manager);
}

static bool
is_part_of(const struct object *part, const struct object *whole)
{
	if (part == whole)
		return true;
	if (whole->kind == OBJECT_SERVICE)
		return strcmp(part->ns, whole->id) == 0;
	return part->kind == OBJECT_LINK && whole->kind != OBJECT_LINK &&
	       wanted_link_touches(part, whole);
}

/* True if the call is finished. */
static bool
look(struct call *call)
{
	if (call->wait == CALL_WAIT_RELINK)
		return change_look_relink(call);
	struct object *object =
		wanted_find(&call->service->manager->wanted, call->kind, call->id);
	if (object == NULL && call->wait == CALL_WAIT_GONE) {
		call_finish(call, SERVICE_DONE, NULL);
		return true;
	}
	if (object == NULL) {
		fail_not_found(call);
		return true;
	}
	if (call->wait == CALL_WAIT_APPLIED)
		return look_applied(call, object);
	return call->wait == CALL_WAIT_READY && look_ready(call, object);
}

static bool
look_applied(struct call *call, struct object *object)
{
	struct manager *manager = call->service->manager;
	if (object->busy)
		return false;
	if (object->error.code == ERR_NONE) {
		if (object->applied == NULL ||
			!json_equal(object->applied, object->wanted))
			return false;
		call_finish(call, SERVICE_DONE, wanted_to_json(object));
		return true;
	}
	const bool fresh = call->fresh; /* not to be asked once the call is finished */
	call_fail(call, &object->error);
	if (fresh && object->applied == NULL)
		wanted_del(&manager->wanted, object);
	else if (object->applied != NULL)
		object->error = (struct err){0};
	return true;
}

static bool
look_ready(struct call *call, const struct object *vnf)
{
	const struct err *last = &vnf->error;
	if (succession_pending(vnf))
		return false;
	if (vnf->vnf.state == LIFECYCLE_READY && vnf->vnf.change_err.code != ERR_NONE) {
		const struct err *why = &vnf->vnf.change_err;
		struct err refusal;
		err_set(&refusal, ERR_STATE, why->path, why->hint,
			"the VNF '%s' goes on as it was: %s", vnf->name, why->text);
		call_fail(call, &refusal);
		return true;
	}
	if (vnf->vnf.state == LIFECYCLE_READY) {
		call_finish(call, SERVICE_DONE, wanted_to_json(vnf));
		return true;
	}
	if (vnf->vnf.state != LIFECYCLE_FAILED && vnf->vnf.state != LIFECYCLE_STOPPING)
		return false;
	struct err err;
	err_set(&err, ERR_STATE, last->path, last->hint, "the VNF '%s' is %s: %s",
		vnf->name, lifecycle_state_name(vnf->vnf.state),
		last->text[0] != '\0' ? last->text : "it is not wanted any more");
	call_fail(call, &err);
	return true;
}

static void
fail_not_found(struct call *call)
{
	struct err err;
	err_set(&err, ERR_NOT_FOUND, NULL, NULL, "there is no %s '%s' on this host",
		wanted_kind_name(call->kind), call->id);
	call_fail(call, &err);
}
