/* judge.c: the way of a burst through the firewall: parse all, look up all flows, match
 * all that are of no flow with the rules, then decide in order. */
#include "vnfs/firewall/judge_parts.h"

#include <string.h>
#include "dataplane/pkt/hdr.h"
#include "vnfs/firewall/steady.h"
#include "vnfs/firewall/usual.h"

static void find_flows(struct judge *j);
static void match_strangers(struct judge *j);
static void decide_all(struct judge *j);
static void decide_stateless(struct judge *j);

void
judge_burst(struct vnf *vnf, struct vnf_burst *burst)
{
	struct judge j;

	j.vnf = vnf;
	j.fw = vnf->self;
	j.burst = burst;
	j.stale = false;
	judge_look(&j);
	find_flows(&j);
	match_strangers(&j);
	if (j.fw->policy->config->stateful)
		decide_all(&j);
	else
		decide_stateless(&j);
	if (vnf->trace != NULL)
		steady_say(&j);
}

/* ---- flows ---- */

static void
find_flows(struct judge *j)
{
	memset(j->rules, 0, j->n * sizeof(j->rules[0]));
	if (!j->fw->policy->config->stateful) {
		memset(j->refs, 0xff, j->n * sizeof(j->refs[0])); /* SESSION_NONE */
		return;
	}
	session_find_bulk(j->fw->sessions, j->keys, j->n, j->refs);
	recheck_found(&j->fw->recheck, &j->fw->conntrack, j->fw->policy->rules, j->refs,
		j->n, j->vnf->now_ns);
}

static inline void
add_stranger(const struct judge *j, unsigned i, struct ruleset_batch batches[2])
{
	const struct ruleset *rules = j->fw->policy->rules;
	const struct pkt_info *packet = &j->packets[i];
	struct ruleset_batch *batch = &batches[0];

	if (likely(j->usual[i] != USUAL_NOT)) {
		usual_match_key(
			&batch->keys[batch->n], j->frames[i], j->burst->cp, rules->uses);
	} else if (packet->first) {
		batch = &batches[packet->family == 6];
		match_key(&batch->keys[batch->n], packet, j->frames[i], j->burst->cp,
			rules->uses);
	} else {
		return;
	}
	batch->packet[batch->n++] = (uint8_t)i;
}

static void
match_strangers(struct judge *j)
{
	const struct ruleset *rules = j->fw->policy->rules;
	struct ruleset_batch batches[2];

	batches[0].n = batches[1].n = 0;
	for (unsigned i = 0, n_judged = j->n; i < n_judged; i++)
		if (j->refs[i] == SESSION_NONE)
			add_stranger(j, i, batches);
	ruleset_decide(rules, 4, &batches[0], j->rules);
	ruleset_decide(rules, 6, &batches[1], j->rules);
}

/* ---- the decision ---- */

struct tally { /* packets that count for one account, not told yet */
	uint32_t account, packets;
	uint64_t bytes;
};

static inline bool see_next(struct judge *j, unsigned i, struct tally *tally);
static __rte_noinline vnf_verdict decide(
	struct judge *j, unsigned i, struct tally *tally);
static void tell(const struct judge *j, const struct tally *tally);

static void
decide_all(struct judge *j)
{
	struct tally tally = {0};
	const vnf_verdict passes = forward(j);
	vnf_verdict *verdicts = j->burst->verdicts;

	for (unsigned i = 0, n = j->n; i < n; i++)
		verdicts[j->at[i]] =
			likely(see_next(j, i, &tally)) ? passes : decide(j, i, &tally);
	tell(j, &tally);
}

static inline bool
is_fragment(const struct judge *j, unsigned i)
{
	return j->usual[i] == USUAL_NOT && j->packets[i].fragment;
}

/* Where the rules alone decide. */
static void
decide_stateless(struct judge *j)
{
	const struct ruleset *rules = j->fw->policy->rules;
	const struct accounts *accounts = j->fw->accounts;
	const vnf_verdict passes = forward(j);
	vnf_verdict *verdicts = j->burst->verdicts;
	struct tally none = {0};

	for (unsigned i = 0, n = j->n; i < n; i++) {
		const struct ruleset_rule *rule = j->rules[i];

		if (unlikely(is_fragment(j, i) || !rule->plain ||
			     rule->action != FW_ACCEPT || rules->n_passing > 0)) {
			verdicts[j->at[i]] = decide(j, i, &none);
			continue;
		}
		account_count(accounts, rule->account, bytes_of(j, i));
		verdicts[j->at[i]] = passes;
	}
}

static bool see_other(struct judge *j, unsigned i, struct tally *tally);
static bool by_plain_rule(struct judge *j, unsigned i, vnf_verdict *verdict);
static void read_usual(struct judge *j, unsigned i);
static vnf_verdict decide_fragment(struct judge *j, unsigned i);
static vnf_verdict decide_whole(struct judge *j, unsigned i);
static vnf_verdict follow(struct judge *j, unsigned i, uint64_t decision);
static session_ref flow_of(const struct judge *j, unsigned i);
static enum conntrack_verdict see(struct judge *j, unsigned i);

static vnf_verdict
decide(struct judge *j, unsigned i, struct tally *tally)
{
	vnf_verdict verdict;

	if (j->refs[i] != SESSION_NONE) {
		if (see_other(j, i, tally))
			return forward(j);
	} else if (j->usual[i] != USUAL_NOT && by_plain_rule(j, i, &verdict)) {
		return verdict;
	}
	read_usual(j, i);
	return j->packets[i].fragment ? decide_fragment(j, i) : decide_whole(j, i);
}

