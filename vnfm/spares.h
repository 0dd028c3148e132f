/* spares.h: processes that have attached to the dataplane's memory and wait to be told
 * which VNF to be. Attaching takes most of the time of a start, so a successor that is
 * made of a spare runs within milliseconds. Loop thread only.
 *
 * A spare that nobody needs any more ends by itself when its input, the leash, is closed.
 */
#ifndef VNFM_SPARES_H
#define VNFM_SPARES_H

#include <stdbool.h>
#include "common/err.h"
#include "vnfm/wanted.h"

#define SPARES_MAX 16

struct manager;

struct spares {
	struct manager *manager;
	unsigned n;
	struct spare {
		struct vnf_start start;
		struct loop_source *exit;
	} list[SPARES_MAX];
	struct loop_source *refill; /* timer */
	bool closed;
};

void spares_open(struct spares *spares, struct manager *manager);
/* Makes as many as the options ask for, before long. Without a dataplane that takes
 * requests it makes none. */
void spares_fill(struct spares *spares);
/* A process that attaches or has attached, for the caller: a spare, or a new one. Its
 * leash takes the job (docs/southbound.md section 3). */
int spares_take(struct spares *spares, struct vnf_start *start, struct err *err);
/* Lets all go: the dataplane has died, or we end. */
void spares_drop(struct spares *spares);
/* Drops them, and makes none any more. */
void spares_close(struct spares *spares);

/* Closes what we hold of a process. */
void spares_release(struct vnf_start *start);

#endif
