/* reconcile.c: makes the host hold what the store wants. */
#include "orchestrator/reconcile.h"

#include <stdlib.h>
#include <string.h>
#include "common/log.h"
#include "db/objects.h"
#include "orchestrator/engine.h"
#include "orchestrator/event.h"
#include "orchestrator/step.h"

/* Things are made in this order, and ended in the opposite one. */
static const enum vnfm_kind order[] = {VNFM_SERVICE, VNFM_VNF, VNFM_PORT, VNFM_LINK};

#define N_KINDS 4
#define LINKS	3 /* place of the links in the order */

static int list_all(struct orch *orch, json_t *lists[N_KINDS], struct err *err);
static int put_wanted(
	struct orch *orch, const json_t *links, bool *again, struct err *err);
static int put_service(struct orch *orch, const char *ns, const json_t *links,
	bool *again, struct err *err);
static int relink(struct orch *orch, const char *ns, const struct db_object *rows,
	size_t n, const json_t *links, struct err *err);
static int end_links(struct orch *orch, const json_t *changes, struct err *err);
static json_t *link_changes(
	const char *ns, const struct db_object *rows, size_t n, const json_t *links);
static const json_t *find_link(const struct db_object *rows, size_t n, const char *id);
static bool joins_the_same(const json_t *link, const json_t *doc);
static int put_object(
	struct orch *orch, const struct db_object *object, bool *again, struct err *err);
static int end_unwanted(
	struct orch *orch, json_t *const lists[N_KINDS], bool *again, struct err *err);
static int end_if_unwanted(struct orch *orch, enum vnfm_kind kind, const json_t *object,
	bool *again, struct err *err);

int
reconcile(struct orch *orch, bool *again, struct err *err)
{
	json_t *lists[N_KINDS] = {NULL};
	*again = false;
	int rc = list_all(orch, lists, err);
	if (!rc)
		rc = end_unwanted(orch, lists, again, err);
	if (!rc)
		rc = put_wanted(orch, lists[LINKS], again, err);
	for (int i = 0; i < N_KINDS; i++)
		json_decref(lists[i]);
	return rc;
}

static int
list_all(struct orch *orch, json_t *lists[N_KINDS], struct err *err)
{
	int rc = 0;
	for (int i = 0; !rc && i < N_KINDS; i++)
		rc = orch->vnfm.driver->list(orch->vnfm.self, order[i], &lists[i], err);
	return rc;
}

static int
put_wanted(struct orch *orch, const json_t *links, bool *again, struct err *err)
{
	struct db_object *rows;
	size_t n;
	int rc = db_object_list(orch->db, NULL, &rows, &n, err);
	if (rc)
		return rc;
	for (size_t i = 0; !rc && i < n; i++)
		if (strcmp(rows[i].kind, "service") == 0)
			rc = put_service(orch, rows[i].ns, links, again, err);
	db_objects_free(rows, n);
	return rc;
}

/* Read again under the claim, so that nothing older than the last operation is put. */
static int
put_service(struct orch *orch, const char *ns, const json_t *links, bool *again,
	struct err *err)
{
	struct db_object *rows;
	size_t n;
	if (!engine_try_claim(orch->engine, ns)) {
		*again = true;
		return 0;
	}
	int rc = db_object_list(orch->db, ns, &rows, &n, err);
	if (!rc) {
		for (int k = 0; !rc && k < N_KINDS; k++) {
			if (k == LINKS)
				rc = relink(orch, ns, rows, n, links, err);
			for (size_t i = 0; !rc && i < n; i++)
				if (step_kind(rows[i].kind) == order[k])
					rc = put_object(orch, &rows[i], again, err);
		}
		db_objects_free(rows, n);
	}
	engine_release(orch->engine, ns);
	return rc;
}

/* Links that the host has otherwise than they are wanted carry packets: an operation was
 * cut off between the store and the host. If that is refused they go one by one, and the
 * reason shows when each of the others is put. */
static int
relink(struct orch *orch, const char *ns, const struct db_object *rows, size_t n,
	const json_t *links, struct err *err)
{
	json_t *changes = link_changes(ns, rows, n, links);
	int rc = 0;
	if (json_object_size(changes)) {
		log_info("links differ", "ns=%s next=relink", ns);
		rc = orch->vnfm.driver->relink(orch->vnfm.self, ns, changes, err);
		if (rc && rc != err_errno(ERR_UNAVAILABLE))
			rc = end_links(orch, changes, err);
	}
	json_decref(changes);
	return rc == err_errno(ERR_UNAVAILABLE) ? rc : 0;
}

