/* lifetime.h: how long a flow lives without a packet, by the phase that it is in: the
 * timeouts of a configuration, those that are not given filled in. Pure.
 */
#ifndef VNFS_FIREWALL_LIFETIME_H
#define VNFS_FIREWALL_LIFETIME_H

#include <stdint.h>
#include "vnfs/firewall/config.h"
#include "vnfs/firewall/tcp.h"

enum phase {
	PHASE_SYN_SENT,
	PHASE_SYN_RECEIVED,
	PHASE_MID_STREAM, /* picked up, and not answered yet */
	PHASE_ESTABLISHED,
	PHASE_FIN_WAIT,	  /* one end has closed its half */
	PHASE_CLOSE_WAIT, /* and the other knows it */
	PHASE_LAST_ACK,	  /* both have */
	PHASE_TIME_WAIT,  /* and both know it */
	PHASE_CLOSE,	  /* reset */
	PHASE_UDP_UNREPLIED,
	PHASE_UDP,
	PHASE_ICMP,
	PHASE_OTHER,
	PHASES
};

struct lifetimes {
	uint64_t ns[PHASES];
};

void lifetimes_of(const struct fw_timeouts *timeouts, struct lifetimes *lifetimes);

/* Of a TCP connection; acked: all that was sent by who closed its half, or by both, is
 * acknowledged. */
enum phase phase_of_tcp(enum tcp_state state, bool acked);
/* Of a flow of another protocol. */
enum phase phase_of_other(uint8_t proto, bool replied);

#endif
