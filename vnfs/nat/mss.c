/* mss.c: TCP options walked for the segment size; see mss.h. */
#include "vnfs/nat/mss.h"
#include <arpa/inet.h>
#include <string.h>
#include "dataplane/pkt/csum.h"
#include "dataplane/pkt/hdr.h"

#define OPT_END	    0
#define OPT_NOP	    1
#define OPT_MSS	    2
#define OPT_MSS_LEN 4

/* Null: there is none, or the options do not hold together. */
static uint8_t *
find_mss(uint8_t *p, const uint8_t *end)
{
	while (p < end && *p != OPT_END) {
		if (*p == OPT_NOP) {
			p++;
			continue;
		}
		if (end - p < 2 || p[1] < 2 || p[1] > end - p)
			return NULL;
		if (*p == OPT_MSS)
			return p[1] == OPT_MSS_LEN ? p + 2 : NULL;
		p += p[1];
	}
	return NULL;
}

/* A value at an odd place of the segment stands in two words of the checksum. */
static uint16_t
as_summed(uint16_t value, unsigned at)
{
	return at % 2 == 0 ? value : (uint16_t)(value << 8 | value >> 8);
}

void
mss_clamp(uint8_t *frame, const struct pkt_info *info, uint16_t limit)
{
	struct pkt_tcp *tcp = (struct pkt_tcp *)(frame + info->l4);
	const unsigned len = (tcp->off >> 4) * 4u;
	uint16_t before;
	const uint16_t after = htons(limit);

	if (info->fragment || len < PKT_TCP_LEN || info->l4 + len > info->end)
		return;
	uint8_t *mss = find_mss((uint8_t *)(tcp + 1), (uint8_t *)tcp + len);

	if (mss == NULL)
		return;
	memcpy(&before, mss, 2);
	if (ntohs(before) <= limit)
		return;
	const unsigned at = (unsigned)(mss - (uint8_t *)tcp);

	memcpy(mss, &after, 2);
	tcp->csum = csum_update16(tcp->csum, as_summed(before, at), as_summed(after, at));
}
