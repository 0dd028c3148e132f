/* control.h: the dataplane's control socket (docs/southbound.md, section 2): a table of
 * operations.
 *
 * Each answers a new reference, or null with err set; all run in the control thread. A
 * put is the whole wanted state of one object and may be repeated; a del of what does not
 * exist is no error.
 */
#ifndef DATAPLANE_HOST_CONTROL_H
#define DATAPLANE_HOST_CONTROL_H

#include <jansson.h>
#include "common/err.h"
#include "dataplane/host/host.h"

/* Answers one request: the frame server's handler; arg is the struct host. */
json_t *control_answer(const json_t *request, void *arg, struct err *err);

/* control_pool.c */
json_t *control_pool_put(struct host *host, const json_t *request, struct err *err);
json_t *control_pool_del(struct host *host, const json_t *request, struct err *err);
json_t *control_pool_list(const struct host *host);
/* control_port.c */
json_t *control_port_put(struct host *host, const json_t *request, struct err *err);
json_t *control_port_del(struct host *host, const json_t *request, struct err *err);
json_t *control_port_reset(struct host *host, const json_t *request, struct err *err);
json_t *control_port_list(const struct host *host);
/* Closes ports whose interfaces are gone, opens those whose are there again. */
void control_port_look(struct host *host);
/* control_slot.c */
json_t *control_slot_put(struct host *host, const json_t *request, struct err *err);
json_t *control_slot_clear(struct host *host, const json_t *request, struct err *err);
json_t *control_slot_del(struct host *host, const json_t *request, struct err *err);
json_t *control_slot_list(const struct host *host);
/* [{id, pid, heartbeat}]: cheap enough to be asked several times a second. */
json_t *control_slot_beats(const struct host *host);
/* control_spread.c */
json_t *control_spread_move(struct host *host, const json_t *request, struct err *err);
json_t *control_spread_settle(struct host *host, const json_t *request, struct err *err);
json_t *control_spread_release(struct host *host, const json_t *request, struct err *err);
/* control_link.c */
json_t *control_link_put(struct host *host, const json_t *request, struct err *err);
json_t *control_link_del(struct host *host, const json_t *request, struct err *err);
/* Replaces links of a running service by others: nothing is lost (relink.h). */
json_t *control_links_put(struct host *host, const json_t *request, struct err *err);
json_t *control_link_list(const struct host *host);
/* Unwires a link and takes it out; used by whatever takes a link's end away. */
int control_link_remove(struct host *host, struct link *link, struct err *err);

/* Replaces a kept tag by the request's (absent: none). */
void control_keep_tag(json_t **tag, const json_t *request);

#endif
