/* nat.c: the glue of the VNF type `nat`: NAPT for IPv4 between `inside` and `outside`.
 *
 * The instance state holds the neighbours, then the sessions. A burst's sessions are
 * looked up at once (table); what becomes of each packet is decided in translate.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <rte_prefetch.h>
#include "dataplane/sdk/vnf.h"
#include "vnfs/nat/check.h"
#include "vnfs/nat/fragments.h"
#include "vnfs/nat/quick.h"
#include "vnfs/nat/show.h"
#include "vnfs/nat/translate.h"

#define QUERY_LIMIT 1000 /* sessions in one answer, unless asked for fewer */

#define SHARE 8192 /* outside ports of a replica (VNF_SCALE_BY_PORT) */

struct nat_built {		     /* of one configuration */
	const struct config *config; /* own */
	struct config own;	     /* with the ports that are ours */
	struct l3_config l3;
	struct l3_routes *routes;
	struct maps *maps; /* its own, or those of an earlier one that lives on in this */
	bool maps_are_ours;
	struct net_range default_pool;
	struct direct direct;
};

static const struct vnf_reason_info reasons[] = {
	L3_REASONS,
	NAT_REASONS,
	{0},
};

/* ---- life ---- */

static bool
route_for_stack(void *arg, uint8_t family, const uint8_t dst[16], struct l3_hop *hop)
{
	const struct nat *nat = arg;

	return l3_route_to(nat->routes, family, dst, hop);
}

static bool
restore_for_stack(void *arg, struct l3_pkt *pkt)
{
	return translate_restore(arg, pkt);
}

static const struct l3_ops l3_ops = {
	.route = route_for_stack, .restore = restore_for_stack};

static size_t
nat_state_size(const void *config)
{
	return neigh_region_size() +
	       table_region_size(((const struct config *)config)->max_sessions);
}

static void
nat_destroy(struct vnf *vnf, void *arg)
{
	struct nat_built *built = arg;

	(void)vnf;
	if (built == NULL)
		return;
	if (built->maps_are_ours)
		maps_destroy(built->maps);
	l3_routes_destroy(built->routes);
	free(built);
}

static void
nat_close(struct vnf *vnf)
{
	struct nat *nat = vnf->self;

	if (nat == NULL)
		return;
	nat_destroy(vnf, nat->built);
	l3_close(&nat->l3);
	table_close(&nat->table);
	fragments_close(nat);
	strangers_close(&nat->strangers);
	journal_close(&nat->journal);
	free(nat);
	vnf->self = NULL;
}

static int
nat_open(struct vnf *vnf, const void *config, struct err *err)
{
	struct nat *nat = calloc(1, sizeof(*nat));
	const size_t used = neigh_region_size();

	(void)config;
	if (nat == NULL)
		return err_set(err, ERR_NO_RESOURCE, NULL, NULL, "out of memory");
	vnf->self = nat;
	nat->shares = vnf->scaled;
	ident_init(&nat->ident, vnf->seed);
	int rc = l3_open(&nat->l3, vnf, vnf->state, &l3_ops, nat, err);

	if (rc == 0)
		rc = table_open(&nat->table, (uint8_t *)vnf->state + used,
			vnf->state_size - used, vnf->seed, &nat->journal, err);
	if (rc == 0)
		rc = fragments_open(nat, err);
	if (rc == 0)
		rc = strangers_open(&nat->strangers, err);
	if (rc == 0)
		rc = journal_open(&nat->journal, err);
	if (rc < 0) {
		nat_close(vnf);
		return rc;
	}
	nat->table.vnf = vnf;
	vnf->n_tokens = 2 * table_capacity(&nat->table);
	vnf->epochs[0] = neigh_changes(nat->l3.neigh);
	return 0;
}

static int
nat_adopt(struct vnf *vnf, struct err *err)
{
	struct nat *nat = vnf->self;

	(void)err;
	l3_adopt(&nat->l3);
	table_adopt(&nat->table, vnf->now_ns);
	return 0;
}

