/* field.h: a configuration struct described once, by a table of its fields.
 *
 * From one table come: parsing of a JSON tree with defaults and limits, every fault with
 *its path, the canonical printed form, and the description that `renga explain` and the
 *API show. Tables are const data; functions are pure, any thread. Unknown members are
 *faults that name the nearest known member. A list may be given as one value.
 *
 *	struct timeouts { uint64_t udp_ns; };
 *	static const struct field timeouts_fields[] = {
 *		{ .name = "udp", .type = FIELD_DURATION, .offset = offsetof(struct
 *timeouts, udp_ns), .dflt = "5m", .help = "idle time of a UDP session" }, { 0 }
 *	};
 */
#ifndef COMMON_FIELD_H
#define COMMON_FIELD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <jansson.h>
#include "common/err.h"
#include "common/net.h"

enum field_type {	/* JSON form                               C member */
	FIELD_BOOL,	/* true                                    bool */
	FIELD_UINT,	/* 42, "0x2a"                              uint64_t, uint32_t,
			   uint16_t, uint8_t (by size) */
	FIELD_SIZE,	/* 64k, "1M" (powers of 1024; number = 1)   uint64_t */
	FIELD_RATE,	/* 10k, "1G" (powers of 1000)               uint64_t */
	FIELD_DURATION, /* 300 (seconds), "300s" "5m" "2h4m" "50ms" uint64_t nanoseconds
			 */
	FIELD_STRING, /* "text"                                  char *, malloc'd; null if
			 absent */
	FIELD_ENUM,   /* "accept"                                int, one of .values */
	FIELD_ADDR,   /* "10.0.0.1", "2001:db8::1"               struct net_addr (family 0
			 if absent) */
	FIELD_PREFIX, /* "10.0.0.0/8"                            struct net_prefix */
	FIELD_RANGE,  /* "203.0.113.16-203.0.113.31" or one       struct net_range */
	FIELD_PORTS,  /* 80, "8000-8100"                         struct net_ports */
	FIELD_MAC,    /* "02:00:00:00:00:01" or "auto"            struct net_mac (zero for
			 auto) */
	FIELD_ENDPOINT, /* "203.0.113.2:8080"                      struct net_endpoint */
	FIELD_STRUCT, /* {...}                                   struct, described by .sub
		       */
	FIELD_CUSTOM, /* by .parse / .print                      anything of .size bytes
		       */
};

struct field_value { /* for FIELD_ENUM; the list ends with a null name */
	const char *name;
	int value;
	const char *help;
};

struct field {
	const char *name; /* kebab-case; null ends a table */
	enum field_type type;
	size_t offset; /* of the member; for a list: of a pointer to its elements */
	size_t size; /* bytes of the member, or of one list element; UINT, CUSTOM, list of
			STRUCT: needed */
	const char *help;
	const char *dflt; /* value if absent, as JSON or plain text ("5m", "[]"); null:
			     zeroed */
	bool required;
	uint64_t min, max; /* inclusive, for numbers in C units; max 0: no limit */
	const struct field_value *values; /* ENUM; SIZE, RATE, DURATION: names of numbers,
					     not held to min and max */
	const struct field
		*sub;	  /* STRUCT: fields of the member or of each list element */
	bool list;	  /* member is `T *x`, its count (unsigned) at .count */
	size_t count;	  /* offset of the `unsigned n_x` member of a list */
	unsigned max_len; /* of a list; 0: 1,000,000 */
	bool present; /* also sets the bool at .present_offset to whether the member was
			 given */
	size_t present_offset;
	/* CUSTOM: parse fills out (zeroed, .size bytes) from json or adds a fault whose
	 * path starts with `path`; print returns a new reference; clear (or null) frees
	 * what parse allocated. */
	int (*parse)(const struct field *field, const json_t *json, const char *path,
		void *out, struct faults *faults);
	json_t *(*print)(const struct field *field, const void *in);
	void (*clear)(const struct field *field, void *in);
	const char *syntax; /* CUSTOM: what may be written, for describe: "any | tcp | udp
			       | 0-255" */
};

/* Fills obj (obj_size bytes, any content: it is zeroed first) from json, an object or
 * null (all defaults). path is the prefix of fault paths ("" at the root). 0, or the
 * negative errno of the first fault; then obj holds nothing that needs clearing. */
int field_parse(const struct field *table, const json_t *json, const char *path,
	void *obj, size_t obj_size, struct faults *faults);
/* The same, but what could be read stays in obj (of a value that could not be, zero), to
 * be cleared in any case. */
int field_read(const struct field *table, const json_t *json, const char *path, void *obj,
	size_t obj_size, struct faults *faults);
/* Frees what parse allocated and zeroes those members. Null and zeroed objects are fine.
 */
void field_clear(const struct field *table, void *obj);
/* The canonical form: every member, defaults included, units normalised. New reference.
 */
json_t *field_print(const struct field *table, const void *obj);
/* [{name, type, help, default, required, min, max, values: [{name, help}], list, members:
 * [...]}] */
json_t *field_describe(const struct field *table);

/* Text to number, as the types above do. 0 or -EINVAL. */
int field_duration_parse(const char *text, uint64_t *ns);
int field_size_parse(const char *text, uint64_t *bytes);
int field_rate_parse(const char *text, uint64_t *value);
/* The name in a null-ended list nearest to `word` (edit distance at most 3), or null. */
const char *field_nearest(const char *word, const char *const *names);

#endif
