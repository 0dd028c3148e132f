/* histogram.c: reading and adding up histograms; counting is inline in histogram.h. */
#include <string.h>
#include "dataplane/shm/histogram.h"

static uint64_t bucket_start(unsigned bucket);
static uint64_t middle(unsigned bucket);

void
histogram_merge(struct histogram *into, const struct histogram *from)
{
	for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++)
		into->buckets[i] += from->buckets[i];
	into->n += from->n;
	into->sum += from->sum;
	if (from->max > into->max)
		into->max = from->max;
}

void
histogram_clear(struct histogram *histogram)
{
	memset(histogram, 0, sizeof(*histogram));
}

uint64_t
histogram_quantile(const struct histogram *histogram, double q)
{
	uint64_t total = 0, seen = 0, rank;

	for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++)
		total += histogram->buckets[i];
	if (total == 0)
		return 0;
	rank = (uint64_t)(q * (double)(total - 1));
	for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++) {
		seen += histogram->buckets[i];
		if (seen > rank)
			return middle(i) < histogram->max ? middle(i) : histogram->max;
	}
	return histogram->max;
}

uint64_t
histogram_bucket_end(unsigned bucket)
{
	return bucket + 1 < HISTOGRAM_BUCKETS ? bucket_start(bucket + 1) : UINT64_MAX;
}

static uint64_t
bucket_start(unsigned bucket)
{
	const unsigned row = bucket / HISTOGRAM_SUB;

	if (row == 0)
		return bucket;
	return (uint64_t)(HISTOGRAM_SUB + bucket % HISTOGRAM_SUB) << (row - 1);
}

static uint64_t
middle(unsigned bucket)
{
	const uint64_t start = bucket_start(bucket);

	return start + (histogram_bucket_end(bucket) - start) / 2;
}
