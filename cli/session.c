/* session.c: requests to the orchestrator, and errors told to the person. */
#include "cli/session.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "common/dirs.h"

#define DEFAULT_SERVER "http://127.0.0.1:9080"
#define TEXT_MAX       4096 /* of an address or a token file */

static int open_client(struct session *session);
static int read_config(
	struct session *session, const char *name, char *value, size_t size);
static bool read_word(const char *path, char *value, size_t size);
static int find_token(struct session *session, char *token, size_t size);
static bool is_local(const char *server);
static int judge(struct session *session, int rc, const struct client_answer *answer);
static bool next_page(const char *link, char path[SESSION_PATH]);
static void print_fault(const struct err *fault, const char *file, const struct doc *doc);

void
session_close(struct session *session)
{
	client_close(session->client);
	faults_clear(&session->faults);
}

int
session_find_server(struct session *session)
{
	const char *given = session->args.value[OPT_SERVER];
	char path[256];
	if (*session->server)
		return 0;
	if (!given)
		given = getenv("RENGA_SERVER");
	if (given && *given) {
		snprintf(session->server, sizeof(session->server), "%s", given);
		return 0;
	}
	const int rc = read_config(
		session, "client.server", session->server, sizeof(session->server));
	if (rc || *session->server)
		return rc;
	if (dirs_runtime_path(path, sizeof(path), "orchestrator.addr") ||
		!read_word(path, session->server, sizeof(session->server)))
		strcpy(session->server, DEFAULT_SERVER);
	return 0;
}

/* A member of the configuration file; "" if there is none. */
static int
read_config(struct session *session, const char *name, char *value, size_t size)
{
	struct doc *doc;
	*value = '\0';
	const int rc = doc_read(dirs_config(), 0, &doc, &session->err);
	if (rc)
		return rc == -ENOENT ? 0 : rc;
	const char *text = json_string_value(doc_at(doc_root(doc), name));
	snprintf(value, size, "%s", text ? text : "");
	doc_close(doc);
	return 0;
}

static bool
read_word(const char *path, char *value, size_t size)
{
	char *text;
	if (dirs_read_file(path, TEXT_MAX, &text, NULL, NULL))
		return false;
	snprintf(value, size, "%.*s", (int)strcspn(text, " \r\n"), text);
	explicit_bzero(text, strlen(text));
	free(text);
	return *value;
}

void
session_reconnect(struct session *session)
{
	client_close(session->client);
	session->client = NULL;
	session->server[0] = '\0';
}

static int
open_client(struct session *session)
{
	char token[TEXT_MAX] = "", ca_file[256];
	int rc = session_find_server(session);
	if (!rc)
		rc = find_token(session, token, sizeof(token));
	if (!rc)
		rc = read_config(session, "client.ca-file", ca_file, sizeof(ca_file));
	if (!rc) {
		const struct client_config config = {
			.server = session->server,
			.token = *token ? token : NULL,
			.ca_file = *ca_file ? ca_file : NULL,
		};
		rc = client_open(&config, &session->client, &session->err);
	}
	explicit_bzero(token, sizeof(token));
	return rc;
}

/* The admin token of this machine is for servers on this machine only. */
static int
find_token(struct session *session, char *token, size_t size)
{
	const char *given = session->args.value[OPT_TOKEN];
	char path[256];
	if (!given)
		given = getenv("RENGA_TOKEN");
	if (given && *given) {
		snprintf(token, size, "%s", given);
		return 0;
	}
	const int rc = read_config(session, "client.token", token, size);
	if (!rc && !*token && is_local(session->server) &&
		dirs_state_path(path, sizeof(path), "admin.token") == 0)
		read_word(path, token, size);
	return rc;
}

static bool
is_local(const char *server)
{
	static const char *const hosts[] = {"127.0.0.1", "[::1]", "localhost"};
	if (strncmp(server, "unix:", 5) == 0)
		return true;
	const char *host = strstr(server, "://");
	for (size_t i = 0; host && i < sizeof(hosts) / sizeof(hosts[0]); i++) {
		const size_t len = strlen(hosts[i]);
		if (strncmp(host + 3, hosts[i], len) == 0 && strchr(":/", host[3 + len]))
			return true;
	}
	return false;
}

int
session_request(struct session *session, const char *method, const char *path,
	const json_t *body, struct client_answer *answer)
{
	*answer = (struct client_answer){0};
	int rc = session->client ? 0 : open_client(session);
	if (!rc)
		rc = client_json(
			session->client, method, path, body, answer, &session->err);
	return judge(session, rc, answer);
}

int
session_send(struct session *session, const char *method, const char *path,
	const char *type, const char *text, size_t len, struct client_answer *answer)
{
	*answer = (struct client_answer){0};
	int rc = session->client ? 0 : open_client(session);
	if (!rc)
		rc = client_data(session->client, method, path, type, text, len, answer,
			&session->err);
	return judge(session, rc, answer);
}

