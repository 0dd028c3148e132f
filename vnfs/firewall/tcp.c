/* tcp.c: the tables of tcp.h. */
#include "vnfs/firewall/tcp.h"

#include "dataplane/pkt/hdr.h"

/* By FIN, SYN, RST (bits 0 to 2) and ACK (bit 3). */
const uint8_t tcp_events[16] = {
	TCP_BAD,
	TCP_BAD,
	TCP_SYN,
	TCP_BAD,
	TCP_RST,
	TCP_BAD,
	TCP_BAD,
	TCP_BAD,
	TCP_ACK,
	TCP_FIN,
	TCP_SYN_ACK,
	TCP_BAD,
	TCP_RST,
	TCP_BAD,
	TCP_BAD,
	TCP_BAD,
};

enum { /* short names for the table below */
	SS = TCP_SYN_SENT,
	SR = TCP_SYN_RECEIVED,
	SB = TCP_SYN_BOTH,
	MS = TCP_MID_STREAM,
	ES = TCP_ESTABLISHED,
	FO = TCP_FIN_ORIGINATOR,
	FR = TCP_FIN_RESPONDER,
	CL = TCP_CLOSED,
	RS = TCP_RESET,
	iv = TCP_INVALID,
	an = TCP_ANEW,
};

/* A SYN to an open connection, and an ACK that answers it, pass and change nothing: its
 * ends sort it out with a challenge ACK (RFC 9293 3.10.7.4). So does the ACK of a
 * half-open responder in SYN_SENT. */
static const uint8_t next[TCP_STATES][2][TCP_EVENTS] = {
	/*		   originator			   responder
	 *		   SYN SYN+ACK ACK FIN RST	   SYN SYN+ACK ACK FIN RST */
	[SS] = {{SS, iv, iv, iv, RS}, {SB, SR, SS, iv, RS}},
	[SR] = {{SR, iv, ES, FO, RS}, {iv, SR, SR, FR, RS}},
	[SB] = {{SB, SB, ES, FO, RS}, {SB, SB, ES, FR, RS}},
	[MS] = {{an, iv, MS, FO, RS}, {iv, iv, ES, FR, RS}},
	[ES] = {{ES, ES, ES, FO, RS}, {iv, ES, ES, FR, RS}},
	[FO] = {{iv, iv, FO, FO, RS}, {iv, FO, FO, CL, RS}},
	[FR] = {{iv, iv, FR, CL, RS}, {iv, FR, FR, FR, RS}},
	[CL] = {{an, iv, CL, CL, CL}, {an, CL, CL, CL, CL}},
	[RS] = {{an, iv, RS, RS, RS}, {an, RS, RS, RS, RS}},
};

enum tcp_state
tcp_next(enum tcp_state state, bool from_responder, enum tcp_event event)
{
	return next[state][from_responder][event];
}

const char *
tcp_state_name(enum tcp_state state)
{
	static const char *const names[TCP_STATES] = {
		[TCP_SYN_SENT] = "syn-sent",
		[TCP_SYN_RECEIVED] = "syn-received",
		[TCP_SYN_BOTH] = "syn-both",
		[TCP_MID_STREAM] = "mid-stream",
		[TCP_ESTABLISHED] = "established",
		[TCP_FIN_ORIGINATOR] = "fin-originator",
		[TCP_FIN_RESPONDER] = "fin-responder",
		[TCP_CLOSED] = "closed",
		[TCP_RESET] = "reset",
	};

	return state < TCP_STATES ? names[state] : "unknown";
}
