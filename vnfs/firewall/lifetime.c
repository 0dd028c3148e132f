/* lifetime.c: the tables of lifetime.h. */
#include "vnfs/firewall/lifetime.h"

#include "dataplane/pkt/hdr.h"

static inline uint64_t
either(uint64_t own, uint64_t general)
{
	return own != 0 ? own : general;
}

void
lifetimes_of(const struct fw_timeouts *t, struct lifetimes *lifetimes)
{
	const uint64_t transitory = t->tcp_transitory;

	*lifetimes = (struct lifetimes){{
		[PHASE_SYN_SENT] = either(t->tcp_syn_sent, transitory),
		[PHASE_SYN_RECEIVED] = either(t->tcp_syn_received, transitory),
		[PHASE_MID_STREAM] = transitory,
		[PHASE_ESTABLISHED] = t->tcp_established,
		[PHASE_FIN_WAIT] = either(t->tcp_fin_wait, transitory),
		[PHASE_CLOSE_WAIT] = either(t->tcp_close_wait, transitory),
		[PHASE_LAST_ACK] = either(t->tcp_last_ack, transitory),
		[PHASE_TIME_WAIT] = either(t->tcp_time_wait, transitory),
		[PHASE_CLOSE] = either(t->tcp_close, transitory),
		[PHASE_UDP_UNREPLIED] = either(t->udp_unreplied, t->udp),
		[PHASE_UDP] = t->udp,
		[PHASE_ICMP] = t->icmp,
		[PHASE_OTHER] = t->other,
	}};
}

enum phase
phase_of_tcp(enum tcp_state state, bool acked)
{
	static const uint8_t phases[TCP_STATES][2] = {
		[TCP_SYN_SENT] = {PHASE_SYN_SENT, PHASE_SYN_SENT},
		[TCP_SYN_RECEIVED] = {PHASE_SYN_RECEIVED, PHASE_SYN_RECEIVED},
		[TCP_SYN_BOTH] = {PHASE_SYN_RECEIVED, PHASE_SYN_RECEIVED},
		[TCP_MID_STREAM] = {PHASE_MID_STREAM, PHASE_MID_STREAM},
		[TCP_ESTABLISHED] = {PHASE_ESTABLISHED, PHASE_ESTABLISHED},
		[TCP_FIN_ORIGINATOR] = {PHASE_FIN_WAIT, PHASE_CLOSE_WAIT},
		[TCP_FIN_RESPONDER] = {PHASE_FIN_WAIT, PHASE_CLOSE_WAIT},
		[TCP_CLOSED] = {PHASE_LAST_ACK, PHASE_TIME_WAIT},
		[TCP_RESET] = {PHASE_CLOSE, PHASE_CLOSE},
	};

	return phases[state][acked];
}

enum phase
phase_of_other(uint8_t proto, bool replied)
{
	switch (proto) {
	case PKT_PROTO_UDP:
		return replied ? PHASE_UDP : PHASE_UDP_UNREPLIED;
	case PKT_PROTO_ICMP:
	case PKT_PROTO_ICMPV6:
		return PHASE_ICMP;
	default:
		return PHASE_OTHER;
	}
}
