/* start.h: having a process become a VNF: its configuration and its job, handed to a
 * spare. Loop thread only. */
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

/* The VNF's slot is there. The process tells on start->child.ready_fd when it is ready.
 */
int start_vnf(struct manager *manager, const struct object *vnf,
	const struct start_spec *spec, struct vnf_start *start, struct err *err);
/* The file with the configuration of a VNF, as it was started or configured last. 0 or
 * negative errno; null if there is none. Any thread. */
int start_keep_config(const char *id, const json_t *config, struct err *err);
json_t *start_kept_config(const char *id);
/* The name of its socket; beside: while a predecessor has that. 0 or -ENAMETOOLONG. */
int start_socket(const char *id, bool beside, char *path, size_t size);
/* Gives the socket of a process that was started beside another its proper name. */
int start_rename_socket(const char *id, struct err *err);

#endif
