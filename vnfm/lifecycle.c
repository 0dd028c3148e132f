/* lifecycle.c: see lifecycle.h. */
#include "vnfm/lifecycle.h"

/* Short names, so that the table can be read as one. */
#define ABS                                                                              \
	{                                                                                \
		LIFECYCLE_ABSENT, LIFECYCLE_QUIET                                        \
	}
#define STA                                                                              \
	{                                                                                \
		LIFECYCLE_STARTING, LIFECYCLE_QUIET                                      \
	}
#define REA                                                                              \
	{                                                                                \
		LIFECYCLE_READY, LIFECYCLE_QUIET                                         \
	}
#define DEG                                                                              \
	{                                                                                \
		LIFECYCLE_DEGRADED, LIFECYCLE_QUIET                                      \
	}
#define STO                                                                              \
	{                                                                                \
		LIFECYCLE_STOPPING, LIFECYCLE_QUIET                                      \
	}
#define FAI                                                                              \
	{                                                                                \
		LIFECYCLE_FAILED, LIFECYCLE_QUIET                                        \
	}
#define REA_TELL                                                                         \
	{                                                                                \
		LIFECYCLE_READY, LIFECYCLE_REPORT_READY                                  \
	}
#define STA_DIED                                                                         \
	{                                                                                \
		LIFECYCLE_STARTING, LIFECYCLE_REPORT_DIED                                \
	}
#define DEG_DIED                                                                         \
	{                                                                                \
		LIFECYCLE_DEGRADED, LIFECYCLE_REPORT_DIED                                \
	}
#define STA_HUNG                                                                         \
	{                                                                                \
		LIFECYCLE_STARTING, LIFECYCLE_REPORT_HUNG                                \
	}
#define DEG_HUNG                                                                         \
	{                                                                                \
		LIFECYCLE_DEGRADED, LIFECYCLE_REPORT_HUNG                                \
	}
#define FAI_TELL                                                                         \
	{                                                                                \
		LIFECYCLE_FAILED, LIFECYCLE_REPORT_FAILED                                \
	}

/* clang-format off */
static const struct lifecycle_step table[LIFECYCLE_STATES][LIFECYCLE_EVENTS] = {
	/*                         put  told      refused   died      hung      loop      lost delete gone */
	[LIFECYCLE_ABSENT]   = {   STA, ABS,      ABS,      ABS,      ABS,      ABS,      ABS, ABS,   ABS },
	[LIFECYCLE_STARTING] = {   STA, REA_TELL, FAI_TELL, STA_DIED, STA_HUNG, FAI_TELL, STA, STO,   STA },
	[LIFECYCLE_READY]    = {   DEG, REA,      FAI_TELL, DEG_DIED, DEG_HUNG, FAI_TELL, DEG, STO,   REA },
	[LIFECYCLE_DEGRADED] = {   DEG, REA_TELL, FAI_TELL, DEG_DIED, DEG_HUNG, FAI_TELL, DEG, STO,   DEG },
	[LIFECYCLE_STOPPING] = {   STO, STO,      STO,      STO,      STO,      STO,      STO, STO,   ABS },
	[LIFECYCLE_FAILED]   = {   STA, FAI,      FAI,      FAI,      FAI,      FAI,      STA, STO,   FAI },
};
/* clang-format on */

struct lifecycle_step
lifecycle_step(enum lifecycle_state state, enum lifecycle_event event)
{
	return table[state][event];
}

const char *
lifecycle_state_name(enum lifecycle_state state)
{
	static const char *const names[LIFECYCLE_STATES] = {
		"absent", "starting", "ready", "degraded", "stopping", "failed"};
	return names[state];
}

const char *
lifecycle_event_name(enum lifecycle_event event)
{
	static const char *const names[LIFECYCLE_EVENTS] = {"put", "told", "refused",
		"died", "hung", "loop", "lost", "delete", "gone"};
	return names[event];
}

const char *
lifecycle_report_name(enum lifecycle_report report)
{
	static const char *const names[LIFECYCLE_REPORTS] = {
		"", "vnf-ready", "vnf-died", "vnf-hung", "vnf-failed"};
	return names[report];
}

void
lifecycle_print(FILE *out)
{
	fprintf(out, "| state \\ event |");
	for (unsigned e = 0; e < LIFECYCLE_EVENTS; e++)
		fprintf(out, " %s |", lifecycle_event_name(e));
	fprintf(out, "\n|---|");
	for (unsigned e = 0; e < LIFECYCLE_EVENTS; e++)
		fprintf(out, "---|");
	for (unsigned s = 0; s < LIFECYCLE_STATES; s++) {
		fprintf(out, "\n| %s |", lifecycle_state_name(s));
		for (unsigned e = 0; e < LIFECYCLE_EVENTS; e++) {
			struct lifecycle_step step = lifecycle_step(s, e);
			bool stays = step.next == s && step.report == LIFECYCLE_QUIET;
			fprintf(out, " %s", stays ? "" : lifecycle_state_name(step.next));
			fprintf(out, step.report != LIFECYCLE_QUIET ? " (%s) |" : "%s |",
				lifecycle_report_name(step.report));
		}
	}
	fprintf(out, "\n");
}
