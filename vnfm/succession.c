/* succession.c: see succession.h. */
#include "vnfm/succession.h"
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>
#include "common/log.h"
#include "vnfm/group.h"
#include "vnfm/spares.h"
#include "vnfm/start.h"
#include "vnfm/supervisor.h"

/* Until a successor is ready: it may have to build large tables. */
#define START_MS     15000
#define HAND_OVER_MS 1500 /* for the predecessor's answer */
#define PROBATION_MS 2000

struct asked { /* a predecessor, to hand over */
	struct manager *manager;
	pid_t former, successor;
};

static void await(struct manager *manager, struct object *vnf,
	const struct vnf_start *next, bool first);
static void on_ready(int fd, uint32_t events, void *arg);
static void change_over(struct manager *manager, struct object *vnf);
static void on_exit_of(pid_t pid, int status, void *arg);
static void on_start_late(void *arg);
static void ask_to_hand_over(struct object *vnf);
static bool goes_along(const struct object *vnf, const struct asked *asked);
static void on_handed_over(json_t *reply, const struct err *err, void *arg);
static void take_over(struct manager *manager, struct object *vnf);
static void leave_leash(struct manager *manager, struct vnf_start *next);
static void on_probation_over(void *arg);
static void fail(struct object *vnf, const struct err *err);
static void fail_all(
	struct manager *manager, pid_t pid, bool dead, const struct err *err);
static void take_back(struct object *vnf, const struct err *err);
static void forget_next(struct object *vnf);

void
succession_want(struct object *vnf, const json_t *former)
{
	struct vnf_process *process = &vnf->vnf;
	json_decref(process->former);
	process->former = json_incref((json_t *)former);
	process->succession = SUCCESSION_WANTED;
	process->change_err = (struct err){0};
}

void
succession_start(struct manager *manager, struct object *vnf)
{
	const struct group group = group_of(&manager->wanted, vnf);
	struct start_spec specs[GROUP_MAX];
	struct vnf_start next;
	struct err err = {0};
	for (unsigned i = 0; i < group.n; i++) {
		const struct object *member = group.members[i];
		specs[i] = (struct start_spec){.turn = member->vnf.turn + 1,
			.beside = true,
			.empty = json_is_true(
				json_object_get(member->wanted, "emptyState"))};
	}
	if (start_vnfs(manager, group.members, specs, group.n, &next, &err) != 0) {
		fail(vnf, &err);
		return;
	}
	for (unsigned i = 0; i < group.n; i++)
		await(manager, group.members[i], &next, group.members[i] == vnf);
}

/* first: it has what there is of the successor but once. */
static void
await(struct manager *manager, struct object *vnf, const struct vnf_start *next,
	bool first)
{
	struct vnf_process *process = &vnf->vnf;
	if (process->succession == SUCCESSION_NONE)
		succession_want(vnf, NULL);
	process->succession = SUCCESSION_STARTING;
	process->next = *next;
	process->next_ready_told = false;
	log_info("successor started", "vnf=%s pid=%d turn=%u", vnf->name, next->child.pid,
		process->turn + 1);
	process->next_exit =
		loop_add_exit(manager->loop, next->child.pid, on_exit_of, vnf);
	if (!first) {
		process->next.leash = process->next.child.ready_fd = -1;
		return;
	}
	process->next_ready =
		loop_add_fd(manager->loop, next->child.ready_fd, EPOLLIN, on_ready, vnf);
	process->next_timer =
		loop_add_timer(manager->loop, START_MS, 0, on_start_late, vnf);
}

bool
succession_on_death(struct object *vnf)
{
	const enum succession succession = vnf->vnf.succession;
	return (succession == SUCCESSION_STARTING || succession == SUCCESSION_HANDING) &&
	       vnf->vnf.next.child.pid != 0;
}

void
succession_on_clear(struct manager *manager, struct object *vnf)
{
	if (succession_on_death(vnf) && vnf->vnf.next_ready_told)
		take_over(manager, vnf);
}

void
succession_revert(struct object *vnf, const char *why)
{
	struct err err;
	err_set(&err, ERR_UNAVAILABLE, NULL, "see its log",
		"the successor died within its probation: %s", why);
	take_back(vnf, &err);
}

void
succession_refused(struct object *vnf, const struct err *err)
{
	json_decref(vnf->vnf.former);
	vnf->vnf.former = NULL; /* step.c has returned to it */
	take_back(vnf, err);
	vnf->error = (struct err){0};
}

void
succession_abandon(struct object *vnf)
{
	char socket[256];

	if (vnf->vnf.next.child.pid != 0)
		kill(vnf->vnf.next.child.pid, SIGKILL);
	forget_next(vnf);
	vnf->vnf.succession = SUCCESSION_NONE;
	if (start_socket(vnf->id, true, socket, sizeof(socket)) == 0)
		unlink(socket);
}

