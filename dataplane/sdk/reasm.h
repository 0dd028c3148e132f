/* reasm.h: virtual reassembly: what was decided on the first fragment of a datagram holds
 * for all of it. Fragments are not put together: each passes on its own, in any order.
 *
 * Those that come before their first are held (vnf_hold) until it comes, and follow it
 * then. Two that overlap end the datagram: what is held and what still comes of it is
 * dropped (RFC 5722; RFC 1858, RFC 3128 say why for IPv4); an exact repetition is dropped
 * alone (RFC 8200 4.5). All is bounded: datagrams, packets held in all and for one
 * source, pieces of one datagram, and time: 30 s for IPv4 (RFC 4787 11), 60 s for IPv6
 * (RFC 8200 4.5). A datagram of which all has passed is forgotten at once.
 *
 * Private memory, about 700 KiB. Worker only, but for create and destroy. The clock is
 * vnf->now_ns.
 */
#ifndef DATAPLANE_SDK_REASM_H
#define DATAPLANE_SDK_REASM_H

#include <stdbool.h>
#include <stdint.h>
#include "common/err.h"
#include "dataplane/pkt/parse.h"
#include "dataplane/sdk/vnf.h"

#define REASM_MAX_DATAGRAMS	   1024 /* at a time */
#define REASM_MAX_DATAGRAMS_SOURCE 256	/* of one source address */
#define REASM_MAX_HELD		   512	/* packets held at a time */
#define REASM_MAX_HELD_SOURCE	   128	/* of one source address */
#define REASM_MAX_PIECES	   128	/* of one datagram */

enum reasm_verdict {
	REASM_FIRST,	 /* the first fragment: decide on it, then reasm_decide() */
	REASM_FOLLOW,	 /* *value: what its first was decided to */
	REASM_HELD,	 /* its first is awaited: the packet's verdict is VNF_HOLD */
	REASM_REFUSED,	 /* its first was dropped */
	REASM_DUPLICATE, /* has been here */
	REASM_OVERLAP,	 /* it overlaps another, or an earlier one did; or its length or
			    place cannot be */
	REASM_FULL,	 /* a bound is reached */
};

struct reasm_ops {
	/* A held packet follows its first, which was decided to value: to be sent or
	 * discarded before this returns. It came in by cp. */
	void (*release)(void *arg, struct rte_mbuf *pkt, unsigned cp, uint64_t value);
	/* A datagram that was decided to value is forgotten. Null: need not be told. */
	void (*forget)(void *arg, uint64_t value);
	unsigned reason_overlap; /* held packets that are given up count under these */
	unsigned reason_refused;
	unsigned reason_timeout; /* their first never came */
};

struct reasm;

/* ops and arg are used as long as it lives. 0, or ERR_NO_RESOURCE. */
int reasm_create(struct reasm **reasm, struct vnf *vnf, const struct reasm_ops *ops,
	void *arg, struct err *err);
/* Null is fine. Packets that are held stay the runtime's. */
void reasm_destroy(struct reasm *reasm);

/* A fragment of a burst (info->fragment) that came in by cp, in order of arrival. zone:
 * VLAN id, or whatever keeps equal addresses apart. */
enum reasm_verdict reasm_see(struct reasm *reasm, unsigned cp, uint16_t zone,
	const struct pkt_info *info, struct rte_mbuf *pkt, uint64_t *value);

/* After REASM_FIRST, with info as it was then: the first passes, and the others with
 * value; or it is dropped, and so are they. Held ones are released, or given up. */
void reasm_decide(struct reasm *reasm, unsigned cp, uint16_t zone,
	const struct pkt_info *info, bool pass, uint64_t value);

/* From tick(): gives up what waited too long, REASM_MAX_DATAGRAMS at most. */
void reasm_tick(struct reasm *reasm);

/* Any thread: packets held now. */
uint32_t reasm_held(const struct reasm *reasm);

#endif
