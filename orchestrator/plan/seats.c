/* seats.c: see seats.h. */
#include "orchestrator/plan/seats.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include "orchestrator/descriptor/affinity.h"
#include "orchestrator/plan/placement_rules.h"
#include "orchestrator/plan/replicas.h"

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
static bool is_own_replica(
	const struct seats *seats, size_t block, const json_t *object, bool alone);
static bool is_alone(const struct seats *seats, size_t block);

void
seats_choose(const struct model *model, const json_t *host, const json_t *objects,
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
		if (placement_rules_is_dedicated(object) &&
			!placement_rules_is_of(object, seats->ns))
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
		load += !placement_rules_is_of(object, seats->ns) &&
			placement_rules_core(object) == core;
	return load;
}

static bool
is_allowed(const struct seats *seats, size_t block, int core)
{
	const bool alone = is_alone(seats, block);
	size_t i;
	json_t *object;
	if (alone && placement_rules_serves_ports(seats->host, core))
		return false;
	json_array_foreach ((json_t *)seats->objects, i, object)
		if (!placement_rules_is_of(object, seats->ns) &&
			placement_rules_core(object) == core &&
			(alone || placement_rules_is_dedicated(object)))
			return false;
		else if (is_own_replica(seats, block, object, alone) &&
			 placement_rules_core(object) == core)
			return false;
	for (i = 0; i < block; i++)
		for (size_t k = block; k < seats->model->n_vnfs; k++)
			if (seats->blocks[k] == block && seats->blocks[i] != block &&
				seats->cores[i] == core &&
				affinity_apart(seats->model, i, k))
				return false;
	return true;
}

/* Another replica of the service that a block cannot share a core with: it stays where it
 * is if it can. */
static bool
is_own_replica(const struct seats *seats, size_t block, const json_t *object, bool alone)
{
	const char *id = json_string_value(json_object_get(object, "object"));
	char name[64];
	if (!placement_rules_is_of(object, seats->ns) || !replicas_index(id))
		return false;
	const int vnf = model_find_vnf(
		seats->model, placement_rules_profile(object, name, sizeof(name)));
	return vnf >= 0 && seats->blocks[vnf] != block &&
	       (alone || is_alone(seats, seats->blocks[vnf]));
}

static bool
is_alone(const struct seats *seats, size_t block)
{
	for (size_t i = block; i < seats->model->n_vnfs; i++)
		if (seats->blocks[i] == block && seats->model->vnfs[i].dedicated)
			return true;
	return false;
}
