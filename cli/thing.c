/* thing.c: see thing.h. */
#include "cli/thing.h"

#include <stdio.h>
#include <string.h>
#include "cli/exit.h"

int
thing_show(struct session *session, const struct kind *kind, const char *word)
{
	json_t *item;
	if (kind_get(session, kind, word, &item, NULL))
		return session_fail(session);
	if (session->out.format == OUTPUT_NAME)
		fprintf(session->out.file, "%s\n", kind_label(kind, item));
	else if (!output_tree(&session->out, item))
		output_describe(&session->out, item);
	json_decref(item);
	return EXIT_DONE;
}

int
thing_request(struct session *session, const struct kind *kind, const char *method,
	const char *tail, const char *done)
{
	struct client_answer answer;
	char path[SESSION_PATH], asked[SESSION_PATH + 32], name[128];
	json_t *item;
	if (kind_locate(session, kind, session->args.pos[0], &item, path))
		return session_fail(session);
	snprintf(name, sizeof(name), "%s", kind_label(kind, item));
	json_decref(item);
	snprintf(asked, sizeof(asked), "%s%s", path, tail);
	const int rc = session_request(session, method, asked, NULL, &answer);
	client_answer_clear(&answer);
	if (rc)
		return session_fail(session);
	if (session->out.format == OUTPUT_TABLE)
		fprintf(session->out.file, "%s %s\n", name, done);
	return EXIT_DONE;
}
