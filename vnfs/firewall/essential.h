/* essential.h: what IPv6 does not work without, and a default of drop lets pass
 * (RFC 4890). Pure.
 */
#ifndef VNFS_FIREWALL_ESSENTIAL_H
#define VNFS_FIREWALL_ESSENTIAL_H

#include <stdbool.h>
#include <stdint.h>
#include "dataplane/pkt/parse.h"

/* What keeps a link alive (RFC 4890 4.4.1): router and neighbour solicitation and
 * advertisement, multicast listener messages; all of them from the link itself. */
bool essential_neighbour_discovery(const struct pkt_info *packet);

/* Errors that senders have to act on (RFC 4890 4.3.1): packet too big, and parameter
 * problems with the next header or an option; about a packet of whom they go to. */
bool essential_error(const uint8_t *frame, const struct pkt_info *packet);

#endif
