/* deadline.h: ends connections that take too long, however busily they drip.
 *
 * One record per connection. A thread that sleeps while nothing is due shuts down the
 * socket of a connection whose time is over; the server then sees it closed. Any thread.
 */
#ifndef API_HTTP_DEADLINE_H
#define API_HTTP_DEADLINE_H

#include <stdint.h>
#include "common/err.h"

struct deadlines;
struct deadline;

/* most: connections beyond which a new one ends the one that has waited longest for a
 * request. round(arg) is called once a second while there are connections. */
int deadlines_open(unsigned most, void (*round)(void *arg), void *arg,
	struct deadlines **deadlines, struct err *err);
void deadlines_close(struct deadlines *deadlines); /* null is fine */

/* A new connection, which must bring a request within timeout_ms. Null without memory. */
struct deadline *deadline_add(struct deadlines *deadlines, int fd, uint64_t timeout_ms);
void deadline_del(struct deadline *deadline); /* before its fd is closed; null is fine */

/* It waits for a request: may be ended early for another's sake. */
void deadline_set_idle(struct deadline *deadline, uint64_t timeout_ms);
/* It receives or sends, and must be through in timeout_ms. */
void deadline_set_busy(struct deadline *deadline, uint64_t timeout_ms);
/* No limit, for the time of a handler. */
void deadline_stop(struct deadline *deadline);

#endif
