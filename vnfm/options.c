/* options.c: see options.h. */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include "vnfm/options.h"
#include "vnfm/spares.h"

#define MEMORY_MIB     512
#define MEMORY_MIN_MIB 64
#define MEMORY_MAX_MIB (1u << 20)
#define SPARES	       2
#define CRASH_S	       30
#define CRASH_MAX_S    86400

enum {
	OPT_SOCKET = 256,
	OPT_LISTEN,
	OPT_TLS_CERT,
	OPT_TLS_KEY,
	OPT_TOKEN_FILE,
	OPT_CORES,
	OPT_IO_CORE,
	OPT_MEMORY,
	OPT_CRASH_WINDOW,
	OPT_SPARES,
	OPT_LOG_LEVEL,
	OPT_WITH_HOST,
	OPT_PRINT_LIFECYCLE,
	OPT_HELP,
	OPT_VERSION,
};

static const struct option long_options[] = {
	{"socket", required_argument, NULL, OPT_SOCKET},
	{"listen", required_argument, NULL, OPT_LISTEN},
	{"tls-cert", required_argument, NULL, OPT_TLS_CERT},
	{"tls-key", required_argument, NULL, OPT_TLS_KEY},
	{"token-file", required_argument, NULL, OPT_TOKEN_FILE},
	{"cores", required_argument, NULL, OPT_CORES},
	{"io-cores", required_argument, NULL, OPT_IO_CORE},
	{"io-core", required_argument, NULL, OPT_IO_CORE},
	{"memory", required_argument, NULL, OPT_MEMORY},
	{"crash-window", required_argument, NULL, OPT_CRASH_WINDOW},
	{"spares", required_argument, NULL, OPT_SPARES},
	{"log-level", required_argument, NULL, OPT_LOG_LEVEL},
	{"with-host", no_argument, NULL, OPT_WITH_HOST},
	{"print-lifecycle", no_argument, NULL, OPT_PRINT_LIFECYCLE},
	{"help", no_argument, NULL, OPT_HELP},
	{"version", no_argument, NULL, OPT_VERSION},
	{0},
};

static int parse_option(
	int option, const char *value, struct options *options, struct err *err);
static int parse_number(const char *name, const char *text, long least, long most,
	long *number, struct err *err);
static int check(struct options *options, struct err *err);

int
options_parse(int argc, char **argv, struct options *options, struct err *err)
{
	*options = (struct options){.io_core = -1,
		.memory_mib = MEMORY_MIB,
		.crash_window_ms = CRASH_S * 1000,
		.spares = SPARES,
		.log_level = LOG_LEVEL_INFO};
	optind = 1;
	opterr = 0;
	for (int c; (c = getopt_long(argc, argv, "n", long_options, NULL)) != -1;) {
		if (c == '?')
			return err_set(err, ERR_INVALID, NULL,
				"renga-vnfm --help lists them",
				"there is no option '%s', or its value is missing",
				argv[optind - 1]);
		int rc = parse_option(c, optarg, options, err);
		if (rc != 0)
			return rc;
	}
	if (optind < argc)
		return err_set(err, ERR_INVALID, NULL,
			"renga-vnfm --help lists the options", "'%s' is no option",
			argv[optind]);
	return check(options, err);
}

const char *
options_usage(void)
{
	return "usage: renga-vnfm [options]\n"
	       "The VNF manager of a host: turns the wanted VNFs, ports and links into "
	       "processes\n"
	       "and wiring, and keeps them so.\n"
	       "  --socket PATH      serve there (default: <run-time "
	       "directory>/vnfm.sock)\n"
	       "  --listen ADDR:PORT serve on TCP too; needs --token-file, and TLS if "
	       "ADDR is\n"
	       "                     not of this machine\n"
	       "  --tls-cert FILE    certificate (PEM)\n"
	       "  --tls-key FILE     its key (PEM)\n"
	       "  --token-file FILE  the bearer token that TCP clients must have\n"
	       "  --cores LIST       CPUs of the platform (default: all), for example "
	       "0,2-3\n"
	       "  --io-cores LIST    the CPUs that move packets of ports, an I/O worker "
	       "each\n"
	       "                     (default: the first)\n"
	       "  --memory MiB       huge-page memory of the dataplane (default: 512)\n"
	       "  --crash-window S   five deaths in so many seconds are a crash loop "
	       "(default: 30;\n"
	       "                     0: never)\n"
	       "  --spares N         processes that wait to become a VNF at once (default: "
	       "2)\n"
	       "  --with-host        SIGTERM ends VNFs and dataplane too; without it "
	       "they go on\n"
	       "                     and the next renga-vnfm adopts them\n"
	       "  --log-level LEVEL  error, warn, info, debug\n"
	       "  --print-lifecycle  print the table of states and events of a VNF and "
	       "exit\n"
	       "  -n                 check options and exit\n"
	       "  --help, --version\n";
}

