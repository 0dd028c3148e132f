/* catalog.c: manifests are kept; verdicts too, for some seconds, as a configuration is
 * often judged by a check and again when it is put.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "common/dirs.h"
#include "common/field.h"
#include "common/json_text.h"
#include "common/loop.h"
#include "vnfm/catalog.h"
#include "vnfm/run.h"

#define RUN_MS	   60000
#define VERDICTS   64
#define VERDICT_MS 60000 /* that it is kept */

struct verdict {
	uint64_t until_ms;
	char *type;
	json_t *config, *faults;
	uint64_t state_size;
};

struct catalog {
	pthread_mutex_t lock;
	char *program, *dir;
	json_t *manifests; /* by type; replaced as a whole */
	struct verdict verdicts[VERDICTS];
	unsigned next_verdict;
	atomic_uint next_file;
};

static json_t *describe_all(struct catalog *catalog, struct err *err);
static int describe(const struct catalog *catalog, const char *type, json_t **manifest,
	struct err *err);
static int unknown_type(struct catalog *catalog, const char *type, struct err *err);
static bool find_verdict(struct catalog *catalog, const char *type, const json_t *config,
	json_t **faults, uint64_t *state_size);
static void keep_verdict(struct catalog *catalog, const char *type, const json_t *config,
	json_t *faults, uint64_t state_size);
static void drop_verdict(struct verdict *verdict);
static int ask_verdict(struct catalog *catalog, const char *type, const json_t *config,
	json_t **faults, uint64_t *state_size, struct err *err);
static int read_verdict(
	const char *output, json_t **faults, uint64_t *state_size, struct err *err);

struct catalog *
catalog_create(const char *program, const char *dir)
{
	struct catalog *catalog = calloc(1, sizeof(*catalog));
	if (catalog == NULL)
		return NULL;
	pthread_mutex_init(&catalog->lock, NULL);
	catalog->program = strdup(program);
	catalog->dir = strdup(dir);
	catalog->manifests = json_object();
	return catalog;
}

void
catalog_destroy(struct catalog *catalog)
{
	if (catalog == NULL)
		return;
	for (unsigned i = 0; i < VERDICTS; i++)
		drop_verdict(&catalog->verdicts[i]);
	json_decref(catalog->manifests);
	free(catalog->program);
	free(catalog->dir);
	pthread_mutex_destroy(&catalog->lock);
	free(catalog);
}

int
catalog_load(struct catalog *catalog, struct err *err)
{
	json_t *manifests = describe_all(catalog, err);
	if (manifests == NULL)
		return err_errno(err->code);
	pthread_mutex_lock(&catalog->lock);
	json_t *old = catalog->manifests;
	catalog->manifests = manifests;
	pthread_mutex_unlock(&catalog->lock);
	json_decref(old);
	return 0;
}

int
catalog_types(struct catalog *catalog, json_t **manifests, struct err *err)
{
	int rc = catalog_load(catalog, err);
	if (rc != 0)
		return rc;
	const char *type;
	json_t *manifest;
	*manifests = json_array();
	pthread_mutex_lock(&catalog->lock);
	json_object_foreach (catalog->manifests, type, manifest)
		json_array_append(*manifests, manifest);
	pthread_mutex_unlock(&catalog->lock);
	return 0;
}

int
catalog_manifest(
	struct catalog *catalog, const char *type, json_t **manifest, struct err *err)
{
	for (int attempt = 0; attempt < 2; attempt++) {
		pthread_mutex_lock(&catalog->lock);
		*manifest = json_incref(json_object_get(catalog->manifests, type));
		pthread_mutex_unlock(&catalog->lock);
		if (*manifest != NULL)
			return 0;
		int rc = attempt == 0 ? catalog_load(catalog, err) : 0;
		if (rc != 0)
			return rc;
	}
	return unknown_type(catalog, type, err);
}

int
catalog_check(struct catalog *catalog, const char *type, const json_t *config,
	json_t **faults, uint64_t *state_size, struct err *err)
{
	json_t *manifest, *empty = json_object();
	int rc = catalog_manifest(catalog, type, &manifest, err);
	if (rc == 0) {
		json_decref(manifest);
		config = config != NULL ? config : empty;
		if (!find_verdict(catalog, type, config, faults, state_size)) {
			rc = ask_verdict(catalog, type, config, faults, state_size, err);
			if (rc == 0)
				keep_verdict(catalog, type, config, *faults, *state_size);
		}
	}
	json_decref(empty);
	return rc;
}

static json_t *
describe_all(struct catalog *catalog, struct err *err)
{
	const char *const argv[] = {catalog->program, "--list", NULL};
	char *names, *save = NULL;
	int status;
	if (run_program(argv, RUN_MS, &names, &status, err) != 0)
		return NULL;
	json_t *manifests = json_object();
	for (char *type = strtok_r(names, "\n", &save); type != NULL;
		type = strtok_r(NULL, "\n", &save)) {
		json_t *manifest;
		if (describe(catalog, type, &manifest, err) == 0) {
			json_object_set_new(manifests, type, manifest);
			continue;
		}
		json_decref(manifests);
		manifests = NULL;
		break;
	}
	free(names);
	return manifests;
}

