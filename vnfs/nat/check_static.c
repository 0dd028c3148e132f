/* check_static.c: rules for static mappings; see check_static.h. Overlaps are found by
 * sorting, as there may be tens of thousands. */
#include "vnfs/nat/check_static.h"
#include <stdio.h>
#include <stdlib.h>
#include "dataplane/pkt/hdr.h"

#define PATH 64

static void check_ends(const struct config *config, unsigned i, struct faults *faults);
static void check_ports(const struct config_static *s, unsigned i, struct faults *faults);
static void check_overlaps(
	const struct config *config, bool outside, struct faults *faults);

void
check_statics(const struct config *config, struct faults *faults)
{
	const uint32_t n = config_static_ports(config);

	for (unsigned i = 0; i < config->n_statics; i++) {
		check_ends(config, i, faults);
		check_ports(&config->statics[i], i, faults);
	}
	if (n > CONFIG_MAX_STATICS)
		faults_add(faults, ERR_TOO_LARGE, "static",
			"give a host a whole address instead",
			"%u ports are more than %d", n, CONFIG_MAX_STATICS);
	check_overlaps(config, true, faults);
	check_overlaps(config, false, faults);
}

/* ---- one by one ---- */

static bool
in_pool(const struct config *config, const struct net_addr *addr)
{
	struct net_range one;
	const struct net_range *pool;
	const unsigned n = config_pool(config, &one, &pool);

	for (unsigned i = 0; i < n; i++)
		if (config_range_has(&pool[i], addr))
			return true;
	return false;
}

static bool
inside_reaches(const struct config *config, const struct net_addr *addr)
{
	if (iface_config_on_link(&config->inside.l3, addr))
		return !iface_config_owns(&config->inside.l3, addr);
	for (unsigned i = 0; i < config->inside.n_routes; i++)
		if (net_prefix_contains(&config->inside.routes[i].prefix, addr))
			return true;
	return false;
}

static void
check_ends(const struct config *config, unsigned i, struct faults *faults)
{
	const struct config_static *s = &config->statics[i];
	const bool whole = s->outside.ports.first == 0;
	char path[PATH], text[NET_STRLEN];

	snprintf(path, sizeof(path), "static[%u].outside", i);
	net_addr_print(&s->outside.addr, text);
	if (!in_pool(config, &s->outside.addr))
		faults_add(faults, ERR_INVALID, path, "add the address to pool",
			"%s is no address of the pool", text);
	else if (whole && iface_config_owns(&config->outside.l3, &s->outside.addr))
		faults_add(faults, ERR_INVALID, path, "give another address of the pool",
			"%s is this NAT's own, so not all of it can be a host's", text);
	snprintf(path, sizeof(path), "static[%u].inside", i);
	if (!inside_reaches(config, &s->inside.addr))
		faults_add(faults, ERR_INVALID, path,
			"give an address of an inside subnet or of inside.routes",
			"%s is no inside host", net_addr_print(&s->inside.addr, text));
}

static void
check_ports(const struct config_static *s, unsigned i, struct faults *faults)
{
	const struct net_ports *out = &s->outside.ports, *in = &s->inside.ports;
	char path[PATH];

	snprintf(path, sizeof(path), "static[%u].outside", i);
	if (s->proto == 0 && out->first > 0)
		faults_add(faults, ERR_INVALID, path, "give the protocol, or no port",
			"a port is one of a protocol");
	if (s->proto != 0 && out->first == 0)
		faults_add(faults, ERR_INVALID, path, "add :PORT, or leave proto out",
			"a whole address is mapped for all protocols");
	snprintf(path, sizeof(path), "static[%u].inside", i);
	if ((out->first == 0) != (in->first == 0) ||
		out->last - out->first != in->last - in->first)
		faults_add(faults, ERR_INVALID, path, NULL,
			"inside must have as many ports as outside has");
}

/* ---- no two have an end in common ---- */

struct span { /* ports of an address and protocol that an entry takes */
	uint32_t addr;
	uint8_t proto;
	uint16_t first, last;
	unsigned i;
};

