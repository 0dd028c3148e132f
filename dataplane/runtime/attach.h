/* attach.h: becoming a DPDK secondary of the running dataplane, at one slot of its shared
 * memory. */
#ifndef DATAPLANE_RUNTIME_ATTACH_H
#define DATAPLANE_RUNTIME_ATTACH_H

#include <stdint.h>
#include "common/err.h"
#include "dataplane/shm/layout.h"

struct attach_spec {
	uint64_t shm;	       /* address of struct shm_host, as the dataplane told it */
	unsigned slot;	       /* index */
	unsigned core;	       /* CPU to run on */
	const char *id, *type; /* what the slot must have been reserved for */
};

/* Starts EAL in the calling thread, which becomes the lcore of the slot, pinned to the
 * core. The address comes on the command line, so nothing is looked up and no shared lock
 * is taken. Checks that what lies there is the layout that we were built with, of a
 * dataplane that lives, and that the slot is reserved for us. ERR_UNAVAILABLE: no
 * dataplane; ERR_UNSUPPORTED: another version; ERR_STATE: the slot is not free for us. */
int attach(const struct attach_spec *spec, struct shm_host **host, struct shm_slot **slot,
	struct err *err);

#endif
