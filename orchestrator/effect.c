/* effect.c: what the end of an operation does to the records of instances. */
#include "orchestrator/effect.h"

#include <stdlib.h>
#include <string.h>
#include "db/chains.h"
#include "db/ns_instances.h"
#include "db/nsds.h"
#include "db/objects.h"
#include "db/vnf_instances.h"
#include "orchestrator/alarm.h"
#include "orchestrator/adopt.h"
#include "orchestrator/deploy.h"
#include "orchestrator/notify.h"
#include "orchestrator/notify_catalog.h"
#include "orchestrator/operation.h"
#include "orchestrator/plan/merge.h"
#include "orchestrator/schedule.h"
#include "orchestrator/stamp.h"
#include "orchestrator/vnf_operate.h"

typedef int effect_fn(
	struct db *db, const struct db_occurrence *occurrence, struct err *err);

static effect_fn instantiated, not_instantiated, updated, not_updated, terminated,
	modified, package_changed, operated;

static const struct {
	const char *operation;
	enum state state;
	effect_fn *effect;
} effects[] = {
	{"INSTANTIATE", STATE_COMPLETED, instantiated},
	{"INSTANTIATE", STATE_ROLLED_BACK, not_instantiated},
	{"UPDATE", STATE_COMPLETED, updated},
	{"UPDATE", STATE_ROLLED_BACK, not_updated},
	{"TERMINATE", STATE_COMPLETED, terminated},
	{"MODIFY_INFO", STATE_COMPLETED, modified},
	{"CHANGE_VNFPKG", STATE_COMPLETED, package_changed},
	{"OPERATE", STATE_COMPLETED, operated},
};

static int set_ns(struct db *db, const char *ns_id, const char *state,
	const char *flavour, struct err *err);
static int set_vnfs(struct db *db, const char *ns_id, const char *state, struct err *err);
static int drop_vnfs(
	struct db *db, const char *ns_id, const char *occurrence, struct err *err);
static int settle_vnfs(
	struct db *db, const char *ns_id, const json_t *kept, struct err *err);
static int drop_vnf(struct db *db, const struct db_vnf *vnf, struct err *err);
static const json_t *find_kept(const json_t *list, const struct db_vnf *vnf);
static int settle_vnf(
	struct db *db, struct db_vnf *vnf, const json_t *kept, struct err *err);
static int update_chain(
	struct db *db, const struct db_occurrence *occurrence, struct err *err);
static int associate(
	struct db *db, const struct db_occurrence *occurrence, struct err *err);
static void replace(char **text, const char *with);
static const char *text(const json_t *object, const char *member);

int
effect_apply(struct db *db, const struct db_occurrence *occurrence, enum state state,
	struct err *err)
{
	char now[STAMP_TIME];
	int rc = 0;
	for (size_t i = 0; !rc && i < sizeof(effects) / sizeof(effects[0]); i++)
		if (effects[i].state == state &&
			strcmp(effects[i].operation, operation_of(occurrence)) == 0)
			rc = effects[i].effect(db, occurrence, err);
	return rc ? rc : alarm_end_gone(db, stamp_time(now), err);
}

int
effect_remove_chain(struct db *db, const char *ns_id, struct err *err)
{
	struct db_ns ns = {0};
	struct db_nsd nsd = {0};
	int rc = db_ns_get(db, ns_id, &ns, err);
	if (!rc)
		rc = schedule_forget(db, ns_id, err);
	if (!rc)
		rc = notify_ns(db, &ns, false, err);
	if (!rc)
		rc = db_chain_delete(db, ns.name, err);
	if (!rc)
		rc = db_ns_delete(db, ns_id, err);
	if (!rc)
		rc = db_nsd_get(db, ns.nsd_info_id, &nsd, err);
	if (!rc)
		rc = notify_nsd(db, &nsd, NOTIFY_NSD_DELETED, err);
	if (!rc)
		rc = db_nsd_delete(db, ns.nsd_info_id, err);
	db_nsd_clear(&nsd);
	db_ns_clear(&ns);
	return rc;
}

static int
instantiated(struct db *db, const struct db_occurrence *occurrence, struct err *err)
{
	const json_t *kept = json_object_get(occurrence->intent, "vnfs");
	int rc = set_ns(db, occurrence->ns_id, "INSTANTIATED",
		text(occurrence->intent, "flavour"), err);
	if (rc)
		return rc;
	return kept ? settle_vnfs(db, occurrence->ns_id, kept, err)
		    : set_vnfs(db, occurrence->ns_id, "INSTANTIATED", err);
}

