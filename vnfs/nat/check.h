/* check.h: the rules between the fields of a NAT's configuration. Pure. */
#ifndef VNFS_NAT_CHECK_H
#define VNFS_NAT_CHECK_H

#include "dataplane/sdk/base.h"

/* Adds every fault that the field table cannot see. config: struct config, satisfying the
 * table. */
void check_config(const void *config, struct faults *faults);

#endif
