/* manager.h: everything that renga-vnfm has, and the round that brings what is there to
 * what is wanted.
 *
 * All of it belongs to the thread that runs the loop; other threads come in by service.h.
 */
#ifndef VNFM_MANAGER_H
#define VNFM_MANAGER_H

#include "common/loop.h"
#include "vnfm/catalog.h"
#include "vnfm/dataplane.h"
#include "vnfm/events.h"
#include "vnfm/lookout.h"
#include "vnfm/options.h"
#include "vnfm/spares.h"
#include "vnfm/wanted.h"

struct manager {
	struct loop *loop;
	const struct options *options;
	struct wanted wanted;
	struct catalog *catalog;
	struct events *events;
	struct dataplane dataplane;
	struct spares spares;
	struct lookout lookout;
	struct loop_source *due;      /* timer of the next step that waits for a time */
	struct loop_source *rotation; /* timer of the look at the logs */
	int default_core;	      /* for VNFs that name none */
	bool converging, again;
	bool ending;		    /* everything is to end */
	void (*changed)(void *arg); /* told after each round (service.c: who waits) */
	void *changed_arg;
};

/* Starts or finds the dataplane, reads the types, adopts what lives. The options must
 * outlive it. */
int manager_open(struct manager *manager, struct loop *loop,
	const struct options *options, struct err *err);
/* Leaves all processes as they are. */
void manager_close(struct manager *manager);

/* Does all steps that can be done now. Cheap when there is nothing to do; may be called
 * from anywhere in the loop's thread. */
void manager_converge(struct manager *manager);

/* Ends every VNF, then the dataplane, removes what they left, and stops the loop. */
void manager_end(struct manager *manager);

/* The VNF is done with its life so far: lifecycle event, its report, and another round.
 */
void manager_event(struct manager *manager, struct object *vnf,
	enum lifecycle_event event, const char *detail);

#endif
