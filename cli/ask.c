/* ask.c: `renga vnf query`, `explain-packet`, `shadowed`, `reset-counters`: questions to
 * a VNF by what its type calls them, and things for it to do. */
#include <stdlib.h>
#include <string.h>
#include "cli/ask_print.h"
#include "cli/command.h"
#include "cli/kind.h"

#define PATH_ROOM 2048

typedef void print_fn(const struct output *out, const json_t *answer);

static int ask(struct session *session, const char *what, const char *parameters,
	print_fn *print);
static char *parameter(
	const char *before, const char *name, size_t len, const char *value);
static void print_each(const struct output *out, const json_t *answer, print_fn *print);

int
cmd_vnf_query(struct session *session)
{
	char *all = strdup("");
	for (unsigned i = 2; all && i < session->args.n_pos; i++) {
		const char *word = session->args.pos[i];
		const size_t len = strcspn(word, "=");
		char *more;
		if (!word[len]) {
			free(all);
			return session_usage(session, "what it asks with is NAME=VALUE");
		}
		more = parameter(all, word, len, word + len + 1);
		free(all);
		all = more;
	}
	const int status =
		ask(session, session->args.pos[1], all ? all : "", output_describe);
	free(all);
	return status;
}

int
cmd_vnf_explain_packet(struct session *session)
{
	char *packet = parameter("", "packet", strlen("packet"), session->args.pos[1]);
	const int status =
		ask(session, "explain-packet", packet ? packet : "", ask_print_packet);
	free(packet);
	return status;
}

int
cmd_vnf_shadowed(struct session *session)
{
	return ask(session, "shadowed", "", ask_print_shadowed);
}

int
cmd_vnf_reset_counters(struct session *session)
{
	char path[SESSION_PATH];
	struct client_answer answer;
	json_t *vnf;
	if (kind_locate(session, kind_find("vnfs"), session->args.pos[0], &vnf, NULL))
		return session_fail(session);
	const char *id = json_string_value(json_object_get(vnf, "id"));
	json_t *body = session->args.n_pos > 1
			       ? json_pack("{s:s}", "rule", session->args.pos[1])
			       : json_object();
	session_path(path, "/renga/v1/vnfs", id ? id : "", "/act/reset-counters");
	const int rc = session_request(session, "POST", path, body, &answer);
	json_decref(body);
	json_decref(vnf);
	if (!rc)
		output_tree(&session->out, answer.json);
	client_answer_clear(&answer);
	return rc ? session_fail(session) : EXIT_DONE;
}

static int
ask(struct session *session, const char *what, const char *parameters, print_fn *print)
{
	char base[SESSION_PATH], path[SESSION_PATH + PATH_ROOM];
	struct client_answer answer;
	json_t *vnf;
	if (strlen(parameters) + strlen(what) + 16 > PATH_ROOM)
		return session_usage(session, "the question is too long");
	if (kind_locate(session, kind_find("vnfs"), session->args.pos[0], &vnf, NULL))
		return session_fail(session);
	const char *id = json_string_value(json_object_get(vnf, "id"));
	session_path(base, "/renga/v1/vnfs", id ? id : "", "/query");
	snprintf(path, sizeof(path), "%s/%s%s", base, what, parameters);
	const int rc = session_request(session, "GET", path, NULL, &answer);
	json_decref(vnf);
	if (!rc && !output_tree(&session->out, answer.json))
		print_each(&session->out, answer.json, print);
	client_answer_clear(&answer);
	return rc ? session_fail(session) : EXIT_DONE;
}

/* Of several replicas one after the other. */
static void
print_each(const struct output *out, const json_t *answer, print_fn *print)
{
	json_t *replicas = json_object_get(answer, "replicas"), *replica;
	size_t i;
	if (!replicas)
		print(out, answer);
	json_array_foreach (replicas, i, replica) {
		const char *id = json_string_value(json_object_get(replica, "vnfcId"));
		fprintf(out->file, "%s%s:\n", i ? "\n" : "", id ? id : "");
		print(out, replica);
	}
}

/* "?a=1&b=2", escaped; malloc'd. */
static char *
parameter(const char *before, const char *name, size_t len, const char *value)
{
	char *text = NULL;
	size_t size = 0;
	FILE *file = open_memstream(&text, &size);
	if (!file)
		return NULL;
	fprintf(file, "%s%c%.*s=", before, *before ? '&' : '?', (int)len, name);
	for (; *value; value++) {
		const bool plain = strchr("-._~", *value) ||
				   (*value >= '0' && *value <= '9') ||
				   (*value >= 'A' && *value <= 'Z') ||
				   (*value >= 'a' && *value <= 'z');
		fprintf(file, plain ? "%c" : "%%%02X", (unsigned char)*value);
	}
	fclose(file);
	return text;
}
