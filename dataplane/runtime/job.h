/* job.h: which VNFs a process is to be: one from its command line, or, for a spare that
 * has attached already, one or a group of them as one line of JSON on its standard input
 * (docs/southbound.md, section 3).
 */
#ifndef DATAPLANE_RUNTIME_JOB_H
#define DATAPLANE_RUNTIME_JOB_H

#include <stdbool.h>
#include <stdint.h>
#include <jansson.h>
#include "common/err.h"

struct job { /* texts are borrowed */
	const char *type, *id, *name;
	unsigned slot; /* index */
	unsigned core; /* CPU of the packet loop */
	uint32_t turn; /* number of the process that we are; 0: whichever may run now */
	uint64_t revision;	     /* of the wish that we were started for */
	bool empty;		     /* may start without a state that it cannot read */
	const char *socket, *config; /* paths */
	const char *log;	     /* file for our log from here on; null: as it is */
};

#define JOBS_MAX 16 /* VNFs of one process */

struct jobs {
	struct job list[JOBS_MAX];
	unsigned n;
	json_t *line; /* the texts' owner */
};

/* Waits for the line, and reads it. jobs_free() after use. ERR_UNAVAILABLE: the input
 * ended without one, nobody needs us; ERR_INVALID. Leaves the input open: its end tells
 * that whoever started us has ended. */
int jobs_read(int fd, struct jobs *jobs, struct err *err);
void jobs_free(struct jobs *jobs);
/* Writes what we are over the placeholder that a spare has as an argument, so that a list
 * of processes shows it: the first one's socket, and the names of all. */
void jobs_show(const struct jobs *jobs, int argc, char **argv);
/* The placeholder begins so. */
#define JOB_PLACEHOLDER "--job="

#endif
