/* call.h: a request of another thread, carried out in the loop's thread, which may take
 * its time with the answer.
 *
 * The asking thread waits for a bounded time. If it gives up the call lives on until it
 * is answered.
 */
#ifndef VNFM_CALL_H
#define VNFM_CALL_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>
#include <jansson.h>
#include "common/err.h"
#include "common/loop.h"
#include "vnfm/wanted.h"

struct relink;
struct service;

enum call_wait { /* for what it stays open */
	CALL_WAIT_NONE,
	CALL_WAIT_APPLIED, /* the dataplane has the object, or refused it */
	CALL_WAIT_READY,   /* the VNF is ready, or has failed */
	CALL_WAIT_GONE,	   /* nothing is left of the object */
	CALL_WAIT_RELINK,  /* the links of the service are as asked, or it was refused */
};

struct call {
	/* asked */
	void (*run)(struct call *call); /* in the loop's thread */
	struct service *service;
	enum object_kind kind;
	char id[WANTED_ID_MAX + 1];
	json_t *doc; /* of a put; of a relink: its links */
	uint64_t state_size;
	unsigned timeout_ms;
	/* answered */
	int rc;
	int outcome;   /* enum service_outcome */
	json_t *reply; /* the caller's, on success */
	struct err err;
	/* on the way */
	enum call_wait wait;
	struct relink *relink; /* once the dataplane is asked */
	bool fresh; /* the object was made by this call: if it is refused it goes again */
	TAILQ_ENTRY(call) entry;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool done, abandoned;
};

TAILQ_HEAD(call_list, call);

struct manager;
struct service {
	struct manager *manager;
	struct call_list waiting;
	bool closing; /* every call is refused */
};

/* Runs call->run in the loop's thread and waits up to timeout_ms for call_finish().
 * Returns call->rc, or ERR_TIMEOUT with err. The call is made with call_create(), and
 * released here, but for *reply. */
int call_perform(struct call *call, struct loop *loop, json_t **reply, int *outcome,
	struct err *err);
struct call *call_create(
	struct service *service, void (*run)(struct call *call), unsigned timeout_ms);

/* In the loop's thread, once: with a reply (takes the reference), or with an error. */
void call_finish(struct call *call, int outcome, json_t *reply);
void call_fail(struct call *call, const struct err *err);

#endif
