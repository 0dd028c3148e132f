/* event.h: what happened: kept in the store for those who ask. */
#ifndef ORCHESTRATOR_EVENT_H
#define ORCHESTRATOR_EVENT_H

#include <stdint.h>
#include "orchestrator/orch.h"

/* Adds one; ns and vnf are ids or null; takes the reference to detail (null: none). time
 * null: now. A store that refuses it is logged; it is the error of the store (db.h), for
 * who can tell it again later.
 */
int event_add(struct db *db, const char *time, const char *type, const char *ns,
	const char *vnf, json_t *detail);

/* [{seq, time, type, ns, vnf, detail}] behind number `after`, at most limit. New
 * reference. */
int event_list(
	struct orch *orch, int64_t after, int64_t limit, json_t **list, struct err *err);

/* added(arg) is called whenever there may be a new one, from any thread and with locks
 * held: it must only wake others. Four may watch; added null ends it for that arg. */
void event_watch(struct orch *orch, void (*added)(void *arg), void *arg);

#endif
