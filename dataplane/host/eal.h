/* eal.h: DPDK's environment for this process: the primary, with all its memory reserved
 * at start and none added later, files only below the run-time directory, and a worker
 * lcore pinned to each I/O core. */
#ifndef DATAPLANE_HOST_EAL_H
#define DATAPLANE_HOST_EAL_H

#include "common/err.h"
#include "dataplane/host/options.h"
#include "dataplane/shm/layout.h"

/* Fills in what the options leave open: --cores are the CPUs that we may run on,
 * --io-cores the first of them. ERR_INVALID, with the option as path, for a CPU that we
 * may not use. */
int eal_settle_cores(struct options *options, struct err *err);
/* Mounts huge pages, starts EAL, makes and fills the shared host layout. Lcore 1 + i runs
 * on io_cores.cpus[i]. */
int eal_start(const struct options *options, struct shm_host **shm, struct err *err);
/* Undoes it; the layout is gone. Harmless after a failed start. */
void eal_stop(void);
/* Bytes of packet memory, in MiB: all, and what is not allocated. */
void eal_memory(uint64_t *total_mib, uint64_t *free_mib);

#endif
