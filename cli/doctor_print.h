/* doctor_print.h: the findings of `renga doctor`, for people. */
#ifndef CLI_DOCTOR_PRINT_H
#define CLI_DOCTOR_PRINT_H

#include "cli/output.h"

/* audit: {ok, findings: [{check, level, detail, hint}], buffers: [{ns, size, free, ...,
 * missing}], orphans: [{kind, name}]} */
void doctor_print(const struct output *out, const json_t *audit);

/* Nothing is wrong: ok, no finding of level "error", no buffer missing, no orphan. */
bool doctor_ok(const json_t *audit);

#endif
