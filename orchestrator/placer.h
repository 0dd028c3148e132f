/* placer.h: the thread that places services of `isolation: auto` by what is measured.
 *
 * It looks at the statistics every few seconds (RENGA_PLACEMENT_MS; 5000), has balance.h
 * choose, and follows a steady decision by an operation of the service, as a change of
 * its document would be: without loss. Each decision is an event "placement" with its
 * reason. Without such a service it does nothing.
 */
#ifndef ORCHESTRATOR_PLACER_H
#define ORCHESTRATOR_PLACER_H

#include <stdbool.h>
#include "orchestrator/orch.h"

struct placer;

int placer_open(struct orch *orch, struct placer **placer, struct err *err);
/* False: it waits for the VNFM; then nothing was freed. Null is fine. */
bool placer_close(struct placer *placer);

/* {policy, since, reason, groups, now, measured?, vnfs, cores} of a service, or null if
 * its placement is as its document says. New reference; any thread. */
json_t *placer_tell(struct placer *placer, const char *ns);

#endif
