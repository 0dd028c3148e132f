/* main.c: renga-vnf, the process around one VNF. It loads the type as a plug-in, attaches
 * to the dataplane as a DPDK secondary, and runs the packet loop in this thread; a second
 * thread answers its socket. Without a dataplane it describes types and judges
 * configurations.
 */
#include <errno.h>
#include <getopt.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sched.h>
#include <string.h>
#include <unistd.h>
#include "common/child.h"
#include "common/dirs.h"
#include "common/doc.h"
#include "common/heap.h"
#include "common/log.h"
#include "common/priority.h"
#include "dataplane/runtime/plugin.h"
#include "dataplane/runtime/run.h"

enum exit_code {
	EXIT_DONE = 0,
	EXIT_OTHER = 1,
	EXIT_USAGE = 2,
	EXIT_UNKNOWN = 3,
	EXIT_BAD_INPUT = 6
};

enum mode { MODE_RUN, MODE_SPARE, MODE_DESCRIBE, MODE_CHECK, MODE_LIST };

struct options {
	enum mode mode;
	const char *type, *id, *name, *slot, *shm, *core, *socket, *config, *plugins,
		*log_level, *lcore, *job, *turn;
};

static const char usage[] =
	"usage: renga-vnf --type TYPE --id ID --name NAME --slot N --shm ADDRESS --core "
	"CPU\n"
	"                 --socket PATH --config FILE [--lcore N] [--turn N] "
	"[--plugins DIR] [--log-level LEVEL] [-n]\n"
	"       renga-vnf --spare --shm ADDRESS --lcore N [--job=ROOM]\n"
	"                                       attaches, and waits for a job on standard "
	"input (docs/southbound.md)\n"
	"       renga-vnf --describe TYPE       prints the type's manifest (JSON)\n"
	"       renga-vnf --check TYPE FILE     judges a configuration (YAML or JSON, - "
	"is stdin):\n"
	"                                       {\"faults\": [...], \"stateSize\": "
	"bytes}; exit 0 or 6\n"
	"       renga-vnf --list                prints the known types\n"
	"       renga-vnf --help | --version\n"
	"  -n       only checks --config\n"
	"\n"
	"All but the packet loop runs on the CPUs that it is started on.\n";

static int parse(int argc, char **argv, struct options *options);
static int describe(const char *dir, const char *name);
static int check(const char *dir, const char *name, const char *file);
static int list(const char *dir);
static int run(const char *dir, const struct options *options);
static int spare(const char *dir, const struct options *options, int argc, char **argv);
static int read_options(const struct options *options, struct attach_spec *spec,
	struct job *job, struct err *err);
static int read_attach(
	const struct options *options, struct attach_spec *spec, struct err *err);
static int fail(const struct err *err);

int
main(int argc, char **argv)
{
	struct options options = {0};
	enum log_level level = LOG_LEVEL_INFO;
	char dir[PATH_MAX];
	int rc = parse(argc, argv, &options);

	if (rc >= 0)
		return rc;
	if (options.log_level != NULL &&
		log_level_parse(options.log_level, &level) != 0) {
		fprintf(stderr, "renga-vnf: no log level is called '%s'\n",
			options.log_level);
		return EXIT_USAGE;
	}
	log_open("renga-vnf", level);
	if (plugin_dir(options.plugins, dir, sizeof(dir)) != 0) {
		fprintf(stderr,
			"renga-vnf: the name of the plug-ins' directory is too long\n");
		return EXIT_USAGE;
	}
	switch (options.mode) {
	case MODE_DESCRIBE:
		return describe(dir, options.type);
	case MODE_CHECK:
		return check(dir, options.type, options.config);
	case MODE_LIST:
		return list(dir);
	case MODE_SPARE:
		return spare(dir, &options, argc, argv);
	default:
		return run(dir, &options);
	}
}

/* ---- command line ------------------------------------------------------------------ */

enum {
	OPT_TYPE = 256,
	OPT_ID,
	OPT_NAME,
	OPT_SLOT,
	OPT_SHM,
	OPT_CORE,
	OPT_SOCKET,
	OPT_CONFIG,
	OPT_PLUGINS,
	OPT_LOG_LEVEL,
	OPT_LCORE,
	OPT_JOB,
	OPT_TURN,
	OPT_SPARE,
	OPT_DESCRIBE,
	OPT_CHECK,
	OPT_LIST,
	OPT_HELP,
	OPT_VERSION
};

