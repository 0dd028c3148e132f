/* run_to_completion.c: the baseline of one process without rings: the plug-ins of a chain
 * in one loop on one CPU, each burst through all of them before the next one.
 *
 *	run_to_completion [--seconds S] [--json] [TRAFFIC]... TYPE=CONFIGURATION.json...
 *
 * TRAFFIC: as of a generator port, bench/lib/traffic_options.h.
 *
 * It is the upper bound of what a chain of these functions can do on a CPU: no isolation,
 * no counters of ports, no hand-over, no I/O worker, nobody to be woken, buffers that
 * are always in the cache. Frames are those of the generator port, written by the same
 * code; every packet comes in by the first connection point of each VNF and must be
 * forwarded by all, or the program ends with status 1.
 *
 * One JSON object: cycles per packet of each VNF and of all (medians of batches); mpps:
 * what a CPU that does nothing else can do; mppsWithTraffic: with the making of
 * the frames on it as well, by the clock.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <rte_cycles.h>
#include "bench/lib/rig.h"
#include "bench/lib/traffic_options.h"

#define STAGES 16

struct stage {
	const char *type;
	struct rig *rig;
	struct rig_samples samples;
};

static struct traffic_spec spec;
static double seconds = 1;
static struct stage stages[STAGES];
static unsigned n_stages;
static struct traffic traffic;
static struct traffic_cursor cursor;

static void read_arguments(int argc, char **argv);
static void open_stage(char *arg);
static void run_until(uint64_t n, double until);
static void run_burst(void);
static double now(void);
static void report(double mpps_with_traffic, double tsc_hz);

int
main(int argc, char **argv)
{
	struct err err = {0};
	uint64_t tsc;
	double start;

	traffic_options_init(&spec);
	read_arguments(argc, argv);
	rig_need(traffic_init(&traffic, &spec, 1, &err) == 0, "%s: %s", err.path,
		err.text);
	traffic_seek(&traffic, 0, &cursor);
	run_until((uint64_t)spec.flows + VNF_BURST, 0); /* makes the sessions */
	for (unsigned i = 0; i < n_stages; i++)
		stages[i].samples.n = 0;
	start = now();
	tsc = rte_rdtsc();
	run_until(0, start + seconds);
	const double took = now() - start;

	report((double)stages[0].samples.n * VNF_BURST / took / 1e6,
		(double)(rte_rdtsc() - tsc) / took);
	return 0;
}

static void
read_arguments(int argc, char **argv)
{
	static const struct option options[] = {TRAFFIC_OPTIONS,
		{"seconds", required_argument, NULL, 't'},
		{"json", no_argument, NULL, 'j'}, {0}};
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1)
		if (c == 't')
			seconds = atof(optarg);
		else if (c != 'j') /* JSON it is anyway */
			traffic_options_take(&spec, c, optarg);
	rig_need(optind < argc && argc - optind <= STAGES,
		"one to %d VNFs, TYPE=CONFIGURATION.json", STAGES);
	for (; optind < argc; optind++)
		open_stage(argv[optind]);
}

static void
open_stage(char *arg)
{
	char *file = strchr(arg, '=');
	json_error_t error;
	json_t *config;

	rig_need(file != NULL, "%s: TYPE=CONFIGURATION.json", arg);
	*file++ = '\0';
	config = json_load_file(file, 0, &error);
	rig_need(config != NULL, "%s: %s", file, error.text);
	stages[n_stages].type = arg;
	stages[n_stages++].rig = rig_open(arg, config);
}

/* n packets, or if 0 until a time. */
static void
run_until(uint64_t n, double until)
{
	for (uint64_t done = 0; n > 0 ? done < n : now() < until;)
		for (unsigned i = 0; i < 32; i++, done += VNF_BURST)
			run_burst();
}

static void
run_burst(void)
{
	struct rte_mbuf **pkts = rig_buffers(stages[0].rig, VNF_BURST);
	const uint64_t tsc = rte_rdtsc();

	for (unsigned i = 0; i < VNF_BURST; i++) {
		uint8_t *frame = rte_pktmbuf_mtod(pkts[i], uint8_t *);

		pkts[i]->data_len = traffic_write(&traffic, &cursor, tsc, frame);
		pkts[i]->pkt_len = pkts[i]->data_len;
	}
	for (unsigned i = 0; i < n_stages; i++) {
		struct stage *stage = &stages[i];

		if (i > 0)
			rig_take(stage->rig, stages[i - 1].rig);
		rig_sample(&stage->samples, rig_run(stage->rig, 0, VNF_BURST), VNF_BURST);
		rig_need(rig_forwarded(stage->rig) == VNF_BURST, "%s drops packets: %s",
			stage->type, rig_worst_reason(stage->rig));
	}
}

static double
now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void
report(double mpps_with_traffic, double tsc_hz)
{
	json_t *vnfs = json_array(), *each = json_array();
	double sum = 0;

	for (unsigned i = 0; i < n_stages; i++) {
		const double cycles = rig_result(&stages[i].samples).median;

		json_array_append_new(vnfs, json_string(stages[i].type));
		json_array_append_new(each, json_real(cycles));
		sum += cycles;
	}
	json_t *result = json_pack("{s:s, s:o, s:o, s:f, s:f, s:f}", "bench",
		"run-to-completion", "vnfs", vnfs, "cyclesEach", each, "cycles", sum,
		"mpps", tsc_hz / sum / 1e6, "mppsWithTraffic", mpps_with_traffic);
	json_dumpf(result, stdout, JSON_REAL_PRECISION(6));
	putchar('\n');
	json_decref(result);
}
