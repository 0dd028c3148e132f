/* placement_rules.c: see placement_rules.h. */
#include "orchestrator/plan/placement_rules.h"

#include <string.h>
#include "orchestrator/descriptor/affinity.h"
#include "orchestrator/descriptor/flavour.h"

static void judge(
	const json_t *host, const json_t *objects, size_t at, struct faults *faults);
static void refuse(const json_t *host, const json_t *objects, const json_t *a,
	const json_t *b, struct faults *faults);
static int count_dedicated(const json_t *objects, const char *ns);
static int count_free(
	const json_t *host, const json_t *objects, const char *ns, bool alone);
static bool conflict(const json_t *a, const json_t *b);
static bool conflict_by_tag(const json_t *a, const json_t *b);
static bool is_apart(const json_t *a, const json_t *b);
static bool same_process(const json_t *a, const json_t *b);
static const json_t *doc_of(const json_t *object);
static const char *text(const json_t *object, const char *member);

json_t *
placement_rules_open(const json_t *host, const json_t *objects, const char *ns)
{
	json_t *open = json_copy((json_t *)host), *cores = json_array(), *core, *object;
	size_t i, k;
	json_array_foreach (json_object_get(host, "cores"), i, core) {
		bool taken = false;
		json_array_foreach ((json_t *)objects, k, object)
			taken |= placement_rules_is_dedicated(object) &&
				 !placement_rules_is_of(object, ns) &&
				 placement_rules_core(object) == json_integer_value(core);
		if (!taken)
			json_array_append(cores, core);
	}
	json_object_set_new(open, "cores", cores);
	return open;
}

bool
placement_rules_far(const json_t *host, int core)
{
	const json_t *io = json_object_get(host, "ioCore");
	size_t i, k;
	json_t *node, *item;
	json_array_foreach (json_object_get(host, "nodes"), i, node) {
		bool has = false, has_io = false;
		json_array_foreach (json_object_get(node, "cores"), k, item) {
			has |= json_integer_value(item) == core;
			has_io |= io && json_equal(item, io);
		}
		if (has)
			return io && !has_io;
	}
	return false;
}

bool
placement_rules_allow(
	const json_t *objects, const json_t *vnf, int core, const int *cores, unsigned n)
{
	size_t i;
	json_t *object;
	for (unsigned k = 0; placement_rules_is_dedicated(vnf) && k < n; k++)
		if (cores[k] == core)
			return false;
	json_array_foreach ((json_t *)objects, i, object)
		if (placement_rules_core(object) == core && conflict_by_tag(vnf, object))
			return false;
	return true;
}

void
placement_rules_judge(
	const json_t *host, const json_t *objects, const char *ns, struct faults *faults)
{
	size_t i;
	json_t *vnf;
	json_array_foreach ((json_t *)objects, i, vnf)
		if (placement_rules_is_of(vnf, ns) && placement_rules_core(vnf) >= 0)
			judge(host, objects, i, faults);
}

/* One against all others; of its own service against those behind it, as each of these is
 * judged too. */
static void
judge(const json_t *host, const json_t *objects, size_t at, struct faults *faults)
{
	const json_t *vnf = json_array_get(objects, at);
	const char *ns = text(vnf, "ns");
	size_t i;
	json_t *other;
	if (placement_rules_is_dedicated(vnf) &&
		placement_rules_serves_ports(host, placement_rules_core(vnf)))
		refuse(host, objects, vnf, vnf, faults);
	json_array_foreach ((json_t *)objects, i, other)
		if (i != at && (i > at || !placement_rules_is_of(other, ns)) &&
			conflict(vnf, other))
			refuse(host, objects, i < at ? other : vnf, i < at ? vnf : other,
				faults);
}

bool
placement_rules_is_dedicated(const json_t *vnf)
{
	return flavour_is_dedicated(doc_of(vnf));
}

bool
placement_rules_is_of(const json_t *object, const char *ns)
{
	return ns && strcmp(text(object, "ns"), ns) == 0;
}

int
placement_rules_core(const json_t *object)
{
	const json_t *core = json_object_get(doc_of(object), "core");
	return strcmp(text(object, "kind"), "vnf") == 0 && core
		       ? (int)json_integer_value(core)
		       : -1;
}

