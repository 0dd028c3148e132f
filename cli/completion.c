/* completion.c: `renga completion`: scripts for shells, made from the tables of commands,
 * options and kinds. */
#include <stdio.h>
#include <string.h>
#include "cli/command.h"
#include "cli/kind.h"

static void print_bash(FILE *file);
static void print_zsh(FILE *file);
static void print_fish(FILE *file);
static void print_bash_options(FILE *file);
static void print_bash_values(FILE *file);
static void print_bash_words(FILE *file);
static void print_first_words(FILE *file, const char *noun);
static void print_candidates(FILE *file, const char *what);
static void print_fish_options(FILE *file, const char *condition, unsigned options);
static void print_fish_words(FILE *file, const struct command *command);

static const struct {
	const char *name;
	void (*print)(FILE *file);
} shells[] = {{"bash", print_bash}, {"zsh", print_zsh}, {"fish", print_fish}};

int
cmd_completion(struct session *session)
{
	for (size_t i = 0; i < sizeof(shells) / sizeof(shells[0]); i++) {
		if (strcmp(session->args.pos[0], shells[i].name) == 0) {
			shells[i].print(session->out.file);
			return EXIT_DONE;
		}
	}
	return session_usage(
		session, "shells are bash, zsh and fish, not '%s'", session->args.pos[0]);
}

/* "ns create", "get" */
static void
print_name(FILE *file, const struct command *command)
{
	fprintf(file, "%s%s%s", command->noun ? command->noun : "",
		command->noun ? " " : "", command->verb);
}

static void
print_bash(FILE *file)
{
	fputs("# Completion for renga; load it by: source <(renga completion bash)\n"
	      "_renga_options() {\n\tcase $1 in\n",
		file);
	print_bash_options(file);
	fputs("\tesac\n}\n\n_renga_values() {\n\tcase $1 in\n", file);
	print_bash_values(file);
	fputs("\t*) return 1 ;;\n\tesac\n}\n\n"
	      "# $1: the words so far, without options; $2: the second of them\n"
	      "_renga_words() {\n\tcase $1 in\n",
		file);
	print_bash_words(file);
	fputs("\tesac\n}\n\n"
	      "_renga() {\n"
	      "\tlocal cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} "
	      "words=() i list\n"
	      "\tfor ((i = 1; i < COMP_CWORD; i++)); do\n"
	      "\t\t[[ ${COMP_WORDS[i]} == -* ]] || words+=(\"${COMP_WORDS[i]}\")\n"
	      "\tdone\n"
	      "\tif list=$(_renga_values \"$prev\"); then\n"
	      "\t\t[ -n \"$list\" ] || { COMPREPLY=($(compgen -f -- \"$cur\")); return; "
	      "}\n"
	      "\telif [[ $cur == -* ]]; then\n"
	      "\t\tlist=$(_renga_options \"${words[*]}\")\n"
	      "\telse\n"
	      "\t\tlist=$(_renga_words \"${words[*]}\" \"${words[1]:-}\" 2>/dev/null)\n"
	      "\tfi\n"
	      "\tCOMPREPLY=($(compgen -W \"$list\" -- \"$cur\"))\n"
	      "}\n"
	      "complete -F _renga renga\n",
		file);
}

static void
print_zsh(FILE *file)
{
	fputs("#compdef renga\nautoload -U +X compinit bashcompinit && compinit && "
	      "bashcompinit\n",
		file);
	print_bash(file);
}

static void
print_bash_options(FILE *file)
{
	for (const struct command *command = command_table; command->verb; command++) {
		fputs("\t\"", file);
		print_name(file, command);
		fputs("\"*) echo", file);
		for (int i = 0; i < OPTS; i++)
			if ((command->options | OPTS_ALWAYS) & 1u << i)
				fprintf(file, " --%s", opt_table[i].name);
		fputs(" ;;\n", file);
	}
}

/* What may follow an option that takes a value; nothing printed stands for a file. */
static void
print_bash_values(FILE *file)
{
	for (int i = 0; i < OPTS; i++) {
		const struct opt_info *info = &opt_table[i];
		if (info->values)
			fprintf(file, "\t-%c | --%s) echo %s ;;\n", info->letter,
				info->name, info->values);
	}
	fprintf(file, "\t-%c | --%s) ;;\n", opt_table[OPT_FILE].letter,
		opt_table[OPT_FILE].name);
}

