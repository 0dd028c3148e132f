/* turn.h: whose turn it is at a slot. Processes of one VNF instance are numbered; the
 * slot says which one may run (shm_slot.turn). A successor gets ready while its
 * predecessor works, then waits here; the predecessor passes the turn between two bursts,
 * or the dataplane does after the predecessor's death.
 */
#ifndef DATAPLANE_RUNTIME_TURN_H
#define DATAPLANE_RUNTIME_TURN_H

#include <stdbool.h>
#include <stdint.h>
#include "common/err.h"
#include "dataplane/shm/layout.h"

/* Whether it is process number `turn` that may run. */
bool turn_is_ours(const struct shm_slot *slot, uint32_t turn);
/* Waits for that. ERR_STATE: it is over already; ERR_UNAVAILABLE: the dataplane has
 * ended, or whoever started us has (the other end of leash, a pipe, is closed; -1: none).
 */
int turn_await(const struct shm_host *host, struct shm_slot *slot, uint32_t turn,
	int leash, struct err *err);
/* By the process whose turn it is, with nothing in its hands and for the last time that
 * it touches the slot. */
void turn_pass(struct shm_slot *slot);

#endif
