/* traffic.c: the frames of a generator. */
#include <arpa/inet.h>
#include <string.h>
#include "dataplane/host/traffic.h"

#define DST_PORT 9	     /* discard, RFC 863 */
#define GOLDEN	 0x9e3779b1u /* of Fibonacci hashing */

static const uint16_t imix[TRAFFIC_SHAPES] = {
	64, 64, 590, 64, 590, 64, 64, 1514, 64, 590, 64, 590};

static void find_offsets(struct traffic *traffic);
static uint32_t headers_len(const struct traffic *traffic);
static uint16_t imix_len(const struct traffic *traffic, unsigned i);
static bool signature_fits(const struct traffic *traffic, uint16_t len);
static void make_shape(
	const struct traffic *traffic, uint16_t len, struct traffic_shape *shape);
static void write_ip(const struct traffic *traffic, struct traffic_shape *shape);
static void write_l4(const struct traffic *traffic, struct traffic_shape *shape);
static uint32_t replace(uint8_t *at, uint32_t before, uint32_t after);
static uint32_t net_of(const struct traffic *traffic, uint32_t flow);

int
traffic_init(struct traffic *traffic, const struct traffic_spec *spec, uint16_t stream,
	struct err *err)
{
	*traffic = (struct traffic){.spec = *spec, .stream = stream};
	if (spec->src_flows == 0)
		traffic->spec.src_flows = TRAFFIC_PORTS;
	if (spec->src.family != spec->dst.family)
		return err_set(err, ERR_INVALID, "dst", NULL,
			"src and dst are addresses of one family");
	find_offsets(traffic);
	if (spec->size != 0 && spec->size < headers_len(traffic))
		return err_set(err, ERR_INVALID, "size", NULL,
			"%u bytes do not hold the headers", spec->size);
	traffic->n_shapes = spec->size != 0 ? 1 : TRAFFIC_SHAPES;
	for (unsigned i = 0; i < traffic->n_shapes; i++)
		make_shape(traffic, spec->size != 0 ? spec->size : imix_len(traffic, i),
			&traffic->shapes[i]);
	return 0;
}

void
traffic_seek(
	const struct traffic *traffic, uint64_t sequence, struct traffic_cursor *cursor)
{
	const uint32_t flow = (uint32_t)(sequence % traffic->spec.flows);

	*cursor = (struct traffic_cursor){.sequence = sequence,
		.shape = (unsigned)(sequence % traffic->n_shapes),
		.flow = flow,
		.port = flow % traffic->spec.src_flows,
		.address = flow / traffic->spec.src_flows};
}

void
traffic_turn(const struct traffic *traffic, struct traffic_cursor *cursor)
{
	cursor->port = 0;
	cursor->address++;
	if (cursor->flow == traffic->spec.flows)
		cursor->flow = cursor->address = 0;
}

uint32_t
traffic_write_addresses(const struct traffic *traffic, const struct traffic_shape *shape,
	const struct traffic_cursor *cursor, uint8_t *frame)
{
	uint32_t change = 0;
	uint16_t csum;

	if (cursor->address > 0)
		change += replace(frame + traffic->src_low, traffic->src_base,
			traffic->src_base + cursor->address);
	if (traffic->spec.dst_nets > 1)
		change += replace(frame + traffic->dst_net, traffic->dst_base,
			traffic->dst_base +
				(net_of(traffic, cursor->flow) << traffic->dst_shift));
	if (traffic->spec.src.family == 4) {
		csum = csum_finish(shape->ip_sum + change);
		memcpy(frame + traffic->ip_csum, &csum, sizeof(csum));
	}
	return change;
}

static void
find_offsets(struct traffic *traffic)
{
	const bool v4 = traffic->spec.src.family == 4;
	uint32_t low;

	traffic->l3 = PKT_ETH_LEN;
	traffic->l4 = (uint16_t)(traffic->l3 + (v4 ? PKT_IP4_LEN : PKT_IP6_LEN));
	traffic->sport = traffic->l4;
	traffic->l4_csum = (uint16_t)(traffic->l4 +
				      (traffic->spec.proto == PKT_PROTO_TCP
						      ? offsetof(struct pkt_tcp, csum)
						      : offsetof(struct pkt_udp, csum)));
	traffic->ip_csum = (uint16_t)(traffic->l3 + offsetof(struct pkt_ip4, csum));
	traffic->src_low =
		(uint16_t)(traffic->l3 + (v4 ? offsetof(struct pkt_ip4, src)
					     : offsetof(struct pkt_ip6, src) + 12));
	memcpy(&low, traffic->spec.src.bytes + (v4 ? 0 : 12), sizeof(low));
	traffic->src_base = ntohl(low);
	traffic->dst_net =
		(uint16_t)(traffic->l3 + (v4 ? offsetof(struct pkt_ip4, dst)
					     : offsetof(struct pkt_ip6, dst) + 4));
	memcpy(&low, traffic->spec.dst.bytes + (v4 ? 0 : 4), sizeof(low));
	traffic->dst_base = ntohl(low);
	traffic->dst_shift = v4 ? 8 : 0;
}

