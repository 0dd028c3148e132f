/* stage.c: see stage.h. */
#include "tests/malformed/stage.h"

#define FIREWALL_SIDES                                                                   \
	{                                                                                \
		{.src = {"10.0.0.1", "10.0.0.2", "192.168.1.1", "2001:db8::1",           \
			 "2001:db8::2", "fe80::1"},                                      \
			.dst = {"198.51.100.10", "198.51.100.99", "192.0.2.10",          \
				"2001:db8:1::2", "2001:db8:1::99", "ff02::1:ff00:2"}},   \
		{                                                                        \
			.src = {"198.51.100.10", "198.51.100.99", "192.0.2.10",          \
				"2001:db8:1::2", "2001:db8:1::99", "fe80::2"},           \
			.dst = { "10.0.0.1",                                             \
				"10.0.0.2",                                              \
				"2001:db8::1",                                           \
				"2001:db8::2",                                           \
				"fe80::1",                                               \
			}                                                                \
		}                                                                        \
	}

#define NAT_SIDES                                                                        \
	{                                                                                \
		{.src = {"10.0.0.10", "10.0.0.11", "10.0.0.12", "10.1.0.9"},             \
			.dst = {"198.51.100.10", "198.51.100.11", "203.0.113.16",        \
				"203.0.113.2", "203.0.113.1", "10.0.0.1"}},              \
		{                                                                        \
			.src = {"198.51.100.10", "198.51.100.11", "203.0.113.1",         \
				"203.0.113.7"},                                          \
			.dst = { "203.0.113.2",                                          \
				"203.0.113.16",                                          \
				"203.0.113.17",                                          \
			}                                                                \
		}                                                                        \
	}

#define ROUTER_CONFIG                                                                    \
	"interfaces:\n"                                                                  \
	"- {cp: p0, addresses: [203.0.113.1/24, '2001:db8:1::1/64'], mtu: 1500}\n"       \
	"- {cp: p1, addresses: [198.51.100.1/24, '2001:db8:2::1/64'], mtu: 1280}\n"      \
	"- {cp: p2, addresses: 192.0.2.0/31}\n"                                          \
	"routes:\n"                                                                      \
	"- {prefix: 0.0.0.0/0, via: [198.51.100.254, 198.51.100.253]}\n"                 \
	"- {prefix: 10.0.0.0/8, via: 203.0.113.2}\n"                                     \
	"- {prefix: '::/0', via: 'fe80::1', cp: p1}\n"                                   \
	"- {prefix: 192.0.2.128/25, action: blackhole}\n"                                \
	"- {prefix: 172.16.0.0/12, action: unreachable}\n"                               \
	"- {prefix: '2001:db8:ff::/48', action: prohibit}\n"

#define ROUTER_SIDES                                                                     \
	{                                                                                \
		{.src = {"203.0.113.2", "203.0.113.3", "10.0.0.1", "10.200.0.1",         \
			 "2001:db8:1::2", "2001:db8:1::3", "fe80::9"},                   \
			.dst = {"198.51.100.10", "8.8.8.8", "192.0.2.1", "192.0.2.129",  \
				"172.16.0.1", "203.0.113.1", "2001:db8:2::9",            \
				"2001:db8:9::9", "2001:db8:ff::1", "2001:db8:1::1"}},    \
			{.src = {"198.51.100.10", "8.8.8.8", "2001:db8:2::9",            \
				 "2001:db8:9::9", "fe80::1"},                            \
				.dst = {"203.0.113.2", "10.0.0.1", "10.200.0.1",         \
					"198.51.100.1", "2001:db8:1::2",                 \
					"2001:db8:2::1", "ff02::1:ff00:1"}},             \
		{                                                                        \
			.src = {"192.0.2.1", "10.0.0.1"},                                \
			.dst = { "203.0.113.2",                                          \
				"8.8.8.8",                                               \
				"192.0.2.0",                                             \
				"10.0.0.1" }                                             \
		}                                                                        \
	}

