/* histogram.h: counts of values in buckets whose width grows with the value, so that a
 * quantile of anything from nanoseconds to minutes is known to about 6 %.
 *
 * Values below 16 have a bucket each; above, every power of two is cut into 16. One
 * writer; anyone may read meanwhile (each count is a single aligned word). The unit is
 * the caller's.
 */
#ifndef DATAPLANE_SHM_HISTOGRAM_H
#define DATAPLANE_SHM_HISTOGRAM_H

#include <stdint.h>

#define HISTOGRAM_SUB	  16 /* buckets per power of two */
#define HISTOGRAM_BUCKETS 976

struct histogram {
	uint64_t n;   /* values */
	uint64_t sum; /* of them */
	uint64_t max; /* the largest */
	uint64_t buckets[HISTOGRAM_BUCKETS];
};

/* The bucket of a value. */
static inline unsigned
histogram_bucket(uint64_t value)
{
	unsigned power;

	if (value < HISTOGRAM_SUB)
		return (unsigned)value;
	power = 63 - (unsigned)__builtin_clzll(value);
	return (power - 3) * HISTOGRAM_SUB +
	       (unsigned)((value >> (power - 4)) & (HISTOGRAM_SUB - 1));
}

static inline void
histogram_add(struct histogram *histogram, uint64_t value)
{
	histogram->buckets[histogram_bucket(value)]++;
	histogram->n++;
	histogram->sum += value;
	if (value > histogram->max)
		histogram->max = value;
}

/* The same value n times. */
static inline void
histogram_add_n(struct histogram *histogram, uint64_t value, uint64_t n)
{
	histogram->buckets[histogram_bucket(value)] += n;
	histogram->n += n;
	histogram->sum += value * n;
	if (value > histogram->max)
		histogram->max = value;
}

/* Adds the counts of `from` to `into`. */
void histogram_merge(struct histogram *into, const struct histogram *from);
void histogram_clear(struct histogram *histogram);
/* The value that the share q (0..1) of all values does not exceed: the middle of its
 * bucket, never above max. 0 if empty. */
uint64_t histogram_quantile(const struct histogram *histogram, double q);
/* The first value beyond a bucket. */
uint64_t histogram_bucket_end(unsigned bucket);

#endif
