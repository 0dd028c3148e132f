/* op.c: `renga op ...`: operation occurrences. */
#include <string.h>
#include "cli/command.h"
#include "cli/kind.h"
#include "cli/wait.h"

int
cmd_op_show(struct session *session)
{
	json_t *item;
	if (kind_get(session, kind_find("ops"), session->args.pos[0], &item, NULL))
		return session_fail(session);
	if (!output_tree(&session->out, item))
		output_describe(&session->out, item);
	json_decref(item);
	return EXIT_DONE;
}

int
cmd_op_watch(struct session *session)
{
	char path[SESSION_PATH];
	unsigned seconds;
	json_t *item;
	if (args_number(&session->args, OPT_WAIT, 1, WAIT_DEFAULT_S, &seconds,
		    &session->err)) {
		session_fail(session);
		return EXIT_USAGE;
	}
	if (kind_get(session, kind_find("ops"), session->args.pos[0], &item, path))
		return session_fail(session);
	json_decref(item);
	const int status = wait_occurrence(session, path, session->args.pos[0], seconds);
	if (status == EXIT_DONE)
		fprintf(session->out.file, "COMPLETED\n");
	return status;
}

int
cmd_op_task(struct session *session)
{
	struct client_answer answer;
	char base[SESSION_PATH], path[SESSION_PATH + 64];
	json_t *item;
	if (kind_get(session, kind_find("ops"), session->args.pos[0], &item, base))
		return session_fail(session);
	json_decref(item);
	snprintf(path, sizeof(path), "%s/%s", base, session->command->task);
	const bool force = session->args.n_pos > 1;
	if (force && strcmp(session->args.pos[1], "force") != 0)
		return session_usage(session, "what else? The one word is 'force'");
	json_t *body = strcmp(session->command->task, "cancel") == 0
			       ? json_pack("{s:s}", "cancelMode",
					 force ? "FORCEFUL" : "GRACEFUL")
			       : NULL;
	const int rc = session_request(session, "POST", path, body, &answer);
	json_decref(body);
	client_answer_clear(&answer);
	if (rc)
		return session_fail(session);
	unsigned seconds;
	if (args_number(&session->args, OPT_WAIT, 0, WAIT_DEFAULT_S, &seconds,
		    &session->err)) {
		session_fail(session);
		return EXIT_USAGE;
	}
	if (!session->args.value[OPT_WAIT] || !seconds)
		return EXIT_DONE;
	return wait_occurrence(session, base, session->args.pos[0], seconds);
}
