/* config.h: the firewall's configuration: its structs, the field table that reads them,
 * and the rules between fields that the table cannot say. Pure. */
#ifndef VNFS_FIREWALL_CONFIG_H
#define VNFS_FIREWALL_CONFIG_H

#include <stdbool.h>
#include <stdint.h>
#include "dataplane/sdk/base.h"
#include "dataplane/sdk/icmp.h"

enum fw_cp { FW_LEFT, FW_RIGHT, FW_CPS };
enum fw_action { FW_ACCEPT, FW_DROP, FW_REJECT, FW_CONTINUE };
enum fw_reject { FW_REJECT_USUAL, FW_REJECT_PORT, FW_REJECT_PROHIBITED };
enum fw_window { FW_STRICT, FW_LOOSE };
enum fw_sessions { FW_KEEP, FW_RECHECK }; /* when the rules are replaced */

#define FW_PROTO_ANY	256
#define FW_MAX_ENTRIES	2000000 /* combinations of all rules' values */
#define FW_MAX_SESSIONS (16u << 20)
#define FW_DEFAULT_RULE                                                                  \
	"default" /* name of what counts for traffic that no rule matches */

struct fw_icmp {		       /* type and code of ICMP or ICMPv6 */
	struct net_ports *type, *code; /* none: any */
	unsigned n_type, n_code;
};

struct fw_tcp_flags {	 /* matches if (flags & mask) == set */
	int *mask, *set; /* PKT_TCP_SYN, ... */
	unsigned n_mask, n_set;
};

struct fw_police {		/* one of the two rates; 0: not that one */
	uint64_t packets, bits; /* per second */
	uint64_t burst;		/* packets, or bytes; 0: those of a tenth of a second */
};

struct fw_rule {
	char *name; /* null: "rule-<index>" */
	int action; /* enum fw_action */
	int from;   /* enum fw_cp, if has_from */
	bool has_from;
	uint16_t *proto, *not_proto; /* or FW_PROTO_ANY. Of all lists: none is any */
	unsigned n_proto, n_not_proto;
	struct net_prefix *src, *dst, *not_src, *not_dst;
	unsigned n_src, n_dst, n_not_src, n_not_dst;
	struct net_ports *sport, *dport, *not_sport, *not_dport;
	unsigned n_sport, n_dport, n_not_sport, n_not_dport;
	struct fw_icmp icmp;
	bool has_icmp;
	struct fw_tcp_flags tcp_flags;
	bool has_tcp_flags;
	struct net_ports *dscp, *vlan, *length;
	unsigned n_dscp, n_vlan, n_length;
	struct net_mac *src_mac, *dst_mac;
	unsigned n_src_mac, n_dst_mac;
	bool fragment, has_fragment;
	bool ip_options, has_ip_options;
	int reject_with; /* enum fw_reject */
	bool has_reject_with;
	struct fw_police police;
	bool has_police;
	bool log;
};

struct fw_log { /* of sessions */
	bool opens, closes;
	uint32_t rate; /* lines a second */
};

struct fw_ip_options { /* FW_ACCEPT or FW_DROP */
	int source_route, record_route, timestamp, other;
};

struct fw_timeouts { /* ns without a packet; those behind `other`: 0 is the general one */
	uint64_t tcp_established, tcp_transitory, udp, icmp, other;
	uint64_t tcp_syn_sent, tcp_syn_received, tcp_fin_wait, tcp_close_wait,
		tcp_last_ack, tcp_time_wait, tcp_close, udp_unreplied;
};

struct fw_config {
	int dflt; /* FW_ACCEPT or FW_DROP */
	bool stateful;
	int non_ip;	    /* FW_ACCEPT or FW_DROP */
	int tcp_mid_stream; /* FW_ACCEPT or FW_DROP */
	int tcp_window;	    /* enum fw_window */
	struct fw_ip_options ip_options;
	struct fw_rule *rules;
	unsigned n_rules;
	int sessions; /* enum fw_sessions */
	uint32_t max_sessions;
	uint32_t max_halfopen;
	uint32_t max_sessions_per_source; /* 0: no limit */
	uint64_t new_session_rate;	  /* of each source, a second; 0: no limit */
	struct fw_timeouts timeouts;
	struct fw_log log;
	struct icmp_rate icmp_rate;
};

extern const struct field fw_config_fields[];

/* Adds every fault between fields: of the same name, of values that cannot go together,
 * of a rule that matches nothing, of too many combinations. */
void fw_config_check(const void *config, struct faults *faults);

/* A protocol as FIELD_CUSTOM (uint16_t): a name, a number, or any. */
extern const char fw_proto_syntax[];
int fw_proto_parse(const struct field *field, const json_t *json, const char *path,
	void *out, struct faults *faults);
json_t *fw_proto_print(const struct field *field, const void *in);

#define FW_NAME_SIZE 64
/* The name of rule i, or of the default at i == n_rules: its own or "rule-<i>". buf is
 * used if need be. */
const char *fw_rule_name(
	const struct fw_config *config, unsigned i, char buf[FW_NAME_SIZE]);

/* The flags of a list as one byte. */
uint8_t fw_tcp_flags_byte(const int *flags, unsigned n);
/* Whether it is for any protocol; whether each of its protocols has ports. */
bool fw_rule_any_proto(const struct fw_rule *rule);
bool fw_rule_has_ports(const struct fw_rule *rule);

#endif
