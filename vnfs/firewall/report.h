/* report.h: lines in the log about packets that a rule with `log: true` decided.
 *
 * The packet path only notes them, at most ten a second; the log is written from tick(),
 * between bursts.
 */
#ifndef VNFS_FIREWALL_REPORT_H
#define VNFS_FIREWALL_REPORT_H

#include <stdint.h>
#include "dataplane/pkt/parse.h"
#include "vnfs/firewall/ruleset.h"

#define REPORTS_PER_SECOND 10

struct report {
	const struct ruleset_rule *rule;
	struct pkt_info packet;
	uint32_t bytes;
	uint8_t cp;
};

struct reports {
	struct report list[REPORTS_PER_SECOND];
	unsigned n, this_second, suppressed;
	uint64_t second_ns; /* when this second began */
};

/* Notes a packet, or counts it as suppressed. */
void reports_add(struct reports *reports, const struct ruleset_rule *rule,
	const struct pkt_info *packet, unsigned cp, uint32_t bytes, uint64_t now_ns);
/* Writes what was noted; to be called before its rules go away. vnf: name for the log. */
void reports_flush(struct reports *reports, const char *vnf);

#endif
