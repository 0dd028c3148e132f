/* alarm.h: alarms: an event says that something is ill, another that it is well again.
 *
 * One alarm, two views (ETSI): of its network service (SOL005, "ns": all alarms; one of
 * the host is about the host), and of its VNF (SOL003, "vnf": those of VNFs).
 */
#ifndef ORCHESTRATOR_ALARM_H
#define ORCHESTRATOR_ALARM_H

#include "orchestrator/orch.h"

/* What an event of the VNFM means for alarms: raises one, ends one, or nothing. ns,
 * vnf and port are null if it is about none; detail is borrowed. A store that refuses it
 * is logged. */
void alarm_take_event(struct db *db, const char *time, const char *type, const char *ns,
	const char *vnf, const char *port, const json_t *detail);
/* Ends those whose cause is gone, though no event told so: after a time without the VNFM.
 */
void alarm_review(struct orch *orch);

/* Ends those of VNF instances and ports that are no more. */
int alarm_end_gone(struct db *db, const char *time, struct err *err);

/* Alarm resources of the view; new reference. */
int alarm_list(struct orch *orch, const char *view, json_t **list, struct err *err);
int alarm_get(struct orch *orch, const char *view, const char *id, json_t **alarm,
	struct err *err);
/* {ackState}: ERR_STATE if it is in that state already. *changes: what was changed; new
 * reference. */
int alarm_patch(struct orch *orch, const char *view, const char *id,
	const json_t *request, json_t **changes, struct err *err);

#endif
