/* packet.c: see packet.h. */
#include "tests/malformed/packet.h"
#include <string.h>
#include <arpa/inet.h>
#include "dataplane/pkt/csum.h"
#include "dataplane/pkt/hdr.h"
#include "dataplane/pkt/parse.h"

#define ROOM 1980u /* bytes of a frame, at most */

static const uint16_t ports[] = {53, 80, 443, 1000, 1001, 5000, 5001, 5015, 8000, 33434};

/* Offset of the IP header behind any VLAN tags; 0: no IP. *family: 4, 6. */
static uint32_t
find_ip(const struct harness_frame *frame, unsigned *family)
{
	uint32_t at = 12;

	while (at + 4 < frame->len &&
		(memcmp(frame->data + at, "\x81\x00", 2) == 0 ||
			memcmp(frame->data + at, "\x88\xa8", 2) == 0))
		at += 4;
	if (at + 2 > frame->len)
		return 0;
	*family = memcmp(frame->data + at, "\x08\x00", 2) == 0	 ? 4
		  : memcmp(frame->data + at, "\x86\xdd", 2) == 0 ? 6
								 : 0;
	at += 2;
	return *family != 0 && at + (*family == 4 ? 20 : 40) <= frame->len ? at : 0;
}

static uint16_t
get16(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
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

static void
put32(uint8_t *at, uint32_t value)
{
	put16(at, value >> 16);
	put16(at + 2, value);
}

static void
set_vnf_mac(struct harness_frame *frame, unsigned cp)
{
	memcpy(frame->data, (uint8_t[]){2, 0, 0, 0, 0xff, (uint8_t)cp}, 6);
}

void
packet_mend(struct harness_frame *frame, bool l4)
{
	struct pkt_info info;
	unsigned family;
	const uint32_t at = find_ip(frame, &family);

	if (at == 0)
		return;
	if (family == 4 && at + (frame->data[at] & 15) * 4u <= frame->len)
		csum_ip4_set(frame->data + at);
	if (l4 && pkt_parse(frame->data, frame->len, &info) == PKT_OK &&
		info.family != 0 && !info.fragment)
		csum_l4_set(frame->data, &info);
}

/* ---- addresses ---- */

/* One of the list that is of the family, if there is one. */
static void
pick(const char *const list[STAGE_ADDRESSES], unsigned family, struct random *random,
	uint8_t *out)
{
	const int af = family == 4 ? AF_INET : AF_INET6;
	uint8_t address[16];
	unsigned n = 0;

	for (unsigned i = 0; i < STAGE_ADDRESSES && list[i] != NULL; i++)
		if (inet_pton(af, list[i], address) == 1 && random_one_in(random, ++n))
			memcpy(out, address, family == 4 ? 4 : 16);
}

void
packet_address(struct harness_frame *frame, unsigned cp, const struct stage_side *side,
	struct random *random)
{
	struct pkt_info info;
	unsigned family;
	const uint32_t at = find_ip(frame, &family);
	const uint32_t src = at + (family == 4 ? 12 : 8);
	const unsigned size = family == 4 ? 4 : 16;
	uint8_t *const data = frame->data;

	if (at == 0)
		return;
	set_vnf_mac(frame, cp);
	pick(side->src, family, random, data + src);
	pick(side->dst, family, random, data + src + size);
	if (data[at] >> 4 == 4 && data[at + 8] < 2 && !random_one_in(random, 8))
		data[at + 8] = 64;
	if (pkt_parse(data, frame->len, &info) == PKT_OK && info.first &&
		(info.proto == PKT_PROTO_TCP || info.proto == PKT_PROTO_UDP)) {
		put16(data + info.l4, ports[random_below(random, RTE_DIM(ports))]);
		put16(data + info.l4 + 2, ports[random_below(random, RTE_DIM(ports))]);
	}
	packet_mend(frame, true);
}

/* ---- answers ---- */

static void
exchange(uint8_t *a, uint8_t *b, size_t size)
{
	uint8_t tmp[16];

	memcpy(tmp, a, size);
	memcpy(a, b, size);
	memcpy(b, tmp, size);
}

/* The next segment of the other side. */
static void
answer_tcp(uint8_t *tcp, struct random *random)
{
	const uint32_t seq = get32(tcp + 4), ack = get32(tcp + 8);
	const bool syn = (tcp[13] & PKT_TCP_SYN) != 0;
	const bool fin = (tcp[13] & PKT_TCP_FIN) != 0;

	put32(tcp + 4, syn && ack == 0 ? 0x1000 : ack);
	put32(tcp + 8, seq + (syn || fin ? 1 : 0));
	tcp[13] = syn && ack == 0	      ? PKT_TCP_SYN | PKT_TCP_ACK
		  : random_one_in(random, 16) ? PKT_TCP_RST
		  : random_one_in(random, 8)  ? PKT_TCP_FIN | PKT_TCP_ACK
					      : PKT_TCP_ACK;
}

void
packet_answer(struct harness_frame *frame, struct random *random)
{
	struct pkt_info info;
	uint8_t *const data = frame->data;
	const enum pkt_fault fault = pkt_parse(data, frame->len, &info);

	exchange(data, data + 6, 6);
	if (fault != PKT_OK || info.family == 0)
		return;
	if (info.family == 4)
		exchange(data + info.l3 + 12, data + info.l3 + 16, 4);
	else
		exchange(data + info.l3 + 8, data + info.l3 + 24, 16);
	if (info.fragment)
		return;
	if (info.proto == PKT_PROTO_TCP || info.proto == PKT_PROTO_UDP)
		exchange(data + info.l4, data + info.l4 + 2, 2);
	if (info.proto == PKT_PROTO_TCP)
		answer_tcp(data + info.l4, random);
	if (info.proto == PKT_PROTO_ICMP && info.icmp_type == 8)
		data[info.l4] = 0;
	if (info.proto == PKT_PROTO_ICMPV6 && info.icmp_type == 128)
		data[info.l4] = 129;
	packet_mend(frame, true);
}

bool
packet_error(struct harness_frame *frame, struct random *random)
{
	static const uint8_t kinds4[][2] = {{3, 0}, {3, 1}, {3, 3}, {3, 4}, {3, 13},
		{4, 0}, {5, 1}, {11, 0}, {12, 0}};
	static const uint8_t kinds6[][2] = {
		{1, 0}, {1, 3}, {1, 4}, {2, 0}, {3, 0}, {4, 1}, {137, 0}};
	struct harness_frame error;
	unsigned family;
	const uint32_t at = find_ip(frame, &family);
	const uint32_t ip = family == 4 ? 20 : 40;

	if (at == 0)
		return false;
	const uint32_t quoted = RTE_MIN(frame->len - at,
		random_one_in(random, 3) ? ip + 8 : random_below(random, 1232) + 1);

	memcpy(error.data, frame->data, at);
	exchange(error.data, error.data + 6, 6);
	uint8_t *const out = error.data + at;

	memset(out, 0, ip + 8);
	if (family == 4) {
		memcpy(out, "\x45\xc0", 2);
		put16(out + 2, ip + 8 + quoted);
		out[8] = 64;
		out[9] = PKT_PROTO_ICMP;
		memcpy(out + 12, frame->data + at + 16, 4);
		memcpy(out + 16, frame->data + at + 12, 4);
		memcpy(out + ip, kinds4[random_below(random, RTE_DIM(kinds4))], 2);
	} else {
		out[0] = 0x60;
		put16(out + 4, 8 + quoted);
		out[6] = PKT_PROTO_ICMPV6;
		out[7] = 64;
		memcpy(out + 8, frame->data + at + 24, 16);
		memcpy(out + 24, frame->data + at + 8, 16);
		memcpy(out + ip, kinds6[random_below(random, RTE_DIM(kinds6))], 2);
	}
	put16(out + ip + 6, 1000 + random_below(random, 600));
	memcpy(out + ip + 8, frame->data + at, quoted);
	error.len = at + ip + 8 + quoted;
	packet_mend(&error, true);
	memcpy(frame->data, error.data, error.len);
	frame->len = error.len;
	return true;
}

bool
packet_neighbour(struct harness_frame *frame)
{
	uint8_t *const data = frame->data;
	uint8_t target[16];

	if (frame->len >= 42 && get16(data + 12) == PKT_ETH_ARP &&
		get16(data + 20) == 1) {
		memcpy(target, data + 38, 4);
		memcpy(data, data + 6, 6);
		memcpy(data + 6, (uint8_t[]){2, 0, 0, 0, 0, target[3]}, 6);
		put16(data + 20, 2);
		memcpy(data + 32, data + 22, 10); /* who asked */
		memcpy(data + 22, data + 6, 6);
		memcpy(data + 28, target, 4);
		return true;
	}
	if (frame->len < 78 || get16(data + 12) != PKT_ETH_IPV6 || data[20] != 58 ||
		data[54] != 135)
		return false;
	memcpy(target, data + 62, 16);
	memcpy(data, data + 6, 6);
	memcpy(data + 6, (uint8_t[]){2, 0, 0, 0, 0, target[15]}, 6);
	memcpy(data + 38, data + 22, 16);
	memcpy(data + 22, target, 16);
	data[54] = 136;
	put32(data + 58, 0x60000000);
	put16(data + 18, 32);
	data[78] = 2;
	data[79] = 1;
	memcpy(data + 80, data + 6, 6);
	frame->len = 86;
	packet_mend(frame, true);
	return true;
}

/* ---- fragments ---- */

struct piece {
	uint32_t off, len;
	bool more;
};

static uint32_t
write_piece4(const struct harness_frame *frame, uint32_t at, uint32_t head,
	struct piece piece, struct harness_frame *out)
{
	memcpy(out->data, frame->data, at + head);
	memcpy(out->data + at + head, frame->data + at + head + piece.off, piece.len);
	put16(out->data + at + 2, head + piece.len);
	put16(out->data + at + 6, (piece.more ? PKT_IP4_MF : 0) | piece.off / 8);
	csum_ip4_set(out->data + at);
	return at + head + piece.len;
}

static uint32_t
write_piece6(const struct harness_frame *frame, uint32_t at, struct piece piece,
	uint32_t id, struct harness_frame *out)
{
	uint8_t *const frag = out->data + at + 40;

	memcpy(out->data, frame->data, at + 40);
	frag[0] = out->data[at + 6];
	out->data[at + 6] = PKT_PROTO_FRAG;
	frag[1] = 0;
	put16(frag + 2, piece.off | (piece.more ? 1 : 0));
	put32(frag + 4, id);
	memcpy(frag + 8, frame->data + at + 40 + piece.off, piece.len);
	put16(out->data + at + 4, 8 + piece.len);
	return at + 48 + piece.len;
}

unsigned
packet_fragments(const struct harness_frame *frame, struct harness_frame *out, unsigned n,
	struct random *random)
{
	unsigned family, made = 0;
	const uint32_t at = find_ip(frame, &family);
	const uint32_t head = at == 0	    ? 0
			      : family == 4 ? (frame->data[at] & 15) * 4u
					    : 40u;
	const uint32_t id = random_below(random, 64);

	if (at == 0 || head < 20 || frame->len < at + head + 16 || frame->len > ROOM - 8)
		return 0;
	const uint32_t rest = frame->len - at - head;
	const uint32_t step =
		RTE_MAX(8u, rest / RTE_MAX(2u, random_below(random, n)) & ~7u);

	for (uint32_t off = 0; off < rest && made < n; off += step) {
		struct piece piece = {.off = off, .len = RTE_MIN(step, rest - off)};

		piece.more = off + piece.len < rest;
		if (random_one_in(random, 40) && off >= 8)
			piece.off -= 8;
		out[made].len = family == 4
					? write_piece4(frame, at, head, piece, &out[made])
					: write_piece6(frame, at, piece, id, &out[made]);
		made++;
	}
	for (unsigned i = 0; i + 1 < made && !random_one_in(random, 2); i++) {
		const unsigned k = i + random_below(random, made - i);
		const struct harness_frame kept = out[i];

		out[i] = out[k];
		out[k] = kept;
	}
	return made;
}

/* ---- mutations ---- */

static void
spoil_bytes(struct harness_frame *frame, struct random *random)
{
	const uint32_t reach =
		random_one_in(random, 3) ? frame->len : RTE_MIN(frame->len, 100u);

	for (unsigned n = 1 + random_below(random, 4); n > 0 && reach > 0; n--) {
		uint8_t *byte = &frame->data[random_below(random, reach)];

		*byte = random_one_in(random, 2)
				? (uint8_t)random32(random)
				: *byte ^ (uint8_t)(1u << random_below(random, 8));
	}
}

static void
spoil_length(struct harness_frame *frame, struct random *random)
{
	if (random_one_in(random, 2)) {
		frame->len = random_below(random, frame->len + 1);
		return;
	}
	for (unsigned n = random_below(random, 64); n > 0 && frame->len < ROOM; n--)
		frame->data[frame->len++] = (uint8_t)random32(random);
}

static uint32_t
odd_length(uint32_t was, struct random *random)
{
	const uint32_t odd[] = {0, 1, 7, 8, 19, 20, 39, 40, was - 1, was + 1, was - 8,
		was + 8, 0x7fff, 0xffff, random32(random)};

	return odd[random_below(random, RTE_DIM(odd))];
}

static void
spoil_field(struct harness_frame *frame, struct random *random)
{
	struct pkt_info info = {0};
	unsigned family;
	const uint32_t at = find_ip(frame, &family);
	uint8_t *const data = frame->data;

	if (at == 0)
		return;
	pkt_parse(data, frame->len, &info);
	switch (random_below(random, 5)) {
	case 0:
		put16(data + at + (family == 4 ? 2 : 4),
			odd_length(get16(data + at + (family == 4 ? 2 : 4)), random));
		break;
	case 1:
		data[at] = (uint8_t)random32(random);
		break;
	case 2:
		if (info.l4 + 6u <= frame->len) /* UDP length, or half of a sequence */
			put16(data + info.l4 + 4,
				odd_length(get16(data + info.l4 + 4), random));
		break;
	case 3:
		if (info.l4 + 14u <= frame->len) /* TCP data offset, flags */
			put16(data + info.l4 + 12, random32(random));
		break;
	default:
		data[at + (family == 4 ? 9 : 6)] = (uint8_t)random_below(random, 140);
		break;
	}
}

static bool
insert(struct harness_frame *frame, uint32_t at, uint32_t size)
{
	if (frame->len + size > ROOM || at > frame->len)
		return false;
	memmove(frame->data + at + size, frame->data + at, frame->len - at);
	memset(frame->data + at, 0, size);
	frame->len += size;
	return true;
}

static void
spoil_options4(struct harness_frame *frame, uint32_t at, struct random *random)
{
	static const uint8_t kinds[] = {0, 1, 7, 68, 131, 137, 148, 130, 205};
	uint8_t *const data = frame->data;
	const uint32_t size = 4 * (1 + random_below(random, 10));

	if (data[at] != 0x45 || !insert(frame, at + 20, size))
		return;
	data[at] = (uint8_t)(0x45 + size / 4);
	put16(data + at + 2, get16(data + at + 2) + size);
	for (uint32_t i = 0; i + 2 < size; i += 3) {
		data[at + 20 + i] = kinds[random_below(random, RTE_DIM(kinds))];
		data[at + 21 + i] = (uint8_t)random_below(random, size + 4);
	}
}

static void
spoil_headers6(struct harness_frame *frame, uint32_t at, struct random *random)
{
	static const uint8_t kinds[] = {0, 43, 44, 50, 51, 59, 60, 135, 139};
	uint8_t *const data = frame->data;

	for (unsigned n = 1 + random_below(random, 10); n > 0; n--) {
		const uint32_t size = 8 * (1 + random_below(random, 3));

		if (!insert(frame, at + 40, size))
			return;
		data[at + 40] = data[at + 6];
		data[at + 41] = (uint8_t)(random_one_in(random, 8) ? random32(random)
								   : size / 8 - 1);
		if (random_one_in(random, 2))
			put32(data + at + 42, random32(random));
		data[at + 6] = kinds[random_below(random, RTE_DIM(kinds))];
		put16(data + at + 4, get16(data + at + 4) + size);
	}
}

static void
spoil_headers(struct harness_frame *frame, struct random *random)
{
	unsigned family = 0;
	const uint32_t at = find_ip(frame, &family);

	if (at == 0 || random_one_in(random, 6)) {
		for (unsigned n = 1 + random_below(random, 3); n > 0; n--)
			if (frame->len >= 14 && insert(frame, 12, 4))
				put32(frame->data + 12,
					0x81000000u | random_below(random, 0x10000));
		return;
	}
	if (family == 4)
		spoil_options4(frame, at, random);
	else
		spoil_headers6(frame, at, random);
}

static void
spoil_fragment(struct harness_frame *frame, struct random *random)
{
	unsigned family;
	const uint32_t at = find_ip(frame, &family);
	const uint32_t off =
		random_one_in(random, 3) ? random32(random) : random_below(random, 4);

	if (at == 0)
		return;
	if (family == 4) {
		put16(frame->data + at + 4, random_below(random, 16));
		put16(frame->data + at + 6,
			(random32(random) & PKT_IP4_MF) | (off & 0x1fff));
		return;
	}
	if (!insert(frame, at + 40, 8))
		return;
	frame->data[at + 40] = frame->data[at + 6];
	frame->data[at + 6] = PKT_PROTO_FRAG;
	put16(frame->data + at + 42, off << 3 | random_below(random, 2));
	put32(frame->data + at + 44, random_below(random, 16));
	put16(frame->data + at + 4, get16(frame->data + at + 4) + 8u);
}

static void
spoil_splice(struct harness_frame *frame, const struct harness_frame *other,
	struct random *random)
{
	const uint32_t cut = random_below(random, RTE_MIN(frame->len, other->len) + 1);

	memcpy(frame->data + cut, other->data + cut, other->len - cut);
	frame->len = other->len;
}

void
packet_spoil(struct harness_frame *frame, const struct harness_frame *other,
	struct random *random)
{
	switch (random_below(random, 6)) {
	case 0:
		spoil_bytes(frame, random);
		break;
	case 1:
		spoil_length(frame, random);
		break;
	case 2:
		spoil_field(frame, random);
		break;
	case 3:
		spoil_headers(frame, random);
		break;
	case 4:
		spoil_fragment(frame, random);
		break;
	default:
		spoil_splice(frame, other, random);
		break;
	}
}
