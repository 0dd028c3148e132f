/* refiner.h: a configuration that was taken over at once is made better in the background
 * (vnf_type.refine), and the better form swapped in between two bursts.
 *
 * Meanwhile other configurations may be built and taken over. What is being refined stays
 * until that has ended, and a better form of what is no longer in use is given up. While
 * one is being built nothing is swapped or freed under it. Control thread only.
 */
#ifndef DATAPLANE_RUNTIME_REFINER_H
#define DATAPLANE_RUNTIME_REFINER_H

#include <stdbool.h>
#include "common/err.h"
#include "common/loop.h"
#include "dataplane/runtime/instance.h"

struct refiner {
	struct loop *loop;
	struct instance *instance;
	struct background *background; /* null: nothing is being refined */
	const void *of;		       /* that which is, or was */
	void *better;		       /* of it, if it has come to that */
	struct err err;
	int rc;
	bool held, ended;
};

void refiner_open(struct refiner *refiner, struct loop *loop, struct instance *instance);
/* Before a configuration is built, and when it is in use or was refused: then, or when it
 * has ended, what is in use is refined. */
void refiner_hold(struct refiner *refiner);
void refiner_release(struct refiner *refiner);
/* Whether its thread runs: then the instance must not be closed. */
bool refiner_is_busy(const struct refiner *refiner);

#endif
