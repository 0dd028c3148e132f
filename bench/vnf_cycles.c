/* vnf_cycles.c: cycles per packet that a VNF takes for itself: its process() and tick(),
 * 64-byte frames in bursts of 32, one core, tables as cold as random flows make them.
 *
 *	vnf_cycles [--case NAME]... [--packets N] [--set NAME] [--sizes N,N,...] [--json]
 *
 * One JSON object per measurement, in TSC cycles per packet of batches of 256: `cycles`
 *is what one batch in ten stays below (the machine undisturbed), `median` what it was.
 *Every packet must be forwarded, or the program ends with status 1. Sets and prefixes
 *come from $RENGA_DATA (../shared/data); what is not there is skipped with a word.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "bench/lib/cases.h"
#include "bench/lib/rig.h"

static const struct {
	const char *name;
	void (*run)(const struct bench_options *options);
} cases[] = {
	{"router", bench_router},
	{"ipv6-router", bench_router6},
	{"firewall-stateless", bench_firewall_stateless},
	{"firewall-established", bench_firewall_established},
	{"firewall-setup", bench_firewall_setup},
	{"firewall-flood", bench_firewall_flood},
	{"nat-established", bench_nat_established},
	{"nat-setup", bench_nat_setup},
	{"baseline-routes", bench_baseline_routes},
	{"baseline-rules", bench_baseline_rules},
	{"baseline-flows", bench_baseline_flows},
};

static void
read_sizes(struct bench_options *options, char *text)
{
	for (char *word = strtok(text, ","); word != NULL; word = strtok(NULL, ",")) {
		rig_need(options->n_sizes < BENCH_SIZES, "too many sizes");
		options->sizes[options->n_sizes++] = (uint32_t)strtoul(word, NULL, 10);
	}
}

static bool
is_wanted(const char *name, const char *const *wanted, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if (strncmp(name, wanted[i], strlen(wanted[i])) == 0)
			return true;
	return n == 0;
}

int
main(int argc, char **argv)
{
	static const struct option long_options[] = {
		{"case", required_argument, NULL, 'c'},
		{"packets", required_argument, NULL, 'p'},
		{"set", required_argument, NULL, 's'},
		{"sizes", required_argument, NULL, 'n'}, {"json", no_argument, NULL, 'j'},
		{"help", no_argument, NULL, 'h'}, {0}};
	struct bench_options options = {.packets = 1u << 20};
	const char *wanted[16];
	unsigned n_wanted = 0;
	int c;

	while ((c = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
		if (c == 'c' && n_wanted < 16)
			wanted[n_wanted++] = optarg;
		else if (c == 'p')
			options.packets = (uint32_t)strtoul(optarg, NULL, 10);
		else if (c == 's')
			options.set = optarg;
		else if (c == 'n')
			read_sizes(&options, optarg);
		else if (c == 'j')
			continue; /* as it is anyway */
		else {
			fprintf(stderr,
				"usage: vnf_cycles [--case PREFIX]... [--packets "
				"N] [--set CLASSBENCH] [--sizes N,N,...]\ncases:");
			for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
				fprintf(stderr, " %s", cases[i].name);
			fputc('\n', stderr);
			return c == 'h' ? 0 : 2;
		}
	}
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (is_wanted(cases[i].name, wanted, n_wanted))
			cases[i].run(&options);
	return 0;
}