static void
build_ifaces(struct vnf *vnf, struct nat_built *built)
{
	const struct config *config = built->config;
	struct iface *outside = &built->l3.ifaces[CONFIG_OUTSIDE];

	iface_init(&built->l3.ifaces[CONFIG_INSIDE], CONFIG_INSIDE, &config->inside.l3,
		vnf->port_mac[CONFIG_INSIDE]);
	iface_init(outside, CONFIG_OUTSIDE, &config->outside.l3,
		vnf->port_mac[CONFIG_OUTSIDE]);
	outside->n_proxies = config_pool(config, &built->default_pool, &outside->proxies);
	built->l3.icmp_rate = config->icmp_rate;
}

/* The maps go on where the configuration gives every session the same outside end. */
static int
build_maps(struct vnf *vnf, struct nat_built *built, struct err *err)
{
	struct nat *nat = vnf->self;
	struct nat_built *newest = nat->newest;

	if (newest != NULL && config_same_mappings(newest->config, built->config)) {
		built->maps = newest->maps;
		built->maps_are_ours = newest->maps_are_ours;
		newest->maps_are_ours = false;
		return 0;
	}
	built->maps_are_ours = true;
	return maps_create(
		&built->maps, built->config, table_capacity(&nat->table), vnf->seed, err);
}

/* A replica has its share of the outside ports, from its start on. */
static int
take_share(const struct vnf *vnf, struct config *config, struct faults *faults)
{
	const struct nat *nat = vnf->self;
	const unsigned first = vnf->replica * SHARE, last = first + SHARE - 1;
	const size_t before = faults->n;

	if (!nat->shares)
		return 0;
	if (vnf->replica > 0 && config->n_statics > 0)
		return faults_add(faults, ERR_UNSUPPORTED, "static", "leave them out",
			"a NAT with replicas has no static mappings");
	if (vnf->replica > 0 &&
		(iface_has_mac(&config->inside.l3) || iface_has_mac(&config->outside.l3)))
		return faults_add(faults, ERR_UNSUPPORTED,
			iface_has_mac(&config->inside.l3) ? "inside.mac" : "outside.mac",
			"leave it out: the platform's is used",
			"replicas of a NAT have a MAC each, so none can be configured");
	if (config->ports.first < first)
		config->ports.first = (uint16_t)first;
	if (config->ports.last > last)
		config->ports.last = (uint16_t)last;
	if (config->ports.first > config->ports.last)
		return faults_add(faults, ERR_INVALID, "ports", "a wider range",
			"replica %u has ports %u to %u, none of which are in `ports`",
			vnf->replica, first, last);
	check_blocks(config, faults);
	return faults->n == before ? 0 : -EINVAL;
}

static int
nat_build(struct vnf *vnf, const void *arg, void **out, struct faults *faults)
{
	const struct config *config = arg;
	struct nat *nat = vnf->self;
	struct nat_built *built = calloc(1, sizeof(*built));
	struct err err;
	int rc;

	if (built == NULL)
		return faults_add(faults, ERR_NO_RESOURCE, NULL, NULL, "out of memory");
	built->own = *config;
	built->config = &built->own;
	rc = take_share(vnf, &built->own, faults);
	if (rc < 0) {
		free(built);
		return rc;
	}
	build_ifaces(vnf, built);
	direct_init(&built->direct, built->config);
	if (config->max_sessions > table_capacity(&nat->table))
		rc = err_set(&err, ERR_STATE, "max-sessions",
			"deploy the NAT anew to let it have more",
			"this NAT was started with room for %u sessions",
			table_capacity(&nat->table));
	else
		rc = config_routes(config, &built->routes, &err);
	if (rc == 0)
		rc = build_maps(vnf, built, &err);
	if (rc < 0) {
		faults_add_err(faults, &err);
		nat_destroy(vnf, built);
		return rc;
	}
	nat->newest = built;
	*out = built;
	return 0;
}

static void *
nat_swap(struct vnf *vnf, void *arg)
{
	struct nat *nat = vnf->self;
	struct nat_built *before = nat->built, *built = arg;

	nat->built = built;
	nat->config = built->config;
	nat->routes = built->routes;
	nat->epoch = nat->epoch == UINT16_MAX ? 1 : nat->epoch + 1;
	memset(nat->ways, 0, sizeof(nat->ways));
	l3_swap(&nat->l3, &built->l3);
	nat->direct = &built->direct;
	table_use(&nat->table, built->config, built->maps, &built->direct);
	return before;
}

