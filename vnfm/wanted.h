/* wanted.h: the set of services, ports, VNFs and links of this host: what is wanted of
 * each, what the dataplane was given, and what was seen. Loop thread only; no I/O.
 *
 * A document that was put is checked once (wanted_check) and then trusted.
 */
#ifndef VNFM_WANTED_H
#define VNFM_WANTED_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>
#include <sys/types.h>
#include <jansson.h>
#include "common/child.h"
#include "common/err.h"
#include "vnfm/backoff.h"
#include "vnfm/lifecycle.h"
#include "vnfm/vigil.h"

#define WANTED_ID_MAX 63 /* bytes */

/* In the order in which they are built up; they are taken apart in the other one. */
enum object_kind { OBJECT_SERVICE, OBJECT_PORT, OBJECT_VNF, OBJECT_LINK, OBJECT_KINDS };

struct vnf_start {	    /* a process that was told which VNF to be */
	struct child child; /* pid 0: none; ready_fd -1: not awaited any more */
	int leash;	    /* its stdin: it ends with us before it runs; -1: let go */
	unsigned lcore;	    /* DPDK's number for it; no other process has it */
};

/* What became of the wish for another program, CPU or memory of a VNF that runs. */
enum succession {
	SUCCESSION_NONE,
	SUCCESSION_WANTED,    /* the dataplane is to be told, then a successor started */
	SUCCESSION_STARTING,  /* it gets ready beside its predecessor */
	SUCCESSION_HANDING,   /* the predecessor was asked to hand over */
	SUCCESSION_PROBATION, /* the successor runs; if it dies soon, back to the former
				 document */
};

struct vnf_process { /* of an OBJECT_VNF */
	enum lifecycle_state state;
	pid_t pid;		/* 0: none */
	struct vnf_start start; /* how it was started; an adopted one has no leash */
	uint32_t turn;		/* number of the process that may run in the slot now */
	void *owner;		/* the manager, for the callbacks of these: */
	struct loop_source *exit, *ready, *timer;
	int slot;  /* of the dataplane; -1: none yet */
	bool used; /* a process has run in the slot: it must be cleared before the next */
	bool configuring; /* a new configuration is being handed to it */
	bool stale;    /* the process is not the wanted one: it is to end, and another to
			  follow */
	bool hopeless; /* it said that it can never be ready */
	uint64_t state_size; /* bytes of instance state that its configuration asks for */
	bool told_waits;     /* that it cannot be started now, since it was last ready */
	unsigned stop_stage; /* how firmly it was asked to end */
	unsigned restarts;   /* processes after the first */
	enum succession succession;
	struct vnf_start next; /* the successor, until it runs */
	bool next_ready_told;  /* it waits for its turn */
	struct loop_source *next_exit, *next_ready, *next_timer;
	json_t *former;	       /* document to return to; null: none */
	struct err change_err; /* why the last change was taken back; code ERR_NONE: it
				  was not */
	struct backoff backoff;
	uint64_t due_ms;     /* not to be spawned before */
	uint64_t started_ms; /* when the process was started */
	uint64_t ready_ms;   /* when it became ready; 0: not yet */
	struct vigil vigil;  /* over its heartbeat */
};

struct object {
	TAILQ_ENTRY(object) entry;
	enum object_kind kind;
	char id[WANTED_ID_MAX + 1], ns[WANTED_ID_MAX + 1], name[WANTED_ID_MAX + 1];
	json_t *wanted;	   /* the document */
	json_t *previous;  /* to return to if this one is refused; null: there was none */
	json_t *applied;   /* the document that the dataplane has; null: none */
	json_t *asked;	   /* the document that it is being asked for */
	json_t *actual;	   /* what it last answered; null: nothing */
	struct err error;  /* why it is not as wanted; code ERR_NONE: it is, or is on its
			      way */
	uint64_t retry_ms; /* the dataplane refused: not to be asked again before; 0: ask
			    */
	bool unwanted;	   /* to be taken apart */
	bool busy;	   /* the dataplane is being asked about it */
	bool placed;	   /* the dataplane has had it once */
	bool told_lost;	   /* a port: that it has no interface was told */
	struct vnf_process vnf;
};

TAILQ_HEAD(object_list, object);

struct wanted {
	struct object_list lists[OBJECT_KINDS];
};

void wanted_init(struct wanted *wanted);
void wanted_clear(struct wanted *wanted);

/* Checks the form of a document: members, types, sizes; adds every fault. 0 or the
 * first's errno. Pure. */
int wanted_check(
	enum object_kind kind, const char *id, const json_t *doc, struct faults *faults);
/* Checks it against the set: its service and its ends are there, nothing else uses its
 * connection points. */
int wanted_check_place(const struct wanted *wanted, enum object_kind kind, const char *id,
	const json_t *doc, struct err *err);

/* The same for links that are to replace others: {ID: document or null}; those that are
 * to be gone or to change are in nobody's way. */
int wanted_check_relink(const struct wanted *wanted, const char *ns, const json_t *links,
	struct err *err);

struct object *wanted_find(
	const struct wanted *wanted, enum object_kind kind, const char *id);
/* Adds an object with a copy of a checked document; null without memory. */
struct object *wanted_add(
	struct wanted *wanted, enum object_kind kind, const char *id, const json_t *doc);
/* Another document for it; the one that the dataplane has stays to return to. */
void wanted_change(struct object *object, const json_t *doc);
void wanted_del(struct wanted *wanted, struct object *object);

/* Does a link end at this port or VNF? */
bool wanted_link_touches(const struct object *link, const struct object *end);
/* Is there an object of that kind (of a service: any in it; of a port or VNF: a link at
 * it) left? */
bool wanted_is_needed(const struct wanted *wanted, const struct object *object);

/* The document with id, state and all that is known, as the API shows it; new reference.
 */
json_t *wanted_to_json(const struct object *object);

const char *wanted_kind_name(
	enum object_kind kind); /* "service", "port", "vnf", "link" */

/* Members of a checked document. */
const char *wanted_text(
	const struct object *object, const char *member); /* "" if absent */
/* The CPU that a VNF is to run on, or fallback. */
int wanted_core(const struct object *vnf, int fallback);

#endif
