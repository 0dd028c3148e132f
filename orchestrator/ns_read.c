/* ns_read.c: network service instances as NsInstance resources. */
#include <string.h>
#include "db/chains.h"
#include "db/ns_instances.h"
#include "db/nsds.h"
#include "db/objects.h"
#include "db/occurrences.h"
#include "orchestrator/deploy.h"
#include "orchestrator/descriptor/affinity.h"
#include "orchestrator/descriptor/affinity_form.h"
#include "orchestrator/plan/nfp.h"
#include "orchestrator/ns.h"
#include "orchestrator/descriptor/ns_levels.h"
#include "orchestrator/ns_scale.h"
#include "orchestrator/descriptor/nsd_form.h"
#include "orchestrator/observe.h"
#include "orchestrator/keeper.h"
#include "orchestrator/placer.h"
#include "orchestrator/vnf.h"

static struct db_page part_of(const struct ns_page *page);
static json_t *row_json(struct orch *orch, const struct db_ns *row);
static int ns_json(struct orch *orch, const struct db_ns *row, const json_t *observed,
	json_t **ns, struct err *err);
static void add_scale_status(struct orch *orch, const struct db_ns *row, json_t *ns);
static json_t *actions(struct orch *orch, const struct db_ns *row);
static void add_parts(json_t *ns, const struct db_object *objects, size_t n);
static bool has_paths(const struct db_object *objects, size_t n);
static void add_graphs(struct orch *orch, const char *id, json_t *ns);
static void add_rules(json_t *ns, const json_t *service);

int
ns_list(struct orch *orch, const struct ns_page *page, json_t **list, struct err *err)
{
	struct db_ns *rows;
	size_t n;
	const struct db_page part = part_of(page);
	int rc = db_ns_page(orch->db, &part, &rows, &n, err);
	if (rc)
		return rc;
	json_t *observed = page->whole ? observe_vnfs(orch) : NULL;
	*list = json_array();
	for (size_t i = 0; !rc && i < n; i++) {
		json_t *ns;
		if (page->whole)
			rc = ns_json(orch, &rows[i], observed, &ns, err);
		else
			ns = row_json(orch, &rows[i]);
		if (!rc)
			json_array_append_new(*list, ns);
	}
	if (rc)
		json_decref(*list);
	json_decref(observed);
	db_nss_free(rows, n);
	return rc;
}

static struct db_page
part_of(const struct ns_page *page)
{
	static const struct {
		const char *attribute, *column;
	} columns[] = {
		{"nsInstanceName", "name"}, {"nsState", "state"}, {"nsdId", "nsd_id"}};
	struct db_page part = {
		.after = page->after, .offset = page->offset, .limit = page->n};
	for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++) {
		const char *value = json_string_value(
			json_object_get(page->equal, columns[i].attribute));
		if (!value)
			continue;
		part.equal[part.n_equal].column = columns[i].column;
		part.equal[part.n_equal++].value = value;
	}
	return part;
}

int
ns_get(struct orch *orch, const char *id, json_t **ns, struct err *err)
{
	struct db_ns row = {0};
	int rc = db_ns_get_shown(orch->db, id, &row, err);
	if (rc)
		return rc;
	json_t *observed = observe_vnfs(orch);
	rc = ns_json(orch, &row, observed, ns, err);
	if (!rc && strcmp(row.state, "INSTANTIATED") == 0)
		add_scale_status(orch, &row, *ns);
	json_decref(observed);
	db_ns_clear(&row);
	return rc;
}

static void
add_scale_status(struct orch *orch, const struct db_ns *row, json_t *ns)
{
	struct db_nsd nsd = {0};
	json_t *objects = NULL;
	if (db_nsd_get(orch->db, row->nsd_info_id, &nsd, NULL) == 0 &&
		deploy_wanted(orch->db, row->id, &objects, NULL) == 0) {
		json_t *numbers = ns_scale_numbers(orch, row->id, objects, NULL);
		json_object_set_new(ns, "nsScaleStatus",
			ns_levels_status(nsd_form_find(nsd.nsd), row->flavour, numbers));
		json_decref(numbers);
	}
	json_decref(objects);
	db_nsd_clear(&nsd);
}

