/* judge.c: the way of a burst through the firewall: parse all, look up all flows, match
 * all that are of no flow with the rules, then decide in order. */
#include "vnfs/firewall/judge_parts.h"

#include "dataplane/pkt/hdr.h"
#include "vnfs/firewall/usual.h"

static void begin(struct judge *j, struct vnf *vnf, struct vnf_burst *burst);
static void find_flows(struct judge *j);
static void match_strangers(struct judge *j);
static vnf_verdict decide(struct judge *j, unsigned i);
static void tell(struct judge *j);

void
judge_burst(struct vnf *vnf, struct vnf_burst *burst)
{
	struct judge j;

	begin(&j, vnf, burst);
	judge_look(&j);
	find_flows(&j);
	match_strangers(&j);
	for (unsigned i = 0; i < j.n; i++)
		burst->verdicts[j.at[i]] = decide(&j, i);
	tell(&j);
}

static void
begin(struct judge *j, struct vnf *vnf, struct vnf_burst *burst)
{
	j->vnf = vnf;
	j->fw = vnf->self;
	j->burst = burst;
	j->n = 0;
	j->stale = false;
	j->tally = (struct tally){0};
}

/* Of a usual packet, for whom it turns out not to be. */
static inline void
read_usual(struct judge *j, unsigned i)
{
	if (j->usual[i] == USUAL_NOT)
		return;
	pkt_parse_usual(j->frames[i], j->burst->pkts[j->at[i]]->data_len, &j->packets[i]);
	j->usual[i] = USUAL_NOT;
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

static inline void
make_key(struct judge *j, unsigned i)
{
	struct track *track = &j->tracks[i];

	if (likely(j->usual[i] != USUAL_NOT)) {
		track->kind = TRACK_FLOW;
		track->proto = j->usual[i] == USUAL_UDP ? PKT_PROTO_UDP : PKT_PROTO_TCP;
		track->answer = false;
		track->swapped = usual_key(j->frames[i], &j->keys[i]);
	} else if (j->packets[i].first) {
		conntrack_key(j->frames[i], &j->packets[i], track, &j->keys[i]);
	} else {
		track->kind = TRACK_NONE;
		j->keys[i] = (struct session_key6){0};
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
		make_key(j, i);
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
	for (unsigned i = 0; i < j->n; i++)
		if (j->refs[i] == SESSION_NONE)
			add_stranger(j, i, batches);
	ruleset_decide(rules, 4, &batches[0], j->rules);
	ruleset_decide(rules, 6, &batches[1], j->rules);
}

/* ---- the decision ---- */

static inline bool see_usual(struct judge *j, unsigned i);
static inline bool by_plain_rule(struct judge *j, unsigned i, vnf_verdict *verdict);
static vnf_verdict decide_fragment(struct judge *j, unsigned i);
static vnf_verdict decide_whole(struct judge *j, unsigned i);
static vnf_verdict follow(struct judge *j, unsigned i, uint64_t decision);
static session_ref flow_of(const struct judge *j, unsigned i);
static enum conntrack_verdict see(struct judge *j, unsigned i);

static vnf_verdict
decide(struct judge *j, unsigned i)
{
	vnf_verdict verdict;

	if (likely(j->refs[i] != SESSION_NONE)) {
		if (likely(!j->stale && see_usual(j, i)))
			return forward(j);
	} else if (j->usual[i] != USUAL_NOT && by_plain_rule(j, i, &verdict)) {
		return verdict;
	}
	read_usual(j, i);
	return j->packets[i].fragment ? decide_fragment(j, i) : decide_whole(j, i);
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
tell(struct judge *j)
{
	if (j->tally.packets > 0)
		account_add(j->fw->accounts, j->tally.account, j->tally.packets,
			j->tally.bytes);
}

static inline void
count(struct judge *j, uint32_t account, uint32_t bytes)
{
	if (unlikely(account != j->tally.account)) {
		tell(j);
		j->tally = (struct tally){.account = account};
	}
	j->tally.packets++;
	j->tally.bytes += bytes;
}

static inline void
set_segment(
	struct usual_packet *usual, const uint8_t *frame, const struct pkt_info *packet)
{
	usual->tcp = (const struct pkt_tcp *)(frame + packet->l4);
	usual->len = packet->end - packet->l4 - (uint32_t)(usual->tcp->off >> 4) * 4;
}

/* Of a packet that is not usual by its headers: IPv6, or with tags. */
static inline bool
is_segment(const struct pkt_info *packet)
{
	return packet->proto == PKT_PROTO_TCP && !packet->fragment &&
	       tcp_event(packet->tcp_flags) == TCP_ACK;
}

static inline bool
is_datagram(const struct pkt_info *packet)
{
	return packet->proto == PKT_PROTO_UDP && !packet->fragment;
}

/* False: nothing was done. */
static inline bool
see_usual(struct judge *j, unsigned i)
{
	const uint8_t *frame = j->frames[i];
	struct usual_packet usual = {.cp = (uint8_t)j->burst->cp,
		.bytes = bytes_of(j, i),
		.swapped = j->tracks[i].swapped};
	uint32_t account;

	if (likely(j->usual[i] == USUAL_SEGMENT)) {
		usual.tcp = usual_tcp(frame);
		usual.len = usual_tcp_len(frame);
	} else if (j->usual[i] == USUAL_NOT && is_segment(&j->packets[i])) {
		set_segment(&usual, frame, &j->packets[i]);
	} else if (j->usual[i] != USUAL_UDP &&
		   (j->usual[i] != USUAL_NOT || !is_datagram(&j->packets[i]))) {
		return false;
	}
	if (!conntrack_see_usual(
		    &j->fw->conntrack, j->refs[i], &usual, j->vnf->now_ns, &account))
		return false;
	count(j, account, usual.bytes);
	return true;
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

static inline bool
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
