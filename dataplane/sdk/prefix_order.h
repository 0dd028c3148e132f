/* prefix_order.h: large lists of prefixes in their order, which makes duplicates
 * neighbours. Pure.
 */
#ifndef DATAPLANE_SDK_PREFIX_ORDER_H
#define DATAPLANE_SDK_PREFIX_ORDER_H

#include <stddef.h>
#include <stdint.h>
#include "common/net.h"

/* The numbers of n prefixes by family, network address, length, and for the same prefix
 * by number; malloc'd. Prefix i is `stride` bytes behind prefix i - 1; its host bits are
 * zero. Null: out of memory. */
uint32_t *prefix_order(const struct net_prefix *first, size_t stride, uint32_t n);

#endif
