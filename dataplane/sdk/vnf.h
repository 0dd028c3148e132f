/* vnf.h: what a VNF type is, and all that the runtime gives it.
 *
 * A VNF type is a plug-in: one folder below vnfs/, one `struct vnf_type` at the bottom of
 * its glue file, one VNF_REGISTER(). The same plug-in runs in a process of its own
 * (renga-vnf), in a group, and in a test without huge pages: it sees only this header,
 * its neighbours in dataplane/sdk, and dataplane/pkt.
 *
 * Threads. Two: the *worker* calls process(), tick() and swap(); the *control thread*
 * calls all else, among it build() and stats() while the worker runs. What both touch is
 * said at each member.
 *
 * The packet loop only looks up, rewrites, counts: process() does not allocate, log, lock
 * or call the system. A VNF never frees or allocates a buffer: it gives a verdict on
 * each, and originates from the stash.
 */
#ifndef DATAPLANE_SDK_VNF_H
#define DATAPLANE_SDK_VNF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <jansson.h>
#include <rte_mbuf.h>
#include "common/err.h"
#include "common/field.h"
#include "dataplane/pkt/flow.h"

#define VNF_MAX_CPS	16   /* connection points of one VNF */
#define VNF_BURST	32   /* packets in one call of process(), at most */
#define VNF_MAX_REASONS 48   /* drop reasons of one VNF, the shared ones included */
#define VNF_MAX_HELD	1024 /* packets that one VNF may hold at a time */
#define VNF_EPOCHS	2    /* words that tell of changes, see vnf_steady() */

/* ---- verdicts: one per packet ------------------------------------------------------ */

typedef uint16_t vnf_verdict;

#define VNF_DROP_BIT	0x8000
#define VNF_FORWARD(cp) ((vnf_verdict)(cp)) /* out of connection point cp (its index) */
#define VNF_DROP(reason)                                                                 \
	((vnf_verdict)(VNF_DROP_BIT | (reason))) /* counted under the reason's name */
#define VNF_HOLD                                                                         \
	((vnf_verdict)0x7fff) /* the VNF keeps it: only after vnf_hold() said yes */

/* Reasons that every VNF shares come first; a type's own reasons[i] is number
 * VNF_REASON_OWN + i. */
enum vnf_reason {
	VNF_REASON_OVERFLOW,  /* shed at the chain's entry because it is full */
	VNF_REASON_PATIENCE,  /* an output stayed full too long */
	VNF_REASON_MALFORMED, /* headers that do not hold together */
	VNF_REASON_NO_BUFFER, /* a packet had to be made and the stash was empty */
	VNF_REASON_NO_LINK,   /* out of a connection point that nothing is wired to */
	VNF_REASON_NO_PATH, /* at a fork, and no rule of the service says by which path */
	VNF_REASON_OWN
};

struct vnf_reason_info {
	const char *name; /* kebab-case: "no-rule" */
	const char *help;
};
extern const struct vnf_reason_info vnf_shared_reasons[VNF_REASON_OWN];

/* ---- the burst --------------------------------------------------------------------- */

struct vnf_burst {
	unsigned cp;		      /* the connection point they came in by */
	unsigned n;		      /* 1..VNF_BURST */
	struct rte_mbuf *const *pkts; /* linear, Ethernet frame at rte_pktmbuf_mtod(); it
					 may be longer than any link carries, and its L4
					 checksum unfinished: offload.h */
	vnf_verdict *verdicts;	      /* n of them, for process() to fill in */
};

/* ---- the context of one instance --------------------------------------------------- */

#define VNF_MAC_REPLICA                                                                  \
	0x07 /* of the last byte of a platform MAC: number of the replica */

struct vnf_io; /* what lies behind it: the runtime, or a test */

/* Read-only for the plug-in but where said. One per instance; lives from open() to after
 * close(). */
