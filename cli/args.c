/* args.c: getopt_long(3) driven by the table of options. */
#include "cli/args.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "common/field.h"

#define LONG_BASE 256 /* getopt's value of option i is LONG_BASE + i */

static unsigned fill_long(unsigned allowed, struct option *list);
static void fill_short(unsigned allowed, bool until_word, char *text);
static int take(struct args *args, int got, unsigned allowed);
static int refuse(char **argv, unsigned allowed, int got, struct err *err);

const struct opt_info opt_table[OPTS] = {
	[OPT_OUTPUT] = {'o', "output", "FORMAT", false, "table wide json yaml name",
		"how to print: table, wide, json, yaml or name"},
	[OPT_NO_HEADERS] = {0, "no-headers", NULL, false, NULL,
		"tables without their first line"},
	[OPT_SERVER] = {0, "server", "URL", false, NULL,
		"the orchestrator: http://HOST:PORT, https://... or unix:PATH"},
	[OPT_TOKEN] = {0, "token", "TOKEN", false, NULL, "the credential"},
	[OPT_HELP] = {'h', "help", NULL, false, NULL, "what a command does"},
	[OPT_WAIT] = {0, "wait", "SECONDS", true, NULL,
		"until the operation has ended; 0: do not wait"},
	[OPT_WATCH] = {'w', "watch", NULL, false, NULL, "again every second"},
	[OPT_FILE] = {'f', "file", "FILE", false, NULL,
		"YAML or JSON; - is standard input"},
	[OPT_DRY_RUN] = {0, "dry-run", NULL, false, NULL, "only say what would be done"},
	[OPT_SET] = {0, "set", "PATH=VALUE", false, NULL,
		"one member; the value is YAML or JSON; may be repeated"},
	[OPT_FOLLOW] = {'f', "follow", NULL, false, NULL, "go on with what comes"},
	[OPT_LINES] = {'n', "lines", "N", false, NULL, "so many lines from the end; 100"},
	[OPT_COUNT] = {'n', "count", "N", false, NULL, "so many times, then end"},
	[OPT_INTERVAL] = {'i', "interval", "MS", false, NULL,
		"milliseconds between two readings; 1000"},
	[OPT_CORES] = {0, "cores", "LIST", false, NULL,
		"cores for packets, as in 0,2-5; all"},
	[OPT_IO_CORES] = {0, "io-cores", "LIST", false, NULL,
		"those of them whose I/O workers serve ports; the first"},
	[OPT_MEMORY] = {0, "memory", "MIB", false, NULL,
		"huge-page memory for packets; 512"},
	[OPT_LISTEN] = {0, "listen", "ADDRESS", false, NULL,
		"where the API listens; 127.0.0.1:9080"},
};

int
args_parse(int argc, char **argv, int first, unsigned allowed, bool until_word,
	struct args *args, struct err *err)
{
	struct option list[OPTS + 1] = {0};
	char letters[3 * OPTS + 3];
	int got;
	fill_long(allowed, list);
	fill_short(allowed, until_word, letters);
	opterr = 0;
	optind = 0; /* begins anew */
	argv += first - 1;
	argc -= first - 1;
	while ((got = getopt_long(argc, argv, letters, list, NULL)) != -1) {
		if (got == '?' || got == ':')
			return refuse(argv, allowed, got, err);
		if (take(args, got, allowed))
			return err_set(err, ERR_INVALID, NULL, NULL,
				"--set is given more than %d times", ARGS_MAX_SETS);
	}
	return optind + first - 1;
}

static unsigned
fill_long(unsigned allowed, struct option *list)
{
	unsigned n = 0;
	for (int i = 0; i < OPTS; i++) {
		const struct opt_info *info = &opt_table[i];
		if (allowed & 1u << i)
			list[n++] = (struct option){info->name,
				!info->arg	 ? no_argument
				: info->optional ? optional_argument
						 : required_argument,
				NULL, LONG_BASE + i};
	}
	return n;
}

static void
fill_short(unsigned allowed, bool until_word, char *text)
{
	if (until_word)
		*text++ = '+';
	*text++ = ':';
	for (int i = 0; i < OPTS; i++) {
		if (!(allowed & 1u << i) || !opt_table[i].letter)
			continue;
		*text++ = opt_table[i].letter;
		if (opt_table[i].arg)
			*text++ = ':';
	}
	*text = '\0';
}

static int
take(struct args *args, int got, unsigned allowed)
{
	int i = got - LONG_BASE;
	if (i < 0)
		for (i = 0; !(allowed & 1u << i) || opt_table[i].letter != got;)
			i++;
	args->value[i] = optarg ? optarg : "";
	if (i != OPT_SET)
		return 0;
	if (args->n_sets == ARGS_MAX_SETS)
		return -1;
	args->set[args->n_sets++] = optarg;
	return 0;
}

static int
refuse(char **argv, unsigned allowed, int got, struct err *err)
{
	const char *names[OPTS + 1] = {0};
	const char *word = argv[optind - 1];
	unsigned n = 0;
	char hint[64] = "";
	if (got == ':')
		return err_set(
			err, ERR_INVALID, NULL, NULL, "option '%s' needs a value", word);
	if (optopt >= LONG_BASE)
		return err_set(
			err, ERR_INVALID, NULL, NULL, "option '%s' takes no value", word);
	if (optopt)
		return err_set(
			err, ERR_INVALID, NULL, NULL, "unknown option '-%c'", optopt);
	for (int i = 0; i < OPTS; i++)
		if (allowed & 1u << i)
			names[n++] = opt_table[i].name;
	const char *nearest = field_nearest(word + strspn(word, "-"), names);
	if (nearest)
		snprintf(hint, sizeof(hint), "did you mean '--%s'?", nearest);
	return err_set(err, ERR_INVALID, NULL, hint, "unknown option '%s'", word);
}

int
args_number(const struct args *args, enum opt opt, unsigned min, unsigned dflt,
	unsigned *value, struct err *err)
{
	const char *text = args->value[opt];
	*value = dflt;
	if (!text || !*text)
		return 0;
	char *end;
	const unsigned long number = strtoul(text, &end, 10);
	if (*end || *text == '-' || number < min || number > 1000000000)
		return err_set(err, ERR_INVALID, NULL, NULL,
			"--%s must be a whole number, at least %u, not '%s'",
			opt_table[opt].name, min, text);
	*value = number;
	return 0;
}
