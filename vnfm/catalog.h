/* catalog.h: the VNF types that can be started here, asked of renga-vnf, and its verdicts
 * on configurations. Any thread.
 */
#ifndef VNFM_CATALOG_H
#define VNFM_CATALOG_H

#include <stdint.h>
#include <jansson.h>
#include "common/err.h"

struct catalog;

/* program: path of renga-vnf. dir: for files of configurations to be judged. Both copied.
 * Null without memory. */
struct catalog *catalog_create(const char *program, const char *dir);
void catalog_destroy(struct catalog *catalog); /* null is fine */

/* Reads all types that are there now. */
int catalog_load(struct catalog *catalog, struct err *err);
/* [manifest], read anew, so that a type that was installed meanwhile is among them; new
 * reference. */
int catalog_types(struct catalog *catalog, json_t **manifests, struct err *err);
/* The manifest of a type; new reference. ERR_NOT_FOUND with the nearest name. */
int catalog_manifest(
	struct catalog *catalog, const char *type, json_t **manifest, struct err *err);
/* Judges a configuration (null: none) by the code that would run it. 0 with *faults (a
 * list of errors, empty if it is good; new reference) and, if it is good, the bytes of
 * instance state that it needs. */
int catalog_check(struct catalog *catalog, const char *type, const json_t *config,
	json_t **faults, uint64_t *state_size, struct err *err);

#endif