struct vnf {
	const struct vnf_type *type;
	const char *name; /* for logs: "edge.fw" */
	void *self;	  /* the plug-in's own; set by open() */
	uint64_t now_ns;  /* worker's clock, monotonic, one reading per burst; virtual in
			     tests */
	uint64_t wall_offset_ns; /* now_ns + this = CLOCK_REALTIME, for logs */
	void *state; /* instance state region: shared memory that outlives the process;
			null if size 0 */
	size_t state_size; /* bytes */
	bool state_fresh;  /* from adopt() on: all zero, a first start. Else what a
			      predecessor left */
	uint16_t port_mtu[VNF_MAX_CPS]; /* MTU of the port that the cp's link ends in; 0:
					   not a port, or unknown */
	uint8_t port_mac[VNF_MAX_CPS][6]; /* MAC made for this cp by the platform: stable,
					     locally administered */
	bool scaled; /* it is one of several replicas, or was: what is sent to one of them
			may come to another. Their platform MACs differ in the last bits
			(VNF_MAC_REPLICA) */
	unsigned replica;	 /* which one; 0: the first, or the only one */
	bool wired[VNF_MAX_CPS]; /* something is at the other end */
	uint64_t seed; /* for hashes and random choices; differs per start, fixed in tests
			*/
	const struct vnf_io *io;
	void *io_arg;
	struct attend *attend;	 /* behind vnf_watch_fd() and its like */
	struct vnf_trace *trace; /* what the runtime wants to know of the burst in
				    process(); null: nothing. See vnf_steady() */
	uint32_t n_tokens;	 /* of vnf_steady(): all are below. Set by open() */
	const uint32_t *epochs[VNF_EPOCHS]; /* words that change with what it does to
					       steady packets (swap() aside); null: none.
					       Set by open() and swap() */
	uint64_t malformed[PKT_FAULTS]; /* VNF_REASON_MALFORMED by what was wrong; worker
					   writes */
};

/* The verdict on a packet that pkt_parse() finds fault with, counted. Worker. */
static inline vnf_verdict
vnf_malformed(struct vnf *vnf, enum pkt_fault fault)
{
	__atomic_store_n(
		&vnf->malformed[fault], vnf->malformed[fault] + 1, __ATOMIC_RELAXED);
	return VNF_DROP(VNF_REASON_MALFORMED);
}

/* ---- packets that a VNF makes or keeps (worker only) ------------------------------- */

/* An empty buffer from the stash (data_len 0, standard headroom), or null: then count
 * VNF_REASON_NO_BUFFER if a packet is lost by it. It must go to vnf_send() or
 * vnf_discard() before process()/tick() returns. */
struct rte_mbuf *vnf_originate(struct vnf *vnf);
/* Where paths part, has one that was made go the way of another: of the packet that it is
 * a part of. Else it goes as the service's rules say. Before vnf_send(). */
void vnf_follow(struct vnf *vnf, struct rte_mbuf *made, const struct rte_mbuf *pkt);
/* Sends a buffer from vnf_originate() or a held one out of connection point cp, behind
 * the burst's own packets. */
void vnf_send(struct vnf *vnf, struct rte_mbuf *pkt, unsigned cp);
/* Gives one up, counted under reason (VNF_NOT_COUNTED: an originated one that was not
 * needed). */
void vnf_discard(struct vnf *vnf, struct rte_mbuf *pkt, unsigned reason);
#define VNF_NOT_COUNTED 0xffffu
/* Asks to keep a packet of the current burst beyond process(). True: give it the verdict
 * VNF_HOLD, and send or discard it later. False: too many are held; drop it. */
bool vnf_hold(struct vnf *vnf, struct rte_mbuf *pkt);
/* Counts a drop of something that was not a packet of this burst. Worker only. */
void vnf_count_drop(struct vnf *vnf, unsigned reason);

