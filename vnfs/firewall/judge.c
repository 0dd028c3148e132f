/* judge.c: the way of a burst through the firewall: parse all, look up all flows, match
 * all that are of no flow with the rules, then decide in order. */
#include "vnfs/firewall/firewall.h"

#include <string.h>
#include <rte_prefetch.h>
#include "dataplane/pkt/hdr.h"
#include "vnfs/firewall/essential.h"
#include "vnfs/firewall/option.h"

struct judge { /* one burst; the arrays hold the packets that are to be judged, in order
		*/
	struct vnf *vnf;
	struct firewall *fw;
	struct vnf_burst *burst;
	unsigned n;
	bool stale;	       /* sessions came or went since refs were looked up */
	uint32_t account;      /* that the packet that passed last counts for */
	uint8_t at[VNF_BURST]; /* place in the burst */
	struct pkt_info packets[VNF_BURST];
	struct track tracks[VNF_BURST];
	struct session_key6 keys[VNF_BURST];
	session_ref refs[VNF_BURST];
	const struct ruleset_rule *rules[VNF_BURST]; /* null: not matched yet */
};

static void begin(struct judge *j, struct vnf *vnf, struct vnf_burst *burst);
static void read_headers(struct judge *j);
static void find_flows(struct judge *j);
static void match_strangers(struct judge *j);
static vnf_verdict decide(struct judge *j, unsigned i);

void
judge_burst(struct vnf *vnf, struct vnf_burst *burst)
{
	struct judge j;

	begin(&j, vnf, burst);
	read_headers(&j);
	find_flows(&j);
	match_strangers(&j);
	for (unsigned i = 0; i < j.n; i++)
		burst->verdicts[j.at[i]] = decide(&j, i);
}

static void
begin(struct judge *j, struct vnf *vnf, struct vnf_burst *burst)
{
	j->vnf = vnf;
	j->fw = vnf->self;
	j->burst = burst;
	j->n = 0;
	j->stale = false;
}

/* ---- before the rules ---- */

static vnf_verdict look_at_options(
	const struct judge *j, const uint8_t *frame, const struct pkt_info *packet);

static inline const uint8_t *
frame_of(const struct judge *j, unsigned i)
{
	return rte_pktmbuf_mtod(j->burst->pkts[j->at[i]], const uint8_t *);
}

static inline uint32_t
bytes_of(const struct judge *j, unsigned i)
{
	return j->burst->pkts[j->at[i]]->pkt_len;
}

static inline vnf_verdict
forward(const struct judge *j)
{
	return VNF_FORWARD(j->burst->cp ^ 1);
}

static vnf_verdict
non_ip(const struct judge *j, uint32_t bytes)
{
	if (j->fw->policy->config->non_ip == FW_DROP)
		return VNF_DROP(FW_NON_IP);
	account_count(j->fw->accounts, ACCOUNT_NON_IP, bytes);
	return forward(j);
}

/* The verdict on a packet that no rule may accept, or that no rule judges; VNF_HOLD
 * (never ours) for all others. */
static vnf_verdict
first_look(const struct judge *j, const uint8_t *frame, uint32_t len,
	struct pkt_info *packet)
{
	const enum pkt_fault fault = pkt_parse(frame, len, packet);

	if (packet->fragment && fragment_is_tiny(packet, fault))
		return VNF_DROP(FW_TINY_FRAGMENT);
	if (fault != PKT_OK)
		return vnf_malformed(j->vnf, fault);
	if (packet->family == 0)
		return non_ip(j, len);
	if (packet->routing0)
		return VNF_DROP(FW_ROUTING_HEADER);
	if (conntrack_is_impossible(packet))
		return VNF_DROP(FW_INVALID_STATE);
	if (packet->ip_options)
		return look_at_options(j, frame, packet);
	return VNF_HOLD;
}

static void
read_headers(struct judge *j)
{
	const struct vnf_burst *burst = j->burst;

	for (unsigned i = 0; i < burst->n; i++)
		rte_prefetch0(rte_pktmbuf_mtod(burst->pkts[i], void *));
	for (unsigned i = 0; i < burst->n; i++) {
		const struct rte_mbuf *pkt = burst->pkts[i];
		vnf_verdict verdict =
			first_look(j, rte_pktmbuf_mtod(pkt, const uint8_t *),
				pkt->data_len, &j->packets[j->n]);

		if (verdict == VNF_HOLD)
			j->at[j->n++] = i;
		else
			burst->verdicts[i] = verdict;
	}
}

