/* signature.h: what a generated frame carries at its end, so that the port where it comes
 * out can tell what was lost, reordered, and how long it took; whatever happened to its
 * headers. Pure. */
#ifndef DATAPLANE_HOST_SIGNATURE_H
#define DATAPLANE_HOST_SIGNATURE_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define SIGNATURE_MAGIC 0x61676e72u /* "rnga" */

struct signature {
	uint32_t magic;
	uint16_t stream; /* which generator */
	uint64_t sequence;
	uint64_t tsc; /* when it was made */
} __attribute__((packed));

/* Where it lies in a frame of len bytes, at an even place, as checksums like it. */
static inline uint32_t
signature_offset(uint32_t len)
{
	return (len - (uint32_t)sizeof(struct signature)) & ~1u;
}

/* Writes what differs from packet to packet into a signature that lies at `at`. */
static inline void
signature_stamp(uint8_t *at, uint64_t sequence, uint64_t tsc)
{
	memcpy(at + offsetof(struct signature, sequence), &sequence, sizeof(sequence));
	memcpy(at + offsetof(struct signature, tsc), &tsc, sizeof(tsc));
}

/* Copies a frame's signature out; 0 if it has none. */
static inline int
signature_read(const uint8_t *frame, uint32_t len, struct signature *signature)
{
	if (len < sizeof(*signature))
		return 0;
	memcpy(signature, frame + signature_offset(len), sizeof(*signature));
	return signature->magic == SIGNATURE_MAGIC;
}

#endif
