/* halfopen.h: the flows that are not assured yet, oldest first: those that give way when
 * there is no room for another. A flow is assured when a TCP connection is open on both
 * sides, or a flow of another protocol was replied to.
 *
 * A list through private memory of 8 bytes for each record of the session table. All is
 * O(1). Worker only, but for create, destroy and halfopen_count().
 */
#ifndef VNFS_FIREWALL_HALFOPEN_H
#define VNFS_FIREWALL_HALFOPEN_H

#include <stdint.h>
#include "dataplane/sdk/session.h"

struct halfopen;

/* For a table of that many records. Null if there is no memory. */
struct halfopen *halfopen_create(uint32_t capacity);
void halfopen_destroy(struct halfopen *list);

/* The youngest now. */
void halfopen_add(struct halfopen *list, session_ref ref);
void halfopen_del(struct halfopen *list, session_ref ref);
/* SESSION_NONE if there is none. */
session_ref halfopen_oldest(const struct halfopen *list);
uint32_t halfopen_count(const struct halfopen *list); /* any thread */

#endif
