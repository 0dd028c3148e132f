/* options.c: the command line of renga-dataplane as a checked struct. */
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include "dataplane/host/options.h"

#define MEMORY_MIN 64 /* MiB: what EAL and the shared layout need, and a small pool */
#define MEMORY_MAX 1048576 /* MiB */

static const struct option long_options[] = {
	{"socket", required_argument, NULL, 's'},
	{"memory", required_argument, NULL, 'm'},
	{"cores", required_argument, NULL, 'c'},
	{"io-cores", required_argument, NULL, 'i'},
	{"pci", no_argument, NULL, 'p'},
	{"log-level", required_argument, NULL, 'l'},
	{"ask", required_argument, NULL, 'a'},
	{"check", no_argument, NULL, 'n'},
	{"help", no_argument, NULL, 'h'},
	{"version", no_argument, NULL, 'V'},
	{0},
};

static int take_option(
	struct options *options, int letter, const char *value, struct err *err);
static int take_memory(struct options *options, const char *text, struct err *err);
static int take_cpus(
	struct cores *list, const char *option, const char *text, struct err *err);
static int check_io_cores(struct options *options, struct err *err);

int
options_parse(int argc, char *const *argv, struct options *options, struct err *err)
{
	int letter, rc;

	*options = (struct options){.memory_mib = 512, .log_level = LOG_LEVEL_INFO};
	opterr = 0;
	optind = 1;
	while ((letter = getopt_long(argc, argv, ":hnV", long_options, NULL)) != -1) {
		rc = take_option(options, letter, optarg, err);
		if (rc == -ENOENT)
			return err_set(err, ERR_INVALID, argv[optind - 1], "see --help",
				"there is no such option, or its value is missing");
		if (rc < 0)
			return rc;
	}
	if (optind < argc)
		return err_set(err, ERR_INVALID, argv[optind], "see --help",
			"takes no argument beside its options");
	return check_io_cores(options, err);
}

static int
take_option(struct options *options, int letter, const char *value, struct err *err)
{
	switch (letter) {
	case 's':
		options->socket = value;
		return 0;
	case 'm':
		return take_memory(options, value, err);
	case 'c':
		return take_cpus(&options->cores, "--cores", value, err);
	case 'i':
		return take_cpus(&options->io_cores, "--io-cores", value, err);
	case 'p':
		options->pci = true;
		return 0;
	case 'l':
		if (log_level_parse(value, &options->log_level) == 0)
			return 0;
		return err_set(err, ERR_INVALID, "--log-level",
			"known levels: error, warn, info, debug",
			"there is no level '%s'", value);
	case 'a':
		options->what = OPTIONS_ASK;
		options->ask = value;
		return 0;
	case 'n':
		options->what = OPTIONS_CHECK;
		return 0;
	case 'h':
		options->what = OPTIONS_HELP;
		return 0;
	case 'V':
		options->what = OPTIONS_VERSION;
		return 0;
	}
	return -ENOENT;
}

static int
take_memory(struct options *options, const char *text, struct err *err)
{
	char *end;
	const unsigned long mib = strtoul(text, &end, 10);

	if (end == text || *end != '\0' || mib < MEMORY_MIN || mib > MEMORY_MAX)
		return err_set(err, ERR_INVALID, "--memory", NULL,
			"'%s' is not a number of MiB from %u to %u", text, MEMORY_MIN,
			MEMORY_MAX);
	options->memory_mib = (unsigned)mib;
	return 0;
}

static int
take_cpus(struct cores *list, const char *option, const char *text, struct err *err)
{
	if (cores_parse(text, list, NULL) < 0)
		return err_set(err, ERR_INVALID, option, "examples: 0   0,2   1-3,8",
			"'%s' is not a list of CPU numbers below %u", text, CORES_MAX);
	return 0;
}

static int
check_io_cores(struct options *options, struct err *err)
{
	if (options->io_cores.n > OPTIONS_IO_WORKERS)
		return err_set(err, ERR_INVALID, "--io-cores", NULL,
			"at most %u I/O workers", OPTIONS_IO_WORKERS);
	if (options->cores.n == 0)
		return 0;
	for (unsigned i = 0; i < options->io_cores.n; i++)
		if (!cores_has(&options->cores, options->io_cores.cpus[i]))
			return err_set(err, ERR_INVALID, "--io-cores",
				"I/O cores are some of --cores",
				"CPU %d is not in --cores", options->io_cores.cpus[i]);
	return 0;
}

const char *
options_help(void)
{
	return "usage: renga-dataplane [options]\n"
	       "\n"
	       "The DPDK primary of a host: owns packet memory, ports and links. Started "
	       "by renga-vnfm.\n"
	       "\n"
	       "  --socket PATH      control socket (default "
	       "$RENGA_RUNTIME_DIR/dataplane.sock)\n"
	       "  --memory MIB       packet memory, of 2 MiB huge pages (default 512)\n"
	       "  --cores LIST       CPUs of the platform (default: all)\n"
	       "  --io-cores LIST    CPUs of the I/O workers (default: the first of "
	       "--cores)\n"
	       "  --pci              also take the NICs that are bound to a user-space "
	       "driver\n"
	       "  --log-level LEVEL  error, warn, info (default), debug\n"
	       "  --ask JSON         send a request to a running dataplane, print its "
	       "reply\n"
	       "  -n, --check        judge the options and the huge pages, and exit\n"
	       "  -h, --help         this text\n"
	       "      --version      the version\n";
}
