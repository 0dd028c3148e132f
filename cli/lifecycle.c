/* lifecycle.c: `renga ns ...` and `renga vnf ...`: a task resource of an instance, asked
 * for with a body from a file, from
 * --set, or from the words of the command.
 */
#include <stdlib.h>
#include <string.h>
#include "cli/body.h"
#include "cli/command.h"
#include "cli/kind.h"
#include "cli/plan_print.h"
#include "cli/wait.h"

static int create(struct session *session, const char *path, json_t *body);
static int post_task(struct session *session, const char *kind_name, json_t *body);
static int finish(struct session *session, const char *method, const char *path,
	json_t *body, const char *what);
static json_t *words_of_task(const struct session *session);
static json_t *with_patience(json_t *body);
static int tell_plan(
	struct session *session, struct client_answer *answer, const char *what);

int
cmd_ns_create(struct session *session)
{
	json_t *nsd;
	if (kind_get(session, kind_find("nsds"), session->args.pos[0], &nsd, NULL))
		return session_fail(session);
	json_t *body =
		json_pack("{s:O*, s:s, s:s}", "nsdId", json_object_get(nsd, "nsdId"),
			"nsName", session->args.pos[1], "nsDescription", "");
	json_decref(nsd);
	return create(session, "/nslcm/v1/ns_instances", body);
}

int
cmd_vnf_create(struct session *session)
{
	json_t *package;
	if (kind_get(
		    session, kind_find("packages"), session->args.pos[0], &package, NULL))
		return session_fail(session);
	json_t *body =
		json_pack("{s:O*, s:s}", "vnfdId", json_object_get(package, "vnfdId"),
			"vnfInstanceName", session->args.pos[1]);
	json_decref(package);
	return create(session, "/vnflcm/v1/vnf_instances", body);
}

/* Takes the reference of body. The name is the last word. */
static int
create(struct session *session, const char *path, json_t *body)
{
	struct client_answer answer;
	const int rc = session_request(session, "POST", path, body, &answer);
	json_decref(body);
	const char *id = json_string_value(json_object_get(answer.json, "id"));
	if (!rc && !output_tree(&session->out, answer.json))
		fprintf(session->out.file, "%s\n", id ? id : session->args.pos[1]);
	client_answer_clear(&answer);
	return rc ? session_fail(session) : EXIT_DONE;
}

int
cmd_ns_task(struct session *session)
{
	return post_task(session, "ns", json_object());
}

int
cmd_vnf_task(struct session *session)
{
	json_t *body = words_of_task(session);
	return body ? post_task(session, "vnfs", body) : EXIT_USAGE;
}

/* What the second word says in ETSI's terms; null: it was wrong, and said so. */
static json_t *
words_of_task(const struct session *session)
{
	static const struct {
		const char *task, *word, *member, *value;
	} words[] = {
		{"scale", "out", "type", "SCALE_OUT"},
		{"scale", "in", "type", "SCALE_IN"},
		{"operate", "start", "changeStateTo", "STARTED"},
		{"operate", "stop", "changeStateTo", "STOPPED"},
	};
	const char *task = session->command->task, *word = session->args.pos[1];
	char *end;
	if (strcmp(task, "instantiate") == 0)
		return json_pack("{s:s}", "flavourId", "default");
	if (session->args.n_pos < 2)
		return strcmp(task, "terminate") == 0
			       ? json_pack("{s:s}", "terminationType", "GRACEFUL")
			       : json_object();
	if (strcmp(task, "change_vnfpkg") == 0)
		return json_pack("{s:s}", "vnfdId", word);
	if (strcmp(task, "change_flavour") == 0)
		return json_pack("{s:s}", "newFlavourId", word);
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(words[i].task, task) == 0 && strcmp(words[i].word, word) == 0)
			return with_patience(
				json_pack("{s:s}", words[i].member, words[i].value));
	const long n = strtol(word, &end, 10);
	if (strcmp(task, "scale") == 0 && end != word && !*end)
		return json_pack("{s:[{s:s, s:I}]}", "scaleInfo", "aspectId", "replicas",
			"scaleLevel", (json_int_t)n - 1);
	fprintf(stderr, "renga: usage: renga vnf %s %s\n", session->command->verb,
		session->command->words);
	return NULL;
}

