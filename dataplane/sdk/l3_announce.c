/* l3_announce.c: gratuitous ARP and unsolicited neighbour advertisements; see
 * l3_announce.h. */
#include "dataplane/sdk/l3_announce.h"
#include <string.h>
#include "dataplane/sdk/l3_arp.h"
#include "dataplane/sdk/l3_nd.h"

#define AT_ONCE 8 /* in one tick */

static bool had(const struct iface *before, const struct iface *now, unsigned i);
static bool tell(struct l3 *l3, const struct iface *iface, const struct iface_addr *addr);

void
l3_announce_new(struct l3 *l3, const struct l3_config *before)
{
	for (unsigned cp = 0; cp < VNF_MAX_CPS; cp++) {
		const struct iface *now = &l3->config->ifaces[cp];

		l3->announce[cp] = 0;
		for (unsigned i = 0; i < now->n && now->present; i++)
			if (before == NULL || !had(&before->ifaces[cp], now, i))
				l3->announce[cp] |= 1u << i;
	}
}

void
l3_announce(struct l3 *l3)
{
	unsigned n = 0;

	for (unsigned cp = 0; cp < VNF_MAX_CPS; cp++) {
		const struct iface *iface = &l3->config->ifaces[cp];

		while (l3->announce[cp] != 0 && l3->vnf->wired[cp] && n++ < AT_ONCE) {
			const unsigned i = (unsigned)__builtin_ctz(l3->announce[cp]);

			if (!tell(l3, iface, &iface->addrs[i]))
				return;
			l3->announce[cp] &= l3->announce[cp] - 1;
		}
	}
}

static bool
had(const struct iface *before, const struct iface *now, unsigned i)
{
	return before->present && memcmp(before->mac, now->mac, 6) == 0 &&
	       iface_owns(before, now->addrs[i].family, now->addrs[i].addr);
}

/* False: no buffer. */
static bool
tell(struct l3 *l3, const struct iface *iface, const struct iface_addr *addr)
{
	static const uint8_t all[16];
	struct rte_mbuf *m = vnf_originate(l3->vnf);

	if (m == NULL)
		return false;
	uint8_t *frame = rte_pktmbuf_mtod(m, uint8_t *);

	l3_set_len(m,
		addr->family == 4
			? l3_arp_request(frame, iface->mac, addr->addr, addr->addr, NULL)
			: l3_nd_advert(frame, iface->mac, addr->addr, all, NULL));
	vnf_send(l3->vnf, m, iface->cp);
	return true;
}
