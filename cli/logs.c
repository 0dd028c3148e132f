/* logs.c: `renga logs` and `renga events`: what was written and what happened. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "cli/command.h"
#include "cli/kind.h"

#define LINES	  100
#define MORE	  1000 /* lines read at a time while following */
#define FOLLOW_US 500000

static int read_log(struct session *session, const char *id, unsigned lines, char **text);
static const char *behind(const char *text, const char *last);
static const char *last_line(const char *text);
static int print_events(struct session *session, json_int_t *after, bool headers);

int
cmd_logs(struct session *session)
{
	unsigned lines;
	json_t *vnf;
	char *text, *before = NULL;
	if (args_number(&session->args, OPT_LINES, 1, LINES, &lines, &session->err)) {
		session_fail(session);
		return EXIT_USAGE;
	}
	if (kind_get(session, kind_find("vnfs"), session->args.pos[0], &vnf, NULL))
		return session_fail(session);
	const char *id = json_string_value(json_object_get(vnf, "id"));
	int rc = read_log(session, id, lines, &text);
	while (!rc) {
		fputs(behind(text, before ? last_line(before) : ""), session->out.file);
		fflush(session->out.file);
		free(before);
		before = text;
		if (!session->args.value[OPT_FOLLOW])
			break;
		usleep(FOLLOW_US);
		rc = read_log(session, id, MORE, &text);
	}
	free(before);
	json_decref(vnf);
	return rc ? session_fail(session) : EXIT_DONE;
}

static int
read_log(struct session *session, const char *id, unsigned lines, char **text)
{
	struct client_answer answer;
	char path[SESSION_PATH], tail[32];
	snprintf(tail, sizeof(tail), "/log?lines=%u", lines);
	session_path(path, "/renga/v1/vnfs", id ? id : "", tail);
	const int rc = session_request(session, "GET", path, NULL, &answer);
	*text = rc ? NULL : strdup(answer.text ? answer.text : "");
	client_answer_clear(&answer);
	return rc;
}

/* What follows the line that was printed last; all if it is no longer there. */
static const char *
behind(const char *text, const char *last)
{
	const size_t len = strlen(last);
	const char *found = NULL;
	for (const char *at = text; len && (at = strstr(at, last)) != NULL; at++)
		if (at == text || at[-1] == '\n')
			found = at;
	return found ? found + len : text;
}

/* With its newline; "" if there is none. */
static const char *
last_line(const char *text)
{
	size_t len = strlen(text);
	if (!len)
		return "";
	len--;
	while (len && text[len - 1] != '\n')
		len--;
	return text + len;
}

int
cmd_events(struct session *session)
{
	json_int_t after = 0;
	int rc = print_events(session, &after, session->out.headers);
	while (!rc && session->args.value[OPT_FOLLOW]) {
		usleep(FOLLOW_US);
		rc = print_events(session, &after, false);
	}
	return rc ? session_fail(session) : EXIT_DONE;
}

/* Those behind number *after, which becomes that of the last. */
static int
print_events(struct session *session, json_int_t *after, bool headers)
{
	const struct kind *kind = kind_find("events");
	struct output out = session->out;
	char path[SESSION_PATH];
	json_t *list, *event;
	size_t i;
	snprintf(path, sizeof(path), "%s?after=%" JSON_INTEGER_FORMAT, kind->paths[0],
		*after);
	const int rc = session_get(session, path, &list);
	if (rc)
		return rc;
	json_array_foreach (list, i, event) {
		const json_int_t seq = json_integer_value(json_object_get(event, "seq"));
		*after = seq > *after ? seq : *after;
	}
	out.headers = headers;
	if ((json_array_size(list) || headers) && !output_tree(&out, list))
		output_table(&out, kind->columns, list);
	fflush(out.file);
	json_decref(list);
	return 0;
}