/* ---- steady packets: what the flow cache may repeat (worker only) -------------------
 *
 * In a group the runtime can remember what its VNFs did to a packet, and do the same to
 * the next ones of its flow without asking them (docs/adr/0020). It asks which packets
 * that holds for: while vnf->trace is set, process() says vnf_steady() of each packet
 * that it forwards and whose like it would treat the same. Alike are whole IPv4 packets
 * without options, TCP with ACK and neither SYN, FIN nor RST, or UDP, that come in by the
 * same connection point, untagged, to the same MAC, with the same addresses, ports,
 * protocol and DSCP, checksums right, TTL above 1, no longer than `max_total`, until
 * `until_ns`. The TTL may be counted down by one, addresses, ports and MACs be rewritten;
 * nothing else. A packet of which nothing is said goes the whole way each time, and so
 * does its like.
 *
 * What is remembered ends with vnf_cut() for its token, with a change of one of
 * vnf->epochs, with swap(), and when no packet of it has come for a second. How many
 * have passed is told by vnf_type.passed, at least every 2.1 s while some do, and before
 * it ends.
 */

struct vnf_steady {
	uint64_t token; /* names it in passed() and vnf_cut(): below vnf->n_tokens it can
			   be cut, and stands for one flow in one direction at most; else
			   anything */
	uint32_t flags; /* enum vnf_steady_flag */
	uint32_t max_total; /* longest IPv4 packet, in bytes; 0: any */
	uint64_t until_ns;  /* 0: for ever */
};

enum vnf_steady_flag {
	VNF_STEADY_ROUTED = 1,	/* both MACs are written, TTL counted down, and what
				   follows the IP packet cut off */
	VNF_STEADY_LOOK = 2,	/* vnf_type.look wants to see each of them */
	VNF_STEADY_COUNTED = 4, /* passed() is to be told */
};

struct vnf_trace { /* places of the burst, as bits */
	uint32_t wanted;
	uint32_t steady; /* said of these */
	struct vnf_steady said[VNF_BURST];
};

/* Of packet i of the burst, if vnf->trace is set and wants to know. */
static inline void
vnf_steady(struct vnf_trace *trace, unsigned i, const struct vnf_steady *steady)
{
	if ((trace->wanted >> i & 1) == 0)
		return;
	trace->steady |= 1u << i;
	trace->said[i] = *steady;
}

/* What was said with this token holds no more. Null vnf: nobody asks. */
static inline void vnf_cut(struct vnf *vnf, uint32_t token);

struct vnf_passed {
	uint64_t token;
	uint32_t packets; /* since it was last told */
	uint64_t bytes;	  /* of their frames, without what VNF_STEADY_ROUTED cuts off */
	uint64_t now_ns;  /* when the last of them passed */
};

struct vnf_io { /* behind the functions above */
	struct rte_mbuf *(*originate)(struct vnf *vnf);
	void (*send)(struct vnf *vnf, struct rte_mbuf *pkt, unsigned cp);
	void (*discard)(struct vnf *vnf, struct rte_mbuf *pkt, unsigned reason);
	bool (*hold)(struct vnf *vnf, struct rte_mbuf *pkt);
	void (*count_drop)(struct vnf *vnf, unsigned reason);
	void (*cut)(struct vnf *vnf, uint32_t token);
	void (*follow)(struct vnf *vnf, struct rte_mbuf *made,
		const struct rte_mbuf *pkt); /* null: there are no paths */
};

static inline void
vnf_cut(struct vnf *vnf, uint32_t token)
{
	if (vnf != NULL && vnf->io != NULL && vnf->io->cut != NULL)
		vnf->io->cut(vnf, token);
}

/* ---- descriptors and time (control thread only, from attend() on) -------------------
 */

struct vnf_watch; /* a registration; all end before close() */
typedef void vnf_watch_fn(struct vnf *vnf, void *arg);

/* Calls fn whenever fd (the plug-in's, non-blocking) can be read or has failed. fn is
 * quick: requests to the VNF wait for it. Null: out of memory, or no descriptor. */
struct vnf_watch *vnf_watch_fd(struct vnf *vnf, int fd, vnf_watch_fn *fn, void *arg);
/* Calls fn every ms milliseconds. */
struct vnf_watch *vnf_watch_timer(
	struct vnf *vnf, unsigned ms, vnf_watch_fn *fn, void *arg);
