/* show.c: what the firewall tells about itself: counters, and its sessions filtered and
 * paged. Control thread; the worker runs meanwhile. */
#include "vnfs/firewall/firewall.h"
#include "vnfs/firewall/explain.h"

#include <string.h>

#define SECOND_NS 1000000000ull

/* ---- questions, and what it is told to do ---- */

static json_t *show_sessions(const struct vnf *vnf, const json_t *args, struct err *err);

json_t *
show_query(struct vnf *vnf, const char *what, const json_t *args, struct err *err)
{
	static const struct {
		const char *what;
		json_t *(*answer)(
			const struct vnf *vnf, const json_t *args, struct err *err);
	} questions[] = {
		{"sessions", show_sessions},
		{"explain-packet", explain_packet},
		{"shadowed", explain_shadowed},
	};

	for (size_t i = 0; i < sizeof(questions) / sizeof(questions[0]); i++)
		if (strcmp(questions[i].what, what) == 0)
			return questions[i].answer(vnf, args, err);
	err_set(err, ERR_UNSUPPORTED, NULL, "sessions, explain-packet, shadowed",
		"a firewall has no '%s'", what);
	return NULL;
}

json_t *
show_act(struct vnf *vnf, const char *what, const json_t *args, struct err *err)
{
	const struct firewall *fw = vnf->self;
	const struct ruleset *set = fw->policy->rules;
	const char *rule = json_string_value(json_object_get(args, "rule"));
	int n = 0;

	if (strcmp(what, "reset-counters") != 0) {
		err_set(err, ERR_UNSUPPORTED, NULL, "reset-counters",
			"a firewall cannot '%s'", what);
		return NULL;
	}
	for (unsigned i = 0; i <= set->n_rules; i++)
		if (rule == NULL || strcmp(rule, set->rules[i].name) == 0) {
			account_reset(account_at(fw->accounts, set->rules[i].account));
			n++;
		}
	for (unsigned i = 0; i < ACCOUNT_FIXED && rule == NULL; i++)
		account_reset(account_at(fw->accounts, i));
	if (n == 0) {
		err_set(err, ERR_NOT_FOUND, "rule", NULL, "there is no rule '%s'", rule);
		return NULL;
	}
	return json_pack("{s:i}", "reset", n);
}

/* ---- statistics ---- */

static json_t *
show_account(const struct account *account, const char *name)
{
	const struct account_counts counts = account_read(account);

	return json_pack("{s:s, s:I, s:I}", "name", name, "packets",
		(json_int_t)counts.packets, "bytes", (json_int_t)counts.bytes);
}

static json_t *
show_recheck(const struct recheck *recheck)
{
	return json_pack("{s:I, s:I, s:b}", "kept",
		(json_int_t)__atomic_load_n(&recheck->kept, __ATOMIC_RELAXED), "ended",
		(json_int_t)__atomic_load_n(&recheck->ended, __ATOMIC_RELAXED), "pending",
		__atomic_load_n(&recheck->pending, __ATOMIC_RELAXED));
}

static json_t *
show_journal(const struct journal *journal)
{
	return json_pack("{s:I, s:I}", "lines",
		(json_int_t)__atomic_load_n(&journal->lines, __ATOMIC_RELAXED), "lost",
		(json_int_t)__atomic_load_n(&journal->lost, __ATOMIC_RELAXED));
}

json_t *
show_stats(struct vnf *vnf)
{
	static const struct {
		enum account_fixed account;
		const char *name;
	} unruled[] = {
		{ACCOUNT_REPLY, "replies"},
		{ACCOUNT_RELATED, "related"},
		{ACCOUNT_NEIGHBOUR, "neighbour-discovery"},
		{ACCOUNT_NON_IP, "non-ip"},
		{ACCOUNT_ICMPV6_ERROR, "icmpv6-errors"},
	};
	const struct firewall *fw = vnf->self;
	const struct ruleset *set = fw->policy->rules;
	json_t *rules = json_array(), *passed = json_array();

	for (unsigned i = 0; i <= set->n_rules; i++)
		json_array_append_new(rules,
			show_account(account_at(fw->accounts, set->rules[i].account),
				set->rules[i].name));
	for (size_t i = 0; i < sizeof(unruled) / sizeof(unruled[0]); i++)
		json_array_append_new(
			passed, show_account(account_at(fw->accounts, unruled[i].account),
					unruled[i].name));
	return json_pack("{s:I, s:I, s:I, s:o, s:o, s:o, s:o}", "sessions",
		(json_int_t)session_count(fw->sessions), "halfOpen",
		(json_int_t)halfopen_count(fw->conntrack.halfopen), "evicted",
		(json_int_t)__atomic_load_n(&fw->conntrack.evicted, __ATOMIC_RELAXED),
		"rules", rules, "passedWithoutRule", passed, "recheck",
		show_recheck(&fw->recheck), "log", show_journal(&fw->journal));
}

/* ---- sessions ---- */

struct filter {
	uint32_t limit, after;
	uint16_t proto;
	struct net_prefix src, dst; /* family 0: any */
	struct net_ports port;
	bool has_proto, has_port;
};

#define MEMBER(m)                                                                        \
	.offset = offsetof(struct filter, m), .size = sizeof(((struct filter *)0)->m)
#define IF_GIVEN(flag) .present = true, .present_offset = offsetof(struct filter, flag)

