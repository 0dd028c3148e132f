/* run.c: see run.h. */
#include "dataplane/runtime/run.h"
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "common/child.h"
#include "common/doc.h"
#include "common/log.h"
#include "common/priority.h"
#include "dataplane/runtime/control.h"
#include "dataplane/runtime/crew.h"
#include "dataplane/runtime/instance.h"
#include "dataplane/runtime/plugin.h"
#include "dataplane/runtime/turn.h"

#define FLOW_CACHE_ENTRIES (1u << 20)
#define LINGER_US	   100000 /* after a hand-over: the successor needs the CPU first */

struct member { /* one VNF of the process */
	const struct job *job;
	struct instance instance;
	struct control *control;
	struct shm_slot *slot;
};

struct run {
	const struct run_host *host;
	struct member members[JOBS_MAX];
	unsigned n;
	struct crew crew;
	cpu_set_t cpus; /* where all but the packet loop may run */
	bool told;	/* that we are ready */
};

_Static_assert(JOBS_MAX <= CREW_MAX, "all of them have a place in the crew");

static int prepare(struct run *run, const char *plugins, struct err *err);
static int prepare_member(
	struct run *run, struct member *member, const char *plugins, struct err *err);
static void name_culprit(const char *vnf, struct err *err);
static bool is_ours(const struct member *member);
static bool all_ours(const struct run *run);
static int open_instance(struct run *run, struct member *member,
	const struct vnf_type *type, struct err *err);
static int take_turns(struct run *run, struct err *err);
static int take_turn(struct run *run, struct member *member, struct err *err);
static void work(struct run *run);
static bool is_worth_a_cache(const struct run *run);
static void make_cache(struct run *run);
static void join_cache(struct run *run);
static void start_controls(struct run *run);
static bool close_controls(struct run *run);
static int log_to(const char *path, struct err *err);

int
run_jobs(const struct run_host *host, const char *plugins, const struct jobs *jobs,
	struct err *err)
{
	static struct run run;
	int rc;

	run.host = host;
	run.n = jobs->n;
	for (unsigned i = 0; i < run.n; i++)
		run.members[i].job = &jobs->list[i];
	rc = prepare(&run, plugins, err);
	if (rc == 0)
		rc = take_turns(&run, err);
	if (rc != 0) {
		child_ready(err);
		close_controls(&run);
		return rc;
	}
	work(&run);
	return 0;
}

/* All that can be done beside predecessors that work. */
static int
prepare(struct run *run, const char *plugins, struct err *err)
{
	int rc = log_to(run->members[0].job->log, err);

	if (sched_getaffinity(0, sizeof(run->cpus), &run->cpus) != 0)
		return err_sys(err, errno, "cannot read the CPU affinity");
	for (unsigned i = 0; i < run->n && rc == 0; i++) {
		const struct job *job = run->members[i].job;

		rc = attach_slot(run->host->shm, job->slot, job->id, job->type,
			&run->members[i].slot, err);
	}
	if (rc == 0 && all_ours(run))
		priority_set(PRIORITY_START);
	else if (rc == 0)
		priority_set_low(); /* predecessors work */
	for (unsigned i = 0; i < run->n && rc == 0; i++) {
		rc = prepare_member(run, &run->members[i], plugins, err);
		if (rc != 0 && run->n > 1)
			name_culprit(run->members[i].job->name, err);
	}
	if (rc == 0)
		make_cache(run);
	return rc;
}

/* None of a group can start without the others. */
static void
name_culprit(const char *vnf, struct err *err)
{
	char text[sizeof(err->text)];

	snprintf(text, sizeof(text), "%s", err->text);
	snprintf(err->text, sizeof(err->text), "%s: %.400s", vnf, text);
}

static int
prepare_member(
	struct run *run, struct member *member, const char *plugins, struct err *err)
{
	const struct vnf_type *type;
	int rc = plugin_load(plugins, member->job->type, &type, err);

	if (rc == 0)
		rc = control_open(&member->control, member->job->socket, err);
	return rc == 0 ? open_instance(run, member, type, err) : rc;
}

/* Nobody else has the turn: packets wait for it. */
static bool
is_ours(const struct member *member)
{
	return member->job->turn == 0 || turn_is_ours(member->slot, member->job->turn);
}

static bool
all_ours(const struct run *run)
{
	for (unsigned i = 0; i < run->n; i++)
		if (!is_ours(&run->members[i]))
			return false;
	return true;
}

static int
open_instance(struct run *run, struct member *member, const struct vnf_type *type,
	struct err *err)
{
	struct faults faults = {0};
	struct doc *doc = NULL;
	int rc = doc_read(member->job->config, 0, &doc, err);

	if (rc == 0) {
		rc = instance_open(&member->instance, type, run->host->shm, member->slot,
			doc_root(doc), member->job->empty, &faults);
		if (rc != 0)
			faults_first(&faults, err);
	}
	faults_clear(&faults);
	doc_close(doc);
	return rc;
}

