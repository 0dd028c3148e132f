/* command.c: the table of commands, finding one, and its help. */
#include "cli/command.h"

#include <string.h>
#include "common/field.h"

#define COMMANDS_MAX 64
#define LIFECYCLE    (OPT(FILE) | OPT(SET) | OPT(WAIT) | OPT(DRY_RUN))

static bool is_noun(const char *word);
static void print_usage(const struct command *command, FILE *file);
static void print_options(unsigned options, FILE *file);

const struct command command_table[] = {
	{NULL, "up", "", "start the platform on this machine",
		OPT(CORES) | OPT(IO_CORES) | OPT(MEMORY) | OPT(LISTEN), 0, 0, {0}, cmd_up,
		NULL},
	{NULL, "down", "", "end the platform on this machine, and all that runs on it", 0,
		0, 0, {0}, cmd_down, NULL},
	{NULL, "status", "", "what of the platform runs", 0, 0, 0, {0}, cmd_status, NULL},
	{NULL, "doctor", "",
		"look for what is wrong, count every packet buffer, say what to do", 0, 0,
		0, {0}, cmd_doctor, NULL},
	{NULL, "apply", "", "make a chain run as its file says",
		OPT(FILE) | OPT(WAIT) | OPT(DRY_RUN), 0, 0, {0}, cmd_apply, NULL},
	{NULL, "diff", "", "what apply would change", OPT(FILE), 0, 0, {0}, cmd_diff,
		NULL},
	{NULL, "validate", "", "every fault of a file", OPT(FILE), 0, 0, {0},
		cmd_validate, NULL},
	{NULL, "delete", "[KIND] NAME...",
		"end a chain and remove it, or remove another thing", OPT(WAIT), 1, 64,
		{"chains", "chains"}, cmd_delete, NULL},
	{NULL, "get", "KIND [NAME...]", "list things", OPT(WATCH), 1, 64, {"kinds"},
		cmd_get, NULL},
	{NULL, "describe", "KIND NAME", "all that is known of one thing", 0, 2, 2,
		{"kinds"}, cmd_describe, NULL},
	{NULL, "top", "[CHAIN]", "rates, drops, busy share and latency of every hop",
		OPT(COUNT) | OPT(INTERVAL), 0, 1, {"chains"}, cmd_top, NULL},
	{NULL, "logs", "VNF", "what a VNF wrote", OPT(FOLLOW) | OPT(LINES), 1, 1,
		{"vnfs"}, cmd_logs, NULL},
	{NULL, "events", "", "what happened", OPT(FOLLOW), 0, 0, {0}, cmd_events, NULL},
	{NULL, "explain", "TYPE[.MEMBER...]", "what may be configured", 0, 0, 1,
		{"types"}, cmd_explain, NULL},
	{"ns", "create", "NSD NAME", "make an NS instance of a descriptor", 0, 2, 2,
		{"nsds"}, cmd_ns_create, NULL},
	{"ns", "instantiate", "NS", "start it; the file names ports and configurations",
		LIFECYCLE, 1, 1, {"ns"}, cmd_ns_task, "instantiate"},
	{"ns", "scale", "NS", "as the file says", LIFECYCLE, 1, 1, {"ns"}, cmd_ns_task,
		"scale"},
	{"ns", "heal", "NS", "repair it", LIFECYCLE, 1, 1, {"ns"}, cmd_ns_task, "heal"},
	{"ns", "update", "NS", "as the file says", LIFECYCLE, 1, 1, {"ns"}, cmd_ns_task,
		"update"},
	{"ns", "terminate", "NS", "end it", LIFECYCLE, 1, 1, {"ns"}, cmd_ns_task,
		"terminate"},
	{"vnf", "create", "VNFD NAME", "make a VNF instance that belongs to no service",
		0, 2, 2, {"packages"}, cmd_vnf_create, NULL},
	{"vnf", "instantiate", "VNF", "start such a one; the file names its ports",
		LIFECYCLE, 1, 1, {"vnfs"}, cmd_vnf_task, "instantiate"},
	{"vnf", "delete", "VNF", "remove such a one", OPT(WAIT), 1, 1, {"vnfs"},
		cmd_vnf_delete, NULL},
	{"vnf", "configure", "VNF", "change its configuration while it runs", LIFECYCLE,
		1, 1, {"vnfs"}, cmd_vnf_configure, NULL},
	{"vnf", "scale", "VNF out|in|N", "one replica more or less, or N", LIFECYCLE, 2,
		2, {"vnfs"}, cmd_vnf_task, "scale"},
	{"vnf", "heal", "VNF", "replace its processes", LIFECYCLE, 1, 1, {"vnfs"},
		cmd_vnf_task, "heal"},
	{"vnf", "operate", "VNF start|stop", "start or stop it", LIFECYCLE, 2, 2,
		{"vnfs"}, cmd_vnf_task, "operate"},
	{"vnf", "upgrade", "VNF VNFD", "go on with another package", LIFECYCLE, 2, 2,
		{"vnfs", "packages"}, cmd_vnf_task, "change_vnfpkg"},
	{"vnf", "flavour", "VNF default|dedicated",
		"share its core, or have it for itself", LIFECYCLE, 2, 2,
		{"vnfs", "flavours"}, cmd_vnf_task, "change_flavour"},
	{"vnf", "connect", "VNF", "give a connection point that leads out another port",
		LIFECYCLE, 1, 1, {"vnfs"}, cmd_vnf_task, "change_ext_conn"},
	{"vnf", "move", "VNF CORE", "go on on another core", LIFECYCLE, 2, 2, {"vnfs"},
		cmd_vnf_move, NULL},
	{"vnf", "query", "VNF WHAT [NAME=VALUE...]",
		"ask it: sessions and other questions that its type knows", 0, 2, 64,
		{"vnfs"}, cmd_vnf_query, NULL},
	{"vnf", "explain-packet", "VNF PACKET",
		"what a firewall would do with \"tcp 10.0.0.5:1234 > 192.0.2.1:80\"", 0,
		2, 2, {"vnfs"}, cmd_vnf_explain_packet, NULL},
	{"vnf", "shadowed", "VNF",
		"rules of a firewall that never match or change nothing", 0, 1, 1,
		{"vnfs"}, cmd_vnf_shadowed, NULL},
	{"vnf", "reset-counters", "VNF [RULE]", "have its counters begin anew", 0, 1, 2,
		{"vnfs"}, cmd_vnf_reset_counters, NULL},
	{"vnf", "terminate", "VNF", "end it", LIFECYCLE, 1, 1, {"vnfs"}, cmd_vnf_task,
		"terminate"},
	{"op", "show", "OP", "one operation, with the time of each step", 0, 1, 1,
		{"ops"}, cmd_op_show, NULL},
	{"op", "watch", "OP", "wait until it has ended", OPT(WAIT), 1, 1, {"ops"},
		cmd_op_watch, NULL},
	{"op", "retry", "OP", "try again what failed", OPT(WAIT), 1, 1, {"ops"},
		cmd_op_task, "retry"},
	{"op", "rollback", "OP", "undo what was done", OPT(WAIT), 1, 1, {"ops"},
		cmd_op_task, "rollback"},
	{"op", "continue", "OP", "go on with a failed operation of a service", OPT(WAIT),
		1, 1, {"ops"}, cmd_op_task, "continue"},
	{"op", "fail", "OP", "give up and leave what there is", OPT(WAIT), 1, 1, {"ops"},
		cmd_op_task, "fail"},
	{"op", "cancel", "OP [force]", "stop after the step under way, or within it",
		OPT(WAIT), 1, 2, {"ops"}, cmd_op_task, "cancel"},
	{"subscription", "create", "API URI",
		"have the URI told what happens: nslcm, vnflcm, nsd, vnfpkgm, nsfm or vnffm",
		OPT(FILE) | OPT(SET), 2, 2, {"apis"}, cmd_subscription_create, NULL},
	{"subscription", "show", "SUBSCRIPTION", "all that is known of it", 0, 1, 1,
		{"subscriptions"}, cmd_subscription_show, NULL},
	{"subscription", "delete", "SUBSCRIPTION", "tell its URI no more", 0, 1, 1,
		{"subscriptions"}, cmd_subscription_delete, NULL},
	{"notification", "retry", "NOTIFICATION", "try again one that was given up", 0, 1,
		1, {"notifications"}, cmd_notification_retry, NULL},
	{"notification", "delete", "NOTIFICATION", "forget one that was given up", 0, 1,
		1, {"notifications"}, cmd_notification_delete, NULL},
	{"project", "set", "NAME [QUOTA=N...]",
		"make it, or limit its services, vnfs, memoryMiB or cores; none: no limit",
		0, 1, 5, {"projects"}, cmd_project_set, NULL},
	{"project", "show", "NAME", "what its services have, and may have", 0, 1, 1,
		{"projects"}, cmd_project_show, NULL},
	{"project", "delete", "NAME", "remove one that has nothing any more", 0, 1, 1,
		{"projects"}, cmd_project_delete, NULL},
	{NULL, "version", "", "of this program and of the platform", 0, 0, 0, {0},
		cmd_version, NULL},
	{NULL, "completion", "SHELL", "a script for bash, zsh or fish", 0, 1, 1,
		{"shells"}, cmd_completion, NULL},
	{NULL, "help", "[COMMAND]", "this list, or one command", 0, 0, 2, {0}, cmd_help,
		NULL},
	{0},
};

