/* httpstats.h: requests counted by method, route and status, and how long they took. */
#ifndef API_NORTHBOUND_HTTPSTATS_H
#define API_NORTHBOUND_HTTPSTATS_H

#include <stdio.h>

struct httpstats;

struct httpstats *httpstats_create(void);	 /* null: out of memory */
void httpstats_destroy(struct httpstats *stats); /* null is fine */

/* Any thread. */
void httpstats_count(struct httpstats *stats, const char *method, const char *route,
	unsigned status, double seconds);
/* Prometheus text: renga_http_requests_total, renga_http_request_duration_seconds. */
void httpstats_write(struct httpstats *stats, FILE *out);

#endif
