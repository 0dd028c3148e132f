/* grant.c: see grant.h. */
#include "orchestrator/grant.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include "db/objects.h"
#include "db/vnf_instances.h"
#include "orchestrator/deploy.h"
#include "orchestrator/plan/need.h"
#include "orchestrator/plan/placement_rules.h"
#include "orchestrator/project.h"

static void judge_slots(
	const struct grant *grant, const struct need *need, struct faults *faults);
static void judge_memory(
	const struct grant *grant, const struct need *need, struct faults *faults);
static void judge_links(const struct grant *grant, struct faults *faults);
static void judge_cores(
	const struct grant *grant, const json_t *after, struct faults *faults);
static void judge_quota(
	const struct grant *grant, const json_t *after, struct faults *faults);
static json_t *objects_after(const struct grant *grant);
static void set_object(json_t *objects, const json_t *object, json_t *doc);
static json_t *links_after(const struct grant *grant);
static void follow_step(json_t *links, const json_t *step);
static void count_ends(const json_t *links, json_t *counts);
static void count_end(json_t *counts, const json_t *end);
static struct need pending_of(const struct grant *grant);
static int64_t told(const json_t *host, const char *part, const char *member);
static void refuse(struct faults *faults, const char *what, const char *hint,
	int64_t needed, int64_t left);
static const char *text(const json_t *object, const char *member);

void
grant_judge(const struct grant *grant, struct faults *faults)
{
	struct need need = {0};
	need_add_steps(&need, grant->steps, grant->sizes);
	judge_slots(grant, &need, faults);
	judge_memory(grant, &need, faults);
	judge_links(grant, faults);
	json_t *after = objects_after(grant);
	judge_cores(grant, after, faults);
	judge_quota(grant, after, faults);
	json_decref(after);
}

int
grant_check(struct orch *orch, const char *ns, const json_t *host, const json_t *steps,
	const json_t *more, struct faults *faults, struct err *err)
{
	return grant_check_in(orch, NULL, ns, host, NULL, steps, more, faults, err);
}

int
grant_check_in(struct orch *orch, const char *fallback, const char *ns,
	const json_t *host, const json_t *all, const json_t *steps, const json_t *more,
	struct faults *faults, struct err *err)
{
	json_t *wanted = json_incref((json_t *)all), *pending = NULL, *sizes = NULL,
	       *members = NULL;
	char project[PROJECT_NAME] = "";
	struct quota quota;
	int rc = wanted ? 0 : deploy_wanted(orch->db, NULL, &wanted, err);
	if (!rc)
		rc = deploy_pending(orch->db, &pending, err);
	if (!rc)
		rc = grant_sizes(orch->db, more, &sizes, err);
	if (!rc)
		rc = project_quota_of(
			orch->db, ns, fallback, project, &quota, &members, err);
	if (!rc) {
		const struct grant grant = {ns, host, wanted, pending, sizes, steps,
			*project ? project : NULL, &quota, members};
		grant_judge(&grant, faults);
	}
	json_decref(wanted);
	json_decref(pending);
	json_decref(sizes);
	json_decref(members);
	return rc;
}

int
grant_end(int rc, const struct faults *faults)
{
	return !rc && faults->n ? err_errno(faults->list[0].code) : rc;
}

int
grant_sizes(struct db *db, const json_t *more, json_t **sizes, struct err *err)
{
	struct db_vnf *rows;
	size_t n;
	int rc = db_vnf_list(db, &rows, &n, err);
	if (rc)
		return rc;
	*sizes = json_object();
	for (size_t i = 0; i < n; i++)
		json_object_set_new(*sizes, rows[i].id, json_integer(rows[i].state_size));
	if (more)
		json_object_update(*sizes, (json_t *)more);
	db_vnfs_free(rows, n);
	return 0;
}

static void
judge_slots(const struct grant *grant, const struct need *need, struct faults *faults)
{
	const int64_t total = told(grant->host, "slots", "total");
	const struct need pending = pending_of(grant);
	struct need wanted = {0};
	need_add_all(&wanted, grant->wanted, grant->sizes);
	const int64_t by_store = total - wanted.slots;
	const int64_t by_host = told(grant->host, "slots", "free");
	const int64_t left = (by_store < by_host ? by_store : by_host) - pending.slots;
	if (total && need->slots && need->slots > left)
		refuse(faults, "slots for VNF processes",
			"delete services that are not needed, or use fewer replicas",
			need->slots, left);
}

static void
judge_memory(const struct grant *grant, const struct need *need, struct faults *faults)
{
	const int64_t total = told(grant->host, "memory", "totalMiB");
	const struct need pending = pending_of(grant);
	struct need wanted = {0};
	need_add_all(&wanted, grant->wanted, grant->sizes);
	const int64_t by_store = total - need_mib(&wanted);
	const int64_t by_host = told(grant->host, "memory", "freeMiB");
	const int64_t left =
		(by_store < by_host ? by_store : by_host) - need_mib(&pending);
	if (total && need->bytes && need_mib(need) > left)
		refuse(faults, "MiB of huge-page memory",
			"fewer `buffers`, smaller states, or a larger --memory",
			need_mib(need), left);
}

/* Of each VNF that the plan leaves with more links than a process can have. */
static void
judge_links(const struct grant *grant, struct faults *faults)
{
	json_t *links = links_after(grant), *counts = json_object(), *ends;
	const char *vnf;
	count_ends(links, counts);
	json_object_foreach (counts, vnf, ends) {
		const int64_t most = GRANT_MORE_LINKS + (int64_t)json_object_size(ends);
		int64_t n = 0;
		const char *cp;
		json_t *count;
		char what[96];
		json_object_foreach (ends, cp, count)
			n += json_integer_value(count);
		snprintf(what, sizeof(what), "links of VNF %.64s", vnf);
		if (n > most)
			refuse(faults, what, "fewer replicas of its neighbours", n, most);
	}
	json_decref(counts);
	json_decref(links);
}