static const struct field filter_fields[] = {
	{.name = "limit",
		.type = FIELD_UINT,
		MEMBER(limit),
		.dflt = "100",
		.min = 1,
		.max = 1000,
		.help = "sessions in one answer"},
	{.name = "after",
		.type = FIELD_UINT,
		MEMBER(after),
		.dflt = "0",
		.help = "`next` of the answer before"},
	{.name = "proto",
		.type = FIELD_CUSTOM,
		MEMBER(proto),
		IF_GIVEN(has_proto),
		.parse = fw_proto_parse,
		.print = fw_proto_print,
		.syntax = fw_proto_syntax,
		.help = "protocol"},
	{.name = "src",
		.type = FIELD_PREFIX,
		MEMBER(src),
		.help = "where the originator is"},
	{.name = "dst",
		.type = FIELD_PREFIX,
		MEMBER(dst),
		.help = "where the responder is"},
	{.name = "port",
		.type = FIELD_PORTS,
		MEMBER(port),
		IF_GIVEN(has_port),
		.help = "port of the responder"},
	{0},
};

static bool matches(const struct filter *filter, const struct flow *flow);
static json_t *show_session(const struct vnf *vnf, const struct flow *flow);
static json_t *list_sessions(const struct vnf *vnf, const struct filter *filter);

static json_t *
show_sessions(const struct vnf *vnf, const json_t *args, struct err *err)
{
	struct faults faults = {0};
	struct filter filter;
	json_t *answer;

	if (field_parse(filter_fields, args, "", &filter, sizeof(filter), &faults) < 0) {
		faults_first(&faults, err);
		faults_clear(&faults);
		return NULL;
	}
	answer = list_sessions(vnf, &filter);
	field_clear(filter_fields, &filter);
	return answer;
}

uint32_t
show_flows(struct vnf *vnf, vnf_flow_fn *fn, void *arg)
{
	const struct firewall *fw = vnf->self;
	struct pkt_flow told = {0};
	struct flow flow;
	uint32_t n = 0;

	for (uint32_t i = 0; i < fw->sessions->capacity; i++) {
		if (!session_read(fw->sessions, i, &flow))
			continue;
		told.proto = flow.key.proto;
		told.ports[0] = flow.key.sport;
		told.ports[1] = flow.key.dport;
		memcpy(told.addrs[0], flow.key.src, sizeof(told.addrs[0]));
		memcpy(told.addrs[1], flow.key.dst, sizeof(told.addrs[1]));
		fn(&told, arg);
		n++;
	}
	return n;
}

/* `next` is where the following page begins; absent on the last. */
static json_t *
list_sessions(const struct vnf *vnf, const struct filter *filter)
{
	const struct firewall *fw = vnf->self;
	json_t *list = json_array();
	json_t *answer = json_pack("{s:o, s:I}", "sessions", list, "total",
		(json_int_t)session_count(fw->sessions));
	struct flow flow;
	uint32_t i = filter->after;

	for (; i < fw->sessions->capacity && json_array_size(list) < filter->limit; i++) {
		if (session_read(fw->sessions, i, &flow) && matches(filter, &flow))
			json_array_append_new(list, show_session(vnf, &flow));
	}
	if (i < fw->sessions->capacity)
		json_object_set_new(answer, "next", json_integer(i));
	return answer;
}

static bool
matches(const struct filter *filter, const struct flow *flow)
{
	struct flow_addresses ends = flow_addresses(flow);

	if (filter->has_proto && filter->proto != FW_PROTO_ANY &&
		filter->proto != flow->key.proto)
		return false;
	if (filter->has_port &&
		(ends.dport < filter->port.first || ends.dport > filter->port.last))
		return false;
	if (filter->src.addr.family != 0 && !net_prefix_contains(&filter->src, &ends.src))
		return false;
	return filter->dst.addr.family == 0 ||
	       net_prefix_contains(&filter->dst, &ends.dst);
}

static json_t *
show_session(const struct vnf *vnf, const struct flow *flow)
{
	const struct firewall *fw = vnf->self;
	const struct account *account = account_at(fw->accounts, flow->account);
	uint64_t now_ns = vnf->now_ns, left_ns = 0;
	const struct field proto = {0};
	uint16_t number = flow->key.proto;
	const struct flow_end *end = flow->traffic.end;
	struct flow_addresses ends = flow_addresses(flow);
	char src[NET_STRLEN], dst[NET_STRLEN];

	if (flow->session.expires_ns > now_ns)
		left_ns = flow->session.expires_ns - now_ns;
	return json_pack("{s:o, s:s, s:i, s:s, s:i, s:i, s:s, s:s, s:s, s:I, s:I, "
			 "s:[I,I], s:[I,I]}",
		"proto", fw_proto_print(&proto, &number), "src",
		net_addr_print(&ends.src, src), "sport", ends.sport, "dst",
		net_addr_print(&ends.dst, dst), "dport", ends.dport, "zone",
		flow->key.zone, "from", flow->cp == FW_LEFT ? "left" : "right", "state",
		flow_state_name(flow), "rule", account->name, "ageSeconds",
		(json_int_t)(flow_age(flow, now_ns) / SECOND_NS), "expiresInSeconds",
		(json_int_t)(left_ns / SECOND_NS), "packets", (json_int_t)end[0].packets,
		(json_int_t)end[1].packets, "bytes", (json_int_t)end[0].bytes,
		(json_int_t)end[1].bytes);
}
