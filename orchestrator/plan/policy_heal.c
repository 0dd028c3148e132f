/* policy_heal.c: see policy_heal.h. */
#include "orchestrator/plan/policy_heal.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define MS 1000000 /* in ns */

static int64_t wait_ms(const struct policy_heal *policy, unsigned attempts);
static void say(struct policy_heal_choice *choice, enum policy_heal_act act,
	const char *fmt, ...) __attribute__((format(printf, 3, 4)));

void
policy_heal_choose(const struct policy_heal *policy, const char *state,
	const struct policy_heal_history *history, int64_t now_ms,
	struct policy_heal_memory *memory, struct policy_heal_choice *choice)
{
	const unsigned attempts = history->attempts;
	if (!policy_heal_is_ill(policy, state)) {
		*memory = (struct policy_heal_memory){0};
		say(choice, POLICY_LEAVE, "it is %s", state);
		return;
	}
	if (!memory->ill)
		*memory = (struct policy_heal_memory){true, now_ms};
	int64_t ill_ms = now_ms - memory->since_ms;
	if (attempts && history->ended_ms < ill_ms)
		ill_ms = history->ended_ms; /* the attempt was its own chance */
	const int64_t wait = wait_ms(policy, attempts);
	if (attempts >= policy->attempts)
		say(choice, POLICY_GIVE_UP,
			"it is %s after %u attempts within %.0f s, which are all", state,
			attempts, (double)policy->within_ns / 1e9);
	else if (ill_ms < wait)
		say(choice, POLICY_LEAVE,
			"it is %s; attempt %u of %u comes after %.1f s of %.1f s", state,
			attempts + 1, policy->attempts, (double)ill_ms / 1000,
			(double)wait / 1000);
	else
		say(choice, POLICY_HEAL, "it has been %s for %.1f s: attempt %u of %u",
			state, (double)ill_ms / 1000, attempts + 1, policy->attempts);
}

bool
policy_heal_is_ill(const struct policy_heal *policy, const char *state)
{
	return (strcmp(state, "failed") == 0 && (policy->on & POLICY_FAILED)) ||
	       (strcmp(state, "degraded") == 0 && (policy->on & POLICY_DEGRADED));
}

/* No longer than what makes attempts count no more. */
static int64_t
wait_ms(const struct policy_heal *policy, unsigned attempts)
{
	const int64_t most = (int64_t)(policy->within_ns / MS);
	int64_t wait = (int64_t)(policy->after_ns / MS);
	for (unsigned i = 0; i < attempts && wait < most; i++)
		wait *= policy->back_off;
	return wait < most ? wait : most;
}

static void
say(struct policy_heal_choice *choice, enum policy_heal_act act, const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	vsnprintf(choice->why, POLICY_TEXT, fmt, args);
	va_end(args);
	choice->act = act;
}
