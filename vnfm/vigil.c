/* vigil.c: see vigil.h. */
#include "vnfm/vigil.h"

#define NS_PER_MS 1000000ull

enum vigil_verdict
vigil_look(struct vigil *vigil, uint64_t sign, uint64_t passed_ms, uint64_t patience_ms)
{
	if (sign != vigil->sign) {
		*vigil = (struct vigil){.sign = sign};
		return VIGIL_WELL;
	}
	vigil->still_ms += passed_ms;
	if (!vigil->suspect && vigil->still_ms >= patience_ms / 2) {
		vigil->suspect = true;
		return VIGIL_SUSPECT;
	}
	return vigil->still_ms >= patience_ms ? VIGIL_OVERDUE : VIGIL_WELL;
}

bool
vigil_is_hung(const struct vigil *vigil, const struct activity *activity)
{
	if (activity->stopped || !activity->wants_cpu)
		return true;
	return activity->ran_ns - vigil->ran_ns >= VIGIL_SPUN_MS * NS_PER_MS ||
	       vigil->still_ms >= VIGIL_STARVED_MS;
}
