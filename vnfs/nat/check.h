/* check.h: the rules between the fields of a NAT's configuration. Pure. */
#ifndef VNFS_NAT_CHECK_H
#define VNFS_NAT_CHECK_H

#include "vnfs/nat/config.h"

/* Adds every fault that the field table cannot see. config: struct config, satisfying the
 * table. */
void check_config(const void *config, struct faults *faults);
/* Of these, the one on port blocks: also for a replica's share of the ports. */
void check_blocks(const struct config *config, struct faults *faults);

#endif
