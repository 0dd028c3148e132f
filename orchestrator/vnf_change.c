/* vnf_change.c: see vnf_change.h. */
#include "orchestrator/vnf_change.h"

#include <string.h>
#include "db/objects.h"
#include "db/occurrences.h"
#include "db/packages.h"
#include "db/policies.h"
#include "db/vnf_instances.h"
#include "orchestrator/descriptor/catalog.h"
#include "orchestrator/grant.h"
#include "orchestrator/operation.h"
#include "orchestrator/shape.h"
#include "orchestrator/plan/replicas.h"

struct change {
	struct db_vnf vnf;
	unsigned n; /* replicas, of which one after the other goes on anew */
	struct replica {
		struct db_object object; /* what is wanted of it now */
		json_t *doc;		 /* and then; null: it stays */
	} replicas[REPLICAS_MAX];
	json_t *companions; /* [{object, before, wanted}]: of their group, they move along
			     */
	json_t *intent, *host;
	const char *operation;
};

static int open_change(
	struct orch *orch, const char *id, struct change *change, struct err *err);
static int open_replicas(struct orch *orch, struct change *change, struct err *err);
static void clear_change(struct change *change);
static int check_unchanged(
	struct orch *orch, const struct change *change, struct err *err);
static bool is_same(struct orch *orch, const char *id, const json_t *doc);
static int accept(struct orch *orch, struct change *change, const json_t *request,
	struct operation_answer *answer, struct faults *faults, int rc, struct err *err);
static int take_package(struct orch *orch, struct change *change, const json_t *request,
	struct faults *faults, struct err *err);
static int take_type(struct orch *orch, struct change *change,
	const struct catalog *catalog, const struct catalog_type *type,
	struct faults *faults, struct err *err);
static void take_core(const json_t *host, struct change *change, const json_t *request,
	struct faults *faults);
static bool has_core(const json_t *host, const json_t *core);
static struct replica *chosen(
	struct change *change, const json_t *request, struct faults *faults);
static int take_companions(
	struct orch *orch, struct change *change, const json_t *core, struct err *err);
static const char *group_of(const json_t *doc);
static json_t *steps_of(const struct change *change);
static void add_steps(json_t *steps, const struct replica *replica);

int
vnf_change_package(struct orch *orch, const char *id, const json_t *request,
	struct operation_answer *answer, struct faults *faults, struct err *err)
{
	struct change change = {.operation = "CHANGE_VNFPKG"};
	int rc = open_change(orch, id, &change, err);
	if (!rc)
		rc = take_package(orch, &change, request, faults, err);
	return accept(orch, &change, request, answer, faults, rc, err);
}

int
vnf_move(struct orch *orch, const char *id, const json_t *request,
	struct operation_answer *answer, struct faults *faults, struct err *err)
{
	struct change change = {.operation = "MODIFY_INFO"};
	int rc = open_change(orch, id, &change, err);
	if (!rc)
		rc = orch->vnfm.driver->host(orch->vnfm.self, &change.host, err);
	if (!rc)
		take_core(change.host, &change, request, faults);
	if (!rc && !faults->n)
		rc = take_companions(
			orch, &change, json_object_get(request, "core"), err);
	return accept(orch, &change, request, answer, faults, rc, err);
}

void
vnf_change_keep(json_t *doc, const json_t *running)
{
	json_t *revision = json_object_get(running, "revision");
	if (revision && json_equal(json_object_get(doc, "type"),
				json_object_get(running, "type")))
		json_object_set(doc, "revision", revision);
}

static int
open_change(struct orch *orch, const char *id, struct change *change, struct err *err)
{
	if (db_vnf_get(orch->db, id, &change->vnf, NULL))
		return err_set(err, ERR_NOT_FOUND, NULL, NULL,
			"there is no VNF instance '%s'", id);
	int rc = operation_check_free(orch->db, change->vnf.ns_id, err);
	if (rc)
		return rc;
	change->intent = json_object();
	return open_replicas(orch, change, err);
}

static int
open_replicas(struct orch *orch, struct change *change, struct err *err)
{
	char id[STAMP_ID + 8];
	for (unsigned i = 0; i < REPLICAS_MAX; i++) {
		struct db_object *object = &change->replicas[i].object;
		replicas_id(change->vnf.id, i, id, sizeof(id));
		if (db_object_get(orch->db, "vnf", id, object, NULL))
			break;
		change->n++;
	}
	if (strcmp(change->vnf.state, "INSTANTIATED") != 0 || change->n == 0)
		return err_set(err, ERR_STATE, NULL, NULL, "VNF '%s' is %s",
			change->vnf.name,
			change->vnf.stopped ? "stopped" : "not instantiated");
	return 0;
}

static void
clear_change(struct change *change)
{
	for (unsigned i = 0; i < change->n; i++) {
		json_decref(change->replicas[i].doc);
		db_object_clear(&change->replicas[i].object);
	}
	json_decref(change->companions);
	json_decref(change->intent);
	json_decref(change->host);
	db_vnf_clear(&change->vnf);
}

