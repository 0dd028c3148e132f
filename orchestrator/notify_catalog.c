/* notify_catalog.c: see notify_catalog.h. */
#include "orchestrator/notify_catalog.h"

#include "orchestrator/notify.h"

#define DESCRIPTORS "/nsd/v1/ns_descriptors/"
#define PACKAGES    "/vnfpkgm/v1/vnf_packages/"

static const char *const nsd_types[] = {
	[NOTIFY_NSD_ONBOARDED] = "NsdOnBoardingNotification",
	[NOTIFY_NSD_FAILED] = "NsdOnBoardingFailureNotification",
	[NOTIFY_NSD_CHANGED] = "NsdChangeNotification",
	[NOTIFY_NSD_DELETED] = "NsdDeletionNotification",
};

int
notify_nsd(struct db *db, const struct db_nsd *nsd, enum notify_nsd what, struct err *err)
{
	json_t *body = json_pack("{s:s, s:s, s:s*, s:{s:{s:s+}}}", "notificationType",
		nsd_types[what], "nsdInfoId", nsd->id, "nsdId", nsd->nsd_id, "_links",
		"nsdInfo", "href", DESCRIPTORS, nsd->id);
	json_t *facts = json_pack("{s:s, s:s, s:s*, s:s*, s:s*, s:s*, s:s*, s:s, s:s}",
		"notificationTypes", nsd_types[what], "nsdInfoId", nsd->id, "nsdId",
		nsd->nsd_id, "nsdName", nsd->name, "nsdVersion", nsd->version,
		"nsdDesigner", nsd->designer, "nsdInvariantId", nsd->invariant_id,
		"nsdOnboardingState", nsd->onboarding, "nsdOperationalState",
		nsd->operational);
	if (what == NOTIFY_NSD_FAILED)
		json_object_set(body, "onboardingFailureDetails", nsd->failure);
	if (what == NOTIFY_NSD_CHANGED)
		json_object_set_new(
			body, "nsdOperationalState", json_string(nsd->operational));
	return notify_send(db, "nsd", nsd->id, body, facts, err);
}

int
notify_package(
	struct db *db, const struct db_package *package, bool onboarded, struct err *err)
{
	const char *type = onboarded ? "VnfPackageOnboardingNotification"
				     : "VnfPackageChangeNotification";
	json_t *body = json_pack("{s:s, s:s, s:s, s:{s:{s:s+}}}", "notificationType",
		type, "vnfPkgId", package->id, "vnfdId", package->vnfd_id, "_links",
		"vnfPackage", "href", PACKAGES, package->id);
	json_t *facts = json_pack("{s:s, s:s, s:s, s:s}", "notificationTypes", type,
		"vnfPkgId", package->id, "vnfdId", package->vnfd_id, "operationalState",
		package->operational);
	if (!onboarded)
		json_object_update_new(
			body, json_pack("{s:s, s:s}", "changeType", "OP_STATE_CHANGE",
				      "operationalState", package->operational));
	return notify_send(db, "vnfpkgm", package->id, body, facts, err);
}