static vnf_verdict
look_at_options(
	const struct judge *j, const uint8_t *frame, const struct pkt_info *packet)
{
	switch (option_look(frame, packet, &j->fw->policy->config->ip_options)) {
	case OPTION_SOURCE_ROUTE:
		return VNF_DROP(FW_SOURCE_ROUTE);
	case OPTION_REFUSED:
		return VNF_DROP(FW_IP_OPTION);
	case OPTION_PASS:
		break;
	}
	return VNF_HOLD;
}

/* ---- flows ---- */

static void
find_none(struct judge *j)
{
	for (unsigned i = 0; i < j->n; i++) {
		j->rules[i] = NULL;
		j->refs[i] = SESSION_NONE;
		j->tracks[i].kind = TRACK_NONE;
	}
}

static void
find_flows(struct judge *j)
{
	if (!j->fw->policy->config->stateful) {
		find_none(j);
		return;
	}
	for (unsigned i = 0; i < j->n; i++) {
		j->rules[i] = NULL;
		if (likely(j->packets[i].first)) {
			conntrack_key(frame_of(j, i), &j->packets[i], &j->tracks[i],
				&j->keys[i]);
			continue;
		}
		j->tracks[i].kind = TRACK_NONE;
		j->keys[i] = (struct session_key6){0};
	}
	session_find_bulk(j->fw->sessions, j->keys, j->n, j->refs);
	for (unsigned i = 0; i < j->n; i++) {
		if (j->refs[i] != SESSION_NONE) /* its counters, to be written */
			__builtin_prefetch(
				(char *)session_record(j->fw->sessions, j->refs[i]) + 64,
				1);
	}
	recheck_found(&j->fw->recheck, &j->fw->conntrack, j->fw->policy->rules, j->refs,
		j->n, j->vnf->now_ns);
}

static void
match_strangers(struct judge *j)
{
	const struct pkt_info *packets[VNF_BURST];
	const uint8_t *frames[VNF_BURST];
	const struct ruleset_rule *rules[VNF_BURST];
	uint8_t which[VNF_BURST];
	unsigned n = 0;

	for (unsigned i = 0; i < j->n; i++) {
		if (j->refs[i] != SESSION_NONE || !j->packets[i].first)
			continue;
		packets[n] = &j->packets[i];
		frames[n] = frame_of(j, i);
		which[n++] = i;
	}
	if (n > 0)
		ruleset_match(
			j->fw->policy->rules, j->burst->cp, packets, frames, n, rules);
	for (unsigned i = 0; i < n; i++)
		j->rules[which[i]] = rules[i];
}

/* ---- the decision ---- */

static vnf_verdict decide_fragment(struct judge *j, unsigned i);
static vnf_verdict decide_whole(struct judge *j, unsigned i);
static vnf_verdict follow(struct judge *j, unsigned i, uint64_t decision);
static session_ref flow_of(const struct judge *j, unsigned i);
static enum conntrack_verdict see(struct judge *j, unsigned i);
static vnf_verdict pass(struct judge *j, unsigned i, uint32_t account);
static vnf_verdict by_rule(struct judge *j, unsigned i, bool track);

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

static vnf_verdict
decide(struct judge *j, unsigned i)
{
	uint32_t account;

	if (likely(j->refs[i] != SESSION_NONE && !j->stale)) {
		const struct packet packet = packet_of(j, i);

		if (likely(conntrack_see_usual(&j->fw->conntrack, j->refs[i], &packet,
			    j->vnf->now_ns, &account))) {
			account_count(j->fw->accounts, account, packet.bytes);
			return forward(j);
		}
	}
	return j->packets[i].fragment ? decide_fragment(j, i) : decide_whole(j, i);
}

static vnf_verdict
decide_whole(struct judge *j, unsigned i)
{
	const struct flow *flow;

	switch (see(j, i)) {
	case CONNTRACK_ORIGINAL:
		flow = session_record(j->fw->sessions, j->refs[i]);
		return pass(j, i, flow->account);
	case CONNTRACK_REPLY:
		return pass(j, i, ACCOUNT_REPLY);
	case CONNTRACK_RELATED:
		return pass(j, i, ACCOUNT_RELATED);
	case CONNTRACK_INVALID:
		return VNF_DROP(FW_INVALID_STATE);
	case CONNTRACK_UNTRACKED:
		return by_rule(j, i, false);
	case CONNTRACK_NEW:
		break;
	}
	return by_rule(j, i, true);
}

