/* icmp.c: ICMP errors, echo replies and their rate limit; see icmp.h. */
#include "dataplane/sdk/icmp.h"
#include <arpa/inet.h>
#include <string.h>
#include "dataplane/pkt/csum.h"
#include "dataplane/pkt/hdr.h"

#define OUR_TTL		 64
#define INTERNET_CONTROL 0xc0 /* precedence 6 (RFC 1812 4.3.2.5) */
#define SECOND_NS	 1000000000ull
#define TOKEN		 (1ull << 32)

static const struct {
	uint8_t type4, code4, type6, code6;
} errors[ICMP_ERRORS] = {
	[ICMP_NO_ROUTE] = {3, 0, 1, 0},
	[ICMP_HOST] = {3, 1, 1, 3},
	[ICMP_TOO_BIG] = {3, 4, 2, 0},
	[ICMP_PROHIBITED] = {3, 13, 1, 1},
	[ICMP_TTL] = {11, 0, 3, 0},
	[ICMP_PROTO] = {3, 2, 4, 1},
	[ICMP_PORT] = {3, 3, 1, 4},
	[ICMP_REDIRECT] = {5, 1, 0, 0},
	[ICMP_PARAMETER] = {12, 0, 0, 0},
};

const struct field icmp_rate_fields[] = {
	{.name = "per-destination",
		.type = FIELD_UINT,
		.offset = offsetof(struct icmp_rate, per_destination),
		.size = sizeof(uint32_t),
		.dflt = "10",
		.max = 1000000,
		.help = "errors a second to one destination, and how many at once"},
	{.name = "total",
		.type = FIELD_UINT,
		.offset = offsetof(struct icmp_rate, total),
		.size = sizeof(uint32_t),
		.dflt = "1000",
		.max = 10000000,
		.help = "errors a second to all of them"},
	{0},
};

static bool source_is_one_host(const struct pkt_info *info);
static bool destination_is_multicast(const struct pkt_info *info);
static bool is_icmp_error(const struct pkt_info *info);
static uint32_t build4(uint8_t *out, const uint8_t *frame, const struct pkt_info *info,
	enum icmp_error kind, uint32_t rest, const uint8_t *src, uint32_t quote);
static uint32_t build6(uint8_t *out, const uint8_t *frame, const struct pkt_info *info,
	enum icmp_error kind, uint32_t rest, const uint8_t *src, uint32_t quote);
static bool take(
	struct icmp_bucket *bucket, uint32_t rate, uint32_t burst, uint64_t now_ns);

/* ---- errors ---- */

bool
icmp_error_allowed(
	const uint8_t *frame, const struct pkt_info *info, enum icmp_error kind)
{
	const bool too_big6 = info->family == 6 && kind == ICMP_TOO_BIG;

	if (info->family == 0 || !info->first || is_icmp_error(info))
		return false;
	if (!source_is_one_host(info))
		return false;
	return too_big6 || (!(frame[0] & 1) && !destination_is_multicast(info));
}

uint32_t
icmp_error_build(uint8_t *out, uint32_t room, const uint8_t *frame,
	const struct pkt_info *info, enum icmp_error kind, uint32_t rest,
	const uint8_t src[16])
{
	const uint32_t l3_len = info->family == 4 ? PKT_IP4_LEN : PKT_IP6_LEN;
	const uint32_t most = info->family == 4 ? ICMP_QUOTE4 : ICMP_QUOTE6;
	const uint32_t headers = l3_len + PKT_ICMP_LEN;
	uint32_t quote = (uint32_t)info->end - info->l3;

	if (quote > most - headers)
		quote = most - headers;
	if (quote > room - PKT_ETH_LEN - headers)
		quote = room - PKT_ETH_LEN - headers;
	return info->family == 4 ? build4(out, frame, info, kind, rest, src, quote)
				 : build6(out, frame, info, kind, rest, src, quote);
}

