/* ns_instances.c: the table ns_instances. */
#include "db/ns_instances.h"

#include "db/internal.h"
#include "db/nsds.h"

static const struct db_column columns[] = {
	{"id", DB_TEXT, offsetof(struct db_ns, id)},
	{"name", DB_TEXT, offsetof(struct db_ns, name)},
	{"description", DB_TEXT, offsetof(struct db_ns, description)},
	{"nsd_info_id", DB_TEXT, offsetof(struct db_ns, nsd_info_id)},
	{"nsd_id", DB_TEXT, offsetof(struct db_ns, nsd_id)},
	{"flavour", DB_TEXT, offsetof(struct db_ns, flavour)},
	{"state", DB_TEXT, offsetof(struct db_ns, state)},
	{"created", DB_TEXT, offsetof(struct db_ns, created)},
	{"project", DB_TEXT, offsetof(struct db_ns, project)},
	{0},
};

static const struct db_table table = {
	"ns_instances", columns, sizeof(struct db_ns), "created,id"};

/* Those that are not made for a VNF alone. */
static const struct db_table shown = {
	"(SELECT * FROM ns_instances WHERE nsd_info_id<>'" DB_NSD_NONE "')", columns,
	sizeof(struct db_ns), "created,id"};

int
db_ns_insert(struct db *db, const struct db_ns *row, struct err *err)
{
	return db_row_insert(db, &table, row, err);
}

int
db_ns_update(struct db *db, const struct db_ns *row, struct err *err)
{
	return db_row_update(db, &table, row, err);
}

int
db_ns_delete(struct db *db, const char *id, struct err *err)
{
	return db_row_delete(db, &table, id, err);
}

int
db_ns_get(struct db *db, const char *id, struct db_ns *row, struct err *err)
{
	return db_row_get(db, &table, id, row, err);
}

int
db_ns_get_shown(struct db *db, const char *id, struct db_ns *row, struct err *err)
{
	int rc = db_row_get(db, &shown, id, row, err);
	return rc == err_errno(ERR_NOT_FOUND)
		       ? err_set(err, ERR_NOT_FOUND, NULL, NULL,
				 "there is no NS instance '%s'", id)
		       : rc;
}

int
db_ns_get_by_name(struct db *db, const char *name, struct db_ns *row, struct err *err)
{
	return db_row_get_where(db, &table, "name=?", name, row, err);
}

int
db_ns_page(struct db *db, const struct db_page *page, struct db_ns **rows, size_t *n,
	struct err *err)
{
	return db_row_page(db, &shown, page, (void **)rows, n, err);
}

int
db_ns_list(struct db *db, struct db_ns **rows, size_t *n, struct err *err)
{
	return db_row_list(db, &table, (void **)rows, n, err, NULL, "");
}

int
db_ns_list_using(struct db *db, const char *nsd_info_id, struct db_ns **rows, size_t *n,
	struct err *err)
{
	return db_row_list(
		db, &table, (void **)rows, n, err, "nsd_info_id=?", "s", nsd_info_id);
}

int
db_ns_list_of_project(struct db *db, const char *project, struct db_ns **rows, size_t *n,
	struct err *err)
{
	return db_row_list(db, &table, (void **)rows, n, err,
		"coalesce(project,'default')=?", "s", project);
}

void
db_ns_clear(struct db_ns *row)
{
	db_row_clear(&table, row);
}

void
db_nss_free(struct db_ns *rows, size_t n)
{
	db_rows_free(&table, rows, n);
}
