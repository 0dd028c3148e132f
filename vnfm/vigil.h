/* vigil.h: does a life sign stand still, and does that mean that its owner hangs? Pure.
 *
 * Counted is the time in which we looked: while we, or who writes the sign down, did not
 * run, nothing stands still. Who wants to run and gets no CPU does not hang, up to a
 * limit.
 */
#ifndef VNFM_VIGIL_H
#define VNFM_VIGIL_H

#include <stdbool.h>
#include <stdint.h>

#define VIGIL_SPUN_MS                                                                    \
	50 /* of CPU in the second half of the patience: it had its chance */
#define VIGIL_STARVED_MS 5000 /* then it counts as hung though it got no CPU */

struct vigil { /* over one sign */
	uint64_t sign;
	uint64_t still_ms; /* that it has stood still */
	bool suspect;	   /* ran_ns is known */
	uint64_t ran_ns;   /* what its process had run when it became suspect */
};

struct activity {	 /* of a process, or of one thread */
	bool stopped;	 /* by a signal */
	bool wants_cpu;	 /* a thread is runnable, or waits for memory or a disk */
	uint64_t ran_ns; /* CPU time of all threads so far */
};

enum vigil_verdict {
	VIGIL_WELL,
	VIGIL_SUSPECT, /* half of the patience is over: the caller notes ran_ns */
	VIGIL_OVERDUE  /* ask vigil_is_hung() */
};

/* passed_ms: since the last look, as far as the sign could have moved. */
enum vigil_verdict vigil_look(
	struct vigil *vigil, uint64_t sign, uint64_t passed_ms, uint64_t patience_ms);
/* What it did while its sign stood still decides. */
bool vigil_is_hung(const struct vigil *vigil, const struct activity *activity);

#endif