static const struct option long_options[] = {
	{"type", required_argument, NULL, OPT_TYPE},
	{"id", required_argument, NULL, OPT_ID},
	{"name", required_argument, NULL, OPT_NAME},
	{"slot", required_argument, NULL, OPT_SLOT},
	{"shm", required_argument, NULL, OPT_SHM},
	{"core", required_argument, NULL, OPT_CORE},
	{"socket", required_argument, NULL, OPT_SOCKET},
	{"config", required_argument, NULL, OPT_CONFIG},
	{"plugins", required_argument, NULL, OPT_PLUGINS},
	{"log-level", required_argument, NULL, OPT_LOG_LEVEL},
	{"lcore", required_argument, NULL, OPT_LCORE},
	{"job", required_argument, NULL, OPT_JOB},
	{"turn", required_argument, NULL, OPT_TURN},
	{"spare", no_argument, NULL, OPT_SPARE},
	{"describe", required_argument, NULL, OPT_DESCRIBE},
	{"check", required_argument, NULL, OPT_CHECK},
	{"list", no_argument, NULL, OPT_LIST},
	{"help", no_argument, NULL, OPT_HELP},
	{"version", no_argument, NULL, OPT_VERSION},
	{0},
};

static int parse_rest(struct options *options, int argc, char **argv);

/* -1: go on as the options say; else exit with that code. */
static int
parse(int argc, char **argv, struct options *o)
{
	const char **const texts[] = {&o->type, &o->id, &o->name, &o->slot, &o->shm,
		&o->core, &o->socket, &o->config, &o->plugins, &o->log_level, &o->lcore,
		&o->job, &o->turn};
	int c;

	while ((c = getopt_long(argc, argv, "n", long_options, NULL)) != -1) {
		if (c >= OPT_TYPE && c <= OPT_TURN) {
			*texts[c - OPT_TYPE] = optarg;
			continue;
		}
		switch (c) {
		case OPT_DESCRIBE:
		case OPT_CHECK:
			o->mode = c == OPT_CHECK ? MODE_CHECK : MODE_DESCRIBE;
			o->type = optarg;
			break;
		case 'n':
			o->mode = MODE_CHECK;
			break;
		case OPT_SPARE:
			o->mode = MODE_SPARE;
			break;
		case OPT_LIST:
			o->mode = MODE_LIST;
			break;
		case OPT_HELP:
			fputs(usage, stdout);
			return EXIT_DONE;
		case OPT_VERSION:
			printf("renga-vnf %s\n", RENGA_VERSION);
			return EXIT_DONE;
		default:
			fputs(usage, stderr);
			return EXIT_USAGE;
		}
	}
	return parse_rest(o, argc, argv);
}

static int
parse_rest(struct options *o, int argc, char **argv)
{
	const bool complete = o->type != NULL && o->id != NULL && o->name != NULL &&
			      o->slot != NULL && o->shm != NULL && o->core != NULL &&
			      o->socket != NULL && o->config != NULL;

	if (o->mode == MODE_CHECK && optind < argc && o->config == NULL)
		o->config = argv[optind++];
	if (optind == argc &&
		(o->mode == MODE_LIST || (o->mode == MODE_DESCRIBE && o->type != NULL) ||
			(o->mode == MODE_CHECK && o->type != NULL && o->config != NULL) ||
			(o->mode == MODE_SPARE && o->shm != NULL && o->lcore != NULL) ||
			(o->mode == MODE_RUN && complete)))
		return -1;
	fputs(usage, stderr);
	return EXIT_USAGE;
}

/* A number in any base, at most max. */
static int
parse_number(const char *option, const char *text, uint64_t max, uint64_t *value,
	struct err *err)
{
	char *end;
	const unsigned long long n = strtoull(text, &end, 0);

	if (end == text || *end != '\0' || text[0] == '-' || n > max)
		return err_set(err, ERR_INVALID, option, NULL,
			"'%s' is no number up to %lu", text, max);
	*value = n;
	return 0;
}

/* ---- without a dataplane ----------------------------------------------------------- */

static int
describe(const char *dir, const char *name)
{
	const struct vnf_type *type;
	struct err err;
	json_t *manifest;

	if (plugin_load(dir, name, &type, &err) != 0)
		return fail(&err);
	manifest = vnf_manifest(type);
	json_dumpf(manifest, stdout, JSON_INDENT(2));
	printf("\n");
	json_decref(manifest);
	return EXIT_DONE;
}