/* Before fd is closed. Null is fine, and so is one that ended with the control thread. */
void vnf_watch_end(struct vnf *vnf, struct vnf_watch *watch);
/* The worker calls tick() soon, even if it is asleep or has just called it. */
void vnf_wake(struct vnf *vnf);

/* ---- the type ---------------------------------------------------------------------- */

#define VNF_API_VERSION 6

enum vnf_scaling { /* how several processes of one instance can share its work */
	VNF_SCALE_NOT,
	VNF_SCALE_BY_FLOW, /* by address pair (dataplane/pkt/flow.h): frames that are of
			      no flow go to one of them */
	VNF_SCALE_BY_PORT /* for who translates: towards the first connection point by the
			     sender's address, towards the second by the port that is
			     sent to, of which replica i has i * 8192 to i * 8192 + 8191.
			     Only for an instance that has had its share from its start
			     on (vnf->scaled in open()) */
};

typedef void vnf_flow_fn(const struct pkt_flow *flow, void *arg);

struct vnf_type {
	unsigned api;	     /* VNF_API_VERSION */
	const char *name;    /* kebab-case, the folder's name: "firewall" */
	const char *summary; /* one line for people */
	const char *const
		*cps; /* names of the connection points, null-ended: "left", "right" */
	const struct vnf_reason_info
		*reasons;	    /* its own, ended by a null name; null: none */
	const struct field *fields; /* of its configuration */
	size_t config_size;	    /* sizeof its configuration struct */
	uint32_t state_version; /* of the records in the instance state region, from 1 */
	uint32_t state_oldest;	/* the oldest version that adopt() can read; 0: only
				   state_version */
	const char *state_format; /* whose records they are: another type's, which this
				     one can succeed. Null: its own, by its name */