/* Only what a plan puts can come to where it must not be. */
static void
judge_cores(const struct grant *grant, const json_t *after, struct faults *faults)
{
	bool puts = false;
	size_t i;
	json_t *step;
	json_array_foreach ((json_t *)grant->steps, i, step)
		puts |= strcmp(text(step, "action"), "put") == 0 &&
			strcmp(text(step, "kind"), "vnf") == 0;
	if (puts)
		placement_rules_judge(grant->host, after, grant->ns, faults);
}

static void
judge_quota(const struct grant *grant, const json_t *after, struct faults *faults)
{
	if (!grant->project)
		return;
	json_t *now = json_copy((json_t *)grant->wanted);
	json_array_extend(now, (json_t *)grant->pending);
	const struct quota used = quota_used(now, grant->members, grant->sizes);
	const struct quota wanted = quota_used(after, grant->members, grant->sizes);
	quota_judge(grant->quota, &used, &wanted, grant->project, faults);
	json_decref(now);
}

/* All objects, as they are when the plan and those under way have been carried out. */
static json_t *
objects_after(const struct grant *grant)
{
	json_t *objects = json_object(), *list = json_array(), *object;
	const char *id;
	size_t i;
	json_array_foreach ((json_t *)grant->wanted, i, object)
		set_object(objects, object, json_object_get(object, "doc"));
	json_array_foreach ((json_t *)grant->pending, i, object)
		set_object(objects, object, json_object_get(object, "doc"));
	json_array_foreach ((json_t *)grant->steps, i, object)
		if (strcmp(text(object, "action"), "put") == 0)
			set_object(objects, object, json_object_get(object, "wanted"));
		else if (strcmp(text(object, "action"), "del") == 0)
			set_object(objects, object, NULL);
	json_object_foreach (objects, id, object)
		json_array_append(list, object);
	json_decref(objects);
	return list;
}

/* doc null: it is gone. */
static void
set_object(json_t *objects, const json_t *object, json_t *doc)
{
	char id[160];
	snprintf(id, sizeof(id), "%s:%s", text(object, "kind"), text(object, "object"));
	if (doc)
		json_object_set_new(objects, id,
			json_pack("{s:O, s:O, s:O, s:O}", "kind",
				json_object_get(object, "kind"), "object",
				json_object_get(object, "object"), "ns",
				json_object_get(object, "ns"), "doc", doc));
	else
		json_object_del(objects, id);
}

/* {ID: document} of the service when its plan has been carried out. */
static json_t *
links_after(const struct grant *grant)
{
	json_t *links = json_object(), *object;
	size_t i;
	json_array_foreach ((json_t *)grant->wanted, i, object)
		if (strcmp(text(object, "ns"), grant->ns) == 0 &&
			strcmp(text(object, "kind"), "link") == 0)
			json_object_set(links, text(object, "object"),
				json_object_get(object, "doc"));
	json_array_foreach ((json_t *)grant->steps, i, object)
		follow_step(links, object);
	return links;
}

static void
follow_step(json_t *links, const json_t *step)
{
	const char *action = text(step, "action"), *id;
	json_t *wanted = json_object_get(step, "wanted"), *doc;
	const bool link = strcmp(text(step, "kind"), "link") == 0;
	if (strcmp(action, "relink") == 0)
		json_object_foreach (json_object_get(wanted, "links"), id, doc) {
			if (json_is_null(doc))
				json_object_del(links, id);
			else
				json_object_set(links, id, doc);
		}
	else if (link && strcmp(action, "put") == 0)
		json_object_set(links, text(step, "object"), wanted);
	else if (link && strcmp(action, "del") == 0)
		json_object_del(links, text(step, "object"));
}

/* Into {VNF: {CP: links}}. */
static void
count_ends(const json_t *links, json_t *counts)
{
	const char *id;
	json_t *doc;
	json_object_foreach ((json_t *)links, id, doc) {
		count_end(counts, json_object_get(doc, "a"));
		count_end(counts, json_object_get(doc, "b"));
	}
}

static void
count_end(json_t *counts, const json_t *end)
{
	const char *vnf = text(end, "vnf"), *cp = text(end, "cp");
	json_t *cps = json_object_get(counts, vnf);
	if (!*vnf)
		return;
	if (!cps) {
		cps = json_object();
		json_object_set_new(counts, vnf, cps);
	}
	const json_int_t n = json_integer_value(json_object_get(cps, cp));
	json_object_set_new(cps, cp, json_integer(n + 1));
}

static struct need
pending_of(const struct grant *grant)
{
	struct need pending = {0};
	need_add_all(&pending, grant->pending, grant->sizes);
	return pending;
}

static int64_t
told(const json_t *host, const char *part, const char *member)
{
	return json_integer_value(json_object_get(json_object_get(host, part), member));
}

static void
refuse(struct faults *faults, const char *what, const char *hint, int64_t needed,
	int64_t left)
{
	left = left > 0 ? left : 0;
	faults_add(faults, ERR_NO_RESOURCE, NULL, hint,
		"not enough %s: %" PRId64 " needed, %" PRId64 " free", what, needed,
		left);
}

static const char *
text(const json_t *object, const char *member)
{
	const char *value = json_string_value(json_object_get(object, member));
	return value ? value : "";
}
