/* driver.h: what a kind of port is: a table row per driver, one file each
 * (driver_<name>.c).
 *
 * A driver reads its spec (the port object of the contract) by a field table, opens what
 * is behind it, and moves bursts. Most are DPDK ethdevs and share ethdev.h; `null` and
 * `generator` have operations of their own.
 */
#ifndef DATAPLANE_HOST_DRIVER_H
#define DATAPLANE_HOST_DRIVER_H

#include <stdbool.h>
#include <stdint.h>
#include <jansson.h>
#include <rte_mbuf.h>
#include "common/err.h"
#include "common/field.h"
#include "common/limits.h"

struct port;
struct port_queue;

#define DRIVER_NEVER UINT64_MAX

struct driver_common { /* the first member of every driver's spec */
	char *driver;
	uint32_t mtu; /* 0: the interface's own, or 1500 */
	uint16_t queues;
	bool promiscuous;
	struct limits limits; /* port_set_limits() reads them */
};

/* The first rows of every driver's field table. */
#define DRIVER_COMMON_FIELDS                                                             \
	{.name = "driver",                                                               \
		.type = FIELD_STRING,                                                    \
		.offset = offsetof(struct driver_common, driver),                        \
		.required = true,                                                        \
		.help = "kind of port"},                                                 \
		{.name = "mtu",                                                          \
			.type = FIELD_UINT,                                              \
			.offset = offsetof(struct driver_common, mtu),                   \
			.size = sizeof(uint32_t),                                        \
			.max = 9000,                                                     \
			.help = "largest IP packet in bytes; 0: what the interface "     \
				"has"},                                                  \
		{.name = "queues",                                                       \
			.type = FIELD_UINT,                                              \
			.offset = offsetof(struct driver_common, queues),                \
			.size = sizeof(uint16_t),                                        \
			.dflt = "1",                                                     \
			.min = 1,                                                        \
			.max = 16,                                                       \
			.help = "receive queues, each served by an I/O worker: of the "  \
				"device where it has several, else by software"},        \
		LIMITS_FIELD(struct driver_common, limits),                              \
	{                                                                                \
		.name = "promiscuous", .type = FIELD_BOOL,                               \
		.offset = offsetof(struct driver_common, promiscuous), .dflt = "true",   \
		.help = "also take frames for other MAC addresses"                       \
	}

struct driver {
	const char *name;
	const struct field *fields;
	size_t spec_size;
	bool listens; /* frames come whether wanted or not: taken and dropped without a
			 link */
	bool raw; /* they come as the kernel keeps them: checksums may be partial, a VLAN
		     tag beside the frame */

	/* Control thread. open() fills in the port's mac and mtu and what rx and tx need,
	 * and n_sources if it is not one; on failure it leaves nothing. */
	int (*open)(struct port *port, const void *spec, struct err *err);
	void (*close)(struct port *port);
	/* I/O workers. rx() hands out at most n buffers of the port's pool, of one of the
	 * driver's queues; tx(), called by one worker, takes the first k and returns k;
	 * null: there is nothing to send to. */
	uint32_t (*rx)(struct port_queue *queue, struct rte_mbuf **buffers, uint32_t n);
	uint32_t (*tx)(struct port *port, struct rte_mbuf **buffers, uint32_t n);
	/* How long rx() will have nothing, in ns; null: until a descriptor is readable,
	 * or if there is none, unknown. */
	uint64_t (*rest_ns)(struct port *port, uint64_t tsc);
	/* Whether it measures; and a member "generator" of the port's statistics (new
	 * reference). Null: nothing. */
	json_t *(*measured)(const struct port *port);
	void (*reset)(
		struct port *port); /* starts the measurement anew; workers parked */
	/* Members of the spec that may change while the port goes on, null-ended, and
	 * what takes them over, workers parked. Null: none. */
	const char *const *changes;
	void (*change)(struct port *port, const void *spec);
	uint64_t (*missed)(struct port *port); /* frames lost before rx() since open, for
						  want of room; null: unknown */
};

/* The driver that spec.driver names. ERR_INVALID or ERR_NOT_FOUND with path "driver". */
const struct driver *driver_find(const json_t *spec, struct err *err);

extern const struct driver driver_af_packet, driver_af_xdp, driver_tap, driver_pcap,
	driver_memif, driver_pci, driver_eal, driver_null, driver_generator;

#endif
