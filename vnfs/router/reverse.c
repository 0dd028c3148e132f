/* reverse.c: the reverse-path check; see reverse.h. */
#include "vnfs/router/reverse.h"
#include <arpa/inet.h>
#include <string.h>

static void find(const struct l3_routes *table, struct l3_pkt *const *pkts, unsigned n,
	uint64_t *values);
static bool is_good(const struct l3_routes *table, const struct l3_route *route,
	enum iface_reverse_path mode, unsigned cp);

uint32_t
reverse_refused(const struct l3_routes *table, enum iface_reverse_path mode, unsigned cp,
	struct l3_pkt *const *pkts, unsigned n)
{
	uint64_t values[VNF_BURST];
	uint32_t refused = 0;

	if (n == 0)
		return 0;
	find(table, pkts, n, values);
	for (unsigned i = 0; i < n; i++) {
		const struct pkt_info *info = &pkts[i]->info;

		if (!iface_is_link_local(info->family, info->src) &&
			!is_good(table, l3_route_of(table, values[i]), mode, cp))
			refused |= 1u << i;
	}
	return refused;
}

static void
find(const struct l3_routes *table, struct l3_pkt *const *pkts, unsigned n,
	uint64_t *values)
{
	uint8_t ip6[VNF_BURST][16];
	uint32_t ip4[VNF_BURST];

	if (pkts[0]->info.family == 6) {
		for (unsigned i = 0; i < n; i++)
			memcpy(ip6[i], pkts[i]->info.src, 16);
		l3_fib_find6(table->fib, ip6, values, n);
		return;
	}
	for (unsigned i = 0; i < n; i++) {
		memcpy(&ip4[i], pkts[i]->info.src, 4);
		ip4[i] = ntohl(ip4[i]);
	}
	l3_fib_find4(table->fib, ip4, values, n);
}

static bool
is_good(const struct l3_routes *table, const struct l3_route *route,
	enum iface_reverse_path mode, unsigned cp)
{
	if (route == NULL)
		return false;
	const struct l3_route now = l3_route_now(route);

	if (now.kind != L3_ROUTE_CONNECTED && now.kind != L3_ROUTE_VIA)
		return false;
	return mode == IFACE_REVERSE_LOOSE || l3_route_leads_by(table, &now, cp);
}
