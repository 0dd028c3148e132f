/* flow_cache_parts.h: what the parts of the flow cache share: entries, paths, packets
 * that are watched. For flow_cache*.c. */
#ifndef DATAPLANE_RUNTIME_FLOW_CACHE_PARTS_H
#define DATAPLANE_RUNTIME_FLOW_CACHE_PARTS_H

#include <string.h>
#include <rte_branch_prediction.h>
#include <rte_mbuf.h>
#include "dataplane/pkt/parse_usual.h"
#include "dataplane/runtime/flow_cache.h"
#include "dataplane/sdk/session.h"
#include "dataplane/shm/hand.h"

#define ENTRY_HOPS	8 /* VNFs on a path */
#define ENTRY_TOKENS	6 /* of them, those that want to be told or may cut */
#define ENTRY_PATHS	256
#define TREATMENTS	UINT16_MAX
#define TREATMENT_HEADS 16384	     /* of the lists by which one is found */
#define ENTRY_STEP_NS	(1ull << 29) /* 0.54 s */
#define ENTRY_WAITS	3	     /* steps more, while packets are few */
#define ENTRY_FEW	32
#define ENTRY_IDLE_NS	1000000000ull
#define ENTRY_HEADS	(PKT_USUAL_L4 + 20) /* bytes in which a packet may change */
#define NO_HOP		0xff
#define NO_TREATMENT	UINT16_MAX

/* What is not told of an entry, at most about; then it is due. */
#define ENTRY_BYTES   (1u << 31)
#define ENTRY_PACKETS (1u << 15)
#define PADDING_MAX   255 /* of a packet that passes */

/* Whether it is worth it to watch packets: each that is watched, and comes to an entry or
 * not, costs 1; an entry that was worth it earns more at each telling. Without credit one
 * burst of many is watched, which finds out when that changes. */
#define CREDIT_BEGIN (1 << 18)
#define CREDIT_MAX   (1 << 20)
#define CREDIT_MIN   (-256)
#define CREDIT_USED  16
#define WATCH_SELDOM 32
/* Without credit, and while fewer than one packet of so many looked up passes by an
 * entry, one burst of LOOK_SELDOM is looked up. */
#define HITS_FEW    16
#define HITS_OF	    4096
#define LOOK_SELDOM 8

/* The clock of an entry: ticks of about a millisecond since it was told. */
#define ENTRY_CLOCK_SHIFT 20

enum treatment_flag {
	TREATMENT_ROUTED = 1,	 /* new MACs, TTL less, padding cut */
	TREATMENT_REWRITTEN = 2, /* addresses or ports */
	TREATMENT_UDP = 4
};

enum entry_flag {
	ENTRY_MAY_WAIT = 1, /* all VNFs say that it holds for all the steps */
	ENTRY_WAITED = 2    /* times the steps that it has waited: the bits above, too */
};

/* What is of one flow alone, and wanted for each of its packets: a record of the session
 * table, which is one cache line. expires_ns of its head is ENTRY_IDLE_NS after it was
 * told. */
struct entry {
	struct session session;
	struct session_key4 key; /* zone: member and cp where it comes in */
	uint32_t addrs[2];	 /* source, destination: as they leave */
	uint16_t ports[2];
	uint16_t ip_change, l4_change; /* what the checksums grow by, ones' complement */
	uint16_t due;		       /* when the VNFs are to be told again */
	uint16_t last;		       /* when the last packet came; both in ticks */
	uint32_t bytes;		       /* of IP packets and Ethernet headers, not told */
	uint16_t packets;	       /* not told */
	uint16_t padding;	       /* bytes behind them, not told */
	uint16_t treatment;
	uint8_t flags; /* enum entry_flag */
};

_Static_assert(sizeof(struct entry) == 64, "an entry is one cache line");

/* What is of one flow, and wanted when it is told, looked at or ended; by its record. */
struct entry_tokens {
	uint64_t of[ENTRY_TOKENS];
};

/* What becomes of packets, as far as many flows have it in common: those to one
 * neighbour. Up to `is`, it is what tells two of them apart. */
struct treatment {
	uint64_t alike;	    /* entry_alike() of the packets */
	uint32_t epoch;	    /* what the VNFs held when it was made */
	uint16_t max_total; /* of IPv4, in bytes */
	uint8_t ttl_less;
	uint8_t flags; /* enum treatment_flag */
	uint8_t macs[12];
	uint16_t path;
	uint16_t reserved;

