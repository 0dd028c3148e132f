/* schedule.h: operations asked for ahead of their time (docs/adr/0025-policies.md).
 *
 * A request for later is judged as if it were for now, and then kept as an occurrence
 * that is STARTING, locks nothing, and can be cancelled. When it is due the thread judges
 * it again and lets it begin, as soon as no other operation of the service is unfinished
 * and the VNFM answers; what is then refused ends as ROLLED_BACK with the reason.
 */
#ifndef ORCHESTRATOR_SCHEDULE_H
#define ORCHESTRATOR_SCHEDULE_H

#include <jansson.h>
#include <stdbool.h>
#include "common/err.h"
#include "orchestrator/operation.h"
#include "orchestrator/orch.h"

struct schedule;

int schedule_open(struct orch *orch, struct schedule **schedule, struct err *err);
/* False: it waits for the VNFM; then nothing was freed. Null is fine. */
bool schedule_close(struct schedule *schedule);
/* Has it look at what is due. Any thread; null is fine. */
void schedule_wake(struct schedule *schedule);

/* Reads the time at which an operation is to begin, a member of its request
 * ("startTime"; RFC 3339), into answer->due_ms: absent or past is now. A fault for what
 * is no time. */
void schedule_read(const json_t *request, const char *member,
	struct operation_answer *answer, struct faults *faults);

/* Refuses what is scheduled for a service that is deleted; in that transaction. */
int schedule_forget(struct db *db, const char *ns_id, struct err *err);

#endif
