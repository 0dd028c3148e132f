/* objects.h: what the hosts are wanted to hold: services, ports, VNFs and links, as
 * documents.
 *
 * This table is the truth that reconciliation restores; an operation's step changes it in
 * the same transaction that marks the step as being done.
 */
#ifndef DB_OBJECTS_H
#define DB_OBJECTS_H

#include <stddef.h>
#include <jansson.h>
#include "db/db.h"

struct db_object {
	char *id;     /* "<kind>:<object>", unique */
	char *kind;   /* service, port, vnf, link */
	char *object; /* its id at the VNFM */
	char *ns;
	json_t *doc;
};

/* Inserts or replaces. */
int db_object_put(struct db *db, const char *kind, const char *object, const char *ns,
	const json_t *doc, struct err *err);
/* One that is not there is fine; a service takes all objects of its NS along. */
int db_object_del(struct db *db, const char *kind, const char *object, struct err *err);
/* ERR_NOT_FOUND. */
int db_object_get(struct db *db, const char *kind, const char *object,
	struct db_object *row, struct err *err);
/* Of the document only the tag, as {"tag": ...}: the rest may have megabytes. */
int db_object_get_tag(struct db *db, const char *kind, const char *object,
	struct db_object *row, struct err *err);
/* ns null: of all services. *rows is freed with db_objects_free(). */
int db_object_list(struct db *db, const char *ns, struct db_object **rows, size_t *n,
	struct err *err);
/* Ports that are wanted, or that an unfinished operation is about to want. */
int db_object_list_ports(
	struct db *db, struct db_object **rows, size_t *n, struct err *err);
/* Objects that are not there yet, and that an unfinished operation is about to want. */
int db_object_list_planned(
	struct db *db, struct db_object **rows, size_t *n, struct err *err);
void db_object_clear(struct db_object *row);
void db_objects_free(struct db_object *rows, size_t n);

#endif
