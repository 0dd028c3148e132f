/* run.c: see run.h. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "common/loop.h"
#include "vnfm/run.h"

static int start(const char *const *argv, int *out, pid_t *pid, struct err *err);
static int collect(int fd, uint64_t due_ms, char **output, struct err *err);

int
run_program(const char *const *argv, int timeout_ms, char **output, int *status,
	struct err *err)
{
	int fd, wait_status;
	pid_t pid;
	int rc = start(argv, &fd, &pid, err);
	if (rc != 0)
		return rc;
	rc = collect(fd, loop_now_ms() + (uint64_t)timeout_ms, output, err);
	close(fd);
	if (rc != 0)
		kill(pid, SIGKILL);
	while (waitpid(pid, &wait_status, 0) < 0 && errno == EINTR)
		;
	if (rc != 0)
		return rc;
	if (WIFEXITED(wait_status)) {
		*status = WEXITSTATUS(wait_status);
		return 0;
	}
	free(*output);
	return err_set(err, ERR_UNAVAILABLE, NULL, NULL, "%s was ended by signal %d",
		argv[0], WTERMSIG(wait_status));
}

static int
start(const char *const *argv, int *out, pid_t *pid, struct err *err)
{
	int ends[2];
	if (pipe2(ends, O_CLOEXEC) != 0)
		return err_sys(err, errno, "cannot start %s", argv[0]);
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	sigset_t none, all;
	sigemptyset(&none);
	sigfillset(&all);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(
		&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
	posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setsigdefault(&attr, &all);
	int rc = posix_spawn(pid, argv[0], &actions, &attr, (char *const *)argv, environ);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&actions);
	close(ends[1]);
	*out = ends[0];
	if (rc == 0)
		return 0;
	close(ends[0]);
	return err_sys(err, rc, "cannot start %s", argv[0]);
}

static int
collect(int fd, uint64_t due_ms, char **output, struct err *err)
{
	size_t len = 0, room = 0;
	char *text = NULL;
	for (;;) {
		if (room - len < 4096) {
			room = room != 0 ? 2 * room : 16384;
			char *more = room > RUN_OUTPUT_MAX ? NULL : realloc(text, room);
			if (more == NULL) {
				free(text);
				return err_set(err, ERR_TOO_LARGE, NULL, NULL,
					"the program printed more than %u bytes",
					RUN_OUTPUT_MAX);
			}
			text = more;
		}
		struct pollfd wait = {.fd = fd, .events = POLLIN};
		uint64_t now_ms = loop_now_ms();
		int left_ms = due_ms > now_ms ? (int)(due_ms - now_ms) : 0;
		if (poll(&wait, 1, left_ms) == 0) {
			free(text);
			return err_set(
				err, ERR_TIMEOUT, NULL, NULL, "the program did not end");
		}
		ssize_t n = read(fd, text + len, room - len - 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		len += (size_t)n;
	}
	text[len] = '\0';
	*output = text;
	return 0;
}