/* Of {ID: document or null}, those that are to be gone, one by one. */
static int
end_links(struct orch *orch, const json_t *changes, struct err *err)
{
	const char *id;
	json_t *doc;
	int rc = 0;
	json_object_foreach ((json_t *)changes, id, doc)
		if (!rc && json_is_null(doc))
			rc = orch->vnfm.driver->del(orch->vnfm.self, VNFM_LINK, id, err);
	return rc;
}

/* {ID: document or null}: empty if nothing has to go. links: those of the host. */
static json_t *
link_changes(const char *ns, const struct db_object *rows, size_t n, const json_t *links)
{
	json_t *changes = json_object(), *link;
	bool differs = false;
	size_t i;
	json_array_foreach ((json_t *)links, i, link) {
		const char *id = json_string_value(json_object_get(link, "id"));
		const char *of = json_string_value(json_object_get(link, "ns"));
		if (!id || !of || strcmp(of, ns) != 0)
			continue;
		const json_t *doc = find_link(rows, n, id);
		differs |= !doc || !joins_the_same(link, doc);
		if (!doc)
			json_object_set_new(changes, id, json_null());
	}
	for (i = 0; i < n; i++)
		if (step_kind(rows[i].kind) == VNFM_LINK)
			json_object_set(changes, rows[i].object, rows[i].doc);
	if (!differs)
		json_object_clear(changes);
	return changes;
}

static const json_t *
find_link(const struct db_object *rows, size_t n, const char *id)
{
	for (size_t i = 0; i < n; i++)
		if (step_kind(rows[i].kind) == VNFM_LINK &&
			strcmp(rows[i].object, id) == 0)
			return rows[i].doc;
	return NULL;
}

static bool
joins_the_same(const json_t *link, const json_t *doc)
{
	const json_t *paths = json_object_get(doc, "paths");
	return json_equal(json_object_get(link, "a"), json_object_get(doc, "a")) &&
	       json_equal(json_object_get(link, "b"), json_object_get(doc, "b")) &&
	       (!paths || json_equal(json_object_get(link, "paths"), paths));
}

static int
put_object(
	struct orch *orch, const struct db_object *object, bool *again, struct err *err)
{
	json_t *actual = NULL;
	int rc = orch->vnfm.driver->put(orch->vnfm.self, step_kind(object->kind),
		object->object, object->doc, &actual, err);
	json_decref(actual);
	if (!rc || rc == err_errno(ERR_UNAVAILABLE))
		return rc;
	*again = true;
	log_warn("object cannot be restored", "kind=%s id=%s reason=\"%s\"", object->kind,
		object->object, err->text);
	event_add(orch->db, NULL, "restore-failed", object->ns,
		strcmp(object->kind, "vnf") == 0 ? object->object : NULL,
		json_pack("{s:s, s:s, s:o}", "kind", object->kind, "object",
			object->object, "error", err_to_json(err)));
	return 0;
}

static int
end_unwanted(
	struct orch *orch, json_t *const lists[N_KINDS], bool *again, struct err *err)
{
	int rc = 0;
	for (int k = N_KINDS - 1; !rc && k >= 0; k--) {
		size_t i;
		json_t *object;
		json_array_foreach (lists[k], i, object) {
			rc = end_if_unwanted(orch, order[k], object, again, err);
			if (rc)
				break;
		}
	}
	return rc;
}

static int
end_if_unwanted(struct orch *orch, enum vnfm_kind kind, const json_t *object, bool *again,
	struct err *err)
{
	struct db_object row = {0};
	const char *id = json_string_value(json_object_get(object, "id"));
	const char *ns = json_string_value(json_object_get(object, "ns"));
	if (!id && kind == VNFM_SERVICE)
		id = ns;
	if (!ns)
		ns = id;
	if (!id)
		return 0;
	if (!engine_try_claim(orch->engine, ns)) {
		*again = true;
		return 0;
	}
	int rc = db_object_get(orch->db, step_kind_name(kind), id, &row, NULL);
	db_object_clear(&row);
	if (rc == err_errno(ERR_NOT_FOUND) && kind == VNFM_LINK &&
		db_object_get(orch->db, "service", ns, &row, NULL) == 0) {
		db_object_clear(&row);
		rc = 0; /* a relink takes it away when what follows it is there */
	}
	if (rc == err_errno(ERR_NOT_FOUND)) {
		log_info("ending what nobody wants", "kind=%s id=%s",
			step_kind_name(kind), id);
		rc = orch->vnfm.driver->del(orch->vnfm.self, kind, id, err);
		if (rc && rc != err_errno(ERR_UNAVAILABLE)) {
			*again = true;
			rc = 0;
		}
	} else if (rc) {
		rc = err_set(err, ERR_INTERNAL, NULL, NULL, "the store cannot be read");
	}
	engine_release(orch->engine, ns);
	return rc;
}
