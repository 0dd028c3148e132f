/* routing.c: see routing.h. */
#include "vnfs/router/routing.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "vnfs/router/fpm.h"
#include "vnfs/router/tap.h"

#define TICK_MS	   10
#define TRY_TICKS  50	/* between two tries */
#define PER_TICK   256	/* frames moved each way in one go */
#define FRAME_SIZE 9728 /* of the largest */

struct link { /* one connection point */
	bool wanted;
	struct tap_spec want;
	struct tap tap;
	struct vnf_watch *watch;
};

struct routing {
	struct vnf *vnf;
	const struct config *config; /* null: none with routing is in use */
	struct rib *rib;	     /* from the first such one on */
	struct fpm *fpm;
	struct net_endpoint fpm_address;
	char *netns; /* in which all is; null: ours */
	struct link links[VNF_MAX_CPS];
	struct vnf_watch *ticker;
	unsigned ticks;
	bool complained;
	struct punt punt;
	uint8_t frame[FRAME_SIZE];
};

static rib_resolver resolve;
static vnf_watch_fn on_tick, on_tap;
static void want_links(struct routing *routing);
static void fit_link(struct routing *routing, struct link *link);
static void stop(struct routing *routing);
static void stop_link(struct routing *routing, struct link *link);
static void complete(struct routing *routing);
static bool is_same_place(const struct routing *routing, const struct config *config);
static void set_punt(struct routing *routing);
static void to_kernel(struct routing *routing);

/* ---- life ---- */

int
routing_open(struct routing **out, struct vnf *vnf, struct err *err)
{
	struct routing *routing = calloc(1, sizeof(*routing));

	if (routing == NULL)
		return err_sys(err, ENOMEM, "cannot prepare dynamic routing");
	routing->vnf = vnf;
	for (unsigned cp = 0; cp < VNF_MAX_CPS; cp++)
		routing->links[cp].tap.fd = -1;
	*out = routing;
	return 0;
}

void
routing_close(struct routing *routing)
{
	if (routing == NULL)
		return;
	if (routing->vnf != NULL)
		stop(routing);
	rib_close(routing->rib);
	punt_close(&routing->punt);
	free(routing);
}

int
routing_attach(struct routing *routing, const struct config *config,
	struct l3_routes *table, const struct l3_routes *before, struct err *err)
{
	uint32_t cps = 0;
	struct rib *rib = routing->rib;

	if (!config->has_routing) {
		if (before != NULL && rib != NULL)
			rib_match(rib, table, before);
		else if (before != NULL)
			l3_routes_match(table, before);
		return 0;
	}
	if (rib == NULL) {
		if (punt_open(&routing->punt) < 0)
			return err_sys(err, ENOMEM, "cannot prepare dynamic routing");
		const int rc = rib_open(&rib, CONFIG_MAX_LEARNT, resolve, routing, err);

		if (rc != 0)
			return rc;
		__atomic_store_n(&routing->rib, rib, __ATOMIC_RELEASE);
	}
	for (unsigned i = 0; i < config->n_interfaces; i++)
		cps |= 1u << (config->interfaces[i].cp - 1);
	rib_attach(rib, table, cps, before);
	return 0;
}

void
routing_detach(struct routing *routing, const struct l3_routes *table)
{
	if (routing->rib != NULL)
		rib_detach(routing->rib, table);
}

struct punt *
routing_punt(struct routing *routing)
{
	return &routing->punt;
}

/* ---- what the configuration wants ---- */

void
routing_attend(struct routing *routing, const struct config *config)
{
	struct vnf *vnf = routing->vnf;

	if (!config->has_routing || !is_same_place(routing, config))
		stop(routing);
	routing->config = config->has_routing ? config : NULL;
	routing->complained = false;
	if (routing->config == NULL)
		return;
	if (routing->netns == NULL && config->routing.netns != NULL)
		routing->netns = strdup(config->routing.netns);
	routing->fpm_address = config->routing.fpm;
	want_links(routing);
	complete(routing);
	if (routing->ticker == NULL)
		routing->ticker = vnf_watch_timer(vnf, TICK_MS, on_tick, routing);
}

/* Whether what is open is where the configuration wants it. */
static bool
is_same_place(const struct routing *routing, const struct config *config)
{
	const char *a = routing->netns, *b = config->routing.netns;
	const struct net_endpoint *fpm = &config->routing.fpm;

	return (a == b || (a != NULL && b != NULL && strcmp(a, b) == 0)) &&
	       fpm->port == routing->fpm_address.port &&
	       net_addr_equal(&fpm->addr, &routing->fpm_address.addr);
}

