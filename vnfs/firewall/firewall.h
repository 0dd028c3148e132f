/* firewall.h: the parts of one firewall instance, for the files that share them:
 * firewall.c (life), judge.c (packets), show.c (statistics and questions). */
#ifndef VNFS_FIREWALL_FIREWALL_H
#define VNFS_FIREWALL_FIREWALL_H

#include <stdbool.h>
#include "dataplane/sdk/reasm.h"
#include "dataplane/sdk/vnf.h"
#include "vnfs/firewall/account.h"
#include "vnfs/firewall/config.h"
#include "vnfs/firewall/conntrack.h"
#include "vnfs/firewall/fragment.h"
#include "vnfs/firewall/reject.h"
#include "vnfs/firewall/recheck.h"
#include "vnfs/firewall/report.h"
#include "vnfs/firewall/ruleset.h"

enum firewall_reason { /* in the order of firewall_reasons[] */
	FW_NO_RULE = VNF_REASON_OWN,
	FW_RULE_DROP,
	FW_REJECTED,
	FW_NON_IP,
	FW_INVALID_STATE,
	FW_SESSION_TABLE_FULL,
	FW_SOURCE_SESSIONS,
	FW_SOURCE_RATE,
	FW_FRAGMENT,
	FW_FRAGMENT_OVERLAP,
	FW_FRAGMENT_DUPLICATE,
	FW_FRAGMENT_TIMEOUT,
	FW_FRAGMENT_LIMIT,
	FW_TINY_FRAGMENT,
	FW_SOURCE_ROUTE,
	FW_IP_OPTION,
	FW_ROUTING_HEADER,
	FW_POLICED,
};

extern const struct vnf_reason_info firewall_reasons[];

struct policy { /* what build() makes of a configuration; never changes */
	const struct fw_config *config;
	struct ruleset *rules;
	struct lifetimes lifetimes;
};

struct firewall {
	const struct policy *policy; /* in use [worker]; replaced by swap() */
	bool adopted; /* sessions of a predecessor count for our rules [control] */
	struct accounts *accounts;
	struct session_table *sessions;
	struct conntrack conntrack;
	struct sources *sources; /* null until a configuration limits them [control] */
	struct recheck recheck;
	uint64_t expired_ns; /* when tick() last ended sessions */
	struct reasm *reasm;
	struct reject_limit limit;
	struct reports reports;
	struct journal journal;
};

/* judge.c: the verdicts on a burst. Worker. */
void judge_burst(struct vnf *vnf, struct vnf_burst *burst);
/* A held fragment follows its first, which was decided so (fragment.h): reasm_ops. arg:
 * the struct vnf. */
void judge_release(void *arg, struct rte_mbuf *pkt, unsigned cp, uint64_t decision);

/* show.c: stats(), query() and act() of the type. */
json_t *show_stats(struct vnf *vnf);
json_t *show_query(
	struct vnf *vnf, const char *what, const json_t *args, struct err *err);
json_t *show_act(struct vnf *vnf, const char *what, const json_t *args, struct err *err);
uint32_t show_flows(struct vnf *vnf, vnf_flow_fn *fn, void *arg);

#endif
