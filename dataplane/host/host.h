/* host.h: all that a dataplane has: the root of the control thread's objects. */
#ifndef DATAPLANE_HOST_HOST_H
#define DATAPLANE_HOST_HOST_H

#include "common/loop.h"
#include "common/pulse.h"
#include "dataplane/host/link.h"
#include "dataplane/host/lockprobe.h"
#include "dataplane/host/options.h"
#include "dataplane/host/pool.h"
#include "dataplane/host/port.h"
#include "dataplane/host/pulse_thread.h"
#include "dataplane/host/slot.h"
#include "dataplane/host/watch.h"
#include "dataplane/host/worker.h"
#include "dataplane/shm/layout.h"

struct host {
	struct loop *loop;
	struct shm_host *shm;
	const struct options *options;
	struct watch *watch;
	struct pulse *pulse; /* control thread: `control`, `patience_ms`, `ports` */
	struct lockprobe *lockprobe;
	struct pulse_thread *pulse_thread;
	struct shm_doorbell *bells; /* of the workers, in shared memory */
	unsigned n_workers;
	struct worker workers[OPTIONS_IO_WORKERS];
	struct pool_list pools;
	struct port_list ports;
	struct slot_list slots;
	struct link_list links;
	LIST_HEAD(replicas_list, replicas) replicas;
};

/* Starts the life signs, the workers and the watch on a started EAL (eal.h). */
int host_open(struct host *host, struct err *err);
/* Tells the VNFs to end, takes everything apart, stops the workers. */
void host_close(struct host *host);

/* Null if there is none. */
struct pool *host_pool(const struct host *host, const char *ns);
struct port *host_port(const struct host *host, const char *id);
struct slot *host_slot(const struct host *host, const char *id);
/* states: those of enum link_state that it may be in. */
struct link *host_link(const struct host *host, const char *id, unsigned states);
/* The link with an end there. Null if there is none. */
struct link *host_link_at(
	const struct host *host, const struct link_end *end, unsigned states);
/* The link with any end at a slot. Null if there is none. */
struct link *host_link_of(
	const struct host *host, const struct slot *slot, unsigned states);

/* Hands all workers plans that mirror what is there now (wiring.h), and waits until they
 * follow them. The port `except` (may be null) is left out, and may then be taken apart.
 */
int host_replan(struct host *host, const struct port *except, struct err *err);
/* No worker touches anything until host_replan(). */
void host_park(struct host *host);
/* The worker with the least to care for. */
unsigned host_least_busy(const struct host *host);
/* The slot of a ring end is watched over by this doorbell. */
struct shm_doorbell *host_bell(const struct host *host, const struct link_end *end);

#endif
