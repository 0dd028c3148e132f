/* wait.c: polls an occurrence, quickly at first, and shows how it goes on a terminal. One
 * that takes the server long to answer is asked for less often, so that asking does not
 * hold up what is waited for. */
#include "cli/wait.h"

#include <string.h>
#include <unistd.h>
#include "common/loop.h"

#define POLL_FIRST_MS 10
#define POLL_LAST_MS  250
#define POLL_REST     4	   /* times as long as the answer took, */
#define POLL_REST_MS  1000 /* but no longer */

static unsigned rest_ms(uint64_t took_ms, unsigned pause_ms);
static int report(
	struct session *session, const json_t *occurrence, const char *what, int status);
static void show_progress(const json_t *occurrence, const char *what);
static const char *text_at(const json_t *json, const char *path);

int
wait_answer(struct session *session, struct client_answer *answer, const char *what,
	bool by_default)
{
	const char *given = session->args.value[OPT_WAIT];
	char path[SESSION_PATH] = "";
	unsigned seconds;
	if (args_number(&session->args, OPT_WAIT, 0, WAIT_DEFAULT_S, &seconds,
		    &session->err)) {
		client_answer_clear(answer);
		session_fail(session);
		return EXIT_USAGE;
	}
	if (answer->status == 202 && answer->location)
		snprintf(path, sizeof(path), "%s", session_local(answer->location));
	client_answer_clear(answer);
	if (!*path)
		return EXIT_DONE;
	if (seconds && (given || by_default))
		return wait_occurrence(session, path, what, seconds);
	if (session->out.format == OUTPUT_TABLE || session->out.format == OUTPUT_NAME)
		fprintf(session->out.file, "%s\n", strrchr(path, '/') + 1);
	return EXIT_DONE;
}

int
wait_occurrence(
	struct session *session, const char *path, const char *what, unsigned seconds)
{
	const uint64_t deadline = loop_now_ms() + 1000ull * seconds;
	unsigned pause_ms = POLL_FIRST_MS;
	bool seen = false;
	char brief[SESSION_PATH + 64];
	snprintf(brief, sizeof(brief), "%s?exclude_fields=operationParams", path);
	for (;;) {
		const uint64_t asked_ms = loop_now_ms();
		json_t *occurrence;
		if (session_get(session, brief, &occurrence)) {
			/* What an operation removed may take its occurrence along. */
			return seen && session->err.code == ERR_NOT_FOUND
				       ? EXIT_DONE
				       : session_fail(session);
		}
		seen = true;
		int status = wait_judge(text_at(occurrence, "operationState"));
		if (isatty(STDERR_FILENO))
			show_progress(occurrence, what);
		if (status < 0 && loop_now_ms() >= deadline)
			status = EXIT_TIMEOUT;
		if (status >= 0)
			status = report(session, occurrence, what, status);
		json_decref(occurrence);
		if (status >= 0)
			return status;
		usleep(rest_ms(loop_now_ms() - asked_ms, pause_ms) * 1000);
		pause_ms = pause_ms * 2 < POLL_LAST_MS ? pause_ms * 2 : POLL_LAST_MS;
	}
}

static unsigned
rest_ms(uint64_t took_ms, unsigned pause_ms)
{
	const uint64_t rest = POLL_REST * took_ms;
	if (rest < pause_ms)
		return pause_ms;
	return rest < POLL_REST_MS ? (unsigned)rest : POLL_REST_MS;
}

int
wait_judge(const char *operation_state)
{
	static const char *const bad[] = {"FAILED", "FAILED_TEMP", "ROLLED_BACK"};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (strcmp(operation_state, bad[i]) == 0)
			return EXIT_OPERATION;
	return strcmp(operation_state, "COMPLETED") == 0 ||
			       strcmp(operation_state, "PARTIALLY_COMPLETED") == 0
		       ? EXIT_DONE
		       : -1;
}

static int
report(struct session *session, const json_t *occurrence, const char *what, int status)
{
	const char *state = text_at(occurrence, "operationState");
	const char *id = text_at(occurrence, "id"),
		   *path = text_at(occurrence, "error.path");
	char hint[320];
	if (isatty(STDERR_FILENO))
		fputs("\r\033[K", stderr);
	if (status == EXIT_DONE)
		return status;
	snprintf(hint, sizeof(hint), "%s", text_at(occurrence, "error.hint"));
	if (!*hint)
		snprintf(hint, sizeof(hint), "renga op %s %s",
			status == EXIT_TIMEOUT ? "watch" : "show", id);
	err_set(&session->err, ERR_STATE, path, hint, "%s: the operation %s%s%s", what,
		status == EXIT_TIMEOUT ? "has not ended, it is " : "ended ", state, "");
	const char *detail = text_at(occurrence, "error.detail");
	if (*detail && status == EXIT_OPERATION)
		err_set(&session->err, ERR_STATE, path, hint,
			"%s: the operation ended %s: %s", what, state, detail);
	session_fail(session);
	return status;
}

static void
show_progress(const json_t *occurrence, const char *what)
{
	const json_t *steps = json_object_get(occurrence, "stepTimings");
	const size_t n = json_array_size(steps);
	const char *last = n ? text_at(json_array_get(steps, n - 1), "step") : "";
	fprintf(stderr, "\r\033[K%s: %s, %zu steps done%s%s", what,
		text_at(occurrence, "operationState"), n, n ? ", last: " : "", last);
}

static const char *
text_at(const json_t *json, const char *path)
{
	const char *text = json_string_value(doc_at((json_t *)json, path));
	return text ? text : "";
}
