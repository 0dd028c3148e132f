/* schedule.c: see schedule.h. */
#include "orchestrator/schedule.h"

#include "orchestrator/stamp.h"

void
schedule_check(const json_t *request, const char *member, struct faults *faults)
{
	const json_t *time = json_object_get(request, member);
	const char *text = json_string_value(time);
	if (!time)
		return;
	if (!text || !stamp_is_time(text))
		faults_add(faults, ERR_INVALID, member, "2026-11-29T21:00:00Z",
			"this is no time");
	else if (stamp_since_ms(text) < 0)
		faults_add(faults, ERR_UNSUPPORTED, member, "ask when it is time",
			"an operation cannot be asked for ahead of its time");
}
