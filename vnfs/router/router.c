/* router.c: the glue of the VNF type `router`: IPv4 and IPv6 forwarding between up to 16
 * connection points.
 *
 * A burst is checked packet by packet (l3_stack), looked up as a whole (route), and sent
 * packet by packet (l3_out).
 */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <rte_prefetch.h>
#include "dataplane/sdk/l3_out.h"
#include "dataplane/sdk/l3_quick.h"
#include "dataplane/sdk/l3_redirect.h"
#include "dataplane/sdk/l3_route.h"
#include "dataplane/sdk/l3_stack.h"
#include "dataplane/sdk/vnf.h"
#include "vnfs/router/config.h"
#include "vnfs/router/routing.h"
#include "vnfs/router/reverse.h"

#define STATS_ROUTES 1024 /* in the statistics; query "routes" has all */

enum reason {
	REASON_BLACKHOLE = L3_REASON_OWN,
	REASON_UNREACHABLE,
	REASON_PROHIBIT,
	REASON_REVERSE_PATH,
	REASON_PUNT_LIMIT
};

static const struct vnf_reason_info reasons[] = {
	L3_REASONS,
	{"blackhole", "a blackhole route"},
	{"unreachable", "a route that is declared unreachable"},
	{"prohibited", "a route that is administratively prohibited"},
	{"reverse-path", "its source is not reached by the interface that it came by"},
	{"punt-limit", "more for the routing daemons than the policer lets through"},
	{0},
};

struct built { /* of one configuration */
	struct l3_config l3;
	struct l3_static *statics;
	struct l3_routes *table;
	struct built *successor; /* null: none yet */
};

struct router {
	struct l3 l3;
	struct built *built;		/* in use [worker] */
	const struct l3_routes *newest; /* built last [control thread] */
	struct routing *routing;
	struct punt *punt; /* of routing [worker] */
	uint64_t turns;	   /* bursts and ticks that it has begun [worker] */
};

struct batch { /* packets of a burst that want a route, of one family */
	unsigned n;
	uint8_t at[VNF_BURST]; /* their places in the burst */
	uint64_t values[VNF_BURST];
};

static vnf_verdict decide(struct router *self, struct l3_pkt *pkt, uint64_t value);
static vnf_verdict local(struct router *self, struct l3_pkt *pkt);
static vnf_verdict refused(
	struct router *self, const struct l3_pkt *pkt, vnf_verdict verdict);

/* What was looked up before is not used after it: l3_live.h. */
static inline void
begin_turn(struct router *self)
{
	__atomic_store_n(&self->turns, self->turns + 1, __ATOMIC_RELEASE);
}

/* ---- life ---- */

static bool
route_for_stack(void *arg, uint8_t family, const uint8_t dst[16], struct l3_hop *hop)
{
	const struct router *self = arg;

	return l3_route_to(self->built->table, family, dst, hop);
}

static const struct l3_ops l3_ops = {.route = route_for_stack};

static size_t
router_state_size(const void *config)
{
	(void)config;
	return neigh_region_size();
}

static int
router_open(struct vnf *vnf, const void *config, struct err *err)
{
	struct router *self = calloc(1, sizeof(*self));

	(void)config;
	if (self == NULL)
		return err_set(err, ERR_NO_RESOURCE, NULL, NULL, "out of memory");
	int rc = routing_open(&self->routing, vnf, err);

	if (rc == 0)
		rc = l3_open(&self->l3, vnf, vnf->state, &l3_ops, self, err);
	if (rc < 0) {
		routing_close(self->routing);
		free(self);
		return rc;
	}
	self->punt = routing_punt(self->routing);
	vnf->self = self;
	return 0;
}

static int
router_adopt(struct vnf *vnf, struct err *err)
{
	struct router *self = vnf->self;

	(void)err;
	l3_adopt(&self->l3);
	return 0;
}

static void
router_destroy(struct vnf *vnf, void *arg)
{
	struct router *self = vnf->self;
	struct built *built = arg;

	if (built == NULL)
		return;
	if (built->successor != NULL)
		l3_routes_inherit(built->successor->table, built->table);
	routing_detach(self->routing, built->table);
	l3_routes_destroy(built->table);
	free(built->statics);
	free(built);
}

static void
build_iface(struct vnf *vnf, const struct config_iface *config, struct l3_config *l3,
	struct faults *faults)
{
	const unsigned cp = (unsigned)config->cp - 1;

