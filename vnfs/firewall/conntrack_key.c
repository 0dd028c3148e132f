/* conntrack_key.c: which flow a packet is of; see conntrack.h. */
#include "vnfs/firewall/conntrack.h"

#include <endian.h>
#include <string.h>
#include "dataplane/pkt/hdr.h"

static bool flow_key(const struct pkt_info *packet, uint16_t zone, struct track *track,
	struct session_key6 *key);
static bool error_key(const uint8_t *frame, const struct pkt_info *packet, uint16_t zone,
	struct track *track, struct session_key6 *key);
static bool query_ports(const struct pkt_info *packet, struct track *track,
	uint16_t *sport, uint16_t *dport);
static bool is_error(const struct pkt_info *packet);
static bool is_after(
	const uint8_t *a, uint16_t a_port, const uint8_t *b, uint16_t b_port);

static inline bool
is_icmp(const struct pkt_info *packet)
{
	return packet->proto == (packet->family == 4 ? PKT_PROTO_ICMP : PKT_PROTO_ICMPV6);
}

uint16_t
conntrack_zone(const uint8_t *frame, const struct pkt_info *packet)
{
	uint16_t zone = 0;

	for (unsigned i = 0; i < packet->n_vlans; i++) {
		const uint8_t *tag = frame + PKT_ETH_LEN + 4 * i;

		zone = (uint16_t)(zone << 4 | zone >> 12) ^
		       (uint16_t)((tag[0] & 0x0f) << 8 | tag[1]);
	}
	return zone;
}

void
conntrack_key(const uint8_t *frame, const struct pkt_info *packet, struct track *track,
	struct session_key6 *key)
{
	uint16_t zone = conntrack_zone(frame, packet);

	*track = (struct track){.kind = TRACK_FLOW};
	if (is_icmp(packet) && is_error(packet)) {
		track->kind = TRACK_ERROR;
		if (error_key(frame, packet, zone, track, key))
			return;
	} else if (flow_key(packet, zone, track, key)) {
		return;
	}
	track->kind = TRACK_NONE;
	memset(key, 0, sizeof(*key));
}

/* False if it is of no flow. */
static bool
flow_key(const struct pkt_info *packet, uint16_t zone, struct track *track,
	struct session_key6 *key)
{
	uint16_t sport = packet->sport, dport = packet->dport;

	if (is_icmp(packet) && !query_ports(packet, track, &sport, &dport))
		return false;
	track->proto = packet->proto;
	track->swapped = is_after(packet->src, sport, packet->dst, dport);
	memcpy(key->src, track->swapped ? packet->dst : packet->src, sizeof(key->src));
	memcpy(key->dst, track->swapped ? packet->src : packet->dst, sizeof(key->dst));
	key->sport = track->swapped ? dport : sport;
	key->dport = track->swapped ? sport : dport;
	key->zone = zone;
	key->proto = packet->proto;
	key->kind = packet->family;
	return true;
}

/* The quoted packet must be one that the receiver of the error sent. */
static bool
error_key(const uint8_t *frame, const struct pkt_info *packet, uint16_t zone,
	struct track *track, struct session_key6 *key)
{
	uint32_t at = packet->l4 + PKT_ICMP_LEN;
	struct pkt_info quoted;

	if (packet->fragment || at > packet->end ||
		pkt_parse_embedded(
			frame + at, packet->end - at, packet->family, &quoted) != PKT_OK)
		return false;
	if (!quoted.first || memcmp(quoted.src, packet->dst, sizeof(quoted.src)) != 0)
		return false;
	return flow_key(&quoted, zone, track, key);
}

/* The identifier is the port of who asks, so that a query and its answer have one key,
 * and queries in both directions have two. */
static bool
query_ports(const struct pkt_info *packet, struct track *track, uint16_t *sport,
	uint16_t *dport)
{
	static const uint8_t queries4[] = {8, 13, 15, 17}, answers4[] = {0, 14, 16, 18};
	static const uint8_t queries6[] = {128}, answers6[] = {129};
	bool v4 = packet->family == 4;

	if (memchr(v4 ? queries4 : queries6, packet->icmp_type, v4 ? 4 : 1) != NULL) {
		*dport = 0;
		return true;
	}
	if (memchr(v4 ? answers4 : answers6, packet->icmp_type, v4 ? 4 : 1) == NULL)
		return false;
	track->answer = true;
	*sport = 0;
	return true;
}

/* Unreachable, time exceeded, parameter problem (RFC 792), packet too big (RFC 4443).
 * Redirects are not among them: nothing about a flow makes one believable. */
static bool
is_error(const struct pkt_info *packet)
{
	if (packet->family == 6)
		return packet->icmp_type >= 1 && packet->icmp_type <= 4;
	return packet->icmp_type == 3 || packet->icmp_type == 11 ||
	       packet->icmp_type == 12;
}

static bool
is_after(const uint8_t *a, uint16_t a_port, const uint8_t *b, uint16_t b_port)
{
	uint64_t x[2], y[2];

	memcpy(x, a, sizeof(x));
	memcpy(y, b, sizeof(y));
	if (x[0] != y[0])
		return be64toh(x[0]) > be64toh(y[0]);
	if (x[1] != y[1])
		return be64toh(x[1]) > be64toh(y[1]);
	return a_port > b_port;
}
