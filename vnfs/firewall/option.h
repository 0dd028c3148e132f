/* option.h: IPv4 options, and what the configuration says of them (RFC 7126). Pure.
 */
#ifndef VNFS_FIREWALL_OPTION_H
#define VNFS_FIREWALL_OPTION_H

#include <stdint.h>
#include "dataplane/pkt/parse.h"
#include "vnfs/firewall/config.h"

enum option_verdict {
	OPTION_PASS,
	OPTION_SOURCE_ROUTE, /* dropped for a loose or strict source route */
	OPTION_REFUSED,	     /* dropped for another one, or options that do not hold
				together */
};

/* Of an IPv4 packet with options. */
enum option_verdict option_look(const uint8_t *frame, const struct pkt_info *packet,
	const struct fw_ip_options *policy);

#endif