	struct treatment_is {
		uint32_t entries; /* that have it; 0: it is free */
		uint16_t next;	  /* of its list, or of the free ones */
	} is;
} __rte_cache_aligned;

#define TREATMENT_KEY offsetof(struct treatment, is)
_Static_assert(TREATMENT_KEY == 32, "nothing lies between the members of a treatment");

struct path { /* of packets through the group */
	uint8_t n, n_tokens;
	uint8_t routed; /* the first hop that cuts padding off, or NO_HOP */
	uint8_t look;	/* the hop that looks at each packet, or NO_HOP */
	struct path_hop {
		uint8_t member, in, out; /* connection points */
		uint8_t token;		 /* its place in entry_tokens, or NO_HOP */
		uint8_t counted;	 /* is to be told */
	} hops[ENTRY_HOPS];
};

struct watched {       /* a packet on the whole way whose like may pass by an entry */
	bool lost;     /* somebody would not repeat it */
	uint16_t zone; /* of its key */
	struct session_key4 key;
	uint32_t len; /* of the frame */
	uint64_t until_ns;
	struct treatment treatment;
	struct path path;
	uint64_t tokens[ENTRY_TOKENS];
	uint8_t head[ENTRY_HEADS]; /* as it came */
};

struct member {
	struct exchange *x;
	uint32_t *entries; /* by token: number of its entry + 1 */
	uint32_t n_tokens;
};

struct flow_cache {
	struct session_table *table;
	struct entry_tokens *tokens; /* by record */
	void *memory;
	size_t memory_size;
	struct member members[FLOW_CACHE_MEMBERS];
	unsigned n;
	const uint32_t *words[FLOW_CACHE_MEMBERS * VNF_EPOCHS];
	unsigned n_words;
	const struct rte_ring *inner[FLOW_CACHE_MEMBERS * EXCHANGE_OUTS];
	unsigned n_inner; /* between the VNFs */
	uint32_t epoch;	  /* the words' sum */
	uint64_t now_ns;  /* of this round */
	bool rewired;	  /* entries are to end */
	unsigned quiet;	  /* rounds in which nothing is used or made */
	uint32_t scan;	  /* of settling: the next record */
	struct path paths[ENTRY_PATHS];
	unsigned n_paths;
	struct treatment treatments[TREATMENTS];
	unsigned n_treatments;		 /* that ever were */
	uint16_t free_treatment;	 /* NO_TREATMENT: none */
	uint16_t heads[TREATMENT_HEADS]; /* of treatments: index + 1 */

	uint32_t serial;      /* of the burst that is watched */
	int credit;	      /* below 0: watching is mostly in vain */
	uint32_t looked, hit; /* packets, of the last ones at most HITS_OF */
	bool hits_are_few;
	uint32_t worth; /* packets between two tellings that make an entry so */
	struct watched watched[VNF_BURST];
	unsigned n_watched;
	struct vnf_trace trace;
	const struct exchange *traced; /* whose burst; null: nobody's */
	struct flow_cache_counts counts;
};

/* The mark of a watched packet in its mbuf: the burst's serial number and its place. */
#define MARK_BITS 5

static inline struct entry *
entry_of(const struct flow_cache *cache, session_ref ref)
{
	return session_record(cache->table, ref);
}

static inline void
count_one(uint64_t *counter, uint64_t n)
{
	__atomic_store_n(counter, *counter + n, __ATOMIC_RELAXED);
}

/* The two halves of a sum, and the carry: ones' complement, 1..0xffff if sum is not 0. */
static inline uint16_t
fold(uint32_t sum)
{
	return (uint16_t)((sum + (sum << 16 | sum >> 16)) >> 16);
}