static int
check(const char *dir, const char *name, const char *file)
{
	const struct vnf_type *type;
	struct faults faults = {0};
	struct err err;
	struct doc *doc = NULL;
	void *config = NULL;
	json_t *verdict;
	int rc;

	heap_for_one_task();
	if (plugin_load(dir, name, &type, &err) != 0)
		return fail(&err);
	priority_set_low(); /* VNFs may be at work on this machine */
	rc = doc_read(file, 0, &doc, &err);
	if (rc != 0)
		faults_add_err(&faults, &err);
	else
		rc = vnf_config_parse(type, doc_root(doc), &config, &faults);
	verdict = json_pack("{s:o}", "faults", faults_to_json(&faults));
	if (rc == 0)
		json_object_set_new(verdict, "stateSize",
			json_integer(type->state_size != NULL
					     ? (json_int_t)type->state_size(config)
					     : 0));
	json_dumpf(verdict, stdout, JSON_INDENT(2));
	printf("\n");
	json_decref(verdict);
	vnf_config_free(type, config);
	doc_close(doc);
	faults_clear(&faults);
	return rc == 0 ? EXIT_DONE : EXIT_BAD_INPUT;
}

static int
list(const char *dir)
{
	json_t *types = plugin_list(dir), *type;
	size_t i;

	json_array_foreach (types, i, type)
		printf("%s\n", json_string_value(type));
	json_decref(types);
	return EXIT_DONE;
}

/* ---- as a VNF ---------------------------------------------------------------------- */

static int
run(const char *dir, const struct options *options)
{
	struct run_host host = {.leash = -1};
	struct attach_spec spec;
	struct jobs jobs = {.n = 1};
	struct err err = {0};
	int rc = read_options(options, &spec, &jobs.list[0], &err);

	if (rc == 0)
		rc = attach(&spec, &host.shm, &err);
	if (rc != 0) {
		child_ready(&err);
		return fail(&err);
	}
	host.lcore = spec.lcore;
	return run_jobs(&host, dir, &jobs, &err) == 0 ? EXIT_DONE : fail(&err);
}

/* Attached already, it waits for something to be. */
static int
spare(const char *dir, const struct options *options, int argc, char **argv)
{
	struct run_host host = {.leash = STDIN_FILENO};
	struct attach_spec spec;
	struct jobs jobs = {0};
	struct err err = {0};
	int rc = read_attach(options, &spec, &err);

	if (rc == 0)
		rc = attach(&spec, &host.shm, &err);
	if (rc == 0)
		rc = jobs_read(STDIN_FILENO, &jobs, &err);
	if (rc == err_errno(ERR_UNAVAILABLE) && host.shm != NULL)
		return EXIT_DONE;
	if (rc != 0) {
		child_ready(&err);
		return fail(&err);
	}
	jobs_show(&jobs, argc, argv);
	host.lcore = spec.lcore;
	rc = run_jobs(&host, dir, &jobs, &err);
	jobs_free(&jobs);
	return rc == 0 ? EXIT_DONE : fail(&err);
}

static int
read_options(const struct options *options, struct attach_spec *spec, struct job *job,
	struct err *err)
{
	uint64_t slot, core, turn = 0;
	int rc = parse_number("--slot", options->slot, SHM_SLOTS - 1, &slot, err);

	if (rc == 0)
		rc = parse_number("--core", options->core, CPU_SETSIZE - 1, &core, err);
	if (rc == 0 && options->turn != NULL)
		rc = parse_number("--turn", options->turn, UINT32_MAX, &turn, err);
	if (rc == 0)
		rc = read_attach(options, spec, err);
	if (rc != 0)
		return rc;
	if (options->lcore == NULL)
		spec->lcore = SHM_LCORE_BASE + (unsigned)slot;
	*job = (struct job){.type = options->type,
		.id = options->id,
		.name = options->name,
		.slot = (unsigned)slot,
		.core = (unsigned)core,
		.turn = (uint32_t)turn,
		.empty = true,
		.socket = options->socket,
		.config = options->config};
	return 0;
}

static int
read_attach(const struct options *options, struct attach_spec *spec, struct err *err)
{
	uint64_t lcore = 0;
	int rc = parse_number("--shm", options->shm, UINT64_MAX, &spec->shm, err);

	if (rc == 0 && options->lcore != NULL)
		rc = parse_number(
			"--lcore", options->lcore, RTE_MAX_LCORE - 1, &lcore, err);
	spec->lcore = (unsigned)lcore;
	return rc;
}

static int
fail(const struct err *err)
{
	log_error("cannot start", "error=\"%s\" path=\"%s\" hint=\"%s\"", err->text,
		err->path, err->hint);
	switch (err->code) {
	case ERR_NOT_FOUND:
		return EXIT_UNKNOWN;
	case ERR_INVALID:
	case ERR_MALFORMED:
		return EXIT_BAD_INPUT;
	default:
		return EXIT_OTHER;
	}
}