static void
want_links(struct routing *routing)
{
	const struct config *config = routing->config;
	const struct vnf *vnf = routing->vnf;

	for (unsigned cp = 0; cp < VNF_MAX_CPS; cp++)
		routing->links[cp].wanted = false;
	for (unsigned i = 0; i < config->n_interfaces; i++) {
		const struct config_iface *iface = &config->interfaces[i];
		const unsigned cp = (unsigned)iface->cp - 1;
		struct link *link = &routing->links[cp];

		link->wanted = true;
		link->want = (struct tap_spec){0};
		config_tap_name(iface, link->want.name);
		iface_init(&link->want.iface, cp, &iface->l3, vnf->port_mac[cp]);
		link->want.mtu = iface_mtu(&link->want.iface, vnf->port_mtu[cp]);
	}
	for (unsigned cp = 0; cp < VNF_MAX_CPS; cp++)
		fit_link(routing, &routing->links[cp]);
}

/* What is open and can be made what is wanted stays; what cannot is made anew later. */
static void
fit_link(struct routing *routing, struct link *link)
{
	struct err err;

	if (link->tap.fd < 0 || (link->wanted && routing->config->routing.taps &&
					tap_spec_equal(&link->want, &link->tap.spec)))
		return;
	if (!link->wanted || !routing->config->routing.taps ||
		!tap_spec_is_near(&link->want, &link->tap.spec) ||
		tap_change(&link->tap, &link->want, routing->netns, &err) != 0)
		stop_link(routing, link);
}

static void
stop_link(struct routing *routing, struct link *link)
{
	vnf_watch_end(routing->vnf, link->watch);
	link->watch = NULL;
	tap_close(&link->tap);
}

static void
stop(struct routing *routing)
{
	vnf_watch_end(routing->vnf, routing->ticker);
	routing->ticker = NULL;
	fpm_close(routing->fpm);
	routing->fpm = NULL;
	for (unsigned cp = 0; cp < VNF_MAX_CPS; cp++)
		stop_link(routing, &routing->links[cp]);
	free(routing->netns);
	routing->netns = NULL;
	routing->config = NULL;
	set_punt(routing);
}

/* ---- making it so ---- */

static void
complain(struct routing *routing, const struct err *err)
{
	if (!routing->complained)
		log_warn("dynamic routing is not complete",
			"vnf=%s error=\"%s\" next=\"tried again every half second\"",
			routing->vnf->name, err->text);
	routing->complained = true;
}

static int
start_link(struct routing *routing, unsigned cp, struct err *err)
{
	struct link *link = &routing->links[cp];
	const int rc = tap_open(&link->tap, &link->want, routing->netns, err);

	if (rc != 0)
		return rc;
	link->watch = vnf_watch_fd(routing->vnf, link->tap.fd, on_tap, link);
	log_info("interface for the kernel", "vnf=%s cp=%s name=%s", routing->vnf->name,
		config_cps[cp], link->want.name);
	return 0;
}

/* Opens what is wanted and not open: zebra is let in when its interfaces are there. */
static void
complete(struct routing *routing)
{
	const struct config_routing *config = &routing->config->routing;
	struct err err = {0};
	int rc = 0;

	for (unsigned cp = 0; cp < VNF_MAX_CPS && rc == 0 && config->taps; cp++)
		if (routing->links[cp].wanted && routing->links[cp].tap.fd < 0)
			rc = start_link(routing, cp, &err);
	set_punt(routing);
	if (rc == 0 && routing->fpm == NULL)
		rc = fpm_open(&routing->fpm, routing->vnf, &config->fpm, routing->netns,
			routing->rib, &err);
	if (rc != 0)
		complain(routing, &err);
}

static void
set_punt(struct routing *routing)
{
	const struct config *config = routing->config;
	uint32_t taps = 0;

	for (unsigned cp = 0; cp < VNF_MAX_CPS; cp++)
		if (routing->links[cp].tap.fd >= 0)
			taps |= 1u << cp;
	punt_set(&routing->punt, taps, config != NULL ? config->routing.punt_rate : 0);
}

static void
on_tick(struct vnf *vnf, void *arg)
{
	struct routing *routing = arg;

	to_kernel(routing);
	if (frames_any(&routing->punt.from_kernel))
		vnf_wake(vnf);
	if (routing->fpm != NULL)
		fpm_tick(routing->fpm, routing->config->routing.hold_ns);
	if (++routing->ticks % TRY_TICKS == 0)
		complete(routing);
}

/* ---- packets ---- */

static void
to_kernel(struct routing *routing)
{
	struct frames *ring = &routing->punt.to_kernel;
	const uint8_t *frame;
	uint32_t len;
	unsigned cp;

	for (unsigned i = 0; i < PER_TICK; i++) {
		frame = frames_peek(ring, &cp, &len);
		if (frame == NULL)
			return;
		const int fd = routing->links[cp].tap.fd;

		/* what the kernel does not take at once is lost, as on any link */
		if (fd >= 0 && write(fd, frame, len) < 0)
			routing->punt.lost++;
		frames_pop(ring);
	}
}

