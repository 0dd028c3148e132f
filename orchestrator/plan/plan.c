/* plan.c: the steps from one set of objects to another. */
#include "orchestrator/plan/plan.h"

#include <stdbool.h>
#include <string.h>
#include "orchestrator/descriptor/port.h"
#include "orchestrator/plan/port_turn.h"
#include "orchestrator/plan/relink.h"
#include "orchestrator/plan/repath.h"
#include "orchestrator/plan/replicas.h"
#include "orchestrator/plan/target.h"

#define DRAIN_S 60 /* for the sessions of a replica that goes */

struct planning {
	const json_t *actual, *target;
	json_t *steps;
};

/* A service opens from the inside out, so that its first packet meets a chain that runs:
 * links between VNFs, those to ports, all at once, those to ports that make packets of
 * themselves. */
enum door { DOOR_NONE, DOOR_PORT, DOOR_SOURCE };

static bool runs(const json_t *actual);
static void start(struct planning *p);
static void change(struct planning *p);
static void del_torn_links(struct planning *p);
static void del_ports_before(struct planning *p);
static void del_gone(struct planning *p, const char *kind);
static void put_changed(struct planning *p, const char *kind);
static bool is_made_anew(const json_t *before, const json_t *after);
static void put_links(struct planning *p, enum door door);
static void open_doors(struct planning *p);
static enum door door_of(const struct planning *p, const json_t *link);
static enum door door_behind(const struct planning *p, const json_t *end);
static void wait_ready(struct planning *p, bool all);
static bool is_started(const struct planning *p, const json_t *vnf);
static void relink(struct planning *p, enum repath_when when);
static void add_relink(struct planning *p, const json_t *present, const json_t *target);
static void spread(struct planning *p, bool out);
static bool is_spread(const struct planning *p, const json_t *vnf, bool out);
static void spread_step(struct planning *p, const json_t *vnf, bool begin);
static bool is_torn(const struct planning *p, const json_t *link);
static bool end_is_torn(const struct planning *p, const json_t *end);
static bool goes_before(const struct planning *p, const json_t *port);
static void step(struct planning *p, const char *action, const json_t *object,
	const json_t *before);
static const char *text(const json_t *object, const char *member);
static bool is_kind(const json_t *object, const char *kind);
static json_t *member(const json_t *object, const char *name);

json_t *
plan_make(const json_t *actual, const json_t *target)
{
	struct planning p = {actual, target, json_array()};
	if (json_array_size(target) == 0) {
		del_gone(&p, "service"); /* takes all else along */
		return p.steps;
	}
	if (runs(actual))
		change(&p);
	else
		start(&p);
	return p.steps;
}

void
plan_end_first(json_t *steps, const char *ns, const char *name)
{
	json_array_insert_new(steps, 0,
		json_pack("{s:s, s:s, s:s, s:s, s:s}", "action", "del", "kind", "service",
			"object", ns, "ns", ns, "name", name));
}

void
plan_replace(json_t *steps, const json_t *vnf, const json_t *doc)
{
	const json_t *before = member(vnf, "doc");
	json_t *pair = json_pack("[{s:s, s:s, s:O, s:O, s:O, s:O, s:O}, "
				 "{s:s, s:s, s:O, s:O, s:O}]",
		"action", "put", "kind", "vnf", "object", member(vnf, "object"), "ns",
		member(vnf, "ns"), "name", member(before, "name"), "wanted", doc,
		"before", before, "action", "wait", "kind", "vnf", "object",
		member(vnf, "object"), "ns", member(vnf, "ns"), "name",
		member(before, "name"));
	json_array_extend(steps, pair);
	json_decref(pair);
}

void
plan_drain(json_t *steps, const json_t *object, int seconds)
{
	json_t *name = member(member(object, "doc"), "name");
	json_array_append_new(
		steps, json_pack("{s:s, s:O, s:O, s:O, s:O, s:{s:O, s:i}}", "action",
			       "drain", "kind", member(object, "kind"), "object",
			       member(object, "object"), "ns", member(object, "ns"),
			       "name", name, "wanted", "name", name, "timeout", seconds));
}

/* Whether a service is there that packets may be passing. */
static bool
runs(const json_t *actual)
{
	size_t i;
	json_t *object;
	json_array_foreach ((json_t *)actual, i, object)
		if (is_kind(object, "link"))
			return true;
	return false;
}

/* What an operation left that was given up goes first, and who was there is waited for.
 */
static void
start(struct planning *p)
{
	del_ports_before(p);
	del_gone(p, "vnf");
	del_gone(p, "port");
	put_changed(p, "service");
	put_changed(p, "vnf");
	put_changed(p, "port");
	put_links(p, DOOR_NONE);
	wait_ready(p, true);
	open_doors(p);
	put_links(p, DOOR_SOURCE);
}

/* The new stands beside the old before anything is joined anew, and the old goes when
 * nothing is on its way to it any more. */