static uint32_t
headers_len(const struct traffic *traffic)
{
	return traffic->l4 +
	       (traffic->spec.proto == PKT_PROTO_TCP ? PKT_TCP_LEN : PKT_UDP_LEN);
}

/* The smallest are as long as the headers and a signature want: a frame without one
 * would be counted as lost. */
static uint16_t
imix_len(const struct traffic *traffic, unsigned i)
{
	const uint16_t least =
		(uint16_t)(headers_len(traffic) + sizeof(struct signature));

	return imix[i] < least ? least : imix[i];
}

/* Behind the L4 header. */
static bool
signature_fits(const struct traffic *traffic, uint16_t len)
{
	const uint32_t headers = headers_len(traffic);

	return len >= headers + sizeof(struct signature) &&
	       signature_offset(len) >= headers;
}

static void
make_shape(const struct traffic *traffic, uint16_t len, struct traffic_shape *shape)
{
	const uint16_t l4_len = (uint16_t)(len - traffic->l4);
	struct pkt_eth *eth = (struct pkt_eth *)shape->frame;
	const struct signature signature = {
		.magic = SIGNATURE_MAGIC, .stream = traffic->stream};
	const bool v4 = traffic->spec.src.family == 4;

	shape->len = len;
	memcpy(eth->dst, traffic->spec.dst_mac.bytes, sizeof(eth->dst));
	memcpy(eth->src, traffic->spec.src_mac.bytes, sizeof(eth->src));
	eth->type = htons(v4 ? PKT_ETH_IPV4 : PKT_ETH_IPV6);
	write_ip(traffic, shape);
	write_l4(traffic, shape);
	if (signature_fits(traffic, len)) {
		shape->signature_at = (uint16_t)signature_offset(len);
		memcpy(shape->frame + shape->signature_at, &signature, sizeof(signature));
	}
	shape->l4_sum = csum_pseudo(traffic->spec.src.family, traffic->spec.src.bytes,
		traffic->spec.dst.bytes, traffic->spec.proto, l4_len);
	shape->l4_sum = csum_add(shape->l4_sum, shape->frame + traffic->l4, l4_len);
	if (!v4)
		return;
	shape->ip_sum = csum_add(0, shape->frame + traffic->l3, PKT_IP4_LEN);
	csum_ip4_set(shape->frame + traffic->l3);
}

static void
write_ip(const struct traffic *traffic, struct traffic_shape *shape)
{
	const uint16_t ip_len = (uint16_t)(shape->len - traffic->l3);
	struct pkt_ip4 ip4 = {.ver_ihl = 0x45,
		.total_len = htons(ip_len),
		.frag_off = htons(PKT_IP4_DF), /* so it needs no number: RFC 6864 */
		.ttl = 64,
		.proto = traffic->spec.proto};
	struct pkt_ip6 ip6 = {.vtc_flow = htonl(6u << 28),
		.payload_len = htons((uint16_t)(ip_len - PKT_IP6_LEN)),
		.next = traffic->spec.proto,
		.hop_limit = 64};

	if (traffic->spec.src.family == 4) {
		memcpy(&ip4.src, traffic->spec.src.bytes, 4);
		memcpy(&ip4.dst, traffic->spec.dst.bytes, 4);
		memcpy(shape->frame + traffic->l3, &ip4, sizeof(ip4));
	} else {
		memcpy(ip6.src, traffic->spec.src.bytes, 16);
		memcpy(ip6.dst, traffic->spec.dst.bytes, 16);
		memcpy(shape->frame + traffic->l3, &ip6, sizeof(ip6));
	}
}

static void
write_l4(const struct traffic *traffic, struct traffic_shape *shape)
{
	const struct pkt_udp udp = {.dport = htons(DST_PORT),
		.len = htons((uint16_t)(shape->len - traffic->l4))};
	const struct pkt_tcp tcp = {.dport = htons(DST_PORT),
		.off = PKT_TCP_LEN / 4 << 4,
		.flags = PKT_TCP_ACK,
		.window = htons(65535)};

	if (traffic->spec.proto == PKT_PROTO_TCP)
		memcpy(shape->frame + traffic->l4, &tcp, sizeof(tcp));
	else
		memcpy(shape->frame + traffic->l4, &udp, sizeof(udp));
}

/* 32 bits of the template's by others; what that adds to the sums that they are in: the
 * complement takes the old ones out. */
static uint32_t
replace(uint8_t *at, uint32_t before, uint32_t after)
{
	before = htonl(before);
	after = htonl(after);
	memcpy(at, &after, sizeof(after));
	return (uint16_t)~before + (uint16_t) ~(before >> 16) + (after & 0xffff) +
	       (after >> 16);
}

/* The same network for the same flow, neighbours far apart. */
static uint32_t
net_of(const struct traffic *traffic, uint32_t flow)
{
	return (uint32_t)((uint64_t)(flow * GOLDEN) * traffic->spec.dst_nets >> 32);
}
