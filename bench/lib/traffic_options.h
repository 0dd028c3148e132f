/* traffic_options.h: the options of programs that make the traffic of a generator port,
 * named as in its specification: --size --flows --src
 * --src-flows --dst --dst-nets --dst-mac. */
#ifndef BENCH_LIB_TRAFFIC_OPTIONS_H
#define BENCH_LIB_TRAFFIC_OPTIONS_H

#include <getopt.h>
#include "dataplane/host/traffic.h"

#define TRAFFIC_OPTIONS                                                                  \
	{"size", required_argument, NULL, 's'}, {"flows", required_argument, NULL, 'f'}, \
		{"src", required_argument, NULL, 'a'},                                   \
		{"src-flows", required_argument, NULL, 'p'},                             \
		{"dst", required_argument, NULL, 'b'},                                   \
		{"dst-nets", required_argument, NULL, 'n'},                              \
	{                                                                                \
		"dst-mac", required_argument, NULL, 'm'                                  \
	}

/* What a generator makes that is told nothing. */
void traffic_options_init(struct traffic_spec *spec);
/* Takes over an option of getopt_long(); ends the program with a word if it is none of
 * these, or no value for it. */
void traffic_options_take(struct traffic_spec *spec, int option, const char *value);

#endif
