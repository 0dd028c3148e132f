/* state.c: the life of an operation occurrence. */
#include "orchestrator/state.h"

#include <errno.h>
#include <string.h>

/* What is absent is not allowed: no event leads back to STARTING, which is zero. */
static const enum state table[STATES][EVENTS] = {
	[STATE_STARTING] = {[EVENT_GRANTED] = STATE_PROCESSING,
		[EVENT_REFUSED] = STATE_ROLLED_BACK,
		[EVENT_ERROR] = STATE_ROLLED_BACK,
		[EVENT_CANCEL] = STATE_ROLLED_BACK},
	[STATE_PROCESSING] = {[EVENT_DONE] = STATE_COMPLETED,
		[EVENT_ERROR] = STATE_FAILED_TEMP,
		[EVENT_CANCEL] = STATE_FAILED_TEMP},
	[STATE_FAILED_TEMP] = {[EVENT_RETRY] = STATE_PROCESSING,
		[EVENT_CONTINUE] = STATE_PROCESSING,
		[EVENT_ROLLBACK] = STATE_ROLLING_BACK,
		[EVENT_FAIL] = STATE_FAILED},
	[STATE_ROLLING_BACK] = {[EVENT_DONE] = STATE_ROLLED_BACK,
		[EVENT_ERROR] = STATE_FAILED_TEMP,
		[EVENT_CANCEL] = STATE_FAILED_TEMP},
};

static const char *const state_names[STATES] = {"STARTING", "PROCESSING", "COMPLETED",
	"FAILED_TEMP", "FAILED", "ROLLING_BACK", "ROLLED_BACK"};

static const char *const event_names[EVENTS] = {"grant", "refuse", "done", "error",
	"cancel", "retry", "rollback", "continue", "fail"};

int
state_next(enum state state, enum event event, enum state *next)
{
	if (table[state][event] == STATE_STARTING)
		return -EBUSY;
	*next = table[state][event];
	return 0;
}

bool
state_final(enum state state)
{
	return state == STATE_COMPLETED || state == STATE_FAILED ||
	       state == STATE_ROLLED_BACK;
}

const char *
state_name(enum state state)
{
	return state_names[state];
}

enum state
state_from_name(const char *name)
{
	for (int i = 0; i < STATES; i++)
		if (strcmp(state_names[i], name) == 0)
			return (enum state)i;
	return STATES;
}

const char *
event_name(enum event event)
{
	return event_names[event];
}
