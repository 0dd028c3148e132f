/* key.h: by which key the packets of a session are found: the inside end to its peer, or
 * the peer to the outside end. Pure.
 *
 * An ICMP query has its identifier as the port of whoever asks. Protocols without ports
 * are told apart by addresses alone.
 */
#ifndef VNFS_NAT_KEY_H
#define VNFS_NAT_KEY_H

#include <stdbool.h>
#include "dataplane/pkt/hdr.h"
#include "dataplane/pkt/parse.h"
#include "dataplane/sdk/session.h"

enum key_kind { KEY_OUT = 1, KEY_IN = 2 }; /* the direction of the packets */

/* Keys of a packet; false: a later fragment, an ICMP that opens no query and answers
 * none. Addresses and ports as in info. */
bool key_out(const struct pkt_info *info, struct session_key4 *key);
bool key_in(const struct pkt_info *info, struct session_key4 *key);
/* The key of the packets that answer this translated one, which went out or in. */
bool key_answer(const struct pkt_info *info, bool outbound, struct session_key4 *key);

static inline bool
key_has_ports(uint8_t proto)
{
	return proto == PKT_PROTO_TCP || proto == PKT_PROTO_UDP;
}

#endif
