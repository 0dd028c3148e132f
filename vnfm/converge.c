/* converge.c: see converge.h. */
#include "vnfm/converge.h"
#include "vnfm/group.h"

static enum converge_action next_of_vnf(const struct wanted *wanted,
	const struct object *object, bool ready, uint64_t now_ms, uint64_t *due_ms);
static enum converge_action next_of_running(const struct wanted *wanted,
	const struct object *object, uint64_t now_ms, uint64_t *due_ms);
static bool can_succeed(const struct object *object);
static bool is_startable(const struct object *object, uint64_t now_ms, uint64_t *due_ms);
static bool group_starts(const struct wanted *wanted, const struct object *object,
	uint64_t now_ms, uint64_t *due_ms);
static enum converge_action next_of_removal(const struct wanted *wanted,
	const struct object *object, bool ready, uint64_t now_ms, uint64_t *due_ms);
static bool may_put(const struct wanted *wanted, const struct object *object,
	uint64_t now_ms, uint64_t *due_ms);
static bool is_current(const struct object *object);
static bool end_is_applied(const struct wanted *wanted, const json_t *end);
static bool is_over(uint64_t time_ms, uint64_t now_ms, uint64_t *due_ms);

enum converge_action
converge_next(const struct wanted *wanted, const struct object *object, bool ready,
	uint64_t now_ms, uint64_t *due_ms)
{
	if (object->busy)
		return CONVERGE_NONE;
	if (object->kind == OBJECT_VNF)
		return next_of_vnf(wanted, object, ready, now_ms, due_ms);
	if (object->unwanted)
		return next_of_removal(wanted, object, ready, now_ms, due_ms);
	if (!ready || !may_put(wanted, object, now_ms, due_ms))
		return CONVERGE_NONE;
	return CONVERGE_PUT;
}

static enum converge_action
next_of_vnf(const struct wanted *wanted, const struct object *object, bool ready,
	uint64_t now_ms, uint64_t *due_ms)
{
	const struct vnf_process *vnf = &object->vnf;
	bool restarts =
		vnf->state == LIFECYCLE_STARTING || vnf->state == LIFECYCLE_DEGRADED;
	if (vnf->state == LIFECYCLE_STOPPING) {
		if (wanted_is_needed(wanted, object))
			return CONVERGE_NONE;
		return vnf->pid != 0
			       ? CONVERGE_STOP
			       : next_of_removal(wanted, object, ready, now_ms, due_ms);
	}
	if (vnf->pid != 0 && (vnf->state == LIFECYCLE_FAILED || (restarts && vnf->stale)))
		return CONVERGE_STOP;
	if (!ready)
		return CONVERGE_NONE;
	if (vnf->pid == 0 && vnf->used)
		return is_over(object->retry_ms, now_ms, due_ms) ? CONVERGE_CLEAR
								 : CONVERGE_NONE;
	if ((restarts && vnf->pid == 0) || vnf->state == LIFECYCLE_READY)
		if (may_put(wanted, object, now_ms, due_ms))
			return CONVERGE_PUT;
	if (restarts && vnf->pid == 0 && group_starts(wanted, object, now_ms, due_ms))
		return CONVERGE_SPAWN;
	return vnf->state == LIFECYCLE_READY && vnf->pid != 0
		       ? next_of_running(wanted, object, now_ms, due_ms)
		       : CONVERGE_NONE;
}

