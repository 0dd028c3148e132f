/* top_print.h: one service at a glance, from two readings of its statistics. Pure but for
 * the FILE. */
#ifndef CLI_TOP_PRINT_H
#define CLI_TOP_PRINT_H

#include "cli/output.h"

/* before (null: rates are not known) and after: `GET /renga/v1/stats/ns/{id}`, read
 * seconds apart. path: names of the hops in their order, ["lan", "fw", "wan"]; hops that
 * it does not name come last, and null names none. */
void top_print(const struct output *out, const char *name, const json_t *path,
	const json_t *before, const json_t *after, double seconds);
/* The path of a chain (GET /renga/v1/chains): of its document, or its VNFs alone. New
 * reference. */
json_t *top_path(const json_t *chain);

/* 1234567 as "1.23M"; buf has at least 16 bytes. Returns buf. */
char *top_number(double value, char *buf);

#endif
