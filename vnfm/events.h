/* events.h: what happened, numbered, the last 1,024 of it. Any thread. */
#ifndef VNFM_EVENTS_H
#define VNFM_EVENTS_H

#include <stdint.h>
#include <jansson.h>

struct events;

struct events *events_create(void);	    /* null without memory */
void events_destroy(struct events *events); /* null is fine */

/* type: "vnf-died" and the like; ns, vnf and detail may be "". */
void events_add(struct events *events, const char *type, const char *ns, const char *vnf,
	const char *detail);
/* The same of a port, by its id. */
void events_add_port(struct events *events, const char *type, const char *ns,
	const char *port, const char *detail);
/* [{seq, time, type, ns, vnf, port?, detail}] with seq above `after`, oldest first; waits
 * up to wait_ms for the first. A number of a life before, or one that was never given
 * out, counts as 0. New reference. */
json_t *events_after(struct events *events, uint64_t after, unsigned wait_ms);
/* Lets all who wait go, now and from now on. */
void events_close(struct events *events);

#endif
