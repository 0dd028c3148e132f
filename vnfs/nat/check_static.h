/* check_static.h: the rules for static mappings: each by itself, and that no two have an
 * end in common. Pure. */
#ifndef VNFS_NAT_CHECK_STATIC_H
#define VNFS_NAT_CHECK_STATIC_H

#include "vnfs/nat/config.h"

/* Adds every fault. */
void check_statics(const struct config *config, struct faults *faults);

#endif
