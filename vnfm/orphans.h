/* orphans.h: what is there of this platform and belongs to nothing. Any thread. */
#ifndef VNFM_ORPHANS_H
#define VNFM_ORPHANS_H

#include <jansson.h>

/* vnfs: the VNF objects that are known. [{kind: "process"|"socket"|"configuration",
 * name}]; new reference. */
json_t *orphans_find(const json_t *vnfs);

#endif
