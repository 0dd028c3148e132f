/* instance.h: one VNF instance in this process: the plug-in's context, its configuration,
 * its state region. Control thread only (before the worker runs: main thread).
 */
#ifndef DATAPLANE_RUNTIME_INSTANCE_H
#define DATAPLANE_RUNTIME_INSTANCE_H

#include <stdint.h>
#include <jansson.h>
#include "common/err.h"
#include "dataplane/runtime/worker.h"
#include "dataplane/sdk/vnf.h"
#include "dataplane/shm/layout.h"

struct instance {
	struct vnf vnf;
	struct worker worker;
	struct shm_slot *slot;
	void *config;	      /* what the object in use was built from */
	void *built;	      /* until it is adopted: what config was built to */
	void *used;	      /* the built object in use */
	const void *refining; /* one that refine() works on, and that stays */
	struct instance_config {
		void *config, *built;
	} retired;		    /* that one, when it is no longer in use */
	uint64_t config_generation; /* 1 for the first, +1 for each that was taken over */
};

/* Makes the instance with its first configuration built, without touching the slot, where
 * a predecessor may still be at work. empty: may start without the state that lies there
 * if the type cannot read it; else that is ERR_STATE. 0, or the negative errno of the
 * first fault. */
int instance_open(struct instance *instance, const struct vnf_type *type,
	struct shm_host *host, struct shm_slot *slot, const json_t *config, bool empty,
	struct faults *faults);
/* When it is our turn: takes over the state region and the slot; the worker is ready to
 * run. */
int instance_adopt(struct instance *instance, struct shm_host *host, struct err *err);

/* Builds a configuration beside the running one: may take seconds. Any thread, one at a
 * time. 0, or the negative errno of the first fault. */
int instance_build(struct instance *instance, const json_t *config,
	struct instance_config *prepared, struct faults *faults);
/* Hands it to the running worker, between two bursts. Takes it in any case. */
int instance_use(struct instance *instance, struct instance_config *prepared,
	struct faults *faults);
/* The same with a better form of what is in use. */
int instance_use_refined(struct instance *instance, void *better, struct faults *faults);
/* Nothing is being refined any more, nor built. */
void instance_refined(struct instance *instance);
/* After the worker ended. */
void instance_close(struct instance *instance);

#endif