static int
compare(const void *one, const void *two)
{
	const struct span *a = one, *b = two;

	if (a->addr != b->addr)
		return a->addr < b->addr ? -1 : 1;
	if (a->proto != b->proto)
		return a->proto < b->proto ? -1 : 1;
	if (a->first != b->first)
		return a->first < b->first ? -1 : 1;
	return a->i < b->i ? -1 : a->i > b->i;
}

/* A whole address counts as all ports of TCP and of UDP. */
static size_t
add_spans(struct span *spans, size_t n, const struct config_static *s,
	const struct config_end *end, unsigned i)
{
	static const uint8_t protos[] = {PKT_PROTO_TCP, PKT_PROTO_UDP};
	const bool whole = end->ports.first == 0;

	for (unsigned k = 0; k < 2; k++) {
		if (s->proto != 0 && s->proto != protos[k])
			continue;
		spans[n++] = (struct span){.addr = net_addr_v4(&end->addr),
			.proto = protos[k],
			.first = end->ports.first,
			.last = whole ? UINT16_MAX : end->ports.last,
			.i = i};
	}
	return n;
}

static void
tell_overlap(const struct config *config, bool outside, unsigned a, unsigned b,
	struct faults *faults)
{
	const unsigned later = a > b ? a : b, earlier = a > b ? b : a;
	const struct config_static *s = &config->statics[later];
	char path[PATH], text[NET_STRLEN];

	snprintf(path, sizeof(path), "static[%u].%s", later,
		outside ? "outside" : "inside");
	net_addr_print(outside ? &s->outside.addr : &s->inside.addr, text);
	if (s->outside.ports.first == 0)
		faults_add(faults, ERR_INVALID, path, NULL,
			"%s is mapped already by static[%u]", text, earlier);
	else
		faults_add(faults, ERR_INVALID, path, NULL,
			"%s:%u is mapped already by static[%u]", text,
			(outside ? &s->outside : &s->inside)->ports.first, earlier);
}

struct overlaps { /* of one address and protocol, as its spans go by */
	const struct span *whole, *widest;
	bool *told; /* by entry */
};

/* Two that have ports in common; each entry is told of once. */
static void
meet(const struct config *config, bool outside, struct overlaps *o, const struct span *a,
	const struct span *b, struct faults *faults)
{
	const unsigned later = a->i > b->i ? a->i : b->i;

	if (a->i == b->i || o->told[later])
		return;
	tell_overlap(config, outside, a->i, b->i, faults);
	o->told[later] = true;
}

static void
see_span(const struct config *config, bool outside, struct overlaps *o,
	const struct span *span, struct faults *faults)
{
	if (o->whole != NULL)
		meet(config, outside, o, span, o->whole, faults);
	if (o->widest != NULL && span->first <= o->widest->last)
		meet(config, outside, o, span, o->widest, faults);
	if (span->first == 0 && o->whole == NULL)
		o->whole = span;
	else if (o->widest == NULL || span->last > o->widest->last)
		o->widest = span;
}

static void
check_overlaps(const struct config *config, bool outside, struct faults *faults)
{
	struct span *spans = calloc(2 * (size_t)config->n_statics + 1, sizeof(*spans));
	struct overlaps o = {.told = calloc(config->n_statics + 1, sizeof(bool))};
	size_t n = 0;

	if (spans == NULL || o.told == NULL) {
		faults_add(faults, ERR_NO_RESOURCE, "static", NULL, "out of memory");
		goto end;
	}
	for (unsigned i = 0; i < config->n_statics; i++) {
		const struct config_static *s = &config->statics[i];

		n = add_spans(spans, n, s, outside ? &s->outside : &s->inside, i);
	}
	qsort(spans, n, sizeof(*spans), compare);
	for (size_t k = 0; k < n; k++) {
		if (k == 0 || spans[k].addr != spans[k - 1].addr ||
			spans[k].proto != spans[k - 1].proto)
			o.whole = o.widest = NULL;
		see_span(config, outside, &o, &spans[k], faults);
	}
end:
	free(spans);
	free(o.told);
}
