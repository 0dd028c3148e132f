/* mss.h: the maximum segment size that a TCP SYN offers, made no larger than a limit.
 * Pure.
 */
#ifndef VNFS_NAT_MSS_H
#define VNFS_NAT_MSS_H

#include <stdint.h>
#include "dataplane/pkt/parse.h"

/* Lowers the option if it is larger, and mends the checksum; a segment without one is
 * left alone, and so is a fragment. info: of a TCP segment with SYN. */
void mss_clamp(uint8_t *frame, const struct pkt_info *info, uint16_t limit);

#endif
