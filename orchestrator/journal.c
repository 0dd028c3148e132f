/* journal.c: the steps of an operation, written down before they are carried out. */
#include "orchestrator/journal.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include "db/objects.h"
#include "orchestrator/stamp.h"
#include "orchestrator/step.h"

static int mark(struct db *db, struct db_step *step, const char *state, struct err *err);
static bool changes_nothing(const char *action);
static int want(
	struct db *db, const struct db_step *step, const json_t *doc, struct err *err);
static int want_links(
	struct db *db, const char *ns, const json_t *links, struct err *err);
static int want_one(struct db *db, const char *kind, const char *id, const char *ns,
	const json_t *doc, struct err *err);
static const char *text(const json_t *object, const char *member);

int
journal_write(struct db *db, const char *occurrence, const json_t *steps, struct err *err)
{
	size_t i;
	json_t *step;
	int rc = 0;
	json_array_foreach ((json_t *)steps, i, step) {
		const struct db_step row = {.occurrence = (char *)occurrence,
			.number = (int64_t)i,
			.action = (char *)text(step, "action"),
			.kind = (char *)text(step, "kind"),
			.object = (char *)text(step, "object"),
			.ns = (char *)text(step, "ns"),
			.name = (char *)text(step, "name"),
			.wanted = json_object_get(step, "wanted"),
			.before = json_object_get(step, "before"),
			.timeout_ms = step_timeout_ms(step),
			.state = "todo"};
		rc = db_step_insert(db, &row, err);
		if (rc)
			break;
	}
	return rc;
}

int
journal_begin(struct db *db, struct db_step *step, struct err *err)
{
	int rc = db_begin(db, err);
	if (rc)
		return rc;
	step->started_us = stamp_us();
	rc = mark(db, step, "doing", err);
	if (!rc)
		rc = want(db, step, step->wanted, err);
	return db_end(db, rc, err);
}

int
journal_done(struct db *db, struct db_step *step, struct err *err)
{
	step->ended_us = stamp_us();
	return mark(db, step, "done", err);
}

int
journal_begin_undo(struct db *db, struct db_step *step, struct err *err)
{
	int rc = db_begin(db, err);
	if (rc)
		return rc;
	rc = mark(db, step, "undoing", err);
	if (!rc)
		rc = want(db, step, step->before, err);
	return db_end(db, rc, err);
}

int
journal_undone(struct db *db, struct db_step *step, struct err *err)
{
	return mark(db, step, "undone", err);
}

json_t *
journal_timings(const struct db_step *steps, size_t n)
{
	json_t *timings = json_array();
	for (size_t i = 0; i < n; i++) {
		const struct db_step *step = &steps[i];
		const char *name =
			text(step->wanted ? step->wanted : step->before, "name");
		if (!step->started_us)
			continue;
		json_t *timing =
			json_pack("{s:s++++, s:s}", "step", step->action, " ", step->kind,
				" ", name ? name : step->object, "state", step->state);
		if (step->ended_us)
			json_object_set_new(timing, "ms",
				json_real((double)(step->ended_us - step->started_us) /
					  1000));
		json_array_append_new(timings, timing);
	}
	return timings;
}

/* Takes effect in the struct only when it is in the store. */
static int
mark(struct db *db, struct db_step *step, const char *state, struct err *err)
{
	char *const old = step->state;
	step->state = strdup(state);
	int rc = step->state ? db_step_mark(db, step, err)
			     : err_set(err, ERR_INTERNAL, NULL, NULL, "out of memory");
	if (rc) {
		free(step->state);
		step->state = old;
	} else {
		free(old);
	}
	return rc;
}

static int
want(struct db *db, const struct db_step *step, const json_t *doc, struct err *err)
{
	if (changes_nothing(step->action))
		return 0;
	if (strcmp(step->action, "relink") == 0)
		return want_links(db, step->ns, json_object_get(doc, "links"), err);
	return want_one(db, step->kind, step->object, step->ns, doc, err);
}

static bool
changes_nothing(const char *action)
{
	return strcmp(action, "wait") == 0 || strcmp(action, "spread") == 0 ||
	       strcmp(action, "drain") == 0;
}

static int
want_links(struct db *db, const char *ns, const json_t *links, struct err *err)
{
	const char *id;
	json_t *doc;
	int rc = 0;
	json_object_foreach ((json_t *)links, id, doc) {
		rc = want_one(db, "link", id, ns, json_is_null(doc) ? NULL : doc, err);
		if (rc)
			break;
	}
	return rc;
}

/* doc null: it is not wanted any more. */
static int
want_one(struct db *db, const char *kind, const char *id, const char *ns,
	const json_t *doc, struct err *err)
{
	return doc ? db_object_put(db, kind, id, ns, doc, err)
		   : db_object_del(db, kind, id, err);
}

static const char *
text(const json_t *object, const char *member)
{
	return json_string_value(json_object_get(object, member));
}
