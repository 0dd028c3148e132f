/* io_cut.h: a large frame that leaves by a port whose driver does not carry such: cut
 * into segments of usual buffers, a burst at a time. Called by the worker whose plan
 * names the port.
 */
#ifndef DATAPLANE_HOST_IO_CUT_H
#define DATAPLANE_HOST_IO_CUT_H

#include <stdbool.h>
#include "dataplane/host/port.h"

enum io_cut {
	IO_CUT_CANNOT, /* it is no such frame, or a segment would be too long */
	IO_CUT_STUCK,  /* the driver takes nothing, or there are no buffers */
	IO_CUT_ON,     /* some were sent: call again */
	IO_CUT_DONE
};

/* Whether it has to be cut. */
bool io_cut_wants(const struct port *port, const struct rte_mbuf *buffer);
/* Sends the next segments of the frame, which stays the caller's. Segments are counted as
 * what the port sends. */
enum io_cut io_cut_send(struct port *port, struct rte_mbuf *buffer);

#endif
