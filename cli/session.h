/* session.h: one run of the CLI: its arguments, where its output goes, and the
 *orchestrator that it talks to.
 *
 * A request that fails leaves its error, and every fault of a document, in the session;
 * session_fail() prints them on stderr and returns the exit status. So a command reads:
 *
 *	if (session_get(s, path, &json))
 *		return session_fail(s);
 */
#ifndef CLI_SESSION_H
#define CLI_SESSION_H

#include <stdbool.h>
#include <jansson.h>
#include "api/client/client.h"
#include "cli/args.h"
#include "cli/exit.h"
#include "cli/output.h"
#include "common/doc.h"
#include "common/err.h"

#define SESSION_PATH 512

struct session {
	const struct command *command;
	struct args args;
	struct output out;
	struct client *client; /* connected at the first request */
	char server[256];      /* its address, once known */
	struct err err;
	struct faults faults;
	bool answered; /* the error is the server's own */
};

void session_close(struct session *session);
/* The next request looks for the server's address anew. */
void session_reconnect(struct session *session);

/* Finds the server without asking it: --server, RENGA_SERVER, `client: {server}` of the
 * configuration file, <runtime>/orchestrator.addr, http://127.0.0.1:9080. */
int session_find_server(struct session *session);

/* One request; the answer must be cleared whatever is returned. */
int session_request(struct session *session, const char *method, const char *path,
	const json_t *body, struct client_answer *answer);
/* The same with a document's text. */
int session_send(struct session *session, const char *method, const char *path,
	const char *type, const char *text, size_t len, struct client_answer *answer);
/* GET of server-sent events behind number last_id, until one side ends it. */
int session_stream(struct session *session, const char *path, const char *last_id,
	client_stream_cb *cb, void *arg);
/* A resource; new reference. A collection is read page by page. */
int session_get(struct session *session, const char *path, json_t **json);

/* "<base>/<id, percent-encoded><tail>" into buf, which it returns. */
const char *session_path(
	char buf[SESSION_PATH], const char *base, const char *id, const char *tail);
/* Path and query of a Location or Link that may be a whole URL. */
const char *session_local(const char *url);

/* Prints what is in session->err and session->faults; returns the exit status. */
int session_fail(struct session *session);
/* The same with the lines of the document that the paths lead into; doc may be null. */
int session_fail_in(struct session *session, const char *file, const struct doc *doc);
/* Sets the error as err_set() does, prints it, and returns the exit status. */
int session_refuse(struct session *session, enum err_code code, const char *hint,
	const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/* As session_refuse() for a wrong command line: status 2. */
int session_usage(struct session *session, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#endif
