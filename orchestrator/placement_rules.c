/* placement_rules.c: see placement_rules.h. */
#include "orchestrator/placement_rules.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include "orchestrator/affinity.h"

/* In VNFs: what makes a core a later choice. */
#define IO_LOAD	  1000
#define FAR_LOAD  500
#define TRIES_MAX 100000
#define CORES_MAX 256

struct seats { /* of the VNFs of a model; those that have to be together are a block */
	const struct model *model;
	const json_t *host, *objects;
	const char *ns;
	const int *wish; /* of each VNF */
	int *cores;	 /* of each VNF, as far as they are chosen */
	size_t *blocks;	 /* of each VNF: the first one of its block */
	unsigned tries;
};

static void refuse(const json_t *host, const json_t *objects, const json_t *a,
	const json_t *b, struct faults *faults);
static int count_dedicated(const json_t *objects, const char *ns);
static int count_free(
	const json_t *host, const json_t *objects, const char *ns, bool alone);
static bool has_rules(const struct seats *seats);
static void make_blocks(struct seats *seats);
static void join(struct seats *seats, size_t a, size_t b);
static bool share_process(const struct model *model, size_t a, size_t b);
static bool seat(struct seats *seats, size_t vnf);
static bool try_core(struct seats *seats, size_t block, int core);
static int asked_core(const struct seats *seats, size_t block);
static int next_choice(const struct seats *seats, size_t block, const bool *tried);
static int load_of(const struct seats *seats, size_t block, int core);
static bool is_allowed(const struct seats *seats, size_t block, int core);
static bool is_alone(const struct seats *seats, size_t block);
static bool serves_ports(const json_t *host, int core);
static bool conflict(const json_t *a, const json_t *b);
static bool conflict_by_tag(const json_t *a, const json_t *b);
static bool is_apart(const json_t *a, const json_t *b);
static bool same_process(const json_t *a, const json_t *b);
static bool is_dedicated(const json_t *vnf);
static bool is_of(const json_t *object, const char *ns);
static int core_of(const json_t *object);
static const json_t *doc_of(const json_t *object);
static const char *profile_of(const json_t *object, char *buf, size_t size);
static const char *text(const json_t *object, const char *member);