static int
ns_json(struct orch *orch, const struct db_ns *row, const json_t *observed, json_t **out,
	struct err *err)
{
	struct db_object *objects;
	json_t *vnfs;
	size_t n;
	int rc = vnf_list_of_ns(orch, row->id, observed, &vnfs, err);
	if (rc)
		return rc;
	rc = db_object_list(orch->db, row->id, &objects, &n, err);
	if (rc) {
		json_decref(vnfs);
		return rc;
	}
	*out = row_json(orch, row);
	json_object_set_new(*out, "vnfInstance", vnfs);
	add_parts(*out, objects, n);
	if (has_paths(objects, n))
		add_graphs(orch, row->id, *out);
	db_objects_free(objects, n);
	return 0;
}

/* What its row alone tells. */
static json_t *
row_json(struct orch *orch, const struct db_ns *row)
{
	json_t *out = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s*, s:s, s:o}", "id",
		row->id, "nsInstanceName", row->name, "nsInstanceDescription",
		row->description, "nsdId", row->nsd_id, "nsdInfoId", row->nsd_info_id,
		"flavourId", row->flavour, "nsState", row->state, "_actions",
		actions(orch, row));
	json_t *placement = placer_tell(orch->placer, row->id);
	if (placement)
		json_object_set_new(out, "placement", placement);
	json_t *policies = keeper_tell(orch->keeper, row->id);
	if (policies)
		json_object_set_new(out, "policies", policies);
	return out;
}

/* What belongs to a chain is dealt with by the chain. */
static json_t *
actions(struct orch *orch, const struct db_ns *row)
{
	struct db_occurrence open = {0};
	struct db_chain chain = {0};
	static const char *const running[] = {"scale", "heal", "update"};
	json_t *list = json_array();
	const bool busy = db_occurrence_get_open(orch->db, row->id, &open, NULL) == 0;
	const bool of_chain = db_chain_get(orch->db, row->name, &chain, NULL) == 0;
	const bool runs = strcmp(row->state, "INSTANTIATED") == 0;
	if (!busy && !of_chain)
		json_array_append_new(
			list, json_string(runs ? "terminate" : "instantiate"));
	for (size_t i = 0; !busy && runs && i < 3; i++)
		json_array_append_new(list, json_string(running[i]));
	db_chain_clear(&chain);
	db_occurrence_clear(&open);
	return list;
}

static void
add_parts(json_t *ns, const struct db_object *objects, size_t n)
{
	json_t *links = json_array(), *saps = json_array();
	for (size_t i = 0; i < n; i++) {
		const char *name =
			json_string_value(json_object_get(objects[i].doc, "name"));
		if (strcmp(objects[i].kind, "link") == 0)
			json_array_append_new(links,
				json_pack("{s:s, s:s, s:s+}", "id", objects[i].object,
					"nsVirtualLinkDescId", name,
					"nsVirtualLinkProfileId", "vlp-", name));
		else if (strcmp(objects[i].kind, "service") == 0)
			add_rules(ns, objects[i].doc);
		else if (strcmp(objects[i].kind, "port") == 0)
			json_array_append_new(
				saps, json_pack("{s:s, s:s, s:s, s:[], s:O}", "id",
					      objects[i].object, "sapdId", name,
					      "sapName", name, "sapProtocolInfo", "port",
					      json_object_get(objects[i].doc, "spec")));
	}
	json_object_set_new(ns, "virtualLinkInfo", links);
	json_object_set_new(ns, "sapInfo", saps);
}

/* Those that came with the request. */
static void
add_rules(json_t *ns, const json_t *service)
{
	json_t *rules = affinity_to_request(affinity_kept(service));
	if (rules)
		json_object_set_new(ns, "additionalAffinityOrAntiAffinityRule", rules);
}

static bool
has_paths(const struct db_object *objects, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(objects[i].kind, "service") == 0)
			return json_object_get(objects[i].doc, "steer") != NULL;
	return false;
}

static void
add_graphs(struct orch *orch, const char *id, json_t *ns)
{
	json_t *objects;
	if (deploy_wanted(orch->db, id, &objects, NULL))
		return;
	json_object_set_new(ns, "vnffgInfo", nfp_graphs(objects));
	json_decref(objects);
}
