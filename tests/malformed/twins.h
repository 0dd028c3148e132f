/* twins.h: two instances that get the same packets at the same times, in buffers with
 * other bytes around them. They must do the same: else something was read beyond a
 * packet, or hangs on chance.
 *
 * Everything that comes out is looked at: it parses, buffers are accounted for, no packet
 * is lost uncounted. The first thing that is wrong is remembered.
 */
#ifndef TESTS_MALFORMED_TWINS_H
#define TESTS_MALFORMED_TWINS_H

#include <stdbool.h>
#include "tests/lib/harness.h"
#include "tests/malformed/random.h"
#include "tests/malformed/stage.h"

#define TWINS_RECENT 32 /* frames that came out lately, by connection point */

struct twins {
	const struct vnf_type *type;
	const struct stage *stage;
	struct harness *h[2];
	bool other;					    /* configuration in force */
	struct harness_frame burst[VNF_MAX_CPS][VNF_BURST]; /* not yet sent */
	unsigned n_burst[VNF_MAX_CPS];
	struct harness_frame recent[VNF_MAX_CPS][TWINS_RECENT];
	unsigned n_recent[VNF_MAX_CPS];
	uint64_t n_in, n_out, n_drops[VNF_MAX_REASONS];
	char fault[512]; /* empty: none so far */
};

/* 0, or what is wrong is in fault. Close in any case. */
int twins_open(
	struct twins *twins, const struct vnf_type *type, const struct stage *stage);
void twins_close(struct twins *twins);

/* Puts a frame into the burst of cp, which is sent when it has `most` frames. */
void twins_in(struct twins *twins, unsigned cp, const struct harness_frame *frame,
	unsigned most);
/* Sends all that waits. */
void twins_flush(struct twins *twins);
void twins_clock(struct twins *twins, uint64_t ns);
/* The other configuration; a death with a successor; buffers, wiring and MTUs as they may
 * be. */
void twins_configure(struct twins *twins);
void twins_crash(struct twins *twins);
void twins_surroundings(struct twins *twins, struct random *random);
/* Statistics and lists are read. */
void twins_ask(struct twins *twins);
/* After so long a time that everything has ended: nothing is held, no session is left. */
void twins_settle(struct twins *twins);

#endif