/* ---- fragments ---- */

/* The first is decided as a whole packet would be, the others as it was. */
static vnf_verdict
decide_fragment(struct judge *j, unsigned i)
{
	static const uint16_t reasons[] = {
		[REASM_REFUSED] = FW_FRAGMENT,
		[REASM_DUPLICATE] = FW_FRAGMENT_DUPLICATE,
		[REASM_OVERLAP] = FW_FRAGMENT_OVERLAP,
		[REASM_FULL] = FW_FRAGMENT_LIMIT,
	};
	const struct pkt_info *packet = &j->packets[i];
	const uint16_t zone = conntrack_zone(frame_of(j, i), packet);
	struct reasm *reasm = j->fw->reasm;
	uint64_t decision = 0;
	enum reasm_verdict seen;
	vnf_verdict verdict;

	seen = reasm_see(
		reasm, j->burst->cp, zone, packet, j->burst->pkts[j->at[i]], &decision);
	if (seen == REASM_FOLLOW)
		return follow(j, i, decision);
	if (seen == REASM_HELD)
		return VNF_HOLD;
	if (seen != REASM_FIRST)
		return VNF_DROP(reasons[seen]);
	verdict = decide_whole(j, i);
	if (verdict == forward(j))
		decision = fragment_decision(
			&j->fw->conntrack, j->account, flow_of(j, i), j->burst->cp);
	reasm_decide(reasm, j->burst->cp, zone, packet, verdict == forward(j), decision);
	return verdict;
}

static vnf_verdict
follow(struct judge *j, unsigned i, uint64_t decision)
{
	fragment_count(&j->fw->conntrack, decision, bytes_of(j, i));
	return forward(j);
}

void
judge_release(void *arg, struct rte_mbuf *pkt, unsigned cp, uint64_t decision)
{
	struct vnf *vnf = arg;
	const struct firewall *fw = vnf->self;

	fragment_count(&fw->conntrack, decision, pkt->pkt_len);
	vnf_send(vnf, pkt, cp ^ 1);
}

/* Of a packet that passes: what it was found by, or has opened. */
static session_ref
flow_of(const struct judge *j, unsigned i)
{
	return j->tracks[i].kind == TRACK_FLOW
		       ? session_find(j->fw->sessions, &j->keys[i])
		       : SESSION_NONE;
}

/* ---- flows of packets ---- */

static enum conntrack_verdict
see(struct judge *j, unsigned i)
{
	const struct packet packet = packet_of(j, i);
	enum conntrack_verdict verdict;

	if (!j->fw->policy->config->stateful)
		return CONNTRACK_UNTRACKED;
	if (j->stale && j->tracks[i].kind != TRACK_NONE)
		j->refs[i] = session_find(j->fw->sessions, &j->keys[i]);
	verdict = conntrack_see(&j->fw->conntrack, j->refs[i], &packet, j->vnf->now_ns);
	if (verdict == CONNTRACK_NEW)
		j->stale = true;
	return verdict;
}

static vnf_verdict
pass(struct judge *j, unsigned i, uint32_t account)
{
	account_count(j->fw->accounts, account, bytes_of(j, i));
	j->account = account;
	return forward(j);
}

/* ---- rules ---- */

static void count_passed(struct judge *j, unsigned i, const struct ruleset_rule *rule);
static void answer(struct judge *j, unsigned i, enum fw_reject with);

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
	return pass(j, i, rule->account);
}

static void
note(struct judge *j, unsigned i, const struct ruleset_rule *rule)
{
	reports_add(&j->fw->reports, rule, &j->packets[i], j->burst->cp, bytes_of(j, i),
		j->vnf->now_ns);
}

static vnf_verdict
by_rule(struct judge *j, unsigned i, bool track)
{
	const struct policy *policy = j->fw->policy;
	const struct ruleset_rule *rule = rule_of(j, i);
	bool dflt = rule == &policy->rules->rules[policy->rules->n_rules];

	if (unlikely(policy->rules->n_passing > 0))
		count_passed(j, i, rule);
	if (dflt && rule->action == FW_DROP) {
		if (policy->config->non_ip == FW_ACCEPT &&
			essential_neighbour_discovery(&j->packets[i]))
			return pass(j, i, ACCOUNT_NEIGHBOUR);
		if (essential_error(frame_of(j, i), &j->packets[i]))
			return pass(j, i, ACCOUNT_ICMPV6_ERROR);
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
