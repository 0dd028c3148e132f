/* harness.h: a VNF type in one process: no EAL, no huge pages, a virtual clock.
 *
 * Frames go in by a connection point as one burst; what comes out, and what is dropped
 *for which reason, waits in order to be looked at. Every buffer is accounted for: a
 *plug-in that loses or doubles one, sends one twice, or keeps what it originated past the
 *end of its call is found out, and the fault printed by harness_fault().
 *
 *	struct harness *h;
 *	assert_int_equal(harness_open(&h, &passthrough, "{}", NULL, &faults), 0);
 *	harness_in(h, 0, frame, len);
 *	assert_true(harness_out(h, 1, &out));
 *	assert_null(harness_close(h));
 *
 * The worker's and the control thread's calls all come from the caller's thread.
 */
#ifndef TESTS_LIB_HARNESS_H
#define TESTS_LIB_HARNESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "common/err.h"
#include "dataplane/sdk/vnf.h"

#define HARNESS_FRAME 2048 /* bytes of a frame, at most */
#define HARNESS_STASH                                                                    \
	64 /* buffers to originate from, anew for each call of the plug-in */
#define HARNESS_START_NS 1000000000ull /* where the clock begins */
#define HARNESS_SEED	 0x5eedull

struct harness;

struct harness_frame {
	uint32_t len;
	uint8_t data[HARNESS_FRAME];
};

/* Memory of an instance that a successor may take over. */
struct harness_state {
	void *region;
	size_t size;
	uint64_t now_ns; /* when it was given up: the clock goes on from there; 0: a fresh
			    one */
};

/* Opens an instance. config: YAML or JSON text, null for all defaults. state: null for a
 * fresh region of the size that the type asks for; else a region kept by harness_crash(),
 * taken over (and emptied). All connection points are wired; cp i has the MAC
 * 02:00:00:00:ff:<i>, no port MTU. 0, or the negative errno of the first fault. */
int harness_open(struct harness **h, const struct vnf_type *type, const char *config,
	struct harness_state *state, struct faults *faults);
/* Closes the plug-in and frees all. Null, or what was wrong with its buffers (static
 * text). h null is fine. */
const char *harness_close(struct harness *h);
/* Gives the instance up as a crash does: nothing of the plug-in is called; its private
 * memory is lost (leak checkers are told) and held packets are freed. Its region goes to
 * *state for the next harness_open(). */
void harness_crash(struct harness *h, struct harness_state *state);
void harness_state_free(struct harness_state *state);

/* A new configuration, built and swapped in as the runtime does it. The old one stays if
 * it is refused. */
int harness_configure(struct harness *h, const char *config, struct faults *faults);

/* What is in use is refined, as the runtime does it after each configuration. False: it
 * is well as it is. */
bool harness_refine(struct harness *h);

/* One burst of n <= VNF_BURST frames, or a single frame, in by connection point cp. */
void harness_burst(
	struct harness *h, unsigned cp, const struct harness_frame *frames, unsigned n);
void harness_in(struct harness *h, unsigned cp, const void *data, size_t len);
/* Moves the clock; the type's tick() is called as the runtime of an idle instance would,
 * and once at the end. */
void harness_clock(struct harness *h, uint64_t ns);
/* Serves what the type watches (vnf_watch_fd() and its like) for ms of real time. */
void harness_serve(struct harness *h, unsigned ms);
/* Before what follows: buffers in the stash per call; whether cp is wired; the MTU of its
 * port. */
void harness_stash(struct harness *h, unsigned n);
void harness_wire(struct harness *h, unsigned cp, bool wired);
void harness_mtu(struct harness *h, unsigned cp, uint16_t mtu);
/* What lies around a frame in its buffer: nothing that the plug-in does may depend on it.
 */
void harness_fill(struct harness *h, uint8_t pattern);

/* Takes the oldest frame that waits at cp. */
bool harness_out(struct harness *h, unsigned cp, struct harness_frame *frame);
/* Takes the oldest drop that waits: its reason's number, or -1. */
int harness_drop(struct harness *h);
/* Takes one waiting drop of this reason. */
bool harness_drop_of(struct harness *h, unsigned reason);
/* Takes the oldest of any kind: *cp >= 0 and frame filled, or *cp -1 and *reason. */
bool harness_any(
	struct harness *h, int *cp, unsigned *reason, struct harness_frame *frame);
/* Drops so far of one reason; packets that the plug-in holds now. */
uint64_t harness_drops(const struct harness *h, unsigned reason);
unsigned harness_held(const struct harness *h);
/* Where all packets have gone: in + made == out + dropped + held at any time, and
 * dropped + bare is the sum of the drops of all reasons. */
struct harness_ledger {
	uint64_t in;	  /* handed to the plug-in */
	uint64_t made;	  /* originated by it, and sent */
	uint64_t out;	  /* came out */
	uint64_t dropped; /* for a reason */
	uint64_t bare;	  /* drops that it counted without a packet */
	unsigned held;
};
struct harness_ledger harness_ledger(const struct harness *h);
/* Null, or the first breach of the buffer rules so far (static text). */
const char *harness_fault(const struct harness *h);

struct vnf *harness_vnf(struct harness *h);
/* The type's stats(), query() and act(); new references. Without stats(): {}. */
json_t *harness_stats(struct harness *h);
json_t *harness_query(
	struct harness *h, const char *what, const json_t *args, struct err *err);

json_t *harness_act(
	struct harness *h, const char *what, const json_t *args, struct err *err);

/* A buffer as the runtime would hand it out, for tests of functions that take one. Free
 * with free(). */
struct rte_mbuf *harness_mbuf(const void *data, size_t len);

#endif
