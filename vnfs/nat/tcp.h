/* tcp.h: how far a TCP connection is, as a NAT sees it (RFC 5382 section 5, RFC 7857
 * section 2). Pure. */
#ifndef VNFS_NAT_TCP_H
#define VNFS_NAT_TCP_H

#include <stdbool.h>
#include <stdint.h>
#include "dataplane/pkt/hdr.h"

/* State: which of these were seen. 0: nothing yet. */
enum tcp_seen {
	TCP_OUT = 0x01, /* a segment from inside */
	TCP_IN = 0x02,	/* one from outside */
	TCP_ESTABLISHED = 0x04,
	TCP_FIN_OUT = 0x08,
	TCP_FIN_IN = 0x10,
	TCP_RST = 0x20,
	TCP_ANEW = 0x40, /* a SYN came after both FINs: only a SYN counts as TCP_OUT or
			    TCP_IN */
};

enum tcp_phase { TCP_OPENING, TCP_OPEN, TCP_CLOSING };

/* The state after a segment with these flags. */
uint8_t tcp_next(uint8_t state, bool outbound, uint8_t flags);
/* Whether a segment with these flags changes nothing: data of an established connection.
 */
static inline bool
tcp_is_steady(uint8_t state, uint8_t flags)
{
	return (state & (TCP_ESTABLISHED | TCP_RST | TCP_ANEW)) == TCP_ESTABLISHED &&
	       !(flags & (PKT_TCP_SYN | PKT_TCP_FIN | PKT_TCP_RST));
}

/* The same, and the timeout is that of an established connection. */
static inline bool
tcp_is_open_steady(uint8_t state, uint8_t flags)
{
	const uint8_t fins = state & (TCP_FIN_OUT | TCP_FIN_IN);

	return tcp_is_steady(state, flags) && fins != (TCP_FIN_OUT | TCP_FIN_IN);
}

/* Which timeout holds: while it opens, while it is established (also when one side said
 * FIN), when both did or after RST. */
enum tcp_phase tcp_phase(uint8_t state);

#endif
