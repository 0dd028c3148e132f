/* ports.h: ports that lose their network interface and find it again, told as events.
 * Loop thread only. */
#ifndef VNFM_PORTS_H
#define VNFM_PORTS_H

struct manager;
struct object;

/* The dataplane says that the state of some port has changed: asks it for all. */
void ports_ask(struct manager *manager);
/* object->actual is new: tells if its interface is gone, or there again. */
void ports_seen(struct manager *manager, struct object *port);

#endif
