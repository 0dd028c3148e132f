/* join.c: see join.h. */
#include "dataplane/pkt/join.h"
#include <arpa/inet.h>
#include <string.h>
#include "dataplane/pkt/csum.h"
#include "dataplane/pkt/hdr.h"
#include "dataplane/pkt/segment.h"

/* Offsets in headers. */
#define IP4_LEN_AT	2
#define IP4_ID_AT	4
#define IP4_FRAG_AT	6
#define IP4_CSUM_AT	10
#define IP6_LEN_AT	4
#define TCP_SEQ_AT	4
#define TCP_ACK_AT	8
#define TCP_FLAGS_AT	13
#define TCP_WINDOW_AT	14
#define TCP_URGENT_AT	18
#define TCP_SEGMENT_MIN 64 /* of payload: less is not worth it */

static bool is_plain(const struct pkt_info *info);
static bool is_right(const uint8_t *frame, const struct pkt_info *info);
static bool first_is_right(struct join *join);
static bool same_ip(const struct join *join, const uint8_t *frame);
static bool same_tcp(const struct join *join, const uint8_t *frame);
static void put16(uint8_t *at, uint32_t value);
static uint32_t get32(const uint8_t *at);
static uint16_t get16(const uint8_t *at);

bool
join_begin(struct join *join, const uint8_t *frame, uint32_t len)
{
	struct pkt_info *info = &join->info;

	if (pkt_parse(frame, len, info) != PKT_OK || !is_plain(info))
		return false;
	join->headers = segment_headers(frame, info);
	if (join->headers == 0 || join->headers > JOIN_HEADERS_MAX ||
		join->headers + TCP_SEGMENT_MIN > info->end)
		return false;
	join->first = frame;
	join->size = (uint16_t)(info->end - join->headers);
	join->payload = join->size;
	join->n = 1;
	join->next_seq = get32(frame + info->l4 + TCP_SEQ_AT) + join->size;
	join->next_id = (uint16_t)(get16(frame + info->l3 + IP4_ID_AT) + 1);
	join->open = (info->tcp_flags & PKT_TCP_PSH) == 0;
	memcpy(join->header, frame, join->headers);
	return true;
}

bool
join_add(struct join *join, const uint8_t *frame, uint32_t len, uint16_t *payload)
{
	struct pkt_info info;

	if (!join->open || len < join->headers || !same_ip(join, frame) ||
		!same_tcp(join, frame) || pkt_parse(frame, len, &info) != PKT_OK ||
		!is_plain(&info) || info.l4 != join->info.l4 ||
		info.end <= join->headers || info.end - join->headers > join->size ||
		join->headers + join->payload + join->size > JOIN_BYTES_MAX ||
		!first_is_right(join) || !is_right(frame, &info))
		return false;
	*payload = (uint16_t)(info.end - join->headers);
	join->payload += *payload;
	join->n++;
	join->next_seq += *payload;
	join->next_id++;
	join->open = *payload == join->size && (info.tcp_flags & PKT_TCP_PSH) == 0;
	join->header[info.l4 + TCP_FLAGS_AT] |= info.tcp_flags & PKT_TCP_PSH;
	return true;
}

void
join_end(struct join *join)
{
	const struct pkt_info *info = &join->info;
	uint8_t *ip = join->header + info->l3;
	const uint32_t l4_len = join->headers - info->l4 + join->payload;
	const uint16_t csum = (uint16_t)~csum_finish(
		csum_pseudo(info->family, info->src, info->dst, PKT_PROTO_TCP, l4_len));

	if (info->family == 4) {
		put16(ip + IP4_LEN_AT, info->l4 - info->l3 + l4_len);
		csum_ip4_set(ip);
	} else {
		put16(ip + IP6_LEN_AT, info->l4 - info->l3 - PKT_IP6_LEN + l4_len);
	}
	memcpy(join->header + info->l4 + JOIN_CSUM_OFFSET, &csum, sizeof(csum));
}

/* TCP with nothing but payload, no IP options, no extension headers. */
static bool
is_plain(const struct pkt_info *info)
{
	const uint32_t ip_len = info->family == 4 ? PKT_IP4_LEN : PKT_IP6_LEN;

	return info->family != 0 && info->proto == PKT_PROTO_TCP && !info->fragment &&
	       info->l4 - info->l3 == (int)ip_len &&
	       (info->tcp_flags & ~PKT_TCP_PSH) == PKT_TCP_ACK;
}

static bool
first_is_right(struct join *join)
{
	if (join->first == NULL)
		return true;
	join->open = is_right(join->first, &join->info);
	join->first = NULL;
	return join->open;
}

/* A wrong checksum is not to become a right one. */
static bool
is_right(const uint8_t *frame, const struct pkt_info *info)
{
	const uint32_t l4_len = (uint32_t)info->end - info->l4;
	const uint32_t sum =
		csum_pseudo(info->family, info->src, info->dst, PKT_PROTO_TCP, l4_len);

	return csum_finish(csum_add(sum, frame + info->l4, l4_len)) == 0;
}

/* All in front of TCP but lengths, identification and checksum. */
static bool
same_ip(const struct join *join, const uint8_t *frame)
{
	const uint8_t *ours = join->header + join->info.l3, *ip = frame + join->info.l3;

	if (memcmp(join->header, frame, join->info.l3 + 2u) != 0)
		return false;
	if (join->info.family == 6)
		return memcmp(ours, ip, IP6_LEN_AT) == 0 &&
		       memcmp(ours + 6, ip + 6, PKT_IP6_LEN - 6) == 0;
	return memcmp(ours + IP4_FRAG_AT, ip + IP4_FRAG_AT, 4) == 0 &&
	       memcmp(ours + 12, ip + 12, 8) == 0 &&
	       ((get16(ip + IP4_FRAG_AT) & PKT_IP4_DF) != 0 ||
		       get16(ip + IP4_ID_AT) == join->next_id);
}

/* All but sequence number, PSH and checksum; options. */
static bool
same_tcp(const struct join *join, const uint8_t *frame)
{
	const uint8_t *ours = join->header + join->info.l4, *tcp = frame + join->info.l4;
	const size_t options = join->headers - join->info.l4 - PKT_TCP_LEN;

	return memcmp(ours, tcp, TCP_SEQ_AT) == 0 &&
	       get32(tcp + TCP_SEQ_AT) == join->next_seq &&
	       memcmp(ours + TCP_ACK_AT, tcp + TCP_ACK_AT, 5) == 0 &&
	       memcmp(ours + TCP_WINDOW_AT, tcp + TCP_WINDOW_AT, 2) == 0 &&
	       memcmp(ours + TCP_URGENT_AT, tcp + TCP_URGENT_AT, 2) == 0 &&
	       memcmp(ours + PKT_TCP_LEN, tcp + PKT_TCP_LEN, options) == 0;
}

static void
put16(uint8_t *at, uint32_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static uint32_t
get32(const uint8_t *at)
{
	return (uint32_t)get16(at) << 16 | get16(at + 2);
}

static uint16_t
get16(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}
