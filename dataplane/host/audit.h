/* audit.h: where every buffer of a pool is, counted while traffic runs.
 *
 * The I/O workers are parked for the count (well under a millisecond where nothing is
 * missing). Then a buffer is at home (in the pool, an lcore's cache, or a driver) or with
 * the VNFs (in a ring of a link, a stash, a return ring, a hand, or held), and nothing
 * passes between the two. The VNFs go on: a buffer may move from a place not yet looked
 * at to one already looked at, so what is with them is swept again and again until every
 * buffer that is marked as on its way (buffer.h) has been seen. What this guarantees:
 *   - a lost buffer (marked as on its way and in no ring and no hand) is counted as
 * missing, always;
 *   - one that is not lost is not counted as missing, unless it evaded all of
 * AUDIT_SWEEPS sweeps;
 *   - free + inRings + inHand + inPorts + missing = size. inPorts: neither on its way nor
 * in the pool: a driver has it. How the buffers with the VNFs divide into rings and hands
 * is as they were met.
 */
#ifndef DATAPLANE_HOST_AUDIT_H
#define DATAPLANE_HOST_AUDIT_H

#include <stdbool.h>
#include <jansson.h>
#include "common/err.h"
#include "dataplane/host/buffer.h"
#include "dataplane/host/host.h"

#define AUDIT_SWEEPS   50
#define AUDIT_PAUSE_US 100 /* between two sweeps */
#define AUDIT_SPANS    2

enum audit_place { AUDIT_NOWHERE, AUDIT_FREE, AUDIT_RING, AUDIT_HAND };

struct audit {					      /* the count of one pool */
	const struct buffer_span *spans[AUDIT_SPANS]; /* usual and large buffers */
	uint8_t *seen;	  /* enum audit_place of each buffer, span after span: where it
			     was met last */
	uint32_t foreign; /* pointers met that are no buffers of the pool */
	uint32_t doubled; /* buffers met with the VNFs that are free as well */
};

struct audit_count {
	uint32_t free, in_rings, in_hand, in_ports, missing;
};

/* ---- pure ---- */

/* Notes that a buffer was met at a place. */
void audit_meet(struct audit *audit, const void *buffer, enum audit_place place);
/* Adds up; is_out tells of a buffer of the span whether it is marked as on its way. */
struct audit_count audit_sum(
	const struct audit *audit, bool (*is_out)(const void *buffer));

/* ---- of a running host ---- */

/* {buffers: [{ns, size, free, inRings, inHand, inPorts, missing}], findings: [{check,
 * level, detail, hint}]} */
json_t *audit_host(struct host *host, struct err *err);

#endif