json_t *
placement_rules_open(const json_t *host, const json_t *objects, const char *ns)
{
	json_t *open = json_copy((json_t *)host), *cores = json_array(), *core, *object;
	size_t i, k;
	json_array_foreach (json_object_get(host, "cores"), i, core) {
		bool taken = false;
		json_array_foreach ((json_t *)objects, k, object)
			taken |= is_dedicated(object) && !is_of(object, ns) &&
				 core_of(object) == json_integer_value(core);
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

void
placement_rules_keep(const struct model *model, const json_t *host, const json_t *objects,
	const char *ns, int *cores)
{
	const size_t n = model->n_vnfs;
	struct seats seats = {model, host, objects, ns, cores, NULL, NULL, 0};
	if (!has_rules(&seats))
		return;
	seats.cores = calloc(n + 1, sizeof(*seats.cores));
	seats.blocks = calloc(n + 1, sizeof(*seats.blocks));
	if (seats.cores && seats.blocks) {
		make_blocks(&seats);
		if (seat(&seats, 0))
			memcpy(cores, seats.cores, n * sizeof(*cores));
	}
	free(seats.cores);
	free(seats.blocks);
}

bool
placement_rules_allow(
	const json_t *objects, const json_t *vnf, int core, const int *cores, unsigned n)
{
	size_t i;
	json_t *object;
	for (unsigned k = 0; is_dedicated(vnf) && k < n; k++)
		if (cores[k] == core)
			return false;
	json_array_foreach ((json_t *)objects, i, object)
		if (core_of(object) == core && conflict_by_tag(vnf, object))
			return false;
	return true;
}

void
placement_rules_judge(
	const json_t *host, const json_t *objects, const char *ns, struct faults *faults)
{
	const size_t n = json_array_size(objects);
	for (size_t i = 0; i < n; i++) {
		const json_t *a = json_array_get(objects, i), *b;
		if (is_of(a, ns) && is_dedicated(a) && serves_ports(host, core_of(a)))
			refuse(host, objects, a, a, faults);
		for (size_t k = i + 1; k < n; k++) {
			b = json_array_get(objects, k);
			if ((is_of(a, ns) || is_of(b, ns)) && conflict(a, b))
				refuse(host, objects, a, b, faults);
		}
	}
}

static void
refuse(const json_t *host, const json_t *objects, const json_t *a, const json_t *b,
	struct faults *faults)
{
	const json_t *apart = json_object_get(json_object_get(doc_of(a), "tag"), "apart");
	const bool alone = is_dedicated(a) || is_dedicated(b);
	const char *ns = text(is_dedicated(b) ? b : a, "ns");
	faults_add(faults, ERR_NO_RESOURCE, NULL,
		"other `cores`, fewer rules, or a host with more cores",
		"not enough cores for VNFs that %s: %d needed, %d free; %s and %s would "
		"share core %d",
		alone ? "have one for themselves" : "are to be apart",
		alone ? count_dedicated(objects, ns) : (int)json_array_size(apart) + 1,
		count_free(host, objects, ns, alone), text(doc_of(a), "name"),
		a == b ? "ports" : text(doc_of(b), "name"), core_of(a));
}

/* Processes of a service that have a core for themselves. */
static int
count_dedicated(const json_t *objects, const char *ns)
{
	int n = 0;
	size_t i, k;
	json_t *object;
	json_array_foreach ((json_t *)objects, i, object) {
		bool first = is_dedicated(object) && is_of(object, ns);
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
			if (core_of(object) == json_integer_value(core) &&
				!is_of(object, ns))
				is_free &= !alone && !is_dedicated(object);
		n += is_free;
	}
	return n;
}

/* Whether anything says where a VNF of the model may be. */
static bool
has_rules(const struct seats *seats)
{
	size_t i;
	json_t *object;
	for (i = 0; i < seats->model->n_vnfs; i++)
		if (affinity_rules(seats->model, i))
			return true;
	json_array_foreach ((json_t *)seats->objects, i, object)
		if (is_dedicated(object) && !is_of(object, seats->ns))
			return true;
	return false;
}

static void
make_blocks(struct seats *seats)
{
	const size_t n = seats->model->n_vnfs;
	for (size_t i = 0; i < n; i++)
		seats->blocks[i] = i;
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < i; k++)
			if (share_process(seats->model, k, i) ||
				affinity_together(seats->model, k, i))
				join(seats, k, i);
}

static void
join(struct seats *seats, size_t a, size_t b)
{
	const size_t one = seats->blocks[a], other = seats->blocks[b];
	const size_t first = one < other ? one : other;
	for (size_t i = 0; i < seats->model->n_vnfs; i++)
		if (seats->blocks[i] == one || seats->blocks[i] == other)
			seats->blocks[i] = first;
}

static bool
share_process(const struct model *model, size_t a, size_t b)
{
	const char *one = model->vnfs[a].group, *other = model->vnfs[b].group;
	return one && other && strcmp(one, other) == 0;
}

/* Seats the VNF and all after it. */
static bool
seat(struct seats *seats, size_t vnf)
{
	bool tried[CORES_MAX] = {false};
	if (vnf == seats->model->n_vnfs)
		return true;
	if (seats->blocks[vnf] != vnf) {
		seats->cores[vnf] = seats->cores[seats->blocks[vnf]];
		return seat(seats, vnf + 1);
	}
	const int asked = asked_core(seats, vnf);
	if (asked >= 0)
		return try_core(seats, vnf, asked);
	for (int at; (at = next_choice(seats, vnf, tried)) >= 0;) {
		const json_t *core =
			json_array_get(json_object_get(seats->host, "cores"), (size_t)at);
		tried[at] = true;
		if (try_core(seats, vnf, (int)json_integer_value(core)))
			return true;
	}
	return false;
}

static bool
try_core(struct seats *seats, size_t block, int core)
{
	if (++seats->tries > TRIES_MAX || !is_allowed(seats, block, core))
		return false;
	seats->cores[block] = core;
	return seat(seats, block + 1);
}

static int
asked_core(const struct seats *seats, size_t block)
{
	const struct model *model = seats->model;
	for (size_t i = block; i < model->n_vnfs; i++)
		if (seats->blocks[i] == block && model->vnfs[i].core >= 0)
			return model->vnfs[i].core;
	return -1;
}

/* Index of the best core of the host that was not tried; -1: none is left. */
static int
next_choice(const struct seats *seats, size_t block, const bool *tried)
{
	int best = -1, least = INT_MAX;
	size_t i;
	json_t *core;
	json_array_foreach (json_object_get(seats->host, "cores"), i, core) {
		const int load = load_of(seats, block, (int)json_integer_value(core));
		if (i < CORES_MAX && !tried[i] && load < least) {
			least = load;
			best = (int)i;
		}
	}
	return best;
}

static int
load_of(const struct seats *seats, size_t block, int core)
{
	const json_t *io = json_object_get(seats->host, "ioCore");
	int load = placement_rules_far(seats->host, core) ? FAR_LOAD : 0;
	size_t i;
	json_t *object;
	if (core == seats->wish[block])
		return -1;
	if (io && json_integer_value(io) == core)
		load += IO_LOAD;
	for (i = 0; i < block; i++)
		load += seats->cores[i] == core;
	json_array_foreach ((json_t *)seats->objects, i, object)
		load += !is_of(object, seats->ns) && core_of(object) == core;
	return load;
}

static bool
is_allowed(const struct seats *seats, size_t block, int core)
{
	const bool alone = is_alone(seats, block);
	size_t i;
	json_t *object;
	if (alone && serves_ports(seats->host, core))
		return false;
	json_array_foreach ((json_t *)seats->objects, i, object)
		if (!is_of(object, seats->ns) && core_of(object) == core &&
			(alone || is_dedicated(object)))
			return false;
	for (i = 0; i < block; i++)
		for (size_t k = block; k < seats->model->n_vnfs; k++)
			if (seats->blocks[k] == block && seats->blocks[i] != block &&
				seats->cores[i] == core &&
				affinity_apart(seats->model, i, k))
				return false;
	return true;
}

static bool
is_alone(const struct seats *seats, size_t block)
{
	for (size_t i = block; i < seats->model->n_vnfs; i++)
		if (seats->blocks[i] == block && seats->model->vnfs[i].dedicated)
			return true;
	return false;
}

/* No VNF has that core for itself, unless it is the only one. */
static bool
serves_ports(const json_t *host, int core)
{
	const json_t *io = json_object_get(host, "ioCore");
	return io && json_integer_value(io) == core &&
	       json_array_size(json_object_get(host, "cores")) > 1;
}

/* Whether two VNFs are on one core against a rule. */
static bool
conflict(const json_t *a, const json_t *b)
{
	return core_of(a) >= 0 && core_of(a) == core_of(b) && conflict_by_tag(a, b);
}

static bool
conflict_by_tag(const json_t *a, const json_t *b)
{
	return !same_process(a, b) &&
	       (is_dedicated(a) || is_dedicated(b) || is_apart(a, b));
}

static bool
is_apart(const json_t *a, const json_t *b)
{
	const json_t *tags[] = {
		json_object_get(doc_of(a), "tag"), json_object_get(doc_of(b), "tag")};
	char one[64], other[64];
	if (!is_of(a, text(b, "ns")))
		return false;
	return affinity_holds(json_object_get(tags[0], "apart"),
		       profile_of(b, one, sizeof(one))) ||
	       affinity_holds(json_object_get(tags[1], "apart"),
		       profile_of(a, other, sizeof(other)));
}

/* VNFs of a group, each the same replica. */
static bool
same_process(const json_t *a, const json_t *b)
{
	const json_t *one = json_object_get(doc_of(a), "group"),
		     *other = json_object_get(doc_of(b), "group");
	return one && other && is_of(a, text(b, "ns")) &&
	       strcmp(text(one, "name"), text(other, "name")) == 0;
}

static bool
is_dedicated(const json_t *vnf)
{
	return json_is_true(
		json_object_get(json_object_get(doc_of(vnf), "tag"), "dedicated"));
}

static bool
is_of(const json_t *object, const char *ns)
{
	return ns && strcmp(text(object, "ns"), ns) == 0;
}

/* Of a VNF object, else -1. */
static int
core_of(const json_t *object)
{
	const json_t *core = json_object_get(doc_of(object), "core");
	return strcmp(text(object, "kind"), "vnf") == 0 && core
		       ? (int)json_integer_value(core)
		       : -1;
}

static const json_t *
doc_of(const json_t *object)
{
	return json_object_get(object, "doc");
}

/* "fw" of "edge.fw" and of "edge.fw~1". */
static const char *
profile_of(const json_t *object, char *buf, size_t size)
{
	const char *name = text(doc_of(object), "name"), *dot = strrchr(name, '.');
	const char *from = dot ? dot + 1 : name;
	const size_t len = strcspn(from, "~");
	const size_t kept = len < size ? len : size - 1;
	memcpy(buf, from, kept);
	buf[kept] = '\0';
	return buf;
}

static const char *
text(const json_t *object, const char *member)
{
	const char *value = json_string_value(json_object_get(object, member));
	return value ? value : "";
}
