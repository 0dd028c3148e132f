/* pktprint.c: bytes to packet text, and whether a packet's lengths and checksums are
 * right (pkttext.h). */
#include "tests/lib/pkttext.h"
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "common/net.h"
#include "tests/lib/pktlayer.h"

struct printer {
	char *buf;
	size_t size, used;
};

static size_t print_layer(
	struct printer *p, const struct pktlayer *layer, const uint8_t *data, size_t len);
static void print_fields(
	struct printer *p, const struct pktlayer *layer, const uint8_t *data);
static bool has_field(
	const struct pktlayer *layer, const struct pktfield *field, const uint8_t *data);
static void print_value(
	struct printer *p, const struct pktfield *field, const uint8_t *data);
static void print_flags(struct printer *p, uint8_t flags);
static size_t header_len(const struct pktlayer *layer, const uint8_t *data, size_t len);
static const struct pktlayer *inner_layer(
	const struct pktlayer *layer, const uint8_t *data);
static void print_rest(struct printer *p, const struct pktlayer *layer,
	const uint8_t *header, const uint8_t *data, size_t len);
static bool is_icmp_error(uint8_t type);
static void print_embedded(
	struct printer *p, uint32_t eth_type, const uint8_t *data, size_t len);
static void print_nd(struct printer *p, const uint8_t *data, size_t len);
static void print_payload(struct printer *p, const uint8_t *data, size_t len);
static void put(struct printer *p, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* ---- printing ---------------------------------------------------------------------- */

char *
pkttext_print(const uint8_t *data, size_t len, char *buf, size_t size)
{
	struct printer p = {.buf = buf, .size = size};
	const struct pktlayer *layer = pktlayer_named("eth");

	buf[0] = '\0';
	while (layer != NULL && header_len(layer, data, len) <= len) {
		const struct pktlayer *inner = inner_layer(layer, data);
		const size_t used = print_layer(&p, layer, data, len);

		if (inner == NULL) {
			print_rest(&p, layer, data, data + used, len - used);
			return buf;
		}
		data += used;
		len -= used;
		layer = inner;
	}
	print_payload(&p, data, len);
	return buf;
}

/* Prints a header that is whole; returns its length with options. */
static size_t
print_layer(
	struct printer *p, const struct pktlayer *layer, const uint8_t *data, size_t len)
{
	const size_t used = header_len(layer, data, len);
	const struct pktfield from = {
		.kind = layer->pair, .off = layer->pair_from, .size = 2};
	const struct pktfield to = {
		.kind = layer->pair, .off = layer->pair_to, .size = 2};

	put(p, "%s", layer->name);
	if (layer->pair != PKTFIELD_WORD) {
		print_value(p, &from, data);
		put(p, ">");
		print_value(p, &to, data);
	}
	print_fields(p, layer, data);
	if (used > layer->len) {
		put(p, "opts");
		put(p, "%s", "");
		for (size_t i = layer->len; i < used && p->used + 3 < p->size; i++)
			p->used += (size_t)snprintf(p->buf + p->used, 3, "%02x", data[i]);
	}
	return used;
}

static void
print_fields(struct printer *p, const struct pktlayer *layer, const uint8_t *data)
{
	const struct pktfield *kind =
		NULL; /* the word that told the kind: one is enough */

	for (const struct pktfield *field = layer->fields; field->name != NULL; field++) {
		if (!has_field(layer, field, data))
			continue;
		if (field->kind == PKTFIELD_WORD) {
			if (kind != NULL && kind->off == 0 && field->off == 0)
				continue;
			kind = field;
		}
		if (field->name[0] != '\0')
			put(p, "%s", field->name);
		if (field->kind != PKTFIELD_WORD)
			print_value(p, field, data);
	}
	if (kind == NULL && strncmp(layer->name, "icmp", 4) == 0)
		put(p, "type %u", data[0]);
}

static bool
has_field(const struct pktlayer *layer, const struct pktfield *field, const uint8_t *data)
{
	const uint8_t kind = data[layer->kind_off];

	if (field->computed || field->kind == PKTFIELD_OPTS)
		return false;
	if ((field->only[0] | field->only[1]) != 0 && kind != field->only[0] &&
		kind != field->only[1])
		return false;
	if (field->kind == PKTFIELD_WORD)
		return pktfield_get(field, data) == field->value &&
		       strncmp(field->name, "no-", 3) != 0;
	return field->kind != PKTFIELD_NUM || pktfield_get(field, data) != field->value;
}

static void
print_value(struct printer *p, const struct pktfield *field, const uint8_t *data)
{
	char text[NET_STRLEN];
	struct net_addr addr = {.family = field->kind == PKTFIELD_IP4 ? 4 : 6};
	struct net_mac mac;

	switch (field->kind) {
	case PKTFIELD_MAC:
		memcpy(mac.bytes, data + field->off, sizeof(mac.bytes));
		put(p, "%s", net_mac_print(&mac, text));
		return;
	case PKTFIELD_IP4:
	case PKTFIELD_IP6:
		memcpy(addr.bytes, data + field->off, pktfield_size(field));
		put(p, "%s", net_addr_print(&addr, text));
		return;
	case PKTFIELD_FLAGS:
		print_flags(p, data[field->off]);
		return;
	default:
		put(p, "%u", pktfield_get(field, data));
	}
}

static void
print_flags(struct printer *p, uint8_t flags)
{
	char text[9], *at = text;

	for (unsigned bit = 0; bit < 8; bit++)
		if ((flags & (1u << bit)) != 0)
			*at++ = pktlayer_tcp_flags[bit];
	*at = '\0';
	put(p, "%s", flags != 0 ? text : "none");
}

/* With options; more than len if the header is cut short or tells nonsense. */
static size_t
header_len(const struct pktlayer *layer, const uint8_t *data, size_t len)
{
	size_t told = layer->len;

	if (len < layer->len)
		return layer->len;
	if (strcmp(layer->name, "ip4") == 0)
		told = (size_t)(data[0] & 0x0f) * 4;
	else if (strcmp(layer->name, "tcp") == 0)
		told = (size_t)(data[12] >> 4) * 4;
	else if (layer->pair == PKTFIELD_WORD && layer->len == 8 &&
		 layer->next_size == 1 && strcmp(layer->name, "frag") != 0)
		told = (size_t)(data[1] + 1) * 8;
	return told < layer->len ? SIZE_MAX : told;
}

/* Null behind the last header: L4, ARP, a later fragment, or what is not known. */
static const struct pktlayer *
inner_layer(const struct pktlayer *layer, const uint8_t *data)
{
	const uint8_t *next = data + layer->next_off;

	if (strcmp(layer->name, "ip4") == 0 && ((data[6] & 0x1f) | data[7]) != 0)
		return NULL;
	if (strcmp(layer->name, "frag") == 0 && (data[2] | (data[3] & 0xf8)) != 0)
		return NULL;
	if (layer->next_size == 2)
		return pktlayer_of_eth_type((uint32_t)next[0] << 8 | next[1]);
	return layer->next_size == 1 ? pktlayer_of_proto(next[0]) : NULL;
}

/* What follows the innermost header: the packet in an ICMP error, ND's parts, the number
 * of an unknown layer. */
static void
print_rest(struct printer *p, const struct pktlayer *layer, const uint8_t *header,
	const uint8_t *data, size_t len)
{
	const bool icmp = strcmp(layer->name, "icmp") == 0;
	const bool icmp6 = strcmp(layer->name, "icmp6") == 0;

	if (layer->next_size == 2)
		put(p, "type 0x%04x",
			header[layer->next_off] << 8 | header[layer->next_off + 1]);
	else if (layer->next_size == 1)
		put(p, "%s %u", strcmp(layer->name, "ip4") == 0 ? "proto" : "next",
			header[layer->next_off]);
	if (len > 0 && ((icmp && is_icmp_error(header[0])) || (icmp6 && header[0] < 128)))
		print_embedded(p, icmp ? 0x0800 : 0x86dd, data, len);
	else if (icmp6 && (header[0] == 135 || header[0] == 136))
		print_nd(p, data, len);
	else
		print_payload(p, data, len);
}

static bool
is_icmp_error(uint8_t type)
{
	return type == 3 || type == 5 || type == 11 || type == 12;
}

/* Printed as if behind an Ethernet header, which is then cut away. */
static void
print_embedded(struct printer *p, uint32_t eth_type, const uint8_t *data, size_t len)
{
	static const char eth[] = "eth 00:00:00:00:00:00 > 00:00:00:00:00:00 ";
	uint8_t frame[14 + PKTTEXT_MAX] = {
		[12] = (uint8_t)(eth_type >> 8), [13] = (uint8_t)eth_type};
	char text[4096];

	len = len < PKTTEXT_MAX ? len : PKTTEXT_MAX;
	memcpy(frame + 14, data, len);
	pkttext_print(frame, 14 + len, text, sizeof(text));
	put(p, "[%s]", text + strlen(eth));
}

static void
print_nd(struct printer *p, const uint8_t *data, size_t len)
{
	if (len >= 16) {
		print_layer(p, pktlayer_named("target"), data, len);
		data += 16;
		len -= 16;
	}
	while (len >= 8 && data[1] == 1 && (data[0] == 1 || data[0] == 2)) {
		print_layer(p, pktlayer_named(data[0] == 1 ? "slla" : "tlla"), data, len);
		data += 8;
		len -= 8;
	}
	print_payload(p, data, len);
}

static void
print_payload(struct printer *p, const uint8_t *data, size_t len)
{
	bool text = len > 0;

	for (size_t i = 0; i < len; i++)
		text = text && isprint(data[i]) && data[i] != '"';
	if (text) {
		put(p, "\"%.*s\"", (int)len, (const char *)data);
		return;
	}
	for (size_t i = 0; i < len; i++) {
		if (i == 0)
			put(p, "hex ");
		if (p->used + 3 < p->size)
			p->used += (size_t)snprintf(p->buf + p->used, 3, "%02x", data[i]);
	}
}

/* Appends a word, with a blank between it and what is there. What does not fit is cut
 * off. */
static void
put(struct printer *p, const char *fmt, ...)
{
	va_list args;
	int n;

	if (p->used > 0 && p->used + 1 < p->size && p->buf[p->used - 1] != ' ') {
		p->buf[p->used++] = ' ';
		p->buf[p->used] = '\0';
	}
	va_start(args, fmt);
	n = vsnprintf(p->buf + p->used, p->size - p->used, fmt, args);
	va_end(args);
	if (n > 0)
		p->used +=
			(size_t)n < p->size - p->used ? (size_t)n : p->size - p->used - 1;
}

/* ---- soundness --------------------------------------------------------------------- */

static const char *ip4_fault(const uint8_t *ip, size_t len);
static const char *ip6_fault(const uint8_t *ip, size_t len);
static const char *l4_fault(
	const uint8_t *ip, uint8_t proto, const uint8_t *l4, size_t len);
static const char *embedded_fault(const uint8_t *l4, uint8_t proto, size_t len);
static uint32_t
be16(const uint8_t *at)
{
	return (uint32_t)at[0] << 8 | at[1];
}

const char *
pkttext_fault(const uint8_t *data, size_t len)
{
	size_t at = 12;

	while (at + 2 <= len && (be16(data + at) == 0x8100 || be16(data + at) == 0x88a8))
		at += 4;
	if (at + 2 > len)
		return "the Ethernet header is cut short";
	if (be16(data + at) == 0x0800)
		return ip4_fault(data + at + 2, len - at - 2);
	if (be16(data + at) == 0x86dd)
		return ip6_fault(data + at + 2, len - at - 2);
	return NULL;
}

static const char *
ip4_fault(const uint8_t *ip, size_t len)
{
	const size_t ihl = len >= 20 ? (size_t)(ip[0] & 0x0f) * 4 : 0;
	const size_t total = len >= 20 ? be16(ip + 2) : 0;

	if (ihl < 20 || total < ihl || total > len)
		return "the IPv4 header's lengths do not fit the packet";
	if (total != len && len > 46) /* up to which Ethernet pads */
		return "bytes behind the IPv4 packet";
	if (pktlayer_fold(pktlayer_sum(0, ip, ihl)) != 0)
		return "the IPv4 header checksum is wrong";
	if ((be16(ip + 6) & 0x3fff) != 0)
		return NULL; /* of a fragment, L4 cannot be judged */
	return l4_fault(ip, ip[9], ip + ihl, total - ihl);
}

static const char *
ip6_fault(const uint8_t *ip, size_t len)
{
	size_t at = 40, end;
	uint8_t next;

	if (len < 40)
		return "the IPv6 header is cut short";
	end = 40 + be16(ip + 4);
	next = ip[6];
	if (end > len || (end != len && len > 46))
		return "the IPv6 payload length does not fit the packet";
	while (at + 8 <= end && (next == 0 || next == 43 || next == 60)) {
		next = ip[at];
		at += (size_t)(ip[at + 1] + 1) * 8;
	}
	if (at > end)
		return "an IPv6 extension header does not fit the packet";
	return l4_fault(ip, next, ip + at, end - at);
}

static const char *
l4_fault(const uint8_t *ip, uint8_t proto, const uint8_t *l4, size_t len)
{
	if (proto == 17 && (len < 8 || be16(l4 + 4) != len))
		return "the UDP length does not fit the packet";
	if (proto == 17 && be16(l4 + 6) == 0)
		return (ip[0] >> 4) == 4 ? NULL : "UDP over IPv6 without a checksum";
	if (proto != 1 && proto != 6 && proto != 17 && proto != 58)
		return NULL;
	if (pktlayer_fold(pktlayer_l4_sum(ip, proto, l4, len)) != 0)
		return "the TCP, UDP or ICMP checksum is wrong";
	return proto == 1 || proto == 58 ? embedded_fault(l4, proto, len) : NULL;
}

/* The packet inside an ICMP error may be cut short; its IPv4 header must still be sound,
 * and its L4 checksum if it is there as a whole.
 */
static const char *
embedded_fault(const uint8_t *l4, uint8_t proto, size_t len)
{
	const uint8_t *ip = l4 + 8;
	size_t ihl;

	if (proto == 58 || len < 28 || (l4[0] != 3 && l4[0] != 11 && l4[0] != 12))
		return NULL;
	ihl = (size_t)(ip[0] & 0x0f) * 4;
	if (ihl < 20 || 8 + ihl > len || pktlayer_fold(pktlayer_sum(0, ip, ihl)) != 0)
		return "the IPv4 header inside the ICMP error is not sound";
	if (be16(ip + 2) != len - 8 || (be16(ip + 6) & 0x3fff) != 0 || ip[9] == 1)
		return NULL;
	return l4_fault(ip, ip[9], ip + ihl, len - 8 - ihl) != NULL
		       ? "the L4 checksum inside the ICMP error is wrong"
		       : NULL;
}
