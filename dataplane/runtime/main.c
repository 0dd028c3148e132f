/* main.c: renga-vnf, the process around one VNF. It loads the type as a plug-in, attaches
 * to the dataplane as a DPDK secondary, and runs the packet loop in this thread; a second
 * thread answers its socket. Without a dataplane it describes types and judges
 * configurations.
 */
#include <getopt.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "common/child.h"
#include "common/dirs.h"
#include "common/doc.h"
#include "common/log.h"
#include "common/priority.h"
#include "dataplane/runtime/attach.h"
#include "dataplane/runtime/control.h"
#include "dataplane/runtime/cpus.h"
#include "dataplane/runtime/instance.h"
#include "dataplane/runtime/plugin.h"

enum exit_code {
	EXIT_DONE = 0,
	EXIT_OTHER = 1,
	EXIT_USAGE = 2,
	EXIT_UNKNOWN = 3,
	EXIT_BAD_INPUT = 6
};

enum mode { MODE_RUN, MODE_DESCRIBE, MODE_CHECK, MODE_LIST };

struct options {
	enum mode mode;
	const char *type, *id, *name, *slot, *shm, *core, *socket, *config, *plugins,
		*log_level, *cores;
};

static const char usage[] =
	"usage: renga-vnf --type TYPE --id ID --name NAME --slot N --shm ADDRESS --core "
	"CPU\n"
	"                 --socket PATH --config FILE [--cores LIST] [--plugins DIR]\n"
	"                 [--log-level LEVEL] [-n]\n"
	"       renga-vnf --describe TYPE       prints the type's manifest (JSON)\n"
	"       renga-vnf --check TYPE FILE     judges a configuration (YAML or JSON, - "
	"is stdin):\n"
	"                                       {\"faults\": [...], \"stateSize\": "
	"bytes}; exit 0 or 6\n"
	"       renga-vnf --list                prints the known types\n"
	"       renga-vnf --help | --version\n"
	"  -n       only checks --config\n"
	"  --cores  where its control thread may run and build configurations\n";

static int parse(int argc, char **argv, struct options *options);
static int describe(const char *dir, const char *name);
static int check(const char *dir, const char *name, const char *file);
static int list(const char *dir);
static int run(const char *dir, const struct options *options);
static int start(const char *dir, const struct options *options, struct control **control,
	struct instance *instance, struct err *err);
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
	OPT_CORES,
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
	{"cores", required_argument, NULL, OPT_CORES},
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
		&o->core, &o->socket, &o->config, &o->plugins, &o->log_level, &o->cores};
	int c;

	while ((c = getopt_long(argc, argv, "n", long_options, NULL)) != -1) {
		if (c >= OPT_TYPE && c <= OPT_CORES) {
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
	static struct instance instance;
	struct control *control = NULL;
	struct err err = {0};
	int rc;

	priority_set(PRIORITY_START); /* the chain waits for us */
	rc = start(dir, options, &control, &instance, &err);

	child_ready(rc == 0 ? NULL : &err);
	if (rc != 0) {
		control_close(control);
		return fail(&err);
	}
	log_info("running", "vnf=%s type=%s slot=%s core=%s", options->name,
		options->type, options->slot, options->core);
	if (instance.slot->spin_budget_ns !=
		UINT32_MAX) /* one that never sleeps would starve all */
		priority_set(PRIORITY_WORKER);
	rc = worker_run(&instance.worker);
	log_info("ended", "vnf=%s drained=%s", options->name, rc == 0 ? "yes" : "no");
	if (!control_close(control))
		_exit(EXIT_DONE); /* nobody waits for a configuration */
	instance_close(&instance);
	return EXIT_DONE;
}

static int
start(const char *dir, const struct options *options, struct control **control,
	struct instance *instance, struct err *err)
{
	uint64_t slot_index, shm, core;
	const struct vnf_type *type;
	struct faults faults = {0};
	struct shm_host *host = NULL;
	struct shm_slot *slot = NULL;
	struct doc *doc = NULL;
	cpu_set_t cpus;
	int rc = parse_number("--slot", options->slot, SHM_SLOTS - 1, &slot_index, err);

	if (rc == 0)
		rc = parse_number("--shm", options->shm, UINT64_MAX, &shm, err);
	if (rc == 0)
		rc = parse_number("--core", options->core, CPU_SETSIZE - 1, &core, err);
	if (rc == 0)
		rc = plugin_load(dir, options->type, &type, err);
	if (rc == 0 && options->cores != NULL)
		rc = cpus_parse(options->cores, &cpus, err);
	if (rc == 0)
		rc = doc_read(options->config, 0, &doc, err);
	if (rc == 0)
		rc = control_open(control, options->socket, err);
	if (rc == 0)
		rc = attach(&(struct attach_spec){.shm = shm,
				    .slot = (unsigned)slot_index,
				    .core = (unsigned)core,
				    .id = options->id,
				    .type = options->type},
			&host, &slot, err);
	if (rc == 0) {
		rc = instance_open(instance, type, host, slot, doc_root(doc), &faults);
		if (rc != 0)
			faults_first(&faults, err);
	}
	faults_clear(&faults);
	doc_close(doc);
	return rc != 0 ? rc
		       : control_start(*control, instance, options->id, host->pid,
				 options->cores != NULL ? &cpus : NULL, err);
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
