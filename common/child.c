/* child.c: starting a program as a child process, and being such a child. */
#include "common/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include "common/loop.h"

#define READY_ENV "RENGA_READY_FD"
#define READY_FD  3 /* in the child */

/* What was meant for us and not for our children. */
static const char *const private_env[] = {
	READY_ENV "=", "NOTIFY_SOCKET=", "WATCHDOG_USEC=", "WATCHDOG_PID=", NULL};

static int make_pipes(const struct child_spec *spec, int ready[2], int input[2]);
static void close_pipe(const int ends[2]);
static int spawn(const struct child_spec *spec, int ready_fd, int input_fd, char **env,
	pid_t *pid);
static int add_actions(posix_spawn_file_actions_t *actions, const struct child_spec *spec,
	int ready_fd, int input_fd);
static int add_attributes(posix_spawnattr_t *attr, const struct child_spec *spec);
static int pin(int cpu, cpu_set_t *before);
static char **make_env(const char *const *added, bool readiness);
static bool is_replaced(const char *entry, const char *const *added);
static bool same_name(const char *a, const char *b);
static int read_line(int fd, int timeout_ms, char *line, size_t size);
static void tell(int fd, const struct err *err);

int
child_spawn(const struct child_spec *spec, struct child *child, struct err *err)
{
	int ready[2] = {-1, -1}, input[2] = {-1, -1};
	pid_t pid = -1;
	const char *name = spec->argv[0];
	char **env = make_env(spec->env, spec->readiness);
	if (!env)
		return err_sys(err, ENOMEM, "cannot start %s", name);
	int rc = make_pipes(spec, ready, input);
	if (!rc)
		rc = spawn(spec, ready[1], input[0], env, &pid);
	free(env);
	if (rc) {
		close_pipe(ready);
		close_pipe(input);
		return rc == -ENOENT ? err_set(err, ERR_NOT_FOUND, NULL, NULL,
					       "no program %s", name)
				     : err_sys(err, -rc, "cannot start %s", name);
	}
	if (ready[1] >= 0)
		close(ready[1]);
	if (input[0] >= 0)
		close(input[0]);
	*child = (struct child){.pid = pid, .ready_fd = ready[0], .input_fd = input[1]};
	return 0;
}

static int
make_pipes(const struct child_spec *spec, int ready[2], int input[2])
{
	if (spec->readiness && pipe2(ready, O_CLOEXEC) < 0)
		return -errno;
	if (spec->input && pipe2(input, O_CLOEXEC) < 0)
		return -errno;
	return 0;
}

static void
close_pipe(const int ends[2])
{
	for (int i = 0; i < 2; i++)
		if (ends[i] >= 0)
			close(ends[i]);
}

/* A child has its parent's affinity, so the parent takes on the child's for the time of
 * the start. */
static int
spawn(const struct child_spec *spec, int ready_fd, int input_fd, char **env, pid_t *pid)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	cpu_set_t before;
	posix_spawn_file_actions_init(&actions);
	posix_spawnattr_init(&attr);
	int rc = add_actions(&actions, spec, ready_fd, input_fd);
	if (!rc)
		rc = add_attributes(&attr, spec);
	if (!rc && spec->cpu >= 0)
		rc = pin(spec->cpu, &before);
	if (!rc) {
		rc = -posix_spawnp(pid, spec->argv[0], &actions, &attr,
			(char *const *)spec->argv, env);
		if (spec->cpu >= 0)
			sched_setaffinity(0, sizeof(before), &before);
	}
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attr);
	return rc;
}

static int
add_actions(posix_spawn_file_actions_t *actions, const struct child_spec *spec,
	int ready_fd, int input_fd)
{
	int rc = input_fd >= 0 ? posix_spawn_file_actions_adddup2(
					 actions, input_fd, STDIN_FILENO)
			       : posix_spawn_file_actions_addopen(
					 actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	if (!rc && spec->log_file)
		rc = posix_spawn_file_actions_addopen(actions, STDOUT_FILENO,
			spec->log_file, O_WRONLY | O_CREAT | O_APPEND, 0640);
	if (!rc && spec->log_file)
		rc = posix_spawn_file_actions_adddup2(
			actions, STDOUT_FILENO, STDERR_FILENO);
	if (!rc && ready_fd >= 0)
		rc = posix_spawn_file_actions_adddup2(actions, ready_fd, READY_FD);
	if (!rc)
		rc = posix_spawn_file_actions_addclosefrom_np(
			actions, ready_fd >= 0 ? READY_FD + 1 : READY_FD);
	if (!rc)
		rc = posix_spawn_file_actions_addchdir_np(actions, "/");
	return -rc;
}

static int
add_attributes(posix_spawnattr_t *attr, const struct child_spec *spec)
{
	sigset_t all, none;
	sigfillset(&all);
	sigemptyset(&none);
	short flags = POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK;
	if (spec->new_session)
		flags |= POSIX_SPAWN_SETSID;
	int rc = posix_spawnattr_setflags(attr, flags);
	if (!rc)
		rc = posix_spawnattr_setsigdefault(attr, &all);
	if (!rc)
		rc = posix_spawnattr_setsigmask(attr, &none);
	return -rc;
}

static int
pin(int cpu, cpu_set_t *before)
{
	cpu_set_t set;
	if (cpu >= CPU_SETSIZE)
		return -EINVAL;
	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_getaffinity(0, sizeof(*before), before) < 0 ||
		sched_setaffinity(0, sizeof(set), &set) < 0)
		return -errno;
	return 0;
}