static void
nat_tick(struct vnf *vnf)
{
	struct nat *nat = vnf->self;

	l3_tick(&nat->l3);
	table_expire(&nat->table, vnf->now_ns);
	reasm_tick(nat->reasm);
	translate_strangers(nat);
	journal_flush(&nat->journal, vnf->name, nat->config->log.rate,
		vnf->wall_offset_ns, vnf->now_ns);
}

/* ---- packets ---- */

struct keys { /* of the packets of a burst whose sessions were not looked up yet */
	unsigned n;
	struct session_key4 keys[VNF_BURST];
	uint8_t at[VNF_BURST];
	session_ref refs[VNF_BURST];
};

/* Reads the packets of the rest. */
static void
collect(struct nat *nat, struct vnf_burst *burst, const struct quick_rest *rest,
	struct translate_pkt *work, struct keys *k)
{
	const bool out = burst->cp == CONFIG_INSIDE;

	k->n = 0;
	for (uint32_t left = rest->places; left != 0; left &= left - 1) {
		const unsigned i = (unsigned)__builtin_ctz(left);
		const bool looked_up = rest->looked_up >> i & 1;
		struct translate_pkt *w = &work[i];

		burst->verdicts[i] =
			l3_input(&nat->l3, burst->cp, burst->pkts[i], &w->pkt);
		w->ref = looked_up ? rest->refs[i] : SESSION_NONE;
		w->keyed = burst->verdicts[i] == L3_ACCEPT &&
			   (out ? key_out(&w->pkt.info, &w->key)
				: key_in(&w->pkt.info, &w->key));
		k->keys[k->n] = w->key;
		k->at[k->n] = (uint8_t)i;
		k->n += w->keyed && !looked_up;
	}
}

/* Looks up their sessions. */
static void
look_up(struct nat *nat, struct translate_pkt *work, struct keys *k)
{
	if (k->n == 0)
		return;
	session_find_bulk(nat->table.sessions, k->keys, k->n, k->refs);
	for (unsigned i = 0; i < k->n; i++)
		work[k->at[i]].ref = k->refs[i];
}

/* Those from inside that have no session will need mappings. */
static void
expect(const struct nat *nat, uint32_t places, const struct translate_pkt *work)
{
	struct session_key4 news[VNF_BURST];
	unsigned n = 0;

	for (uint32_t left = places; left != 0; left &= left - 1) {
		const struct translate_pkt *w = &work[__builtin_ctz(left)];

		if (w->keyed && w->ref == SESSION_NONE)
			news[n++] = w->key;
	}
	if (n > 0)
		table_expect(&nat->table, news, n);
}

static inline vnf_verdict
decide(struct nat *nat, unsigned cp, struct translate_pkt *work)
{
	if (unlikely(work->pkt.info.fragment && work->pkt.info.family == 4))
		return fragments_pass(
			nat, work, cp == CONFIG_INSIDE ? translate_out : translate_in);
	return cp == CONFIG_INSIDE ? translate_out(nat, work) : translate_in(nat, work);
}

static void
process_rest(struct nat *nat, struct vnf_burst *burst, const struct quick_rest *rest)
{
	struct translate_pkt work[VNF_BURST];
	struct keys k;

	collect(nat, burst, rest, work, &k);
	look_up(nat, work, &k);
	if (burst->cp == CONFIG_INSIDE)
		expect(nat, rest->places, work);
	nat->n_ended = nat->table.n_ended;
	for (uint32_t left = rest->places; left != 0; left &= left - 1) {
		const unsigned i = (unsigned)__builtin_ctz(left);

		if (likely(burst->verdicts[i] == L3_ACCEPT))
			burst->verdicts[i] = decide(nat, burst->cp, &work[i]);
	}
}

