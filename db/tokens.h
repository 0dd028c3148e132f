/* tokens.h: users and the hashes of their secrets. */
#ifndef DB_TOKENS_H
#define DB_TOKENS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <jansson.h>
#include "db/db.h"

struct db_token {
	char *name;
	char *hash; /* SHA-256 of the secret, hex */
	char *role; /* viewer, operator, admin */
	char *created;
	char *project; /* null: the default one */
};

int db_token_insert(struct db *db, const struct db_token *row, struct err *err);
int db_token_delete(struct db *db, const char *name, struct err *err);
/* All, ordered by name. *rows is freed with db_tokens_free(). */
int db_token_list(struct db *db, struct db_token **rows, size_t *n, struct err *err);
/* The user whose secret has this hash. ERR_NOT_FOUND. */
int db_token_get_by_hash(
	struct db *db, const char *hash, struct db_token *row, struct err *err);
/* ERR_NOT_FOUND. */
int db_token_get(struct db *db, const char *name, struct db_token *row, struct err *err);
void db_token_clear(struct db_token *row);
void db_tokens_free(struct db_token *rows, size_t n);

#endif
