/* courier.h: delivers notifications to those who subscribed.
 *
 * What is to be delivered waits in the store (db/subscriptions.h), so that it outlives
 * the process. A few threads, each of which serves one subscriber at a time, so that one
 * who is slow keeps no other waiting. Notifications about one resource reach a subscriber
 * in their order; an attempt that fails is repeated with growing pauses, in which nothing
 * is sent to that subscriber; after the last it is a dead letter, and those behind it go
 * on.
 */
#ifndef ORCHESTRATOR_COURIER_H
#define ORCHESTRATOR_COURIER_H

#include <stdbool.h>
#include "orchestrator/orch.h"

#define COURIER_ATTEMPTS 10
#define COURIER_CARRIERS 8 /* threads: subscribers that are served at once */

/* The orchestrator knows no HTTP: main.c gives it this. authentication: of a
 * subscription, or null. Both block for some seconds at most, and may be called by
 * several threads at once. */
struct courier_driver {
	/* GET of the URI, which has to answer 204. */
	int (*probe)(void *self, const char *uri, const json_t *authentication,
		struct err *err);
	int (*post)(void *self, const char *uri, const json_t *authentication,
		const json_t *body, struct err *err);
};

struct courier;

/* Before orch_close(): orch->courier is it from then on. pause_ms: after the first
 * failure; it doubles with each. The driver stays the caller's. */
int courier_open(struct orch *orch, const struct courier_driver *driver, void *self,
	unsigned pause_ms, struct err *err);
/* Null is fine. Ends after the deliveries that are under way. */
void courier_close(struct courier *courier);

/* ERR_INVALID: the URI does not answer as it should. ERR_UNAVAILABLE: null. */
int courier_probe(struct courier *courier, const char *uri, const json_t *authentication,
	struct err *err);
/* There may be something to deliver. Any thread; null is fine. */
void courier_wake(struct courier *courier);

/* Pause after so many failed attempts. Pure. */
int64_t courier_pause_ms(unsigned first_ms, int64_t attempts);

#endif
