/* conns.h: connections to one server, kept for whoever calls next. Any thread. */
#ifndef API_SOUTHBOUND_CLIENT_CONNS_H
#define API_SOUTHBOUND_CLIENT_CONNS_H

#include "api/client/client.h"

struct conns;

int conns_open(const char *server, struct conns **conns, struct err *err);
void conns_close(struct conns *conns); /* no connection may be taken; null is fine */

/* A connection for this thread alone. */
int conns_take(struct conns *conns, struct client **client, struct err *err);
/* Gives it back; a broken one is closed. */
void conns_give(struct conns *conns, struct client *client, bool broken);

#endif
