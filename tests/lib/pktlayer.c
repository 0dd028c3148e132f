/* pktlayer.c: see pktlayer.h. A new header is a row in `layers` and a table of its
 * fields. */
#include "tests/lib/pktlayer.h"
#include <string.h>

#define FIELD(name, off, size, mask, usual)                                              \
	{                                                                                \
		name, PKTFIELD_NUM, off, size, mask, usual, false, {0, 0}, false         \
	}
#define FIELD_OF(name, off, size, kind1, kind2)                                          \
	{                                                                                \
		name, PKTFIELD_NUM, off, size, 0, 0, false, {kind1, kind2}, false        \
	}
#define COMPUTED(name, off, size, mask)                                                  \
	{                                                                                \
		name, PKTFIELD_NUM, off, size, mask, 0, true, {0, 0}, false              \
	}
#define WORD(name, off, size, mask, value)                                               \
	{                                                                                \
		name, PKTFIELD_WORD, off, size, mask, value, false, {0, 0}, false        \
	}
#define WORD_OF(name, off, size, mask, value, kind)                                      \
	{                                                                                \
		name, PKTFIELD_WORD, off, size, mask, value, false, {kind, kind}, false  \
	}
#define ADDRESS(name, kind, off, message, sets)                                          \
	{                                                                                \
		name, kind, off, 0, 0, 0, false, {message, message}, sets                \
	}
#define OPTS                                                                             \
	{                                                                                \
		"opts", PKTFIELD_OPTS, 0, 0, 0, 0, false, {0, 0}, false                  \
	}

static const struct pktfield eth_fields[] = {
	COMPUTED("type", 12, 2, 0),
	{0},
};

static const struct pktfield vlan_fields[] = {
	FIELD("", 0, 2, 0x0fff, 0x10000),
	FIELD("prio", 0, 2, 0xe000, 0),
	COMPUTED("type", 2, 2, 0),
	{0},
};

static const struct pktfield arp_fields[] = {
	ADDRESS("who-has", PKTFIELD_IP4, 24, 1, true),
	ADDRESS("tell", PKTFIELD_IP4, 14, 1, true),
	ADDRESS("reply", PKTFIELD_IP4, 14, 2, true),
	ADDRESS("is-at", PKTFIELD_MAC, 8, 2, true),
	ADDRESS("to", PKTFIELD_IP4, 24, 2, true),
	COMPUTED("op", 6, 2, 0),
	ADDRESS("sender-mac", PKTFIELD_MAC, 8, 1, false),
	ADDRESS("target-mac", PKTFIELD_MAC, 18, 0, false),
	{0},
};

static const struct pktfield ip4_fields[] = {
	FIELD("ttl", 8, 1, 0, 0x100),
	FIELD("tos", 1, 1, 0, 0),
	FIELD("id", 4, 2, 0, 0),
	WORD("df", 6, 2, 0x4000, 1),
	WORD("no-df", 6, 2, 0x4000, 0),
	WORD("mf", 6, 2, 0x2000, 1),
	WORD("no-mf", 6, 2, 0x2000, 0),
	FIELD("off", 6, 2, 0x1fff, 0),
	COMPUTED("proto", 9, 1, 0),
	COMPUTED("len", 2, 2, 0),
	COMPUTED("csum", 10, 2, 0),
	COMPUTED("ihl", 0, 1, 0x0f),
	OPTS,
	{0},
};

static const struct pktfield ip6_fields[] = {
	FIELD("hlim", 7, 1, 0, 0x100),
	FIELD("tc", 0, 4, 0x0ff00000, 0),
	FIELD("flow", 0, 4, 0x000fffff, 0),
	COMPUTED("next", 6, 1, 0),
	COMPUTED("len", 4, 2, 0),
	{0},
};

static const struct pktfield opts6_fields[] = {
	COMPUTED("next", 0, 1, 0),
	{0},
};

static const struct pktfield routing_fields[] = {
	FIELD("type", 2, 1, 0, 0x100),
	FIELD("left", 3, 1, 0, 0),
	COMPUTED("next", 0, 1, 0),
	{0},
};

static const struct pktfield frag_fields[] = {
	FIELD("off", 2, 2, 0xfff8, 0x10000),
	WORD("mf", 2, 2, 0x0001, 1),
	WORD("no-mf", 2, 2, 0x0001, 0),
	FIELD("id", 4, 4, 0, 0),
	COMPUTED("next", 0, 1, 0),
	{0},
};

