/* pulse.h: life signs of the dataplane and of its VNFs, in one small file that the
 * dataplane writes and renga-vnfm reads, both by mmap: <runtime>/dataplane.pulse.
 *
 * Nobody needs to be asked for them, so a thread that hangs, or a process that is
 * stopped, cannot hide it. Written by the dataplane [who], read by anyone with a relaxed
 * load. Each start of a dataplane makes a new file: who still maps the former one sees it
 * stand still.
 */
#ifndef COMMON_PULSE_H
#define COMMON_PULSE_H

#include <stdint.h>
#include "common/err.h"

#define PULSE_FILE  "dataplane.pulse"
#define PULSE_SLOTS 96
#define PULSE_MOVES_MS                                                                   \
	100 /* `process` and the slots; the others at least twice as often */

struct pulse_slot {
	int32_t pid;   /* 0: nobody */
	uint64_t beat; /* of its worker, as last seen */
};

struct pulse {
	uint64_t magic;
	int32_t pid;
	uint32_t patience_ms; /* [control] that the operation under way may take; 0: none
				 is */
	uint64_t process;     /* [pulse thread] moves while the process runs */
	uint64_t control;     /* [control] moves while its loop turns */
	uint64_t worker;      /* [pulse thread] of the first I/O worker, as last seen */
	uint64_t ports;	      /* [control] +1 whenever the state of a port changes */
	struct pulse_slot slots[PULSE_SLOTS]; /* [pulse thread] by number of the slot */
	char last_words[256]; /* why it ends itself; "" while it does not */
};

/* Makes the file anew, with room for all of it on a full disk too, and maps it. */
int pulse_create(const char *path, struct pulse **pulse, struct err *err);
/* Maps that of another process to be read. ERR_NOT_FOUND. */
int pulse_open(const char *path, const struct pulse **pulse, struct err *err);
/* Null is fine; the file stays. */
void pulse_close(const struct pulse *pulse);

#endif