bool
succession_pending(const struct object *vnf)
{
	return vnf->vnf.succession != SUCCESSION_NONE;
}

/* ---- the successor ----------------------------------------------------------------- */

static void
on_ready(int fd, uint32_t events, void *arg)
{
	struct object *first = arg, *vnf, *next;
	struct manager *manager = first->vnf.owner;
	const pid_t pid = first->vnf.next.child.pid;
	struct err err = {0};
	(void)fd;
	(void)events;
	int rc = child_wait_ready(&first->vnf.next.child, 0, &err);
	loop_del(first->vnf.next_ready);
	first->vnf.next_ready = NULL;
	if (rc != 0 && err.code != ERR_UNAVAILABLE)
		fail(first, &err);
	if (rc != 0) /* it has died without a word: its exit status says more */
		return;
	loop_del(first->vnf.next_timer);
	first->vnf.next_timer = NULL;
	TAILQ_FOREACH (vnf, &manager->wanted.lists[OBJECT_VNF], entry)
		if (vnf->vnf.next.child.pid == pid)
			vnf->vnf.next_ready_told = true;
	log_info("successor ready", "vnf=%s pid=%d", first->name, pid);
	for (vnf = TAILQ_FIRST(&manager->wanted.lists[OBJECT_VNF]); vnf != NULL;
		vnf = next) {
		next = TAILQ_NEXT(vnf, entry);
		if (vnf->vnf.next.child.pid == pid)
			change_over(manager, vnf);
	}
}

static void
change_over(struct manager *manager, struct object *vnf)
{
	if (vnf->vnf.pid == 0 && !vnf->vnf.used)
		take_over(manager, vnf);
	else if (vnf->vnf.pid != 0 && vnf->vnf.succession == SUCCESSION_STARTING)
		ask_to_hand_over(vnf);
}

static void
on_exit_of(pid_t pid, int status, void *arg)
{
	struct object *vnf = arg, *other;
	struct manager *manager = vnf->vnf.owner;
	struct err err = {0};
	char how[96];
	vnf->vnf.next_exit = NULL;
	child_print_status(status, how, sizeof(how));
	TAILQ_FOREACH (other, &manager->wanted.lists[OBJECT_VNF], entry)
		if (other->vnf.next.child.pid == pid && other->vnf.next_ready != NULL)
			child_wait_ready(
				&other->vnf.next.child, 0, &err); /* its last words */
	if (err.code == ERR_NONE || err.code == ERR_UNAVAILABLE)
		err_set(&err, ERR_UNAVAILABLE, NULL, "see its log",
			"the successor, process %d, died before it was its turn: %s", pid,
			how);
	fail_all(manager, pid, true, &err);
	manager_converge(manager);
}

static void
on_start_late(void *arg)
{
	struct object *vnf = arg;
	struct err err;
	vnf->vnf.next_timer = NULL;
	err_set(&err, ERR_TIMEOUT, NULL, "see its log",
		"the successor was not ready after %d ms", START_MS);
	fail(vnf, &err);
}

/* ---- the change -------------------------------------------------------------------- */

/* At once with all that go the same way, so that none waits for another. */
static void
ask_to_hand_over(struct object *vnf)
{
	struct manager *manager = vnf->vnf.owner;
	struct asked *asked = malloc(sizeof(*asked));
	struct object *other;
	char socket[256];
	struct err err;
	if (asked == NULL || start_socket(vnf->id, false, socket, sizeof(socket)) != 0) {
		free(asked);
		err_set(&err, ERR_INTERNAL, NULL, NULL, "out of memory");
		fail(vnf, &err);
		return;
	}
	*asked = (struct asked){manager, vnf->vnf.pid, vnf->vnf.next.child.pid};
	json_t *vnfs = json_array();
	TAILQ_FOREACH (other, &manager->wanted.lists[OBJECT_VNF], entry) {
		if (!goes_along(other, asked))
			continue;
		other->vnf.succession = SUCCESSION_HANDING;
		json_array_append_new(vnfs, json_string(other->id));
	}
	ask_start(manager->loop, socket,
		json_pack("{s:s, s:o}", "op", "hand-over", "vnfs", vnfs), HAND_OVER_MS,
		on_handed_over, asked);
}

static bool
goes_along(const struct object *vnf, const struct asked *asked)
{
	return vnf->vnf.pid == asked->former &&
	       vnf->vnf.next.child.pid == asked->successor;
}

/* A predecessor that does not hand over is ended hard: its successor has its turn as
 * after any death. */