static const struct pktfield udp_fields[] = {
	COMPUTED("len", 4, 2, 0),
	COMPUTED("csum", 6, 2, 0),
	{0},
};

static const struct pktfield sctp_fields[] = {
	FIELD("tag", 4, 4, 0, 0),
	FIELD("csum", 8, 4, 0, 0),
	{0},
};

static const struct pktfield tcp_fields[] = {
	{"flags", PKTFIELD_FLAGS, 13, 1, 0, 0x100, false, {0, 0}, false},
	FIELD("seq", 4, 4, 0, 0),
	FIELD("ack", 8, 4, 0, 0),
	FIELD("win", 14, 2, 0, 0xffff),
	FIELD("urgent", 18, 2, 0, 0),
	COMPUTED("csum", 16, 2, 0),
	COMPUTED("off", 12, 1, 0xf0),
	OPTS,
	{0},
};

static const struct pktfield icmp_fields[] = {
	WORD("echo", 0, 1, 0, 8),
	WORD("reply", 0, 1, 0, 0),
	WORD("unreachable", 0, 1, 0, 3),
	WORD("redirect", 0, 1, 0, 5),
	WORD("time-exceeded", 0, 1, 0, 11),
	WORD("param-problem", 0, 1, 0, 12),
	COMPUTED("type", 0, 1, 0),
	FIELD("code", 1, 1, 0, 0),
	COMPUTED("csum", 2, 2, 0),
	ADDRESS("gateway", PKTFIELD_IP4, 4, 5, false),
	FIELD_OF("pointer", 4, 1, 12, 12),
	FIELD_OF("id", 4, 2, 8, 0),
	FIELD_OF("seq", 6, 2, 8, 0),
	FIELD_OF("mtu", 6, 2, 3, 3),
	{0},
};

static const struct pktfield icmp6_fields[] = {
	WORD("echo", 0, 1, 0, 128),
	WORD("reply", 0, 1, 0, 129),
	WORD("unreachable", 0, 1, 0, 1),
	WORD("too-big", 0, 1, 0, 2),
	WORD("time-exceeded", 0, 1, 0, 3),
	WORD("param-problem", 0, 1, 0, 4),
	WORD("rs", 0, 1, 0, 133),
	WORD("ra", 0, 1, 0, 134),
	WORD("ns", 0, 1, 0, 135),
	WORD("na", 0, 1, 0, 136),
	COMPUTED("type", 0, 1, 0),
	FIELD("code", 1, 1, 0, 0),
	COMPUTED("csum", 2, 2, 0),
	WORD_OF("router", 4, 4, 0x80000000, 1, 136),
	WORD_OF("solicited", 4, 4, 0x40000000, 1, 136),
	WORD_OF("override", 4, 4, 0x20000000, 1, 136),
	FIELD_OF("mtu", 4, 4, 2, 2),
	FIELD_OF("pointer", 4, 4, 4, 4),
	FIELD_OF("id", 4, 2, 128, 129),
	FIELD_OF("seq", 6, 2, 128, 129),
	{0},
};

static const struct pktfield target_fields[] = {
	ADDRESS("", PKTFIELD_IP6, 0, 0, false),
	{0},
};

static const struct pktfield lla_fields[] = {
	ADDRESS("", PKTFIELD_MAC, 2, 0, false),
	{0},
};

#define NO_PAIR PKTFIELD_WORD, 0, 0
#define PORTS	PKTFIELD_NUM, 0, 2