static bool
is_icmp_error(const struct pkt_info *info)
{
	if (info->proto == PKT_PROTO_ICMPV6)
		return info->icmp_type < 128 ||
		       (info->icmp_type >= 133 && info->icmp_type <= 137);
	if (info->proto != PKT_PROTO_ICMP || info->family != 4)
		return false;
	/* unreachable, source quench, redirect, time exceeded, parameter problem */
	return (info->icmp_type >= 3 && info->icmp_type <= 5) || info->icmp_type == 11 ||
	       info->icmp_type == 12;
}

static bool
source_is_one_host(const struct pkt_info *info)
{
	static const uint8_t zero[16];

	if (info->family == 4)
		return info->src[0] != 0 && info->src[0] != 127 && info->src[0] < 224;
	return info->src[0] != 0xff && memcmp(info->src, zero, 16) != 0;
}

static bool
destination_is_multicast(const struct pkt_info *info)
{
	return info->family == 4 ? info->dst[0] >= 224 : info->dst[0] == 0xff;
}

static void
put_icmp(struct pkt_icmp *icmp, uint8_t type, uint8_t code, uint32_t rest,
	const void *quoted, uint32_t quote)
{
	*icmp = (struct pkt_icmp){.type = type, .code = code, .rest = htonl(rest)};
	memcpy(icmp + 1, quoted, quote);
}

static uint32_t
build4(uint8_t *out, const uint8_t *frame, const struct pkt_info *info,
	enum icmp_error kind, uint32_t rest, const uint8_t *src, uint32_t quote)
{
	struct pkt_eth *eth = (struct pkt_eth *)out;
	struct pkt_ip4 *ip = (struct pkt_ip4 *)(eth + 1);
	struct pkt_icmp *icmp = (struct pkt_icmp *)(ip + 1);
	const uint32_t len = PKT_ICMP_LEN + quote;

	*eth = (struct pkt_eth){.type = htons(PKT_ETH_IPV4)};
	*ip = (struct pkt_ip4){.ver_ihl = 0x45,
		.tos = INTERNET_CONTROL,
		.total_len = htons((uint16_t)(PKT_IP4_LEN + len)),
		.ttl = OUR_TTL,
		.proto = PKT_PROTO_ICMP};
	memcpy(&ip->src, src, 4);
	memcpy(&ip->dst, info->src, 4);
	csum_ip4_set(ip);
	if (kind == ICMP_PARAMETER)
		rest <<= 24;
	put_icmp(icmp, errors[kind].type4, errors[kind].code4, rest, frame + info->l3,
		quote);
	icmp->csum = csum_finish(csum_add(0, icmp, len));
	return PKT_ETH_LEN + PKT_IP4_LEN + len;
}

/* Where in the packet the number stands that nobody here speaks: its last next-header
 * field. The headers were walked before (pkt_parse). */
static uint32_t
unknown_next_header(const uint8_t *frame, const struct pkt_info *info)
{
	const uint8_t *ip = frame + info->l3;
	const uint32_t l4 = (uint32_t)info->l4 - info->l3;
	uint32_t field = offsetof(struct pkt_ip6, next);

	for (uint32_t at = PKT_IP6_LEN; at < l4;) {
		const uint8_t type = ip[field];

		field = at;
		at += type == PKT_PROTO_FRAG ? sizeof(struct pkt_ip6_frag)
		      : type == PKT_PROTO_AH ? (ip[at + 1] + 2u) * 4
					     : (ip[at + 1] + 1u) * 8;
	}
	return field;
}

static uint32_t
build6(uint8_t *out, const uint8_t *frame, const struct pkt_info *info,
	enum icmp_error kind, uint32_t rest, const uint8_t *src, uint32_t quote)
{
	struct pkt_eth *eth = (struct pkt_eth *)out;
	struct pkt_ip6 *ip = (struct pkt_ip6 *)(eth + 1);
	struct pkt_icmp *icmp = (struct pkt_icmp *)(ip + 1);
	const uint32_t len = PKT_ICMP_LEN + quote;

