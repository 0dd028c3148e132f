/* nodes.h: which CPUs are on which NUMA node, as the kernel says. */
#ifndef VNFM_NODES_H
#define VNFM_NODES_H

#include <jansson.h>
#include "common/cores.h"

/* [{node, cores}] of those CPUs, under a folder like /sys/devices/system/cpu; null if
 * they are all on one node. New reference. */
json_t *nodes_to_json(const char *folder, const struct cores *cores);

#endif
