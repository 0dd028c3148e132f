/* rss.h: receive side scaling in software: which of several queues a received frame goes
 * to, where the device has one.
 *
 * All packets of a flow go to one queue, in both directions: the hash is that of flow.h,
 * of addresses, protocol and ports, the same for either. Fragments of an address pair go
 * to one queue, ICMP errors to that of the packet that they quote. A frame of no flow
 * (ARP, neighbour discovery, not IP, malformed) goes to queue 0. VLAN tags are passed
 * over. Pure; any thread.
 */
#ifndef DATAPLANE_PKT_RSS_H
#define DATAPLANE_PKT_RSS_H

#include <stdint.h>

/* 0 <= queue < n. seed: the same for all frames of a device, not known outside. */
unsigned rss_queue(const uint8_t *frame, uint32_t len, uint64_t seed, unsigned n);

#endif
