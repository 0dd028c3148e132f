/* child.h: starting a program as a child process that outlives its parent and tells when
 * it is ready.
 *
 * Readiness is a fact that the child tells: it finds the number of a pipe in
 * RENGA_READY_FD and writes a newline when it can work (child_ready()). Running and ready
 * are different things. An error that ends a start may be told the same way: one line of
 * JSON (err_to_json) instead of the newline.
 */
#ifndef COMMON_CHILD_H
#define COMMON_CHILD_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include "common/err.h"

struct child_spec {
	const char *const
		*argv; /* null-ended; argv[0] is an absolute path or looked up in PATH */
	const char *const *env; /* null-ended "NAME=value" added to ours; null: none */
	const char *log_file;	/* stdout and stderr are appended to it (0640); null:
				   inherited */
	bool readiness;		/* make the readiness pipe */
	bool input;		/* stdin is a pipe from us; else /dev/null */
	bool new_session; /* setsid, so that our terminal's signals do not reach it */
	int cpu;	  /* run on this CPU from the first instruction; -1: anywhere */
};

struct child {
	pid_t pid;
	int ready_fd; /* readable when the child is ready or has ended; -1 without. Caller
			 closes. */
	int input_fd; /* the other end of its stdin; -1 without. Caller closes. */
};

/* Signals are reset to default and unblocked in the child; descriptors above 2 are
 * closed, but for the readiness pipe; the working directory is /. ERR_NOT_FOUND if there
 * is no such program. */
int child_spawn(const struct child_spec *spec, struct child *child, struct err *err);

/* Reads ready_fd after it became readable (or blocks up to timeout_ms, -1: for ever).
 * 0: ready. Else the error that the child told, ERR_TIMEOUT, or ERR_UNAVAILABLE (it
 * ended). */
int child_wait_ready(const struct child *child, int timeout_ms, struct err *err);

/* How a process ended, from its wait status (-1: not known), for people: "ended by signal
 * 9 (Killed)". */
void child_print_status(int status, char *text, size_t size);

/* In the child: tells ready (err null) or why not, once; harmless if nobody asked. Also
 * tells systemd (NOTIFY_SOCKET, READY=1) when started by it. */
void child_ready(const struct err *err);

/* Absolute directory of the running executable, for finding siblings. Static storage. */
const char *child_self_dir(void);

/* WATCHDOG=1 and the like to systemd's NOTIFY_SOCKET; nothing without one. */
void child_notify(const char *state);

#endif