static int
not_instantiated(struct db *db, const struct db_occurrence *occurrence, struct err *err)
{
	if (strcmp(occurrence->api, "vnf") == 0)
		return 0; /* a VNF alone was there before */
	int rc = adopt_undo(db, json_object_get(occurrence->intent, "adopted"), err);
	if (!rc)
		rc = drop_vnfs(db, occurrence->ns_id, NULL, err);
	if (!rc && json_is_true(json_object_get(occurrence->intent, "chain")))
		rc = effect_remove_chain(db, occurrence->ns_id, err);
	return rc;
}

static int
updated(struct db *db, const struct db_occurrence *occurrence, struct err *err)
{
	const json_t *intent = occurrence->intent;
	const json_t *kept = json_object_get(intent, "vnfs");
	int rc = kept ? settle_vnfs(db, occurrence->ns_id, kept, err) : 0;
	if (!rc && json_object_get(intent, "document"))
		rc = update_chain(db, occurrence, err);
	if (!rc && json_object_get(intent, "nsdInfoId"))
		rc = associate(db, occurrence, err);
	return rc;
}

static int
not_updated(struct db *db, const struct db_occurrence *occurrence, struct err *err)
{
	int rc = adopt_undo(db, json_object_get(occurrence->intent, "adopted"), err);
	return rc ? rc : drop_vnfs(db, occurrence->ns_id, occurrence->id, err);
}

static int
terminated(struct db *db, const struct db_occurrence *occurrence, struct err *err)
{
	const bool alone = strcmp(occurrence->api, "vnf") == 0;
	int rc = alone ? set_vnfs(db, occurrence->ns_id, "NOT_INSTANTIATED", err)
		       : drop_vnfs(db, occurrence->ns_id, NULL, err);
	if (!rc && json_is_true(json_object_get(occurrence->intent, "chain")))
		return effect_remove_chain(db, occurrence->ns_id, err);
	return rc ? rc : set_ns(db, occurrence->ns_id, "NOT_INSTANTIATED", NULL, err);
}

static int
modified(struct db *db, const struct db_occurrence *occurrence, struct err *err)
{
	struct db_vnf vnf = {0};
	int rc = db_vnf_get(db, operation_instance(occurrence), &vnf, err);
	if (!rc) {
		json_t *merged = merge_patch(vnf.user_data, occurrence->intent);
		json_decref(vnf.user_data);
		vnf.user_data = merged;
		json_object_del(vnf.user_data, "vnfOperation");
		json_object_del(vnf.user_data, "vnfInstanceId");
		rc = db_vnf_update(db, &vnf, err);
	}
	db_vnf_clear(&vnf);
	return rc;
}

static int
package_changed(struct db *db, const struct db_occurrence *occurrence, struct err *err)
{
	struct db_vnf vnf = {0};
	int rc = db_vnf_get(db, operation_instance(occurrence), &vnf, err);
	if (!rc)
		rc = settle_vnf(db, &vnf, occurrence->intent, err);
	db_vnf_clear(&vnf);
	return rc;
}

static int
operated(struct db *db, const struct db_occurrence *occurrence, struct err *err)
{
	return vnf_operate_done(
		db, operation_instance(occurrence), occurrence->intent, err);
}

static int
set_ns(struct db *db, const char *ns_id, const char *state, const char *flavour,
	struct err *err)
{
	struct db_ns ns = {0};
	int rc = db_ns_get(db, ns_id, &ns, err);
	if (!rc) {
		replace(&ns.state, state);
		replace(&ns.flavour, flavour);
		rc = db_ns_update(db, &ns, err);
	}
	db_ns_clear(&ns);
	return rc;
}

static int
set_vnfs(struct db *db, const char *ns_id, const char *state, struct err *err)
{
	struct db_vnf *vnfs;
	size_t n;
	int rc = db_vnf_list_of_ns(db, ns_id, &vnfs, &n, err);
	if (rc)
		return rc;
	for (size_t i = 0; !rc && i < n; i++) {
		replace(&vnfs[i].state, state);
		json_decref(vnfs[i].stopped);
		vnfs[i].stopped = NULL;
		rc = db_vnf_update(db, &vnfs[i], err);
	}
	db_vnfs_free(vnfs, n);
	return rc;
}

