/* step.c: one step of an operation, asked of the VNF manager. */
#include "orchestrator/step.h"

#include <stdlib.h>
#include <string.h>

#define LOG_LINES 5

static const char *const kinds[] = {"service", "port", "vnf", "link"};

static int put(const struct vnfm *vnfm, const struct db_step *step, const json_t *doc,
	struct err *err);
static void add_log(const struct vnfm *vnfm, const struct db_step *step, json_t *reason);

enum vnfm_kind
step_kind(const char *name)
{
	int kind = VNFM_SERVICE;
	while (kind < VNFM_LINK && strcmp(kinds[kind], name) != 0)
		kind++;
	return (enum vnfm_kind)kind;
}

const char *
step_kind_name(enum vnfm_kind kind)
{
	return kinds[kind];
}

int64_t
step_timeout_ms(const json_t *step)
{
	static const struct {
		const char *action;
		int64_t ms;
	} usual[] = {{"put", 10000}, {"del", 10000}, {"relink", 10000}, {"spread", 10000},
		{"wait", 15000}};
	const char *action = json_string_value(json_object_get(step, "action"));
	const json_t *told = json_object_get(step, "timeoutMs");
	if (told)
		return json_integer_value(told);
	for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++)
		if (strcmp(usual[i].action, action) == 0)
			return usual[i].ms;
	return 0;
}

int
step_do(const struct vnfm *vnfm, const struct db_step *step, struct err *err)
{
	return put(vnfm, step, step->wanted, err);
}

int
step_undo(const struct vnfm *vnfm, const struct db_step *step, struct err *err)
{
	return put(vnfm, step, step->before, err);
}

json_t *
step_reason(const struct vnfm *vnfm, const struct db_step *step, const struct err *err)
{
	json_t *reason = err_to_json(err);
	const json_t *name =
		json_object_get(step->wanted ? step->wanted : step->before, "name");
	json_object_set_new(
		reason, "step", json_pack("s++", step->action, " ", step->kind));
	json_object_set_new(reason, "object",
		name ? json_incref((json_t *)name) : json_string(step->object));
	if (strcmp(step->kind, "vnf") == 0)
		add_log(vnfm, step, reason);
	return reason;
}

static int
put(const struct vnfm *vnfm, const struct db_step *step, const json_t *doc,
	struct err *err)
{
	json_t *actual = NULL;
	const enum vnfm_kind kind = step_kind(step->kind);
	if (strcmp(step->action, "relink") == 0)
		return vnfm->driver->relink(
			vnfm->self, step->object, json_object_get(doc, "links"), err);
	if (!doc)
		return vnfm->driver->del(vnfm->self, kind, step->object, err);
	int rc = vnfm->driver->put(vnfm->self, kind, step->object, doc, &actual, err);
	json_decref(actual);
	return rc;
}

static void
add_log(const struct vnfm *vnfm, const struct db_step *step, json_t *reason)
{
	char *log = NULL;
	if (vnfm->driver->log(vnfm->self, step->object, LOG_LINES, &log, NULL) == 0 &&
		log && *log)
		json_object_set_new(reason, "log", json_string(log));
	free(log);
}
