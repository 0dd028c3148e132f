/* limits.h: how much may enter a service: the member `limits` of a port, and of a service
 * as a whole. Pure.
 */
#ifndef COMMON_LIMITS_H
#define COMMON_LIMITS_H

#include <stdint.h>
#include <jansson.h>
#include "common/err.h"
#include "common/field.h"

struct limits {
	uint64_t rate;	       /* bits a second of frames without FCS; 0: no limit */
	uint64_t packet_rate;  /* a second; 0: no limit */
	uint64_t burst;	       /* bytes */
	uint64_t packet_burst; /* packets */
};

extern const struct field limits_fields[];

/* Reads them (null: no limits). A burst that is not told is 10 ms of its rate, at least
 * 16 KiB or 64 packets. Adds every fault, paths below path. 0, or the negative errno of
 * the first fault. */
int limits_parse(const json_t *json, const char *path, struct limits *limits,
	struct faults *faults);

/* As a row of a field table, which only checks it: read it with limits_parse(). */
#define LIMITS_FIELD(type_, member_)                                                     \
	{                                                                                \
		.name = "limits", .type = FIELD_STRUCT, .sub = limits_fields,            \
		.offset = offsetof(type_, member_), .size = sizeof(struct limits),       \
		.help = "how much may enter; the rest is dropped as rate-limited"        \
	}

#endif
