/* watch.h: the thread that keeps in touch with the VNF manager.
 *
 * Connects (and keeps trying, with growing pauses), learns the VNF types, reconciles,
 * lets the engine resume; then waits in long polls for events, and reconciles again when
 * the dataplane came back or something was left undone.
 */
#ifndef ORCHESTRATOR_WATCH_H
#define ORCHESTRATOR_WATCH_H

#include <stdbool.h>
#include "orchestrator/orch.h"

struct watch;

int watch_open(struct orch *orch, struct watch **watch, struct err *err);
/* False: a long poll is under way; then nothing was freed. Null is fine. */
bool watch_close(struct watch *watch);

/* Whether the VNFM answered last time. Any thread. */
bool watch_connected(struct watch *watch);
/* Waits until the first connection has been reconciled; false if that took longer. */
bool watch_wait_connected(struct watch *watch, unsigned timeout_ms);

#endif
