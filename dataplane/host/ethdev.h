/* ethdev.h: ports that are DPDK Ethernet devices: what all such drivers share.
 *
 * Virtual devices are made with rte_vdev_init(), which acts in this process alone;
 * hotplug of DPDK's own asks every secondary, and one of them may be dead.
 */
#ifndef DATAPLANE_HOST_ETHDEV_H
#define DATAPLANE_HOST_ETHDEV_H

#include "common/err.h"
#include "dataplane/host/driver.h"

/* Makes virtual device <driver><number> from args, and opens it as the port; finds
 * descriptors to wait on. */
int ethdev_open_vdev(struct port *port, const struct driver_common *common,
	const char *vdev_driver, const char *args, struct err *err);
/* The same with a given device name. */
int ethdev_open_named_vdev(struct port *port, const struct driver_common *common,
	const char *name, const char *args, struct err *err);
/* Opens a device that exists, by name. ERR_NOT_FOUND. */
int ethdev_open(struct port *port, const struct driver_common *common, const char *name,
	struct err *err);
/* Stops and closes it, and removes the virtual device that was made for it. */
void ethdev_close(struct port *port);
/* Stops it, and gives its buffers back; it may be opened again. */
void ethdev_stop(struct port *port);
uint32_t ethdev_rx(struct port_queue *queue, struct rte_mbuf **buffers, uint32_t n);
uint32_t ethdev_tx(struct port *port, struct rte_mbuf **buffers, uint32_t n);
uint64_t ethdev_missed(struct port *port);

#endif
