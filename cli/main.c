/* main.c: renga, the command line: finds the command, reads its options, runs it. */
#include <signal.h>
#include <stdio.h>
#include <unistd.h>
#include "cli/command.h"
#include "common/heap.h"

static int run(struct session *session, int argc, char **argv);
static int prepare(struct session *session, int argc, char **argv, int first);
static int count_words(struct session *session);

int
main(int argc, char **argv)
{
	struct session session = {.out = {.file = stdout, .headers = true}};
	heap_for_one_task();
	signal(SIGPIPE, SIG_DFL);
	session.out.terminal = isatty(STDOUT_FILENO);
	int status = run(&session, argc, argv);
	if (fflush(stdout) != 0 && status == EXIT_DONE)
		status = session_refuse(
			&session, ERR_INTERNAL, NULL, "cannot write the output");
	session_close(&session);
	return status;
}

static int
run(struct session *session, int argc, char **argv)
{
	int n_words;
	const int first = args_parse(
		argc, argv, 1, OPTS_ALWAYS, true, &session->args, &session->err);
	if (first < 0) {
		session_fail(session);
		return EXIT_USAGE;
	}
	if (first == argc) {
		command_list(session->args.value[OPT_HELP] ? stdout : stderr);
		return session->args.value[OPT_HELP] ? EXIT_DONE : EXIT_USAGE;
	}
	session->command = command_find(argc, argv, first, &n_words, &session->err);
	if (!session->command) {
		session_fail(session);
		return EXIT_USAGE;
	}
	const int status = prepare(session, argc, argv, first + n_words);
	if (status != EXIT_DONE)
		return status;
	if (session->args.value[OPT_HELP]) {
		command_help(session->command, stdout);
		return EXIT_DONE;
	}
	return count_words(session) ? EXIT_USAGE : session->command->run(session);
}

static int
prepare(struct session *session, int argc, char **argv, int first)
{
	struct args *args = &session->args;
	const int rest = args_parse(argc, argv, first,
		session->command->options | OPTS_ALWAYS, false, args, &session->err);
	if (rest < 0) {
		session_fail(session);
		return EXIT_USAGE;
	}
	args->pos = (const char *const *)argv + rest;
	args->n_pos = argc - rest;
	session->out.headers = !args->value[OPT_NO_HEADERS];
	if (args->value[OPT_OUTPUT] &&
		output_format_parse(args->value[OPT_OUTPUT], &session->out.format))
		return session_usage(session,
			"-o is one of table, wide, json, yaml and name, not '%s'",
			args->value[OPT_OUTPUT]);
	return EXIT_DONE;
}

static int
count_words(struct session *session)
{
	const struct command *command = session->command;
	const unsigned n = session->args.n_pos;
	if (n >= command->min && n <= command->max)
		return 0;
	session_usage(session,
		n < command->min ? "something is missing" : "'%s' is too much",
		n < command->min ? "" : session->args.pos[command->max]);
	command_help(command, stderr);
	return -1;
}
