/* occurrence.c: operation occurrences as resources, and the tasks on them. */
#include "orchestrator/occurrence.h"

#include <stdlib.h>
#include <string.h>
#include "db/occurrences.h"
#include "db/steps.h"
#include "orchestrator/engine.h"
#include "orchestrator/journal.h"
#include "orchestrator/plan/nfp.h"
#include "orchestrator/plan/replicas.h"
#include "orchestrator/operation.h"

static int load(struct orch *orch, const char *api, const char *id,
	struct db_occurrence *row, struct err *err);
static int occurrence_json(struct orch *orch, const struct db_occurrence *row,
	bool params, json_t **out, struct err *err);
static int occurrence_brief(struct orch *orch, const struct db_occurrence *row,
	json_t **out, struct err *err);
static struct db_page part_of(const struct occurrence_page *page);
static json_t *row_json(const struct db_occurrence *row);
static json_t *changes(
	const struct db_occurrence *row, const struct db_step *steps, size_t n);
static void add_vnf(json_t *vnfs, const struct db_occurrence *row,
	const struct db_step *step, const char *result);
static void relinked(json_t *links, const struct db_occurrence *row,
	const struct db_step *step, const char *result);
static const char *vnf_change(const struct db_occurrence *row, bool was, bool is);
static json_t *change(
	const struct db_occurrence *row, const struct db_step *step, const char *result);
static json_t *actions(const struct db_occurrence *row);
static int set_cancel(
	struct orch *orch, const char *id, const char *mode, struct err *err);

int
occurrence_list(struct orch *orch, const struct occurrence_page *page, json_t **list,
	struct err *err)
{
	struct db_occurrence *rows;
	size_t n;
	const struct db_page part = part_of(page);
	int rc = db_occurrence_page(orch->db, &part, &rows, &n, err);
	if (rc)
		return rc;
	*list = json_array();
	for (size_t i = 0; !rc && i < n; i++) {
		json_t *occurrence;
		if (page->whole)
			rc = occurrence_json(orch, &rows[i], true, &occurrence, err);
		else
			occurrence = row_json(&rows[i]);
		if (!rc)
			json_array_append_new(*list, occurrence);
	}
	if (rc)
		json_decref(*list);
	db_occurrences_free(rows, n);
	return rc;
}

static struct db_page
part_of(const struct occurrence_page *page)
{
	static const struct {
		const char *attribute, *column;
	} columns[] = {{"operationState", "state"}, {"lcmOperationType", "operation"},
		{"operation", "operation"}, {"nsInstanceId", "instance"},
		{"vnfInstanceId", "instance"}};
	const bool ns = strcmp(page->api, "ns") == 0;
	struct db_page part = {.after = page->after,
		.offset = page->offset,
		.limit = page->n,
		.n_equal = 1,
		.equal = {{"api", page->api}}};
	for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++) {
		const char *value = json_string_value(
			json_object_get(page->equal, columns[i].attribute));
		/* Of a VNF's occurrence that is another column. */
		const bool other =
			!ns && strcmp(columns[i].attribute, "nsInstanceId") == 0;
		if (!value || other || part.n_equal == DB_PAGE_EQUAL)
			continue;
		part.equal[part.n_equal].column = columns[i].column;
		part.equal[part.n_equal++].value = value;
	}
	return part;
}

int
occurrence_get(struct orch *orch, const char *api, const char *id, bool params,
	json_t **occurrence, struct err *err)
{
	struct db_occurrence row = {0};
	int rc = load(orch, api, id, &row, err);
	if (!rc)
		rc = occurrence_json(orch, &row, params, occurrence, err);
	db_occurrence_clear(&row);
	return rc;
}

int
occurrence_task(struct orch *orch, const char *api, const char *id, enum event task,
	struct err *err)
{
	struct db_occurrence row = {0};
	enum state state;
	int rc = load(orch, api, id, &row, err);
	if (!rc)
		rc = operation_event(orch->db, id, task, NULL, &state, err);
	if (!rc && !state_final(state))
		engine_submit(orch->engine, id);
	db_occurrence_clear(&row);
	return rc;
}

int
occurrence_cancel(struct orch *orch, const char *api, const char *id,
	const json_t *request, struct err *err)
{
	struct db_occurrence row = {0};
	const char *mode = json_string_value(json_object_get(request, "cancelMode"));
	if (!mode || (strcmp(mode, "GRACEFUL") != 0 && strcmp(mode, "FORCEFUL") != 0))
		return err_set(err, ERR_INVALID, "cancelMode", "GRACEFUL or FORCEFUL",
			"cancelMode is missing or unknown");
	int rc = load(orch, api, id, &row, err);
	db_occurrence_clear(&row);
	if (!rc)
		rc = db_begin(orch->db, err);
	if (rc)
		return rc;
	rc = set_cancel(orch, id, mode, err);
	return db_end(orch->db, rc, err);
}

