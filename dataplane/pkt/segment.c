/* segment.c: see segment.h. */
#include "dataplane/pkt/segment.h"
#include <arpa/inet.h>
#include <string.h>
#include "dataplane/pkt/csum.h"
#include "dataplane/pkt/hdr.h"

static void write_ip(
	const struct segment_plan *plan, uint32_t i, uint32_t len, uint8_t *out);
static void write_l4(
	const struct segment_plan *plan, uint32_t i, uint32_t len, uint8_t *out);

uint16_t
segment_headers(const uint8_t *frame, const struct pkt_info *info)
{
	const struct pkt_tcp *tcp = (const struct pkt_tcp *)(frame + info->l4);

	if (info->family == 0 || info->fragment)
		return 0;
	if (info->proto == PKT_PROTO_UDP)
		return (uint16_t)(info->l4 + PKT_UDP_LEN);
	return info->proto == PKT_PROTO_TCP ? (uint16_t)(info->l4 + (tcp->off >> 4) * 4)
					    : 0;
}

bool
segment_plan(const uint8_t *frame, const struct pkt_info *info, uint16_t size,
	struct segment_plan *plan)
{
	const uint16_t headers = segment_headers(frame, info);
	uint32_t payload;

	if (headers == 0 || size == 0)
		return false;
	payload = (uint32_t)info->end - headers;
	*plan = (struct segment_plan){.info = *info,
		.headers = headers,
		.size = size,
		.n = payload == 0 ? 1 : (payload + size - 1) / size};
	return true;
}

uint32_t
segment_write(
	const struct segment_plan *plan, const uint8_t *frame, uint32_t i, uint8_t *out)
{
	const uint32_t at = plan->headers + i * plan->size;
	const uint32_t len = i + 1 == plan->n ? plan->info.end - at : plan->size;
	struct pkt_info info = plan->info;

	memcpy(out, frame, plan->headers);
	memcpy(out + plan->headers, frame + at, len);
	info.end = (uint16_t)(plan->headers + len);
	write_ip(plan, i, info.end, out);
	write_l4(plan, i, info.end, out);
	csum_l4_set(out, &info);
	return info.end;
}

/* len: of the frame. */
static void
write_ip(const struct segment_plan *plan, uint32_t i, uint32_t len, uint8_t *out)
{
	struct pkt_ip4 *ip4 = (struct pkt_ip4 *)(out + plan->info.l3);
	struct pkt_ip6 *ip6 = (struct pkt_ip6 *)(out + plan->info.l3);
	const uint32_t total = len - plan->info.l3;

	if (plan->info.family == 6) {
		ip6->payload_len = htons((uint16_t)(total - PKT_IP6_LEN));
		return;
	}
	ip4->total_len = htons((uint16_t)total);
	ip4->id = htons((uint16_t)(ntohs(ip4->id) + i));
	csum_ip4_set(ip4);
}

static void
write_l4(const struct segment_plan *plan, uint32_t i, uint32_t len, uint8_t *out)
{
	struct pkt_tcp *tcp = (struct pkt_tcp *)(out + plan->info.l4);
	struct pkt_udp *udp = (struct pkt_udp *)(out + plan->info.l4);

	if (plan->info.proto == PKT_PROTO_UDP) {
		udp->len = htons((uint16_t)(len - plan->info.l4));
		return;
	}
	tcp->seq = htonl(ntohl(tcp->seq) + i * plan->size);
	if (i + 1 < plan->n)
		tcp->flags &= (uint8_t) ~(PKT_TCP_FIN | PKT_TCP_PSH);
	if (i > 0)
		tcp->flags &= (uint8_t)~PKT_TCP_CWR;
}
