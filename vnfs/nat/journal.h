/* journal.h: what a NAT tells in the log: mappings, sessions and blocks of ports made and
 * ended, and who was refused (RFC 6888 REQ-12 to REQ-14, RFC 5508 REQ-8).
 *
 * The packet path only notes events; journal_flush(), called from tick(), writes them, at
 * most so many a second, each as one line of key=value:
 *
 *	... msg="nat mapping" vnf=edge.nat event=create at=2026-11-29T10:00:00.123Z
 *	proto=udp inside=10.0.0.10:1000 outside=203.0.113.2:5000
 *
 * Events that there is no room for are lost, and counted. A destination stands only in
 * lines about sessions. Refusals are told ten times a second at most, with how many more
 * there were.
 */
#ifndef VNFS_NAT_JOURNAL_H
#define VNFS_NAT_JOURNAL_H

#include <stdbool.h>
#include <stdint.h>
#include "dataplane/sdk/base.h"

#define JOURNAL_ROOM 4096 /* events that wait to be written */

enum journal_what { JOURNAL_MAPPING, JOURNAL_SESSION, JOURNAL_BLOCK, JOURNAL_REFUSED };

struct journal_event {
	uint64_t at_ns;
	const char *reason;			 /* of a refusal; static text */
	uint32_t inside_ip, outside_ip, peer_ip; /* network order */
	uint16_t inside_port, outside_port, peer_port;
	uint16_t last_port; /* of a block */
	uint32_t more;	    /* refusals since the last one that was told */
	uint8_t what;
	uint8_t proto;
	bool ended;
};

struct journal {
	struct journal_event *list; /* a ring of JOURNAL_ROOM */
	uint32_t first, n;
	uint64_t second_ns;   /* when this second began */
	uint32_t this_second; /* lines in it */
	uint64_t refused_second_ns;
	uint32_t refused_this_second, refused_more;
	uint64_t lost, told; /* any thread reads */
};

/* 0, or ERR_NO_RESOURCE. */
int journal_open(struct journal *journal, struct err *err);
void journal_close(struct journal *journal);

/* Worker. Notes an event, or counts it as lost. */
void journal_add(struct journal *journal, const struct journal_event *event);
/* Worker. Somebody inside was refused a session. */
void journal_refuse(struct journal *journal, const char *reason, uint8_t proto,
	uint32_t inside_ip, uint16_t inside_port, uint64_t now_ns);
/* From tick(): writes some of what waits, at most `rate` lines a second. vnf: its name.
 * wall_ns: to be added to times for those of the day. */
void journal_flush(struct journal *journal, const char *vnf, uint32_t rate,
	uint64_t wall_ns, uint64_t now_ns);

#endif