/* The packet as entry e sends it on; it fits. frame: Ethernet. */
static inline void
entry_rewrite(const struct entry *e, const struct treatment *how, uint8_t *frame)
{
	struct pkt_ip4 *ip = (struct pkt_ip4 *)(frame + PKT_USUAL_L3);
	const unsigned flags = how->flags;
	uint8_t *l4_csum;
	uint16_t csum;

	if ((flags & (TREATMENT_ROUTED | TREATMENT_REWRITTEN)) == 0)
		return;
	ip->csum = (uint16_t)~fold((uint16_t)~ip->csum + (uint32_t)e->ip_change);
	if (flags & TREATMENT_ROUTED) {
		memcpy(frame, how->macs, sizeof(how->macs));
		ip->ttl = (uint8_t)(ip->ttl - how->ttl_less);
	}
	if ((flags & TREATMENT_REWRITTEN) == 0)
		return;
	l4_csum = frame + PKT_USUAL_L4 +
		  (flags & TREATMENT_UDP ? offsetof(struct pkt_udp, csum)
					 : offsetof(struct pkt_tcp, csum));
	memcpy(frame + PKT_USUAL_L3 + 12, e->addrs, sizeof(e->addrs));
	memcpy(frame + PKT_USUAL_L4, e->ports, sizeof(e->ports));
	memcpy(&csum, l4_csum, sizeof(csum));
	if (unlikely(csum == 0) && (flags & TREATMENT_UDP))
		return;
	csum = (uint16_t)~fold((uint16_t)~csum + (uint32_t)e->l4_change);
	if (unlikely(csum == 0) && (flags & TREATMENT_UDP))
		csum = 0xffff;
	memcpy(l4_csum, &csum, sizeof(csum));
}

/* Key of a usual packet that came in there. */
static inline void
entry_key(const uint8_t *frame, uint16_t zone, struct session_key4 *key)
{
	const uint8_t *ip = frame + PKT_USUAL_L3;

	memcpy(&key->src, ip + 12, 8);
	memcpy(&key->sport, frame + PKT_USUAL_L4, 4);
	key->zone = zone;
	key->proto = ip[9];
	key->kind = 0;
}

/* What else must be the same: destination MAC, DSCP and, in the lowest bit, DF. */
static inline uint64_t
entry_alike(const uint8_t *frame)
{
	const uint8_t *ip = frame + PKT_USUAL_L3;
	uint64_t word;

	memcpy(&word, frame, sizeof(word));
	return word << 16 | (ip[1] & 0xfc) | (ip[6] >> 6 & 1);
}

static inline uint16_t
entry_zone(const struct exchange *x, unsigned cp)
{
	return (uint16_t)(x->member << 8 | cp);
}

static inline bool
entry_is_live(const struct flow_cache *cache, session_ref ref)
{
	return entry_of(cache, ref)->session.generation & 1;
}

static inline void
credit(struct flow_cache *cache, int more)
{
	const int sum = cache->credit + more;

	cache->credit = sum > CREDIT_MAX   ? CREDIT_MAX
			: sum < CREDIT_MIN ? CREDIT_MIN
					   : sum;
}

/* Ticks since it was told. */
static inline uint64_t
entry_ticks(const struct entry *e, uint64_t now_ns)
{
	return (now_ns - (e->session.expires_ns - ENTRY_IDLE_NS)) >> ENTRY_CLOCK_SHIFT;
}

/* When an entry is due that is told now, and holds as long as said. */
static inline void
entry_set_due(struct entry *e, uint64_t now_ns, uint64_t until_ns)
{
	const uint64_t holds = until_ns > now_ns ? until_ns - now_ns : 0;

	e->flags = holds > (1 + ENTRY_WAITS) * ENTRY_STEP_NS ? ENTRY_MAY_WAIT : 0;
	e->due = (uint16_t)((holds < ENTRY_STEP_NS ? holds : ENTRY_STEP_NS) >>
			    ENTRY_CLOCK_SHIFT);
}

static inline const uint64_t *
entry_tokens(const struct flow_cache *cache, session_ref ref)
{
	return cache->tokens[ref >> 1].of;
}

static inline struct path *
entry_path(struct flow_cache *cache, const struct entry *e)
{
	return &cache->paths[cache->treatments[e->treatment].path];
}

/* Watches a packet of a burst that has come into the group. */
void watch(
	struct flow_cache *cache, struct rte_mbuf *mbuf, const struct session_key4 *key);
/* A VNF says that the flow to which it gave that token is not what it was. */
void watched_cut(struct flow_cache *cache, const struct exchange *x, uint32_t token);
/* Tells the VNFs what has passed. False: it holds no more. */
bool entry_tell(struct flow_cache *cache, session_ref ref, uint64_t now_ns);
/* Ends it; what passed is told before. */
void entry_end(struct flow_cache *cache, session_ref ref, uint64_t now_ns);

/* Where an equal one is, made if there is none; NO_TREATMENT: there are too many. One
 * entry more has it, until treatment_drop(). */
uint16_t treatment_hold(struct flow_cache *cache, const struct treatment *how);
void treatment_drop(struct flow_cache *cache, uint16_t number);

#endif
