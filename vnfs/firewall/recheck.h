/* recheck.h: sessions that earlier rules let in, judged again by the rules in use.
 *
 * Each flow carries the epoch of the rules that let it pass. A configuration with
 * `sessions: recheck` begins an epoch; a flow of an earlier one is judged by the rules
 * before its next packet is: as if the packet that began it came now. If they accept it,
 * it goes on, and counts for the rule that does; else it ends, and the packet meets the
 * rules as a stranger. So no packet passes because of a rule that is gone. Flows without
 * packets are found by a sweep over the table, a bounded part of it in each tick.
 *
 * After a restart the flows that are found are of epoch 0: with `sessions: recheck` they
 * are all judged again, by whatever rules their successor was started with. Worker only.
 */
#ifndef VNFS_FIREWALL_RECHECK_H
#define VNFS_FIREWALL_RECHECK_H

#include <stdbool.h>
#include <stdint.h>
#include "vnfs/firewall/conntrack.h"
#include "vnfs/firewall/ruleset.h"

struct recheck {
	uint32_t at;  /* record at which the sweep goes on */
	bool pending; /* there may be flows of an earlier epoch; any thread reads it */
	uint64_t swept_ns;
	uint64_t kept, ended; /* flows, since the process began; any thread reads them */
};

/* The rules were replaced: all flows in the table are of an earlier epoch now. */
void recheck_begin(struct recheck *recheck, struct conntrack *ct, uint64_t now_ns);
/* Before the flows that were found for n <= VNF_BURST packets are made use of: those of
 * an earlier epoch are judged; the ref of one that ended becomes SESSION_NONE. */
void recheck_found(struct recheck *recheck, struct conntrack *ct,
	const struct ruleset *rules, session_ref *refs, unsigned n, uint64_t now_ns);
/* From tick(): 512 records for each millisecond since the last one, 8,192 at most. */
void recheck_sweep(struct recheck *recheck, struct conntrack *ct,
	const struct ruleset *rules, uint64_t now_ns);

#endif
