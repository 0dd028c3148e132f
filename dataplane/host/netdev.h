/* netdev.h: what a port holds of a network interface of the kernel while it uses it.
 *
 * Everything that would outlive a crash in a harmful way is held by a descriptor, so that
 * the kernel undoes it: the promiscuous mode (a packet socket's membership) and an XDP
 * program (a bpf_link). The program passes every frame; while one is attached to a veth,
 * the kernel segments what the other end sends, where it would else hand us frames of up
 * to 64 KiB: for ports that do not carry such (offload.h). Receive offload (GRO) is
 * switched off for the same reason; for ports that do carry them it is switched on, so
 * that segments that a sender had to cut come together again before they cost anything.
 * At an orderly end it is as it was.
 */
#ifndef DATAPLANE_HOST_NETDEV_H
#define DATAPLANE_HOST_NETDEV_H

#include <stdbool.h>
#include <stdint.h>
#include "common/err.h"
#include "common/net.h"

struct netdev;

struct netdev_want {
	bool promiscuous;
	bool whole_frames; /* no frame longer than the MTU: XDP program and no GRO */
	bool long_frames;  /* as long as they can be: GRO */
};

/* Brings the interface up. ERR_NOT_FOUND (path "interface") if there is none of that
 * name. */
int netdev_open(const char *name, const struct netdev_want *want, struct netdev **netdev,
	struct err *err);
/* Null is fine. */
void netdev_close(struct netdev *netdev);
/* Channels by which it receives: at least 1. */
unsigned netdev_channels(const struct netdev *netdev);
uint32_t netdev_mtu(const struct netdev *netdev);
struct net_mac netdev_mac(const struct netdev *netdev);
/* Whether it has a carrier: false for a veth whose peer is down, and if it is gone. */
bool netdev_is_running(const struct netdev *netdev);
bool netdev_exists(const char *name);

#endif
