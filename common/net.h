/* net.h: addresses as values: parse, print, compare. Pure. */
#ifndef COMMON_NET_H
#define COMMON_NET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct net_addr {
	uint8_t family;	   /* 4, 6; 0: none */
	uint8_t bytes[16]; /* network order; an IPv4 address is in bytes[0..3], the rest 0
			    */
};

struct net_prefix { /* 10.0.0.0/8. For an interface address the host bits are kept. */
	struct net_addr addr;
	uint8_t len; /* bits */
};

struct net_range { /* addresses first..last, both of one family */
	struct net_addr first, last;
};

struct net_ports { /* first <= last, host order */
	uint16_t first, last;
};

struct net_mac {
	uint8_t bytes[6];
};

struct net_endpoint { /* "203.0.113.2:8080", "[2001:db8::1]:80" */
	struct net_addr addr;
	uint16_t port; /* host order */
};

#define NET_STRLEN 96 /* room for any printed form, with NUL: two IPv6 addresses */

/* Each: 0, or -EINVAL and *out untouched. A prefix without /len is a host (/32, /128); a
 * range may be one address. Ports: "80" or "8000-8100". MAC: six hex pairs with colons.
 */
int net_addr_parse(const char *text, struct net_addr *out);
int net_prefix_parse(const char *text, struct net_prefix *out);
int net_range_parse(const char *text, struct net_range *out);
int net_ports_parse(const char *text, struct net_ports *out);
int net_mac_parse(const char *text, struct net_mac *out);
int net_endpoint_parse(const char *text, struct net_endpoint *out);

/* Print into buf (at least NET_STRLEN) and return it. */
char *net_addr_print(const struct net_addr *addr, char *buf);
char *net_prefix_print(const struct net_prefix *prefix, char *buf);
char *net_range_print(const struct net_range *range, char *buf);
char *net_ports_print(const struct net_ports *ports, char *buf);
char *net_mac_print(const struct net_mac *mac, char *buf);
char *net_endpoint_print(const struct net_endpoint *endpoint, char *buf);

bool net_addr_equal(const struct net_addr *a, const struct net_addr *b);
/* memcmp order within a family; IPv4 before IPv6. */
int net_addr_cmp(const struct net_addr *a, const struct net_addr *b);
/* False across families. */
bool net_prefix_contains(const struct net_prefix *prefix, const struct net_addr *addr);
bool net_prefix_overlaps(const struct net_prefix *a, const struct net_prefix *b);
/* Host bits cleared. */
struct net_prefix net_prefix_network(const struct net_prefix *prefix);
/* The IPv4 address in host order; only for family 4. */
uint32_t net_addr_v4(const struct net_addr *addr);
struct net_addr net_addr_from_v4(uint32_t host_order);

#endif
