/* frames.h: Ethernet frames handed from one thread to another: a ring of bytes, without
 * locks or calls into the system. One thread puts, one takes.
 */
#ifndef VNFS_ROUTER_FRAMES_H
#define VNFS_ROUTER_FRAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct frames {
	uint8_t *bytes;
	uint64_t size; /* a power of two */
	uint64_t head; /* next to take [who takes] */
	uint64_t tail; /* next to put [who puts] */
};

/* size: bytes, a power of two. 0 or -ENOMEM. */
int frames_open(struct frames *ring, size_t size);
void frames_close(struct frames *ring); /* zeroed is fine */

/* Copies a frame in, with the connection point it is of. False: no room. */
bool frames_put(struct frames *ring, unsigned cp, const void *frame, uint32_t len);
/* The oldest frame, until it is popped; null: there is none. */
const uint8_t *frames_peek(struct frames *ring, unsigned *cp, uint32_t *len);
void frames_pop(struct frames *ring);
bool frames_any(const struct frames *ring);

#endif