static int
load(struct orch *orch, const char *api, const char *id, struct db_occurrence *row,
	struct err *err)
{
	int rc = db_occurrence_get(orch->db, id, row, err);
	if (rc || strcmp(row->api, api) != 0)
		return err_set(err, ERR_NOT_FOUND, NULL, NULL,
			"there is no operation occurrence '%s'", id);
	return 0;
}

static int
occurrence_json(struct orch *orch, const struct db_occurrence *row, bool params,
	json_t **out, struct err *err)
{
	json_t *asked = NULL;
	int rc = params ? db_occurrence_get_params(orch->db, row->id, &asked, err) : 0;
	if (!rc)
		rc = occurrence_brief(orch, row, out, err);
	if (!rc && asked)
		json_object_set(*out, "operationParams", asked);
	json_decref(asked);
	return rc;
}

static int
occurrence_brief(
	struct orch *orch, const struct db_occurrence *row, json_t **out, struct err *err)
{
	struct db_step *steps;
	size_t n;
	int rc = db_step_list_brief(orch->db, row->id, &steps, &n, err);
	if (rc)
		return rc;
	*out = row_json(row);
	json_object_set_new(*out, "resourceChanges", changes(row, steps, n));
	json_object_set_new(*out, "stepTimings", journal_timings(steps, n));
	db_steps_free(steps, n);
	return 0;
}

/* What its row alone tells. */
static json_t *
row_json(const struct db_occurrence *row)
{
	const bool ns = strcmp(row->api, "ns") == 0;
	json_t *out =
		json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:b, s:b, s:s*, s:O*, s:o}",
			"id", row->id, "operationState", row->state,
			ns ? "statusEnteredTime" : "stateEnteredTime", row->entered,
			"startTime", row->started, ns ? "nsInstanceId" : "vnfInstanceId",
			row->instance, ns ? "lcmOperationType" : "operation",
			row->operation, "isAutomaticInvocation", row->automatic,
			"isCancelPending", row->cancel != NULL, "cancelMode", row->cancel,
			"error", row->error, "_actions", actions(row));
	if (!ns)
		json_object_set_new(out, "nsInstanceId", json_string(row->ns_id));
	return out;
}

static json_t *
changes(const struct db_occurrence *row, const struct db_step *steps, size_t n)
{
	const bool vnf_api = strcmp(row->api, "vnf") == 0;
	const enum state state = state_from_name(row->state);
	const char *result = state == STATE_ROLLED_BACK ? "ROLLED_BACK"
			     : state == STATE_COMPLETED ? "COMPLETED"
			     : state == STATE_FAILED	? "FAILED"
							: NULL;
	json_t *vnfs = json_array(), *links = json_array(), *graphs = json_array();
	for (size_t i = 0; i < n; i++) {
		if (strcmp(steps[i].action, "wait") == 0 ||
			strcmp(steps[i].action, "drain") == 0)
			continue;
		if (strcmp(steps[i].kind, "vnf") == 0)
			add_vnf(vnfs, row, &steps[i], result);
		else if (strcmp(steps[i].action, "relink") == 0)
			relinked(links, row, &steps[i], result);
		else if (strcmp(steps[i].kind, "link") == 0)
			json_array_append_new(links, change(row, &steps[i], result));
		else if (strcmp(steps[i].kind, "service") == 0)
			nfp_changes(graphs, steps[i].object, steps[i].before,
				steps[i].wanted, result);
	}
	json_t *out = vnf_api ? json_pack("{s:o, s:o}", "affectedVnfcs", vnfs,
					"affectedVirtualLinks", links)
			      : json_pack("{s:o, s:o}", "affectedVnfs", vnfs,
					"affectedVls", links);
	if (json_array_size(graphs))
		json_object_set(out, "affectedVnffgs", graphs);
	json_decref(graphs);
	return out;
}

/* A VNFC, or a VNF with all its replicas, is told once, by the first of its steps. */
static void
add_vnf(json_t *vnfs, const struct db_occurrence *row, const struct db_step *step,
	const char *result)
{
	const bool vnf_api = strcmp(row->api, "vnf") == 0;
	const char *member = vnf_api ? "id" : "vnfInstanceId";
	char id[80], name[160];
	size_t i;
	json_t *item = change(row, step, result), *other;
	if (!vnf_api && replicas_index(step->object)) {
		const char *told = json_string_value(json_object_get(item, "vnfName"));
		replicas_of(step->object, id, sizeof(id));
		json_object_set_new(item, member, json_string(id));
		json_object_set_new(item, "vnfName",
			json_string(replicas_of(told ? told : "", name, sizeof(name))));
		json_object_set_new(
			item, "changeType", json_string(vnf_change(row, true, true)));
	}
	json_array_foreach (vnfs, i, other)
		if (json_equal(json_object_get(other, member),
			    json_object_get(item, member))) {
			json_decref(item);
			return;
		}
	json_array_append_new(vnfs, item);
}

