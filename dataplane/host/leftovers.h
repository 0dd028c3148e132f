/* leftovers.h: files that DPDK made for a VNF process and that outlive it when it is
 * killed. */
#ifndef DATAPLANE_HOST_LEFTOVERS_H
#define DATAPLANE_HOST_LEFTOVERS_H

#include <sys/types.h>

/* Removes the sockets and memory maps of dead processes below dir, EAL's run-time
 * directory. What cannot be removed is logged. */
void leftovers_sweep(const char *dir);
/* The process that a file there was made for: mp_socket_<pid>_<time>,
 * fbarray_<name>_<pid>. 0: the primary, or none. Pure. */
pid_t leftovers_owner(const char *name);

#endif
