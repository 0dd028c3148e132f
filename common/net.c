/* net.c: addresses as values. */
#include "common/net.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool parse_v4(const char *text, uint8_t bytes[4]);
static int parse_number(const char *text, unsigned max, unsigned *out);
static int split(const char *text, char sep, char left[NET_STRLEN], const char **right);
static void mask(const struct net_addr *addr, unsigned len, struct net_addr *out);

static unsigned
addr_bits(const struct net_addr *addr)
{
	return addr->family == 6 ? 128 : 32;
}

int
net_addr_parse(const char *text, struct net_addr *out)
{
	struct net_addr addr = {.family = 4};
	if (!parse_v4(text, addr.bytes)) {
		addr.family = 6;
		if (inet_pton(AF_INET6, text, addr.bytes) != 1)
			return -EINVAL;
	}
	*out = addr;
	return 0;
}

/* Four numbers as inet_pton() takes them: up to 255, no zero before another digit. */
static bool
parse_v4(const char *text, uint8_t bytes[4])
{
	for (unsigned i = 0; i < 4; i++) {
		const char *first = text;
		unsigned value = 0;
		for (; *text >= '0' && *text <= '9' && text - first < 3; text++)
			value = value * 10 + (unsigned)(*text - '0');
		if (text == first || value > UINT8_MAX ||
			(*first == '0' && text > first + 1) ||
			*text != (i < 3 ? '.' : '\0'))
			return false;
		bytes[i] = (uint8_t)value;
		text++;
	}
	return true;
}

int
net_prefix_parse(const char *text, struct net_prefix *out)
{
	char left[NET_STRLEN];
	const char *right;
	struct net_prefix prefix;
	unsigned len;
	if (split(text, '/', left, &right) || net_addr_parse(left, &prefix.addr))
		return -EINVAL;
	len = addr_bits(&prefix.addr);
	if (right && parse_number(right, len, &len))
		return -EINVAL;
	prefix.len = len;
	*out = prefix;
	return 0;
}

int
net_range_parse(const char *text, struct net_range *out)
{
	char left[NET_STRLEN];
	const char *right;
	struct net_range range;
	if (split(text, '-', left, &right) || net_addr_parse(left, &range.first) ||
		net_addr_parse(right ? right : left, &range.last))
		return -EINVAL;
	if (range.first.family != range.last.family ||
		net_addr_cmp(&range.first, &range.last) > 0)
		return -EINVAL;
	*out = range;
	return 0;
}

int
net_ports_parse(const char *text, struct net_ports *out)
{
	char left[NET_STRLEN];
	const char *right;
	unsigned first, last;
	if (split(text, '-', left, &right) || parse_number(left, UINT16_MAX, &first) ||
		parse_number(right ? right : left, UINT16_MAX, &last) || first > last)
		return -EINVAL;
	*out = (struct net_ports){first, last};
	return 0;
}

int
net_mac_parse(const char *text, struct net_mac *out)
{
	static const char form[] = "hh:hh:hh:hh:hh:hh";
	struct net_mac mac;
	if (strlen(text) != sizeof(form) - 1)
		return -EINVAL;
	for (size_t i = 0; i < sizeof(form) - 1; i++)
		if (form[i] == ':' ? text[i] != ':'
				   : !strchr("0123456789abcdefABCDEF", text[i]))
			return -EINVAL;
	for (size_t i = 0; i < sizeof(mac.bytes); i++)
		mac.bytes[i] = strtoul(text + 3 * i, NULL, 16);
	*out = mac;
	return 0;
}

int
net_endpoint_parse(const char *text, struct net_endpoint *out)
{
	struct net_endpoint endpoint;
	char host[NET_STRLEN];
	unsigned port;
	const char *colon = strrchr(text, ':');
	const bool bracketed = *text == '[';
	if (!colon || (bracketed && (colon == text || colon[-1] != ']')))
		return -EINVAL;
	const size_t len = colon - text - 2 * bracketed;
	if (len >= sizeof(host) || parse_number(colon + 1, UINT16_MAX, &port))
		return -EINVAL;
	memcpy(host, text + bracketed, len);
	host[len] = '\0';
	if (net_addr_parse(host, &endpoint.addr) ||
		(endpoint.addr.family == 6) != bracketed)
		return -EINVAL;
	endpoint.port = port;
	*out = endpoint;
	return 0;
}

