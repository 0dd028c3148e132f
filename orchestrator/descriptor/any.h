/* any.h: a field whose value is any JSON, kept as it is (a json_t * member of the
 * struct). */
#ifndef ORCHESTRATOR_DESCRIPTOR_ANY_H
#define ORCHESTRATOR_DESCRIPTOR_ANY_H

#include "common/field.h"

#define ANY_FIELD(type_, member_, help_)                                                 \
	{                                                                                \
		.name = #member_, .type = FIELD_CUSTOM, .size = sizeof(json_t *),        \
		.offset = offsetof(type_, member_), .help = help_, .parse = any_parse,   \
		.print = any_print, .clear = any_clear, .syntax = "any"                  \
	}

int any_parse(const struct field *field, const json_t *json, const char *path, void *out,
	struct faults *faults);
json_t *any_print(const struct field *field, const void *in);
void any_clear(const struct field *field, void *in);

#endif