static void
change(struct planning *p)
{
	const enum repath_when when = repath_when(p->actual, p->target);
	del_torn_links(p);
	del_ports_before(p);
	if (when == REPATH_FIRST)
		put_changed(p, "service");
	put_changed(p, "vnf");
	put_changed(p, "port");
	wait_ready(p, false);
	spread(p, false);
	relink(p, when);
	spread(p, true);
	del_gone(p, "vnf");
	del_gone(p, "port");
}

static void
del_torn_links(struct planning *p)
{
	size_t i;
	json_t *link;
	json_array_foreach ((json_t *)p->actual, i, link)
		if (is_kind(link, "link") && is_torn(p, link))
			step(p, "del", link, link);
}

static void
del_ports_before(struct planning *p)
{
	size_t i;
	json_t *port;
	json_array_foreach ((json_t *)p->actual, i, port)
		if (is_kind(port, "port") && goes_before(p, port))
			step(p, "del", port, port);
}

static void
del_gone(struct planning *p, const char *kind)
{
	size_t i;
	json_t *object;
	json_array_foreach ((json_t *)p->actual, i, object)
		if (is_kind(object, kind) && !goes_before(p, object) &&
			!target_find(p->target, kind, text(object, "object")))
			step(p, "del", object, object);
}

static void
put_changed(struct planning *p, const char *kind)
{
	size_t i;
	json_t *object;
	json_array_foreach ((json_t *)p->target, i, object) {
		if (strcmp(text(object, "kind"), kind) != 0)
			continue;
		const json_t *before =
			target_find(p->actual, kind, text(object, "object"));
		if (!before || !json_equal(member(before, "doc"), member(object, "doc")))
			step(p, "put", object,
				is_made_anew(before, object) ? NULL : before);
	}
}

static bool
is_made_anew(const json_t *before, const json_t *after)
{
	return before && strcmp(text(after, "kind"), "port") == 0 &&
	       !port_turn_stays(member(before, "doc"), member(after, "doc"));
}

static void
put_links(struct planning *p, enum door door)
{
	size_t i;
	json_t *link;
	json_array_foreach ((json_t *)p->target, i, link)
		if (is_kind(link, "link") && door_of(p, link) == door)
			step(p, "put", link, NULL);
}

/* At once: what enters by one may have to leave by another, and what a router asks of a
 * neighbour that it cannot reach yet is asked again only a second later. */
static void
open_doors(struct planning *p)
{
	json_t *before = json_array(), *after = json_array(), *object;
	size_t i;
	json_array_foreach ((json_t *)p->target, i, object) {
		const enum door door =
			is_kind(object, "link") ? door_of(p, object) : DOOR_NONE;
		if (door == DOOR_NONE)
			json_array_append(before, object);
		if (door != DOOR_SOURCE)
			json_array_append(after, object);
	}
	if (json_array_size(after) - json_array_size(before) > 1)
		json_array_append_new(p->steps, relink_step(before, after));
	else
		put_links(p, DOOR_PORT);
	json_decref(before);
	json_decref(after);
}

static enum door
door_of(const struct planning *p, const json_t *link)
{
	const enum door a = door_behind(p, member(member(link, "doc"), "a"));
	const enum door b = door_behind(p, member(member(link, "doc"), "b"));
	return a > b ? a : b;
}

static enum door
door_behind(const struct planning *p, const json_t *end)
{
	const char *id = text(end, "port");
	if (!id)
		return DOOR_NONE;
	const json_t *spec =
		member(member(target_find(p->target, "port", id), "doc"), "spec");
	const char *driver = text(spec, "driver");
	const bool makes =
		driver &&
		(strcmp(driver, "generator") == 0 ||
			(strcmp(driver, "pcap") == 0 && text(spec, "rx") != NULL));
	return makes ? DOOR_SOURCE : DOOR_PORT;
}

/* All VNFs, or those that a put starts. */
static void
wait_ready(struct planning *p, bool all)
{
	size_t i;
	json_t *vnf;
	json_array_foreach ((json_t *)p->target, i, vnf)
		if (is_kind(vnf, "vnf") && (all || is_started(p, vnf)))
			step(p, "wait", vnf, NULL);
}

/* One that is new, or whose type, core or company changed. */
static bool
is_started(const struct planning *p, const json_t *vnf)
{
	static const char *const restarting[] = {"type", "core", "stateSize", "group"};
	const json_t *before = target_find(p->actual, "vnf", text(vnf, "object"));
	for (size_t k = 0; before && k < 4; k++) {
		const json_t *was = member(member(before, "doc"), restarting[k]);
		const json_t *is = member(member(vnf, "doc"), restarting[k]);
		if (was != is && !json_equal(was, is))
			return true;
	}
	return !before;
}

