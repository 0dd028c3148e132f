/* supervisor.c: see supervisor.h. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/wait.h>
#include <unistd.h>
#include "common/dirs.h"
#include "common/log.h"
#include "vnfm/ask.h"
#include "vnfm/group.h"
#include "vnfm/room.h"
#include "vnfm/spares.h"
#include "vnfm/start.h"
#include "vnfm/succession.h"
#include "vnfm/supervisor.h"

#define START_MS 10000 /* until a process is ready */
#define DRAIN_MS 1000  /* that it may take to drain */
#define STOP_MS	 1500  /* until SIGTERM */
#define TERM_MS	 1000  /* until SIGKILL */
#define ROOM_MS	 1000  /* between attempts while it has not */

static int start(struct manager *manager, const struct group *group, struct err *err);
static void not_started(struct object *vnf, const struct err *err);
static void wait_for_room(struct object *vnf);
static int watch(struct manager *manager, struct object *vnf, struct err *err);
static void on_ready(int fd, uint32_t events, void *arg);
static void became_ready(struct object *vnf);
static bool is_hopeless(enum err_code code);
static void on_start_late(void *arg);
static void on_exit_of(pid_t pid, int status, void *arg);
static void hear_last_words(struct manager *manager, pid_t pid);
static void ended(struct object *vnf, const char *detail);
static void count_death(struct object *vnf, const char *detail);
static void print_status(const struct object *vnf, int status, char *text, size_t size);
static void set_timer(struct object *vnf, uint64_t ms, loop_timer_cb *cb);
static void ask_to_stop(struct object *vnf);
static void ask_to_leave(struct object *vnf);
static ask_done on_left;
static void on_stop_late(void *arg);

void
supervisor_spawn(struct manager *manager, struct object *vnf)
{
	const struct group group = group_of(&manager->wanted, vnf);
	struct err err = {0};
	for (unsigned i = 0; i < group.n; i++) {
		struct vnf_process *process = &group.members[i]->vnf;
		process->owner = manager;
		process->ready_ms = process->stop_stage = 0;
		process->hopeless = process->stale = false;
		process->restarts += process->started_ms != 0;
		process->started_ms = loop_now_ms();
	}
	if (start(manager, &group, &err) != 0)
		for (unsigned i = 0; i < group.n; i++)
			not_started(group.members[i], &err);
}

static void
not_started(struct object *vnf, const struct err *err)
{
	struct vnf_process *process = &vnf->vnf;
	vnf->error = *err;
	process->hopeless = is_hopeless(err->code);
	if (process->pid != 0)
		kill(process->pid, SIGKILL);
	supervisor_release(vnf);
	process->pid = 0;
	if (err->code == ERR_NO_SPACE)
		wait_for_room(vnf);
	else
		count_death(vnf, err->text);
}

void
supervisor_adopt(struct manager *manager, struct object *vnf, pid_t pid)
{
	struct vnf_process *process = &vnf->vnf;
	struct err err = {0};
	process->owner = manager;
	process->started_ms = process->ready_ms = loop_now_ms();
	process->vigil = (struct vigil){0};
	process->pid = pid;
	process->state = pid != 0 ? LIFECYCLE_READY : LIFECYCLE_DEGRADED;
	process->used = pid == 0;
	if (pid != 0 && watch(manager, vnf, &err) == 0) {
		log_info("vnf found", "vnf=%s id=%s pid=%d slot=%d", vnf->name, vnf->id,
			pid, process->slot);
		return;
	}
	process->pid = 0;
	count_death(vnf, pid != 0 ? err.text : "it died while nobody watched");
}

void
supervisor_replace(
	struct manager *manager, struct object *vnf, const struct vnf_start *start)
{
	struct vnf_process *process = &vnf->vnf;
	struct err err = {0};
	supervisor_release(vnf);
	process->start = *start;
	spares_release(&process->start);
	process->pid = start->child.pid;
	process->started_ms = process->ready_ms = loop_now_ms();
	process->vigil = (struct vigil){0};
	process->stop_stage = 0;
	process->used = process->stale = process->hopeless = false;
	vnf->error = (struct err){0};
	if (watch(manager, vnf, &err) != 0)
		log_error("vnf not watched", "vnf=%s pid=%d reason=\"%s\"", vnf->name,
			process->pid, err.text);
}

