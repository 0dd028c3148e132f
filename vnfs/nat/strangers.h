/* strangers.h: TCP connection attempts from outside that nobody waits for. RFC 5382
 * REQ-4: no answer for six seconds, in which the inside host may open the same
 * connection; then an ICMP error, unless that is not wanted. Time is an argument. Private
 * memory; worker only.
 *
 * The packet itself is dropped at once; what an ICMP error would quote of it is kept. As
 * many as fit: others are never answered, which is allowed.
 */
#ifndef VNFS_NAT_STRANGERS_H
#define VNFS_NAT_STRANGERS_H

#include <stdbool.h>
#include <stdint.h>
#include "dataplane/pkt/parse.h"
#include "dataplane/sdk/base.h"
#include "dataplane/sdk/session.h"

#define STRANGERS_MAX 256
#define STRANGERS_QUOTE                                                                  \
	562 /* bytes of a frame: Ethernet header, and what ICMP quotes                   \
	     */
#define STRANGERS_WAIT_NS (6 * 1000000000ull)

struct stranger {
	struct session_key4 key; /* as from outside */
	uint64_t due_ns;
	bool met;	      /* the inside host opened the connection too */
	struct pkt_info info; /* its end is that of what is kept */
	uint8_t frame[STRANGERS_QUOTE];
};

struct strangers {
	struct stranger *list; /* a ring, the first to end first */
	uint32_t first, n;
};

/* 0, or ERR_NO_RESOURCE. */
int strangers_open(struct strangers *strangers, struct err *err);
void strangers_close(struct strangers *strangers);

/* A SYN that was dropped. One with the same key as a waiting one is its repetition. */
void strangers_add(struct strangers *strangers, const struct session_key4 *key,
	const uint8_t *frame, const struct pkt_info *info, uint64_t now_ns);
/* An inside host opened the connection with that key: no answer to the other SYN. */
void strangers_meet(struct strangers *strangers, const struct session_key4 *key);
/* Takes the next one whose time is over and that must be answered; null: none. Valid
 * until the next strangers_add(). */
const struct stranger *strangers_due(struct strangers *strangers, uint64_t now_ns);

#endif
