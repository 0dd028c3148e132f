/* lifecycle.h: the life of a VNF's process, as a table of states and events. Pure.
 *
 * *Ready* means that it answered and its heartbeat moves, not that it was forked;
 * *degraded* that it was ready once, and a successor is on its way. What follows from a
 * state (reserving a slot, spawning, settling) is decided in converge.h; the table says
 * which state comes next and what is told.
 */
#ifndef VNFM_LIFECYCLE_H
#define VNFM_LIFECYCLE_H

#include <stdbool.h>
#include <stdio.h>

enum lifecycle_state {
	LIFECYCLE_ABSENT,
	LIFECYCLE_STARTING,
	LIFECYCLE_READY,
	LIFECYCLE_DEGRADED,
	LIFECYCLE_STOPPING,
	LIFECYCLE_FAILED,
	LIFECYCLE_STATES
};

enum lifecycle_event {
	LIFECYCLE_PUT,	   /* it is wanted, or wanted otherwise than it runs */
	LIFECYCLE_TOLD,	   /* the process says it is ready, or was found so */
	LIFECYCLE_REFUSED, /* the process or the dataplane says it can never be so */
	LIFECYCLE_DIED,	   /* the process ended */
	LIFECYCLE_HUNG,	   /* its heartbeat stands still */
	LIFECYCLE_LOOP,	   /* it died too often */
	LIFECYCLE_LOST,	   /* the dataplane died, and its slot with it */
	LIFECYCLE_DELETE,  /* it is not wanted any more */
	LIFECYCLE_GONE,	   /* process and slot are no more */
	LIFECYCLE_EVENTS
};

enum lifecycle_report { /* what is told in the list of events */
	LIFECYCLE_QUIET,
	LIFECYCLE_REPORT_READY,
	LIFECYCLE_REPORT_DIED,
	LIFECYCLE_REPORT_HUNG,
	LIFECYCLE_REPORT_FAILED,
	LIFECYCLE_REPORTS
};

struct lifecycle_step {
	enum lifecycle_state next;
	enum lifecycle_report report;
};

/* Defined for every state and event: an event that means nothing in a state keeps it. */
struct lifecycle_step lifecycle_step(
	enum lifecycle_state state, enum lifecycle_event event);

const char *lifecycle_state_name(enum lifecycle_state state);	 /* "ready" */
const char *lifecycle_event_name(enum lifecycle_event event);	 /* "died" */
const char *lifecycle_report_name(enum lifecycle_report report); /* "vnf-died", "" */

/* The table as Markdown, for the documentation. */
void lifecycle_print(FILE *out);

#endif
