/* events.c: a ring under one lock. */
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include "common/log.h"
#include "vnfm/events.h"

#define RING 1024

struct events {
	pthread_mutex_t lock;
	pthread_cond_t added;
	uint64_t base; /* numbers start above it: the time, so that they grow from life to
			  life */
	uint64_t last; /* number of the newest; base: none */
	json_t *ring[RING];
	bool closed;
};

static void add(struct events *events, const char *type, const char *ns, const char *vnf,
	const char *port, const char *detail);
static void wait_for_one(struct events *events, uint64_t after, unsigned wait_ms);
static void print_time(char text[LOG_TIME]);

struct events *
events_create(void)
{
	struct events *events = calloc(1, sizeof(*events));
	if (events == NULL)
		return NULL;
	pthread_mutex_init(&events->lock, NULL);
	pthread_condattr_t clock;
	pthread_condattr_init(&clock);
	pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
	pthread_cond_init(&events->added, &clock);
	pthread_condattr_destroy(&clock);
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	events->base = (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
	events->last = events->base;
	return events;
}

void
events_destroy(struct events *events)
{
	if (events == NULL)
		return;
	for (unsigned i = 0; i < RING; i++)
		json_decref(events->ring[i]);
	pthread_cond_destroy(&events->added);
	pthread_mutex_destroy(&events->lock);
	free(events);
}

void
events_add(struct events *events, const char *type, const char *ns, const char *vnf,
	const char *detail)
{
	add(events, type, ns, vnf, NULL, detail);
}

void
events_add_port(struct events *events, const char *type, const char *ns, const char *port,
	const char *detail)
{
	add(events, type, ns, "", port, detail);
}

static void
add(struct events *events, const char *type, const char *ns, const char *vnf,
	const char *port, const char *detail)
{
	char now[LOG_TIME];
	print_time(now);
	pthread_mutex_lock(&events->lock);
	events->last++;
	json_t *event = json_pack("{s:I, s:s, s:s, s:s, s:s, s:s*, s:s}", "seq",
		(json_int_t)events->last, "time", now, "type", type, "ns", ns, "vnf", vnf,
		"port", port, "detail", detail);
	json_decref(events->ring[events->last % RING]);
	events->ring[events->last % RING] = event;
	pthread_cond_broadcast(&events->added);
	pthread_mutex_unlock(&events->lock);
}

json_t *
events_after(struct events *events, uint64_t after, unsigned wait_ms)
{
	json_t *list = json_array();
	pthread_mutex_lock(&events->lock);
	if (after > events->last || after < events->base)
		after = events->base;
	wait_for_one(events, after, wait_ms);
	if (after + RING < events->last)
		after = events->last - RING;
	for (uint64_t seq = after + 1; seq <= events->last; seq++)
		json_array_append(list, events->ring[seq % RING]);
	pthread_mutex_unlock(&events->lock);
	return list;
}

void
events_close(struct events *events)
{
	pthread_mutex_lock(&events->lock);
	events->closed = true;
	pthread_cond_broadcast(&events->added);
	pthread_mutex_unlock(&events->lock);
}

static void
wait_for_one(struct events *events, uint64_t after, unsigned wait_ms)
{
	struct timespec until;
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += wait_ms / 1000;
	until.tv_nsec += (long)(wait_ms % 1000) * 1000000;
	if (until.tv_nsec >= 1000000000) {
		until.tv_nsec -= 1000000000;
		until.tv_sec++;
	}
	while (events->last <= after && !events->closed)
		if (pthread_cond_timedwait(&events->added, &events->lock, &until) != 0)
			return;
}

static void
print_time(char text[LOG_TIME])
{
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	log_time((uint64_t)now.tv_sec * 1000000000ull + (uint64_t)now.tv_nsec, text);
}
