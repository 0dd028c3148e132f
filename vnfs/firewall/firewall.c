/* firewall.c: the glue of the VNF type `firewall`: a stateful packet filter between two
 * sides of a wire. It makes and ends an instance and swaps its configurations; judge.c
 * has the way of a packet. */
#include "vnfs/firewall/firewall.h"
#include "vnfs/firewall/steady.h"

#include <errno.h>
#include <stdlib.h>

#define EXPIRE_ROUNDS 16   /* of 64 sessions, for each millisecond since the last tick */
#define EXPIRE_MAX    4096 /* in one tick */
#define MS	      1000000ull
#define IDLE_TICK_MS  1000

static const char *const cps[] = {"left", "right", NULL};

const struct vnf_reason_info firewall_reasons[] = {
	{"no-rule", "no rule matched, and the default is drop"},
	{"rule-drop", "a rule says drop"},
	{"rejected", "a rule says reject"},
	{"non-ip", "not IP, and non-ip is drop"},
	{"invalid-state",
		"TCP that contradicts its connection, flags that no stack sends, or a packet from its own destination"},
	{"session-table-full",
		"accepted by a rule, but max-sessions are there, all of them open"},
	{"source-sessions",
		"accepted by a rule, but its source has max-sessions-per-source"},
	{"source-rate", "accepted by a rule, but its source exceeds new-session-rate"},
	{"fragment", "a fragment of a packet whose first one was not accepted"},
	{"fragment-overlap",
		"a fragment of a packet of which two overlap, or do not fit together (RFC 5722)"},
	{"fragment-duplicate", "a fragment that was here before"},
	{"fragment-timeout", "a fragment whose first one did not come in time"},
	{"fragment-limit", "a fragment beyond what is remembered or held at a time"},
	{"tiny-fragment",
		"a fragment that cuts through the headers (RFC 1858, RFC 3128, RFC 7112)"},
	{"source-route", "IPv4 source route option (RFC 7126)"},
	{"ip-option",
		"an IPv4 option that ip-options says drop to, or that is malformed"},
	{"routing-header", "IPv6 type 0 routing header (RFC 5095)"},
	{"policed", "accepted by a rule, but beyond its rate"},
	{0},
};

static void forget_fragments(void *arg, uint64_t decision);
static void firewall_close(struct vnf *vnf);
static void destroy_policy(const struct policy *policy);
static void adopt_sessions(struct firewall *fw, const struct ruleset *rules);

static const struct reasm_ops reasm_ops = {
	.release = judge_release,
	.forget = forget_fragments,
	.reason_overlap = FW_FRAGMENT_OVERLAP,
	.reason_refused = FW_FRAGMENT,
	.reason_timeout = FW_FRAGMENT_TIMEOUT,
};

static size_t
firewall_state_size(const void *arg)
{
	const struct fw_config *config = arg;

	return session_region_size(&conntrack_spec, config->max_sessions);
}

static int
open_conntrack(struct firewall *fw, struct vnf *vnf, struct err *err)
{
	fw->conntrack = (struct conntrack){
		.table = fw->sessions,
		.vnf = vnf,
		.accounts = fw->accounts,
		.halfopen = halfopen_create(fw->sessions->capacity),
		.journal = &fw->journal,
	};
	if (fw->conntrack.halfopen == NULL || journal_open(&fw->journal) < 0)
		return err_set(err, ERR_NO_RESOURCE, NULL, "make max-sessions smaller",
			"no memory for %u sessions", fw->sessions->capacity);
	return 0;
}

static int
firewall_open(struct vnf *vnf, const void *config, struct err *err)
{
	struct firewall *fw = calloc(1, sizeof(*fw));
	int rc;

	(void)config;
	if (fw == NULL)
		return err_set(
			err, ERR_NO_RESOURCE, NULL, NULL, "no memory for a firewall");
	vnf->self = fw;
	fw->accounts = accounts_create();
	rc = fw->accounts == NULL
		     ? err_set(err, ERR_NO_RESOURCE, NULL, NULL, "no memory for counters")
		     : session_prepare(&fw->sessions, &conntrack_spec, vnf->state,
			       vnf->state_size, vnf->seed, err);
	if (rc == 0)
		rc = open_conntrack(fw, vnf, err);
	if (rc == 0)
		rc = reasm_create(&fw->reasm, vnf, &reasm_ops, vnf, err);
	if (rc < 0) {
		firewall_close(vnf);
		return rc;
	}
	vnf->n_tokens = 2 * fw->sessions->capacity;
	return 0;
}