/* rc: of what came before. */
static int
accept(struct orch *orch, struct change *change, const json_t *request,
	struct operation_answer *answer, struct faults *faults, int rc, struct err *err)
{
	if (!rc && faults->n)
		rc = err_errno(faults->list[0].code);
	if (!rc)
		rc = db_begin(orch->db, err);
	if (!rc) {
		json_t *steps = steps_of(change);
		const struct operation operation = {.api = "vnf",
			.operation = change->operation,
			.ns_id = change->vnf.ns_id,
			.instance = change->vnf.id,
			.undo_on_failure = true,
			.params = request,
			.intent = change->intent,
			.steps = steps};
		rc = check_unchanged(orch, change, err);
		if (!rc)
			rc = grant_end(grant_check(orch, change->vnf.ns_id, change->host,
					       steps, NULL, faults, err),
				faults);
		if (!rc)
			rc = operation_accept(orch->db, &operation, answer, err);
		json_decref(steps);
		rc = operation_end(orch, rc, answer, err);
	}
	clear_change(change);
	return rc;
}

/* The steps are of what was read before the transaction. */
static int
check_unchanged(struct orch *orch, const struct change *change, struct err *err)
{
	int64_t n = 0;
	size_t k;
	json_t *one;
	int rc = db_policy_replicas(orch->db, change->vnf.id, &n, err);
	bool same = n == change->n;
	for (unsigned i = 0; same && i < change->n; i++)
		same = is_same(orch, change->replicas[i].object.object,
			change->replicas[i].object.doc);
	json_array_foreach (change->companions, k, one)
		same = same &&
		       is_same(orch, json_string_value(json_object_get(one, "object")),
			       json_object_get(one, "before"));
	return rc || same ? rc
			  : err_set(err, ERR_STATE, NULL, "ask for it again",
				    "VNF '%s' has changed meanwhile", change->vnf.name);
}

static bool
is_same(struct orch *orch, const char *id, const json_t *doc)
{
	struct db_object now = {0};
	const bool same = db_object_get(orch->db, "vnf", id, &now, NULL) == 0 &&
			  json_equal(now.doc, doc);
	db_object_clear(&now);
	return same;
}

static int
take_package(struct orch *orch, struct change *change, const json_t *request,
	struct faults *faults, struct err *err)
{
	const char *vnfd = json_string_value(json_object_get(request, "vnfdId"));
	const json_t *params = json_object_get(request, "additionalParams");
	const json_t *loss = json_object_get(params, "allowStateLoss");
	static const struct shape_member members[] = {
		{"additionalParams", SHAPE_MAP}, {0}};
	struct catalog catalog;
	char hint[256];
	shape_check(request, members, "", faults);
	if (loss && !json_is_boolean(loss))
		faults_add(faults, ERR_INVALID, "additionalParams.allowStateLoss",
			"true or false", "this is no truth value");
	if (!vnfd)
		return faults_add(faults, ERR_INVALID, "vnfdId",
			"renga get packages lists them", "vnfdId is missing");
	int rc = catalog_load(orch->db, &catalog, err);
	if (rc)
		return rc;
	const struct catalog_type *type = catalog_find_vnfd(&catalog, vnfd);
	if (!type)
		faults_add(faults, ERR_INVALID, "vnfdId",
			catalog_hint(&catalog, vnfd, true, hint, sizeof(hint)),
			"there is no package with the VNFD '%s'", vnfd);
	else
		rc = take_type(orch, change, &catalog, type, faults, err);
	for (unsigned i = 0; i < change->n; i++) {
		json_object_del(change->replicas[i].doc, "emptyState");
		if (json_is_true(loss))
			json_object_set_new(
				change->replicas[i].doc, "emptyState", json_true());
	}
	catalog_clear(&catalog);
	return rc;
}

static int
take_type(struct orch *orch, struct change *change, const struct catalog *catalog,
	const struct catalog_type *type, struct faults *faults, struct err *err)
{
	const struct catalog_type *former = catalog_find(catalog, change->vnf.type);
	struct faults found = {0};
	json_t *answer = NULL;
	if (!type->enabled)
		faults_add(faults, ERR_STATE, "vnfdId", "enable the package first",
			"the package of '%s' is disabled", type->vnfd);
	if (former && !json_equal(json_object_get(former->manifest, "connectionPoints"),
			      json_object_get(type->manifest, "connectionPoints")))
		faults_add(faults, ERR_INVALID, "vnfdId",
			"apply a descriptor with the other VNF in its place",
			"'%s' has other connection points than '%s'", type->vnfd,
			former->vnfd);
	int rc = orch->vnfm.driver->check(orch->vnfm.self, type->name,
		json_object_get(change->replicas[0].object.doc, "config"), &answer, NULL,
		err);
	if (rc)
		return rc;
	faults_from_json(&found, answer);
	faults_merge(faults, &found, "config");
	faults_clear(&found);
	json_decref(answer);
	for (unsigned i = 0; i < change->n; i++) {
		struct replica *replica = &change->replicas[i];
		const json_t *revision = json_object_get(replica->object.doc, "revision");
		replica->doc = json_deep_copy(replica->object.doc);
		json_object_set_new(replica->doc, "type", json_string(type->name));
		json_object_set_new(replica->doc, "revision",
			json_integer(json_integer_value(revision) + 1));
	}
	json_object_set_new(change->intent, "type", json_string(type->name));
	json_object_set_new(change->intent, "package", json_string(type->package));
	return 0;
}

