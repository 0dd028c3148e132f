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
#define TRIES_MAX 20000
#define CORES_MAX 256

struct seats { /* of the VNFs of a model; those that have to be together are a block */
	const struct model *model;
	const json_t *host, *objects;
	const char *ns;
	const int *wish; /* of each VNF */
	int *cores;	 /* of each VNF, as far as they are chosen */
	size_t *blocks;	 /* of each VNF: the first one of its block */
	bool *apart;	 /* of each two VNFs: they must not share a core */
	struct place {	 /* a core of the host, and what others make of it */
		int core, load;
		bool used, taken; /* a VNF runs there; has it for itself */
		bool serves;	  /* ports */
	} places[CORES_MAX];
	size_t n_places;
	struct replica { /* but the first, of a VNF of the model */
		int core;
		size_t vnf;
	} * replicas;
	size_t n_replicas;
	unsigned tries;
};

static bool has_rules(const struct seats *seats);
static void look_at_host(struct seats *seats);
static void look_at_others(const struct seats *seats, struct place *place);
static void look_at_replicas(struct seats *seats);
static void make_blocks(struct seats *seats);
static void make_rules(struct seats *seats);
static void join(struct seats *seats, size_t a, size_t b);
static bool share_process(const struct model *model, size_t a, size_t b);
static bool seat(struct seats *seats, size_t vnf);
static bool try_place(struct seats *seats, size_t block, const struct place *place);
static const struct place *asked_place(
	const struct seats *seats, size_t block, bool *asked);
static int next_choice(const struct seats *seats, const int *loads, const bool *tried);
static int load_of(const struct seats *seats, size_t block, const struct place *place);
static bool is_allowed(
	const struct seats *seats, size_t block, const struct place *place);
static bool meets_replica(
	const struct seats *seats, size_t block, const struct place *place, bool alone);
static bool is_alone(const struct seats *seats, size_t block);

void
seats_choose(const struct model *model, const json_t *host, const json_t *objects,
	const char *ns, int *cores)
{
	const size_t n = model->n_vnfs;
	struct seats seats = {.model = model,
		.host = host,
		.objects = objects,
		.ns = ns,
		.wish = cores};
	if (!has_rules(&seats))
		return;
	seats.cores = calloc(n + 1, sizeof(*seats.cores));
	seats.blocks = calloc(n + 1, sizeof(*seats.blocks));
	seats.apart = calloc(n * n + 1, sizeof(*seats.apart));
	seats.replicas = calloc(json_array_size(objects) + 1, sizeof(*seats.replicas));
	if (seats.cores && seats.blocks && seats.apart && seats.replicas) {
		look_at_host(&seats);
		look_at_replicas(&seats);
		make_blocks(&seats);
		make_rules(&seats);
		if (seat(&seats, 0))
			memcpy(cores, seats.cores, n * sizeof(*cores));
	}
	free(seats.cores);
	free(seats.blocks);
	free(seats.apart);
	free(seats.replicas);
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

/* Once: there may be thousands of objects, and thousands of tries. */
static void
look_at_host(struct seats *seats)
{
	size_t i;
	json_t *core;
	json_array_foreach (json_object_get(seats->host, "cores"), i, core)
		if (seats->n_places < CORES_MAX) {
			struct place *place = &seats->places[seats->n_places++];
			place->core = (int)json_integer_value(core);
			look_at_others(seats, place);
		}
}

static void
look_at_others(const struct seats *seats, struct place *place)
{
	const json_t *io = json_object_get(seats->host, "ioCore");
	size_t i;
	json_t *object;
	place->serves = placement_rules_serves_ports(seats->host, place->core);
	place->load = placement_rules_far(seats->host, place->core) ? FAR_LOAD : 0;
	place->load += io && json_integer_value(io) == place->core ? IO_LOAD : 0;
	json_array_foreach ((json_t *)seats->objects, i, object) {
		if (placement_rules_core(object) != place->core ||
			placement_rules_is_of(object, seats->ns))
			continue;
		place->load++;
		place->used = true;
		place->taken |= placement_rules_is_dedicated(object);
	}
}

static void
look_at_replicas(struct seats *seats)
{
	char name[64];
	size_t i;
	json_t *object;
	json_array_foreach ((json_t *)seats->objects, i, object) {
		const char *id = json_string_value(json_object_get(object, "object"));
		if (!placement_rules_is_of(object, seats->ns) || !replicas_index(id))
			continue;
		const int vnf = model_find_vnf(seats->model,
			placement_rules_profile(object, name, sizeof(name)));
		if (vnf >= 0)
			seats->replicas[seats->n_replicas++] = (struct replica){
				placement_rules_core(object), (size_t)vnf};
	}
}

static void
make_rules(struct seats *seats)
{
	const size_t n = seats->model->n_vnfs;
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < n; k++)
			seats->apart[i * n + k] = affinity_apart(seats->model, i, k);
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
	bool tried[CORES_MAX] = {false}, asked = false;
	int loads[CORES_MAX];
	if (vnf == seats->model->n_vnfs)
		return true;
	if (seats->blocks[vnf] != vnf) {
		seats->cores[vnf] = seats->cores[seats->blocks[vnf]];
		return seat(seats, vnf + 1);
	}
	const struct place *place = asked_place(seats, vnf, &asked);
	if (asked)
		return place && try_place(seats, vnf, place);
	for (size_t i = 0; i < seats->n_places; i++)
		loads[i] = load_of(seats, vnf, &seats->places[i]);
	for (int at; (at = next_choice(seats, loads, tried)) >= 0;) {
		tried[at] = true;
		if (try_place(seats, vnf, &seats->places[at]))
			return true;
	}
	return false;
}

