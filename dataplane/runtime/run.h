/* run.h: the life of a VNF process, from its jobs to the end of its packet loop. */
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

/* Becomes the VNFs of the jobs: reads and builds their configurations, waits for their
 * turns, takes over slots and states, tells that all are ready (successors that have to
 * wait tell so before) and runs until they are ended. They share the thread that carries
 * packets, on the CPU of the first, and the first one's log. plugins: where VNF types
 * are. 0, or why one could not start; that has been told too. */
int run_jobs(const struct run_host *host, const char *plugins, const struct jobs *jobs,
	struct err *err);

#endif
