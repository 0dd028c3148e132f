/* leftovers.h: files in the run-time directory that outlive their use. */
#ifndef VNFM_LEFTOVERS_H
#define VNFM_LEFTOVERS_H

#include "vnfm/wanted.h"

/* The configuration and the socket of a VNF that is gone; nothing for other kinds. */
void leftovers_remove_vnf(const struct object *object);
/* A file that orphans.h tells of. */
void leftovers_remove_orphan(const char *kind, const char *name);
/* After everything has ended: vnf/, conf/, dpdk/, huge/ (unmounted first), the
 * dataplane's socket and pid file. */
void leftovers_remove(void);

#endif
