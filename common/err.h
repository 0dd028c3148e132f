/* err.h: errors that a person will read.
 *
 * Code talking to code returns an int: 0 or a negative errno. Where a person will read
 *the reason, the same int comes with a caller-owned `struct err *` (null accepted, always
 *the last parameter). err_set() fills it and returns the int, so that failing is one
 *line:
 *
 *	return err_set(err, ERR_NOT_FOUND, "path[1].type", "known types: firewall, nat",
 *		"no VNF type is called '%s'", type);
 *
 * A checker of a document collects every fault in a `struct faults`, not just the first.
 * api/ holds the only map from a code to an HTTP status, cli/ the only one to an exit
 *code. All functions may be called from any thread; an object belongs to one thread at a
 *time.
 */
#ifndef COMMON_ERR_H
#define COMMON_ERR_H

#include <stdbool.h>
#include <stddef.h>
#include <jansson.h>

enum err_code {
	ERR_NONE = 0,
	ERR_MALFORMED, /* cannot be parsed: not YAML, not JSON, wrong frame   -EBADMSG */
	ERR_INVALID,   /* parsed, but not acceptable (a typo, a wrong value)   -EINVAL */
	ERR_NOT_FOUND, /* the thing named does not exist                       -ENOENT */
	ERR_EXISTS,    /* a thing of that name or resource is taken            -EEXIST */
	ERR_STATE,     /* not in the state that allows this; busy               -EBUSY */
	ERR_PRECONDITION, /* changed meanwhile (If-Match)                         -ESTALE
			   */
	ERR_UNAUTHENTICATED, /* no or wrong credential -EACCES */
	ERR_FORBIDDEN, /* known, but not allowed                                -EPERM */
	ERR_NO_RESOURCE, /* no core, memory, slot left                           -ENOSPC
			  */
	ERR_NO_SPACE,	 /* a disk, or the run-time directory, is full           -EDQUOT
			  */
	ERR_TOO_LARGE,	 /* beyond a size or depth limit                         -EMSGSIZE
			  */
	ERR_UNSUPPORTED, /* understood, but this build or host cannot           -ENOTSUP
			  */
	ERR_UNAVAILABLE, /* a peer process does not answer                   -ECONNREFUSED
			  */
	ERR_TIMEOUT,  /* it did not happen in time                         -ETIMEDOUT */
	ERR_INTERNAL, /* ours: a bug, or the system refused us                   -EIO */
	ERR_CODES
};

struct err {
	enum err_code code;
	char path[192]; /* place inside the document, "" if none:
			   path[1].config.rules[0].action */
	char text[512]; /* one sentence without a full stop */
	char hint[320]; /* what to do about it, "" if none */
};

/* Fills err (null: does nothing but return) and returns the negative errno of the code,
 * never 0. path and hint may be null. */
int err_set(struct err *err, enum err_code code, const char *path, const char *hint,
	const char *fmt, ...) __attribute__((format(printf, 5, 6)));

/* As err_set(ERR_INTERNAL), or ERR_NO_SPACE for a full disk, with ": <strerror(error)>"
 * added to the text. error: errno value. */
int err_sys(struct err *err, int error, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Puts `prefix` in front of err->path ("" and null do nothing). Joined with '.' unless
 * err->path is empty or starts with '['. */
void err_prefix(struct err *err, const char *prefix);

/* The negative errno that stands for a code. */
int err_errno(enum err_code code);

/* "not-found" and back; ERR_INTERNAL for an unknown name. */
const char *err_code_name(enum err_code code);
enum err_code err_code_from_name(const char *name);

/* {"code": "not-found", "path": ..., "text": ..., "hint": ...}: how errors cross a
 * socket. _to_json returns a new reference; _from_json accepts anything and never fails.
 */
json_t *err_to_json(const struct err *err);
void err_from_json(struct err *err, const json_t *json);

/* Every fault of a document. Zero-initialise; faults_clear() frees. */
struct faults {
	struct err *list;
	size_t n;
	size_t dropped; /* of which nothing is kept */
};

/* Adds one; keeps at most 100 and drops those beyond. Returns the negative errno of the
 * code. */
int faults_add(struct faults *faults, enum err_code code, const char *path,
	const char *hint, const char *fmt, ...) __attribute__((format(printf, 5, 6)));
void faults_add_err(struct faults *faults, const struct err *err);
/* Adds all of `from`, each path prefixed as err_prefix() does. */
void faults_merge(struct faults *faults, const struct faults *from, const char *prefix);
/* How many were ever added: it grows where the list does not any more. Whoever asks
 * whether a part of a document has faults compares this before and after. */
size_t faults_count(const struct faults *faults);
/* The negative errno of the first that was added since there were `before`; 0: none. */
int faults_since(const struct faults *faults, size_t before);
/* [] of err_to_json(); new reference. */
json_t *faults_to_json(const struct faults *faults);
void faults_from_json(struct faults *faults, const json_t *json);
/* The first fault as an err, with "(and N more)" in the text; 0 if there is none. */
int faults_first(const struct faults *faults, struct err *err);
void faults_clear(struct faults *faults);

#endif
