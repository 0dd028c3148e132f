/* generator_spec.h: what a generator is asked for (the port object of the contract,
 * section 3). Pure. */
#ifndef DATAPLANE_HOST_GENERATOR_SPEC_H
#define DATAPLANE_HOST_GENERATOR_SPEC_H

#include "common/field.h"
#include "common/net.h"
#include "dataplane/host/driver.h"

struct generator_spec {
	struct driver_common common;
	uint64_t rate; /* packets/s; 0: max */
	uint64_t size; /* 0: imix */
	uint32_t flows;
	struct net_addr src, dst;
	uint32_t src_flows, dst_nets;
	int protocol;
	struct net_mac dst_mac;
	uint64_t count;	      /* packets; 0: no end */
	uint64_t duration_ns; /* 0: no end */
};

extern const struct field generator_fields[];

#endif
