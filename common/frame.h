/* frame.h: framed JSON over Unix stream sockets: how renga's processes on one host talk.
 *
 * A frame is a 4-byte big-endian length and that many bytes of JSON (one object), at most
 * FRAME_MAX. A request is {"op": "link.put", ...}; its reply {"ok": true, ...} or
 * {"ok": false, "error": <err_to_json>}. One request is answered before the next is read;
 * a client may keep its connection. A peer that sends a bad frame is answered once and
 * closed.
 */
#ifndef COMMON_FRAME_H
#define COMMON_FRAME_H

#include <stddef.h>
#include <jansson.h>
#include "common/err.h"
#include "common/loop.h"

#define FRAME_MAX (64u << 20) /* bytes of JSON */

/* ---- server, on an event loop, in the loop's thread ---- */

struct frame_server;

/* An answer that comes later. */
struct frame_later;

/* Answers one request. Returns a new reference, the reply's members without "ok" (null:
 * none), and leaves err->code 0; or sets err, and what it returns (say {"faults": [...]})
 * is added to the reply's "error". Must not block longer than some milliseconds, nor
 * close the server: what takes longer is answered later. */
typedef json_t *frame_handler(const json_t *request, void *arg, struct err *err);

/* Listens on path (mode 0600; an old socket that nobody answers on is replaced;
 * ERR_EXISTS if somebody answers). */
int frame_server_open(struct loop *loop, const char *path, frame_handler *handler,
	void *arg, struct frame_server **server, struct err *err);
/* Closes all connections and removes the socket file. Null is fine. */
void frame_server_close(struct frame_server *server);

/* Called by a handler: what it returns is no answer; frame_answer() will give it, once,
 * and in the loop's thread too. Until then no other request of that connection is read.
 * Null without memory. */
struct frame_later *frame_later(struct frame_server *server);
/* As a handler's end: takes members (null: none); err->code 0, or the error. That the
 * peer has gone meanwhile, or the server is closed, is fine. */
void frame_answer(struct frame_later *later, json_t *members, const struct err *err);

/* ---- client, blocking, any thread; one thread per connection at a time ---- */

/* Connects; returns a descriptor >= 0 or a negative errno with err (ERR_UNAVAILABLE). */
int frame_connect(const char *path, struct err *err);
/* Sends request (borrowed) and waits for the reply. On ok: 0, and *reply (if not null) is
 * a new reference. Else the peer's own error, ERR_TIMEOUT or ERR_UNAVAILABLE; then close
 * the fd. */
int frame_call(
	int fd, const json_t *request, int timeout_ms, json_t **reply, struct err *err);
/* connect + call + close. The same with the "faults" of the peer's error, if it told any.
 */
int frame_ask(const char *path, const json_t *request, int timeout_ms, json_t **reply,
	struct err *err);
int frame_ask_faults(const char *path, const json_t *request, int timeout_ms,
	json_t **reply, struct faults *faults, struct err *err);

#endif
