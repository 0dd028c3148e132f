/* dataplane.c: see dataplane.h. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "common/dirs.h"
#include "common/frame.h"
#include "common/log.h"
#include "vnfm/dataplane.h"
#include "vnfm/logs.h"
#include "vnfm/room.h"

#define START_MS   30000 /* until it is ready */
#define HELLO_MS   5000
#define ABANDON_MS 3000 /* after SIGTERM, at a failed start */
#define TERM_MS	   3000 /* after the request to end */
#define KILL_MS	   2000 /* after SIGTERM */
#define ERR_DETAIL 900	/* bytes of what is told of an end */

static int find_living(struct dataplane *dataplane, bool *found, struct err *err);
static int end_deaf(struct err *err);
static int spawn(struct dataplane *dataplane, struct err *err);
static int hello(struct dataplane *dataplane, int timeout_ms, struct err *err);
static int watch_exit(struct dataplane *dataplane, struct err *err);
static void on_ready(int fd, uint32_t events, void *arg);
static void become_ready(struct dataplane *dataplane);
static void on_exit_of(pid_t pid, int status, void *arg);
static void forget_process(struct dataplane *dataplane);
static void end_process(struct dataplane *dataplane);
static void on_start_late(void *arg);
static void open_pulse(struct dataplane *dataplane);
static void print_end(
	const struct dataplane *dataplane, int status, char *text, size_t size);
static void tell_failed(struct dataplane *dataplane, const char *detail);
static void restart_in(struct dataplane *dataplane, uint64_t wait_ms);
static void on_restart(void *arg);
static void on_end_asked(json_t *reply, const struct err *err, void *arg);
static void on_end_late(void *arg);

int
dataplane_open(struct dataplane *dataplane, struct loop *loop,
	const struct options *options, const struct dataplane_watcher *watcher,
	bool *found, struct err *err)
{
	*dataplane = (struct dataplane){.loop = loop,
		.options = options,
		.watcher = *watcher,
		.child = {.ready_fd = -1}};
	if (dirs_runtime_path(
		    dataplane->socket, sizeof(dataplane->socket), "dataplane.sock") != 0)
		return err_set(err, ERR_INVALID, NULL, "use a shorter RENGA_RUNTIME_DIR",
			"the run-time directory's name is too long");
	int rc = find_living(dataplane, found, err);
	if (rc != 0)
		return rc;
	if (!*found)
		return spawn(dataplane, err);
	open_pulse(dataplane);
	dataplane->state = DATAPLANE_READY;
	dataplane->ready_ms = loop_now_ms();
	log_info("dataplane found", "pid=%d generation=%ju", dataplane->pid,
		(uintmax_t)dataplane->generation);
	return watch_exit(dataplane, err);
}

int
dataplane_wait(struct dataplane *dataplane, struct err *err)
{
	int rc = child_wait_ready(&dataplane->child, START_MS, err);
	if (rc == 0)
		rc = hello(dataplane, HELLO_MS, err);
	if (rc == 0)
		become_ready(dataplane);
	return rc;
}

void
dataplane_ask(struct dataplane *dataplane, json_t *request, int timeout_ms,
	ask_done *done, void *arg)
{
	ask_start(dataplane->loop, dataplane->socket, request, timeout_ms, done, arg);
}

void
dataplane_hung(struct dataplane *dataplane, const char *sign, uint64_t still_ms)
{
	if (dataplane->why.code != ERR_NONE)
		return; /* its end is on its way */
	err_set(&dataplane->why, ERR_TIMEOUT, NULL, "its log may say more",
		"it hung: %s stood still for %ju ms", sign, (uintmax_t)still_ms);
	log_error("dataplane hangs", "pid=%d sign=\"%s\" still_ms=%ju next=SIGKILL",
		dataplane->pid, sign, (uintmax_t)still_ms);
	dataplane->watcher.hung(dataplane->why.text, dataplane->watcher.arg);
	end_process(dataplane);
}

