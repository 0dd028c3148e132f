/* run.c: see run.h. */
#include "dataplane/runtime/run.h"
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <unistd.h>
#include "common/child.h"
#include "common/doc.h"
#include "common/log.h"
#include "common/priority.h"
#include "dataplane/runtime/control.h"
#include "dataplane/runtime/instance.h"
#include "dataplane/runtime/plugin.h"
#include "dataplane/runtime/turn.h"

#define LINGER_US 100000 /* after a hand-over: the successor needs the CPU first */

struct run {
	const struct run_host *host;
	const struct job *job;
	struct instance *instance;
	struct control *control;
	struct shm_slot *slot;
	cpu_set_t cpus; /* where all but the packet loop may run */
	bool told;	/* that we are ready */
};

static int prepare(struct run *run, const char *plugins, struct err *err);
static bool is_awaited(const struct run *run);
static int open_instance(struct run *run, const struct vnf_type *type, struct err *err);
static int take_turn(struct run *run, struct err *err);
static void work(struct run *run);
static int log_to(const char *path, struct err *err);

int
run_job(const struct run_host *host, const char *plugins, const struct job *job,
	struct err *err)
{
	static struct instance instance;
	struct run run = {.host = host, .job = job, .instance = &instance};
	int rc = prepare(&run, plugins, err);

	if (rc == 0)
		rc = take_turn(&run, err);
	if (rc != 0) {
		child_ready(err);
		control_close(run.control);
		return rc;
	}
	work(&run);
	return 0;
}

/* All that can be done beside a predecessor that works. */
static int
prepare(struct run *run, const char *plugins, struct err *err)
{
	const struct job *job = run->job;
	const struct vnf_type *type;
	int rc = log_to(job->log, err);

	if (sched_getaffinity(0, sizeof(run->cpus), &run->cpus) != 0)
		return err_sys(err, errno, "cannot read the CPU affinity");
	if (rc == 0)
		rc = attach_slot(
			run->host->shm, job->slot, job->id, job->type, &run->slot, err);
	if (rc == 0 && is_awaited(run))
		priority_set(PRIORITY_START);
	else if (rc == 0)
		priority_set_low(); /* the predecessor works */
	if (rc == 0)
		rc = plugin_load(plugins, job->type, &type, err);
	if (rc == 0)
		rc = control_open(&run->control, job->socket, err);
	return rc == 0 ? open_instance(run, type, err) : rc;
}

/* Packets wait for it: nobody else has the turn. */
static bool
is_awaited(const struct run *run)
{
	return run->job->turn == 0 || turn_is_ours(run->slot, run->job->turn);
}

static int
open_instance(struct run *run, const struct vnf_type *type, struct err *err)
{
	struct faults faults = {0};
	struct doc *doc = NULL;
	int rc = doc_read(run->job->config, 0, &doc, err);

	if (rc == 0) {
		rc = instance_open(run->instance, type, run->host->shm, run->slot,
			doc_root(doc), run->job->empty, &faults);
		if (rc != 0)
			faults_first(&faults, err);
	}
	faults_clear(&faults);
	doc_close(doc);
	return rc;
}

static int
take_turn(struct run *run, struct err *err)
{
	const struct job *job = run->job;
	const uint32_t turn = job->turn != 0 ? job->turn : run->slot->turn;
	int rc = 0;

	if (!turn_is_ours(run->slot, turn)) {
		log_info("ready to succeed", "vnf=%s turn=%u", job->name, turn);
		child_ready(NULL);
		run->told = true;
	}
	priority_set(PRIORITY_START);
	rc = attach_pin(job->core, err);
	if (rc == 0)
		rc = turn_await(run->host->shm, run->slot, turn, run->host->leash, err);
	if (rc == 0 &&
		__atomic_load_n(&run->slot->state, __ATOMIC_ACQUIRE) != SHM_SLOT_RESERVED)
		rc = err_set(
			err, ERR_STATE, "--slot", NULL, "slot %u is in use", job->slot);
	if (rc == 0)
		rc = instance_adopt(run->instance, run->host->shm, err);
	return rc;
}

static void
work(struct run *run)
{
	struct instance *instance = run->instance;
	struct err err = {0};
	int rc;

	rc = control_start(run->control, instance, run->job, run->host->shm->pid,
		run->host->lcore, &run->cpus, &err);

	if (!run->told)
		child_ready(rc == 0 ? NULL : &err);
	if (rc != 0)
		log_error("runs without a control thread", "error=\"%s\"", err.text);
	log_info("running", "vnf=%s type=%s slot=%u core=%u turn=%u", run->job->name,
		run->job->type, run->job->slot, run->job->core, run->slot->turn);
	if (instance->slot->spin_budget_ns !=
		UINT32_MAX) /* one that never sleeps would starve all */
		priority_set(PRIORITY_WORKER);
	rc = worker_run(&instance->worker);
	if (instance->worker.stop == WORKER_HAND_OVER) {
		log_info("handed over", "vnf=%s", run->job->name);
		usleep(LINGER_US);
		_exit(0); /* the socket's name is the successor's */
	}
	log_info("ended", "vnf=%s drained=%s", run->job->name, rc == 0 ? "yes" : "no");
	if (!control_close(run->control))
		_exit(0); /* nobody waits for a configuration */
	instance_close(instance);
}

static int
log_to(const char *path, struct err *err)
{
	int fd;

	if (path == NULL)
		return 0;
	fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
	if (fd < 0)
		return err_sys(err, errno, "cannot write %s", path);
	dup2(fd, STDOUT_FILENO);
	dup2(fd, STDERR_FILENO);
	close(fd);
	return 0;
}
