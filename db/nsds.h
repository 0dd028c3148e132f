/* nsds.h: network service descriptors, one row per NsdInfo. */
#ifndef DB_NSDS_H
#define DB_NSDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <jansson.h>
#include "db/db.h"

/* Of a service that is made for a VNF alone: no function below gives it out. */
#define DB_NSD_NONE "vnf"

struct db_nsd {
	char *id;     /* nsdInfoId */
	char *nsd_id; /* of the descriptor; null before its content came */
	char *name;
	char *version;
	char *designer;
	char *invariant_id;
	char *onboarding;  /* CREATED, ONBOARDED */
	char *operational; /* ENABLED, DISABLED */
	json_t *nsd;	   /* the descriptor in its ETSI form */
	json_t *user_data;
	json_t *failure; /* ProblemDetails of the last upload */
	char *created;
};

int db_nsd_insert(struct db *db, const struct db_nsd *row, struct err *err);
/* All members of the row with this id. */
int db_nsd_update(struct db *db, const struct db_nsd *row, struct err *err);
int db_nsd_delete(struct db *db, const char *id, struct err *err);
/* Fills *row, which the caller clears. ERR_NOT_FOUND. */
int db_nsd_get(struct db *db, const char *id, struct db_nsd *row, struct err *err);
/* All, ordered by created,id. *rows is freed with db_nsds_free(). */
int db_nsd_list(struct db *db, struct db_nsd **rows, size_t *n, struct err *err);
/* By the id that the descriptor itself carries. */
int db_nsd_get_by_nsd_id(
	struct db *db, const char *nsd_id, struct db_nsd *row, struct err *err);

/* The content as it was uploaded, so that it is given back as it came. */
struct db_content {
	char *type; /* media type */
	void *data;
	size_t len;
};
int db_content_put(struct db *db, const char *id, const char *type, const void *data,
	size_t len, struct err *err);
int db_content_get(struct db *db, const char *id, struct db_content *content,
	struct err *err); /* data has a NUL behind it; caller clears */
void db_content_clear(struct db_content *content);

void db_nsd_clear(struct db_nsd *row);
void db_nsds_free(struct db_nsd *rows, size_t n);

#endif
