/* vnf_instances.h: VNF instances, each a part of a network service instance, if only of
 * one that is made for it. */
#ifndef DB_VNF_INSTANCES_H
#define DB_VNF_INSTANCES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <jansson.h>
#include "db/db.h"

struct db_vnf {
	char *id;
	char *ns_id;
	char *name;    /* <service>.<profile>, unique */
	char *profile; /* name inside the service */
	char *type;
	char *package_id;
	char *state;	   /* NOT_INSTANTIATED, INSTANTIATED */
	char *occurrence;  /* id of the operation that brought it; "": none */
	json_t *user_data; /* vnfInstanceDescription, metadata, extensions */
	json_t *stopped; /* objects that its start brings back; null: it is not stopped */
	int64_t state_size; /* bytes that its configuration needed when it was made */
};

int db_vnf_insert(struct db *db, const struct db_vnf *row, struct err *err);
/* All members of the row with this id. */
int db_vnf_update(struct db *db, const struct db_vnf *row, struct err *err);
int db_vnf_delete(struct db *db, const char *id, struct err *err);
/* Fills *row, which the caller clears. ERR_NOT_FOUND. */
int db_vnf_get(struct db *db, const char *id, struct db_vnf *row, struct err *err);
int db_vnf_get_by_name(
	struct db *db, const char *name, struct db_vnf *row, struct err *err);
/* All, ordered by name. *rows is freed with db_vnfs_free(). */
int db_vnf_list(struct db *db, struct db_vnf **rows, size_t *n, struct err *err);
/* Those of one service. */
int db_vnf_list_of_ns(struct db *db, const char *ns_id, struct db_vnf **rows, size_t *n,
	struct err *err);
/* Whether one of a service is stopped. */
bool db_vnf_any_stopped(struct db *db, const char *ns_id);
/* Those made from a package. */
int db_vnf_list_using(struct db *db, const char *package_id, struct db_vnf **rows,
	size_t *n, struct err *err);
void db_vnf_clear(struct db_vnf *row);
void db_vnfs_free(struct db_vnf *rows, size_t n);

#endif
