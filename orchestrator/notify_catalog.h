/* notify_catalog.h: notifications of what happens to descriptors and packages (SOL005
 * 5.5.2, 9.5.2), for those who subscribed. Each is written in the transaction of what it
 * tells of. */
#ifndef ORCHESTRATOR_NOTIFY_CATALOG_H
#define ORCHESTRATOR_NOTIFY_CATALOG_H

#include "common/err.h"
#include "db/db.h"
#include "db/nsds.h"
#include "db/packages.h"

enum notify_nsd {
	NOTIFY_NSD_ONBOARDED, /* NsdOnBoardingNotification */
	NOTIFY_NSD_FAILED,    /* NsdOnBoardingFailureNotification */
	NOTIFY_NSD_CHANGED,   /* of its operational state: NsdChangeNotification */
	NOTIFY_NSD_DELETED,   /* NsdDeletionNotification */
};

/* nsd: as it is now, or was last. */
int notify_nsd(
	struct db *db, const struct db_nsd *nsd, enum notify_nsd what, struct err *err);

/* VnfPackageOnboardingNotification, or of its operational state
 * VnfPackageChangeNotification. */
int notify_package(
	struct db *db, const struct db_package *package, bool onboarded, struct err *err);

#endif
