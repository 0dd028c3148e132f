/* attach.h: becoming a DPDK secondary of the running dataplane, at one slot of its shared
 * memory. */
#ifndef DATAPLANE_RUNTIME_ATTACH_H
#define DATAPLANE_RUNTIME_ATTACH_H

#include <stdint.h>
#include "common/err.h"
#include "dataplane/shm/layout.h"

struct attach_spec {
	uint64_t shm;	/* address of struct shm_host, as the dataplane told it */
	unsigned lcore; /* DPDK's number for us; no other process has it */
};

/* Starts EAL in the calling thread, which may run on any CPU that it might before. The
 * address comes on the command line, so nothing is looked up and no shared lock is taken.
 * Checks that what lies there is the layout that we were built with, of a dataplane that
 * lives. ERR_UNAVAILABLE: no dataplane; ERR_UNSUPPORTED: another version. */
int attach(const struct attach_spec *spec, struct shm_host **host, struct err *err);
/* The slot, if it is reserved for that VNF; another process may run in it still.
 * ERR_STATE if it is another's. */
int attach_slot(struct shm_host *host, unsigned index, const char *id, const char *type,
	struct shm_slot **slot, struct err *err);
/* Pins the calling thread to a CPU. */
int attach_pin(unsigned cpu, struct err *err);

#endif