	*eth = (struct pkt_eth){.type = htons(PKT_ETH_IPV6)};
	*ip = (struct pkt_ip6){.vtc_flow = htonl(6u << 28 | INTERNET_CONTROL << 20),
		.payload_len = htons((uint16_t)len),
		.next = PKT_PROTO_ICMPV6,
		.hop_limit = OUR_TTL};
	memcpy(ip->src, src, 16);
	memcpy(ip->dst, info->src, 16);
	if (kind == ICMP_PROTO)
		rest = unknown_next_header(frame, info);
	put_icmp(icmp, errors[kind].type6, errors[kind].code6, rest, frame + info->l3,
		quote);
	const uint32_t sum = csum_pseudo(6, ip->src, ip->dst, PKT_PROTO_ICMPV6, len);

	icmp->csum = csum_finish(csum_add(sum, icmp, len));
	return PKT_ETH_LEN + PKT_IP6_LEN + len;
}

/* ---- echo ---- */

bool
icmp_is_echo_request(const struct pkt_info *info)
{
	if (info->fragment || info->icmp_code != 0)
		return false;
	return (info->family == 4 && info->proto == PKT_PROTO_ICMP &&
		       info->icmp_type == 8) ||
	       (info->family == 6 && info->proto == PKT_PROTO_ICMPV6 &&
		       info->icmp_type == 128);
}

static void
swap(void *a, void *b, size_t len)
{
	uint8_t tmp[16];

	memcpy(tmp, a, len);
	memcpy(a, b, len);
	memcpy(b, tmp, len);
}

void
icmp_echo_reply(uint8_t *frame, struct pkt_info *info)
{
	struct pkt_icmp *icmp = (struct pkt_icmp *)(frame + info->l4);
	const uint16_t before = htons((uint16_t)(icmp->type << 8));

	icmp->type = info->family == 4 ? 0 : 129;
	icmp->csum =
		csum_update16(icmp->csum, before, htons((uint16_t)(icmp->type << 8)));
	if (info->family == 4) {
		struct pkt_ip4 *ip = (struct pkt_ip4 *)(frame + info->l3);

		swap(&ip->src, &ip->dst, 4);
		ip->ttl = OUR_TTL;
		csum_ip4_set(ip);
	} else {
		struct pkt_ip6 *ip = (struct pkt_ip6 *)(frame + info->l3);

		swap(ip->src, ip->dst, 16);
		ip->hop_limit = OUR_TTL;
	}
	swap(info->src, info->dst, 16);
	info->ttl = OUR_TTL;
	info->icmp_type = icmp->type;
}

/* ---- rate limit ---- */

void
icmp_limit_init(struct icmp_limit *limit, const struct icmp_rate *rate, uint64_t seed)
{
	limit->rate = *rate;
	limit->seed = seed;
	limit->total = (struct icmp_bucket){.credit = rate->total * TOKEN};
	for (unsigned i = 0; i < ICMP_BUCKETS; i++)
		limit->buckets[i] =
			(struct icmp_bucket){.credit = rate->per_destination * TOKEN};
}

bool
icmp_limit_take(struct icmp_limit *limit, const uint8_t dst[16], uint64_t now_ns)
{
	uint64_t word[2];

	memcpy(word, dst, 16);
	const uint64_t hash = (word[0] ^ limit->seed ^ word[1] * 0x9e3779b97f4a7c15ull) *
			      0xff51afd7ed558ccdull;
	struct icmp_bucket *bucket = &limit->buckets[hash >> 56];
	const uint32_t each = limit->rate.per_destination;

	if (!take(bucket, each, each, now_ns))
		return false;
	if (take(&limit->total, limit->rate.total, limit->rate.total, now_ns))
		return true;
	bucket->credit += TOKEN;
	return false;
}

static bool
take(struct icmp_bucket *bucket, uint32_t rate, uint32_t burst, uint64_t now_ns)
{
	uint64_t passed = now_ns - bucket->time_ns;

	if (passed > SECOND_NS) /* more than fills it */
		passed = SECOND_NS;
	const unsigned __int128 earned =
		(unsigned __int128)passed * rate * TOKEN / SECOND_NS;

	bucket->time_ns = now_ns;
	bucket->credit += (uint64_t)earned;
	if (bucket->credit > burst * TOKEN)
		bucket->credit = burst * TOKEN;
	if (bucket->credit < TOKEN)
		return false;
	bucket->credit -= TOKEN;
	return true;
}
