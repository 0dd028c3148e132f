/* projects.c: the table projects. */
#include "db/projects.h"

#include "db/internal.h"

static const struct db_column columns[] = {
	{"name", DB_TEXT, offsetof(struct db_project, name)},
	{"services", DB_INT, offsetof(struct db_project, services)},
	{"vnfs", DB_INT, offsetof(struct db_project, vnfs)},
	{"memory_mib", DB_INT, offsetof(struct db_project, memory_mib)},
	{"cores", DB_INT, offsetof(struct db_project, cores)},
	{"created", DB_TEXT, offsetof(struct db_project, created)},
	{0},
};

static const struct db_table table = {
	"projects", columns, sizeof(struct db_project), "name"};

int
db_project_put(struct db *db, const struct db_project *row, struct err *err)
{
	return db_run(db, err,
		"INSERT INTO projects(name,services,vnfs,memory_mib,cores,created)"
		" VALUES(?,?,?,?,?,?) ON CONFLICT(name) DO UPDATE SET"
		" services=excluded.services, vnfs=excluded.vnfs,"
		" memory_mib=excluded.memory_mib, cores=excluded.cores",
		"siiiis", row->name, row->services, row->vnfs, row->memory_mib,
		row->cores, row->created);
}

int
db_project_delete(struct db *db, const char *name, struct err *err)
{
	return db_row_delete(db, &table, name, err);
}

int
db_project_get(struct db *db, const char *name, struct db_project *row, struct err *err)
{
	return db_row_get(db, &table, name, row, err);
}

int
db_project_list(struct db *db, struct db_project **rows, size_t *n, struct err *err)
{
	return db_row_list(db, &table, (void **)rows, n, err, NULL, "");
}

int
db_project_members(struct db *db, const char *name, int64_t *n, struct err *err)
{
	return db_number(db, n, err,
		"SELECT (SELECT count(*) FROM tokens WHERE project=?1)"
		" + (SELECT count(*) FROM ns_instances WHERE project=?1)",
		"s", name);
}

void
db_project_clear(struct db_project *row)
{
	db_row_clear(&table, row);
}

void
db_projects_free(struct db_project *rows, size_t n)
{
	db_rows_free(&table, rows, n);
}