int
session_stream(struct session *session, const char *path, const char *last_id,
	client_stream_cb *cb, void *arg)
{
	const int rc = session->client ? 0 : open_client(session);
	return rc ? rc
		  : client_stream(session->client, path, last_id, cb, arg, &session->err);
}

/* Keeps the faults that the server told beside the error. */
static int
judge(struct session *session, int rc, const struct client_answer *answer)
{
	size_t i;
	json_t *item;
	if (!rc)
		return 0;
	session->answered = answer->status != 0;
	faults_clear(&session->faults);
	json_array_foreach (json_object_get(answer->json, "invalidParams"), i, item) {
		const char *path = json_string_value(json_object_get(item, "path"));
		const char *hint = json_string_value(json_object_get(item, "hint"));
		const char *reason = json_string_value(json_object_get(item, "reason"));
		faults_add(&session->faults, session->err.code, path, hint, "%s",
			reason ? reason : "");
	}
	return rc;
}

int
session_get(struct session *session, const char *path, json_t **json)
{
	struct client_answer answer;
	char next[SESSION_PATH];
	json_t *all = NULL;
	bool more = true;
	while (more) {
		const int rc = session_request(session, "GET", path, NULL, &answer);
		if (rc) {
			client_answer_clear(&answer);
			json_decref(all);
			return rc;
		}
		if (all && json_is_array(answer.json))
			json_array_extend(all, answer.json);
		else if (!all)
			all = answer.json ? json_incref(answer.json)
					  : json_string(answer.text ? answer.text : "");
		more = next_page(answer.link, next);
		path = next;
		client_answer_clear(&answer);
	}
	*json = all;
	return 0;
}

/* Link: </nslcm/v1/ns_instances?nextpage_opaque_marker=7>; rel="next" */
static bool
next_page(const char *link, char path[SESSION_PATH])
{
	if (!link || *link != '<' || !strstr(link, "rel=\"next\""))
		return false;
	char url[SESSION_PATH];
	snprintf(url, sizeof(url), "%.*s", (int)strcspn(link + 1, ">"), link + 1);
	snprintf(path, SESSION_PATH, "%s", session_local(url));
	return true;
}

const char *
session_path(char buf[SESSION_PATH], const char *base, const char *id, const char *tail)
{
	size_t len = snprintf(buf, SESSION_PATH, "%s/", base);
	for (; *id && len < SESSION_PATH - 4; id++) {
		const bool plain = strchr("-._~", *id) || (*id >= '0' && *id <= '9') ||
				   (*id >= 'A' && *id <= 'Z') ||
				   (*id >= 'a' && *id <= 'z');
		len += snprintf(buf + len, SESSION_PATH - len, plain ? "%c" : "%%%02X",
			(unsigned char)*id);
	}
	snprintf(buf + len, SESSION_PATH - len, "%s", tail);
	return buf;
}

const char *
session_local(const char *url)
{
	const char *host = strstr(url, "://");
	const char *path = host ? strchr(host + 3, '/') : NULL;
	return !host ? url : path ? path : "/";
}

int
session_fail(struct session *session)
{
	return session_fail_in(session, NULL, NULL);
}

int
session_fail_in(struct session *session, const char *file, const struct doc *doc)
{
	const struct err *err = &session->err;
	if (session->faults.n == 0)
		print_fault(err, file, doc);
	for (size_t i = 0; i < session->faults.n; i++)
		print_fault(&session->faults.list[i], file, doc);
	if (session->answered && err->code == ERR_UNAVAILABLE)
		return EXIT_OTHER; /* the server is there, what it needs is not */
	return exit_of(err->code);
}

static void
print_fault(const struct err *fault, const char *file, const struct doc *doc)
{
	const unsigned line = doc && *fault->path ? doc_line(doc, fault->path) : 0;
	fputs("renga: ", stderr);
	if (line)
		fprintf(stderr, "%s:%u: ", file, line);
	if (*fault->path)
		fprintf(stderr, "%s: ", fault->path);
	fprintf(stderr, "%s\n", fault->text);
	if (*fault->hint)
		fprintf(stderr, "  hint: %s\n", fault->hint);
}

int
session_refuse(struct session *session, enum err_code code, const char *hint,
	const char *fmt, ...)
{
	char text[sizeof(session->err.text)];
	va_list args;
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	err_set(&session->err, code, NULL, hint, "%s", text);
	return session_fail(session);
}

int
session_usage(struct session *session, const char *fmt, ...)
{
	char text[sizeof(session->err.text)];
	va_list args;
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	session_refuse(session, ERR_INVALID, NULL, "%s", text);
	return EXIT_USAGE;
}
