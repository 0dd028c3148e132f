/* spares.c: see spares.h. */
#include "vnfm/spares.h"
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "common/log.h"
#include "vnfm/logs.h"
#include "vnfm/manager.h"

#define REFILL_MS   50	/* after one was taken: what it became needs the CPU first */
#define LCORE_FIRST 16	/* below are the dataplane's own */
#define LCORE_LAST  127 /* RTE_MAX_LCORE of Debian's DPDK is 128 */
#define PLACEHOLDER 320 /* bytes of an argument that the process overwrites */

static void on_refill(void *arg);
static int spawn(struct spares *spares, struct vnf_start *start, struct err *err);
static int pick_lcore(const struct spares *spares, unsigned *lcore, struct err *err);
static bool is_used(const struct spares *spares, unsigned lcore);
static void on_exit_of(pid_t pid, int status, void *arg);
static void remove_at(struct spares *spares, unsigned i);

void
spares_open(struct spares *spares, struct manager *manager)
{
	*spares = (struct spares){.manager = manager};
}

void
spares_fill(struct spares *spares)
{
	if (spares->refill == NULL && !spares->closed &&
		spares->n < spares->manager->options->spares)
		spares->refill = loop_add_timer(
			spares->manager->loop, REFILL_MS, 0, on_refill, spares);
}

int
spares_take(struct spares *spares, struct vnf_start *start, struct err *err)
{
	int rc = 0;
	if (spares->n > 0) {
		*start = spares->list[0].start;
		remove_at(spares, 0);
	} else {
		rc = spawn(spares, start, err);
	}
	spares_fill(spares);
	return rc;
}

void
spares_drop(struct spares *spares)
{
	while (spares->n > 0) {
		struct vnf_start start = spares->list[0].start;
		remove_at(spares, 0);
		kill(start.child.pid, SIGKILL);
		loop_add_exit(spares->manager->loop, start.child.pid, NULL, NULL);
		spares_release(&start);
	}
	loop_del(spares->refill);
	spares->refill = NULL;
}

void
spares_close(struct spares *spares)
{
	if (spares->manager == NULL)
		return;
	spares->closed = true;
	spares_drop(spares);
}

void
spares_release(struct vnf_start *start)
{
	if (start->child.ready_fd >= 0)
		close(start->child.ready_fd);
	if (start->leash >= 0)
		close(start->leash);
	start->child.ready_fd = start->leash = -1;
}

/* One at a time, so that no more than one competes with the packets. */
static void
on_refill(void *arg)
{
	struct spares *spares = arg;
	struct err err = {0};
	spares->refill = NULL;
	if (spares->manager->dataplane.state != DATAPLANE_READY ||
		spares->n >= spares->manager->options->spares)
		return;
	struct spare *spare = &spares->list[spares->n];
	*spare = (struct spare){0};
	if (spawn(spares, &spare->start, &err) == 0) {
		spares->n++;
		spare->exit = loop_add_exit(spares->manager->loop, spare->start.child.pid,
			on_exit_of, spares);
	} else {
		log_warn("no spare", "reason=\"%s\"", err.text);
	}
	spares_fill(spares);
}

/* What VNFs look up lies in their heaps: in large pages, where the kernel has some, so
 * that a look-up does not wait for the page table. */
static const char *const vnf_env[] = {"GLIBC_TUNABLES=glibc.malloc.hugetlb=1", NULL};

static int
spawn(struct spares *spares, struct vnf_start *start, struct err *err)
{
	char program[512], log_file[256], lcore[16];
	char placeholder[PLACEHOLDER] = "--job=";
	memset(placeholder + strlen(placeholder), ' ',
		PLACEHOLDER - 1 - strlen(placeholder));
	placeholder[PLACEHOLDER - 1] = '\0';
	*start = (struct vnf_start){.leash = -1, .child.ready_fd = -1};
	int rc = pick_lcore(spares, &start->lcore, err);
	if (rc != 0)
		return rc;
	snprintf(program, sizeof(program), "%s/renga-vnf", child_self_dir());
	snprintf(lcore, sizeof(lcore), "%u", start->lcore);
	if (logs_path("spare", log_file, sizeof(log_file)) != 0)
		return err_set(err, ERR_INVALID, NULL, "use a shorter RENGA_RUNTIME_DIR",
			"the run-time directory's name is too long");
	const char *const argv[] = {program, "--spare", "--shm",
		spares->manager->dataplane.shm, "--lcore", lcore, placeholder, NULL};
	rc = child_spawn(&(struct child_spec){.argv = argv,
				 .env = getenv("GLIBC_TUNABLES") ? NULL : vnf_env,
				 .log_file = log_file,
				 .readiness = true,
				 .input = true,
				 .new_session = true,
				 .cpu = -1},
		&start->child, err);
	start->leash = rc == 0 ? start->child.input_fd : -1;
	return rc;
}

static int
pick_lcore(const struct spares *spares, unsigned *lcore, struct err *err)
{
	for (unsigned i = LCORE_FIRST; i <= LCORE_LAST; i++)
		if (!is_used(spares, i)) {
			*lcore = i;
			return 0;
		}
	return err_set(err, ERR_NO_RESOURCE, NULL, "delete services that are not needed",
		"DPDK has no number left for another process");
}

/* Two processes of one number would spoil each other's caches in shared memory. */
static bool
is_used(const struct spares *spares, unsigned lcore)
{
	const struct object *vnf;
	for (unsigned i = 0; i < spares->n; i++)
		if (spares->list[i].start.lcore == lcore)
			return true;
	TAILQ_FOREACH (vnf, &spares->manager->wanted.lists[OBJECT_VNF], entry)
		if ((vnf->vnf.pid != 0 && vnf->vnf.start.lcore == lcore) ||
			(vnf->vnf.next.child.pid != 0 && vnf->vnf.next.lcore == lcore))
			return true;
	return false;
}

static void
on_exit_of(pid_t pid, int status, void *arg)
{
	struct spares *spares = arg;
	log_warn("a spare has ended", "pid=%d status=%d log=spare", pid, status);
	for (unsigned i = 0; i < spares->n; i++)
		if (spares->list[i].start.child.pid == pid) {
			spares->list[i].exit = NULL;
			spares_release(&spares->list[i].start);
			remove_at(spares, i);
			break;
		}
	spares_fill(spares);
}

static void
remove_at(struct spares *spares, unsigned i)
{
	loop_del(spares->list[i].exit);
	for (spares->n--; i < spares->n; i++)
		spares->list[i] = spares->list[i + 1];
}
