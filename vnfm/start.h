/* start.h: having a process become a VNF, or the VNFs of a group: their configurations
 * and jobs, handed to a spare. Loop thread only. */
#ifndef VNFM_START_H
#define VNFM_START_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "common/err.h"
#include "vnfm/manager.h"

struct start_spec {
	uint32_t turn; /* number of the process at its slot */
	bool beside;   /* a predecessor still has the socket's name */
	bool empty;    /* may start without a state that it cannot read */
};

/* The slots of the n VNFs are there; specs: one for each. The process tells on
 * start->child.ready_fd when all are ready. */
int start_vnfs(struct manager *manager, struct object *const *vnfs,
	const struct start_spec *specs, unsigned n, struct vnf_start *start,
	struct err *err);
/* The file with the configuration of a VNF, as it was started or configured last. 0 or
 * negative errno; null if there is none. Any thread. */
int start_keep_config(const char *id, const json_t *config, struct err *err);
json_t *start_kept_config(const char *id);
/* The name of its socket; beside: while a predecessor has that. 0 or -ENAMETOOLONG. */
int start_socket(const char *id, bool beside, char *path, size_t size);
/* Gives the socket of a process that was started beside another its proper name. */
int start_rename_socket(const char *id, struct err *err);

#endif
