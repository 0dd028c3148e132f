/* ask.h: a request over frames whose answer comes back to the event loop, so that the
 * loop never waits for another process. Each request has a thread of its own for its
 * time.
 */
#ifndef VNFM_ASK_H
#define VNFM_ASK_H

#include <jansson.h>
#include "common/err.h"
#include "common/loop.h"

/* In the loop's thread. reply: borrowed; null with err. err: code ERR_NONE when it was
 * answered. */
typedef void ask_done(json_t *reply, const struct err *err, void *arg);

/* Sends request (takes the reference) to the socket at path. done is called once, later,
 * whatever happens. */
void ask_start(struct loop *loop, const char *path, json_t *request, int timeout_ms,
	ask_done *done, void *arg);
/* How many have no answer yet. */
unsigned ask_pending(void);

#endif