/* "left" or "left SEP right"; right is null without the separator. */
static int
split(const char *text, char sep, char left[NET_STRLEN], const char **right)
{
	const char *at = strchr(text, sep);
	const size_t len = at ? (size_t)(at - text) : strlen(text);
	if (len >= NET_STRLEN)
		return -EINVAL;
	memcpy(left, text, len);
	left[len] = '\0';
	*right = at ? at + 1 : NULL;
	return 0;
}

/* Decimal digits only, no sign, no space. */
static int
parse_number(const char *text, unsigned max, unsigned *out)
{
	unsigned value = 0, len = 0;
	for (; text[len] >= '0' && text[len] <= '9' && len <= 5; len++)
		value = value * 10 + (unsigned)(text[len] - '0');
	if (len == 0 || len > 5 || text[len] || value > max)
		return -EINVAL;
	*out = value;
	return 0;
}

char *
net_addr_print(const struct net_addr *addr, char *buf)
{
	*buf = '\0';
	if (addr->family)
		inet_ntop(addr->family == 6 ? AF_INET6 : AF_INET, addr->bytes, buf,
			NET_STRLEN);
	return buf;
}

char *
net_prefix_print(const struct net_prefix *prefix, char *buf)
{
	net_addr_print(&prefix->addr, buf);
	const size_t len = strlen(buf);
	if (prefix->addr.family)
		snprintf(buf + len, NET_STRLEN - len, "/%u", prefix->len);
	return buf;
}

char *
net_range_print(const struct net_range *range, char *buf)
{
	net_addr_print(&range->first, buf);
	if (!net_addr_equal(&range->first, &range->last)) {
		char last[NET_STRLEN];
		const size_t len = strlen(buf);
		snprintf(buf + len, NET_STRLEN - len, "-%s",
			net_addr_print(&range->last, last));
	}
	return buf;
}

char *
net_ports_print(const struct net_ports *ports, char *buf)
{
	if (ports->first == ports->last)
		snprintf(buf, NET_STRLEN, "%u", ports->first);
	else
		snprintf(buf, NET_STRLEN, "%u-%u", ports->first, ports->last);
	return buf;
}

char *
net_mac_print(const struct net_mac *mac, char *buf)
{
	const uint8_t *b = mac->bytes;
	snprintf(buf, NET_STRLEN, "%02x:%02x:%02x:%02x:%02x:%02x", b[0], b[1], b[2], b[3],
		b[4], b[5]);
	return buf;
}

char *
net_endpoint_print(const struct net_endpoint *endpoint, char *buf)
{
	char addr[NET_STRLEN];
	net_addr_print(&endpoint->addr, addr);
	snprintf(buf, NET_STRLEN, endpoint->addr.family == 6 ? "[%.45s]:%u" : "%.45s:%u",
		addr, endpoint->port);
	return buf;
}

bool
net_addr_equal(const struct net_addr *a, const struct net_addr *b)
{
	return net_addr_cmp(a, b) == 0;
}

int
net_addr_cmp(const struct net_addr *a, const struct net_addr *b)
{
	if (a->family != b->family)
		return a->family < b->family ? -1 : 1;
	return memcmp(a->bytes, b->bytes, sizeof(a->bytes));
}

bool
net_prefix_contains(const struct net_prefix *prefix, const struct net_addr *addr)
{
	struct net_addr network, other;
	if (prefix->addr.family != addr->family)
		return false;
	mask(&prefix->addr, prefix->len, &network);
	mask(addr, prefix->len, &other);
	return net_addr_equal(&network, &other);
}

bool
net_prefix_overlaps(const struct net_prefix *a, const struct net_prefix *b)
{
	return a->len <= b->len ? net_prefix_contains(a, &b->addr)
				: net_prefix_contains(b, &a->addr);
}

struct net_prefix
net_prefix_network(const struct net_prefix *prefix)
{
	struct net_prefix network = {.len = prefix->len};
	mask(&prefix->addr, prefix->len, &network.addr);
	return network;
}

static void
mask(const struct net_addr *addr, unsigned len, struct net_addr *out)
{
	*out = (struct net_addr){.family = addr->family};
	memcpy(out->bytes, addr->bytes, len / 8);
	if (len % 8)
		out->bytes[len / 8] = addr->bytes[len / 8] & (0xff00 >> len % 8);
}

uint32_t
net_addr_v4(const struct net_addr *addr)
{
	const uint8_t *b = addr->bytes;
	return (uint32_t)b[0] << 24 | b[1] << 16 | b[2] << 8 | b[3];
}

struct net_addr
net_addr_from_v4(uint32_t host_order)
{
	return (struct net_addr){.family = 4,
		.bytes = {
			host_order >> 24, host_order >> 16, host_order >> 8, host_order}};
}