static int
parse_option(int option, const char *value, struct options *options, struct err *err)
{
	long number = 0;
	int rc = 0;
	switch (option) {
	case OPT_SOCKET:
		options->socket = value;
		break;
	case OPT_LISTEN:
		options->listen = value;
		break;
	case OPT_TLS_CERT:
		options->tls_cert = value;
		break;
	case OPT_TLS_KEY:
		options->tls_key = value;
		break;
	case OPT_TOKEN_FILE:
		options->token_file = value;
		break;
	case OPT_CORES:
		return cores_parse(value, &options->cores, err);
	case OPT_IO_CORE:
		return cores_parse(value, &options->io_cores, err);
	case OPT_MEMORY:
		rc = parse_number(
			"--memory", value, MEMORY_MIN_MIB, MEMORY_MAX_MIB, &number, err);
		options->memory_mib = (unsigned)number;
		break;
	case OPT_CRASH_WINDOW:
		rc = parse_number("--crash-window", value, 0, CRASH_MAX_S, &number, err);
		options->crash_window_ms = (unsigned)number * 1000;
		break;
	case OPT_SPARES:
		rc = parse_number("--spares", value, 0, SPARES_MAX, &number, err);
		options->spares = (unsigned)number;
		break;
	case OPT_LOG_LEVEL:
		if (log_level_parse(value, &options->log_level) != 0)
			return err_set(err, ERR_INVALID, "--log-level", NULL,
				"the log levels are error, warn, info, debug");
		break;
	case OPT_WITH_HOST:
		options->with_host = true;
		break;
	default:
		options->mode = option == 'n'			? OPTIONS_CHECK
				: option == OPT_HELP		? OPTIONS_HELP
				: option == OPT_PRINT_LIFECYCLE ? OPTIONS_PRINT_LIFECYCLE
								: OPTIONS_VERSION;
	}
	return rc;
}

static int
parse_number(const char *name, const char *text, long least, long most, long *number,
	struct err *err)
{
	char *end;
	*number = strtol(text, &end, 10);
	if (end != text && *end == '\0' && *number >= least && *number <= most)
		return 0;
	return err_set(err, ERR_INVALID, name, NULL, "%s takes a number from %ld to %ld",
		name, least, most);
}

static int
check(struct options *options, struct err *err)
{
	if (options->cores.n == 0)
		cores_online(&options->cores);
	const int rc = cores_check(&options->cores, "--cores", err);
	if (rc)
		return rc;
	if (options->io_cores.n == 0)
		options->io_cores =
			(struct cores){.n = 1, .cpus = {options->cores.cpus[0]}};
	for (unsigned i = 0; i < options->io_cores.n; i++)
		if (!cores_has(&options->cores, options->io_cores.cpus[i]))
			return err_set(err, ERR_INVALID, "--io-cores", NULL,
				"CPU %d is not among --cores", options->io_cores.cpus[i]);
	options->io_core = options->io_cores.cpus[0];
	bool local = options->listen != NULL &&
		     (strncmp(options->listen, "127.", 4) == 0 ||
			     strncmp(options->listen, "[::1]", 5) == 0);
	if (options->listen != NULL && options->token_file == NULL)
		return err_set(err, ERR_INVALID, "--listen", "give --token-file FILE",
			"serving on TCP needs a token");
	if (options->listen != NULL && !local && options->tls_cert == NULL)
		return err_set(err, ERR_INVALID, "--listen",
			"give --tls-cert and --tls-key",
			"serving beyond this machine needs TLS");
	return 0;
}
