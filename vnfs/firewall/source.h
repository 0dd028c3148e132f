/* source.h: how many flows each source has now, and how fast it begins new ones.
 *
 * A source is an IPv4 address, or the /64 of an IPv6 address: that is what one host can
 * have. The table has two places for each record of the session table, 16 bytes each, in
 * private memory, so there is room for all; but a source may find all eight places taken
 * where it could stand: then it is not limited. It is told by 64
 * bits of a keyed hash. The rate is a token bucket that holds one second's worth.
 *
 * Worker only, but for create and destroy.
 */
#ifndef VNFS_FIREWALL_SOURCE_H
#define VNFS_FIREWALL_SOURCE_H

#include <stdint.h>
#include "dataplane/pkt/parse.h"

struct sources;

struct source_limits {
	uint32_t max_flows;   /* 0: any number */
	uint64_t interval_ns; /* between new ones at full rate; 0: at any rate */
};

enum source_verdict {
	SOURCE_COUNTED,	    /* one flow more; to be given back by source_give() */
	SOURCE_NOT_COUNTED, /* there is no place for it: not limited */
	SOURCE_TOO_MANY,
	SOURCE_TOO_FAST,
};

/* Null if there is no memory. */
struct sources *sources_create(uint32_t max_flows, uint64_t seed);
void sources_destroy(struct sources *sources);

void source_limits_of(struct source_limits *limits, uint32_t max_flows, uint64_t rate);

/* Begins a flow. limits null: in any case. */
enum source_verdict source_take(struct sources *sources, uint8_t family,
	const uint8_t addr[16], const struct source_limits *limits, uint64_t now_ns);
/* One that was SOURCE_COUNTED has ended. */
void source_give(struct sources *sources, uint8_t family, const uint8_t addr[16]);

#endif
