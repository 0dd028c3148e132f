/* control_spread.c: spread.move, spread.settle, spread.release. */
#include "dataplane/host/control.h"
#include "dataplane/host/replicas.h"
#include "dataplane/host/request.h"

static struct replicas *find(const struct host *host, const char *of, struct err *err);
static json_t *name_replicas(
	const struct host *host, const struct replicas *replicas, uint32_t which);

json_t *
control_spread_move(struct host *host, const json_t *request, struct err *err)
{
	struct replicas *replicas;
	unsigned moving;
	uint32_t givers = 0;
	const char *of;
	int n, force = 0;

	if (request_unpack(request, err, "{s:s, s:i, s?b}", "of", &of, "n", &n, "force",
		    &force) < 0)
		return NULL;
	if (n < 1 || n > SPREAD_REPLICAS) {
		err_set(err, ERR_INVALID, "n", NULL, "a VNF has 1 to %u replicas",
			SPREAD_REPLICAS);
		return NULL;
	}
	replicas = find(host, of, err);
	if (replicas == NULL || replicas_move(host, replicas, (unsigned)n, force != 0,
					&moving, &givers, err) < 0)
		return NULL;
	return json_pack("{s:I, s:o, s:o}", "moving", (json_int_t)moving, "givers",
		name_replicas(host, replicas, givers), "leaving",
		name_replicas(host, replicas, ~((1u << n) - 1)));
}

json_t *
control_spread_settle(struct host *host, const json_t *request, struct err *err)
{
	struct replicas *replicas;
	const char *of;

	if (request_unpack(request, err, "{s:s}", "of", &of) < 0)
		return NULL;
	replicas = find(host, of, err);
	if (replicas == NULL || replicas_settle(host, replicas, err) < 0)
		return NULL;
	return json_object();
}

json_t *
control_spread_release(struct host *host, const json_t *request, struct err *err)
{
	struct replicas *replicas;
	const char *of;
	int index;

	if (request_unpack(request, err, "{s:s, s:i}", "of", &of, "index", &index) < 0)
		return NULL;
	if (index < 0 || index >= SPREAD_REPLICAS) {
		err_set(err, ERR_INVALID, "index", NULL, "replicas are counted from 0");
		return NULL;
	}
	replicas = find(host, of, err);
	if (replicas == NULL ||
		replicas_release(host, replicas, (unsigned)index, err) < 0)
		return NULL;
	return json_object();
}

static struct replicas *
find(const struct host *host, const char *of, struct err *err)
{
	struct replicas *replicas = replicas_of(host, of);

	if (replicas == NULL)
		err_set(err, ERR_NOT_FOUND, "of", NULL, "VNF '%s' has no replicas", of);
	return replicas;
}

/* [{id, index}] of those that have a slot. */
static json_t *
name_replicas(const struct host *host, const struct replicas *replicas, uint32_t which)
{
	json_t *list = json_array();
	const struct slot *slot;

	for (unsigned i = 0; i < SPREAD_REPLICAS; i++) {
		if ((which & 1u << i) == 0)
			continue;
		for (slot = NULL;
			(slot = replicas_next(host, replicas, i, slot)) != NULL;)
			json_array_append_new(list,
				json_pack("{s:s, s:i}", "id", slot->id, "index", (int)i));
	}
	return list;
}
