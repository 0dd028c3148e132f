/* spread.c: see spread.h. */
#include "vnfm/spread.h"
#include <stdio.h>
#include "common/dirs.h"
#include "common/frame.h"

#define INDICES	 8 /* of replicas */
#define MOVE_MS	 5000
#define FLOWS_MS 10000

static int ask(const char *socket, json_t *request, int timeout_ms, json_t **reply,
	struct err *err);
static int ask_dataplane(json_t *request, json_t **reply, struct err *err);
static int pin_all(const json_t *givers, struct err *err);
static unsigned index_of(const json_t *replica);
static int ask_flows(const char *vnf, bool pin, json_int_t *flows, struct err *err);
static int empty(const char *of, const json_t *leaving, bool force, json_int_t *sessions,
	struct err *err);

int
spread_run(const char *of, unsigned n, bool force, json_t **done, struct err *err)
{
	json_t *moved = NULL;
	json_int_t sessions = 0;
	int rc = ask_dataplane(json_pack("{s:s, s:s, s:i, s:b}", "op", "spread.move",
				       "of", of, "n", (int)n, "force", force),
		&moved, err);
	if (rc == 0)
		rc = pin_all(json_object_get(moved, "givers"), err);
	if (rc == 0)
		rc = ask_dataplane(
			json_pack("{s:s, s:s}", "op", "spread.settle", "of", of), NULL,
			err);
	if (rc == 0)
		rc = empty(of, json_object_get(moved, "leaving"), force, &sessions, err);
	if (rc == 0)
		*done = json_pack("{s:b, s:I}", "done", force || sessions == 0,
			"sessions", sessions);
	json_decref(moved);
	return rc;
}

/* Each gives buckets away: the sessions that it has stay with it. */
static int
pin_all(const json_t *givers, struct err *err)
{
	size_t i;
	json_t *giver;
	json_int_t flows;
	int rc = 0;
	json_array_foreach ((json_t *)givers, i, giver)
		if (rc == 0)
			rc = ask_flows(json_string_value(json_object_get(giver, "id")),
				true, &flows, err);
	return rc;
}

/* A replica is several VNFs if a group is scaled: it is given up when all are empty. */
static int
empty(const char *of, const json_t *leaving, bool force, json_int_t *sessions,
	struct err *err)
{
	json_int_t of_index[INDICES] = {0};
	uint32_t indices = 0;
	size_t i;
	json_t *replica;
	int rc = 0;
	json_array_foreach ((json_t *)leaving, i, replica) {
		const unsigned index = index_of(replica);
		json_int_t flows = 0;
		if (rc == 0)
			rc = ask_flows(json_string_value(json_object_get(replica, "id")),
				false, &flows, err);
		if (rc != 0 && force) /* who is dead has none to be told */
			rc = 0;
		of_index[index] += flows;
		*sessions += flows;
		indices |= 1u << index;
	}
	for (unsigned index = 0; rc == 0 && index < INDICES; index++)
		if ((indices & 1u << index) != 0 && (of_index[index] == 0 || force))
			rc = ask_dataplane(
				json_pack("{s:s, s:s, s:i}", "op", "spread.release", "of",
					of, "index", (int)index),
				NULL, err);
	return rc;
}

static unsigned
index_of(const json_t *replica)
{
	return (unsigned)json_integer_value(json_object_get(replica, "index")) % INDICES;
}

static int
ask_flows(const char *vnf, bool pin, json_int_t *flows, struct err *err)
{
	char socket[256];
	json_t *reply = NULL;
	int rc = dirs_runtime_path(socket, sizeof(socket), "vnf/%s.sock", vnf);
	if (rc != 0)
		return err_set(err, ERR_INVALID, NULL, NULL, "the id is too long");
	rc = ask(socket, json_pack("{s:s, s:b}", "op", "flows", "pin", pin), FLOWS_MS,
		&reply, err);
	if (rc == 0)
		*flows = json_integer_value(json_object_get(reply, "flows"));
	json_decref(reply);
	return rc;
}

static int
ask_dataplane(json_t *request, json_t **reply, struct err *err)
{
	char socket[256];
	if (dirs_runtime_path(socket, sizeof(socket), "dataplane.sock") != 0)
		return err_set(err, ERR_INVALID, NULL, NULL,
			"the name of the runtime directory is too long");
	return ask(socket, request, MOVE_MS, reply, err);
}

/* Takes the request. Whoever was asked may be about to be started again, or slow. */
static int
ask(const char *socket, json_t *request, int timeout_ms, json_t **reply, struct err *err)
{
	int rc = frame_ask(socket, request, timeout_ms, reply, err);
	json_decref(request);
	if (rc == err_errno(ERR_TIMEOUT))
		err->code = ERR_UNAVAILABLE;
	return rc == 0 ? 0 : err_errno(err->code);
}
