/* events.c: `renga events`: what happened, and with -f what happens: server-sent events,
 * taken up again where they broke off when the orchestrator was away.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "cli/command.h"
#include "cli/kind.h"

#define LINE_MAX_LEN (1u << 20)
#define PAUSE_US     500000
#define TRIES	     20 /* to reach it again */

struct follower {
	struct session *session;
	const struct kind *kind;
	json_int_t last; /* number of the last event that was printed */
	char *line;	 /* as far as it has come */
	size_t len;
	bool got; /* something came since the last look */
};

static int print_list(struct follower *follower);
static void print_event(struct follower *follower, json_t *event);
static int follow(struct follower *follower);
static bool take_text(const char *data, size_t len, void *arg);
static void take_line(struct follower *follower);

int
cmd_events(struct session *session)
{
	struct follower follower = {.session = session, .kind = kind_find("events")};
	int rc = print_list(&follower);
	if (!rc && session->args.value[OPT_FOLLOW])
		rc = follow(&follower);
	free(follower.line);
	return rc ? session_fail(session) : EXIT_DONE;
}

/* What there is already. Whoever goes on reading gets each event for itself. */
static int
print_list(struct follower *follower)
{
	struct session *session = follower->session;
	json_t *list, *event;
	size_t i;
	const int rc = kind_list(session, follower->kind, &list);
	if (rc)
		return rc;
	const bool table =
		session->out.format != OUTPUT_JSON && session->out.format != OUTPUT_YAML;
	if (table)
		output_table(&session->out, follower->kind->columns, list);
	else if (!session->args.value[OPT_FOLLOW])
		output_tree(&session->out, list);
	json_array_foreach (list, i, event) {
		if (!table && session->args.value[OPT_FOLLOW])
			print_event(follower, event);
		follower->last = json_integer_value(json_object_get(event, "seq"));
	}
	fflush(session->out.file);
	json_decref(list);
	return 0;
}

static void
print_event(struct follower *follower, json_t *event)
{
	struct output out = follower->session->out;
	out.headers = false;
	if (!output_tree(&out, event)) {
		json_t *list = json_pack("[O]", event);
		output_table(&out, follower->kind->columns, list);
		json_decref(list);
	}
	fflush(out.file);
}

/* Ends when the server refuses, or was away for too long. */
static int
follow(struct follower *follower)
{
	struct session *session = follower->session;
	char last[32];
	unsigned tries = 0;
	int rc = 0;
	while (!rc || (session->err.code == ERR_UNAVAILABLE && ++tries < TRIES)) {
		if (rc)
			usleep(PAUSE_US);
		snprintf(last, sizeof(last), "%" JSON_INTEGER_FORMAT, follower->last);
		follower->len = 0;
		follower->got = false;
		rc = session_stream(
			session, follower->kind->paths[0], last, take_text, follower);
		if (follower->got)
			tries = 0;
	}
	return rc;
}

static bool
take_text(const char *data, size_t len, void *arg)
{
	struct follower *follower = arg;
	char *line = realloc(follower->line, follower->len + len + 1);
	if (!line || follower->len + len > LINE_MAX_LEN)
		return false;
	follower->line = line;
	follower->got = true;
	for (size_t i = 0; i < len; i++) {
		if (data[i] != '\n') {
			line[follower->len++] = data[i];
			continue;
		}
		line[follower->len] = '\0';
		take_line(follower);
		follower->len = 0;
	}
	return true;
}

/* The data of an event stand on one line, and say its number too. */
static void
take_line(struct follower *follower)
{
	static const char prefix[] = "data: ";
	if (strncmp(follower->line, prefix, strlen(prefix)) != 0)
		return;
	json_t *event = json_loads(follower->line + strlen(prefix), 0, NULL);
	const json_int_t seq = json_integer_value(json_object_get(event, "seq"));
	if (event && seq > follower->last) {
		print_event(follower, event);
		follower->last = seq;
	}
	json_decref(event);
}