/* Links that are torn are not there any more. */
static void
relink(struct planning *p, enum repath_when when)
{
	json_t *present = json_array(), *object, *between;
	size_t i;
	json_array_foreach ((json_t *)p->actual, i, object)
		if (!is_kind(object, "link") || !is_torn(p, object))
			json_array_append(present, object);
	between = when == REPATH_BEFORE ? repath_between(present, p->target) : NULL;
	if (between) {
		add_relink(p, present, between);
		put_changed(p, "service");
	}
	add_relink(p, between ? between : present, p->target);
	if (when == REPATH_LAST)
		put_changed(p, "service");
	json_decref(between);
	json_decref(present);
}

static void
add_relink(struct planning *p, const json_t *present, const json_t *target)
{
	json_t *step = relink_step(present, target);
	if (step)
		json_array_append_new(p->steps, step);
}

/* Of VNFs that stay: over more replicas (out), or over fewer. Of several that get fewer,
 * new flows go to the replicas that stay before any waits for its old ones to end: a
 * session that begins meanwhile would be cut at the next. */
static void
spread(struct planning *p, bool out)
{
	unsigned n = 0;
	size_t i;
	json_t *vnf;
	json_array_foreach ((json_t *)p->target, i, vnf)
		n += is_spread(p, vnf, out);
	json_array_foreach ((json_t *)p->target, i, vnf)
		if (n > 1 && !out && is_spread(p, vnf, out))
			spread_step(p, vnf, true);
	json_array_foreach ((json_t *)p->target, i, vnf)
		if (is_spread(p, vnf, out))
			spread_step(p, vnf, false);
}

static bool
is_spread(const struct planning *p, const json_t *vnf, bool out)
{
	const char *id = text(vnf, "object");
	if (!is_kind(vnf, "vnf") || replicas_index(id) > 0)
		return false;
	const unsigned was = replicas_count(p->actual, id),
		       is = replicas_count(p->target, id);
	return was != 0 && was != is && (is > was) == out;
}

static void
spread_step(struct planning *p, const json_t *vnf, bool begin)
{
	const char *id = text(vnf, "object");
	json_t *name = member(member(vnf, "doc"), "name");
	json_t *step = json_pack(
		"{s:s, s:s, s:s, s:s, s:O, s:{s:O, s:i, s:i}, s:{s:O, s:i, s:i}}",
		"action", "spread", "kind", "vnf", "object", id, "ns", text(vnf, "ns"),
		"name", name, "wanted", "name", name, "replicas",
		(int)replicas_count(p->target, id), "drain", DRAIN_S, "before", "name",
		name, "replicas", (int)replicas_count(p->actual, id), "drain", DRAIN_S);
	if (begin)
		json_object_set_new(member(step, "wanted"), "begin", json_true());
	json_array_append_new(p->steps, step);
}

/* It ends in what is made anew under the same name. */
static bool
is_torn(const struct planning *p, const json_t *link)
{
	return end_is_torn(p, member(member(link, "doc"), "a")) ||
	       end_is_torn(p, member(member(link, "doc"), "b"));
}

static bool
end_is_torn(const struct planning *p, const json_t *end)
{
	const char *kind = text(end, "port") ? "port" : "vnf";
	const json_t *before = target_find(p->actual, kind, text(end, kind));
	const json_t *after = target_find(p->target, kind, text(end, kind));
	if (strcmp(kind, "port") == 0)
		return before && goes_before(p, before);
	return before && after &&
	       !json_equal(member(member(before, "doc"), "type"),
		       member(member(after, "doc"), "type"));
}

/* A port cannot change its device: it is ended and made anew. So is one whose device
 * another port is to have. */
static bool
goes_before(const struct planning *p, const json_t *object)
{
	char claim[256], other[256];
	size_t i;
	json_t *port;
	if (!is_kind(object, "port"))
		return false;
	const json_t *after = target_find(p->target, "port", text(object, "object"));
	if (after)
		return !port_turn_stays(member(object, "doc"), member(after, "doc"));
	port_claim(member(member(object, "doc"), "spec"), claim, sizeof(claim));
	json_array_foreach ((json_t *)p->target, i, port)
		if (*claim && is_kind(port, "port") &&
			strcmp(port_claim(member(member(port, "doc"), "spec"), other,
				       sizeof(other)),
				claim) == 0)
			return true;
	return false;
}

static void
step(struct planning *p, const char *action, const json_t *object, const json_t *before)
{
	const bool put = strcmp(action, "put") == 0;
	json_array_append_new(
		p->steps, json_pack("{s:s, s:s, s:s, s:s, s:O*, s:O*, s:O*}", "action",
				  action, "kind", text(object, "kind"), "object",
				  text(object, "object"), "ns", text(object, "ns"),
				  "name", member(member(object, "doc"), "name"), "wanted",
				  put ? member(object, "doc") : NULL, "before",
				  member(before, "doc")));
}

static const char *
text(const json_t *object, const char *name)
{
	return json_string_value(json_object_get(object, name));
}

static bool
is_kind(const json_t *object, const char *kind)
{
	return strcmp(text(object, "kind"), kind) == 0;
}

static json_t *
member(const json_t *object, const char *name)
{
	return json_object_get(object, name);
}
