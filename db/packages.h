/* packages.h: VNF packages, one row per VnfPkgInfo; a built-in one per type of VNF. */
#ifndef DB_PACKAGES_H
#define DB_PACKAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <jansson.h>
#include "db/db.h"

struct db_package {
	char *id;
	char *vnfd_id;
	char *type; /* of VNF that it brings */
	char *provider;
	char *product;
	char *software_version;
	char *vnfd_version;
	char *operational; /* ENABLED, DISABLED */
	json_t *manifest;  /* of the type */
	json_t *user_data;
};

int db_package_insert(struct db *db, const struct db_package *row, struct err *err);
/* All members of the row with this id. */
int db_package_update(struct db *db, const struct db_package *row, struct err *err);
/* Fills *row, which the caller clears. ERR_NOT_FOUND. */
int db_package_get(
	struct db *db, const char *id, struct db_package *row, struct err *err);
/* All, ordered by id. *rows is freed with db_packages_free(). */
int db_package_list(struct db *db, struct db_package **rows, size_t *n, struct err *err);
void db_package_clear(struct db_package *row);
void db_packages_free(struct db_package *rows, size_t n);

#endif