/* With the others of its group. */
static enum converge_action
next_of_running(const struct wanted *wanted, const struct object *object, uint64_t now_ms,
	uint64_t *due_ms)
{
	const struct vnf_process *vnf = &object->vnf;
	const struct group group = group_of(wanted, object);
	unsigned n_running = 0, n_startable = 0;
	const struct object *first = NULL; /* that is to succeed */
	if (!group.whole || vnf->succession > SUCCESSION_WANTED)
		return CONVERGE_NONE;
	for (unsigned i = 0; i < group.n; i++) {
		const struct object *member = group.members[i];
		n_running += can_succeed(member);
		n_startable += is_startable(member, now_ms, due_ms);
		if (first == NULL && member->vnf.succession == SUCCESSION_WANTED)
			first = member;
	}
	if (n_running == group.n && first == object)
		return CONVERGE_SUCCEED;
	if (n_running == group.n && first == NULL && vnf->change_err.code == ERR_NONE &&
		group_is_misplaced(wanted, object))
		return CONVERGE_MOVE;
	if (n_startable > 0 && n_running + n_startable == group.n)
		return CONVERGE_REJOIN;
	return CONVERGE_NONE;
}

static bool
can_succeed(const struct object *object)
{
	const struct vnf_process *vnf = &object->vnf;
	return vnf->state == LIFECYCLE_READY && vnf->pid != 0 && !object->busy &&
	       !vnf->configuring && vnf->succession <= SUCCESSION_WANTED &&
	       is_current(object);
}

/* Nothing but a process is missing. */
static bool
is_startable(const struct object *object, uint64_t now_ms, uint64_t *due_ms)
{
	const struct vnf_process *vnf = &object->vnf;
	return (vnf->state == LIFECYCLE_STARTING || vnf->state == LIFECYCLE_DEGRADED) &&
	       vnf->pid == 0 && !vnf->used && !object->busy && !object->unwanted &&
	       vnf->next.child.pid == 0 && is_current(object) &&
	       is_over(vnf->due_ms, now_ms, due_ms);
}

/* The first of a group whose members can all be started speaks for it. */
static bool
group_starts(const struct wanted *wanted, const struct object *object, uint64_t now_ms,
	uint64_t *due_ms)
{
	const struct group group = group_of(wanted, object);
	if (!group.whole || group.members[0] != object)
		return false;
	for (unsigned i = 0; i < group.n; i++)
		if (!is_startable(group.members[i], now_ms, due_ms))
			return false;
	return true;
}

static enum converge_action
next_of_removal(const struct wanted *wanted, const struct object *object, bool ready,
	uint64_t now_ms, uint64_t *due_ms)
{
	if (wanted_is_needed(wanted, object))
		return CONVERGE_NONE;
	if (object->applied == NULL)
		return CONVERGE_FORGET;
	return ready && is_over(object->retry_ms, now_ms, due_ms) ? CONVERGE_DEL
								  : CONVERGE_NONE;
}

/* It differs from what the dataplane has, what it stands on is there, and no error
 * forbids it. */
static bool
may_put(const struct wanted *wanted, const struct object *object, uint64_t now_ms,
	uint64_t *due_ms)
{
	if (is_current(object))
		return false;
	if (!is_over(object->retry_ms, now_ms, due_ms))
		return false;
	if (object->kind == OBJECT_SERVICE)
		return true;
	const struct object *service = wanted_find(wanted, OBJECT_SERVICE, object->ns);
	if (service == NULL || service->applied == NULL)
		return false;
	return object->kind != OBJECT_LINK ||
	       (end_is_applied(wanted, json_object_get(object->wanted, "a")) &&
		       end_is_applied(wanted, json_object_get(object->wanted, "b")));
}

static bool
is_current(const struct object *object)
{
	return object->applied != NULL && json_equal(object->applied, object->wanted);
}

static bool
end_is_applied(const struct wanted *wanted, const json_t *end)
{
	const char *port = json_string_value(json_object_get(end, "port"));
	const char *vnf = json_string_value(json_object_get(end, "vnf"));
	const struct object *object = port != NULL
					      ? wanted_find(wanted, OBJECT_PORT, port)
					      : wanted_find(wanted, OBJECT_VNF, vnf);
	return object != NULL && object->applied != NULL && !object->unwanted;
}

static bool
is_over(uint64_t time_ms, uint64_t now_ms, uint64_t *due_ms)
{
	if (time_ms <= now_ms)
		return true;
	if (time_ms < *due_ms)
		*due_ms = time_ms;
	return false;
}