static bool
try_place(struct seats *seats, size_t block, const struct place *place)
{
	if (++seats->tries > TRIES_MAX || !is_allowed(seats, block, place))
		return false;
	seats->cores[block] = place->core;
	return seat(seats, block + 1);
}

/* Null if the host has not what is asked for, or *asked is false. */
static const struct place *
asked_place(const struct seats *seats, size_t block, bool *asked)
{
	const struct model *model = seats->model;
	int core = -1;
	for (size_t i = model->n_vnfs; i-- > block;)
		if (seats->blocks[i] == block && model->vnfs[i].core >= 0)
			core = model->vnfs[i].core;
	*asked = core >= 0;
	for (size_t i = 0; i < seats->n_places; i++)
		if (seats->places[i].core == core)
			return &seats->places[i];
	return NULL;
}

/* Index of the best place that was not tried; -1: none is left. */
static int
next_choice(const struct seats *seats, const int *loads, const bool *tried)
{
	int best = -1;
	for (size_t i = 0; i < seats->n_places; i++)
		if (!tried[i] && (best < 0 || loads[i] < loads[best]))
			best = (int)i;
	return best;
}

static int
load_of(const struct seats *seats, size_t block, const struct place *place)
{
	int load = place->load;
	if (place->core == seats->wish[block])
		return -1;
	for (size_t i = 0; i < block; i++)
		load += seats->cores[i] == place->core;
	return load;
}

static bool
is_allowed(const struct seats *seats, size_t block, const struct place *place)
{
	const size_t n = seats->model->n_vnfs;
	const bool alone = is_alone(seats, block);
	if (place->taken || (alone && (place->serves || place->used)) ||
		meets_replica(seats, block, place, alone))
		return false;
	for (size_t i = 0; i < block; i++)
		for (size_t k = block; seats->cores[i] == place->core && k < n; k++)
			if (seats->blocks[k] == block && seats->blocks[i] != block &&
				seats->apart[i * n + k])
				return false;
	return true;
}

/* Another replica of the service that a block cannot share a core with: it stays where it
 * is if it can. */
static bool
meets_replica(
	const struct seats *seats, size_t block, const struct place *place, bool alone)
{
	for (size_t i = 0; i < seats->n_replicas; i++) {
		const size_t other = seats->blocks[seats->replicas[i].vnf];
		if (seats->replicas[i].core == place->core && other != block &&
			(alone || is_alone(seats, other)))
			return true;
	}
	return false;
}

static bool
is_alone(const struct seats *seats, size_t block)
{
	for (size_t i = block; i < seats->model->n_vnfs; i++)
		if (seats->blocks[i] == block && seats->model->vnfs[i].dedicated)
			return true;
	return false;
}
