/* policies.h: which services have policies in their descriptors. */
#ifndef DB_POLICIES_H
#define DB_POLICIES_H

#include <stddef.h>
#include <stdint.h>
#include "db/db.h"

struct db_policy_service { /* one that is instantiated */
	char *ns, *name, *flavour;
	char *nsd_info_id;
	int64_t revision; /* of the descriptor: another one after each change */
};

/* *rows is freed with db_policy_services_free(). */
int db_policy_services(
	struct db *db, struct db_policy_service **rows, size_t *n, struct err *err);
void db_policy_services_free(struct db_policy_service *rows, size_t n);

/* Replicas that a VNF is wanted to have; 0: none, as it is stopped. */
int db_policy_replicas(struct db *db, const char *vnf, int64_t *n, struct err *err);
#endif
