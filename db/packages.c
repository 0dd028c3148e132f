/* packages.c: the table packages. */
#include "db/packages.h"

#include "db/internal.h"

static const struct db_column columns[] = {
	{"id", DB_TEXT, offsetof(struct db_package, id)},
	{"vnfd_id", DB_TEXT, offsetof(struct db_package, vnfd_id)},
	{"type", DB_TEXT, offsetof(struct db_package, type)},
	{"provider", DB_TEXT, offsetof(struct db_package, provider)},
	{"product", DB_TEXT, offsetof(struct db_package, product)},
	{"software_version", DB_TEXT, offsetof(struct db_package, software_version)},
	{"vnfd_version", DB_TEXT, offsetof(struct db_package, vnfd_version)},
	{"operational", DB_TEXT, offsetof(struct db_package, operational)},
	{"manifest", DB_JSON, offsetof(struct db_package, manifest)},
	{"user_data", DB_JSON, offsetof(struct db_package, user_data)},
	{0},
};

static const struct db_table table = {
	"packages", columns, sizeof(struct db_package), "id"};

int
db_package_insert(struct db *db, const struct db_package *row, struct err *err)
{
	return db_row_insert(db, &table, row, err);
}

int
db_package_update(struct db *db, const struct db_package *row, struct err *err)
{
	return db_row_update(db, &table, row, err);
}

int
db_package_get(struct db *db, const char *id, struct db_package *row, struct err *err)
{
	return db_row_get(db, &table, id, row, err);
}

int
db_package_list(struct db *db, struct db_package **rows, size_t *n, struct err *err)
{
	return db_row_list(db, &table, (void **)rows, n, err, NULL, "");
}

void
db_package_clear(struct db_package *row)
{
	db_row_clear(&table, row);
}

void
db_packages_free(struct db_package *rows, size_t n)
{
	db_rows_free(&table, rows, n);
}
