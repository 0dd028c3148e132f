/* key.c: keys of sessions; see key.h. */
#include "vnfs/nat/key.h"
#include <string.h>
#include <rte_branch_prediction.h>

#define ECHO_REPLY   0
#define ECHO_REQUEST 8

static bool
is_query(uint8_t type)
{
	return type == 8 || type == 13 || type == 15 || type == 17;
}

static bool
is_reply(uint8_t type)
{
	return type == 0 || type == 14 || type == 16 || type == 18;
}

/* Other protocols are told apart by addresses alone. */
static inline void
make_key(const struct pkt_info *info, int kind, struct session_key4 *key)
{
	const bool ports = key_has_ports(info->proto) || info->proto == PKT_PROTO_ICMP;

	*key = (struct session_key4){.sport = ports ? info->sport : 0,
		.dport = ports ? info->dport : 0,
		.proto = info->proto,
		.kind = (uint8_t)kind};
	memcpy(&key->src, info->src, 4);
	memcpy(&key->dst, info->dst, 4);
}

bool
key_out(const struct pkt_info *info, struct session_key4 *key)
{
	make_key(info, KEY_OUT, key);
	if (info->family != 4 || !info->first)
		return false;
	if (likely(info->proto != PKT_PROTO_ICMP))
		return true;
	key->dport = 0;
	return is_query(info->icmp_type);
}

bool
key_in(const struct pkt_info *info, struct session_key4 *key)
{
	make_key(info, KEY_IN, key);
	if (info->family != 4 || !info->first)
		return false;
	if (likely(info->proto != PKT_PROTO_ICMP))
		return true;
	key->sport = 0;
	return is_reply(info->icmp_type);
}

bool
key_answer(const struct pkt_info *info, bool outbound, struct session_key4 *key)
{
	struct pkt_info answer = *info;

	memcpy(answer.src, info->dst, 16);
	memcpy(answer.dst, info->src, 16);
	answer.sport = info->dport;
	answer.dport = info->sport;
	answer.icmp_type = outbound ? ECHO_REPLY : ECHO_REQUEST;
	return outbound ? key_in(&answer, key) : key_out(&answer, key);
}