static int
firewall_adopt(struct vnf *vnf, struct err *err)
{
	struct firewall *fw = vnf->self;

	(void)err;
	session_adopt(fw->sessions, vnf->now_ns);
	return 0;
}

/* Made with the first configuration that limits sources, and kept. */
static bool
sources_ready(struct firewall *fw, const struct fw_config *config, uint64_t seed)
{
	if (config->max_sessions_per_source == 0 && config->new_session_rate == 0)
		return true;
	if (fw->sources == NULL)
		fw->sources = sources_create(fw->sessions->capacity, seed);
	return fw->sources != NULL;
}

static int
firewall_build(struct vnf *vnf, const void *arg, void **built, struct faults *faults)
{
	struct firewall *fw = vnf->self;
	const struct fw_config *config = arg;
	struct policy *policy;
	struct err err;
	int rc;

	if (config->max_sessions > fw->sessions->capacity)
		return faults_add(faults, ERR_STATE, "max-sessions",
			"restart the VNF to raise it",
			"this instance has room for %u sessions", fw->sessions->capacity);
	if (!sources_ready(fw, config, vnf->seed))
		return faults_add(faults, ERR_NO_RESOURCE, NULL, NULL,
			"no memory for limits of sources");
	policy = calloc(1, sizeof(*policy));
	if (policy == NULL)
		return faults_add(
			faults, ERR_NO_RESOURCE, NULL, NULL, "no memory for a policy");
	policy->config = config;
	lifetimes_of(&config->timeouts, &policy->lifetimes);
	rc = ruleset_create(&policy->rules, config, fw->accounts,
		fw->policy != NULL ? fw->policy->rules : NULL, &err);
	if (rc < 0) {
		faults_add_err(faults, &err);
		destroy_policy(policy);
		return rc;
	}
	*built = policy;
	return 0;
}

static int
firewall_refine(struct vnf *vnf, const void *built, void **better, struct err *err)
{
	const struct policy *rough = built;
	struct ruleset *rules;
	struct policy *policy;
	int rc;

	(void)vnf;
	*better = NULL;
	rc = ruleset_refine(&rules, rough->rules, err);
	if (rc < 0 || rules == NULL)
		return rc;
	policy = malloc(sizeof(*policy));
	if (policy == NULL) {
		ruleset_destroy(rules);
		return err_set(
			err, ERR_NO_RESOURCE, NULL, NULL, "no memory for a policy");
	}
	*policy = *rough;
	policy->rules = rules;
	*better = policy;
	return 0;
}

/* ---- sessions of a predecessor ---- */

struct tagged {
	uint32_t tag, account;
};

static int
compare_tags(const void *a, const void *b)
{
	const struct tagged *x = a, *y = b;

	return x->tag < y->tag ? -1 : x->tag > y->tag;
}

/* Before the worker runs: what another process let in by a rule counts for our rule of
 * that name. */
static void
adopt_sessions(struct firewall *fw, const struct ruleset *rules)
{
	size_t n = rules->n_rules + 1;
	struct tagged *tags = calloc(n, sizeof(*tags));

	for (size_t i = 0; tags != NULL && i < n; i++)
		tags[i] = (struct tagged){rules->rules[i].tag, rules->rules[i].account};
	if (tags != NULL)
		qsort(tags, n, sizeof(*tags), compare_tags);
	for (session_ref ref = session_next(fw->sessions, SESSION_NONE);
		ref != SESSION_NONE; ref = session_next(fw->sessions, ref)) {
		const struct flow *flow = session_record(fw->sessions, ref);
		const struct tagged *found = NULL;

		if (tags != NULL)
			found = bsearch(&flow->tag, tags, n, sizeof(*tags), compare_tags);
		conntrack_adopt(&fw->conntrack, ref,
			found != NULL ? found->account : ACCOUNT_GONE);
	}
	free(tags);
	fw->adopted = true;
}

/* ---- the worker's side ---- */

