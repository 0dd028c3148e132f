/* policy_scale.c: see policy_scale.h. */
#include "orchestrator/plan/policy_scale.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#define MS 1000000 /* in ns */

static const struct {
	const char *before, *after; /* the number, in a sentence */
	bool adds_up;		    /* over replicas: what one had, the others get */
} metrics[POLICY_METRICS] = {
	[POLICY_BUSY] = {"busy at ", " %", true},
	[POLICY_RATE] = {"", " packets/s a replica", true},
	[POLICY_RING] = {"rings full at ", " %", false},
	[POLICY_SESSIONS] = {"", " sessions a replica", true},
};

struct view { /* of one look */
	const struct policy_scale *policy;
	const struct policy_sample *sample;
	int64_t held_ms; /* on this side of the thresholds */
	char value[64];
	struct policy_scale_choice *choice;
};

static bool bound(const struct view *view);
static void look(struct policy_scale_memory *memory, int side, int64_t now_ms);
static int side_of(const struct policy_scale *policy, double value);
static void go_out(const struct view *view);
static void go_in(const struct view *view);
static bool waits(const struct view *view);
static double without_one(const struct view *view);
static void say(const struct view *view, int by, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

void
policy_scale_choose(const struct policy_scale *policy, const struct policy_sample *sample,
	int64_t scaled_ms, int64_t now_ms, struct policy_scale_memory *memory,
	struct policy_scale_choice *choice)
{
	const int64_t cooldown_ms = (int64_t)(policy->cooldown_ns / MS);
	struct view view = {.policy = policy, .sample = sample, .choice = choice};
	*choice = (struct policy_scale_choice){0};
	if (scaled_ms >= 0 && scaled_ms < cooldown_ms)
		choice->cools_ms = cooldown_ms - scaled_ms;
	const bool measured = sample->replicas > 0 && sample->measured;
	look(memory, measured ? side_of(policy, sample->value) : 0, now_ms);
	view.held_ms = now_ms - memory->since_ms;
	snprintf(view.value, sizeof(view.value), "%s%.0f%s",
		metrics[policy->metric].before, sample->value,
		metrics[policy->metric].after);
	if (bound(&view)) {
		/* its number alone decides */
	} else if (!measured) {
		say(&view, 0, "it is not measured now");
	} else if (memory->side > 0) {
		go_out(&view);
	} else if (memory->side < 0) {
		go_in(&view);
	} else {
		say(&view, 0, "%s, between %" PRIu64 " and %" PRIu64, view.value,
			policy->in, policy->out);
	}
	if (choice->by)
		*memory = (struct policy_scale_memory){0};
}

/* Whether the number of replicas leaves nothing to choose. */
static bool
bound(const struct view *view)
{
	const unsigned n = view->sample->replicas;
	const struct policy_scale *policy = view->policy;
	if (n == 0)
		say(view, 0, "it is stopped");
	else if (n < policy->min || n > policy->max) {
		if (!waits(view))
			say(view,
				n < policy->min ? (int)(policy->min - n)
						: -(int)(n - policy->max),
				"it has %u replica%s, and %u to %u are wanted", n,
				n == 1 ? "" : "s", policy->min, policy->max);
	} else
		return false;
	return true;
}

static void
look(struct policy_scale_memory *memory, int side, int64_t now_ms)
{
	if (memory->side != side || side == 0)
		*memory = (struct policy_scale_memory){side, now_ms};
}

static int
side_of(const struct policy_scale *policy, double value)
{
	return value >= (double)policy->out ? 1 : value <= (double)policy->in ? -1 : 0;
}

static void
go_out(const struct view *view)
{
	const struct policy_scale *policy = view->policy;
	const int64_t for_ms = (int64_t)(policy->for_ns / MS);
	if (view->sample->replicas == policy->max)
		say(view, 0, "%s, but it has %u replicas, the most", view->value,
			policy->max);
	else if (view->held_ms < for_ms)
		say(view, 0, "%s, which is %" PRIu64 " or more, for %.1f s of %.1f s",
			view->value, policy->out, (double)view->held_ms / 1000,
			(double)for_ms / 1000);
	else if (!waits(view))
		say(view, 1, "%s, which is %" PRIu64 " or more, for %.1f s", view->value,
			policy->out, (double)view->held_ms / 1000);
}

static void
go_in(const struct view *view)
{
	const struct policy_scale *policy = view->policy;
	const int64_t for_ms = (int64_t)(policy->for_ns / MS);
	const bool adds_up = metrics[policy->metric].adds_up;
	if (view->sample->replicas == policy->min)
		say(view, 0, "%s, and it has %u replica%s, the fewest", view->value,
			policy->min, policy->min == 1 ? "" : "s");
	else if (adds_up && without_one(view) >= (double)policy->out)
		say(view, 0,
			"%s, but with one replica less %.0f are expected, too near to %" PRIu64,
			view->value, without_one(view), policy->out);
	else if (view->held_ms < for_ms)
		say(view, 0, "%s, which is %" PRIu64 " or less, for %.1f s of %.1f s",
			view->value, policy->in, (double)view->held_ms / 1000,
			(double)for_ms / 1000);
	else if (!waits(view))
		say(view, -1, "%s, which is %" PRIu64 " or less, for %.1f s", view->value,
			policy->in, (double)view->held_ms / 1000);
}

/* Says so if it still cools down. */
static bool
waits(const struct view *view)
{
	if (view->choice->cools_ms == 0)
		return false;
	say(view, 0, "%s, but it cools down for %.1f s more",
		view->sample->measured ? view->value : "it is to be scaled",
		(double)view->choice->cools_ms / 1000);
	return true;
}

static double
without_one(const struct view *view)
{
	const unsigned n = view->sample->replicas;
	return view->sample->value * n / (n - 1);
}

static void
say(const struct view *view, int by, const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	vsnprintf(view->choice->why, POLICY_TEXT, fmt, args);
	va_end(args);
	view->choice->by = by;
}