	if (vnf->replica > 0 && iface_has_mac(&config->l3))
		faults_add(faults, ERR_INVALID, "interfaces",
			"leave `mac` out: the platform's is used",
			"replicas of a router have a MAC each, so none can be configured");
	iface_init(&l3->ifaces[cp], cp, &config->l3, vnf->port_mac[cp]);
	l3->ifaces[cp].reverse_path = (uint8_t)config->reverse_path;
	l3->ifaces[cp].proxy_arp = config->proxy_arp;
}

static int
build(struct vnf *vnf, const struct config *config, struct built *built,
	struct faults *faults)
{
	const size_t before = faults->n;
	struct router *self = vnf->self;
	struct err err;
	int rc = config_routes(config, &self->turns, &built->table, &err);

	if (rc == 0)
		rc = routing_attach(
			self->routing, config, built->table, self->newest, &err);
	if (rc < 0) {
		faults_add_err(faults, &err);
		return rc;
	}
	if (config->has_routing && vnf->scaled)
		faults_add(faults, ERR_INVALID, "routing", "run one router for each link",
			"replicas of a router cannot have routing daemons");
	built->statics = config_statics(config);
	if (built->statics == NULL)
		return faults_add(faults, ERR_NO_RESOURCE, NULL, NULL, "out of memory");
	built->l3.statics = built->statics;
	built->l3.n_statics = config->n_neighbours;
	built->l3.icmp_rate = config->icmp_rate;
	built->l3.redirects = config->redirects;
	built->l3.announce = true;
	for (unsigned i = 0; i < config->n_interfaces; i++)
		build_iface(vnf, &config->interfaces[i], &built->l3, faults);
	return faults->n > before ? err_errno(ERR_INVALID) : 0;
}

static int
router_build(struct vnf *vnf, const void *config, void **out, struct faults *faults)
{
	struct router *self = vnf->self;
	struct built *built = calloc(1, sizeof(*built));

	if (built == NULL)
		return faults_add(faults, ERR_NO_RESOURCE, NULL, NULL, "out of memory");
	const int rc = build(vnf, config, built, faults);

	if (rc < 0) {
		router_destroy(vnf, built);
		return rc;
	}
	self->newest = built->table;
	*out = built;
	return 0;
}

static void *
router_swap(struct vnf *vnf, void *arg)
{
	struct router *self = vnf->self;
	struct built *before = self->built, *built = arg;

	if (before != NULL)
		before->successor = built;
	self->built = built;
	l3_swap(&self->l3, &built->l3);
	vnf->epochs[0] = neigh_changes(self->l3.neigh);
	vnf->epochs[1] = l3_live_changes(built->table);
	return before;
}

static void
router_close(struct vnf *vnf)
{
	struct router *self = vnf->self;

	router_destroy(vnf, self->built);
	routing_close(self->routing);
	l3_close(&self->l3);
	free(self);
}

static void
router_tick(struct vnf *vnf)
{
	struct router *self = vnf->self;

	begin_turn(self);
	l3_tick(&self->l3);
	punt_tick(self->punt, vnf);
}

static void
router_attend(struct vnf *vnf, const void *config)
{
	routing_attend(((struct router *)vnf->self)->routing, config);
}

/* ---- packets ---- */

static void
lookup4(const struct l3_routes *table, const struct l3_pkt *pkts, struct batch *b)
{
	uint32_t ips[VNF_BURST];

	for (unsigned i = 0; i < b->n; i++) {
		memcpy(&ips[i], pkts[b->at[i]].info.dst, 4);
		ips[i] = ntohl(ips[i]);
	}
	l3_fib_find4(table->fib, ips, b->values, b->n);
}

static void
lookup6(const struct l3_routes *table, const struct l3_pkt *pkts, struct batch *b)
{
	uint8_t ips[VNF_BURST][16];

	for (unsigned i = 0; i < b->n; i++)
		memcpy(ips[i], pkts[b->at[i]].info.dst, 16);
	l3_fib_find6(table->fib, ips, b->values, b->n);
}

/* Takes those out of the batch that are refused. */
static void
check_sources(struct router *self, struct vnf_burst *burst, struct l3_pkt *pkts,
	struct batch *b)
{
	const struct iface *iface = &self->built->l3.ifaces[burst->cp];
	struct l3_pkt *list[VNF_BURST];
	unsigned n = 0;

