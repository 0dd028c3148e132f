/* field_type.h: one value of each type of a field table: how it is read and printed.
 * Internal to field*.c. */
#ifndef COMMON_FIELD_TYPE_H
#define COMMON_FIELD_TYPE_H

#include "common/field.h"

struct field_type_ops {
	const char *name; /* as field_describe() shows it */
	size_t size;	  /* bytes of the C member; 0: told by the field */
	/* As the member of the same name in struct field. Null for STRUCT. */
	int (*parse)(const struct field *field, const json_t *json, const char *path,
		void *out, struct faults *faults);
	/* New reference; null: no value, the member is left out. */
	json_t *(*print)(const struct field *field, const void *in);
};

extern const struct field_type_ops field_types[];

/* Bytes of the member, or of one element of a list. */
size_t field_size(const struct field *field);
/* The default as JSON; new reference, null if there is none. */
json_t *field_default(const struct field *field);
/* The value of an enum that has a default. */
int field_enum_default(const struct field *field);
/* A number in C units as the type writes it: 300000000000 of a duration is "5m". New
 * reference. */
json_t *field_number(enum field_type type, uint64_t value);

#endif
