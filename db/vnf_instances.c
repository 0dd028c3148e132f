/* vnf_instances.c: the table vnf_instances. */
#include "db/vnf_instances.h"

#include "db/internal.h"

static const struct db_column columns[] = {
	{"id", DB_TEXT, offsetof(struct db_vnf, id)},
	{"ns_id", DB_TEXT, offsetof(struct db_vnf, ns_id)},
	{"name", DB_TEXT, offsetof(struct db_vnf, name)},
	{"profile", DB_TEXT, offsetof(struct db_vnf, profile)},
	{"type", DB_TEXT, offsetof(struct db_vnf, type)},
	{"package_id", DB_TEXT, offsetof(struct db_vnf, package_id)},
	{"state", DB_TEXT, offsetof(struct db_vnf, state)},
	{"occurrence", DB_TEXT, offsetof(struct db_vnf, occurrence)},
	{"user_data", DB_JSON, offsetof(struct db_vnf, user_data)},
	{"stopped", DB_JSON, offsetof(struct db_vnf, stopped)},
	{"state_size", DB_INT, offsetof(struct db_vnf, state_size)},
	{0},
};

static const struct db_table table = {
	"vnf_instances", columns, sizeof(struct db_vnf), "name"};

int
db_vnf_insert(struct db *db, const struct db_vnf *row, struct err *err)
{
	return db_row_insert(db, &table, row, err);
}

int
db_vnf_update(struct db *db, const struct db_vnf *row, struct err *err)
{
	return db_row_update(db, &table, row, err);
}

int
db_vnf_delete(struct db *db, const char *id, struct err *err)
{
	return db_row_delete(db, &table, id, err);
}

int
db_vnf_get(struct db *db, const char *id, struct db_vnf *row, struct err *err)
{
	return db_row_get(db, &table, id, row, err);
}

int
db_vnf_get_by_name(struct db *db, const char *name, struct db_vnf *row, struct err *err)
{
	return db_row_get_where(db, &table, "name=?", name, row, err);
}

int
db_vnf_list(struct db *db, struct db_vnf **rows, size_t *n, struct err *err)
{
	return db_row_list(db, &table, (void **)rows, n, err, NULL, "");
}

int
db_vnf_list_of_ns(struct db *db, const char *ns_id, struct db_vnf **rows, size_t *n,
	struct err *err)
{
	return db_row_list(db, &table, (void **)rows, n, err, "ns_id=?", "s", ns_id);
}

bool
db_vnf_any_stopped(struct db *db, const char *ns_id)
{
	struct db_vnf row = {0};
	const int rc = db_row_get_where(
		db, &table, "stopped IS NOT NULL AND ns_id=?", ns_id, &row, NULL);
	db_row_clear(&table, &row);
	return rc == 0;
}

int
db_vnf_list_using(struct db *db, const char *package_id, struct db_vnf **rows, size_t *n,
	struct err *err)
{
	return db_row_list(
		db, &table, (void **)rows, n, err, "package_id=?", "s", package_id);
}

void
db_vnf_clear(struct db_vnf *row)
{
	db_row_clear(&table, row);
}

void
db_vnfs_free(struct db_vnf *rows, size_t n)
{
	db_rows_free(&table, rows, n);
}
