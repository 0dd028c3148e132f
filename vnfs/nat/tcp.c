/* tcp.c: the TCP connection as a NAT sees it; see tcp.h. */
#include "vnfs/nat/tcp.h"

#define BOTH_FINS (TCP_FIN_OUT | TCP_FIN_IN)
#define BOTH_WAYS (TCP_OUT | TCP_IN)

uint8_t
tcp_next(uint8_t state, bool outbound, uint8_t flags)
{
	const uint8_t way = outbound ? TCP_OUT : TCP_IN;

	if (flags & PKT_TCP_RST)
		return state | TCP_RST;
	if ((flags & PKT_TCP_SYN) && (state & BOTH_FINS) == BOTH_FINS)
		return TCP_ANEW | way;
	if ((state & TCP_ANEW) && !(state & way) && !(flags & PKT_TCP_SYN))
		return state;	    /* a late segment of the connection before */
	state &= (uint8_t)~TCP_RST; /* it was ignored: the connection goes on (RFC 7857
				       section 2.2) */
	if (!(flags & PKT_TCP_SYN) && (state & BOTH_WAYS) == BOTH_WAYS)
		state |= TCP_ESTABLISHED;
	if (flags & PKT_TCP_FIN)
		state |= outbound ? TCP_FIN_OUT : TCP_FIN_IN;
	return state | way;
}

enum tcp_phase
tcp_phase(uint8_t state)
{
	if ((state & TCP_RST) || (state & BOTH_FINS) == BOTH_FINS)
		return TCP_CLOSING;
	return state & TCP_ESTABLISHED ? TCP_OPEN : TCP_OPENING;
}