/* Each link of a relink, as if it had a step of its own. */
static void
relinked(json_t *links, const struct db_occurrence *row, const struct db_step *step,
	const char *result)
{
	const json_t *before = json_object_get(step->before, "links");
	const char *id;
	json_t *doc;
	json_object_foreach (json_object_get(step->wanted, "links"), id, doc) {
		json_t *was = json_object_get(before, id);
		const struct db_step one = {.object = (char *)id,
			.kind = "link",
			.wanted = json_is_object(doc) ? doc : NULL,
			.before = json_is_object(was) ? was : NULL};
		json_array_append_new(links, change(row, &one, result));
	}
}

/* Of a VNF of a service: AffectedVnf, SOL005 6.5.3.2. */
static const char *
vnf_change(const struct db_occurrence *row, bool was, bool is)
{
	static const char *const same[] = {"SCALE", "HEAL"};
	if (!was || !is)
		return is ? "INSTANTIATE" : "TERMINATE";
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++)
		if (strcmp(row->operation, same[i]) == 0)
			return same[i];
	return "MODIFY_INFORMATION";
}

/* Of a VNFC or a link of a VNF (SOL003 5.5.3.13, .14), a VNF or a link of a service
 * (SOL005 6.5.3.2, .4): each has words of its own. */
static const char *
change_type(const struct db_occurrence *row, const struct db_step *step)
{
	const bool was = step->before, is = step->wanted;
	if (strcmp(row->api, "vnf") == 0)
		return !is ? "REMOVED" : was ? "MODIFIED" : "ADDED";
	if (strcmp(step->kind, "vnf") == 0)
		return vnf_change(row, was, is);
	return !is ? "DELETE" : was ? "MODIFY" : "ADD";
}

static json_t *
change(const struct db_occurrence *row, const struct db_step *step, const char *result)
{
	const json_t *doc = step->wanted ? step->wanted : step->before;
	const bool vnf = strcmp(step->kind, "vnf") == 0;
	const bool vnf_api = strcmp(row->api, "vnf") == 0;
	const char *id = vnf_api ? "id"
			 : vnf	 ? "vnfInstanceId"
				 : "nsVirtualLinkInstanceId";
	return json_pack("{s:s, s:O*, s:s, s:s*}", id, step->object,
		vnf ? "vnfName" : "name", json_object_get(doc, "name"), "changeType",
		change_type(row, step), "changeResult", result);
}

static json_t *
actions(const struct db_occurrence *row)
{
	static const struct {
		enum event event;
		const char *name;
	} offered[] = {{EVENT_RETRY, "retry"}, {EVENT_ROLLBACK, "rollback"},
		{EVENT_CONTINUE, "continue"}, {EVENT_FAIL, "fail"},
		{EVENT_CANCEL, "cancel"}};
	json_t *list = json_array();
	for (size_t i = 0; i < sizeof(offered) / sizeof(offered[0]); i++) {
		enum state next;
		const bool other = (offered[i].event == EVENT_ROLLBACK &&
					   !operation_can_roll_back(row)) ||
				   (offered[i].event == EVENT_CONTINUE &&
					   strcmp(row->api, "ns") != 0);
		if (!other && state_next(state_from_name(row->state), offered[i].event,
				      &next) == 0)
			json_array_append_new(list, json_string(offered[i].name));
	}
	return list;
}

/* A worker may be at any place of it: it looks at the mark between two steps. */
static int
set_cancel(struct orch *orch, const char *id, const char *mode, struct err *err)
{
	struct db_occurrence row = {0};
	enum state next;
	int rc = db_occurrence_get(orch->db, id, &row, err);
	if (!rc && state_next(state_from_name(row.state), EVENT_CANCEL, &next))
		rc = err_set(err, ERR_STATE, NULL, NULL,
			"%s %s is %s, which allows no cancel", row.operation, row.id,
			row.state);
	if (!rc && row.due_ms) { /* no worker has it */
		enum state state;
		rc = operation_event(orch->db, id, EVENT_CANCEL, NULL, &state, err);
	} else if (!rc) {
		free(row.cancel);
		row.cancel = strdup(mode);
		rc = db_occurrence_update(orch->db, &row, err);
	}
	db_occurrence_clear(&row);
	return rc;
}