static struct routing *
routing_of(struct link *link, unsigned *cp)
{
	/* links know their place by the TAP's interface */
	*cp = link->want.iface.cp;
	return (struct routing *)(void *)((uint8_t *)(link - *cp) -
					  offsetof(struct routing, links));
}

static void
on_tap(struct vnf *vnf, void *arg)
{
	unsigned cp;
	struct routing *routing = routing_of(arg, &cp);
	const int fd = routing->links[cp].tap.fd;

	for (unsigned i = 0; i < PER_TICK; i++) {
		const ssize_t n = read(fd, routing->frame, sizeof(routing->frame));

		if (n <= 0)
			break;
		if (!frames_put(
			    &routing->punt.from_kernel, cp, routing->frame, (uint32_t)n))
			routing->punt.lost++;
	}
	vnf_wake(vnf);
	to_kernel(routing);
}

/* ---- next hops ---- */

static const struct link *
link_of(const struct routing *routing, uint32_t ifindex)
{
	for (unsigned cp = 0; cp < VNF_MAX_CPS; cp++)
		if (ifindex != 0 && routing->links[cp].tap.ifindex == ifindex)
			return &routing->links[cp];
	return NULL;
}

static const struct link *
link_with(const struct routing *routing, uint8_t family, const uint8_t addr[16])
{
	for (unsigned cp = 0; cp < VNF_MAX_CPS; cp++)
		if (routing->links[cp].wanted && !iface_is_link_local(family, addr) &&
			iface_on_link(&routing->links[cp].want.iface, family, addr) !=
				NULL)
			return &routing->links[cp];
	return NULL;
}

static enum rib_hop
resolve(void *arg, const struct netlink_hop *from, struct l3_hop *hop)
{
	const struct routing *routing = arg;
	const struct link *link = link_of(routing, from->ifindex);

	if (link == NULL && from->family != 0)
		link = link_with(routing, from->family, from->addr);
	if (link == NULL)
		return from->family == 0 && from->ifindex != 0 ? RIB_HOP_LOCAL
							       : RIB_HOP_NONE;
	hop->cp = link->want.iface.cp;
	hop->family = from->family;
	memcpy(hop->addr, from->addr, sizeof(hop->addr));
	if (from->family == 0)
		return RIB_HOP_LINK;
	return iface_owns(&link->want.iface, from->family, from->addr) ? RIB_HOP_NONE
								       : RIB_HOP_VIA;
}

/* ---- looking inside ---- */

static uint64_t
read_count(const uint64_t *counter)
{
	return __atomic_load_n(counter, __ATOMIC_RELAXED);
}

static json_t *
taps_to_json(const struct routing *routing)
{
	json_t *list = json_array();

	for (unsigned cp = 0; cp < VNF_MAX_CPS; cp++) {
		const struct link *link = &routing->links[cp];

		if (link->wanted && routing->config->routing.taps)
			json_array_append_new(list,
				json_pack("{s:s, s:s, s:b}", "cp", config_cps[cp], "name",
					link->want.name, "up", link->tap.fd >= 0));
	}
	return list;
}

json_t *
routing_stats(const struct routing *routing)
{
	static const struct rib_counts none;
	const struct rib_counts *counts;

	if (routing->config == NULL)
		return NULL;
	counts = routing->rib != NULL ? rib_counts(routing->rib) : &none;
	return json_pack("{s:b, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, "
			 "s:o}",
		"connected", routing->fpm != NULL && fpm_connected(routing->fpm),
		"sessions",
		(json_int_t)(routing->fpm != NULL ? fpm_sessions(routing->fpm) : 0),
		"routes",
		(json_int_t)(routing->rib != NULL ? rib_count(routing->rib) : 0), "stale",
		(json_int_t)(routing->rib != NULL ? rib_count_stale(routing->rib) : 0),
		"updates", (json_int_t)counts->updates, "refused",
		(json_int_t)counts->refused, "ignored", (json_int_t)counts->ignored,
		"malformed", (json_int_t)counts->malformed, "punted",
		(json_int_t)read_count(&routing->punt.punted), "limited",
		(json_int_t)read_count(&routing->punt.limited), "sent",
		(json_int_t)read_count(&routing->punt.sent), "lost",
		(json_int_t)routing->punt.lost, "taps", taps_to_json(routing));
}

void
routing_describe(void *arg, const struct net_prefix *prefix, json_t *route)
{
	const struct routing *routing = arg;

	if (routing->rib != NULL)
		rib_describe(routing->rib, prefix, config_cps, route);
}