static void
on_handed_over(json_t *reply, const struct err *err, void *arg)
{
	const struct asked asked = *(struct asked *)arg;
	struct object *vnf, *next;
	bool late = false;
	(void)reply;
	free(arg);
	for (vnf = TAILQ_FIRST(&asked.manager->wanted.lists[OBJECT_VNF]); vnf != NULL;
		vnf = next) {
		next = TAILQ_NEXT(vnf, entry);
		if (!goes_along(vnf, &asked) || vnf->vnf.succession != SUCCESSION_HANDING)
			continue;
		if (err->code == ERR_NONE) {
			vnf->vnf.turn++;
			take_over(asked.manager, vnf);
			continue;
		}
		late = true;
		log_warn("vnf does not hand over",
			"vnf=%s pid=%d reason=\"%s\" next=SIGKILL", vnf->name,
			vnf->vnf.pid, err->text);
	}
	if (late)
		kill(asked.former, SIGKILL);
}

/* The successor has its turn: it is the VNF's process from here on. */
static void
take_over(struct manager *manager, struct object *vnf)
{
	struct vnf_process *process = &vnf->vnf;
	struct vnf_start next = process->next;
	pid_t former = process->pid;
	struct err err = {0};
	process->next.child.pid = 0;
	process->next.leash = process->next.child.ready_fd = -1;
	forget_next(vnf);
	leave_leash(manager, &next);
	process->restarts += former == 0;
	supervisor_replace(manager, vnf, &next);
	if (former != 0 && group_companion(&manager->wanted, vnf, former) == NULL)
		loop_add_exit(manager->loop, former, NULL, NULL);
	if (start_rename_socket(vnf->id, &err) != 0)
		log_error("socket not renamed", "vnf=%s reason=\"%s\"", vnf->name,
			err.text);
	process->succession = SUCCESSION_PROBATION;
	process->next_timer =
		loop_add_timer(manager->loop, PROBATION_MS, 0, on_probation_over, vnf);
	log_info("vnf succeeded", "vnf=%s pid=%d former=%d turn=%u", vnf->name,
		next.child.pid, former, process->turn);
	manager_event(manager, vnf, LIFECYCLE_TOLD, "");
}

/* As long as others wait for their turn in that process it must not believe that nobody
 * wants it any more. */
static void
leave_leash(struct manager *manager, struct vnf_start *next)
{
	struct object *vnf;
	TAILQ_FOREACH (vnf, &manager->wanted.lists[OBJECT_VNF], entry) {
		if (next->leash < 0 || vnf->vnf.next.child.pid != next->child.pid)
			continue;
		vnf->vnf.next.leash = next->leash;
		next->leash = -1;
	}
}

static void
on_probation_over(void *arg)
{
	struct object *vnf = arg;
	vnf->vnf.next_timer = NULL;
	vnf->vnf.succession = SUCCESSION_NONE;
	json_decref(vnf->vnf.former);
	vnf->vnf.former = NULL;
	log_info("probation over", "vnf=%s pid=%d", vnf->name, vnf->vnf.pid);
	events_add(((struct manager *)vnf->vnf.owner)->events, "vnf-succeeded", vnf->ns,
		vnf->id, "");
	manager_converge(vnf->vnf.owner);
}

/* ---- when it does not come off ------------------------------------------------------
 */

static void
fail(struct object *vnf, const struct err *err)
{
	if (vnf->vnf.next.child.pid != 0)
		fail_all(vnf->vnf.owner, vnf->vnf.next.child.pid, false, err);
	else
		take_back(vnf, err);
	manager_converge(vnf->vnf.owner);
}

/* All that were to be in that process. dead: its number may be another one's soon. */
static void
fail_all(struct manager *manager, pid_t pid, bool dead, const struct err *err)
{
	struct object *vnf;
	TAILQ_FOREACH (vnf, &manager->wanted.lists[OBJECT_VNF], entry) {
		if (vnf->vnf.next.child.pid != pid)
			continue;
		if (dead)
			vnf->vnf.next.child.pid = 0;
		take_back(vnf, err);
	}
}

/* What runs goes on, or is started again, as it was before. */
static void
take_back(struct object *vnf, const struct err *err)
{
	struct vnf_process *process = &vnf->vnf;
	succession_abandon(vnf);
	process->change_err = *err;
	log_warn("change taken back", "vnf=%s reason=\"%s\"", vnf->name, err->text);
	events_add(((struct manager *)process->owner)->events, "vnf-change-failed",
		vnf->ns, vnf->id, err->text);
	if (process->former == NULL)
		return;
	wanted_change(vnf, process->former);
	json_decref(process->former);
	process->former = NULL;
}

static void
forget_next(struct object *vnf)
{
	struct vnf_process *process = &vnf->vnf;
	struct manager *manager = process->owner;
	loop_del(process->next_exit);
	loop_del(process->next_ready);
	loop_del(process->next_timer);
	process->next_exit = process->next_ready = process->next_timer = NULL;
	if (process->next.child.pid != 0)
		loop_add_exit(manager->loop, process->next.child.pid, NULL, NULL);
	spares_release(&process->next);
	process->next.child.pid = 0;
}
