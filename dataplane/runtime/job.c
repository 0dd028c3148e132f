/* job.c: see job.h. */
#include "dataplane/runtime/job.h"
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "dataplane/shm/layout.h"

#define LINE_MAX_SIZE 4096 /* what a pipe takes in one piece */

static int read_line(int fd, char *text, size_t size, struct err *err);
static int check(json_int_t slot, json_int_t core, json_int_t turn, struct err *err);

int
job_read(int fd, struct job *job, json_t **out, struct err *err)
{
	json_int_t slot = -1, core = -1, turn = 0, revision = 0;
	char text[LINE_MAX_SIZE];
	json_error_t reason;
	json_t *line;
	int empty = 0, rc = read_line(fd, text, sizeof(text), err);

	if (rc != 0)
		return rc;
	*job = (struct job){0};
	line = json_loads(text, 0, &reason);
	if (json_unpack_ex(line, &reason, 0,
		    "{s:s, s:s, s:s, s:I, s:I, s:I, s?I, s?b, s:s, s:s, s?s}", "type",
		    &job->type, "id", &job->id, "name", &job->name, "slot", &slot, "core",
		    &core, "turn", &turn, "revision", &revision, "empty", &empty,
		    "socket", &job->socket, "config", &job->config, "log",
		    &job->log) != 0) {
		json_decref(line);
		return err_set(
			err, ERR_INVALID, NULL, NULL, "this is no job: %s", reason.text);
	}
	rc = check(slot, core, turn, err);
	job->slot = (unsigned)slot;
	job->core = (unsigned)core;
	job->turn = (uint32_t)turn;
	job->revision = (uint64_t)revision;
	job->empty = empty != 0;
	if (rc == 0)
		*out = line;
	else
		json_decref(line);
	return rc;
}

void
job_show(const struct job *job, int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		const size_t room = strlen(argv[i]);

		if (strncmp(argv[i], JOB_PLACEHOLDER, strlen(JOB_PLACEHOLDER)) != 0)
			continue;
		memset(argv[i], '\0', room);
		snprintf(argv[i], room, "%s", job->socket);
		if (room > strlen(job->socket) + 2)
			snprintf(argv[i] + strlen(job->socket) + 1,
				room - strlen(job->socket) - 1, "%s", job->name);
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
