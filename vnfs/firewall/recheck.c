/* recheck.c: see recheck.h. */
#include "vnfs/firewall/recheck.h"

#include <string.h>
#include "dataplane/pkt/hdr.h"

#define LOOKS_PER_MS 512
#define LOOKS_MAX    8192
#define MS	     1000000ull
#define ICMP_ECHO    8 /* of a flow that an older version recorded */
#define ICMPV6_ECHO  128

static unsigned collect(const struct conntrack *ct, const session_ref *refs, unsigned n,
	session_ref *due);
static void judge(struct recheck *recheck, struct conntrack *ct,
	const struct ruleset *rules, const session_ref *refs, unsigned n,
	uint64_t now_ns);
static void settle(struct recheck *recheck, struct conntrack *ct, session_ref ref,
	const struct ruleset_rule *rule, uint64_t now_ns);
static void count_for(
	struct conntrack *ct, struct flow *flow, const struct ruleset_rule *rule);
static void first_packet(const struct flow *flow, struct pkt_info *packet);

static inline bool
has_ended(const struct conntrack *ct, session_ref ref)
{
	const struct session *session = session_record(ct->table, ref);

	return (session->generation & 1) == 0;
}

void
recheck_begin(struct recheck *recheck, struct conntrack *ct, uint64_t now_ns)
{
	ct->epoch++;
	recheck->at = 0;
	recheck->swept_ns = now_ns;
	__atomic_store_n(&recheck->pending, true, __ATOMIC_RELAXED);
}

void
recheck_found(struct recheck *recheck, struct conntrack *ct, const struct ruleset *rules,
	session_ref *refs, unsigned n, uint64_t now_ns)
{
	session_ref due[VNF_BURST];
	unsigned n_due;

	if (likely(!recheck->pending))
		return;
	n_due = collect(ct, refs, n, due);
	if (n_due == 0)
		return;
	judge(recheck, ct, rules, due, n_due, now_ns);
	for (unsigned i = 0; i < n; i++)
		if (refs[i] != SESSION_NONE && has_ended(ct, refs[i]))
			refs[i] = SESSION_NONE;
}

void
recheck_sweep(struct recheck *recheck, struct conntrack *ct, const struct ruleset *rules,
	uint64_t now_ns)
{
	const uint64_t passed_ms = (now_ns - recheck->swept_ns) / MS;
	unsigned looks = passed_ms < LOOKS_MAX / LOOKS_PER_MS
				 ? (unsigned)passed_ms * LOOKS_PER_MS
				 : LOOKS_MAX;

	if (!recheck->pending || looks == 0)
		return;
	recheck->swept_ns = now_ns;
	for (; looks > 0 && recheck->at < ct->table->capacity; looks -= VNF_BURST) {
		session_ref refs[VNF_BURST], due[VNF_BURST];
		const unsigned n = session_scan(ct->table, &recheck->at, VNF_BURST, refs);

		judge(recheck, ct, rules, due, collect(ct, refs, n, due), now_ns);
	}
	if (recheck->at == ct->table->capacity)
		__atomic_store_n(&recheck->pending, false, __ATOMIC_RELAXED);
}

/* Those of an earlier epoch, each once. */
static unsigned
collect(const struct conntrack *ct, const session_ref *refs, unsigned n, session_ref *due)
{
	unsigned n_due = 0;

	for (unsigned i = 0; i < n; i++) {
		struct flow *flow;

		if (refs[i] == SESSION_NONE)
			continue;
		flow = session_record(ct->table, refs[i]);
		if (flow->epoch == ct->epoch)
			continue;
		flow->epoch = ct->epoch;
		due[n_due++] = refs[i];
	}
	return n_due;
}

/* At most VNF_BURST, by the side that their originators are at, as a burst would be. */
static void
judge(struct recheck *recheck, struct conntrack *ct, const struct ruleset *rules,
	const session_ref *refs, unsigned n, uint64_t now_ns)
{
	struct pkt_info firsts[VNF_BURST];
	const struct pkt_info *packets[VNF_BURST];
	const struct ruleset_rule *found[VNF_BURST];
	session_ref of[VNF_BURST];

	for (unsigned cp = 0; cp < FW_CPS; cp++) {
		unsigned k = 0;

		for (unsigned i = 0; i < n; i++) {
			const struct flow *flow = session_record(ct->table, refs[i]);

			if (flow->cp != cp)
				continue;
			first_packet(flow, &firsts[k]);
			packets[k] = &firsts[k];
			of[k++] = refs[i];
		}
		if (k > 0)
			ruleset_match(rules, cp, packets, NULL, k, found);
		for (unsigned i = 0; i < k; i++)
			settle(recheck, ct, of[i], found[i], now_ns);
	}
}

static void
settle(struct recheck *recheck, struct conntrack *ct, session_ref ref,
	const struct ruleset_rule *rule, uint64_t now_ns)
{
	const bool keep = rule->action == FW_ACCEPT;
	uint64_t *counter = keep ? &recheck->kept : &recheck->ended;

	__atomic_store_n(counter, *counter + 1, __ATOMIC_RELAXED);
	if (keep)
		count_for(ct, session_record(ct->table, ref), rule);
	else
		conntrack_close(ct, ref, JOURNAL_FORBIDDEN, now_ns);
}

static void
count_for(struct conntrack *ct, struct flow *flow, const struct ruleset_rule *rule)
{
	if (flow->account != rule->account) {
		account_hold(ct->accounts, rule->account, 1);
		account_hold(ct->accounts, flow->account, -1);
	}
	flow->account = rule->account;
	flow->tag = rule->tag;
}

/* What the rules see of the packet that began the flow. */
static void
first_packet(const struct flow *flow, struct pkt_info *packet)
{
	const struct session_key6 *key = &flow->key;

	*packet = (struct pkt_info){.family = key->kind,
		.proto = key->proto,
		.first = true,
		.sport = flow->swapped ? key->dport : key->sport,
		.dport = flow->swapped ? key->sport : key->dport};
	memcpy(packet->src, flow->swapped ? key->dst : key->src, sizeof(packet->src));
	memcpy(packet->dst, flow->swapped ? key->src : key->dst, sizeof(packet->dst));
	if (key->proto == PKT_PROTO_TCP)
		packet->tcp_flags = flow->opening != 0 ? flow->opening : PKT_TCP_SYN;
	else if (key->kind == 4 && key->proto == PKT_PROTO_ICMP)
		packet->icmp_type = flow->opening != 0 ? flow->opening : ICMP_ECHO;
	else if (key->kind == 6 && key->proto == PKT_PROTO_ICMPV6)
		packet->icmp_type = flow->opening != 0 ? flow->opening : ICMPV6_ECHO;
}
