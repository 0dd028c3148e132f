/* room.h: is there room in the run-time directory for another process?
 *
 * DPDK keeps files there that it maps, 1.6 MiB for each process: one that touches such a
 * file for which there is no room is killed by SIGBUS.
 */
#ifndef VNFM_ROOM_H
#define VNFM_ROOM_H

#include "common/err.h"

#define ROOM_KIB 8192u /* of a few processes that start at once */

/* ERR_NO_SPACE. */
int room_check(struct err *err);

#endif