/* Of a usual packet, for which it turns out to be needed. */
static void
read_usual(struct judge *j, unsigned i)
{
	const bool stateful = j->fw->policy->config->stateful;

	if (j->usual[i] == USUAL_NOT)
		return;
	pkt_parse_usual(j->frames[i], j->pkts[i]->data_len, &j->packets[i]);
	j->tracks[i] = (struct track){
		.kind = stateful ? TRACK_FLOW : TRACK_NONE,
		.proto = j->packets[i].proto,
		.swapped = stateful && j->swapped[i] != 0,
	};
	j->usual[i] = USUAL_NOT;
}

static vnf_verdict
decide_whole(struct judge *j, unsigned i)
{
	const struct flow *flow;

	switch (see(j, i)) {
	case CONNTRACK_ORIGINAL:
		flow = session_record(j->fw->sessions, j->refs[i]);
		return judge_pass(j, i, flow->account);
	case CONNTRACK_REPLY:
		return judge_pass(j, i, ACCOUNT_REPLY);
	case CONNTRACK_RELATED:
		return judge_pass(j, i, ACCOUNT_RELATED);
	case CONNTRACK_INVALID:
		return VNF_DROP(FW_INVALID_STATE);
	case CONNTRACK_UNTRACKED:
		return judge_by_rule(j, i, false);
	case CONNTRACK_NEW:
		break;
	}
	return judge_by_rule(j, i, true);
}

/* ---- usual packets ---- */

static void
tell(const struct judge *j, const struct tally *tally)
{
	if (tally->packets > 0)
		account_add(
			j->fw->accounts, tally->account, tally->packets, tally->bytes);
}

static inline void
count(const struct judge *j, struct tally *tally, uint32_t account, uint32_t bytes)
{
	if (unlikely(account != tally->account)) {
		tell(j, tally);
		*tally = (struct tally){.account = account};
	}
	tally->packets++;
	tally->bytes += bytes;
}

/* True: the packet passes, and all is done. False: nothing was. */
static __rte_always_inline bool
see_usual(struct judge *j, unsigned i, const struct pkt_tcp *tcp, uint32_t len, bool next,
	struct tally *tally)
{
	const struct usual_packet usual = {.tcp = tcp,
		.len = len,
		.bytes = bytes_of(j, i),
		.bits = j->swapped[i] | j->burst->cp * FLOW_CP};
	uint32_t account;

	if (!conntrack_see_usual(&j->fw->conntrack, j->refs[i], &usual, next,
		    j->vnf->now_ns, &account))
		return false;
	count(j, tally, account, usual.bytes);
	return true;
}

static inline bool
see_next(struct judge *j, unsigned i, struct tally *tally)
{
	const uint8_t *frame = j->frames[i];

	return j->usual[i] == USUAL_SEGMENT && j->refs[i] != SESSION_NONE && !j->stale &&
	       see_usual(j, i, usual_tcp(frame), usual_tcp_len(frame), true, tally);
}

/* Others that may be the usual ones of a flow, also by IPv6, or with tags. */
static bool
see_other(struct judge *j, unsigned i, struct tally *tally)
{
	const uint8_t *frame = j->frames[i];
	const struct pkt_info *packet = &j->packets[i];
	const struct pkt_tcp *tcp;

	if (j->stale || j->usual[i] == USUAL_TCP)
		return false;
	if (j->usual[i] == USUAL_SEGMENT)
		return see_usual(
			j, i, usual_tcp(frame), usual_tcp_len(frame), false, tally);
	if (j->usual[i] == USUAL_UDP)
		return see_usual(j, i, NULL, 0, false, tally);
	if (packet->fragment)
		return false;
	if (packet->proto == PKT_PROTO_UDP)
		return see_usual(j, i, NULL, 0, false, tally);
	if (packet->proto != PKT_PROTO_TCP || tcp_event(packet->tcp_flags) != TCP_ACK)
		return false;
	tcp = (const struct pkt_tcp *)(frame + packet->l4);
	return see_usual(j, i, tcp,
		packet->end - packet->l4 - (uint32_t)(tcp->off >> 4) * 4, false, tally);
}

/* Whether a packet of no flow is one that the rules decide, and comes to no flow by it:
 * all of them where there are none, else those that a rule drops and that may begin one.
 */
static inline bool
is_for_rules(const struct judge *j, unsigned i, const struct ruleset_rule *rule)
{
	if (!j->fw->policy->config->stateful)
		return true;
	return rule->action == FW_DROP && !j->stale &&
	       (j->usual[i] == USUAL_UDP ||
		       (j->usual[i] == USUAL_TCP &&
			       tcp_event(j->frames[i][USUAL_FLAGS]) == TCP_SYN));
}

static bool
by_plain_rule(struct judge *j, unsigned i, vnf_verdict *verdict)
{
	const struct ruleset *rules = j->fw->policy->rules;
	const struct ruleset_rule *rule = j->rules[i];

	if (unlikely(!rule->plain || rules->n_passing > 0 || !is_for_rules(j, i, rule)))
		return false;
	account_count(j->fw->accounts, rule->account, bytes_of(j, i));
	*verdict = rule->action == FW_ACCEPT		   ? forward(j)
		   : rule == &rules->rules[rules->n_rules] ? VNF_DROP(FW_NO_RULE)
							   : VNF_DROP(FW_RULE_DROP);
	return true;
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