static void *
firewall_swap(struct vnf *vnf, void *built)
{
	struct firewall *fw = vnf->self;
	const struct policy *before = fw->policy, *now = built;
	const struct fw_config *config = now->config;

	if (before != NULL && before->config == config) { /* refined */
		fw->policy = now;
		fw->conntrack.lifetimes = &now->lifetimes;
		return (void *)(uintptr_t)before;
	}
	fw->conntrack.sources = fw->sources;
	source_limits_of(&fw->conntrack.source_limits, config->max_sessions_per_source,
		config->new_session_rate);
	if (!fw->adopted)
		adopt_sessions(fw, now->rules);
	reports_flush(&fw->reports, vnf->name);
	fw->policy = now;
	fw->conntrack.lifetimes = &now->lifetimes;
	fw->conntrack.max_halfopen =
		config->max_halfopen != 0 ? config->max_halfopen : UINT32_MAX;
	fw->conntrack.loose = config->tcp_window == FW_LOOSE;
	fw->conntrack.mid_stream = config->tcp_mid_stream == FW_ACCEPT;
	fw->journal.opens = config->log.opens;
	fw->journal.closes = config->log.closes;
	session_set_limit(fw->sessions, config->max_sessions);
	if (config->sessions == FW_RECHECK)
		recheck_begin(&fw->recheck, &fw->conntrack, vnf->now_ns);
	reject_limit_init(&fw->limit, &config->icmp_rate, vnf->seed);
	return (void *)(uintptr_t)before;
}

static void
expire(struct firewall *fw, uint64_t now_ns)
{
	const uint64_t rounds = ((now_ns - fw->expired_ns) / MS + 1) * EXPIRE_ROUNDS;
	unsigned left = rounds < EXPIRE_MAX ? (unsigned)rounds : EXPIRE_MAX;

	fw->expired_ns = now_ns;
	while (left > 0 && conntrack_expire(&fw->conntrack, now_ns))
		left--;
}

static void
firewall_tick(struct vnf *vnf)
{
	struct firewall *fw = vnf->self;

	expire(fw, vnf->now_ns);
	recheck_sweep(&fw->recheck, &fw->conntrack, fw->policy->rules, vnf->now_ns);
	reasm_tick(fw->reasm);
	journal_flush(&fw->journal, vnf->name, fw->policy->config->log.rate,
		vnf->wall_offset_ns, vnf->now_ns);
	reports_flush(&fw->reports, vnf->name);
}

static void
forget_fragments(void *arg, uint64_t decision)
{
	const struct vnf *vnf = arg;
	const struct firewall *fw = vnf->self;

	fragment_forget(&fw->conntrack, decision);
}

/* ---- the end ---- */

static void
firewall_destroy(struct vnf *vnf, void *built)
{
	(void)vnf;
	destroy_policy(built);
}

static void
firewall_close(struct vnf *vnf)
{
	struct firewall *fw = vnf->self;

	if (fw == NULL)
		return;
	destroy_policy(fw->policy);
	reasm_destroy(fw->reasm);
	halfopen_destroy(fw->conntrack.halfopen);
	journal_close(&fw->journal);
	sources_destroy(fw->sources);
	session_close(fw->sessions);
	accounts_destroy(fw->accounts);
	free(fw);
	vnf->self = NULL;
}

static void
destroy_policy(const struct policy *policy)
{
	if (policy == NULL)
		return;
	ruleset_destroy(policy->rules);
	free((void *)(uintptr_t)policy);
}

static const char *const check_needs[] = {NULL}; /* each rule stands for itself */

static const struct vnf_type firewall = {
	.api = VNF_API_VERSION,
	.name = "firewall",
	.summary = "stateful packet filter for IPv4 and IPv6, transparent at layer 2",
	.cps = cps,
	.reasons = firewall_reasons,
	.fields = fw_config_fields,
	.config_size = sizeof(struct fw_config),
	.state_version = CONNTRACK_STATE_VERSION,
	.check = fw_config_check,
	.check_needs = check_needs,
	.state_size = firewall_state_size,
	.open = firewall_open,
	.adopt = firewall_adopt,
	.build = firewall_build,
	.swap = firewall_swap,
	.refine = firewall_refine,
	.destroy = firewall_destroy,
	.process = judge_burst,
	.passed = steady_passed,
	.expect = steady_expect,
	.look = steady_look,
	.tick = firewall_tick,
	.tick_idle_ms = IDLE_TICK_MS,
	.stats = show_stats,
	.query = show_query,
	.act = show_act,
	.scaling = VNF_SCALE_BY_FLOW,
	.flows = show_flows,
	.close = firewall_close,
};

VNF_REGISTER(firewall);
