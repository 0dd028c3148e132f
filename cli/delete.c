/* delete.c: `renga delete`: a chain by its name, or a thing of another kind. */
#include <string.h>
#include "cli/command.h"
#include "cli/kind.h"
#include "cli/wait.h"

static int delete_one(struct session *session, const struct kind *kind, const char *word);

int
cmd_delete(struct session *session)
{
	const struct args *args = &session->args;
	const struct kind *kind = args->n_pos > 1 ? kind_find(args->pos[0]) : NULL;
	int status = EXIT_DONE;
	for (unsigned i = kind ? 1 : 0; i < args->n_pos && status == EXIT_DONE; i++)
		status = delete_one(
			session, kind ? kind : kind_find("chains"), args->pos[i]);
	return status;
}

int
cmd_vnf_delete(struct session *session)
{
	return delete_one(session, kind_find("vnfs"), session->args.pos[0]);
}

static int
delete_one(struct session *session, const struct kind *kind, const char *word)
{
	struct client_answer answer;
	char path[SESSION_PATH], name[128];
	json_t *item;
	if (kind_get(session, kind, word, &item, path))
		return session_fail(session);
	snprintf(name, sizeof(name), "%s", kind_label(kind, item));
	json_decref(item);
	if (session_request(session, "DELETE", path, NULL, &answer)) {
		client_answer_clear(&answer);
		return session_fail(session);
	}
	const int status = wait_answer(session, &answer, name, true);
	if (status == EXIT_DONE && session->out.format == OUTPUT_TABLE)
		fprintf(session->out.file, "%s deleted\n", name);
	return status;
}
