/* project.c: see project.h. */
#include "orchestrator/project.h"

#include <stdio.h>
#include <string.h>
#include "db/ns_instances.h"
#include "db/projects.h"
#include "db/tokens.h"
#include "orchestrator/deploy.h"
#include "orchestrator/grant.h"
#include "orchestrator/descriptor/model.h"
#include "orchestrator/stamp.h"

struct all { /* that a project's part is counted of */
	json_t *objects, *sizes;
};

static int read_all(struct orch *orch, struct all *all, struct err *err);
static void clear_all(struct all *all);
static int to_json(struct orch *orch, const struct db_project *row, const struct all *all,
	json_t **project, struct err *err);
static int find(
	struct orch *orch, const char *name, struct db_project *row, struct err *err);
static int read_members(
	struct db *db, const char *project, json_t **members, struct err *err);
static struct quota quota_of(const struct db_project *row);
static bool is_default(const char *name);

static const struct db_project unlimited = {.name = DB_PROJECT_DEFAULT,
	.services = QUOTA_NONE,
	.vnfs = QUOTA_NONE,
	.memory_mib = QUOTA_NONE,
	.cores = QUOTA_NONE};

int
project_list(struct orch *orch, json_t **list, struct err *err)
{
	struct db_project *rows;
	struct all all = {0};
	size_t n;
	bool has_default = false;
	int rc = db_project_list(orch->db, &rows, &n, err);
	if (rc)
		return rc;
	*list = json_array();
	rc = read_all(orch, &all, err);
	for (size_t i = 0; i < n; i++)
		has_default |= is_default(rows[i].name);
	for (size_t i = has_default; !rc && i <= n; i++) {
		json_t *project = NULL;
		rc = to_json(orch, i ? &rows[i - 1] : &unlimited, &all, &project, err);
		if (project)
			json_array_append_new(*list, project);
	}
	clear_all(&all);
	db_projects_free(rows, n);
	if (rc)
		json_decref(*list);
	return rc;
}

int
project_get(struct orch *orch, const char *name, json_t **project, struct err *err)
{
	struct db_project row = {0};
	struct all all = {0};
	int rc = find(orch, name, &row, err);
	if (!rc)
		rc = read_all(orch, &all, err);
	if (!rc)
		rc = to_json(orch, row.name ? &row : &unlimited, &all, project, err);
	clear_all(&all);
	db_project_clear(&row);
	return rc;
}

int
project_put(struct orch *orch, const char *name, const json_t *request,
	struct faults *faults, struct err *err)
{
	char now[STAMP_TIME];
	struct quota quota;
	struct faults found = {0};
	if (!model_name_ok(name, PROJECT_NAME - 1))
		return err_set(err, ERR_INVALID, "name",
			"small letters, digits and dashes",
			"'%s' cannot be the name of a project", name);
	quota_from_json(json_object_get(request, "quota"), &quota, &found);
	faults_merge(faults, &found, "quota");
	faults_clear(&found);
	if (faults->n)
		return err_errno(faults->list[0].code);
	const struct db_project row = {(char *)name, quota.n[QUOTA_SERVICES],
		quota.n[QUOTA_VNFS], quota.n[QUOTA_MEMORY], quota.n[QUOTA_CORES],
		stamp_time(now)};
	return db_project_put(orch->db, &row, err);
}

int
project_delete(struct orch *orch, const char *name, struct err *err)
{
	int64_t members = 0;
	int rc = db_begin(orch->db, err);
	if (rc)
		return rc;
	rc = db_project_members(orch->db, name, &members, err);
	if (!rc && members && !is_default(name))
		rc = err_set(err, ERR_STATE, NULL, "delete them first",
			"%d services and tokens are of project '%s'", (int)members, name);
	if (!rc && db_project_delete(orch->db, name, NULL))
		rc = err_set(err, ERR_NOT_FOUND, NULL, NULL,
			is_default(name) ? "project '%s' has no quota"
					 : "there is no project '%s'",
			name);
	return db_end(orch->db, rc, err);
}