const char *
placement_rules_profile(const json_t *object, char *buf, size_t size)
{
	const char *name = text(doc_of(object), "name"), *dot = strrchr(name, '.');
	const char *from = dot ? dot + 1 : name;
	const size_t len = strcspn(from, "~");
	const size_t kept = len < size ? len : size - 1;
	memcpy(buf, from, kept);
	buf[kept] = '\0';
	return buf;
}

bool
placement_rules_serves_ports(const json_t *host, int core)
{
	const json_t *io = json_object_get(host, "ioCore");
	return io && json_integer_value(io) == core &&
	       json_array_size(json_object_get(host, "cores")) > 1;
}

static void
refuse(const json_t *host, const json_t *objects, const json_t *a, const json_t *b,
	struct faults *faults)
{
	const json_t *apart = json_object_get(json_object_get(doc_of(a), "tag"), "apart");
	const bool alone =
		placement_rules_is_dedicated(a) || placement_rules_is_dedicated(b);
	const char *ns = text(placement_rules_is_dedicated(b) ? b : a, "ns");
	faults_add(faults, ERR_NO_RESOURCE, NULL,
		"other `cores`, fewer rules, or a host with more cores",
		"not enough cores for VNFs that %s: %d needed, %d free; %s and %s would "
		"share core %d",
		alone ? "have one for themselves" : "are to be apart",
		alone ? count_dedicated(objects, ns) : (int)json_array_size(apart) + 1,
		count_free(host, objects, ns, alone), text(doc_of(a), "name"),
		a == b ? "ports" : text(doc_of(b), "name"), placement_rules_core(a));
}

/* Processes of a service that have a core for themselves. */
static int
count_dedicated(const json_t *objects, const char *ns)
{
	int n = 0;
	size_t i, k;
	json_t *object;
	json_array_foreach ((json_t *)objects, i, object) {
		bool first = placement_rules_is_dedicated(object) &&
			     placement_rules_is_of(object, ns);
		for (k = 0; first && k < i; k++)
			first = !same_process(object, json_array_get(objects, k));
		n += first;
	}
	return n;
}

/* Cores that a service may use, or that nothing else uses at all. */
static int
count_free(const json_t *host, const json_t *objects, const char *ns, bool alone)
{
	int n = 0;
	size_t i, k;
	json_t *core, *object;
	json_array_foreach (json_object_get(host, "cores"), i, core) {
		bool is_free =
			!alone || !json_equal(core, json_object_get(host, "ioCore"));
		json_array_foreach ((json_t *)objects, k, object)
			if (placement_rules_core(object) == json_integer_value(core) &&
				!placement_rules_is_of(object, ns))
				is_free &=
					!alone && !placement_rules_is_dedicated(object);
		n += is_free;
	}
	return n;
}

/* Whether two VNFs are on one core against a rule. */
static bool
conflict(const json_t *a, const json_t *b)
{
	return placement_rules_core(a) >= 0 &&
	       placement_rules_core(a) == placement_rules_core(b) &&
	       conflict_by_tag(a, b);
}

static bool
conflict_by_tag(const json_t *a, const json_t *b)
{
	return !same_process(a, b) &&
	       (placement_rules_is_dedicated(a) || placement_rules_is_dedicated(b) ||
		       is_apart(a, b));
}

static bool
is_apart(const json_t *a, const json_t *b)
{
	const json_t *tags[] = {
		json_object_get(doc_of(a), "tag"), json_object_get(doc_of(b), "tag")};
	char one[64], other[64];
	if (!placement_rules_is_of(a, text(b, "ns")))
		return false;
	return affinity_holds(json_object_get(tags[0], "apart"),
		       placement_rules_profile(b, one, sizeof(one))) ||
	       affinity_holds(json_object_get(tags[1], "apart"),
		       placement_rules_profile(a, other, sizeof(other)));
}

/* VNFs of a group, each the same replica. */
static bool
same_process(const json_t *a, const json_t *b)
{
	const json_t *one = json_object_get(doc_of(a), "group"),
		     *other = json_object_get(doc_of(b), "group");
	return one && other && placement_rules_is_of(a, text(b, "ns")) &&
	       strcmp(text(one, "name"), text(other, "name")) == 0;
}

static const json_t *
doc_of(const json_t *object)
{
	return json_object_get(object, "doc");
}

static const char *
text(const json_t *object, const char *member)
{
	const char *value = json_string_value(json_object_get(object, member));
	return value ? value : "";
}