/* Our environment without what was private to us, then the additions. One block; the
 * caller frees it. */
static char **
make_env(const char *const *added, bool readiness)
{
	static char ready[] = READY_ENV "=3";
	static const char *const nothing[] = {NULL};
	size_t n = 0, n_ours = 0, n_added = 0;
	if (!added)
		added = nothing;
	while (environ && environ[n_ours])
		n_ours++;
	while (added[n_added])
		n_added++;
	char **env = malloc((n_ours + n_added + 2) * sizeof(*env));
	if (!env)
		return NULL;
	for (size_t i = 0; i < n_ours; i++)
		if (!is_replaced(environ[i], added) &&
			!is_replaced(environ[i], private_env))
			env[n++] = environ[i];
	for (size_t i = 0; i < n_added; i++)
		env[n++] = (char *)added[i];
	if (readiness)
		env[n++] = ready;
	env[n] = NULL;
	return env;
}

static bool
is_replaced(const char *entry, const char *const *added)
{
	for (; *added; added++)
		if (same_name(entry, *added))
			return true;
	return false;
}

static bool
same_name(const char *a, const char *b)
{
	const size_t len = strcspn(a, "=");
	return strncmp(a, b, len) == 0 && b[len] == '=';
}

int
child_wait_ready(const struct child *child, int timeout_ms, struct err *err)
{
	char line[2048];
	const int rc = read_line(child->ready_fd, timeout_ms, line, sizeof(line));
	if (rc == -ETIMEDOUT)
		return err_set(err, ERR_TIMEOUT, NULL, NULL,
			"process %d was not ready after %d ms", child->pid, timeout_ms);
	if (rc == -EPIPE)
		return err_set(err, ERR_UNAVAILABLE, NULL, NULL,
			"process %d ended before it was ready", child->pid);
	if (rc)
		return err_sys(err, -rc, "cannot wait for process %d", child->pid);
	if (!*line)
		return 0;
	struct err told;
	json_t *json = json_loads(line, 0, NULL);
	err_from_json(&told, json);
	json_decref(json);
	if (err)
		*err = told;
	return err_errno(told.code);
}

/* Up to the newline, which is left out. -EPIPE if the writer ended without one. */
static int
read_line(int fd, int timeout_ms, char *line, size_t size)
{
	const uint64_t deadline =
		timeout_ms < 0 ? UINT64_MAX : loop_now_ms() + timeout_ms;
	size_t len = 0;
	while (len < size) {
		const uint64_t now = loop_now_ms();
		const int left = timeout_ms < 0	  ? -1
				 : now < deadline ? (int)(deadline - now)
						  : 0;
		const int n = poll(&(struct pollfd){.fd = fd, .events = POLLIN}, 1, left);
		if (n == 0)
			return -ETIMEDOUT;
		const ssize_t got = n < 0 ? -1 : read(fd, line + len, 1);
		if (got < 0 && errno != EINTR && errno != EAGAIN)
			return -errno;
		if (got == 0)
			return -EPIPE;
		if (got > 0 && line[len++] == '\n') {
			line[len - 1] = '\0';
			return 0;
		}
	}
	return -EMSGSIZE;
}

void
child_print_status(int status, char *text, size_t size)
{
	if (status == -1)
		snprintf(text, size, "it ended");
	else if (WIFSIGNALED(status))
		snprintf(text, size, "ended by signal %d (%s)", WTERMSIG(status),
			strsignal(WTERMSIG(status)));
	else
		snprintf(text, size, "exit code %d", WEXITSTATUS(status));
}

void
child_ready(const struct err *err)
{
	const char *fd = getenv(READY_ENV);
	if (fd)
		tell(atoi(fd), err);
	unsetenv(READY_ENV);
	if (!err)
		child_notify("READY=1");
}

/* Whoever asked may have gone meanwhile; that must not end us. */
static void
tell(int fd, const struct err *err)
{
	void (*before)(int) = signal(SIGPIPE, SIG_IGN);
	json_t *json = err ? err_to_json(err) : NULL;
	char *text = json ? json_dumps(json, JSON_COMPACT) : NULL;
	dprintf(fd, "%s\n", text ? text : "");
	free(text);
	json_decref(json);
	close(fd);
	signal(SIGPIPE, before);
}

void
child_notify(const char *state)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	if (!path || !*path || strlen(path) >= sizeof(addr.sun_path))
		return;
	const socklen_t len = offsetof(struct sockaddr_un, sun_path) + strlen(path);
	memcpy(addr.sun_path, path, strlen(path));
	if (*path == '@')
		addr.sun_path[0] = '\0';
	const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	sendto(fd, state, strlen(state), MSG_NOSIGNAL, (struct sockaddr *)&addr, len);
	close(fd);
}

const char *
child_self_dir(void)
{
	static char dir[4096];
	if (!*dir) {
		const ssize_t len = readlink("/proc/self/exe", dir, sizeof(dir) - 1);
		dir[len > 0 ? len : 0] = '\0';
		char *slash = strrchr(dir, '/');
		if (slash)
			slash[slash == dir] = '\0';
	}
	return dir;
}