const struct stage stages[] = {
	{.type = "firewall",
		.name = "stateful",
		.config = "max-sessions: 1024\n"
			  "rules:\n"
			  "- {action: reject, dst: [198.51.100.99, '2001:db8:1::99']}\n"
			  "- {action: accept, from: left, log: true}\n"
			  "- {action: reject, from: right, proto: udp}\n",
		.other = "max-sessions: 1024\n"
			 "sessions: recheck\n"
			 "tcp-mid-stream: drop\n"
			 "rules:\n"
			 "- {action: accept, proto: tcp, dport: [80, 443]}\n"
			 "- {action: accept, from: left, proto: udp}\n",
		.sides = FIREWALL_SIDES},
	{.type = "firewall",
		.name = "stateless with reject",
		.config = "stateful: false\n"
			  "rules:\n"
			  "- {action: accept, proto: tcp, dport: 1-1023}\n"
			  "- {action: accept, proto: icmp}\n"
			  "- {action: reject}\n",
		.other = "stateful: false\nnon-ip: drop\ndefault: accept\n"
			 "rules: [{action: reject, from: left}]\n",
		.sides = FIREWALL_SIDES},
	{.type = "firewall",
		.name = "every match and limit",
		.config =
			"max-sessions: 1024\n"
			"max-half-open: 200\n"
			"max-sessions-per-source: 100\n"
			"new-session-rate: 50\n"
			"tcp-window: loose\n"
			"log: {opens: true, closes: true}\n"
			"rules:\n"
			"- {action: continue, length: 1-100, log: true}\n"
			"- {action: drop, dscp: [1-7, 46], not-src: 10.0.0.0/30}\n"
			"- {action: drop, fragment: true, proto: icmp}\n"
			"- {action: reject, reject-with: prohibited, proto: [tcp, udp], dport: "
			"33434}\n"
			"- {action: accept, proto: udp, police: {packets: 100, burst: 10}}\n"
			"- {action: accept, from: left, not-dst: [198.51.100.99]}\n",
		.other =
			"max-sessions: 512\n"
			"sessions: recheck\n"
			"rules:\n"
			"- {action: accept, not-proto: [gre, esp], vlan: 1-4094}\n"
			"- {action: accept, proto: icmp, icmp: {type: 0-18, code: 0-15}}\n"
			"- {action: accept, from: left, police: {bits: 1M}}\n",
		.sides = FIREWALL_SIDES},
	{.type = "nat",
		.name = "few ports",
		.config = "inside: {addresses: [10.0.0.1/24],\n"
			  "  routes: {prefix: 10.1.0.0/16, via: 10.0.0.254}}\n"
			  "outside: {addresses: [203.0.113.2/24], gateway: 203.0.113.1}\n"
			  "pool: [203.0.113.2, 203.0.113.16-203.0.113.17]\n"
			  "ports: 5000-5015\n"
			  "static:\n"
			  "- {proto: tcp, outside: '203.0.113.16:80', inside: "
			  "'10.0.0.11:8000'}\n"
			  "- {proto: udp, outside: '203.0.113.16:53', inside: "
			  "'10.1.0.9:53'}\n",
		.other = "inside: {addresses: [10.0.0.1/24], mtu: 1280}\n"
			 "outside: {addresses: [203.0.113.2/24], gateway: 203.0.113.1}\n"
			 "pool: 203.0.113.16-203.0.113.17\n"
			 "filtering: endpoint-independent\n"
			 "max-sessions-per-host: 40\n"
			 "ports: 1-65535\n",
		.sides = NAT_SIDES},
	{.type = "nat",
		.name = "no filtering, small MTU",
		.config = "inside: {addresses: [10.0.0.1/24]}\n"
			  "outside: {addresses: [203.0.113.2/24], gateway: 203.0.113.1, "
			  "mtu: 576}\n"
			  "filtering: endpoint-independent\n"
			  "icmp-rate: {per-destination: 1000, total: 10000}\n",
		.other = "inside: {addresses: [10.0.0.1/24]}\n"
			 "outside: {addresses: [203.0.113.2/24], gateway: 203.0.113.1}\n"
			 "filtering: address-and-port-dependent\n"
			 "hairpinning: false\n",
		.sides = NAT_SIDES},
	{.type = "nat",
		.name = "blocks, whole addresses, logs",
		.config = "inside: {addresses: [10.0.0.1/24],\n"
			  "  routes: {prefix: 10.1.0.0/16, via: 10.0.0.254}}\n"
			  "outside: {addresses: [203.0.113.2/24], gateway: 203.0.113.1}\n"
			  "pool: [203.0.113.2, 203.0.113.16-203.0.113.17]\n"
			  "port-blocks: {size: 64, max-per-host: 2}\n"
			  "port-rest: {time: 20s, max: 100}\n"
			  "static: [{outside: 203.0.113.17, inside: 10.1.0.9}]\n"
			  "no-nat: [198.51.100.11/32]\n"
			  "unsolicited-syn: reject\n"
			  "tcp-mss: auto\n"
			  "log: {mappings: true, sessions: true}\n"
			  "max-new-sessions-per-host: 20\n",
		.other = "inside: {addresses: [10.0.0.1/24]}\n"
			 "outside: {addresses: [203.0.113.2/24], gateway: 203.0.113.1}\n"
			 "pool: [203.0.113.2, 203.0.113.16]\n"
			 "ports: 5000-5007\n"
			 "port-overlapping: true\n"
			 "port-parity: true\n"
			 "max-ports-per-host: 5\n",
		.sides = NAT_SIDES},
	{.type = "router",
		.name = "IPv4 and IPv6",
		.config = ROUTER_CONFIG
		"icmp-rate: {per-destination: 1000, total: 10000}\n",
		.other = ROUTER_CONFIG "- {prefix: 10.0.0.0/9, via: 192.0.2.1}\n",
		.sides = ROUTER_SIDES},
	{.type = "router",
		.name = "reverse paths, redirects, proxy ARP",
		.config = "interfaces:\n"
			  "- {cp: p0, addresses: [203.0.113.1/24, '2001:db8:1::1/64'],\n"
			  "  reverse-path: strict, proxy-arp: true}\n"
			  "- {cp: p1, addresses: [198.51.100.1/24, '2001:db8:2::1/64'],\n"
			  "  reverse-path: loose}\n"
			  "- {cp: p2, addresses: 192.0.2.0/31}\n"
			  "redirects: true\n"
			  "neighbours:\n"
			  "- {cp: p0, address: 203.0.113.2, mac: '02:00:00:00:00:02'}\n"
			  "routes:\n"
			  "- {prefix: 0.0.0.0/0, via: [198.51.100.254, 198.51.100.253, "
			  "203.0.113.3],\n"
			  "  weights: [1, 2, 3]}\n"
			  "- {prefix: 10.0.0.0/8, via: 203.0.113.2}\n"
			  "- {prefix: '::/0', via: 'fe80::1', cp: p1}\n"
			  "icmp-rate: {per-destination: 1000, total: 10000}\n",
		.other = ROUTER_CONFIG "redirects: true\n",
		.sides = ROUTER_SIDES},
	{0}};
