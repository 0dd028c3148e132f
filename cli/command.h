/* command.h: every command in one table; from it come parsing, help, and completion. */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include <stdio.h>
#include "cli/session.h"

struct command {
	const char
		*noun; /* "vnf" of `renga vnf configure`; null: the verb stands alone */
	const char *verb;
	const char *words;	 /* what follows, for help: "KIND [NAME...]" */
	const char *help;	 /* one line */
	unsigned options;	 /* set of OPT(), besides the global ones */
	unsigned min, max;	 /* number of words that follow */
	const char *complete[2]; /* what the words are: a kind's plural, "kinds",
				    "shells", "apis"; null: anything */
	int (*run)(struct session *session); /* returns the exit status */
	const char *task; /* of a lifecycle command: the task resource */
};

extern const struct command command_table[]; /* ends with a null verb */

/* The command that argv[at...] names, and how many words name it. Null with err if there
 * is none. */
const struct command *command_find(
	int argc, char **argv, int at, int *n_words, struct err *err);

/* `renga help`, and `renga help COMMAND`. */
void command_list(FILE *file);
void command_help(const struct command *command, FILE *file);

/* What the table points to; each in the file that is named for its verb or noun. */
int cmd_up(struct session *session);
int cmd_down(struct session *session);
int cmd_status(struct session *session);
int cmd_doctor(struct session *session);
int cmd_apply(struct session *session);
int cmd_diff(struct session *session);
int cmd_validate(struct session *session);
int cmd_delete(struct session *session);
int cmd_get(struct session *session);
int cmd_describe(struct session *session);
int cmd_top(struct session *session);
int cmd_logs(struct session *session);
int cmd_events(struct session *session);
int cmd_explain(struct session *session);
int cmd_ns_create(struct session *session);
int cmd_vnf_create(struct session *session);
int cmd_vnf_delete(struct session *session);
int cmd_ns_task(struct session *session);
int cmd_vnf_task(struct session *session);
int cmd_vnf_configure(struct session *session);
int cmd_vnf_move(struct session *session);
int cmd_vnf_query(struct session *session);
int cmd_vnf_explain_packet(struct session *session);
int cmd_vnf_shadowed(struct session *session);
int cmd_vnf_reset_counters(struct session *session);
int cmd_op_show(struct session *session);
int cmd_op_watch(struct session *session);
int cmd_op_task(struct session *session);
int cmd_subscription_create(struct session *session);
int cmd_subscription_show(struct session *session);
int cmd_subscription_delete(struct session *session);
int cmd_notification_retry(struct session *session);
int cmd_notification_delete(struct session *session);
int cmd_project_set(struct session *session);
int cmd_project_show(struct session *session);
int cmd_project_delete(struct session *session);
int cmd_version(struct session *session);
int cmd_completion(struct session *session);
int cmd_help(struct session *session);

#endif