void
dataplane_abandon(struct dataplane *dataplane)
{
	pid_t pid = dataplane->pid;
	if (pid == 0)
		return;
	forget_process(dataplane);
	kill(pid, SIGTERM);
	for (int i = 0; i < ABANDON_MS / 10; i++) {
		if (waitpid(pid, NULL, WNOHANG) != 0)
			return;
		usleep(10000);
	}
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

void
dataplane_end(struct dataplane *dataplane)
{
	dataplane->ending = true;
	loop_del(dataplane->timer);
	dataplane->timer = NULL;
	if (dataplane->pid == 0) {
		dataplane->state = DATAPLANE_ENDED;
		return;
	}
	dataplane_ask(dataplane, json_pack("{s:s}", "op", "shutdown"), TERM_MS,
		on_end_asked, dataplane);
	dataplane->timer =
		loop_add_timer(dataplane->loop, TERM_MS, KILL_MS, on_end_late, dataplane);
}

void
dataplane_close(struct dataplane *dataplane)
{
	loop_del(dataplane->timer);
	dataplane->timer = NULL;
	forget_process(dataplane);
}

const char *
dataplane_state_name(enum dataplane_state state)
{
	static const char *const names[] = {"starting", "ready", "failed", "ended"};
	return names[state];
}

/* One that lives, but does not answer, is ended. */
static int
find_living(struct dataplane *dataplane, bool *found, struct err *err)
{
	struct err deaf = {0};
	*found = false;
	if (access(dataplane->socket, F_OK) != 0)
		return 0;
	*found = hello(dataplane, HELLO_MS, &deaf) == 0;
	return !*found && deaf.code == ERR_TIMEOUT ? end_deaf(err) : 0;
}

static int
end_deaf(struct err *err)
{
	char path[256];
	pid_t pid = dirs_runtime_path(path, sizeof(path), "dataplane.pid") == 0
			    ? dirs_pid_read(path)
			    : 0;
	struct pollfd ended = {
		.fd = (int)syscall(SYS_pidfd_open, pid, 0), .events = POLLIN};
	if (pid == 0 || ended.fd < 0)
		return 0;
	log_error("dataplane does not answer", "pid=%d next=SIGKILL", pid);
	kill(pid, SIGKILL);
	int n = poll(&ended, 1, ABANDON_MS);
	close(ended.fd);
	return n == 1 ? 0
		      : err_set(err, ERR_TIMEOUT, NULL, NULL,
				"the dataplane, process %d, hangs and does not end", pid);
}

static int
spawn(struct dataplane *dataplane, struct err *err)
{
	const struct options *options = dataplane->options;
	static const char *const levels[] = {"error", "warn", "info", "debug"};
	char program[512], cores[1024], io_cores[1024], memory[16], log_file[256];
	snprintf(program, sizeof(program), "%s/renga-dataplane", child_self_dir());
	cores_print(&options->cores, cores, sizeof(cores));
	cores_print(&options->io_cores, io_cores, sizeof(io_cores));
	snprintf(memory, sizeof(memory), "%u", options->memory_mib);
	if (logs_path("dataplane", log_file, sizeof(log_file)) != 0)
		return err_set(err, ERR_INVALID, NULL, "use a shorter RENGA_RUNTIME_DIR",
			"the run-time directory's name is too long");
	const char *const argv[] = {program, "--socket", dataplane->socket, "--memory",
		memory, "--cores", cores, "--io-cores", io_cores, "--log-level",
		levels[options->log_level], NULL};
	const struct child_spec spec = {.argv = argv,
		.log_file = log_file,
		.readiness = true,
		.new_session = true,
		.cpu = -1};
	int rc = room_check(err);
	if (rc == 0)
		rc = child_spawn(&spec, &dataplane->child, err);
	if (rc != 0)
		return rc;
	dataplane->pid = dataplane->child.pid;
	dataplane->state = DATAPLANE_STARTING;
	dataplane->why = (struct err){0};
	dataplane->timer =
		loop_add_timer(dataplane->loop, START_MS, 0, on_start_late, dataplane);
	log_info("dataplane started", "pid=%d memory_mib=%s cores=%s", dataplane->pid,
		memory, cores);
	dataplane->ready = loop_add_fd(
		dataplane->loop, dataplane->child.ready_fd, EPOLLIN, on_ready, dataplane);
	return watch_exit(dataplane, err);
}

/* Also learns who it is. */
static int
hello(struct dataplane *dataplane, int timeout_ms, struct err *err)
{
	json_t *request = json_pack("{s:s}", "op", "hello"), *reply = NULL;
	int rc = frame_ask(dataplane->socket, request, timeout_ms, &reply, err);
	json_decref(request);
	if (rc != 0)
		return rc;
	const char *shm = json_string_value(json_object_get(reply, "shm"));
	dataplane->pid = (pid_t)json_integer_value(json_object_get(reply, "pid"));
	dataplane->generation =
		(uint64_t)json_integer_value(json_object_get(reply, "generation"));
	snprintf(dataplane->shm, sizeof(dataplane->shm), "%s", shm != NULL ? shm : "");
	json_decref(reply);
	return 0;
}

static int
watch_exit(struct dataplane *dataplane, struct err *err)
{
	dataplane->exit =
		loop_add_exit(dataplane->loop, dataplane->pid, on_exit_of, dataplane);
	return dataplane->exit != NULL
		       ? 0
		       : err_sys(err, errno, "cannot watch the dataplane, process %d",
				 dataplane->pid);
}

/* After a restart; the first start is awaited by dataplane_wait(). */
static void
on_ready(int fd, uint32_t events, void *arg)
{
	struct dataplane *dataplane = arg;
	struct err err = {0};
	(void)fd;
	(void)events;
	int rc = child_wait_ready(&dataplane->child, 0, &err);
	if (rc == 0)
		rc = hello(dataplane, HELLO_MS, &err);
	if (rc == 0) {
		become_ready(dataplane);
		dataplane->watcher.ready(dataplane->watcher.arg);
		return;
	}
	log_error("dataplane cannot start", "reason=\"%s\" hint=\"%s\"", err.text,
		err.hint);
	if (err.code != ERR_UNAVAILABLE) /* it ended without a word */
		dataplane->why = err;
	loop_del(dataplane->ready);
	dataplane->ready = NULL;
	end_process(dataplane);
}

static void
become_ready(struct dataplane *dataplane)
{
	loop_del(dataplane->ready);
	dataplane->ready = NULL;
	close(dataplane->child.ready_fd);
	dataplane->child.ready_fd = -1;
	dataplane->state = DATAPLANE_READY;
	dataplane->ready_ms = loop_now_ms();
	dataplane->told_failed = false;
	loop_del(dataplane->timer);
	dataplane->timer = NULL;
	open_pulse(dataplane);
	log_info("dataplane ready", "pid=%d generation=%ju", dataplane->pid,
		(uintmax_t)dataplane->generation);
}

static void
on_exit_of(pid_t pid, int status, void *arg)
{
	struct dataplane *dataplane = arg;
	char detail[ERR_DETAIL];
	dataplane->exit = NULL;
	dataplane->pid = 0;
	if (dataplane->ready != NULL)
		on_ready(dataplane->child.ready_fd, 0, dataplane); /* its last words */
	print_end(dataplane, status, detail, sizeof(detail));
	forget_process(dataplane);
	loop_del(dataplane->timer);
	dataplane->timer = NULL;
	if (dataplane->ending) {
		dataplane->state = DATAPLANE_ENDED;
		log_info("dataplane ended", "pid=%d", pid);
		dataplane->watcher.lost(detail, dataplane->watcher.arg);
		return;
	}
	log_error("dataplane died", "pid=%d how=\"%s\"", pid, detail);
	dataplane->state = DATAPLANE_STARTING;
	if (dataplane->ready_ms != 0)
		dataplane->watcher.lost(detail, dataplane->watcher.arg);
	else if (dataplane->why.code != ERR_NONE)
		tell_failed(dataplane, detail);
	uint64_t now_ms = loop_now_ms();
	uint64_t wait_ms = backoff_died(&dataplane->backoff,
		dataplane->options->crash_window_ms, dataplane->ready_ms, now_ms);
	dataplane->ready_ms = 0;
	restart_in(dataplane, wait_ms);
}

static void
forget_process(struct dataplane *dataplane)
{
	loop_del(dataplane->exit);
	loop_del(dataplane->ready);
	dataplane->exit = dataplane->ready = NULL;
	if (dataplane->child.ready_fd >= 0)
		close(dataplane->child.ready_fd);
	dataplane->child.ready_fd = -1;
	dataplane->pid = 0;
	pulse_close(dataplane->pulse);
	dataplane->pulse = NULL;
}

static void
print_end(const struct dataplane *dataplane, int status, char *text, size_t size)
{
	const struct err *why = &dataplane->why;
	char how[96];
	child_print_status(status, how, sizeof(how));
	if (why->code != ERR_NONE)
		snprintf(text, size, "%s%s%s%s", why->text, why->hint[0] ? " (" : "",
			why->hint, why->hint[0] ? ")" : "");
	else if (dataplane->pulse != NULL && dataplane->pulse->last_words[0] != '\0')
		snprintf(text, size, "%s: %s", how, dataplane->pulse->last_words);
	else
		snprintf(text, size, "%s", how);
}

/* Told once, but trying never ends: without it the host is of no use. */
static void
tell_failed(struct dataplane *dataplane, const char *detail)
{
	dataplane->state = DATAPLANE_FAILED;
	if (!dataplane->told_failed)
		dataplane->watcher.failed(detail, dataplane->watcher.arg);
	dataplane->told_failed = true;
}

static void
restart_in(struct dataplane *dataplane, uint64_t wait_ms)
{
	if (backoff_is_loop(&dataplane->backoff, dataplane->options->crash_window_ms,
		    loop_now_ms()))
		tell_failed(dataplane, "it dies again and again");
	dataplane->timer =
		loop_add_timer(dataplane->loop, wait_ms, 0, on_restart, dataplane);
}

static void
on_restart(void *arg)
{
	struct dataplane *dataplane = arg;
	struct err err = {0};
	dataplane->timer = NULL;
	dataplane->restarts++;
	if (spawn(dataplane, &err) == 0)
		return;
	log_error("dataplane not started", "reason=\"%s\"", err.text);
	tell_failed(dataplane, err.text);
	restart_in(dataplane,
		backoff_died(&dataplane->backoff, dataplane->options->crash_window_ms, 0,
			loop_now_ms()));
}

static void
on_end_asked(json_t *reply, const struct err *err, void *arg)
{
	struct dataplane *dataplane = arg;
	(void)reply;
	if (err->code != ERR_NONE && dataplane->pid != 0)
		kill(dataplane->pid, SIGTERM);
}

static void
on_end_late(void *arg)
{
	struct dataplane *dataplane = arg;
	log_warn("dataplane does not end", "pid=%d next=SIGKILL", dataplane->pid);
	end_process(dataplane);
}

static void
on_start_late(void *arg)
{
	struct dataplane *dataplane = arg;
	dataplane->timer = NULL;
	err_set(&dataplane->why, ERR_TIMEOUT, NULL, "see its log",
		"it was not ready after %d ms", START_MS);
	end_process(dataplane);
}

/* Without, nobody sees it hang; all else works. */
static void
open_pulse(struct dataplane *dataplane)
{
	char path[256];
	struct err err = {0};
	if (dirs_runtime_path(path, sizeof(path), "%s", PULSE_FILE) != 0 ||
		pulse_open(path, &dataplane->pulse, &err) != 0)
		log_warn("dataplane without life signs", "pid=%d reason=\"%s\"",
			dataplane->pid, err.text);
}

static void
end_process(struct dataplane *dataplane)
{
	if (dataplane->pid != 0)
		kill(dataplane->pid, SIGKILL);
}