const struct command *
command_find(int argc, char **argv, int at, int *n_words, struct err *err)
{
	const char *names[COMMANDS_MAX + 1] = {0};
	const char *first = at < argc ? argv[at] : "",
		   *second = at + 1 < argc ? argv[at + 1] : "";
	const bool noun = is_noun(first);
	char hint[64];
	unsigned n = 0;
	for (const struct command *command = command_table; command->verb; command++) {
		const bool mine =
			noun ? command->noun && strcmp(command->noun, first) == 0
			     : !command->noun;
		if (!mine)
			continue;
		names[n++] = command->verb;
		if (strcmp(command->verb, noun ? second : first) == 0) {
			*n_words = noun ? 2 : 1;
			return command;
		}
	}
	const char *nearest = field_nearest(noun ? second : first, names);
	snprintf(hint, sizeof(hint), nearest ? "did you mean '%s'?" : "see 'renga help'",
		nearest);
	if (noun && !*second)
		err_set(err, ERR_INVALID, NULL, "see 'renga help'",
			"'renga %s' needs a verb", first);
	else
		err_set(err, ERR_INVALID, NULL, hint, "there is no command '%s%s%s'",
			first, noun ? " " : "", noun ? second : "");
	return NULL;
}

static bool
is_noun(const char *word)
{
	for (const struct command *command = command_table; command->verb; command++)
		if (command->noun && strcmp(command->noun, word) == 0)
			return true;
	return false;
}

