/* get.c: `renga get` and `renga describe`. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "cli/command.h"
#include "cli/kind.h"
#include "cli/thing.h"

static int get_once(struct session *session, const struct kind *kind);
static int pick_named(struct session *session, const struct kind *kind, json_t **list);
static void print_list(
	const struct session *session, const struct kind *kind, const json_t *list);
static void print_names(
	const struct session *session, const struct kind *kind, const json_t *list);

int
cmd_get(struct session *session)
{
	const struct kind *kind;
	const bool watch = session->args.value[OPT_WATCH];
	if (kind_need(session, session->args.pos[0], &kind)) {
		session_fail(session);
		return EXIT_USAGE;
	}
	int status = get_once(session, kind);
	while (watch && status == EXIT_DONE) {
		sleep(1);
		if (session->out.terminal)
			fputs("\033[H\033[J", session->out.file);
		status = get_once(session, kind);
	}
	return status;
}

static int
get_once(struct session *session, const struct kind *kind)
{
	json_t *list;
	if (kind_list(session, kind, &list))
		return session_fail(session);
	if (session->args.n_pos > 1 && pick_named(session, kind, &list)) {
		json_decref(list);
		return session_fail(session);
	}
	print_list(session, kind, list);
	json_decref(list);
	fflush(session->out.file);
	return EXIT_DONE;
}

/* Leaves in the list what the words name, in their order. */
static int
pick_named(struct session *session, const struct kind *kind, json_t **list)
{
	json_t *picked = json_array(), *item;
	int rc = 0;
	for (unsigned i = 1; i < session->args.n_pos && !rc; i++) {
		rc = kind_pick(kind, *list, session->args.pos[i], &item, &session->err);
		if (!rc)
			json_array_append(picked, item);
	}
	json_decref(*list);
	*list = picked;
	return rc;
}

/* One that was asked for by name is printed as an object, not as a list of one. */
static void
print_list(const struct session *session, const struct kind *kind, const json_t *list)
{
	const bool one = session->args.n_pos == 2 && json_array_size(list) == 1;
	if (session->out.format == OUTPUT_NAME)
		print_names(session, kind, list);
	else if (!output_tree(&session->out, one ? json_array_get(list, 0) : list))
		output_table(&session->out, kind->columns, list);
}

static void
print_names(const struct session *session, const struct kind *kind, const json_t *list)
{
	size_t i;
	json_t *item;
	json_array_foreach (list, i, item)
		fprintf(session->out.file, "%s\n", kind_label(kind, item));
}

int
cmd_describe(struct session *session)
{
	const struct kind *kind;
	if (kind_need(session, session->args.pos[0], &kind)) {
		session_fail(session);
		return EXIT_USAGE;
	}
	return thing_show(session, kind, session->args.pos[1]);
}
