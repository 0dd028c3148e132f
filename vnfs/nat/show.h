/* show.h: the sessions of a NAT as a person asks for them. Any thread. */
#ifndef VNFS_NAT_SHOW_H
#define VNFS_NAT_SHOW_H

#include <stdint.h>
#include <jansson.h>
#include "vnfs/nat/table.h"

/* {sessions: [{proto, inside, outside, peer, expiresIn, age, established?}], next?}: at
 * most `limit` from record `from` on; `next` is where to go on. */
json_t *show_sessions(
	const struct table *table, uint32_t from, uint32_t limit, uint64_t now_ns);

#endif
