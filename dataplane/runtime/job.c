/* job.c: see job.h. */
#include "dataplane/runtime/job.h"
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "dataplane/shm/layout.h"

#define LINE_MAX_SIZE 32768 /* a pipe takes it in one piece while it is empty */

static int read_job(json_t *object, struct jobs *jobs, struct err *err);
static int no_job(struct err *err, const char *reason);
static int read_line(int fd, char *text, size_t size, struct err *err);
static int check(json_int_t slot, json_int_t core, json_int_t turn, struct err *err);

int
jobs_read(int fd, struct jobs *jobs, struct err *err)
{
	char text[LINE_MAX_SIZE];
	json_error_t reason;
	const json_t *members;
	int rc = read_line(fd, text, sizeof(text), err);

	*jobs = (struct jobs){0};
	if (rc != 0)
		return rc;
	jobs->line = json_loads(text, 0, &reason);
	if (jobs->line == NULL)
		return no_job(err, reason.text);
	members = json_object_get(jobs->line, "members");
	if (members == NULL)
		rc = read_job(jobs->line, jobs, err);
	else if (json_array_size(members) == 0 || json_array_size(members) > JOBS_MAX)
		rc = err_set(err, ERR_INVALID, "members", NULL,
			"a process is one to %d VNFs", JOBS_MAX);
	for (size_t i = 0; i < json_array_size(members) && rc == 0; i++)
		rc = read_job(json_array_get(members, i), jobs, err);
	if (rc != 0)
		jobs_free(jobs);
	return rc;
}

void
jobs_free(struct jobs *jobs)
{
	json_decref(jobs->line);
	jobs->line = NULL;
}

static int
read_job(json_t *object, struct jobs *jobs, struct err *err)
{
	json_int_t slot = -1, core = -1, turn = 0, revision = 0;
	struct job *job = &jobs->list[jobs->n];
	json_error_t reason;
	int empty = 0;

	if (json_unpack_ex(object, &reason, 0,
		    "{s:s, s:s, s:s, s:I, s:I, s:I, s?I, s?b, s:s, s:s, s?s}", "type",
		    &job->type, "id", &job->id, "name", &job->name, "slot", &slot, "core",
		    &core, "turn", &turn, "revision", &revision, "empty", &empty,
		    "socket", &job->socket, "config", &job->config, "log",
		    &job->log) != 0)
		return no_job(err, reason.text);
	job->slot = (unsigned)slot;
	job->core = (unsigned)core;
	job->turn = (uint32_t)turn;
	job->revision = (uint64_t)revision;
	job->empty = empty != 0;
	jobs->n++;
	return check(slot, core, turn, err);
}

static int
no_job(struct err *err, const char *reason)
{
	return err_set(err, ERR_INVALID, NULL, NULL, "this is no job: %s", reason);
}

void
jobs_show(const struct jobs *jobs, int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		const size_t room = strlen(argv[i]);
		size_t at = 0;

		if (strncmp(argv[i], JOB_PLACEHOLDER, strlen(JOB_PLACEHOLDER)) != 0)
			continue;
		memset(argv[i], '\0', room);
		at += (size_t)snprintf(argv[i], room, "%s", jobs->list[0].socket) + 1;
		for (unsigned k = 0; k < jobs->n && at + 1 < room; k++)
			at += (size_t)snprintf(
				      argv[i] + at, room - at, "%s", jobs->list[k].name) +
			      1;
	}
}

static int
read_line(int fd, char *text, size_t size, struct err *err)
{
	size_t len = 0;
	ssize_t n;

	while (len < size - 1) {
		n = read(fd, text + len, size - 1 - len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return err_set(err, ERR_UNAVAILABLE, NULL, NULL,
				"nobody has a job for us");
		len += (size_t)n;
		text[len] = '\0';
		if (text[len - 1] == '\n')
			return 0;
	}
	return err_set(
		err, ERR_TOO_LARGE, NULL, NULL, "a job has at most %zu bytes", size - 1);
}

static int
check(json_int_t slot, json_int_t core, json_int_t turn, struct err *err)
{
	if (slot < 0 || slot >= SHM_SLOTS)
		return err_set(err, ERR_INVALID, "slot", NULL, "there are slots 0 to %d",
			SHM_SLOTS - 1);
	if (core < 0 || core >= CPU_SETSIZE)
		return err_set(err, ERR_INVALID, "core", NULL, "no CPU has this number");
	if (turn < 0 || turn > UINT32_MAX)
		return err_set(
			err, ERR_INVALID, "turn", NULL, "no process has this number");
	return 0;
}
