/* routing.h: the router's side of dynamic routing: routes of FRR's zebra (fpm, rib) into
 * the tables, and its daemons' packets through TAPs (tap, punt) to the links and back.
 *
 * What is not there yet (a namespace, a name that a predecessor still has, a port) is
 * tried again every half second.
 */
#ifndef VNFS_ROUTER_ROUTING_H
#define VNFS_ROUTER_ROUTING_H

#include <jansson.h>
#include "vnfs/router/config.h"
#include "vnfs/router/punt.h"
#include "vnfs/router/rib.h"

struct routing;

/* Control thread. 0, or ERR_NO_RESOURCE. */
int routing_open(struct routing **routing, struct vnf *vnf, struct err *err);
/* No table is attached any more. Null is fine. */
void routing_close(struct routing *routing);

/* The thread that builds: counters of the table in use (before, or null) will go on in
 * the new one; that of a configuration with routing gets the routes of daemons, now and
 * from now on. 0, or ERR_NO_RESOURCE. */
int routing_attach(struct routing *routing, const struct config *config,
	struct l3_routes *table, const struct l3_routes *before, struct err *err);
/* Control thread: before a table is destroyed, whichever it is. */
void routing_detach(struct routing *routing, const struct l3_routes *table);
/* Control thread: this configuration is in use. */
void routing_attend(struct routing *routing, const struct config *config);

/* The worker's part. */
struct punt *routing_punt(struct routing *routing);

/* {connected, sessions, routes, stale, updates, ...}; new reference. */
json_t *routing_stats(const struct routing *routing);
/* Adds {protocol, via} to the JSON of a route; arg: struct routing. */
void routing_describe(void *arg, const struct net_prefix *prefix, json_t *route);

#endif
