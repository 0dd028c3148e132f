/* tokens.c: the table tokens. */
#include "db/tokens.h"

#include "db/internal.h"

static const struct db_column columns[] = {
	{"name", DB_TEXT, offsetof(struct db_token, name)},
	{"hash", DB_TEXT, offsetof(struct db_token, hash)},
	{"role", DB_TEXT, offsetof(struct db_token, role)},
	{"created", DB_TEXT, offsetof(struct db_token, created)},
	{"project", DB_TEXT, offsetof(struct db_token, project)},
	{0},
};

static const struct db_table table = {"tokens", columns, sizeof(struct db_token), "name"};

int
db_token_insert(struct db *db, const struct db_token *row, struct err *err)
{
	return db_row_insert(db, &table, row, err);
}

int
db_token_delete(struct db *db, const char *name, struct err *err)
{
	return db_row_delete(db, &table, name, err);
}

int
db_token_list(struct db *db, struct db_token **rows, size_t *n, struct err *err)
{
	return db_row_list(db, &table, (void **)rows, n, err, NULL, "");
}

int
db_token_get_by_hash(
	struct db *db, const char *hash, struct db_token *row, struct err *err)
{
	return db_row_get_where(db, &table, "hash=?", hash, row, err);
}

int
db_token_get(struct db *db, const char *name, struct db_token *row, struct err *err)
{
	return db_row_get(db, &table, name, row, err);
}

void
db_token_clear(struct db_token *row)
{
	db_row_clear(&table, row);
}

void
db_tokens_free(struct db_token *rows, size_t n)
{
	db_rows_free(&table, rows, n);
}
