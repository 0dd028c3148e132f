/* tcp.h: the life of a TCP connection as a firewall sees it, as one table (RFC 9293 3.3.2
 * from the middle of the wire). Pure.
 */
#ifndef VNFS_FIREWALL_TCP_H
#define VNFS_FIREWALL_TCP_H

#include <stdbool.h>
#include <stdint.h>
#include "dataplane/pkt/hdr.h"

/* "originator" sent the first packet seen, "responder" is the other. */
enum tcp_state {
	TCP_SYN_SENT,	  /* SYN seen */
	TCP_SYN_RECEIVED, /* and its SYN+ACK */
	TCP_SYN_BOTH,	  /* simultaneous open: SYNs from both */
	TCP_MID_STREAM, /* picked up without its opening, nothing seen from the responder
			 */
	TCP_ESTABLISHED,
	TCP_FIN_ORIGINATOR, /* the originator closed its half */
	TCP_FIN_RESPONDER,  /* the responder closed its half */
	TCP_CLOSED,	    /* both did */
	TCP_RESET,	    /* a RST was seen; packets may follow it (RFC 7857 2.2) */
	TCP_STATES,
	TCP_INVALID = TCP_STATES, /* tcp_next(): no such packet belongs here */
	TCP_ANEW /* tcp_next(): it opens another connection with the same ports */
};

enum tcp_event {
	TCP_SYN,
	TCP_SYN_ACK,
	TCP_ACK,
	TCP_FIN,
	TCP_RST,
	TCP_EVENTS,
	TCP_BAD = TCP_EVENTS
};

/* What a segment is, by its flags; TCP_BAD for combinations that no stack sends: none of
 * SYN, RST, ACK, or FIN without ACK, or two of SYN, FIN, RST. */
static inline enum tcp_event tcp_event(uint8_t flags);
/* The state after an event (not TCP_BAD), or TCP_INVALID or TCP_ANEW. */
enum tcp_state tcp_next(enum tcp_state state, bool from_responder, enum tcp_event event);
/* "syn-sent", ... */
const char *tcp_state_name(enum tcp_state state);

extern const uint8_t tcp_events[16]; /* by FIN, SYN, RST (bits 0 to 2) and ACK (bit 3) */

static inline enum tcp_event
tcp_event(uint8_t flags)
{
	return (enum tcp_event)
		tcp_events[(flags & (PKT_TCP_FIN | PKT_TCP_SYN | PKT_TCP_RST)) |
			   (flags & PKT_TCP_ACK) >> 1];
}

#endif
