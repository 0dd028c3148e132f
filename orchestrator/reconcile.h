/* reconcile.h: makes the host hold what the store wants: after a restart of either side.
 */
#ifndef ORCHESTRATOR_RECONCILE_H
#define ORCHESTRATOR_RECONCILE_H

#include <stdbool.h>
#include "orchestrator/orch.h"

/* Puts every wanted object again and ends every object that nobody wants. Services that
 * an operation has in its hands are left to it. *again: something failed or was left out,
 * so it is worth another try later. Failures of single objects are events. Negative
 * errno: the VNFM or the store did not answer. */
int reconcile(struct orch *orch, bool *again, struct err *err);

#endif
