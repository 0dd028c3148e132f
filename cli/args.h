/* args.h: the command line as a checked struct: every option that there is, in one table.
 */
#ifndef CLI_ARGS_H
#define CLI_ARGS_H

#include <stdbool.h>
#include "common/err.h"

enum opt {
	OPT_OUTPUT, /* the global ones first: every command takes them */
	OPT_NO_HEADERS,
	OPT_SERVER,
	OPT_TOKEN,
	OPT_HELP,
	OPTS_GLOBAL,
	OPT_WAIT = OPTS_GLOBAL,
	OPT_WATCH,
	OPT_FILE,
	OPT_DRY_RUN,
	OPT_SET,
	OPT_FOLLOW,
	OPT_LINES,
	OPT_COUNT,
	OPT_INTERVAL,
	OPT_CORES,
	OPT_IO_CORES,
	OPT_MEMORY,
	OPT_LISTEN,
	OPTS
};

#define OPT(o)	    (1u << OPT_##o)
#define OPTS_ALWAYS ((1u << OPTS_GLOBAL) - 1)

struct opt_info {
	char letter; /* 0: none */
	const char *name;
	const char *arg;    /* name of its value; null: takes none */
	bool optional;	    /* the value may be left out: --wait[=SECONDS] */
	const char *values; /* what the value may be, for completion; null: anything */
	const char *help;
};

extern const struct opt_info opt_table[OPTS];

#define ARGS_MAX_SETS 64

struct args {
	const char *value[OPTS];	/* null: not given; "": given without a value */
	const char *set[ARGS_MAX_SETS]; /* every --set */
	unsigned n_sets;
	const char *const *pos; /* what is no option, behind the command's own words */
	unsigned n_pos;
};

/* Reads options from the words from argv[first] on into *args; `allowed` is a set of
 * OPT(). Stops at the first word that is no option if until_word, else sorts such words
 * to the end of argv. Returns the index of the first of them, or a negative errno with
 * err. */
int args_parse(int argc, char **argv, int first, unsigned allowed, bool until_word,
	struct args *args, struct err *err);

/* A whole number of at least `min`; dflt if the option was not given or has no value. */
int args_number(const struct args *args, enum opt opt, unsigned min, unsigned dflt,
	unsigned *value, struct err *err);

#endif
