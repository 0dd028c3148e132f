/* chains.c: the table chains. */
#include "db/chains.h"

#include "db/internal.h"

static const struct db_column columns[] = {
	{"name", DB_TEXT, offsetof(struct db_chain, name)},
	{"ns_id", DB_TEXT, offsetof(struct db_chain, ns_id)},
	{"nsd_info_id", DB_TEXT, offsetof(struct db_chain, nsd_info_id)},
	{"document", DB_JSON, offsetof(struct db_chain, document)},
	{0},
};

static const struct db_table table = {"chains", columns, sizeof(struct db_chain), "name"};

int
db_chain_insert(struct db *db, const struct db_chain *row, struct err *err)
{
	return db_row_insert(db, &table, row, err);
}

int
db_chain_update(struct db *db, const struct db_chain *row, struct err *err)
{
	return db_row_update(db, &table, row, err);
}

int
db_chain_delete(struct db *db, const char *name, struct err *err)
{
	return db_row_delete(db, &table, name, err);
}

int
db_chain_get(struct db *db, const char *name, struct db_chain *row, struct err *err)
{
	return db_row_get(db, &table, name, row, err);
}

int
db_chain_list(struct db *db, struct db_chain **rows, size_t *n, struct err *err)
{
	return db_row_list(db, &table, (void **)rows, n, err, NULL, "");
}

void
db_chain_clear(struct db_chain *row)
{
	db_row_clear(&table, row);
}

void
db_chains_free(struct db_chain *rows, size_t n)
{
	db_rows_free(&table, rows, n);
}
