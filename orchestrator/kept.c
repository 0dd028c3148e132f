/* kept.c: see kept.h. */
#include "orchestrator/kept.h"

#include <stdlib.h>
#include <string.h>
#include "db/nsds.h"
#include "db/occurrences.h"
#include "db/vnf_instances.h"
#include "orchestrator/kept_heal.h"
#include "orchestrator/kept_scale.h"
#include "orchestrator/descriptor/nsd_form.h"

static void renew(
	struct orch *orch, struct kept *kept, const struct db_policy_service *service);
static json_t *stats_of(struct orch *orch, const struct kept *kept);
static json_t *look_at(const struct kept_look *look, struct kept_vnf *vnf);
static void say_busy(const struct db_occurrence *open, char *text, size_t size);
static const struct db_vnf *find(
	const struct db_vnf *rows, size_t n, const char *profile);

void
kept_open(struct kept *kept, const char *ns)
{
	*kept = (struct kept){.revision = -1};
	strncpy(kept->ns, ns, sizeof(kept->ns) - 1);
}

void
kept_clear(struct kept *kept)
{
	free(kept->vnfs);
	json_decref(kept->stats);
	*kept = (struct kept){0};
}

json_t *
kept_look(struct orch *orch, struct kept *kept, const struct db_policy_service *service,
	const json_t *observed, int64_t now_ms)
{
	struct db_vnf *rows = NULL;
	struct db_occurrence open = {0};
	size_t n = 0;
	char busy[POLICY_TEXT] = "";
	json_t *told = json_array();
	renew(orch, kept, service);
	json_t *stats = stats_of(orch, kept);
	if (!db_occurrence_get_open(orch->db, kept->ns, &open, NULL) &&
		!kept_heal_give_up(orch, kept, &open))
		say_busy(&open, busy, sizeof(busy));
	db_occurrence_clear(&open);
	if (!db_vnf_list_of_ns(orch->db, kept->ns, &rows, &n, NULL))
		for (size_t i = 0; i < kept->n_vnfs; i++) {
			const struct kept_look look = {.orch = orch,
				.kept = kept,
				.row = find(rows, n, kept->vnfs[i].policy.profile),
				.stats = stats,
				.observed = observed,
				.busy = *busy ? busy : NULL,
				.now_ms = now_ms};
			if (look.row)
				json_array_append_new(
					told, look_at(&look, &kept->vnfs[i]));
		}
	db_vnfs_free(rows, n);
	json_decref(kept->stats);
	kept->stats = stats;
	kept->stats_ms = now_ms;
	return told;
}

/* After a change of its descriptor everything begins anew. */
static void
renew(struct orch *orch, struct kept *kept, const struct db_policy_service *service)
{
	struct db_nsd nsd = {0};
	if (kept->revision == service->revision &&
		strcmp(kept->nsd, service->nsd_info_id) == 0)
		return;
	if (db_nsd_get(orch->db, service->nsd_info_id, &nsd, NULL) == 0) {
		free(kept->vnfs);
		struct policy_vnf *policies;
		size_t n;
		policy_form_list(nsd_form_find(nsd.nsd), service->flavour, &policies, &n);
		kept->vnfs = n ? calloc(n, sizeof(*kept->vnfs)) : NULL;
		kept->n_vnfs = kept->vnfs ? n : 0;
		for (size_t i = 0; i < kept->n_vnfs; i++)
			kept->vnfs[i].policy = policies[i];
		free(policies);
		kept->revision = service->revision;
		strncpy(kept->nsd, service->nsd_info_id, sizeof(kept->nsd) - 1);
	}
	db_nsd_clear(&nsd);
}

static json_t *
stats_of(struct orch *orch, const struct kept *kept)
{
	json_t *stats = NULL;
	bool any = false;
	for (size_t i = 0; i < kept->n_vnfs; i++)
		any |= kept->vnfs[i].policy.scales;
	if (!any || orch->vnfm.driver->stats(orch->vnfm.self, kept->ns, &stats, NULL))
		return NULL;
	return stats;
}

static json_t *
look_at(const struct kept_look *look, struct kept_vnf *vnf)
{
	json_t *told = json_pack("{s:s}", "vnf", vnf->policy.profile);
	if (vnf->policy.scales)
		json_object_set_new(told, "scale", kept_scale(look, vnf));
	if (vnf->policy.heals)
		json_object_set_new(told, "heal", kept_heal(look, vnf));
	return told;
}

static void
say_busy(const struct db_occurrence *open, char *text, size_t size)
{
	snprintf(text, size, "it waits for %s %s of this service, which is %s",
		open->operation, open->id, open->state);
}

static const struct db_vnf *
find(const struct db_vnf *rows, size_t n, const char *profile)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(rows[i].profile, profile) == 0 &&
			strcmp(rows[i].state, "INSTANTIATED") == 0)
			return &rows[i];
	return NULL;
}
