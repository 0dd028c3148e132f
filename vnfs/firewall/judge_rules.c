/* judge_rules.c: packets of no flow, and what the rule that decides them does. */
#include "vnfs/firewall/judge_parts.h"

#include "vnfs/firewall/essential.h"

static const struct ruleset_rule *rule_of(struct judge *j, unsigned i);
static void count_passed(struct judge *j, unsigned i, const struct ruleset_rule *rule);
static void note(struct judge *j, unsigned i, const struct ruleset_rule *rule);
static vnf_verdict accept(
	struct judge *j, unsigned i, const struct ruleset_rule *rule, bool track);
static void answer(struct judge *j, unsigned i, enum fw_reject with);

vnf_verdict
judge_by_rule(struct judge *j, unsigned i, bool track)
{
	const struct policy *policy = j->fw->policy;
	const struct ruleset_rule *rule = rule_of(j, i);
	bool dflt = rule == &policy->rules->rules[policy->rules->n_rules];

	if (unlikely(policy->rules->n_passing > 0))
		count_passed(j, i, rule);
	if (dflt && rule->action == FW_DROP) {
		if (policy->config->non_ip == FW_ACCEPT &&
			essential_neighbour_discovery(&j->packets[i]))
			return judge_pass(j, i, ACCOUNT_NEIGHBOUR);
		if (essential_error(frame_of(j, i), &j->packets[i]))
			return judge_pass(j, i, ACCOUNT_ICMPV6_ERROR);
	}
	if (rule->log)
		note(j, i, rule);
	if (rule->action == FW_ACCEPT)
		return accept(j, i, rule, track);
	account_count(j->fw->accounts, rule->account, bytes_of(j, i));
	if (rule->action == FW_REJECT)
		answer(j, i, rule->reject_with);
	return VNF_DROP(dflt			  ? FW_NO_RULE
			: rule->action == FW_DROP ? FW_RULE_DROP
						  : FW_REJECTED);
}

static const struct ruleset_rule *
rule_of(struct judge *j, unsigned i)
{
	const struct pkt_info *packet = &j->packets[i];
	const uint8_t *frame = frame_of(j, i);

	if (j->rules[i] == NULL)
		ruleset_match(j->fw->policy->rules, j->burst->cp, &packet, &frame, 1,
			&j->rules[i]);
	return j->rules[i];
}

static bool
within_rate(struct judge *j, unsigned i, const struct ruleset_rule *rule)
{
	struct account *account = account_at(j->fw->accounts, rule->account);

	if (police_take(
		    rule->police, &account->police_ns, bytes_of(j, i), j->vnf->now_ns))
		return true;
	account_count(j->fw->accounts, rule->account, bytes_of(j, i));
	return false;
}

static vnf_verdict
accept(struct judge *j, unsigned i, const struct ruleset_rule *rule, bool track)
{
	static const uint16_t reasons[] = {
		[CONNTRACK_FULL] = FW_SESSION_TABLE_FULL,
		[CONNTRACK_TOO_MANY] = FW_SOURCE_SESSIONS,
		[CONNTRACK_TOO_FAST] = FW_SOURCE_RATE,
	};
	const struct packet packet = packet_of(j, i);
	enum conntrack_opened opened = CONNTRACK_OPENED;

	if (unlikely(rule->police != NULL) && !within_rate(j, i, rule))
		return VNF_DROP(FW_POLICED);
	if (track)
		opened = conntrack_open(&j->fw->conntrack, &packet, rule->account,
			rule->tag, j->vnf->now_ns);
	if (opened != CONNTRACK_OPENED)
		return VNF_DROP(reasons[opened]);
	return judge_pass(j, i, rule->account);
}

static void
note(struct judge *j, unsigned i, const struct ruleset_rule *rule)
{
	reports_add(&j->fw->reports, rule, &j->packets[i], j->burst->cp, bytes_of(j, i),
		j->vnf->now_ns);
}

/* Rules that say continue, before the one that decides. */
static void
count_passed(struct judge *j, unsigned i, const struct ruleset_rule *rule)
{
	const struct ruleset_rule *passed;
	unsigned at = 0;

	while ((passed = ruleset_passed(j->fw->policy->rules, j->burst->cp,
			&j->packets[i], frame_of(j, i), rule, &at)) != NULL) {
		account_count(j->fw->accounts, passed->account, bytes_of(j, i));
		if (passed->log)
			note(j, i, passed);
	}
}

static void
answer(struct judge *j, unsigned i, enum fw_reject with)
{
	struct vnf *vnf = j->vnf;
	struct rte_mbuf *pkt;

	if (!reject_wanted(
		    frame_of(j, i), &j->packets[i], with, &j->fw->limit, vnf->now_ns))
		return;
	pkt = vnf_originate(vnf);
	if (pkt == NULL || rte_pktmbuf_tailroom(pkt) < REJECT_ROOM) {
		vnf_count_drop(vnf, VNF_REASON_NO_BUFFER);
		if (pkt != NULL)
			vnf_discard(vnf, pkt, VNF_NOT_COUNTED);
		return;
	}
	pkt->data_len = reject_build(
		rte_pktmbuf_mtod(pkt, uint8_t *), frame_of(j, i), &j->packets[i], with);
	pkt->pkt_len = pkt->data_len;
	vnf_send(vnf, pkt, j->burst->cp);
}
