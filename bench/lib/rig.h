/* rig.h: one instance of a VNF type on a bench: real buffers, no EAL, no rings. What
 * process() takes is all that is measured.
 *
 * Buffers are taken in turn out of a pool of RIG_BUFFERS, written, and handed over in
 * bursts; the packets are in the cache as those of a chain are. Tables are as cold as the
 * order of the flows makes them. Neighbours answer ARP and ND at once. The clock is
 * virtual: 100 ns a packet, with a tick every millisecond, whose time counts.
 */
#ifndef BENCH_LIB_RIG_H
#define BENCH_LIB_RIG_H

#include <stdbool.h>
#include <stdint.h>
#include <jansson.h>
#include "dataplane/sdk/vnf.h"

#define RIG_BUFFERS 1024
#define RIG_BATCH   256 /* packets between two readings of the clock: a worker's turn */

struct rig;

/* Opens TYPE with a configuration (the reference is taken). Ends the program with a word
 * if it cannot. */
struct rig *rig_open(const char *type, json_t *config);
void rig_close(struct rig *rig);
/* A new configuration (the reference is taken); cycles that build() and swap() took. */
uint64_t rig_configure(struct rig *rig, json_t *config);

/* Of them, those from build() on to the end of swap(). */
uint64_t rig_change_cycles(const struct rig *rig);
/* What is in use is refined; false: it is well as it is. */
bool rig_refine(struct rig *rig);

/* The next n <= RIG_BATCH buffers, to be written; they stay the same until the next call.
 */
struct rte_mbuf **rig_buffers(struct rig *rig, unsigned n);
/* Hands them over by cp, in bursts of up to VNF_BURST; cycles of all. */
uint64_t rig_run(struct rig *rig, unsigned cp, unsigned n);
/* The packets that `from` forwarded at its last rig_run() are the batch of this one,
 * whose buffers they are not; how many. */
unsigned rig_take(struct rig *rig, const struct rig *from);
/* Verdicts of the last rig_run(): how many were forwarded. */
unsigned rig_forwarded(const struct rig *rig);
bool rig_was_forwarded(const struct rig *rig, unsigned i);
/* Name of the reason that most packets were dropped for, for messages. */
const char *rig_worst_reason(const struct rig *rig);
void rig_advance(struct rig *rig, uint64_t ns);
struct vnf *rig_vnf(struct rig *rig);
/* Bytes that the instance takes since it was opened: instance state, and what has become
 * resident of its private memory. */
uint64_t rig_memory(const struct rig *rig);

/* ---- measurements ---- */

struct rig_samples { /* cycles per packet of each batch; zero-initialise */
	double *list;
	unsigned n, room;
};

struct rig_result {    /* cycles per packet */
	double quiet;  /* the best tenth of the batches is below: the machine undisturbed
			*/
	double median; /* as it was */
};

void rig_sample(struct rig_samples *samples, uint64_t cycles, unsigned packets);
/* Of the samples, which are freed. */
struct rig_result rig_result(struct rig_samples *samples);

/* Where the sets and tables are: $RENGA_DATA, or ../shared/data. */
const char *rig_data(void);
/* Ends the program with a word unless ok. */
void rig_need(bool ok, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* xorshift64*: the same numbers each run. */
uint64_t rig_random(uint64_t *state);

#endif
