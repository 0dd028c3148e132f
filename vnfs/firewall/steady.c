/* steady.c: see steady.h. */
#include "vnfs/firewall/steady.h"
#include <string.h>
#include "vnfs/firewall/usual.h"

/* Of a packet that a flow let pass: in which direction; false: it may not be alone. */
static bool
by_flow(const struct judge *j, unsigned i, struct vnf_steady *said)
{
	const session_ref ref = j->refs[i];
	const struct flow *flow = session_record(j->fw->sessions, ref);
	const bool reply = (j->swapped[i] != 0) != flow->swapped;
	const unsigned at_home = (j->burst->cp == flow->cp) != reply;

	/* its record may be another's since it was looked up */
	if ((flow->session.generation & 1) == 0 || !at_home ||
		memcmp(&flow->key, &j->keys[i], sizeof(flow->key)) != 0)
		return false;
	said->token = conntrack_token(ref, reply);
	if (flow->key.proto == PKT_PROTO_TCP) {
		said->flags = VNF_STEADY_COUNTED | VNF_STEADY_LOOK;
		return flow->assured && flow->state == TCP_ESTABLISHED;
	}
	said->flags = VNF_STEADY_COUNTED;
	said->until_ns = flow->session.expires_ns; /* unless it is told before */
	return !reply || (flow->assured && flow->state == FLOW_REPLIED);
}

/* Of one that a rule let pass, without a flow. */
static bool
by_rule(const struct judge *j, unsigned i, struct vnf_steady *said)
{
	const struct ruleset *rules = j->fw->policy->rules;
	const struct ruleset_rule *rule = j->rules[i];

	if (j->fw->policy->config->stateful || rule == NULL || !rule->plain ||
		rules->n_passing > 0 || (rules->uses & ~(unsigned)MATCH_USES_FRAME) != 0)
		return false;
	said->token = j->vnf->n_tokens + rule->account;
	said->flags = VNF_STEADY_COUNTED;
	return true;
}

void
steady_say(const struct judge *j)
{
	const vnf_verdict passes = forward(j);

	for (unsigned i = 0; i < j->n; i++) {
		struct vnf_steady said = {0};

		if (j->burst->verdicts[j->at[i]] == passes &&
			(j->refs[i] != SESSION_NONE ? by_flow(j, i, &said)
						    : by_rule(j, i, &said)))
			vnf_steady(j->vnf->trace, j->at[i], &said);
	}
}

uint64_t
steady_passed(struct vnf *vnf, const struct vnf_passed *passed)
{
	struct firewall *fw = vnf->self;
	const uint32_t token = (uint32_t)passed->token;
	uint32_t account = token - vnf->n_tokens;
	uint64_t until_ns = 0;
	const struct flow *flow;
	session_ref ref;
	bool reply;

	if (token < vnf->n_tokens) {
		ref = conntrack_of_token(token, &reply);
		flow = session_record(fw->sessions, ref);
		account = reply ? (uint32_t)ACCOUNT_REPLY : flow->account;
		if (flow->key.proto != PKT_PROTO_TCP) {
			conntrack_passed(&fw->conntrack, ref, reply, passed->packets,
				passed->bytes, passed->now_ns);
			until_ns = flow->session.expires_ns;
		}
	}
	account_add(fw->accounts, account, passed->packets, passed->bytes);
	return until_ns;
}

void
steady_expect(struct vnf *vnf, uint64_t token)
{
	const struct firewall *fw = vnf->self;
	bool reply;

	if (token < vnf->n_tokens)
		session_prefetch(
			fw->sessions, conntrack_of_token((uint32_t)token, &reply));
}

bool
steady_look(struct vnf *vnf, uint64_t token, const uint8_t *frame, uint32_t len)
{
	struct firewall *fw = vnf->self;
	bool reply;
	const session_ref ref = conntrack_of_token((uint32_t)token, &reply);
	struct flow *flow = session_record(fw->sessions, ref);
	const struct pkt_tcp *tcp = usual_tcp(frame);
	const uint32_t data = usual_tcp_len(frame);

	if ((flow->bits & (FLOW_STATE | FLOW_ASSURED)) !=
			(TCP_ESTABLISHED | FLOW_ASSURED) ||
		(!window_see_next(&flow->traffic, reply, tcp, data) &&
			!window_see_usual(&flow->traffic, reply, tcp, data)))
		return false;
	flow_count(flow, reply, len);
	conntrack_prolong(&fw->conntrack, ref, flow,
		vnf->now_ns + fw->conntrack.lifetimes->ns[PHASE_ESTABLISHED]);
	return true;
}
