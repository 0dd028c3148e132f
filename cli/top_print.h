/* top_print.h: one service at a glance, from two readings of its statistics. Pure but for
 * the FILE. */
#ifndef CLI_TOP_PRINT_H
#define CLI_TOP_PRINT_H

#include "cli/output.h"

/* before (null: rates are not known) and after: `GET /renga/v1/stats/ns/{id}`, read
 * seconds apart. */
void top_print(const struct output *out, const char *name, const json_t *before,
	const json_t *after, double seconds);

/* 1234567 as "1.23M"; buf has at least 16 bytes. Returns buf. */
char *top_number(double value, char *buf);

#endif