int
project_check(struct orch *orch, const char *name, struct err *err)
{
	struct db_project row = {0};
	int rc = name ? find(orch, name, &row, NULL) : 0;
	db_project_clear(&row);
	return rc ? err_set(err, ERR_INVALID, "project", "renga project set NAME",
			    "there is no project '%s'", name)
		  : 0;
}

const char *
project_of_user(struct orch *orch, const char *user, char buf[PROJECT_NAME])
{
	struct db_token row = {0};
	const char *project = NULL;
	if (db_token_get(orch->db, user, &row, NULL) == 0 && row.project) {
		snprintf(buf, PROJECT_NAME, "%s", row.project);
		project = buf;
	}
	db_token_clear(&row);
	return project;
}

int
project_quota_of(struct db *db, const char *ns_id, const char *fallback,
	char project[PROJECT_NAME], struct quota *quota, json_t **members,
	struct err *err)
{
	struct db_ns ns = {0};
	struct db_project row = {0};
	const bool known = db_ns_get(db, ns_id, &ns, NULL) == 0;
	const char *name = known ? ns.project : fallback;
	*members = NULL;
	snprintf(project, PROJECT_NAME, "%s", name ? name : DB_PROJECT_DEFAULT);
	db_ns_clear(&ns);
	int rc = db_project_get(db, project, &row, err);
	if (rc == err_errno(ERR_NOT_FOUND)) {
		*project = '\0';
		return 0;
	}
	*quota = quota_of(&row);
	db_project_clear(&row);
	if (!rc)
		rc = read_members(db, project, members, err);
	if (!rc)
		json_object_set_new(*members, ns_id, json_true());
	return rc;
}

static int
read_all(struct orch *orch, struct all *all, struct err *err)
{
	json_t *pending = NULL;
	int rc = deploy_wanted(orch->db, NULL, &all->objects, err);
	if (!rc)
		rc = deploy_pending(orch->db, &pending, err);
	if (!rc)
		rc = grant_sizes(orch->db, NULL, &all->sizes, err);
	if (!rc)
		json_array_extend(all->objects, pending);
	json_decref(pending);
	return rc;
}

static void
clear_all(struct all *all)
{
	json_decref(all->objects);
	json_decref(all->sizes);
}

static int
to_json(struct orch *orch, const struct db_project *row, const struct all *all,
	json_t **project, struct err *err)
{
	json_t *members = NULL;
	int rc = read_members(orch->db, row->name, &members, err);
	if (!rc) {
		const struct quota quota = quota_of(row),
				   used = quota_used(all->objects, members, all->sizes);
		*project = json_pack("{s:s, s:o, s:o, s:s*}", "name", row->name, "quota",
			quota_to_json(&quota), "used", quota_to_json(&used), "created",
			row->created);
	}
	json_decref(members);
	return rc;
}

/* Of the default project there may be no row: it is left empty. */
static int
find(struct orch *orch, const char *name, struct db_project *row, struct err *err)
{
	if (db_project_get(orch->db, name, row, NULL) == 0 || is_default(name))
		return 0;
	return err_set(err, ERR_NOT_FOUND, NULL, NULL, "there is no project '%s'", name);
}

static int
read_members(struct db *db, const char *project, json_t **members, struct err *err)
{
	struct db_ns *rows;
	size_t n;
	int rc = db_ns_list_of_project(db, project, &rows, &n, err);
	if (rc)
		return rc;
	*members = json_object();
	for (size_t i = 0; i < n; i++)
		json_object_set_new(*members, rows[i].id, json_true());
	db_nss_free(rows, n);
	return 0;
}

static struct quota
quota_of(const struct db_project *row)
{
	return (struct quota){{[QUOTA_SERVICES] = row->services,
		[QUOTA_VNFS] = row->vnfs,
		[QUOTA_MEMORY] = row->memory_mib,
		[QUOTA_CORES] = row->cores}};
}

static bool
is_default(const char *name)
{
	return strcmp(name, DB_PROJECT_DEFAULT) == 0;
}
