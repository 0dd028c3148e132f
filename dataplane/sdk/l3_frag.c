/* l3_frag.c: IPv4 fragmentation; see l3_frag.h. */
#include "dataplane/sdk/l3_frag.h"
#include <arpa/inet.h>
#include <string.h>
#include "dataplane/pkt/csum.h"
#include "dataplane/pkt/hdr.h"

#define OPT_END	 0
#define OPT_NOP	 1
#define OPT_COPY 0x80

static uint16_t copy_options(const uint8_t *from, uint16_t len, uint8_t *to);
static uint16_t later_header_len(const uint8_t *ip, uint16_t header);

struct l3_frag
l3_frag_plan(const uint8_t *frame, const struct pkt_info *info, uint16_t mtu)
{
	struct l3_frag plan = {.l3 = info->l3,
		.end = info->end,
		.header = (uint16_t)(info->l4 - info->l3)};

	plan.later = later_header_len(frame + info->l3, plan.header);
	if (mtu < plan.header + 8)
		return plan;
	plan.first = (uint16_t)((mtu - plan.header) & ~7);
	plan.step = (uint16_t)((mtu - plan.later) & ~7);
	const uint32_t payload = (uint32_t)info->end - info->l4;
	const uint32_t rest = payload > plan.first ? payload - plan.first : 0;
	const uint32_t n = 1 + (rest + plan.step - 1) / plan.step;

	plan.n = n <= L3_FRAG_MAX ? (uint16_t)n : 0;
	return plan;
}

/* Flags and offset of a fragment that starts `at` bytes behind the packet's own start. */
static uint16_t
frag_off(const struct pkt_ip4 *ip, uint32_t at, bool last)
{
	const uint16_t own = ntohs(ip->frag_off);
	const uint16_t more = last ? own & PKT_IP4_MF : PKT_IP4_MF;

	return htons((uint16_t)(more | ((own & PKT_IP4_FRAG) + at / 8)));
}

uint32_t
l3_frag_write(const struct l3_frag *plan, const uint8_t *frame, unsigned i, uint8_t *out)
{
	const struct pkt_ip4 *whole = (const struct pkt_ip4 *)(frame + plan->l3);
	struct pkt_ip4 *ip = (struct pkt_ip4 *)(out + plan->l3);
	const uint32_t at = plan->first + (i - 1u) * plan->step;
	const uint32_t payload = (uint32_t)plan->end - plan->l3 - plan->header;
	const bool last = i + 1u == plan->n;
	const uint32_t len = last ? payload - at : plan->step;

	memcpy(out, frame, plan->l3);
	*ip = *whole;
	copy_options((const uint8_t *)(whole + 1), plan->header - PKT_IP4_LEN,
		(uint8_t *)(ip + 1));
	ip->ver_ihl = (uint8_t)(0x40 | plan->later / 4);
	ip->total_len = htons((uint16_t)(plan->later + len));
	ip->frag_off = frag_off(whole, at, last);
	csum_ip4_set(ip);
	memcpy((uint8_t *)ip + plan->later, (const uint8_t *)whole + plan->header + at,
		len);
	return plan->l3 + plan->later + len;
}

uint32_t
l3_frag_trim(const struct l3_frag *plan, uint8_t *frame)
{
	struct pkt_ip4 *ip = (struct pkt_ip4 *)(frame + plan->l3);
	const uint16_t total = (uint16_t)(plan->header + plan->first);

	ip->total_len = htons(total);
	ip->frag_off = frag_off(ip, 0, false);
	csum_ip4_set(ip);
	return (uint32_t)plan->l3 + total;
}

/* Length of the option at p; 0 at the end of the list and for one that does not hold
 * together. */
static uint16_t
option_len(const uint8_t *p, uint16_t left)
{
	if (left == 0 || p[0] == OPT_END)
		return 0;
	if (p[0] == OPT_NOP)
		return 1;
	return left >= 2 && p[1] >= 2 && p[1] <= left ? p[1] : 0;
}

/* Copies those with the copy bit, padded to four bytes. to may be null: only their
 * length. */
static uint16_t
copy_options(const uint8_t *from, uint16_t len, uint8_t *to)
{
	uint16_t n = 0, one;

	for (; (one = option_len(from, len)) != 0;
		from += one, len = (uint16_t)(len - one)) {
		if (!(from[0] & OPT_COPY))
			continue;
		if (to != NULL)
			memcpy(to + n, from, one);
		n = (uint16_t)(n + one);
	}
	for (; n % 4 != 0; n++)
		if (to != NULL)
			to[n] = OPT_END;
	return n;
}

static uint16_t
later_header_len(const uint8_t *ip, uint16_t header)
{
	return (uint16_t)(PKT_IP4_LEN + copy_options(ip + PKT_IP4_LEN,
						(uint16_t)(header - PKT_IP4_LEN), NULL));
}
