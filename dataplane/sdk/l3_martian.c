/* l3_martian.c: sources and destinations of no host; see l3_martian.h. */
#include "dataplane/sdk/l3_martian.h"
#include <string.h>

static void set_all(struct l3_martian *martian, const struct iface *iface);
static bool is_ours(const struct iface *ifaces, unsigned n, const struct pkt_info *info);
static bool is_mapped(const uint8_t ip[16]);

void
l3_martian_init(struct l3_martian *martian, const struct iface *ifaces, unsigned n)
{
	*martian = (struct l3_martian){0};
	martian->first[0] = martian->first[127] = 1;
	memset(&martian->first[224], 1, 256 - 224);
	for (unsigned i = 0; i < n; i++)
		if (ifaces[i].present) {
			set_all(martian, &ifaces[i]);
			martian->n_ifaces = i + 1;
		}
}

bool
l3_martian_source_slow(const struct l3_martian *martian, const struct iface *ifaces,
	unsigned n, const struct pkt_info *info)
{
	static const uint8_t zero[15];
	const uint8_t *src = info->src;

	if (info->family == 4 && (src[0] == 0 || src[0] == 127 || src[0] >= 224))
		return true;
	if (info->family == 6 && (src[0] == 0xff || is_mapped(src) ||
					 (src[15] <= 1 && memcmp(src, zero, 15) == 0)))
		return true;
	return l3_martian_may_be_ours(martian, src) && is_ours(ifaces, n, info);
}

bool
l3_martian_destination(const struct pkt_info *info)
{
	static const uint8_t zero[15];
	const uint8_t *dst = info->dst;

	if (info->family == 4)
		return dst[0] == 0 || dst[0] == 127 || (dst[0] >= 240 && dst[0] < 255);
	return is_mapped(dst) || (dst[15] <= 1 && memcmp(dst, zero, 15) == 0);
}

bool
l3_martian_is4(const struct l3_martian *martian, const struct iface *ifaces,
	const uint8_t src[4], const uint8_t dst[4])
{
	if (martian->first[src[0]] | martian->first[dst[0]])
		return true;
	for (unsigned i = 0; i < martian->n_ifaces; i++)
		if (ifaces[i].present && iface_is_edge4(&ifaces[i], src))
			return true;
	return false;
}

/* ---- ours ---- */

static void
set(struct l3_martian *martian, const uint8_t ip[16])
{
	martian->ours[l3_martian_byte(ip)] = 1;
}

static void
set_edge(struct l3_martian *martian, uint32_t word)
{
	uint8_t ip[16] = {0};

	memcpy(ip, &word, sizeof(word));
	set(martian, ip);
}

static void
set_all(struct l3_martian *martian, const struct iface *iface)
{
	for (unsigned i = 0; i < iface->n; i++)
		set(martian, iface->addrs[i].addr);
	for (unsigned i = 0; i < iface->n4; i++) {
		set_edge(martian, iface->edges[i].first);
		set_edge(martian, iface->edges[i].last);
	}
}

static bool
is_ours(const struct iface *ifaces, unsigned n, const struct pkt_info *info)
{
	for (unsigned i = 0; i < n; i++)
		if (ifaces[i].present &&
			(info->family == 4 ? iface_is_edge4(&ifaces[i], info->src)
					   : iface_owns(&ifaces[i], 6, info->src)))
			return true;
	return false;
}

/* ::ffff:0:0/96 (RFC 4291 2.5.5.2): only inside of hosts. */
static bool
is_mapped(const uint8_t ip[16])
{
	static const uint8_t prefix[12] = {[10] = 0xff, 0xff};

	return memcmp(ip, prefix, sizeof(prefix)) == 0;
}
