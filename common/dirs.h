/* dirs.h: where a platform keeps its files.
 *
 * RENGA_RUNTIME_DIR (default /run/renga), RENGA_STATE_DIR (/var/lib/renga), RENGA_CONFIG
 * (/etc/renga/renga.yaml): several platforms with different ones run side by side.
 * Below the run-time directory:
 *	orchestrator.pid vnfm.pid dataplane.pid     pid files
 *	vnfm.sock              HTTP of renga-vnfm
 *	dataplane.sock         frames, control of the dataplane
 *	dataplane.pulse        life signs (pulse.h)
 *	vnf/<id>.sock          frames, control of each VNF
 *	log/<name>.log         stderr of each process that the vnfm or `renga up` started
 *	conf/<id>.json         the configuration that a VNF was started with
 *	huge/                  our own hugetlbfs mount
 *	dpdk/                  DPDK's files (RUNTIME_DIRECTORY is set to the run-time
 *directory) Below the state directory: renga.db, admin.token.
 */
#ifndef COMMON_DIRS_H
#define COMMON_DIRS_H

#include <stddef.h>
#include "common/err.h"

const char *dirs_runtime(void);
const char *dirs_state(void);
const char *dirs_config(void);

/* "<runtime>/<formatted>" into buf. -ENAMETOOLONG if it does not fit. */
int dirs_runtime_path(char *buf, size_t size, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
int dirs_state_path(char *buf, size_t size, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* mkdir -p with mode. */
int dirs_make(const char *path, unsigned mode, struct err *err);
/* Reads a whole file, at most max bytes, NUL added; *out is malloc'd. */
int dirs_read_file(
	const char *path, size_t max, char **out, size_t *len, struct err *err);
/* The same from a descriptor to its end; name is for messages. */
int dirs_read_fd(
	int fd, const char *name, size_t max, char **out, size_t *len, struct err *err);
/* Writes beside and renames, with mode. */
int dirs_write_file(
	const char *path, unsigned mode, const void *data, size_t len, struct err *err);
/* Writes our pid. ERR_EXISTS if the file names a living process that is not us. */
int dirs_pid_write(const char *path, struct err *err);
/* The pid in the file if that process lives, else 0. */
int dirs_pid_read(const char *path);

#endif
