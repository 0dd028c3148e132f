/* chains.h: chains as they were applied, by name. */
#ifndef DB_CHAINS_H
#define DB_CHAINS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <jansson.h>
#include "db/db.h"

struct db_chain {
	char *name;
	char *ns_id;
	char *nsd_info_id;
	json_t *document; /* the applied chain */
};

int db_chain_insert(struct db *db, const struct db_chain *row, struct err *err);
/* All members of the row with this name. */
int db_chain_update(struct db *db, const struct db_chain *row, struct err *err);
int db_chain_delete(struct db *db, const char *name, struct err *err);
/* Fills *row, which the caller clears. ERR_NOT_FOUND. */
int db_chain_get(struct db *db, const char *name, struct db_chain *row, struct err *err);
/* All, ordered by name. *rows is freed with db_chains_free(). */
int db_chain_list(struct db *db, struct db_chain **rows, size_t *n, struct err *err);
void db_chain_clear(struct db_chain *row);
void db_chains_free(struct db_chain *rows, size_t n);

#endif