/* Those of a service; with an occurrence, only those that it brought. */
static int
drop_vnfs(struct db *db, const char *ns_id, const char *occurrence, struct err *err)
{
	struct db_vnf *vnfs;
	size_t n;
	int rc = db_vnf_list_of_ns(db, ns_id, &vnfs, &n, err);
	if (rc)
		return rc;
	for (size_t i = 0; !rc && i < n; i++)
		if (!occurrence || strcmp(vnfs[i].occurrence, occurrence) == 0)
			rc = drop_vnf(db, &vnfs[i], err);
	db_vnfs_free(vnfs, n);
	return rc;
}

/* Those that are gone first: one that replaces another gets its name. */
static int
settle_vnfs(struct db *db, const char *ns_id, const json_t *kept, struct err *err)
{
	struct db_vnf *vnfs;
	size_t n;
	int rc = db_vnf_list_of_ns(db, ns_id, &vnfs, &n, err);
	if (rc)
		return rc;
	for (size_t i = 0; !rc && i < n; i++)
		if (!find_kept(kept, &vnfs[i]))
			rc = drop_vnf(db, &vnfs[i], err);
	for (size_t i = 0; !rc && i < n; i++)
		if (find_kept(kept, &vnfs[i]))
			rc = settle_vnf(db, &vnfs[i], find_kept(kept, &vnfs[i]), err);
	db_vnfs_free(vnfs, n);
	return rc;
}

static int
drop_vnf(struct db *db, const struct db_vnf *vnf, struct err *err)
{
	int rc = notify_vnf(db, vnf, false, err);
	return rc ? rc : db_vnf_delete(db, vnf->id, err);
}

/* An operation accepted by an older orchestrator names no ids: it replaces none. */
static const json_t *
find_kept(const json_t *list, const struct db_vnf *vnf)
{
	size_t i;
	json_t *kept;
	json_array_foreach ((json_t *)list, i, kept) {
		const char *id = text(kept, "id");
		if (id ? strcmp(id, vnf->id) == 0
		       : strcmp(text(kept, "profile"), vnf->profile) == 0)
			return kept;
	}
	return NULL;
}

/* kept: {id, profile, type, package}. */
static int
settle_vnf(struct db *db, struct db_vnf *vnf, const json_t *kept, struct err *err)
{
	char *next = strstr(vnf->name, DEPLOY_NEXT);
	if (next)
		*next = '\0';
	json_decref(vnf->stopped); /* whoever updates a service starts all of it */
	vnf->stopped = NULL;
	replace(&vnf->state, "INSTANTIATED");
	replace(&vnf->type, text(kept, "type"));
	replace(&vnf->package_id, text(kept, "package"));
	return db_vnf_update(db, vnf, err);
}

static int
update_chain(struct db *db, const struct db_occurrence *occurrence, struct err *err)
{
	struct db_ns ns = {0};
	struct db_nsd nsd = {0};
	int rc = db_ns_get(db, occurrence->ns_id, &ns, err);
	if (!rc)
		rc = db_nsd_get(db, ns.nsd_info_id, &nsd, err);
	if (!rc) {
		json_decref(nsd.nsd);
		nsd.nsd = json_incref(json_object_get(occurrence->intent, "nsd"));
		rc = db_nsd_update(db, &nsd, err);
	}
	if (!rc) {
		const struct db_chain chain = {ns.name, ns.id, ns.nsd_info_id,
			json_object_get(occurrence->intent, "document")};
		rc = db_chain_update(db, &chain, err);
	}
	db_nsd_clear(&nsd);
	db_ns_clear(&ns);
	return rc;
}

static int
associate(struct db *db, const struct db_occurrence *occurrence, struct err *err)
{
	struct db_ns ns = {0};
	int rc = db_ns_get(db, occurrence->ns_id, &ns, err);
	if (!rc) {
		replace(&ns.nsd_info_id, text(occurrence->intent, "nsdInfoId"));
		replace(&ns.nsd_id, text(occurrence->intent, "nsdId"));
		rc = db_ns_update(db, &ns, err);
	}
	db_ns_clear(&ns);
	return rc;
}

static void
replace(char **member, const char *with)
{
	free(*member);
	*member = with ? strdup(with) : NULL;
}

static const char *
text(const json_t *object, const char *member)
{
	return json_string_value(json_object_get(object, member));
}
