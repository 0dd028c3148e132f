/* run.h: the life of a VNF process, from a job to the end of its packet loop. */
#ifndef DATAPLANE_RUNTIME_RUN_H
#define DATAPLANE_RUNTIME_RUN_H

#include "common/err.h"
#include "dataplane/runtime/attach.h"
#include "dataplane/runtime/job.h"

struct run_host { /* what we are attached to */
	struct shm_host *shm;
	unsigned lcore;
	int leash; /* a pipe whose end tells that whoever started us is gone; -1: none */
};

/* Becomes the VNF of the job: reads and builds its configuration, waits for its turn,
 * takes over slot and state, tells that it is ready (a successor that has to wait tells
 * so before) and runs until it is ended. plugins: where VNF types are. 0, or why it could
 * not start; that has been told too. */
int run_job(const struct run_host *host, const char *plugins, const struct job *job,
	struct err *err);

#endif
