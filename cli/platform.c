/* platform.c: the daemons of the platform on this machine. */
#include "cli/platform.h"

#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <unistd.h>
#include "common/child.h"
#include "common/dirs.h"

#define READY_MS   20000
#define PATH_SIZE  4096
#define HUGE_PAGES "/sys/kernel/mm/hugepages/hugepages-2048kB/"

const char *const platform_names[DAEMONS] = {"orchestrator", "vnfm", "dataplane"};

static bool is_program(pid_t pid, const char *program);
static bool read_number(const char *path, unsigned *number);
static json_t *describe_daemon(enum daemon daemon);
static unsigned count_vnfs(void);

pid_t
platform_pid(enum daemon daemon)
{
	char path[PATH_SIZE], program[64];
	snprintf(program, sizeof(program), "renga-%s", platform_names[daemon]);
	if (dirs_runtime_path(path, sizeof(path), "%s.pid", platform_names[daemon]))
		return 0;
	const pid_t pid = dirs_pid_read(path);
	return pid && is_program(pid, program) ? pid : 0;
}

/* The kernel keeps the first 15 characters of a program's name. */
static bool
is_program(pid_t pid, const char *program)
{
	char path[64], *comm;
	snprintf(path, sizeof(path), "/proc/%d/comm", pid);
	if (dirs_read_file(path, 64, &comm, NULL, NULL))
		return false;
	comm[strcspn(comm, "\n")] = '\0';
	const bool same = strncmp(comm, program, 15) == 0;
	free(comm);
	return same;
}

int
platform_start(enum daemon daemon, const char **argv, struct err *err)
{
	char program[PATH_SIZE], log[PATH_SIZE];
	struct child child;
	snprintf(program, sizeof(program), "%.4000s/renga-%s", child_self_dir(),
		platform_names[daemon]);
	if (dirs_runtime_path(log, sizeof(log), "log"))
		return err_sys(err, ENAMETOOLONG, "cannot start renga-%s",
			platform_names[daemon]);
	int rc = dirs_make(log, 0755, err);
	if (rc)
		return rc;
	const size_t len = strlen(log);
	snprintf(log + len, sizeof(log) - len, "/%s.log", platform_names[daemon]);
	argv[0] = program;
	const struct child_spec spec = {.argv = argv,
		.log_file = log,
		.readiness = true,
		.new_session = true,
		.cpu = -1};
	rc = child_spawn(&spec, &child, err);
	if (rc)
		return rc;
	rc = child_wait_ready(&child, READY_MS, err);
	close(child.ready_fd);
	if (rc && err) {
		char hint[sizeof(err->hint)];
		snprintf(hint, sizeof(hint), "its log is %.300s", log);
		/* That a daemon ended is no unreachable server. */
		err_set(err, err->code == ERR_UNAVAILABLE ? ERR_INTERNAL : err->code,
			err->path, *err->hint ? err->hint : hint,
			"renga-%s did not start: %s", platform_names[daemon], err->text);
	}
	return rc;
}

int
platform_wait_gone(pid_t pid, unsigned timeout_ms)
{
	const int fd = pidfd_open(pid, 0);
	if (fd < 0)
		return errno == ESRCH ? 0 : -errno;
	const int n = poll(&(struct pollfd){.fd = fd, .events = POLLIN}, 1, timeout_ms);
	close(fd);
	return n > 0 ? 0 : -ETIMEDOUT;
}

bool
platform_huge_pages(unsigned *n_free, unsigned *n_all)
{
	return read_number(HUGE_PAGES "free_hugepages", n_free) &&
	       read_number(HUGE_PAGES "nr_hugepages", n_all);
}

static bool
read_number(const char *path, unsigned *number)
{
	char *text;
	if (dirs_read_file(path, 64, &text, NULL, NULL))
		return false;
	*number = strtoul(text, NULL, 10);
	free(text);
	return true;
}

json_t *
platform_describe(void)
{
	json_t *platform = json_object();
	for (int i = 0; i < DAEMONS; i++)
		json_object_set_new(platform, platform_names[i], describe_daemon(i));
	json_object_set_new(platform, "vnfs", json_integer(count_vnfs()));
	return platform;
}

static json_t *
describe_daemon(enum daemon daemon)
{
	static const char *const files[DAEMONS] = {
		"orchestrator.addr", "vnfm.sock", "dataplane.sock"};
	char path[PATH_SIZE], *text;
	const pid_t pid = platform_pid(daemon);
	if (!pid || dirs_runtime_path(path, sizeof(path), "%s", files[daemon]))
		return json_null();
	if (daemon != DAEMON_ORCHESTRATOR)
		return json_pack("{s:i, s:s}", "pid", pid, "address", path);
	if (dirs_read_file(path, PATH_SIZE, &text, NULL, NULL))
		return json_pack("{s:i}", "pid", pid);
	text[strcspn(text, "\n")] = '\0';
	json_t *json = json_pack("{s:i, s:s}", "pid", pid, "address", text);
	free(text);
	return json;
}

/* Each has a control socket. */
static unsigned
count_vnfs(void)
{
	char path[PATH_SIZE];
	unsigned n = 0;
	DIR *dir = dirs_runtime_path(path, sizeof(path), "vnf") ? NULL : opendir(path);
	for (struct dirent *entry; dir && (entry = readdir(dir)) != NULL;) {
		const size_t len = strlen(entry->d_name);
		n += len > 5 && strcmp(entry->d_name + len - 5, ".sock") == 0;
	}
	if (dir)
		closedir(dir);
	return n;
}

void
platform_print(const struct output *out, const json_t *platform)
{
	static const struct output_column columns[] = {
		{.title = "PROCESS", .path = "process"},
		{.title = "STATE", .path = "state"},
		{.title = "PID", .path = "pid", .right = true},
		{.title = "ADDRESS", .path = "address"},
		{.title = NULL},
	};
	json_t *rows = json_array();
	for (int i = 0; i < DAEMONS; i++) {
		const json_t *daemon = json_object_get(platform, platform_names[i]);
		json_t *row = json_pack("{s:s, s:s}", "process", platform_names[i],
			"state", json_is_object(daemon) ? "running" : "stopped");
		json_object_update(row, (json_t *)daemon);
		json_array_append_new(rows, row);
	}
	output_table(out, columns, rows);
	json_decref(rows);
}
