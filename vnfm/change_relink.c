/* change_relink.c: the calls that replace links of a service; see relink.h. */
#include "vnfm/change.h"
#include "vnfm/relink.h"

static bool begin(struct call *call);
static bool finish(struct call *call);
static bool fail(struct call *call, const struct err *err);

void
change_relink(struct call *call)
{
	struct service *service = call->service; /* a finished call may be gone at once */
	change_wait(call, CALL_WAIT_RELINK);
	change_look(service);
}

bool
change_look_relink(struct call *call)
{
	return call->relink == NULL ? begin(call) : finish(call);
}

/* What is to be joined may still be on its way to the dataplane; what is not wanted at
 * all is an error at once. */
static bool
begin(struct call *call)
{
	struct manager *manager = call->service->manager;
	const struct wanted *wanted = &manager->wanted;
	struct err err = {0};
	if (relink_is_done(wanted, call->doc)) {
		call_finish(call, SERVICE_DONE, json_object());
		return true;
	}
	if (manager->ending) {
		err_set(&err, ERR_STATE, NULL, NULL, "the platform is being ended");
		return fail(call, &err);
	}
	if (wanted_check_relink(wanted, call->id, call->doc, &err) != 0)
		return fail(call, &err);
	if (manager->dataplane.state != DATAPLANE_READY ||
		!relink_may_begin(wanted, call->doc))
		return false;
	call->relink = relink_begin(manager, call->id, call->doc);
	if (call->relink != NULL)
		return false;
	err_set(&err, ERR_INTERNAL, NULL, NULL, "out of memory");
	return fail(call, &err);
}

static bool
finish(struct call *call)
{
	struct relink *relink = call->relink;
	if (relink->state == RELINK_ASKED)
		return false;
	call->relink = NULL;
	const enum relink_state state = relink->state;
	const struct err err = relink->err;
	json_t *reply =
		relink->reply != NULL ? json_deep_copy(relink->reply) : json_object();
	json_object_del(reply, "links");
	json_object_del(reply, "ok");
	relink_release(relink);
	if (state == RELINK_DONE) {
		call_finish(call, SERVICE_DONE, reply);
		return true;
	}
	json_decref(reply);
	return state == RELINK_REFUSED ? fail(call, &err) : begin(call);
}

static bool
fail(struct call *call, const struct err *err)
{
	call_fail(call, err);
	return true;
}