static int
describe(const struct catalog *catalog, const char *type, json_t **manifest,
	struct err *err)
{
	const char *const argv[] = {catalog->program, "--describe", type, NULL};
	char *output;
	int status;
	int rc = run_program(argv, RUN_MS, &output, &status, err);
	if (rc != 0)
		return rc;
	*manifest = json_loads(output, JSON_REJECT_DUPLICATES, NULL);
	free(output);
	if (*manifest != NULL)
		return 0;
	return err_set(err, ERR_INTERNAL, NULL, "see the log of renga-vnfm",
		"'%s --describe %s' ended with %d and no manifest", catalog->program,
		type, status);
}

static int
unknown_type(struct catalog *catalog, const char *type, struct err *err)
{
	const char *names[128] = {0}, *name;
	char hint[160];
	json_t *manifest;
	size_t n = 0;
	pthread_mutex_lock(&catalog->lock);
	json_object_foreach (catalog->manifests, name, manifest)
		if (n < 127)
			names[n++] = name;
	const char *nearest = field_nearest(type, names);
	snprintf(hint, sizeof(hint), nearest != NULL ? "did you mean '%s'?" : "%s",
		nearest != NULL ? nearest : "GET /v1/types lists them");
	pthread_mutex_unlock(&catalog->lock);
	return err_set(
		err, ERR_NOT_FOUND, "type", hint, "no VNF type is called '%s'", type);
}

static bool
find_verdict(struct catalog *catalog, const char *type, const json_t *config,
	json_t **faults, uint64_t *state_size)
{
	bool found = false;
	uint64_t now_ms = loop_now_ms();
	pthread_mutex_lock(&catalog->lock);
	for (unsigned i = 0; !found && i < VERDICTS; i++) {
		const struct verdict *v = &catalog->verdicts[i];
		found = v->until_ms > now_ms && strcmp(v->type, type) == 0 &&
			json_equal(v->config, config);
		if (!found)
			continue;
		*faults = json_incref(v->faults);
		*state_size = v->state_size;
	}
	pthread_mutex_unlock(&catalog->lock);
	return found;
}

static void
keep_verdict(struct catalog *catalog, const char *type, const json_t *config,
	json_t *faults, uint64_t state_size)
{
	pthread_mutex_lock(&catalog->lock);
	struct verdict *verdict = &catalog->verdicts[catalog->next_verdict++ % VERDICTS];
	drop_verdict(verdict);
	*verdict = (struct verdict){.until_ms = loop_now_ms() + VERDICT_MS,
		.type = strdup(type),
		.config = json_incref((json_t *)config),
		.faults = json_incref(faults),
		.state_size = state_size};
	if (verdict->type == NULL)
		drop_verdict(verdict);
	pthread_mutex_unlock(&catalog->lock);
}

static void
drop_verdict(struct verdict *verdict)
{
	free(verdict->type);
	json_decref(verdict->config);
	json_decref(verdict->faults);
	*verdict = (struct verdict){0};
}

static int
ask_verdict(struct catalog *catalog, const char *type, const json_t *config,
	json_t **faults, uint64_t *state_size, struct err *err)
{
	char file[256];
	snprintf(file, sizeof(file), "%s/check-%d-%u.json", catalog->dir, getpid(),
		atomic_fetch_add(&catalog->next_file, 1));
	size_t len;
	char *text = json_text_write(config, &len);
	if (text == NULL)
		return err_set(err, ERR_INTERNAL, NULL, NULL, "out of memory");
	int rc = dirs_write_file(file, 0600, text, len, err);
	free(text);
	if (rc != 0)
		return rc;
	const char *const argv[] = {catalog->program, "--check", type, file, NULL};
	char *output;
	int status;
	rc = run_program(argv, RUN_MS, &output, &status, err);
	unlink(file);
	if (rc != 0)
		return rc;
	rc = read_verdict(output, faults, state_size, err);
	free(output);
	return rc;
}

static int
read_verdict(const char *output, json_t **faults, uint64_t *state_size, struct err *err)
{
	json_t *verdict = json_loads(output, 0, NULL);
	json_t *list = json_object_get(verdict, "faults");
	json_int_t size = json_integer_value(json_object_get(verdict, "stateSize"));
	if (json_is_array(list)) {
		*faults = json_incref(list);
		*state_size = size > 0 ? (uint64_t)size : 0;
	}
	json_decref(verdict);
	return json_is_array(list)
		       ? 0
		       : err_set(err, ERR_INTERNAL, NULL, "see the log of renga-vnfm",
				 "renga-vnf --check gave no verdict");
}