void
supervisor_ignore(json_t *reply, const struct err *err, void *arg)
{
	(void)reply;
	(void)arg;
	if (err->code != ERR_NONE)
		log_debug("not answered", "reason=\"%s\"", err->text);
}

void
supervisor_stop(struct manager *manager, struct object *vnf)
{
	struct vnf_process *process = &vnf->vnf;
	if (process->stop_stage != 0)
		return;
	process->stop_stage = 1;
	if (process->ready_ms == 0) {
		kill(process->pid, SIGKILL);
		return;
	}
	if (group_companion(&manager->wanted, vnf, process->pid) != NULL)
		ask_to_leave(vnf);
	else
		ask_to_stop(vnf);
	set_timer(vnf, STOP_MS, on_stop_late);
}

void
supervisor_rejoin(struct manager *manager, struct object *vnf)
{
	log_info("vnf to rejoin its group", "vnf=%s pid=%d", vnf->name, vnf->vnf.pid);
	succession_abandon(vnf);
	vnf->vnf.stale = true;
	manager_event(manager, vnf, LIFECYCLE_PUT, "its group is started anew");
}

void
supervisor_lost(struct manager *manager, struct object *vnf)
{
	struct vnf_process *process = &vnf->vnf;
	succession_abandon(vnf);
	process->slot = -1;
	process->used = false;
	process->stale = true;
	process->backoff = (struct backoff){0};
	process->due_ms = 0;
	if (process->pid != 0) {
		process->stop_stage = 1;
		kill(process->pid, SIGKILL);
	}
	manager_event(manager, vnf, LIFECYCLE_LOST, "the dataplane died");
}

void
supervisor_hung(struct manager *manager, struct object *vnf, uint64_t still_ms)
{
	struct vnf_process *process = &vnf->vnf;
	err_set(&vnf->error, ERR_TIMEOUT, NULL, "see its log",
		"its heartbeat stood still for %ju ms", (uintmax_t)still_ms);
	log_error("vnf hangs", "vnf=%s pid=%d still_ms=%ju next=SIGKILL", vnf->name,
		process->pid, (uintmax_t)still_ms);
	process->stop_stage = 1;
	kill(process->pid, SIGKILL);
	manager_event(manager, vnf, LIFECYCLE_HUNG, vnf->error.text);
}

void
supervisor_release(struct object *vnf)
{
	struct vnf_process *process = &vnf->vnf;
	loop_del(process->exit);
	loop_del(process->ready);
	loop_del(process->timer);
	process->exit = process->ready = process->timer = NULL;
	spares_release(&process->start);
}

/* The first has what there is of the process but once. */
static int
start(struct manager *manager, const struct group *group, struct err *err)
{
	struct start_spec specs[GROUP_MAX];
	struct vnf_start start;
	for (unsigned i = 0; i < group->n; i++)
		specs[i] = (struct start_spec){
			.turn = group->members[i]->vnf.turn, .empty = true};
	int rc = room_check(err);
	if (rc == 0)
		rc = start_vnfs(manager, group->members, specs, group->n, &start, err);
	if (rc != 0)
		return rc;
	for (unsigned i = 0; i < group->n; i++) {
		struct object *vnf = group->members[i];
		vnf->vnf.start = start;
		if (i > 0)
			vnf->vnf.start.leash = vnf->vnf.start.child.ready_fd = -1;
		vnf->vnf.pid = start.child.pid;
		log_info("vnf started", "vnf=%s id=%s pid=%d slot=%d restarts=%u",
			vnf->name, vnf->id, vnf->vnf.pid, vnf->vnf.slot,
			vnf->vnf.restarts);
	}
	struct object *first = group->members[0];
	first->vnf.ready = loop_add_fd(
		manager->loop, start.child.ready_fd, EPOLLIN, on_ready, first);
	set_timer(first, START_MS, on_start_late);
	for (unsigned i = 0; i < group->n && rc == 0; i++)
		rc = watch(manager, group->members[i], err);
	return rc;
}

