/* state.h: the life of an operation occurrence, as ETSI draws it: a table of states and
 * events. Pure. */
#ifndef ORCHESTRATOR_STATE_H
#define ORCHESTRATOR_STATE_H

#include <stdbool.h>

enum state {
	STATE_STARTING,	    /* accepted, nothing changed yet */
	STATE_PROCESSING,   /* its steps are carried out */
	STATE_COMPLETED,    /* final */
	STATE_FAILED_TEMP,  /* a step failed; waits for retry, rollback or fail */
	STATE_FAILED,	    /* final: given up, what was made stays */
	STATE_ROLLING_BACK, /* its steps are undone */
	STATE_ROLLED_BACK,  /* final */
	STATES
};

enum event {
	EVENT_GRANTED, /* it may go on */
	EVENT_REFUSED, /* it may not */
	EVENT_DONE,    /* the last step, or its undoing, is done */
	EVENT_ERROR,   /* a step failed */
	EVENT_CANCEL,
	EVENT_RETRY,
	EVENT_ROLLBACK,
	EVENT_CONTINUE, /* of an NS operation: as retry */
	EVENT_FAIL,
	EVENTS
};

/* 0 and *next, or -EBUSY: the event is not allowed in this state. */
int state_next(enum state state, enum event event, enum state *next);
bool state_final(enum state state);

const char *state_name(enum state state);     /* "FAILED_TEMP" */
enum state state_from_name(const char *name); /* STATES for an unknown one */
const char *event_name(enum event event);     /* "retry" */

#endif