void
command_list(FILE *file)
{
	struct output_grid grid = {.n_columns = 2};
	fputs("usage: renga [OPTION...] COMMAND [WORD...]\n\n", file);
	for (const struct command *command = command_table; command->verb; command++) {
		output_grid_add(&grid, "%s%s%s%s%s", command->noun ? command->noun : "",
			command->noun ? " " : "", command->verb,
			*command->words ? " " : "", command->words);
		output_grid_add(&grid, "%s", command->help);
	}
	output_grid_print(&grid, file, 2, false);
	fputs("\nEvery command takes:\n", file);
	print_options(OPTS_ALWAYS, file);
	fputs("\nNames, ids and unique beginnings of them are understood everywhere. See "
	      "renga(1).\n",
		file);
}

void
command_help(const struct command *command, FILE *file)
{
	print_usage(command, file);
	fprintf(file, "\n%s\n\n", command->help);
	print_options(command->options | OPTS_ALWAYS, file);
}

static void
print_usage(const struct command *command, FILE *file)
{
	fprintf(file, "usage: renga %s%s%s", command->noun ? command->noun : "",
		command->noun ? " " : "", command->verb);
	if (*command->words)
		fprintf(file, " %s", command->words);
	for (int i = OPTS_GLOBAL; i < OPTS; i++) {
		const struct opt_info *info = &opt_table[i];
		if (!(command->options & 1u << i))
			continue;
		if (info->letter)
			fprintf(file, " [-%c%s%s]", info->letter, info->arg ? " " : "",
				info->arg ? info->arg : "");
		else
			fprintf(file, " [--%s%s%s%s]", info->name,
				info->optional ? "[="
				: info->arg    ? " "
					       : "",
				info->arg ? info->arg : "", info->optional ? "]" : "");
	}
	fputc('\n', file);
}

static void
print_options(unsigned options, FILE *file)
{
	struct output_grid grid = {.n_columns = 2};
	for (int i = 0; i < OPTS; i++) {
		const struct opt_info *info = &opt_table[i];
		if (!(options & 1u << i))
			continue;
		const char letter[] = {'-', info->letter, ',', ' ', '\0'};
		output_grid_add(&grid, "%s--%s%s%s%s", info->letter ? letter : "    ",
			info->name,
			info->optional ? "[="
			: info->arg    ? " "
				       : "",
			info->arg ? info->arg : "", info->optional ? "]" : "");
		output_grid_add(&grid, "%s", info->help);
	}
	output_grid_print(&grid, file, 2, false);
}
