/* catalog.h: the VNF types that can be used: packages, and what their manifests say. */
#ifndef ORCHESTRATOR_DESCRIPTOR_CATALOG_H
#define ORCHESTRATOR_DESCRIPTOR_CATALOG_H

#include <stdbool.h>
#include <stddef.h>
#include <jansson.h>
#include "common/err.h"
#include "db/db.h"

struct catalog_type {
	char *name;    /* "firewall" */
	char *vnfd;    /* "renga-firewall" */
	char *package; /* vnfPkgId */
	bool enabled;
	json_t *manifest; /* what `renga-vnf --describe` prints */
	size_t n_cps;
	const char **cps; /* names, in the type's order; borrowed from the manifest;
			     null-ended */
};

struct catalog {
	struct catalog_type *types;
	size_t n;
};

/* Reads the packages; the caller clears. */
int catalog_load(struct db *db, struct catalog *catalog, struct err *err);
/* Adds a type as a package would bring it. 0 or -ENOMEM. */
int catalog_add(struct catalog *catalog, const char *package, const char *vnfd,
	bool enabled, json_t *manifest);
void catalog_clear(struct catalog *catalog);

/* By type or by vnfdId; null if there is none. */
const struct catalog_type *catalog_find(const struct catalog *catalog, const char *name);
const struct catalog_type *catalog_find_vnfd(
	const struct catalog *catalog, const char *vnfd);

/* "did you mean 'firewall'?", or the known ones: for a fault. Returns buf. */
char *catalog_hint(const struct catalog *catalog, const char *word, bool vnfd, char *buf,
	size_t size);

/* Whether a VNF of it can have replicas. */
bool catalog_scales(const struct catalog_type *type);
/* One that can only if it was told so from its start on: each replica has a share of its
 * ports. */
bool catalog_scales_by_port(const struct catalog_type *type);

/* Index of a connection point, or -1. */
int catalog_cp(const struct catalog_type *type, const char *cp);

#endif