static const struct pktlayer layers[] = {
	{"eth", 14, PKTFIELD_MAC, 6, 0, -1, -1, 12, 2, 0, eth_fields, {0}, {0}},
	{"vlan", 4, NO_PAIR, 0x8100, -1, 2, 2, 0, vlan_fields, {0}, {0}},
	{"arp", 28, NO_PAIR, 0x0806, -1, 0, 0, 7, arp_fields, {0, 1, 8, 0, 6, 4, 0, 1},
		{255, 255, 255, 255, 255, 255}},
	{"ip4", 20, PKTFIELD_IP4, 12, 16, 0x0800, 4, 9, 1, 0, ip4_fields,
		{0x45, [8] = 64}, {0xff}},
	{"ip6", 40, PKTFIELD_IP6, 8, 24, 0x86dd, 41, 6, 1, 0, ip6_fields,
		{0x60, [7] = 64}, {0xf0}},
	{"hopopts", 8, NO_PAIR, -1, 0, 0, 1, 0, opts6_fields, {0, 0, 1, 4}, {0, 255}},
	{"dstopts", 8, NO_PAIR, -1, 60, 0, 1, 0, opts6_fields, {0, 0, 1, 4}, {0, 255}},
	{"routing", 8, NO_PAIR, -1, 43, 0, 1, 0, routing_fields, {0}, {0, 255}},
	{"frag", 8, NO_PAIR, -1, 44, 0, 1, 0, frag_fields, {0}, {0}},
	{"udp", 8, PORTS, -1, 17, 0, 0, 0, udp_fields, {0}, {0}},
	{"sctp", 12, PORTS, -1, 132, 0, 0, 0, sctp_fields, {0}, {0}},
	{"tcp", 20, PORTS, -1, 6, 0, 0, 0, tcp_fields,
		{[12] = 0x50, [13] = 0x10, [14] = 255, [15] = 255}, {[12] = 0xf0}},
	{"icmp", 8, NO_PAIR, -1, 1, 0, 0, 0, icmp_fields, {8}, {0}},
	{"icmp6", 8, NO_PAIR, -1, 58, 0, 0, 0, icmp6_fields, {128}, {0}},
	{"target", 16, NO_PAIR, -1, -1, 0, 0, 0, target_fields, {0}, {0}},
	{"slla", 8, NO_PAIR, -1, -1, 0, 0, 0, lla_fields, {1, 1}, {255, 255}},
	{"tlla", 8, NO_PAIR, -1, -1, 0, 0, 0, lla_fields, {2, 1}, {255, 255}},
};

#define N_LAYERS (sizeof(layers) / sizeof(layers[0]))

const char pktlayer_tcp_flags[] = "FSRPAUEC";

const struct pktlayer *
pktlayer_named(const char *name)
{
	for (size_t i = 0; i < N_LAYERS; i++)
		if (strcmp(layers[i].name, name) == 0)
			return &layers[i];
	return NULL;
}

const struct pktlayer *
pktlayer_of_eth_type(uint32_t eth_type)
{
	for (size_t i = 0; i < N_LAYERS; i++)
		if (layers[i].eth_type == (int)eth_type)
			return &layers[i];
	return NULL;
}

const struct pktlayer *
pktlayer_of_proto(uint32_t proto)
{
	for (size_t i = 0; i < N_LAYERS; i++)
		if (layers[i].proto == (int)proto)
			return &layers[i];
	return NULL;
}

size_t
pktfield_size(const struct pktfield *field)
{
	switch (field->kind) {
	case PKTFIELD_MAC:
		return 6;
	case PKTFIELD_IP4:
		return 4;
	case PKTFIELD_IP6:
		return 16;
	default:
		return field->size;
	}
}

static uint32_t
whole(const struct pktfield *field)
{
	return field->mask != 0	 ? field->mask
	       : field->size < 4 ? (1u << (8 * field->size)) - 1
				 : UINT32_MAX;
}

static uint32_t
load(const uint8_t *at, size_t size)
{
	uint32_t value = 0;

	for (size_t i = 0; i < size; i++)
		value = value << 8 | at[i];
	return value;
}

uint32_t
pktfield_get(const struct pktfield *field, const uint8_t *header)
{
	const uint32_t mask = whole(field);

	return (load(header + field->off, field->size) & mask) >> __builtin_ctz(mask);
}

void
pktfield_set(const struct pktfield *field, uint8_t *header, uint32_t value)
{
	const uint32_t mask = whole(field);
	uint32_t all = load(header + field->off, field->size);

	all = (all & ~mask) | ((value << __builtin_ctz(mask)) & mask);
	for (size_t i = field->size; i-- > 0; all >>= 8)
		header[field->off + i] = (uint8_t)all;
}

uint32_t
pktlayer_sum(uint32_t sum, const uint8_t *data, size_t len)
{
	for (size_t i = 0; i < len; i++)
		sum += (uint32_t)data[i] << (i % 2 == 0 ? 8 : 0);
	return sum;
}

uint16_t
pktlayer_fold(uint32_t sum)
{
	while (sum > 0xffff)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

uint32_t
pktlayer_l4_sum(const uint8_t *ip, uint8_t proto, const uint8_t *l4, size_t len)
{
	const bool v6 = (ip[0] >> 4) == 6;
	uint32_t sum = proto == 1 ? 0
				  : pktlayer_sum(0, ip + (v6 ? 8 : 12), v6 ? 32 : 8) +
					    proto + (uint32_t)len;

	return pktlayer_sum(sum, l4, len);
}
