/* xdp_probe.h: why an AF_XDP socket could not have a queue of an interface: asked when
 * the driver has failed, which says no more than that. */
#ifndef DATAPLANE_HOST_XDP_PROBE_H
#define DATAPLANE_HOST_XDP_PROBE_H

#include "common/err.h"

/* ERR_STATE (path "interface") if another socket has it, ERR_UNSUPPORTED if the kernel or
 * the interface cannot; 0 if nothing speaks against it, err untouched. The kernel takes a
 * moment to forget the socket that this needs: not to be called before opening one. */
int xdp_probe_queue(const char *interface, unsigned queue, struct err *err);

#endif
