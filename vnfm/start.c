/* start.c: see start.h. */
#include "vnfm/start.h"
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "common/dirs.h"
#include "common/json_text.h"
#include "vnfm/logs.h"
#include "vnfm/spares.h"

static int config_path(const char *id, char *path, size_t size, struct err *err);
static json_t *make_job(struct manager *manager, const struct object *vnf,
	const struct start_spec *spec, struct err *err);
static int send_jobs(int fd, const json_t *jobs, struct err *err);
static int name_too_long(struct err *err);

int
start_vnfs(struct manager *manager, struct object *const *vnfs,
	const struct start_spec *specs, unsigned n, struct vnf_start *start,
	struct err *err)
{
	json_t *members = json_array();
	int rc = 0;
	for (unsigned i = 0; i < n && rc == 0; i++) {
		json_t *job = make_job(manager, vnfs[i], &specs[i], err);
		rc = job != NULL ? 0 : err_errno(err->code);
		json_array_append_new(members, job);
	}
	json_t *jobs = json_pack("{s:o}", "members", members);
	if (rc == 0)
		rc = spares_take(&manager->spares, start, err);
	if (rc == 0) {
		rc = send_jobs(start->leash, jobs, err);
		if (rc != 0) {
			kill(start->child.pid, SIGKILL);
			spares_release(start);
		}
	}
	json_decref(jobs);
	return rc;
}

int
start_socket(const char *id, bool beside, char *path, size_t size)
{
	return dirs_runtime_path(path, size, "vnf/%s%s.sock", id, beside ? ".next" : "");
}

int
start_rename_socket(const char *id, struct err *err)
{
	char beside[256], proper[256];
	if (start_socket(id, true, beside, sizeof(beside)) != 0 ||
		start_socket(id, false, proper, sizeof(proper)) != 0)
		return name_too_long(err);
	return rename(beside, proper) == 0
		       ? 0
		       : err_sys(err, errno, "cannot rename %s", beside);
}

static json_t *
make_job(struct manager *manager, const struct object *vnf, const struct start_spec *spec,
	struct err *err)
{
	char config[256], socket[256], log_file[256];
	const json_t *revision = json_object_get(vnf->wanted, "revision");
	if (config_path(vnf->id, config, sizeof(config), err) != 0 ||
		start_keep_config(vnf->id, json_object_get(vnf->wanted, "config"), err) !=
			0)
		return NULL;
	if (start_socket(vnf->id, spec->beside, socket, sizeof(socket)) != 0 ||
		logs_path(vnf->name, log_file, sizeof(log_file)) != 0) {
		name_too_long(err);
		return NULL;
	}
	return json_pack("{s:s, s:s, s:s, s:i, s:i, s:I, s:I, s:b, s:s, s:s, s:s}",
		"type", wanted_text(vnf, "type"), "id", vnf->id, "name", vnf->name,
		"slot", vnf->vnf.slot, "core", wanted_core(vnf, manager->default_core),
		"turn", (json_int_t)spec->turn, "revision", json_integer_value(revision),
		"empty", spec->empty, "socket", socket, "config", config, "log",
		log_file);
}

static int
config_path(const char *id, char *path, size_t size, struct err *err)
{
	return dirs_runtime_path(path, size, "conf/%s.json", id) == 0
		       ? 0
		       : name_too_long(err);
}

int
start_keep_config(const char *id, const json_t *config, struct err *err)
{
	char path[256];
	int rc = config_path(id, path, sizeof(path), err);
	if (rc != 0)
		return rc;
	size_t len = 2;
	char *text = config != NULL ? json_text_write(config, &len) : strdup("{}");
	if (text == NULL)
		return err_sys(err, ENOMEM, "cannot write %s", path);
	rc = dirs_write_file(path, 0600, text, len, err);
	free(text);
	return rc;
}

json_t *
start_kept_config(const char *id)
{
	char path[256];
	return config_path(id, path, sizeof(path), NULL) == 0
		       ? json_load_file(path, 0, NULL)
		       : NULL;
}

/* One write: an empty pipe takes a line of this size whole, or the process is gone. */
static int
send_jobs(int fd, const json_t *jobs, struct err *err)
{
	char *line = json_dumps(jobs, JSON_COMPACT);
	if (line == NULL)
		return err_sys(err, ENOMEM, "cannot write the job of a VNF");
	const size_t len = strlen(line);
	line[len] = '\n'; /* in place of the end */
	const ssize_t n = write(fd, line, len + 1);
	free(line);
	if (n == (ssize_t)len + 1)
		return 0;
	return err_sys(err, n < 0 ? errno : EIO, "a spare does not take its job");
}

static int
name_too_long(struct err *err)
{
	return err_set(err, ERR_INVALID, NULL, "use a shorter RENGA_RUNTIME_DIR",
		"the run-time directory's name is too long");
}
