/* config.c: the field table of the firewall's configuration, and the checks between
 * fields. */
#include "vnfs/firewall/config.h"

#include <stdlib.h>
#include <string.h>
#include "dataplane/pkt/hdr.h"

#define MEMBER(type, member)                                                             \
	.offset = offsetof(type, member), .size = sizeof(((type *)0)->member)
#define LIST(type, member)                                                               \
	.list = true, .offset = offsetof(type, member),                                  \
	.count = offsetof(type, n_##member)
#define PROTO_LIST(member)                                                               \
	.type = FIELD_CUSTOM, .size = sizeof(uint16_t), LIST(struct fw_rule, member),    \
	.parse = fw_proto_parse, .print = fw_proto_print, .syntax = fw_proto_syntax
#define IF_GIVEN(type, flag) .present = true, .present_offset = offsetof(type, flag)

const char fw_proto_syntax[] =
	"tcp | udp | icmp | icmpv6 | sctp | gre | esp | 0-255 | any";

/* ---- fields ---- */

static const struct field_value rule_actions[] = {
	{"accept", FW_ACCEPT, "pass it; if stateful, its replies too"},
	{"drop", FW_DROP, "drop it silently"},
	{"reject", FW_REJECT, "drop it and tell the sender: TCP RST, ICMP unreachable"},
	{"continue", FW_CONTINUE,
		"count it, log it if so told, and go on with the next rule"},
	{0},
};

static const struct field_value reject_answers[] = {
	{"usual", FW_REJECT_USUAL,
		"TCP: RST; UDP: port unreachable; else administratively prohibited"},
	{"port-unreachable", FW_REJECT_PORT, "ICMP 3/3, ICMPv6 1/4"},
	{"prohibited", FW_REJECT_PROHIBITED, "ICMP 3/13, ICMPv6 1/1"},
	{0},
};

static const struct field_value accept_or_drop[] = {
	{"accept", FW_ACCEPT, "pass"},
	{"drop", FW_DROP, "drop"},
	{0},
};

static const struct field_value keep_or_recheck[] = {
	{"keep", FW_KEEP, "a flow that was accepted goes on until it ends"},
	{"recheck", FW_RECHECK,
		"each is judged again by the new rules, and ended if they forbid it; of "
		"DSCP, length, VLAN, MAC addresses, options and fragments, which it does "
		"not remember, as if they were 0 or absent"},
	{0},
};

static const struct field_value strict_or_loose[] = {
	{"strict", FW_STRICT, "are dropped as invalid-state"},
	{"loose", FW_LOOSE,
		"pass, but for RSTs: for a path that only one direction takes"},
	{0},
};

static const struct field_value cps[] = {
	{"left", FW_LEFT, "came in on the left"},
	{"right", FW_RIGHT, "came in on the right"},
	{0},
};

static const struct field_value tcp_flags[] = {
	{"fin", PKT_TCP_FIN, "no more data"},
	{"syn", PKT_TCP_SYN, "opens a connection"},
	{"rst", PKT_TCP_RST, "resets it"},
	{"psh", PKT_TCP_PSH, "push"},
	{"ack", PKT_TCP_ACK, "acknowledges"},
	{"urg", PKT_TCP_URG, "urgent"},
	{0},
};

static const struct field icmp_fields[] = {
	{.name = "type",
		.type = FIELD_PORTS,
		LIST(struct fw_icmp, type),
		.help = "ICMP or ICMPv6 types, 0 to 255"},
	{.name = "code",
		.type = FIELD_PORTS,
		LIST(struct fw_icmp, code),
		.help = "codes, 0 to 255; any if absent"},
	{0},
};

static const struct field tcp_flags_fields[] = {
	{.name = "mask",
		.type = FIELD_ENUM,
		LIST(struct fw_tcp_flags, mask),
		.values = tcp_flags,
		.required = true,
		.help = "the flags that are looked at"},
	{.name = "set",
		.type = FIELD_ENUM,
		LIST(struct fw_tcp_flags, set),
		.values = tcp_flags,
		.help = "those of them that must be set; the others must not"},
	{0},
};

static const struct field police_fields[] = {
	{.name = "packets",
		.type = FIELD_RATE,
		MEMBER(struct fw_police, packets),
		.max = 1000000000,
		.help = "packets per second"},
	{.name = "bits",
		.type = FIELD_RATE,
		MEMBER(struct fw_police, bits),
		.max = 1000000000000,
		.help = "bits per second, of Ethernet frames without FCS"},
	{.name = "burst",
		.type = FIELD_SIZE,
		MEMBER(struct fw_police, burst),
		.max = UINT32_MAX,
		.help = "packets, or bytes, that may come at once; absent: a tenth of a "
			"second's"},
	{0},
};

static const struct field rule_fields[] = {
	{.name = "name",
		.type = FIELD_STRING,
		MEMBER(struct fw_rule, name),
		.help = "shown with its counters, which are kept when rules are "
			"replaced; rule-<index> if absent"},
	{.name = "action",
		.type = FIELD_ENUM,
		MEMBER(struct fw_rule, action),
		.values = rule_actions,
		.required = true,
		.help = "what happens to a packet that matches"},
	{.name = "from",
		.type = FIELD_ENUM,
		MEMBER(struct fw_rule, from),
		.values = cps,
		IF_GIVEN(struct fw_rule, has_from),
		.help = "connection point it came in by; either if absent"},
	{.name = "proto",
		PROTO_LIST(proto),
		.help = "protocols behind IPv6 extension headers; any if absent"},
	{.name = "not-proto", PROTO_LIST(not_proto), .help = "none of these protocols"},
	{.name = "src",
		.type = FIELD_PREFIX,
		LIST(struct fw_rule, src),
		.help = "source addresses; any if absent"},
	{.name = "dst",
		.type = FIELD_PREFIX,
		LIST(struct fw_rule, dst),
		.help = "destination addresses; any if absent"},
	{.name = "sport",
		.type = FIELD_PORTS,
		LIST(struct fw_rule, sport),
		.help = "source ports; any if absent. Ports need proto tcp, udp or "
			"sctp"},
	{.name = "dport",
		.type = FIELD_PORTS,
		LIST(struct fw_rule, dport),
		.help = "destination ports; any if absent"},
	{.name = "not-src",
		.type = FIELD_PREFIX,
		LIST(struct fw_rule, not_src),
		.help = "none of these source addresses"},
	{.name = "not-dst",
		.type = FIELD_PREFIX,
		LIST(struct fw_rule, not_dst),
		.help = "none of these destination addresses"},
	{.name = "not-sport",
		.type = FIELD_PORTS,
		LIST(struct fw_rule, not_sport),
		.help = "none of these source ports"},
	{.name = "not-dport",
		.type = FIELD_PORTS,
		LIST(struct fw_rule, not_dport),
		.help = "none of these destination ports"},
	{.name = "icmp",
		.type = FIELD_STRUCT,
		MEMBER(struct fw_rule, icmp),
		.sub = icmp_fields,
		IF_GIVEN(struct fw_rule, has_icmp),
		.help = "ICMP type and code, of proto icmp or icmpv6; says nothing of another proto"},
	{.name = "tcp-flags",
		.type = FIELD_STRUCT,
		MEMBER(struct fw_rule, tcp_flags),
		.sub = tcp_flags_fields,
		IF_GIVEN(struct fw_rule, has_tcp_flags),
		.help = "TCP flags; proto must be tcp"},
	{.name = "fragment",
		.type = FIELD_BOOL,
		MEMBER(struct fw_rule, fragment),
		IF_GIVEN(struct fw_rule, has_fragment),
		.help = "whether it is the first fragment of a packet, whose other "
			"fragments follow it"},
	{.name = "ip-options",
		.type = FIELD_BOOL,
		MEMBER(struct fw_rule, ip_options),
		IF_GIVEN(struct fw_rule, has_ip_options),
		.help = "whether it has IPv4 options, or IPv6 extension headers"},
	{.name = "dscp",
		.type = FIELD_PORTS,
		LIST(struct fw_rule, dscp),
		.help = "values of DSCP, 0 to 63"},
	{.name = "length",
		.type = FIELD_PORTS,
		LIST(struct fw_rule, length),
		.help = "bytes of the IP packet, its header included"},
	{.name = "vlan",
		.type = FIELD_PORTS,
		LIST(struct fw_rule, vlan),
		.help = "VLAN ids of the outer tag, 0 to 4094; 0 is without a tag"},
	{.name = "src-mac",
		.type = FIELD_MAC,
		LIST(struct fw_rule, src_mac),
		.help = "source MAC addresses"},
	{.name = "dst-mac",
		.type = FIELD_MAC,
		LIST(struct fw_rule, dst_mac),
		.help = "destination MAC addresses"},
	{.name = "reject-with",
		.type = FIELD_ENUM,
		MEMBER(struct fw_rule, reject_with),
		.values = reject_answers,
		IF_GIVEN(struct fw_rule, has_reject_with),
		.help = "how action reject tells the sender; usual if absent"},
	{.name = "police",
		.type = FIELD_STRUCT,
		MEMBER(struct fw_rule, police),
		.sub = police_fields,
		IF_GIVEN(struct fw_rule, has_police),
		.help = "action accept holds up to this rate, what is beyond is dropped; "
			"if stateful, of packets that open a flow"},
	{.name = "log",
		.type = FIELD_BOOL,
		MEMBER(struct fw_rule, log),
		.dflt = "false",
		.help = "log the packets that it decides, at most 10 a second"},
	{0},
};

static const struct field_value as_transitory[] = {
	{"tcp-transitory", 0, "as long as tcp-transitory"},
	{0},
};

static const struct field_value as_udp[] = {
	{"udp", 0, "as long as udp"},
	{0},
};

#define TCP_TIMEOUT(text, member, text_help)                                             \
	{                                                                                \
		.name = (text), .type = FIELD_DURATION,                                  \
		MEMBER(struct fw_timeouts, member), .values = as_transitory,             \
		.dflt = "tcp-transitory", .min = 1, .help = (text_help)                  \
	}

static const struct field timeouts_fields[] = {
	{.name = "tcp-established",
		.type = FIELD_DURATION,
		MEMBER(struct fw_timeouts, tcp_established),
		.dflt = "2h4m",
		.min = 1,
		.help = "of an open TCP connection (RFC 5382)"},
	{.name = "tcp-transitory",
		.type = FIELD_DURATION,
		MEMBER(struct fw_timeouts, tcp_transitory),
		.dflt = "4m",
		.min = 1,
		.help = "of one that opens, closes or was reset (RFC 5382)"},
	{.name = "udp",
		.type = FIELD_DURATION,
		MEMBER(struct fw_timeouts, udp),
		.dflt = "5m",
		.min = 1,
		.help = "of a UDP flow (RFC 4787)"},
	{.name = "icmp",
		.type = FIELD_DURATION,
		MEMBER(struct fw_timeouts, icmp),
		.dflt = "60s",
		.min = 1,
		.help = "of an ICMP query such as echo (RFC 5508)"},
	{.name = "other",
		.type = FIELD_DURATION,
		MEMBER(struct fw_timeouts, other),
		.dflt = "5m",
		.min = 1,
		.help = "of any other protocol"},
	TCP_TIMEOUT("tcp-syn-sent", tcp_syn_sent, "of a SYN that was not answered"),
	TCP_TIMEOUT("tcp-syn-received", tcp_syn_received,
		"of one that was answered, but not confirmed"),
	TCP_TIMEOUT("tcp-fin-wait", tcp_fin_wait, "after one end closed its half"),
	TCP_TIMEOUT("tcp-close-wait", tcp_close_wait, "when the other end knows it"),
	TCP_TIMEOUT("tcp-last-ack", tcp_last_ack, "after both ends closed"),
	TCP_TIMEOUT("tcp-time-wait", tcp_time_wait, "when both ends know it"),
	TCP_TIMEOUT("tcp-close", tcp_close, "after a reset"),
	{.name = "udp-unreplied",
		.type = FIELD_DURATION,
		MEMBER(struct fw_timeouts, udp_unreplied),
		.values = as_udp,
		.dflt = "udp",
		.min = 1,
		.help = "of a UDP flow that was not replied to"},
	{0},
};

static const struct field ip_options_fields[] = {
	{.name = "source-route",
		.type = FIELD_ENUM,
		MEMBER(struct fw_ip_options, source_route),
		.values = accept_or_drop,
		.dflt = "drop",
		.help = "loose and strict source routes"},
	{.name = "record-route",
		.type = FIELD_ENUM,
		MEMBER(struct fw_ip_options, record_route),
		.values = accept_or_drop,
		.dflt = "accept",
		.help = "routes to be recorded"},
	{.name = "timestamp",
		.type = FIELD_ENUM,
		MEMBER(struct fw_ip_options, timestamp),
		.values = accept_or_drop,
		.dflt = "accept",
		.help = "times to be recorded"},
	{.name = "other",
		.type = FIELD_ENUM,
		MEMBER(struct fw_ip_options, other),
		.values = accept_or_drop,
		.dflt = "accept",
		.help = "any other, such as router alert"},
	{0},
};

static const struct field log_fields[] = {
	{.name = "opens",
		.type = FIELD_BOOL,
		MEMBER(struct fw_log, opens),
		.dflt = "false",
		.help = "a line for each session that begins"},
	{.name = "closes",
		.type = FIELD_BOOL,
		MEMBER(struct fw_log, closes),
		.dflt = "false",
		.help = "a line for each that ends: why, how long it was there, packets and "
			"bytes"},
	{.name = "rate",
		.type = FIELD_UINT,
		MEMBER(struct fw_log, rate),
		.dflt = "100",
		.min = 1,
		.max = 10000,
		.help = "lines a second at most; what does not fit is lost and counted"},
	{0},
};

const struct field fw_config_fields[] = {
	{.name = "default",
		.type = FIELD_ENUM,
		MEMBER(struct fw_config, dflt),
		.values = accept_or_drop,
		.dflt = "drop",
		.help = "what meets traffic that no rule matches"},
	{.name = "stateful",
		.type = FIELD_BOOL,
		MEMBER(struct fw_config, stateful),
		.dflt = "true",
		.help = "replies and related ICMP errors of an accepted flow pass "
			"without a rule"},
	{.name = "non-ip",
		.type = FIELD_ENUM,
		MEMBER(struct fw_config, non_ip),
		.values = accept_or_drop,
		.dflt = "accept",
		.help = "ARP and other non-IP frames; accept also keeps IPv6 neighbour "
			"discovery "
			"from the default"},
	{.name = "tcp-mid-stream",
		.type = FIELD_ENUM,
		MEMBER(struct fw_config, tcp_mid_stream),
		.values = accept_or_drop,
		.dflt = "accept",
		.help = "TCP of a connection whose opening was not seen, if "
			"stateful: accept lets the rules judge its ACKs, drop drops them as "
			"invalid-state, as other segments always are"},
	{.name = "ip-options",
		.type = FIELD_STRUCT,
		MEMBER(struct fw_config, ip_options),
		.sub = ip_options_fields,
		.help = "IPv4 packets with options, whatever the rules say (RFC 7126)"},
	{.name = "tcp-window",
		.type = FIELD_ENUM,
		MEMBER(struct fw_config, tcp_window),
		.values = strict_or_loose,
		.dflt = "strict",
		.help = "TCP segments that are out of their connection's window, if "
			"stateful"},
	{.name = "rules",
		.type = FIELD_STRUCT,
		LIST(struct fw_config, rules),
		.size = sizeof(struct fw_rule),
		.sub = rule_fields,
		.help = "in order, the first match decides; replaced as a whole, "
			"atomically"},
	{.name = "sessions",
		.type = FIELD_ENUM,
		MEMBER(struct fw_config, sessions),
		.values = keep_or_recheck,
		.dflt = "keep",
		.help = "what becomes of those of earlier rules when this configuration "
			"is taken over"},
	{.name = "max-sessions",
		.type = FIELD_UINT,
		MEMBER(struct fw_config, max_sessions),
		.dflt = "65536",
		.min = 1,
		.max = FW_MAX_SESSIONS,
		.help = "flows tracked at a time; raising it takes a restart"},
	{.name = "max-half-open",
		.type = FIELD_UINT,
		MEMBER(struct fw_config, max_halfopen),
		.dflt = "0",
		.max = FW_MAX_SESSIONS,
		.help = "of these, flows that are not open on both sides (0: all may "
			"be); the oldest of them gives way to a new one here, and at "
			"max-sessions"},
	{.name = "max-sessions-per-source",
		.type = FIELD_UINT,
		MEMBER(struct fw_config, max_sessions_per_source),
		.dflt = "0",
		.max = FW_MAX_SESSIONS,
		.help = "that one IPv4 address, or IPv6 /64, may have begun (0: any "
			"number)"},
	{.name = "new-session-rate",
		.type = FIELD_RATE,
		MEMBER(struct fw_config, new_session_rate),
		.dflt = "0",
		.max = 1000000,
		.help = "that one IPv4 address, or IPv6 /64, may begin in a second (0: "
			"any number)"},
	{.name = "timeouts",
		.type = FIELD_STRUCT,
		MEMBER(struct fw_config, timeouts),
		.sub = timeouts_fields,
		.help = "how long a session lives without a packet"},
	{.name = "log",
		.type = FIELD_STRUCT,
		MEMBER(struct fw_config, log),
		.sub = log_fields,
		.help = "what is told of sessions in the log"},
	ICMP_RATE_FIELD(struct fw_config, icmp_rate),
	{0},
};

/* ---- protocol: a name or a number ---- */

static const struct {
	const char *name;
	uint16_t proto;
} protocols[] = {
	{"any", FW_PROTO_ANY},
	{"tcp", PKT_PROTO_TCP},
	{"udp", PKT_PROTO_UDP},
	{"icmp", PKT_PROTO_ICMP},
	{"icmpv6", PKT_PROTO_ICMPV6},
	{"sctp", PKT_PROTO_SCTP},
	{"gre", PKT_PROTO_GRE},
	{"esp", PKT_PROTO_ESP},
};

#define N_PROTOCOLS (sizeof(protocols) / sizeof(protocols[0]))

int
fw_proto_parse(const struct field *field, const json_t *json, const char *path, void *out,
	struct faults *faults)
{
	const char *text = json_string_value(json);
	json_int_t number = json_is_integer(json) ? json_integer_value(json) : -1;
	char *end = NULL;

	for (size_t i = 0; text != NULL && i < N_PROTOCOLS; i++) {
		if (strcmp(text, protocols[i].name) == 0) {
			*(uint16_t *)out = protocols[i].proto;
			return 0;
		}
	}
	if (text != NULL && *text >= '0' && *text <= '9') {
		number = strtol(text, &end, 10);
		number = *end == '\0' ? number : -1;
	}
	if (number < 0 || number > 255)
		return faults_add(
			faults, ERR_INVALID, path, field->syntax, "no such protocol");
	*(uint16_t *)out = number;
	return 0;
}

json_t *
fw_proto_print(const struct field *field, const void *in)
{
	uint16_t proto = *(const uint16_t *)in;

	(void)field;
	for (size_t i = 0; i < N_PROTOCOLS; i++) {
		if (protocols[i].proto == proto)
			return json_string(protocols[i].name);
	}
	return json_integer(proto);
}
