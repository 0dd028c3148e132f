/* up.c: `renga up`: judges the machine, starts what does not run yet, returns when the
 * API answers. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "cli/command.h"
#include "cli/platform.h"
#include "common/cores.h"
#include "common/dirs.h"
#include "common/loop.h"

#define MEMORY_MIB 512
#define READY_MS   15000
#define STATE_MODE 0700

struct started {
	bool vnfm, api;
};

static int start_missing(
	struct session *session, unsigned memory_mib, struct started *started);
static int check_machine(struct session *session, unsigned memory_mib);
static int check_huge_pages(struct session *session, unsigned memory_mib);
static int start_vnfm(struct session *session, unsigned memory_mib);
static int start_orchestrator(struct session *session);
static int wait_api(
	struct session *session, unsigned memory_mib, struct started *started);

int
cmd_up(struct session *session)
{
	unsigned memory_mib;
	struct started started = {0};
	if (args_number(&session->args, OPT_MEMORY, 64, MEMORY_MIB, &memory_mib,
		    &session->err)) {
		session_fail(session);
		return EXIT_USAGE;
	}
	int rc = start_missing(session, memory_mib, &started);
	if (rc && started.vnfm) { /* nothing half-made stays */
		const int status = session_fail(session);
		cmd_down(session);
		return status;
	}
	if (!rc)
		rc = wait_api(session, memory_mib, &started);
	if (rc)
		return session_fail(session);
	fprintf(session->out.file, "renga %s is %sup\n", RENGA_VERSION,
		started.vnfm || started.api ? "" : "already ");
	json_t *platform = platform_describe();
	platform_print(&session->out, platform);
	json_decref(platform);
	return EXIT_DONE;
}

/* What does not run and was not started by us: once each. */
static int
start_missing(struct session *session, unsigned memory_mib, struct started *started)
{
	int rc = 0;
	if (!started->vnfm && !platform_pid(DAEMON_VNFM)) {
		rc = check_machine(session, memory_mib);
		if (!rc)
			rc = start_vnfm(session, memory_mib);
		started->vnfm = !rc;
	}
	if (!rc && !started->api && !platform_pid(DAEMON_ORCHESTRATOR)) {
		rc = start_orchestrator(session);
		started->api = !rc;
		session_reconnect(session);
	}
	return rc;
}

static int
check_machine(struct session *session, unsigned memory_mib)
{
	if (geteuid() != 0)
		return err_set(&session->err, ERR_FORBIDDEN, NULL, "sudo renga up",
			"the platform needs root: it uses huge pages and network "
			"interfaces");
	const int rc = dirs_make(dirs_runtime(), 0755, &session->err);
	if (rc)
		return rc;
	return platform_pid(DAEMON_DATAPLANE) ? 0 : check_huge_pages(session, memory_mib);
}

static int
check_huge_pages(struct session *session, unsigned memory_mib)
{
	unsigned n_free, n_all;
	const unsigned need = (memory_mib + 1) / 2;
	char hint[256];
	if (!platform_huge_pages(&n_free, &n_all))
		return err_set(&session->err, ERR_UNSUPPORTED, NULL, NULL,
			"this kernel has no huge pages of 2 MiB");
	if (n_free >= need)
		return 0;
	snprintf(hint, sizeof(hint),
		"echo %u > /sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages, or a "
		"smaller --memory",
		n_all + need - n_free);
	return err_set(&session->err, ERR_NO_RESOURCE, NULL, hint,
		"%u huge pages of 2 MiB are free, %u MiB of packet memory need %u",
		n_free, memory_mib, need);
}

static int
start_vnfm(struct session *session, unsigned memory_mib)
{
	char memory[16];
	const char *cores = session->args.value[OPT_CORES];
	const char *io_cores = session->args.value[OPT_IO_CORES];
	const char *argv[8] = {NULL, "--memory", memory};
	unsigned n = 3;
	if (cores) {
		argv[n++] = "--cores";
		argv[n++] = cores;
	}
	if (io_cores) {
		argv[n++] = "--io-cores";
		argv[n++] = io_cores;
	}
	snprintf(memory, sizeof(memory), "%u", memory_mib);
	return platform_start(DAEMON_VNFM, argv, &session->err);
}

static int
start_orchestrator(struct session *session)
{
	const char *cores = session->args.value[OPT_CORES];
	struct cores workers;
	if (cores && !cores_parse(cores, &workers, NULL))
		cores_stay_beside(
			&workers, NULL); /* a wish; the VNF manager has judged it */
	const char *listen = session->args.value[OPT_LISTEN];
	const char *argv[] = {NULL, listen ? "--listen" : NULL, listen, NULL};
	const int rc = dirs_make(dirs_state(), STATE_MODE, &session->err);
	return rc ? rc : platform_start(DAEMON_ORCHESTRATOR, argv, &session->err);
}

/* Ready means that the orchestrator and its VNF manager answer. One that lived when we
 * came may have been about to end. */
static int
wait_api(struct session *session, unsigned memory_mib, struct started *started)
{
	const uint64_t deadline = loop_now_ms() + READY_MS;
	struct client_answer answer;
	int rc;
	do {
		rc = session_request(session, "GET", "/readyz", NULL, &answer);
		client_answer_clear(&answer);
		if (!rc)
			return 0;
		usleep(20000);
		const int missing = start_missing(session, memory_mib, started);
		if (missing)
			return missing;
	} while (loop_now_ms() < deadline);
	return rc;
}
