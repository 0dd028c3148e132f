/* need.h: what objects (target.h) take of a host: slots, and huge-page memory. Pure.
 *
 * Memory is what the dataplane makes of a document: buffers with their headers, rings,
 * instance state; some percent more than that, never less, but for large buffers of ports
 * that carry segments whole, which a pool has only where there is room.
 */
#ifndef ORCHESTRATOR_PLAN_NEED_H
#define ORCHESTRATOR_PLAN_NEED_H

#include <stdint.h>
#include <jansson.h>

#define NEED_BUFFER 2440	/* bytes, its place in the rings of the pool included */
#define NEED_LINK   (68 * 1024) /* of two rings of the usual size */
#define NEED_VNF    (32 * 1024) /* beside its state */
#define NEED_PORT   (64 * 1024)
#define NEED_MIB    (1ull << 20) /* bytes */

struct need {
	int64_t slots;
	uint64_t bytes;
};

/* Adds what one object takes. sizes: {VNF instance id: bytes of state}, for VNFs whose
 * document names none. */
void need_add(struct need *need, const char *kind, const char *id, const json_t *doc,
	const json_t *sizes);
/* Adds what all objects of a set take. */
void need_add_all(struct need *need, const json_t *objects, const json_t *sizes);
/* Adds what steps (plan.h) make that is not there yet. */
void need_add_steps(struct need *need, const json_t *steps, const json_t *sizes);

/* Whole MiB, rounded up. */
int64_t need_mib(const struct need *need);

#endif
