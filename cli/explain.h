/* explain.h: what may be configured, from a type's manifest. Pure but for the FILE. */
#ifndef CLI_EXPLAIN_H
#define CLI_EXPLAIN_H

#include "cli/output.h"
#include "common/err.h"

/* manifest: of a VNF type, its `config` as field_describe() made it. path: "" for the
 * type, or "rules.action" (indices as in "rules[0].action" are passed over).
 * ERR_NOT_FOUND with the nearest member as hint. */
int explain_print(const struct output *out, const json_t *manifest, const char *path,
	struct err *err);

#endif