/* A stop lets sessions end. Takes a reference and gives it. */
static json_t *
with_patience(json_t *body)
{
	const char *to = json_string_value(json_object_get(body, "changeStateTo"));
	if (to && strcmp(to, "STOPPED") == 0) {
		json_object_set_new(body, "stopType", json_string("GRACEFUL"));
		json_object_set_new(body, "gracefulStopTimeout", json_integer(10));
	}
	return body;
}

/* Takes the reference of body, which the file and --set may overwrite. */
static int
post_task(struct session *session, const char *kind_name, json_t *body)
{
	const struct kind *kind = kind_find(kind_name);
	char base[SESSION_PATH], path[SESSION_PATH + 64];
	json_t *item = NULL;
	if (body_merge(session, body) ||
		kind_get(session, kind, session->args.pos[0], &item, base)) {
		json_decref(body);
		return session_fail(session);
	}
	const char *task = session->command->task;
	if (json_object_get(body, "scaleInfo"))
		task = "scale_to_level";
	snprintf(path, sizeof(path), "%s/%s", base, task);
	const int status = finish(session, "POST", path, body, kind_label(kind, item));
	json_decref(item);
	return status;
}

int
cmd_vnf_configure(struct session *session)
{
	const struct kind *kind = kind_find("vnfs");
	char path[SESSION_PATH];
	json_t *config = json_object(), *item = NULL;
	if (!session->args.value[OPT_FILE] && !session->args.n_sets) {
		json_decref(config);
		return session_usage(
			session, "what to configure? --set PATH=VALUE, or -f FILE");
	}
	if (body_merge(session, config) ||
		kind_locate(session, kind, session->args.pos[0], &item, path)) {
		json_decref(config);
		return session_fail(session);
	}
	json_t *body =
		json_pack("{s:{s:o}}", "vnfConfigurableProperties", "config", config);
	const int status = finish(session, "PATCH", path, body, kind_label(kind, item));
	json_decref(item);
	return status;
}

int
cmd_vnf_move(struct session *session)
{
	const struct kind *kind = kind_find("vnfs");
	char path[SESSION_PATH], *end;
	json_t *item = NULL;
	const long core = strtol(session->args.pos[1], &end, 10);
	if (end == session->args.pos[1] || *end)
		return session_usage(session, "where to? A core is a number");
	json_t *body = json_pack("{s:I}", "core", (json_int_t)core);
	if (body_merge(session, body) ||
		kind_locate(session, kind, session->args.pos[0], &item, NULL)) {
		json_decref(body);
		return session_fail(session);
	}
	snprintf(path, sizeof(path), "/renga/v1/vnf_instances/%s/move",
		json_string_value(json_object_get(item, "id")));
	const int status = finish(session, "POST", path, body, kind_label(kind, item));
	json_decref(item);
	return status;
}

/* Takes the reference of body. */
static int
finish(struct session *session, const char *method, const char *path, json_t *body,
	const char *what)
{
	struct client_answer answer;
	char asked[SESSION_PATH + 96];
	const bool dry = session->args.value[OPT_DRY_RUN] != NULL;
	snprintf(asked, sizeof(asked), "%s%s", path, dry ? "?dryRun=true" : "");
	const int rc = session_request(session, method, asked, body, &answer);
	json_decref(body);
	if (!rc && dry)
		return tell_plan(session, &answer, what);
	if (!rc)
		return wait_answer(session, &answer, what, false);
	client_answer_clear(&answer);
	return session_fail(session);
}

/* Clears the answer. */
static int
tell_plan(struct session *session, struct client_answer *answer, const char *what)
{
	json_object_set_new(answer->json, "name", json_string(what));
	json_object_set_new(answer->json, "exists", json_true());
	if (!output_tree(&session->out, answer->json))
		plan_print(&session->out, answer->json);
	client_answer_clear(answer);
	return EXIT_DONE;
}