	/* Rules between fields, after the table was satisfied. Pure; adds every fault,
	 * paths as in the document. Null: none. */
	void (*check)(const void *config, struct faults *faults);
	/* Names of members, ended by null: check() is called although the table found
	 * faults, if none is in one of these, so that a person is told of all at once.
	 * Values that could not be read are zero; what check() says of an element with a
	 * fault is not told. Null: only after the table was satisfied. */
	const char *const *check_needs;
	/* Bytes of instance state that an instance with this configuration needs. Pure.
	 * Null: 0. */
	size_t (*state_size)(const void *config);
	/* Makes the instance (vnf->self). vnf->state is another process's still: its
	 * address and size are known, its content must not be looked at. 0 or negative
	 * errno with err. */
	int (*open)(struct vnf *vnf, const void *config, struct err *err);
	/* It is ours now: takes over what it holds. Between the first build() and the
	 * first swap(), and to be quick: packets wait meanwhile. Null: nothing to do. */
	int (*adopt)(struct vnf *vnf, struct err *err);
	/* A new configuration is built beside the running one (control thread; may take
	 * long; must not disturb the worker), then handed to the worker by swap() between
	 * two bursts, which returns what it replaced; destroy() then frees that (control
	 * thread, when no worker can see it any more). open() is followed by one build,
	 * adopt and swap, before the worker runs. config stays valid until its built
	 * object is destroyed. All three null: a type without configuration. */
	int (*build)(
		struct vnf *vnf, const void *config, void **built, struct faults *faults);
	void *(*swap)(struct vnf *vnf, void *built);
	void (*destroy)(struct vnf *vnf, void *built);
	/* The control thread is there, and a configuration is in use: the first, and then
	 * each further one. For who talks to others than packets: registers descriptors
	 * and timers. config: the one in use, valid until the next is. Null: nothing to
	 * do. */
	void (*attend)(struct vnf *vnf, const void *config);
	/* What build() made in a hurry, made well: called for the built object in use,
	 * after each swap, in a thread of its own; may take long, while the worker uses
	 * it and other configurations are built. *better goes the way of a built object,
	 * of the same configuration; null: it is well as it is. The object and its
	 * configuration stay until the call returns. Null: build() makes nothing in a
	 * hurry. */
	int (*refine)(struct vnf *vnf, const void *built, void **better, struct err *err);
	/* Fills burst->verdicts. */
	void (*process)(struct vnf *vnf, struct vnf_burst *burst);
	/* Of steady packets (vnf_steady()): how many passed; answers until when it holds
	 * now, 0: for ever. Worker. Null: it is not interested. */
	uint64_t (*passed)(struct vnf *vnf, const struct vnf_passed *passed);
	/* passed() is called next with that token: time to fetch what it needs into the
	 * cache. Worker. Null: nothing. */
	void (*expect)(struct vnf *vnf, uint64_t token);
	/* One steady packet, as it is before anything was done to it, but for what lies
	 * before L4; len: of the frame as it comes to this VNF. False: nothing was done,
	 * and it is to go the whole way. Worker. Null: it never asks for it. */
	bool (*look)(struct vnf *vnf, uint64_t token, const uint8_t *frame, uint32_t len);
	/* Bounded timer work, about every millisecond while busy and every tick_idle_ms
	 * while asleep. May send. Null: none. */
	void (*tick)(struct vnf *vnf);
	unsigned tick_idle_ms; /* 0: no need to be woken when idle; else at most this long
				  between ticks */
	/* Members to add to the VNF's statistics: {"sessions": n, "rules": [...], ...};
	 * new reference. While the worker runs: reads counters that are single aligned
	 * words. Null: none. */
	json_t *(*stats)(struct vnf *vnf);
	/* Other questions: "sessions", "neighbours"; args is an object. Null or an
	 * unknown what: ERR_UNSUPPORTED. */
	json_t *(*query)(
		struct vnf *vnf, const char *what, const json_t *args, struct err *err);
	/* Changes that are no configuration: "reset-counters"; as query() otherwise. */
	json_t *(*act)(
		struct vnf *vnf, const char *what, const json_t *args, struct err *err);
	enum vnf_scaling scaling;
	/* Calls fn with the flow of every session that the instance has, as its packets
	 * look at its connection points, while the worker runs; returns how many. A
	 * session that is made or ends meanwhile may be told or not. Null: it has none.
	 */
	uint32_t (*flows)(struct vnf *vnf, vnf_flow_fn *fn, void *arg);
	/* Frees the instance and the built object in use; the state region stays as it
	 * is. */
	void (*close)(struct vnf *vnf);
};

/* Publishes the type: once, at the bottom of the glue file. */
#define VNF_REGISTER(type_struct)                                                        \
	extern const struct vnf_type *const vnf_plugin_type;                             \
	const struct vnf_type *const vnf_plugin_type = &(type_struct)

/* ---- statistics -------------------------------------------------------------------- */

/* Of an instance: what its type adds, and "malformed": {fault: packets} if there were
 * any. New reference. Control thread. */
json_t *vnf_stats(struct vnf *vnf);

/* ---- manifest ---------------------------------------------------------------------- */

/* {"type", "summary", "api", "connectionPoints": [..], "dropReasons": [{name, help}],
 * "stateVersion", "scaling": "by-flow", "by-port" or null, "spread": [..] of the
 * connection points, "config": field_describe(), "version"}: what --describe prints and
 * the rest of the platform knows of a type. dropReasons holds all, the shared ones first:
 * a reason's place in it is its number. */
json_t *vnf_manifest(const struct vnf_type *type);
/* Number of connection points; of drop reasons, the shared ones included; and one of
 * these (reason < n). */
unsigned vnf_n_cps(const struct vnf_type *type);
unsigned vnf_n_reasons(const struct vnf_type *type);
const struct vnf_reason_info *vnf_reason(const struct vnf_type *type, unsigned reason);

/* Parses and checks a configuration with the code that would run it. On success *config
 * is malloc'd (config_size) and belongs to the caller (vnf_config_free). Else negative
 * errno and every fault. */
int vnf_config_parse(const struct vnf_type *type, const json_t *json, void **config,
	struct faults *faults);
void vnf_config_free(const struct vnf_type *type, void *config);

#endif
