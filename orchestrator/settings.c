/* settings.c: options of renga-orchestrator. */
#include "orchestrator/settings.h"

#include <getopt.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "common/dirs.h"
#include "common/doc.h"
#include "common/field.h"

enum { OPT_LISTEN = 256, OPT_DB, OPT_CERT, OPT_KEY, OPT_VNFM, OPT_LEVEL, OPT_VERSION };

/* The file's form; the command line sets the same members. */
struct form {
	char *listen, *db, *tls_cert, *tls_key, *vnfm, *log_level;
};

static const struct field fields[] = {
	{.name = "listen",
		.type = FIELD_STRING,
		.offset = offsetof(struct form, listen),
		.help = "address of the REST API"},
	{.name = "db",
		.type = FIELD_STRING,
		.offset = offsetof(struct form, db),
		.help = "file of the store"},
	{.name = "tls-cert",
		.type = FIELD_STRING,
		.offset = offsetof(struct form, tls_cert),
		.help = "certificate, PEM"},
	{.name = "tls-key",
		.type = FIELD_STRING,
		.offset = offsetof(struct form, tls_key),
		.help = "its key, PEM"},
	{.name = "vnfm",
		.type = FIELD_STRING,
		.offset = offsetof(struct form, vnfm),
		.help = "URL of the VNF manager"},
	{.name = "log-level",
		.type = FIELD_STRING,
		.offset = offsetof(struct form, log_level),
		.help = "error, warn, info or debug"},
	{0},
};

static const struct option options[] = {
	{"listen", required_argument, NULL, OPT_LISTEN},
	{"db", required_argument, NULL, OPT_DB},
	{"tls-cert", required_argument, NULL, OPT_CERT},
	{"tls-key", required_argument, NULL, OPT_KEY},
	{"vnfm", required_argument, NULL, OPT_VNFM},
	{"log-level", required_argument, NULL, OPT_LEVEL},
	{"config", required_argument, NULL, 'c'},
	{"check", no_argument, NULL, 'n'},
	{"help", no_argument, NULL, 'h'},
	{"version", no_argument, NULL, OPT_VERSION},
	{0},
};

static const char usage[] =
	"usage: renga-orchestrator [options]\n"
	"  --listen ADDRESS    REST API (127.0.0.1:9080; port 0: any)\n"
	"  --db FILE           store (<state directory>/renga.db)\n"
	"  --vnfm URL          VNF manager (unix:<run-time directory>/vnfm.sock)\n"
	"  --tls-cert FILE     serve HTTPS with this certificate (PEM) ...\n"
	"  --tls-key FILE      ... and its key\n"
	"  -c, --config FILE   YAML: orchestrator: {listen: ..., db: ...}\n"
	"  -n, --check         check the configuration and exit\n"
	"  --log-level LEVEL   error, warn, info or debug\n"
	"  --help, --version\n";

static enum settings_wish read_options(
	int argc, char **argv, struct form *form, const char **file, struct err *err);
static int read_file(const char *file, struct form *form, struct err *err);
static void set(char **member, const char *value);
static int settle(const struct form *from_file, const struct form *given,
	struct settings *settings, struct err *err);
static char *choose(const char *given, const char *from_file, const char *dflt);

enum settings_wish
settings_read(int argc, char **argv, struct settings *settings, struct err *err)
{
	struct form given = {0}, from_file = {0};
	const char *file = NULL;
	enum settings_wish wish = read_options(argc, argv, &given, &file, err);
	*settings = (struct settings){.log_level = LOG_LEVEL_INFO};
	if (wish == SETTINGS_HELP)
		fputs(usage, stdout);
	else if (wish == SETTINGS_VERSION)
		puts("renga-orchestrator " RENGA_VERSION);
	else if (wish != SETTINGS_WRONG &&
		 (read_file(file, &from_file, err) ||
			 settle(&from_file, &given, settings, err)))
		wish = SETTINGS_WRONG;
	field_clear(fields, &given);
	field_clear(fields, &from_file);
	if (wish == SETTINGS_WRONG)
		settings_clear(settings);
	return wish;
}

void
settings_clear(struct settings *settings)
{
	free(settings->listen);
	free(settings->db);
	free(settings->tls_cert);
	free(settings->tls_key);
	free(settings->vnfm);
	*settings = (struct settings){0};
}

static enum settings_wish
read_options(int argc, char **argv, struct form *form, const char **file, struct err *err)
{
	char **const members[] = {&form->listen, &form->db, &form->tls_cert,
		&form->tls_key, &form->vnfm, &form->log_level};
	enum settings_wish wish = SETTINGS_RUN;
	int option;
	while ((option = getopt_long(argc, argv, "c:nh", options, NULL)) != -1) {
		if (option >= OPT_LISTEN && option <= OPT_LEVEL)
			set(members[option - OPT_LISTEN], optarg);
		else if (option == 'c')
			*file = optarg;
		else if (option == 'n')
			wish = SETTINGS_CHECK;
		else if (option == 'h')
			return SETTINGS_HELP;
		else if (option == OPT_VERSION)
			return SETTINGS_VERSION;
		else
			optind = argc + 1;
	}
	if (optind == argc)
		return wish;
	err_set(err, ERR_INVALID, NULL, "see --help",
		"the command line is not understood");
	return SETTINGS_WRONG;
}

/* file null: the usual one, which need not exist. */
static int
read_file(const char *file, struct form *form, struct err *err)
{
	struct doc *doc;
	struct faults faults = {0};
	int rc = doc_read(file ? file : dirs_config(), 1 << 20, &doc, err);
	if (rc == err_errno(ERR_NOT_FOUND) && !file)
		return 0;
	if (rc)
		return rc;
	const json_t *section = json_object_get(doc_root(doc), "orchestrator");
	if (section && field_parse(fields, section, "orchestrator", form, sizeof(*form),
			       &faults))
		rc = faults_first(&faults, err);
	faults_clear(&faults);
	doc_close(doc);
	return rc;
}

static int
settle(const struct form *from_file, const struct form *given, struct settings *settings,
	struct err *err)
{
	char db[512], vnfm[512] = "unix:";
	if (dirs_state_path(db, sizeof(db), "renga.db") ||
		dirs_runtime_path(vnfm + 5, sizeof(vnfm) - 5, "vnfm.sock"))
		return err_set(
			err, ERR_INVALID, NULL, NULL, "a directory's name is too long");
	settings->listen = choose(given->listen, from_file->listen, "127.0.0.1:9080");
	settings->db = choose(given->db, from_file->db, db);
	settings->vnfm = choose(given->vnfm, from_file->vnfm, vnfm);
	settings->tls_cert = choose(given->tls_cert, from_file->tls_cert, NULL);
	settings->tls_key = choose(given->tls_key, from_file->tls_key, NULL);
	const char *level = given->log_level ? given->log_level : from_file->log_level;
	if (level && log_level_parse(level, &settings->log_level))
		return err_set(err, ERR_INVALID, "log-level",
			"error, warn, info or debug", "'%s' is no log level", level);
	if (!settings->tls_cert != !settings->tls_key)
		return err_set(err, ERR_INVALID, "tls-cert", "give both or none",
			"a certificate needs its key");
	return 0;
}

static char *
choose(const char *given, const char *from_file, const char *dflt)
{
	const char *value = given ? given : from_file ? from_file : dflt;
	return value ? strdup(value) : NULL;
}

static void
set(char **member, const char *value)
{
	free(*member);
	*member = strdup(value);
}
