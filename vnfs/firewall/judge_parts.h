/* judge_parts.h: one burst on its way through the firewall, for the files that share it:
 * judge_look.c (headers), judge.c (flows, and the decision), judge_rules.c. Worker.
 */
#ifndef VNFS_FIREWALL_JUDGE_PARTS_H
#define VNFS_FIREWALL_JUDGE_PARTS_H

#include "vnfs/firewall/firewall.h"

struct judge { /* one burst; the arrays hold the packets that are to be judged, in order
		*/
	struct vnf *vnf;
	struct firewall *fw;
	struct vnf_burst *burst;
	unsigned n;
	bool stale;	  /* sessions came or went since refs were looked up */
	uint32_t account; /* that the packet that passed last counts for */
	/* no arrays of bytes: what is written to these might be anything, for a compiler
	 */
	uint16_t at[VNF_BURST];	     /* place in the burst */
	uint16_t usual[VNF_BURST];   /* enum usual */
	uint16_t swapped[VNF_BURST]; /* FLOW_SWAPPED, as in struct track; or 0 */
	const struct rte_mbuf *pkts[VNF_BURST];
	const uint8_t *frames[VNF_BURST];
	struct pkt_info packets[VNF_BURST]; /* of usual ones only when they need it */
	struct track tracks[VNF_BURST];	    /* also */
	struct session_key6 keys[VNF_BURST];
	session_ref refs[VNF_BURST];
	const struct ruleset_rule *rules[VNF_BURST]; /* null: not matched yet */
};

static inline const uint8_t *
frame_of(const struct judge *j, unsigned i)
{
	return j->frames[i];
}

static inline uint32_t
bytes_of(const struct judge *j, unsigned i)
{
	return j->pkts[i]->pkt_len;
}

static inline vnf_verdict
forward(const struct judge *j)
{
	return VNF_FORWARD(j->burst->cp ^ 1);
}

static inline struct packet
packet_of(const struct judge *j, unsigned i)
{
	return (struct packet){.track = &j->tracks[i],
		.key = &j->keys[i],
		.info = &j->packets[i],
		.frame = frame_of(j, i),
		.bytes = bytes_of(j, i),
		.cp = j->burst->cp};
}

static inline vnf_verdict
judge_pass(struct judge *j, unsigned i, uint32_t account)
{
	account_count(j->fw->accounts, account, bytes_of(j, i));
	j->account = account;
	return forward(j);
}

/* Chooses what is to be judged, and gives verdicts on the rest. */
void judge_look(struct judge *j);
/* What the rules say to a packet whose headers were read; track: and make a session of it
 * if they accept. */
vnf_verdict judge_by_rule(struct judge *j, unsigned i, bool track);

#endif