	for (unsigned i = 0; i < b->n; i++)
		list[i] = &pkts[b->at[i]];
	const uint32_t refused = reverse_refused(self->built->table,
		(enum iface_reverse_path)iface->reverse_path, burst->cp, list, b->n);

	for (unsigned i = 0; i < b->n; i++) {
		if (refused >> i & 1)
			burst->verdicts[b->at[i]] = VNF_DROP(REASON_REVERSE_PATH);
		else
			b->at[n++] = b->at[i];
	}
	b->n = n;
}

static void
decide_all(struct router *self, struct vnf_burst *burst, struct l3_pkt *pkts,
	const struct batch *b)
{
	for (unsigned i = 0; i < b->n; i++)
		rte_prefetch0(l3_route_of(self->built->table, b->values[i]));
	for (unsigned i = 0; i < b->n; i++)
		burst->verdicts[b->at[i]] = decide(self, &pkts[b->at[i]], b->values[i]);
}

static void
router_process(struct vnf *vnf, struct vnf_burst *burst)
{
	struct router *self = vnf->self;
	struct l3_pkt pkts[VNF_BURST];
	struct batch b4, b6;
	const bool quick =
		self->built->l3.ifaces[burst->cp].reverse_path == IFACE_REVERSE_OFF;

	begin_turn(self);
	b4.n = b6.n = 0;
	for (unsigned i = 0; i < burst->n; i++)
		rte_prefetch0(burst->pkts[i]);
	for (unsigned i = 0; i < burst->n; i++)
		rte_prefetch0(rte_pktmbuf_mtod(burst->pkts[i], void *));
	uint32_t rest = quick ? l3_quick_forward(&self->l3, self->built->table, burst)
			      : (uint32_t)((1ull << burst->n) - 1);

	for (; rest != 0; rest &= rest - 1) {
		const unsigned i = (unsigned)__builtin_ctz(rest);

		burst->verdicts[i] =
			l3_input(&self->l3, burst->cp, burst->pkts[i], &pkts[i]);
		if (burst->verdicts[i] != L3_ACCEPT) {
			burst->verdicts[i] = refused(self, &pkts[i], burst->verdicts[i]);
			continue;
		}
		struct batch *b = pkts[i].info.family == 4 ? &b4 : &b6;

		b->at[b->n++] = (uint8_t)i;
	}
	if (!quick) {
		check_sources(self, burst, pkts, &b4);
		check_sources(self, burst, pkts, &b6);
	}
	if (b4.n > 0)
		lookup4(self->built->table, pkts, &b4);
	if (b6.n > 0)
		lookup6(self->built->table, pkts, &b6);
	decide_all(self, burst, pkts, &b4);
	decide_all(self, burst, pkts, &b6);
}

static uint64_t
router_passed(struct vnf *vnf, const struct vnf_passed *passed)
{
	struct router *self = vnf->self;

	begin_turn(self);
	return l3_quick_passed(&self->l3, self->built->table, passed);
}

static void
router_expect(struct vnf *vnf, uint64_t token)
{
	const struct router *self = vnf->self;

	l3_quick_expect(self->built->table, token);
}

static vnf_verdict
forward(struct router *self, struct l3_pkt *pkt, const struct l3_route *route)
{
	struct l3_hop room;

	if (iface_is_link_local(pkt->info.family, pkt->info.src))
		return VNF_DROP(L3_MARTIAN);
	const struct l3_hop *hop =
		l3_route_hop(self->built->table, route, &pkt->info, &room);
	const vnf_verdict verdict = l3_out_check(&self->l3, pkt, hop);

	if (verdict != L3_ACCEPT)
		return verdict;
	if (unlikely(hop->cp == pkt->cp) && self->built->l3.redirects)
		l3_redirect(&self->l3, pkt, hop);
	return l3_out_forward(&self->l3, pkt, hop);
}

