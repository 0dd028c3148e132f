/* measure.h: loss, order, rate and latency of generated packets where they come out.
 * Pure; one writer. */
#ifndef DATAPLANE_HOST_MEASURE_H
#define DATAPLANE_HOST_MEASURE_H

#include <stddef.h>
#include <stdint.h>
#include <jansson.h>
#include "dataplane/host/signature.h"
#include "dataplane/shm/histogram.h"

#define MEASURE_STREAMS 16

struct measure_stream {
	uint16_t id;
	uint64_t received; /* 0: unused */
	uint64_t first;	   /* the sequence number that came first */
	uint64_t next;	   /* one more than the highest */
};

struct measure {
	uint64_t received;  /* frames, with or without a signature */
	uint64_t reordered; /* came after a later one of their stream */
	uint64_t first_tsc, last_tsc;
	struct measure_stream streams[MEASURE_STREAMS];
	struct histogram latency; /* TSC ticks */
};

struct measure_run { /* frames that came out at once, of one stream, so far */
	struct measure_stream *stream; /* null: none yet */
	uint16_t id;
	uint64_t made;			    /* when the last ones were made, */
	uint64_t made_then;		    /* and how many of them */
	uint64_t received, reordered, next; /* of the stream */
};

/* Frames come out in bursts: begin with a run that is all zero, take each frame, end.
 * Every one is counted, and its latency; those that were made at once are so in one
 * step. tsc: when they came out. */
void measure_end(
	struct measure *measure, struct measure_run *run, uint32_t frames, uint64_t tsc);
/* What measure_run_take() leaves to it. */
void measure_turn(struct measure *measure, struct measure_run *run,
	const struct signature *signature, uint64_t tsc);

static inline void
measure_run_take(struct measure *measure, struct measure_run *run, const uint8_t *frame,
	uint32_t len, uint64_t tsc)
{
	struct signature signature;

	if (__builtin_expect(!signature_read(frame, len, &signature), 0))
		return;
	if (__builtin_expect(run->stream == NULL || signature.stream != run->id ||
				     signature.tsc != run->made,
		    0))
		measure_turn(measure, run, &signature, tsc);
	run->made_then++;
	run->received++;
	if (__builtin_expect(signature.sequence < run->next, 0))
		run->reordered++;
	else
		run->next = signature.sequence + 1;
}

/* Counts one frame that came out at tsc. */
void measure_take(
	struct measure *measure, const uint8_t *frame, uint32_t len, uint64_t tsc);
/* Gaps in the streams: packets that did not come, though later ones did. */
uint64_t measure_lost(const struct measure *measure);
/* Millions of packets a second, from the first to the last. */
double measure_mpps(const struct measure *measure, uint64_t tsc_hz);
/* {received, lost, reordered, mpps, latencyUs}; new reference. */
json_t *measure_to_json(const struct measure *measure, uint64_t tsc_hz);
/* {p50, p90, p99, max} in microseconds; new reference. */
json_t *measure_latency_to_json(const struct histogram *latency, uint64_t tsc_hz);
/* [{le, n}] with le in us: how many values were at most le, the last one all (le null).
 */
json_t *measure_latency_buckets(const struct histogram *latency, uint64_t tsc_hz);

#endif