/* It is no fault of the VNF, so it is no crash loop: tried until there is room. */
static void
wait_for_room(struct object *vnf)
{
	struct manager *manager = vnf->vnf.owner;
	const char *text = vnf->error.text;
	vnf->vnf.due_ms = loop_now_ms() + ROOM_MS;
	if (!vnf->vnf.told_waits) {
		log_error("vnf cannot be started",
			"vnf=%s reason=\"%s\" next=\"try "
			"again\"",
			vnf->name, text);
		events_add(manager->events, "vnf-waits", vnf->ns, vnf->id, text);
	}
	vnf->vnf.told_waits = true;
	manager_converge(manager);
}

static int
watch(struct manager *manager, struct object *vnf, struct err *err)
{
	vnf->vnf.exit = loop_add_exit(manager->loop, vnf->vnf.pid, on_exit_of, vnf);
	return vnf->vnf.exit != NULL
		       ? 0
		       : err_sys(err, errno, "cannot watch process %d", vnf->vnf.pid);
}

static void
on_ready(int fd, uint32_t events, void *arg)
{
	struct object *first = arg, *vnf;
	struct manager *manager = first->vnf.owner;
	const pid_t pid = first->vnf.pid;
	struct err err = {0};
	(void)fd;
	(void)events;
	int rc = child_wait_ready(&first->vnf.start.child, 0, &err);
	loop_del(first->vnf.ready);
	first->vnf.ready = NULL;
	manager->converging = true; /* one round at the end */
	TAILQ_FOREACH (vnf, &manager->wanted.lists[OBJECT_VNF], entry) {
		if (vnf->vnf.pid != pid || vnf->vnf.ready_ms != 0)
			continue;
		if (rc == 0) {
			became_ready(vnf);
		} else if (err.code != ERR_UNAVAILABLE) {
			vnf->error = err;
			vnf->vnf.hopeless = is_hopeless(err.code);
		}
	}
	manager->converging = false;
	if (rc == 0)
		manager_converge(manager);
}

static void
became_ready(struct object *vnf)
{
	struct vnf_process *process = &vnf->vnf;
	loop_del(process->timer);
	process->timer = NULL;
	spares_release(&process->start);
	process->ready_ms = loop_now_ms();
	process->vigil = (struct vigil){0};
	process->told_waits = false;
	if (!process->stale)
		vnf->error = (struct err){0};
	log_info("vnf ready", "vnf=%s pid=%d ms=%ju", vnf->name, process->pid,
		(uintmax_t)(process->ready_ms - process->started_ms));
	if (!process->stale)
		manager_event(process->owner, vnf, LIFECYCLE_TOLD, "");
	else
		manager_converge(process->owner);
}

/* Another attempt with the same configuration and program would end the same way. */
static bool
is_hopeless(enum err_code code)
{
	return code == ERR_INVALID || code == ERR_MALFORMED || code == ERR_NOT_FOUND ||
	       code == ERR_UNSUPPORTED;
}

static void
on_start_late(void *arg)
{
	struct object *vnf = arg;
	vnf->vnf.timer = NULL;
	err_set(&vnf->error, ERR_TIMEOUT, NULL, "see its log",
		"it was not ready after %d ms", START_MS);
	kill(vnf->vnf.pid, SIGKILL);
}

static void
on_exit_of(pid_t pid, int status, void *arg)
{
	struct object *vnf = arg;
	char detail[600];
	hear_last_words(vnf->vnf.owner, pid);
	print_status(vnf, status, detail, sizeof(detail));
	vnf->vnf.exit = NULL;
	ended(vnf, detail);
}

/* The first of those who started together is told why they cannot. */
static void
hear_last_words(struct manager *manager, pid_t pid)
{
	struct object *vnf;
	TAILQ_FOREACH (vnf, &manager->wanted.lists[OBJECT_VNF], entry)
		if (vnf->vnf.pid == pid && vnf->vnf.ready != NULL) {
			on_ready(vnf->vnf.start.child.ready_fd, 0, vnf);
			return;
		}
}

static void
ended(struct object *vnf, const char *detail)
{
	struct vnf_process *process = &vnf->vnf;
	struct manager *manager = process->owner;
	const pid_t pid = process->pid;
	supervisor_release(vnf);
	process->pid = 0;
	process->used = vnf->applied != NULL;
	bool meant = process->stale || process->state == LIFECYCLE_STOPPING ||
		     process->state == LIFECYCLE_FAILED;
	log_info("vnf ended", "vnf=%s pid=%d meant=%s how=\"%s\"", vnf->name, pid,
		meant ? "yes" : "no", detail);
	process->stale = false;
	process->stop_stage = 0;
	if (!meant && process->succession == SUCCESSION_PROBATION)
		succession_revert(vnf, detail);
	if (meant)
		manager_converge(manager);
	else
		count_death(vnf, detail);
}

