/* xdp_program.h: the XDP program that sends what an interface receives to AF_XDP sockets,
 * by queue; what has no socket goes to the kernel. It is held by a descriptor (bpf_link),
 * so nothing of it outlives us. Control thread. */
#ifndef DATAPLANE_HOST_XDP_PROGRAM_H
#define DATAPLANE_HOST_XDP_PROGRAM_H

#include <stdbool.h>
#include "common/err.h"

struct xdp_program {
	int map, link;
	bool native; /* run by the interface's driver, not by the kernel for it */
};

/* ERR_STATE (path "interface") if the interface has a program already. On failure nothing
 * is left. */
int xdp_program_open(struct xdp_program *program, const char *interface, struct err *err);
/* What comes by the queue goes to the socket, whose rings are set up. */
int xdp_program_add(
	const struct xdp_program *program, unsigned queue, int fd, struct err *err);
void xdp_program_close(struct xdp_program *program);

#endif