static vnf_verdict
decide(struct router *self, struct l3_pkt *pkt, uint64_t value)
{
	struct l3 *l3 = &self->l3;
	struct l3_route *route = l3_route_of(self->built->table, value);

	if (iface_is_link_local(pkt->info.family, pkt->info.dst))
		return iface_owns(&self->built->l3.ifaces[pkt->cp], 6, pkt->info.dst)
			       ? local(self, pkt)
			       : VNF_DROP(L3_MARTIAN);
	if (route == NULL)
		return l3_out_reject(l3, pkt, ICMP_NO_ROUTE, L3_NO_ROUTE);
	const struct l3_route now = l3_route_now(route);

	l3_route_count(route, pkt->mbuf->pkt_len);
	switch ((enum l3_route_kind)now.kind) {
	case L3_ROUTE_LOCAL:
		return local(self, pkt);
	case L3_ROUTE_BROADCAST:
		return VNF_DROP(L3_MULTICAST);
	case L3_ROUTE_BLACKHOLE:
		return VNF_DROP(REASON_BLACKHOLE);
	case L3_ROUTE_UNREACHABLE:
		return l3_out_reject(l3, pkt, ICMP_HOST, REASON_UNREACHABLE);
	case L3_ROUTE_PROHIBIT:
		return l3_out_reject(l3, pkt, ICMP_PROHIBITED, REASON_PROHIBIT);
	default:
		return forward(self, pkt, &now);
	}
}

/* ---- for the routing daemons ---- */

static vnf_verdict
punt(struct router *self, const struct l3_pkt *pkt, enum punt_class class)
{
	return punt_offer(self->punt, pkt, class, self->l3.vnf->now_ns)
		       ? VNF_DROP(L3_LOCAL)
		       : VNF_DROP(REASON_PUNT_LIMIT);
}

/* Echo we answer ourselves. */
static vnf_verdict
local(struct router *self, struct l3_pkt *pkt)
{
	if (punt_has(self->punt, pkt->cp) && !icmp_is_echo_request(&pkt->info))
		return punt(self, pkt, punt_class_of(pkt->frame, &pkt->info));
	return l3_local(&self->l3, pkt);
}

/* Of what the stack does not let through, daemons want groups of the link, and the kernel
 * neighbours' answers. */
static vnf_verdict
refused(struct router *self, const struct l3_pkt *pkt, vnf_verdict verdict)
{
	enum punt_class class = PUNT_NOT;

	if ((verdict == VNF_DROP(L3_MULTICAST) || verdict == VNF_DROP(L3_LOCAL)) &&
		punt_has(self->punt, pkt->cp))
		class = punt_class_of(pkt->frame, &pkt->info);
	return class != PUNT_NOT ? punt(self, pkt, class) : verdict;
}

/* ---- looking inside ---- */

static json_t *
router_stats(struct vnf *vnf)
{
	const struct router *self = vnf->self;

	if (self->newest == NULL)
		return json_object();
	return json_pack("{s:o, s:i, s:i, s:o*}", "routes",
		l3_routes_describe(
			self->newest, STATS_ROUTES, routing_describe, self->routing),
		"routesTotal", (int)l3_routes_count(self->newest), "neighbours",
		(int)neigh_count(self->l3.neigh), "routing",
		routing_stats(self->routing));
}

static json_t *
router_query(struct vnf *vnf, const char *what, const json_t *args, struct err *err)
{
	const struct router *self = vnf->self;

	(void)args;
	if (strcmp(what, "neighbours") == 0)
		return json_pack("{s:o}", "neighbours",
			neigh_to_json(self->l3.neigh, config_cps, vnf->now_ns));
	if (strcmp(what, "routes") == 0 && self->newest != NULL)
		return json_pack("{s:o}", "routes",
			l3_routes_describe(self->newest, UINT32_MAX, routing_describe,
				self->routing));
	err_set(err, ERR_UNSUPPORTED, "what", "ask for neighbours or routes",
		"a router cannot tell about '%s'", what);
	return NULL;
}

static const char *const check_needs[] = {"interfaces", NULL};

static const struct vnf_type router = {
	.api = VNF_API_VERSION,
	.name = "router",
	.summary = "routes IPv4 and IPv6 between its connection points",
	.cps = config_cps,
	.reasons = reasons,
	.fields = config_fields,
	.config_size = sizeof(struct config),
	.state_version = 1,
	.check = config_check,
	.check_needs = check_needs,
	.state_size = router_state_size,
	.open = router_open,
	.adopt = router_adopt,
	.build = router_build,
	.swap = router_swap,
	.destroy = router_destroy,
	.attend = router_attend,
	.process = router_process,
	.passed = router_passed,
	.expect = router_expect,
	.tick = router_tick,
	.tick_idle_ms = 250,
	.stats = router_stats,
	.query = router_query,
	.scaling = VNF_SCALE_BY_FLOW,
	.close = router_close,
};

VNF_REGISTER(router);
