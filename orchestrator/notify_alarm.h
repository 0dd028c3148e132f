/* notify_alarm.h: notifications of alarms (SOL005 8.5.2, SOL003 7.5.2), for those who
 * subscribed. */
#ifndef ORCHESTRATOR_NOTIFY_ALARM_H
#define ORCHESTRATOR_NOTIFY_ALARM_H

#include <jansson.h>
#include "common/err.h"
#include "db/alarms.h"
#include "db/db.h"

/* AlarmNotification, or of one that has been cleared AlarmClearedNotification, of "nsfm"
 * or "vnffm". resource: the alarm as that interface shows it; takes the reference. To be
 * called in the transaction of what it tells of. */
int notify_alarm(struct db *db, const char *api, const struct db_alarm *alarm,
	json_t *resource, struct err *err);

#endif
