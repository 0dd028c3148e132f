/* port.h: where a service meets the world: a driver, its counters, and its place at one
 * end of a link.
 *
 * The control thread opens and closes ports; I/O workers move their packets (io.h): each
 * queue of a port has a worker that receives from it, and that of queue 0 also sends. The
 * workers write the members marked [W]; the control thread reads them, and writes them
 * only while the workers are parked.
 *
 * A port has as many queues as its specification asks for, of the device itself where
 * that has several, else by software (port_queue.h). They all put into the same rings,
 * each of which has one producer at a time: a port with several queues has a lock, taken
 * for a burst.
 */
#ifndef DATAPLANE_HOST_PORT_H
#define DATAPLANE_HOST_PORT_H

#include <sys/queue.h>
#include <jansson.h>
#include "common/err.h"
#include "common/net.h"
#include "dataplane/host/driver.h"
#include "dataplane/host/limiter.h"
#include "dataplane/host/plan.h"
#include "dataplane/host/pool.h"
#include "dataplane/shm/histogram.h"
#include "dataplane/shm/layout.h"

#define PORT_FDS	  16 /* descriptors of a driver that can be waited on */
#define PORT_QUEUES	  16
#define PORT_FRAME_OVER	  22 /* Ethernet header and two VLAN tags */
#define PORT_SAMPLE_EVERY 64 /* packets per time stamp */
#define PORT_PATIENCE_NS  1000000
#define PORT_MTU	  1500 /* of a port without an interface */

enum port_reason {	   /* why a port dropped a packet */
	PORT_OVERFLOW,	   /* the chain was full: shed at its entry */
	PORT_PATIENCE,	   /* the driver did not take it in time */
	PORT_MALFORMED,	   /* no whole Ethernet header, or a broken buffer */
	PORT_OVERSIZE,	   /* longer than the port's MTU allows, or than a buffer */
	PORT_GARBAGE,	   /* a VNF sent what is no buffer on its way */
	PORT_NO_BUFFER,	   /* a packet had to be made and the pool was empty */
	PORT_NO_LINK,	   /* nothing is wired to the port */
	PORT_RATE_LIMITED, /* beyond the limits of the port or of its service */
	PORT_NO_INTERFACE, /* its network interface is gone */
	PORT_NO_PATH,	   /* no rule of the service says by which path it goes */
	PORT_REASONS
};

struct port_counters {
	uint64_t rx_packets, rx_bytes, tx_packets, tx_bytes;
	uint64_t large_rx, large_tx; /* of them those longer than the MTU, whole */
	uint64_t large_cut;	     /* those that had to be cut to leave */
	uint64_t large_joined;	     /* those that were made of segments to leave */
	uint64_t drops[PORT_REASONS];
};

struct port_queue { /* what one I/O worker receives of a port */
	struct port *port;
	unsigned index;
	struct rte_ring *backlog; /* what queue 0 gives to it; null: the driver does */
	struct shm_doorbell *bell;
	unsigned worker; /* index of the I/O worker that cares for it */
	const int *fds;	 /* to wait on while idle */
	unsigned n_fds;
	bool rx_blocked;    /* [W] there was no room for a burst */
	uint32_t room;	    /* [W] of the ring behind it, if it is the only queue: so many
			       places are free at least */
	uint32_t seen;	    /* [W] of the ring before it: where the producer's end was */
	uint32_t sample_in; /* [W] packets until the next time stamp */
	uint64_t full_since[PLAN_MORE + 1]; /* [W] TSC since when the ring of a link has
					       no room; 0: it has */
	struct port_counters counters;	    /* [W] of what it received */
} __rte_cache_aligned;

struct port {
	/* hot: the workers' */
	const struct driver *driver;
	struct pool *pool;
	void *own;	    /* the driver's own: spec-made state */
	uint32_t frame_max; /* bytes, Ethernet header included, FCS not */
	bool carries;	    /* the driver takes frames with work left over (offload.h) */
	uint16_t eth_port;  /* of an ethdev */
	uint16_t n_sources; /* queues that the driver has */
	uint16_t n_queues;  /* n_sources, or those that the one of the driver is spread to
			     */
	uint64_t seed;	    /* of the spreading */
	uint64_t
		stuck_since; /* [W] TSC since when the driver takes nothing; 0: it does */
	struct port_counters counters __rte_cache_aligned; /* [W] of what it sent */
	struct limiter limiter;				   /* [W] under the lock */
	rte_spinlock_t lock __rte_cache_aligned; /* of several queues' workers */
	struct histogram latency; /* [W] of sampled packets that leave here, TSC ticks */

	/* cold: the control thread's */
	LIST_ENTRY(port) entry __rte_cache_aligned;
	char id[128], ns[64], name[64];
	json_t *spec, *tag;
	struct net_mac mac;
	uint32_t mtu;
	unsigned workers;	 /* I/O workers that there are */
	unsigned worker;	 /* index of the I/O worker that sends, and of queue 0 */
	const char *interface;	 /* network interface that it occupies; null: none */
	unsigned ifindex;	 /* of it when it was opened */
	struct err why;		 /* it is lost; code ERR_NONE else */
	uint64_t tried_ms;	 /* when it was last tried to open it again */
	uint16_t rx_descriptors; /* that the driver should have; 0: many */
	char vdev[32];		 /* name of the virtual device that we made; "" none */
	struct netdev *netdev;	 /* what we hold of the interface */
	int fds[PORT_FDS];	 /* to wait on while idle */
	unsigned n_fds;
	struct port_queue queues[PORT_QUEUES];
};
LIST_HEAD(port_list, port);

/* Reads the spec and opens the port. Paths of errors are below the spec: "interface".
 * others: the ports that exist, to refuse a second use of an interface. workers: as many
 * queues make sense where one of the driver is spread. late: it had its interface once;
 * if that is not there now, the port is lost (port_lost.h) and no error. spec is
 * borrowed. */
int port_open(const char *id, const char *ns, const char *name, json_t *spec,
	struct pool *pool, const struct port_list *others, unsigned workers, bool late,
	struct port **port, struct err *err);
/* Other limits (null: none), with full buckets; workers parked. The rest of the spec
 * stays as it is. On a fault the old ones stay; paths begin with "limits". */
int port_set_limits(struct port *port, json_t *limits, struct err *err);
/* Whether this spec differs from the port's in nothing but what may change while it goes
 * on: its limits, and what its driver says. */
bool port_may_become(const struct port *port, const json_t *spec);
/* Takes over such a spec; workers parked. Paths of faults are below the spec. */
int port_change(struct port *port, const json_t *spec, struct err *err);
/* Opens the driver of a port that has none; on failure it has none. */
int port_start(struct port *port, struct err *err);
/* Null is fine. No plan may name it any more. Buffers that the driver held are at home
 * afterwards. */
void port_close(struct port *port);
/* "up", "down" while its interface has no carrier, "lost" while it has no interface. */
const char *port_state(const struct port *port);
/* What its queues received and it sent, together. */
void port_count(const struct port *port, struct port_counters *sum);
void port_counters_add(struct port_counters *sum, const struct port_counters *counters);
/* "overflow", ... */
const char *port_reason_name(enum port_reason reason);
/* Clears measurements; workers parked. */
void port_reset(struct port *port);

#endif