static void
print_bash_words(FILE *file)
{
	fputs("\t\"\") echo", file);
	print_first_words(file, NULL);
	fputs(" ;;\n", file);
	for (const struct command *command = command_table; command->verb; command++) {
		const bool first = command->noun &&
				   (command == command_table || !command[-1].noun ||
					   strcmp(command[-1].noun, command->noun) != 0);
		if (first) {
			fprintf(file, "\t\"%s\") echo", command->noun);
			print_first_words(file, command->noun);
			fputs(" ;;\n", file);
		}
		if (!command->complete[0])
			continue;
		fputs("\t\"", file);
		print_name(file, command);
		fputs("\") ", file);
		print_candidates(file, command->complete[0]);
		fputs(" ;;\n", file);
		if (strcmp(command->complete[0], "kinds") != 0 && !command->complete[1])
			continue;
		fputs("\t\"", file);
		print_name(file, command);
		fputs(" \"*) ", file);
		print_candidates(file, command->complete[1]);
		fputs(" ;;\n", file);
	}
}

/* The verbs of a noun; with null, the verbs that stand alone, and the nouns. */
static void
print_first_words(FILE *file, const char *noun)
{
	const char *last = "";
	for (const struct command *command = command_table; command->verb; command++) {
		if (noun && command->noun && strcmp(noun, command->noun) == 0)
			fprintf(file, " %s", command->verb);
		if (noun)
			continue;
		const char *word = command->noun ? command->noun : command->verb;
		if (strcmp(word, last) != 0)
			fprintf(file, " %s", word);
		last = word;
	}
}

/* A shell command that prints them. Null: names of the kind that stands before. */
static void
print_candidates(FILE *file, const char *what)
{
	if (!what) {
		fputs("renga get \"$2\" -o name", file);
	} else if (strcmp(what, "shells") == 0) {
		fputs("echo", file);
		for (size_t i = 0; i < sizeof(shells) / sizeof(shells[0]); i++)
			fprintf(file, " %s", shells[i].name);
	} else if (strcmp(what, "apis") == 0) {
		fputs("echo nslcm vnflcm nsd vnfpkgm nsfm vnffm", file);
	} else if (strcmp(what, "flavours") == 0) {
		fputs("echo default dedicated", file);
	} else if (strcmp(what, "kinds") == 0) {
		fputs("echo", file);
		for (const struct kind *kind = kind_table; kind->name; kind++)
			fprintf(file, " %s", kind->name);
	} else {
		fprintf(file, "renga get %s -o name", what);
	}
}

static void
print_fish(FILE *file)
{
	fputs("# Completion for renga; load it by: renga completion fish | source\n"
	      "function __renga_words\n"
	      "\tset -l words (commandline -opc)\n"
	      "\tstring match -v -- '-*' $words[2..-1]\n"
	      "end\n"
	      "function __renga_at\n"
	      "\ttest (string join ' ' (__renga_words)) = \"$argv\"\n"
	      "end\n"
	      "function __renga_in\n"
	      "\tstring match -q -- \"$argv*\" (string join ' ' (__renga_words))\n"
	      "end\n"
	      "complete -c renga -f\n",
		file);
	print_fish_options(file, "true", OPTS_ALWAYS);
	for (const struct command *command = command_table; command->verb; command++) {
		char condition[64];
		if (command->noun)
			fprintf(file, "complete -c renga -n '__renga_at \"\"' -a %s\n",
				command->noun);
		fprintf(file, "complete -c renga -n '__renga_at \"%s\"' -a %s -d '%s'\n",
			command->noun ? command->noun : "", command->verb, command->help);
		snprintf(condition, sizeof(condition), "__renga_in \"%s%s%s\"",
			command->noun ? command->noun : "", command->noun ? " " : "",
			command->verb);
		print_fish_options(file, condition, command->options);
		print_fish_words(file, command);
	}
}

static void
print_fish_options(FILE *file, const char *condition, unsigned options)
{
	for (int i = 0; i < OPTS; i++) {
		const struct opt_info *info = &opt_table[i];
		if (!(options & 1u << i))
			continue;
		fprintf(file, "complete -c renga -n '%s' -l %s", condition, info->name);
		if (info->letter)
			fprintf(file, " -s %c", info->letter);
		if (info->arg)
			fputs(i == OPT_FILE ? " -r -F" : " -x", file);
		if (info->values)
			fprintf(file, " -a '%s'", info->values);
		fprintf(file, " -d '%s'\n", info->help);
	}
}

static void
print_fish_words(FILE *file, const struct command *command)
{
	const char *what = command->complete[0];
	if (!what)
		return;
	fputs("complete -c renga -n '__renga_at \"", file);
	print_name(file, command);
	fputs("\"' -a '(", file);
	print_candidates(file, what);
	fputs(" | string split \" \")'\n", file);
	if (strcmp(what, "kinds") != 0)
		return;
	fputs("complete -c renga -n '__renga_in \"", file);
	print_name(file, command);
	fputs(" \"' -a '(renga get (__renga_words)[2] -o name)'\n", file);
}