static void
count_death(struct object *vnf, const char *detail)
{
	struct vnf_process *process = &vnf->vnf;
	struct manager *manager = process->owner;
	uint64_t now_ms = loop_now_ms(), window_ms = manager->options->crash_window_ms;
	if (vnf->error.code == ERR_NONE)
		err_set(&vnf->error, ERR_UNAVAILABLE, NULL, "see its log",
			"its process died: %s", detail);
	process->due_ms = now_ms + backoff_died(&process->backoff, window_ms,
					   process->ready_ms, now_ms);
	process->ready_ms = 0;
	bool loops = backoff_is_loop(&process->backoff, window_ms, now_ms);
	if (process->hopeless)
		manager_event(manager, vnf, LIFECYCLE_REFUSED, vnf->error.text);
	else
		manager_event(manager, vnf, LIFECYCLE_DIED, detail);
	if (!process->hopeless && loops)
		manager_event(manager, vnf, LIFECYCLE_LOOP, "it dies again and again");
}

static void
print_status(const struct object *vnf, int status, char *text, size_t size)
{
	if (vnf->error.code != ERR_NONE)
		snprintf(text, size, "%s", vnf->error.text);
	else
		child_print_status(status, text, size);
}

static void
set_timer(struct object *vnf, uint64_t ms, loop_timer_cb *cb)
{
	struct manager *manager = vnf->vnf.owner;
	loop_del(vnf->vnf.timer);
	vnf->vnf.timer = loop_add_timer(manager->loop, ms, 0, cb, vnf);
}

static void
ask_to_stop(struct object *vnf)
{
	struct manager *manager = vnf->vnf.owner;
	char socket[256];
	if (start_socket(vnf->id, false, socket, sizeof(socket)) == 0)
		ask_start(manager->loop, socket,
			json_pack("{s:s, s:i}", "op", "stop", "timeoutMs", DRAIN_MS),
			STOP_MS, supervisor_ignore, NULL);
}

struct left { /* who was asked to leave a process */
	struct manager *manager;
	char id[WANTED_ID_MAX + 1];
	pid_t pid;
};

static void
ask_to_leave(struct object *vnf)
{
	struct manager *manager = vnf->vnf.owner;
	struct left *left = malloc(sizeof(*left));
	char socket[256];
	if (left == NULL || start_socket(vnf->id, false, socket, sizeof(socket)) != 0) {
		free(left);
		return;
	}
	*left = (struct left){.manager = manager, .pid = vnf->vnf.pid};
	snprintf(left->id, sizeof(left->id), "%s", vnf->id);
	ask_start(manager->loop, socket,
		json_pack("{s:s, s:i}", "op", "leave", "timeoutMs", DRAIN_MS), STOP_MS,
		on_left, left);
}

/* Its companions go on; its socket is nobody's any more. */
static void
on_left(json_t *reply, const struct err *err, void *arg)
{
	const struct left left = *(struct left *)arg;
	struct object *vnf = wanted_find(&left.manager->wanted, OBJECT_VNF, left.id);
	char socket[256];
	(void)reply;
	free(arg);
	if (vnf == NULL || vnf->vnf.pid != left.pid || err->code != ERR_NONE)
		return;
	if (start_socket(vnf->id, false, socket, sizeof(socket)) == 0)
		unlink(socket);
	ended(vnf, "it left its process");
}

static void
on_stop_late(void *arg)
{
	struct object *vnf = arg;
	int signal = vnf->vnf.stop_stage++ == 1 ? SIGTERM : SIGKILL;
	vnf->vnf.timer = NULL;
	log_warn("vnf does not end", "vnf=%s pid=%d next=%s", vnf->name, vnf->vnf.pid,
		signal == SIGTERM ? "SIGTERM" : "SIGKILL");
	kill(vnf->vnf.pid, signal);
	set_timer(vnf, TERM_MS, on_stop_late);
}