static void
take_core(const json_t *host, struct change *change, const json_t *request,
	struct faults *faults)
{
	json_t *core = json_object_get(request, "core");
	struct replica *replica = chosen(change, request, faults);
	if (!json_is_integer(core)) {
		faults_add(faults, ERR_INVALID, "core", "write {\"core\": 1}",
			"core is missing, or no number");
	} else if (!has_core(host, core)) {
		faults_add(faults, ERR_INVALID, "core",
			"GET /renga/v1/hosts lists the cores", "the host has no core %d",
			(int)json_integer_value(core));
	} else if (replica) {
		replica->doc = json_deep_copy(replica->object.doc);
		json_object_set(replica->doc, "core", core);
	}
}

static bool
has_core(const json_t *host, const json_t *core)
{
	const json_t *item;
	size_t i;
	json_array_foreach (json_object_get(host, "cores"), i, item)
		if (json_equal(item, core))
			return true;
	return false;
}

/* Of several replicas the request has to name one. */
static struct replica *
chosen(struct change *change, const json_t *request, struct faults *faults)
{
	const json_t *index = json_object_get(request, "replica");
	if (!index && change->n == 1)
		return &change->replicas[0];
	if (json_is_integer(index) && json_integer_value(index) >= 0 &&
		json_integer_value(index) < change->n)
		return &change->replicas[json_integer_value(index)];
	faults_add(faults, ERR_INVALID, "replica", "write {\"core\": 1, \"replica\": 0}",
		"'%s' has %u replicas: which is to move is a number below that",
		change->vnf.name, change->n);
	return NULL;
}

/* A group runs on one core: with one of it all of it moves. */
static int
take_companions(
	struct orch *orch, struct change *change, const json_t *core, struct err *err)
{
	struct db_object *rows;
	size_t n;
	const struct replica *mover = NULL;
	for (unsigned i = 0; i < change->n; i++)
		if (change->replicas[i].doc)
			mover = &change->replicas[i];
	const char *group = mover ? group_of(mover->doc) : NULL;
	if (!group)
		return 0;
	int rc = db_object_list(orch->db, change->vnf.ns_id, &rows, &n, err);
	if (rc)
		return rc;
	change->companions = json_array();
	for (size_t i = 0; i < n; i++) {
		const char *its = group_of(rows[i].doc);
		if (!its || strcmp(its, group) != 0 ||
			strcmp(rows[i].object, mover->object.object) == 0)
			continue;
		json_t *wanted = json_deep_copy(rows[i].doc);
		json_object_set(wanted, "core", (json_t *)core);
		json_array_append_new(change->companions,
			json_pack("{s:s, s:O, s:o}", "object", rows[i].object, "before",
				rows[i].doc, "wanted", wanted));
	}
	db_objects_free(rows, n);
	return 0;
}

static const char *
group_of(const json_t *doc)
{
	return json_string_value(json_object_get(json_object_get(doc, "group"), "name"));
}

/* Those who go together are all put before one is waited for. */
static json_t *
steps_of(const struct change *change)
{
	json_t *steps = json_array(), *companion;
	size_t k;
	json_array_foreach (change->companions, k, companion)
		json_array_append_new(steps,
			json_pack("{s:s, s:s, s:O, s:s, s:O, s:O, s:O}", "action", "put",
				"kind", "vnf", "object",
				json_object_get(companion, "object"), "ns",
				change->vnf.ns_id, "name",
				json_object_get(
					json_object_get(companion, "before"), "name"),
				"wanted", json_object_get(companion, "wanted"), "before",
				json_object_get(companion, "before")));
	for (unsigned i = 0; i < change->n; i++)
		if (change->replicas[i].doc)
			add_steps(steps, &change->replicas[i]);
	return steps;
}

static void
add_steps(json_t *steps, const struct replica *replica)
{
	const struct db_object *object = &replica->object;
	const json_t *name = json_object_get(object->doc, "name");
	json_t *pair = json_pack(
		"[{s:s, s:s, s:s, s:s, s:O, s:O, s:O}, {s:s, s:s, s:s, s:s, s:O}]",
		"action", "put", "kind", "vnf", "object", object->object, "ns",
		object->ns, "name", name, "wanted", replica->doc, "before", object->doc,
		"action", "wait", "kind", "vnf", "object", object->object, "ns",
		object->ns, "name", name);
	json_array_extend(steps, pair);
	json_decref(pair);
}
