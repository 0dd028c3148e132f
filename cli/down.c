/* down.c: `renga down`: ends the orchestrator, has the VNF manager end everything else,
 * and removes what is left. */
#include <errno.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>
#include "cli/command.h"
#include "cli/platform.h"
#include "common/dirs.h"
#include "common/frame.h"

#define END_MS	    5000  /* for one daemon that was asked */
#define SHUTDOWN_MS 30000 /* for the VNF manager to end all VNFs and the dataplane */

static int end(struct session *session, enum daemon daemon, unsigned patience_ms);
static int shut_vnfm_down(struct session *session);
static int shut_dataplane_down(struct session *session);
static void remove_files(void);
static int remove_entry(
	const char *path, const struct stat *st, int type, struct FTW *place);

int
cmd_down(struct session *session)
{
	bool any = false;
	int rc = 0;
	for (int i = 0; i < DAEMONS; i++)
		any = any || platform_pid(i);
	if (any && geteuid() != 0)
		return session_refuse(session, ERR_FORBIDDEN, "sudo renga down",
			"ending the platform needs root");
	rc = end(session, DAEMON_ORCHESTRATOR, END_MS);
	if (!rc)
		rc = shut_vnfm_down(session);
	if (!rc)
		rc = shut_dataplane_down(session);
	if (rc)
		return session_fail(session);
	remove_files();
	fprintf(session->out.file, any ? "renga is down\n" : "renga was not up\n");
	return EXIT_DONE;
}

/* Asks by SIGTERM, and takes no refusal. */
static int
end(struct session *session, enum daemon daemon, unsigned patience_ms)
{
	const pid_t pid = platform_pid(daemon);
	if (!pid || kill(pid, SIGTERM) < 0 || platform_wait_gone(pid, patience_ms) == 0)
		return 0;
	kill(pid, SIGKILL);
	if (platform_wait_gone(pid, END_MS) == 0)
		return 0;
	return err_set(&session->err, ERR_STATE, NULL, NULL,
		"renga-%s (process %d) does not end", platform_names[daemon], pid);
}

static int
shut_vnfm_down(struct session *session)
{
	const pid_t pid = platform_pid(DAEMON_VNFM);
	char server[256] = "unix:";
	struct client *client;
	int rc = -EIO;
	if (!pid)
		return 0;
	if (dirs_runtime_path(server + 5, sizeof(server) - 5, "vnfm.sock") == 0 &&
		client_open(&(struct client_config){.server = server,
				    .timeout_ms = SHUTDOWN_MS},
			&client, NULL) == 0) {
		rc = client_json(client, "POST", "/v1/shutdown", NULL, NULL, NULL);
		client_close(client);
	}
	return rc == 0 && platform_wait_gone(pid, SHUTDOWN_MS) == 0
		       ? 0
		       : end(session, DAEMON_VNFM, END_MS);
}

/* Only where no VNF manager was there to do it; VNFs end by themselves when the dataplane
 * does. */
static int
shut_dataplane_down(struct session *session)
{
	const pid_t pid = platform_pid(DAEMON_DATAPLANE);
	char path[256];
	json_t *request = json_pack("{s:s}", "op", "shutdown");
	if (pid && dirs_runtime_path(path, sizeof(path), "dataplane.sock") == 0 &&
		frame_ask(path, request, END_MS, NULL, NULL) == 0)
		platform_wait_gone(pid, END_MS);
	json_decref(request);
	return end(session, DAEMON_DATAPLANE, END_MS);
}

/* The logs stay, for whoever wants to know why. */
static void
remove_files(void)
{
	static const char *const names[] = {"orchestrator.addr", "orchestrator.pid",
		"vnfm.pid", "vnfm.sock", "dataplane.pid", "dataplane.sock", "vnf", "conf",
		"dpdk", "huge"};
	char path[4096];
	if (dirs_runtime_path(path, sizeof(path), "huge") == 0)
		while (umount2(path, MNT_DETACH) == 0)
			continue;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (dirs_runtime_path(path, sizeof(path), "%s", names[i]) == 0)
			nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}

static int
remove_entry(const char *path, const struct stat *st, int type, struct FTW *place)
{
	(void)st, (void)type, (void)place;
	if (remove(path) < 0 && errno != ENOENT)
		fprintf(stderr, "renga: cannot remove %s: %s\n", path, strerror(errno));
	return 0;
}