static int
take_turns(struct run *run, struct err *err)
{
	int rc;

	if (!all_ours(run)) {
		log_info("ready to succeed", "vnf=%s vnfs=%u", run->members[0].job->name,
			run->n);
		child_ready(NULL);
		run->told = true;
	}
	priority_set(PRIORITY_START);
	rc = attach_pin(run->members[0].job->core, err);
	for (unsigned i = 0; i < run->n && rc == 0; i++)
		rc = take_turn(run, &run->members[i], err);
	return rc;
}

static int
take_turn(struct run *run, struct member *member, struct err *err)
{
	const struct job *job = member->job;
	const uint32_t turn = job->turn != 0 ? job->turn : member->slot->turn;
	int rc = turn_await(run->host->shm, member->slot, turn, run->host->leash, err);

	if (rc == 0 && __atomic_load_n(&member->slot->state, __ATOMIC_ACQUIRE) !=
			       SHM_SLOT_RESERVED)
		rc = err_set(
			err, ERR_STATE, "--slot", NULL, "slot %u is in use", job->slot);
	if (rc == 0)
		rc = instance_adopt(&member->instance, run->host->shm, err);
	if (rc == 0)
		run->crew.workers[run->crew.n++] = &member->instance.worker;
	return rc;
}

static void
work(struct run *run)
{
	bool handed_over = false;

	join_cache(run);
	start_controls(run);
	if (run->members[0].slot->spin_budget_ns !=
		UINT32_MAX) /* one that never sleeps would starve all */
		priority_set(PRIORITY_WORKER);
	crew_run(&run->crew);
	for (unsigned i = 0; i < run->n; i++) {
		const struct worker *worker = &run->members[i].instance.worker;

		handed_over |= worker->stop == WORKER_HAND_OVER;
		log_info(worker->stop == WORKER_HAND_OVER ? "handed over" : "ended",
			"vnf=%s drained=%s", run->members[i].job->name,
			worker->result == 0 ? "yes" : "no");
	}
	if (handed_over) {
		usleep(LINGER_US);
		_exit(0); /* the sockets' names are the successors' */
	}
	if (!close_controls(run))
		_exit(0); /* nobody waits for a configuration */
	for (unsigned i = 0; i < run->n; i++)
		instance_close(&run->members[i].instance);
}

/* A group works without one, too. It takes its time: not that of packets that wait. */
static void
make_cache(struct run *run)
{
	const char *wanted = getenv("RENGA_FLOW_CACHE");
	struct err err = {0};

	if (run->n == 1 || !is_worth_a_cache(run) ||
		(wanted != NULL && strcmp(wanted, "off") == 0))
		return;
	if (flow_cache_create(
		    &run->crew.cache, FLOW_CACHE_ENTRIES, FLOW_CACHE_WORTH, &err) != 0)
		log_warn("works without a flow cache", "error=\"%s\"", err.text);
	else
		log_info("flow cache made", "vnf=%s entries=%u",
			run->members[0].job->name, FLOW_CACHE_ENTRIES);
}

/* One that looks nothing up has nothing to be spared. */
static bool
is_worth_a_cache(const struct run *run)
{
	for (unsigned i = 0; i < run->n; i++)
		if (run->members[i].instance.vnf.type->passed != NULL)
			return true;
	return false;
}

static void
join_cache(struct run *run)
{
	struct err err = {0};
	int rc = 0;

	if (run->crew.cache == NULL)
		return;
	for (unsigned i = 0; i < run->n && rc == 0; i++)
		rc = flow_cache_join(
			run->crew.cache, &run->members[i].instance.worker.exchange, &err);
	if (rc == 0)
		return;
	log_warn("works without a flow cache", "error=\"%s\"", err.text);
	flow_cache_destroy(run->crew.cache);
	run->crew.cache = NULL;
}

static void
start_controls(struct run *run)
{
	struct err first = {0}, err = {0};

	for (unsigned i = 0; i < run->n; i++) {
		struct member *member = &run->members[i];
		const struct job *job = member->job;

		if (control_start(member->control,
			    &(struct control_spec){.instance = &member->instance,
				    .crew = &run->crew,
				    .job = job,
				    .dataplane_pid = run->host->shm->pid,
				    .lcore = run->host->lcore,
				    .cpus = &run->cpus},
			    &err) != 0) {
			log_error("runs without a control thread", "error=\"%s\"",
				err.text);
			first = first.code == ERR_NONE ? err : first;
		}
		log_info("running", "vnf=%s type=%s slot=%u core=%u turn=%u", job->name,
			job->type, job->slot, job->core, member->slot->turn);
	}
	if (!run->told)
		child_ready(first.code == ERR_NONE ? NULL : &first);
}

/* False: one of them is still building a configuration. */
static bool
close_controls(struct run *run)
{
	bool idle = true;

	for (unsigned i = 0; i < run->n; i++)
		idle &= control_close(run->members[i].control);
	return idle;
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
