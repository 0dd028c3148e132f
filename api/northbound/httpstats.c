/* httpstats.c: requests counted by method, route and status. */
#include "api/northbound/httpstats.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define N_BUCKETS 8

static const double bounds[N_BUCKETS] = {0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 10};

struct series {
	struct series *next;
	char method[12], route[128];
	unsigned status;
	uint64_t n;
};

struct httpstats {
	pthread_mutex_t lock;
	struct series *series; /* bounded by routes x methods x statuses that occur */
	uint64_t buckets[N_BUCKETS], n;
	double seconds;
};

static struct series *find(
	struct httpstats *stats, const char *method, const char *route, unsigned status);

struct httpstats *
httpstats_create(void)
{
	struct httpstats *stats = calloc(1, sizeof(*stats));
	if (stats)
		pthread_mutex_init(&stats->lock, NULL);
	return stats;
}

void
httpstats_destroy(struct httpstats *stats)
{
	if (!stats)
		return;
	while (stats->series) {
		struct series *series = stats->series;
		stats->series = series->next;
		free(series);
	}
	pthread_mutex_destroy(&stats->lock);
	free(stats);
}

void
httpstats_count(struct httpstats *stats, const char *method, const char *route,
	unsigned status, double seconds)
{
	pthread_mutex_lock(&stats->lock);
	struct series *series = find(stats, method, route, status);
	if (series)
		series->n++;
	for (unsigned i = 0; i < N_BUCKETS; i++)
		stats->buckets[i] += seconds <= bounds[i];
	stats->n++;
	stats->seconds += seconds;
	pthread_mutex_unlock(&stats->lock);
}

void
httpstats_write(struct httpstats *stats, FILE *out)
{
	static const char *const duration = "renga_http_request_duration_seconds";
	pthread_mutex_lock(&stats->lock);
	fputs("# HELP renga_http_requests_total Requests answered.\n"
	      "# TYPE renga_http_requests_total counter\n",
		out);
	for (const struct series *series = stats->series; series; series = series->next)
		fprintf(out,
			"renga_http_requests_total{method=\"%s\",route=\"%s\",code=\"%"
			"u\"} %" PRIu64 "\n",
			series->method, series->route, series->status, series->n);
	fprintf(out, "# HELP %s Time to answer.\n# TYPE %s histogram\n", duration,
		duration);
	for (unsigned i = 0; i < N_BUCKETS; i++)
		fprintf(out, "%s_bucket{le=\"%g\"} %" PRIu64 "\n", duration, bounds[i],
			stats->buckets[i]);
	fprintf(out,
		"%s_bucket{le=\"+Inf\"} %" PRIu64 "\n%s_sum %.6f\n%s_count %" PRIu64 "\n",
		duration, stats->n, duration, stats->seconds, duration, stats->n);
	pthread_mutex_unlock(&stats->lock);
}

static struct series *
find(struct httpstats *stats, const char *method, const char *route, unsigned status)
{
	struct series *series = stats->series;
	while (series && (series->status != status || strcmp(series->route, route) != 0 ||
				 strcmp(series->method, method) != 0))
		series = series->next;
	if (series || !(series = calloc(1, sizeof(*series))))
		return series;
	strncpy(series->method, method, sizeof(series->method) - 1);
	strncpy(series->route, route, sizeof(series->route) - 1);
	series->status = status;
	series->next = stats->series;
	stats->series = series;
	return series;
}
