/* notify.h: notifications of what happens to instances, for those who subscribed. Each is
 * written in the transaction of what it tells of; courier.h delivers it. Of those that a
 * subscriber was not told yet, or that were given up, the newest NOTIFY_KEEP are kept. */
#ifndef ORCHESTRATOR_NOTIFY_H
#define ORCHESTRATOR_NOTIFY_H

#include <stdbool.h>
#include <jansson.h>
#include "common/err.h"
#include "db/db.h"
#include "db/ns_instances.h"
#include "db/occurrences.h"
#include "db/vnf_instances.h"

#define NOTIFY_KEEP 10000

/* An occurrence has entered its state: Ns- or VnfLcmOperationOccurrenceNotification, and
 * of a VNF that is part of a service NsChangeNotification when it begins and ends. To be
 * called while the records of its instance are there. */
int notify_occurrence(
	struct db *db, const struct db_occurrence *occurrence, struct err *err);
/* An id was made, or is no more: ...IdentifierCreationNotification or Deletion. */
int notify_ns(struct db *db, const struct db_ns *ns, bool created, struct err *err);
int notify_vnf(struct db *db, const struct db_vnf *vnf, bool created, struct err *err);

/* What filters go by of the instance with this id, put into facts; nothing of one that is
 * not there. */
void notify_ns_facts(struct db *db, const char *id, json_t *facts);
void notify_vnf_facts(struct db *db, const char *id, json_t *facts);
/* To all who subscribed to an interface ("nsd") and whose filter lets it pass: body, with
 * an id, a time, and in its `_links` the subscription. resource: those about one are
 * delivered in order. Takes both references. */
int notify_send(struct db *db, const char *api, const char *resource, json_t *body,
	json_t *facts, struct err *err);

#endif
