/* prefixes.h: the prefixes of a real routing table, and hosts in them at random. */
#ifndef BENCH_LIB_PREFIXES_H
#define BENCH_LIB_PREFIXES_H

#include <stdbool.h>
#include <stdint.h>
#include "bench/lib/frame.h"

struct prefix {
	uint64_t ip[2]; /* IPv4: ip[0]; host order */
	unsigned len;
};

struct prefixes {
	struct prefix *list; /* the caller frees it */
	uint32_t n;
	int family;
};

/* $RENGA_DATA/prefixes/FILE (../shared/data without RENGA_DATA), but for those that no
 * router forwards to. False: there are none. */
bool prefixes_read(struct prefixes *table, const char *file, int family);
/* So that the first n are a sample of all. */
void prefixes_shuffle(struct prefixes *table);
/* A datagram to a host of one of the first n. random: of rig_random(). */
void prefixes_draw(
	const struct prefixes *table, uint32_t n, uint64_t *random, struct frame *frame);

#endif
