/* metrics.h: figures of services and operations in Prometheus' text format (contract,
 * section 5). */
#ifndef ORCHESTRATOR_METRICS_H
#define ORCHESTRATOR_METRICS_H

#include <stdio.h>
#include "orchestrator/orch.h"

/* Writes all of them to out. */
int metrics_write(struct orch *orch, FILE *out, struct err *err);

/* The figures of services alone, from stats_all(). Pure. */
void metrics_write_stats(const json_t *services, FILE *out);

/* A label value with what needs it escaped, in quotes. */
void metrics_label(FILE *out, const char *text);

#endif
