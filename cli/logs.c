/* logs.c: `renga logs`: what a VNF wrote. */
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
	if (kind_locate(session, kind_find("vnfs"), session->args.pos[0], &vnf, NULL))
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
