/* about.c: commands about what there is: `renga explain`, `version`, `help`. */
#include <stdio.h>
#include <string.h>
#include "cli/command.h"
#include "cli/explain.h"
#include "cli/kind.h"

int
cmd_explain(struct session *session)
{
	const struct kind *types = kind_find("types");
	char type[64];
	json_t *manifest;
	if (session->args.n_pos == 0) {
		json_t *list;
		if (kind_list(session, types, &list))
			return session_fail(session);
		if (!output_tree(&session->out, list))
			output_table(&session->out, types->columns, list);
		json_decref(list);
		return EXIT_DONE;
	}
	const char *word = session->args.pos[0];
	const size_t len = strcspn(word, ".");
	snprintf(type, sizeof(type), "%.*s", (int)len, word);
	if (kind_get(session, types, type, &manifest, NULL))
		return session_fail(session);
	const int rc = explain_print(
		&session->out, manifest, word[len] ? word + len + 1 : "", &session->err);
	json_decref(manifest);
	return rc ? session_fail(session) : EXIT_DONE;
}

/* The platform's own version is told where it can be reached. */
int
cmd_version(struct session *session)
{
	json_t *version = json_pack("{s:s}", "renga", RENGA_VERSION), *hosts, *host;
	size_t i;
	if (kind_list(session, kind_find("hosts"), &hosts) == 0) {
		json_array_foreach (hosts, i, host)
			json_object_set(version, kind_label(kind_find("hosts"), host),
				json_object_get(host, "version"));
		json_decref(hosts);
	}
	if (!output_tree(&session->out, version))
		output_describe(&session->out, version);
	json_decref(version);
	return EXIT_DONE;
}

int
cmd_help(struct session *session)
{
	int n_words;
	if (session->args.n_pos == 0) {
		command_list(session->out.file);
		return EXIT_DONE;
	}
	const struct command *command = command_find(session->args.n_pos,
		(char **)session->args.pos, 0, &n_words, &session->err);
	if (!command) {
		session_fail(session);
		return EXIT_USAGE;
	}
	command_help(command, session->out.file);
	return EXIT_DONE;
}
