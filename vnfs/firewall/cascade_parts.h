/* cascade_parts.h: what a cascade is made of, for cascade.c (lookup) and cascade_make.c.
 */
#ifndef VNFS_FIREWALL_CASCADE_PARTS_H
#define VNFS_FIREWALL_CASCADE_PARTS_H

#include <stdbool.h>
#include "vnfs/firewall/cascade.h"

#define CASCADE_CHUNKS 36 /* of the widest key: 14 bytes and words, 11 of two words */
#define CASCADE_NODES  (2 * CASCADE_CHUNKS)

struct cascade_chunk {
	uint16_t offset; /* in the key */
	bool wide;	 /* two bytes, big-endian; else one */
	uint16_t *table; /* value -> class */
};

struct cascade_step { /* two nodes become one: nodes are the chunks, then the steps */
	uint8_t a, b;
	uint32_t columns; /* classes of b */
	uint16_t *table;  /* class of a * columns + class of b -> class; the last step's:
			     rule index + 1, or 0 */
};

struct cascade {
	unsigned n_chunks, n_steps;
	struct cascade_chunk chunks[CASCADE_CHUNKS];
	struct cascade_step steps[CASCADE_CHUNKS];
};

#endif
