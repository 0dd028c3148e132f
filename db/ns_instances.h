/* ns_instances.h: network service instances. */
#ifndef DB_NS_INSTANCES_H
#define DB_NS_INSTANCES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <jansson.h>
#include "db/db.h"
#include "db/page.h"

struct db_ns {
	char *id;
	char *name; /* unique */
	char *description;
	char *nsd_info_id;
	char *nsd_id;
	char *flavour; /* null unless instantiated */
	char *state;   /* NOT_INSTANTIATED, INSTANTIATED */
	char *created;
	char *project; /* whose it is; null: the default one */
};

int db_ns_insert(struct db *db, const struct db_ns *row, struct err *err);
/* All members of the row with this id. */
int db_ns_update(struct db *db, const struct db_ns *row, struct err *err);
int db_ns_delete(struct db *db, const char *id, struct err *err);
/* Fills *row, which the caller clears. ERR_NOT_FOUND. */
int db_ns_get(struct db *db, const char *id, struct db_ns *row, struct err *err);
/* The same, but for one that is made for a VNF alone (DB_NSD_NONE). */
int db_ns_get_shown(struct db *db, const char *id, struct db_ns *row, struct err *err);
/* All, ordered by created,id. *rows is freed with db_nss_free(). */
/* ERR_NOT_FOUND. */
int db_ns_get_by_name(
	struct db *db, const char *name, struct db_ns *row, struct err *err);
/* A part of them, by name, nsd_id, state, without those that are made for a VNF alone. */
int db_ns_page(struct db *db, const struct db_page *page, struct db_ns **rows, size_t *n,
	struct err *err);
int db_ns_list(struct db *db, struct db_ns **rows, size_t *n, struct err *err);
/* Those made from a descriptor. */
int db_ns_list_using(struct db *db, const char *nsd_info_id, struct db_ns **rows,
	size_t *n, struct err *err);
/* Those of a project ("default": and of none). */
int db_ns_list_of_project(struct db *db, const char *project, struct db_ns **rows,
	size_t *n, struct err *err);
void db_ns_clear(struct db_ns *row);
void db_nss_free(struct db_ns *rows, size_t n);

#endif
