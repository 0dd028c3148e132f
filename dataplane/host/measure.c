/* measure.c: loss, order, rate and latency of generated packets where they come out. */
#include <stddef.h>
#include "dataplane/host/measure.h"

static void settle(struct measure *measure, struct measure_run *run, uint64_t tsc);
static struct measure_stream *stream_of(struct measure *measure, uint16_t id);

void
measure_end(
	struct measure *measure, struct measure_run *run, uint32_t frames, uint64_t tsc)
{
	if (measure->received == 0)
		measure->first_tsc = tsc;
	measure->last_tsc = tsc;
	measure->received += frames;
	if (run->stream != NULL)
		settle(measure, run, tsc);
}

void
measure_turn(struct measure *measure, struct measure_run *run,
	const struct signature *signature, uint64_t tsc)
{
	if (run->stream != NULL)
		settle(measure, run, tsc);
	run->made = signature->tsc;
	if (run->stream != NULL && run->id == signature->stream)
		return;
	run->stream = stream_of(measure, signature->stream);
	run->id = signature->stream;
	if (run->stream->received == 0)
		run->stream->first = run->stream->next = signature->sequence;
	run->next = run->stream->next;
}

void
measure_take(struct measure *measure, const uint8_t *frame, uint32_t len, uint64_t tsc)
{
	struct measure_run run = {0};

	measure_run_take(measure, &run, frame, len, tsc);
	measure_end(measure, &run, 1, tsc);
}

uint64_t
measure_lost(const struct measure *measure)
{
	const struct measure_stream *stream;
	uint64_t lost = 0;

	for (unsigned i = 0; i < MEASURE_STREAMS; i++) {
		stream = &measure->streams[i];
		if (stream->next - stream->first > stream->received)
			lost += stream->next - stream->first - stream->received;
	}
	return lost;
}

double
measure_mpps(const struct measure *measure, uint64_t tsc_hz)
{
	const uint64_t ticks = measure->last_tsc - measure->first_tsc;

	return ticks == 0
		       ? 0
		       : (double)measure->received * (double)tsc_hz / (double)ticks / 1e6;
}

json_t *
measure_to_json(const struct measure *measure, uint64_t tsc_hz)
{
	return json_pack("{s:I, s:I, s:I, s:f, s:o}", "received",
		(json_int_t)measure->received, "lost", (json_int_t)measure_lost(measure),
		"reordered", (json_int_t)measure->reordered, "mpps",
		measure_mpps(measure, tsc_hz), "latencyUs",
		measure_latency_to_json(&measure->latency, tsc_hz));
}

json_t *
measure_latency_to_json(const struct histogram *latency, uint64_t tsc_hz)
{
	const double us = 1e6 / (double)tsc_hz;

	return json_pack("{s:f, s:f, s:f, s:f, s:I}", "p50",
		(double)histogram_quantile(latency, 0.5) * us, "p90",
		(double)histogram_quantile(latency, 0.9) * us, "p99",
		(double)histogram_quantile(latency, 0.99) * us, "max",
		(double)latency->max * us, "samples", (json_int_t)latency->n);
}

json_t *
measure_latency_buckets(const struct histogram *latency, uint64_t tsc_hz)
{
	static const unsigned bounds_us[] = {
		5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 100000};
	json_t *list = json_array();
	uint64_t n = 0;
	unsigned bucket = 0;

	for (unsigned i = 0; i < sizeof(bounds_us) / sizeof(bounds_us[0]); i++) {
		const uint64_t bound = tsc_hz / 1000000 * bounds_us[i];
		for (; bucket < HISTOGRAM_BUCKETS &&
			histogram_bucket_end(bucket) <= bound;
			bucket++)
			n += latency->buckets[bucket];
		json_array_append_new(
			list, json_pack("{s:i, s:I}", "le", (int)bounds_us[i], "n",
				      (json_int_t)n));
	}
	for (; bucket < HISTOGRAM_BUCKETS; bucket++)
		n += latency->buckets[bucket];
	json_array_append_new(list, json_pack("{s:n, s:I}", "le", "n", (json_int_t)n));
	return list;
}

/* Adds what a run has counted. */
static void
settle(struct measure *measure, struct measure_run *run, uint64_t tsc)
{
	if (run->made_then > 0 && tsc > run->made)
		histogram_add_n(&measure->latency, tsc - run->made, run->made_then);
	run->stream->received += run->received;
	run->stream->next = run->next;
	measure->reordered += run->reordered;
	run->made_then = run->received = run->reordered = 0;
}

/* More streams than places share them: then only their sums mean something. */
static struct measure_stream *
stream_of(struct measure *measure, uint16_t id)
{
	struct measure_stream *stream;

	for (unsigned i = 0; i < MEASURE_STREAMS; i++) {
		stream = &measure->streams[(id + i) % MEASURE_STREAMS];
		if (stream->received == 0)
			stream->id = id;
		if (stream->id == id)
			return stream;
	}
	return &measure->streams[id % MEASURE_STREAMS];
}
