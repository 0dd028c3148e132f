/* projects.h: projects, and how much of the platform their services may have. */
#ifndef DB_PROJECTS_H
#define DB_PROJECTS_H

#include <stddef.h>
#include <stdint.h>
#include "db/db.h"

#define DB_PROJECT_DEFAULT "default" /* of what names none; it needs no row */

struct db_project {
	char *name;
	int64_t services, vnfs, memory_mib, cores; /* at most; -1: no limit */
	char *created;
};

/* Inserts, or gives one that is there other quotas. */
int db_project_put(struct db *db, const struct db_project *row, struct err *err);
/* ERR_NOT_FOUND. */
int db_project_delete(struct db *db, const char *name, struct err *err);
/* Fills *row, which the caller clears. ERR_NOT_FOUND. */
int db_project_get(
	struct db *db, const char *name, struct db_project *row, struct err *err);
/* All, ordered by name. *rows is freed with db_projects_free(). */
int db_project_list(struct db *db, struct db_project **rows, size_t *n, struct err *err);
/* Services and tokens of a project. */
int db_project_members(struct db *db, const char *name, int64_t *n, struct err *err);
void db_project_clear(struct db_project *row);
void db_projects_free(struct db_project *rows, size_t n);

#endif