static void
nat_process(struct vnf *vnf, struct vnf_burst *burst)
{
	struct quick_rest rest;

	for (unsigned i = 0; i < burst->n; i++)
		rte_prefetch0(rte_pktmbuf_mtod(burst->pkts[i], void *));
	quick_pass(vnf->self, burst, &rest);
	if (rest.places != 0)
		process_rest(vnf->self, burst, &rest);
}

/* ---- looking inside ---- */

static json_t *
nat_stats(struct vnf *vnf)
{
	const struct nat *nat = vnf->self;
	const struct maps *maps = nat->newest == NULL ? NULL : nat->newest->maps;
	const struct journal *journal = &nat->journal;

	return json_pack("{s:i, s:i, s:i, s:i, s:i, s:{s:I, s:I}}", "sessions",
		(int)session_count(nat->table.sessions), "mappings",
		maps == NULL ? 0 : (int)maps_total(maps), "neighbours",
		(int)neigh_count(nat->l3.neigh), "restingPorts",
		maps == NULL ? 0 : (int)pool_resting(maps->pool), "heldFragments",
		(int)reasm_held(nat->reasm), "log", "lines",
		(json_int_t)__atomic_load_n(&journal->told, __ATOMIC_RELAXED), "lost",
		(json_int_t)__atomic_load_n(&journal->lost, __ATOMIC_RELAXED));
}

static uint32_t
number_arg(const json_t *args, const char *name, uint32_t value)
{
	const json_t *arg = json_object_get(args, name);

	if (!json_is_integer(arg) || json_integer_value(arg) < 0 ||
		json_integer_value(arg) > UINT32_MAX)
		return value;
	return (uint32_t)json_integer_value(arg);
}

static json_t *
nat_query(struct vnf *vnf, const char *what, const json_t *args, struct err *err)
{
	const struct nat *nat = vnf->self;

	if (strcmp(what, "neighbours") == 0)
		return json_pack("{s:o}", "neighbours",
			neigh_to_json(nat->l3.neigh, config_cps, vnf->now_ns));
	if (strcmp(what, "sessions") == 0)
		return show_sessions(&nat->table, number_arg(args, "from", 0),
			number_arg(args, "limit", QUERY_LIMIT), vnf->now_ns);
	err_set(err, ERR_UNSUPPORTED, "what", "ask for sessions or neighbours",
		"a NAT cannot tell about '%s'", what);
	return NULL;
}

static uint32_t
nat_flows(struct vnf *vnf, vnf_flow_fn *fn, void *arg)
{
	const struct session_table *sessions = ((struct nat *)vnf->self)->table.sessions;
	struct pkt_flow flow = {0};
	struct table_session session;
	uint32_t n = 0;

	for (uint32_t i = 0; i < sessions->capacity; i++) {
		if (!session_read(sessions, i, &session))
			continue;
		flow.proto = session.in.proto;
		flow.ports[0] = session.in.sport;
		flow.ports[1] = session.in.dport;
		memcpy(flow.addrs[0], &session.in.src, sizeof(session.in.src));
		memcpy(flow.addrs[1], &session.in.dst, sizeof(session.in.dst));
		fn(&flow, arg);
		n++;
	}
	return n;
}

static const char *const check_needs[] = {"inside", "outside", "pool", "ports", NULL};

static const struct vnf_type nat = {
	.api = VNF_API_VERSION,
	.name = "nat",
	.summary = "translates IPv4 addresses and ports between inside and outside",
	.cps = config_cps,
	.reasons = reasons,
	.fields = config_fields,
	.config_size = sizeof(struct config),
	.state_version = 2,
	.state_oldest = 1,
	.check = check_config,
	.check_needs = check_needs,
	.state_size = nat_state_size,
	.open = nat_open,
	.adopt = nat_adopt,
	.build = nat_build,
	.swap = nat_swap,
	.destroy = nat_destroy,
	.process = nat_process,
	.passed = quick_passed,
	.expect = quick_expect,
	.tick = nat_tick,
	.tick_idle_ms = 250,
	.stats = nat_stats,
	.query = nat_query,
	.scaling = VNF_SCALE_BY_PORT,
	.flows = nat_flows,
	.close = nat_close,
};

VNF_REGISTER(nat);
