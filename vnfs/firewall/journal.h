/* journal.h: lines in the log about sessions that begin and end.
 *
 * The packet path only notes them; journal_flush(), called from tick(), writes them, at
 * most so many a second, each as one line of key=value:
 *
 *	... msg="firewall session" vnf=edge.fw event=close at=2026-11-29T10:00:00.123Z
 *	proto=tcp src=10.0.0.5:1234 dst=198.51.100.10:80 from=left zone=0 rule="web"
 *	reason=closed state=closed duration=12.3 packets-out=10 packets-back=8
 *	bytes-out=1204 bytes-back=5120
 *
 * reason: closed (by both ends), reset, timeout, evicted (gave way to another), replaced
 * (another connection has its ports), forbidden (by rules that replaced those that let it
 * in). What there is no room for is lost and counted.
 */
#ifndef VNFS_FIREWALL_JOURNAL_H
#define VNFS_FIREWALL_JOURNAL_H

#include <stdbool.h>
#include <stdint.h>
#include "vnfs/firewall/account.h"
#include "vnfs/firewall/flow.h"

#define JOURNAL_ROOM 1024 /* lines that wait to be written */

enum journal_event {
	JOURNAL_OPEN,
	JOURNAL_CLOSED,
	JOURNAL_RESET,
	JOURNAL_TIMEOUT,
	JOURNAL_EVICTED,
	JOURNAL_REPLACED,
	JOURNAL_FORBIDDEN
};

struct journal_entry {
	struct flow flow;
	uint64_t at_ns;
	uint8_t event; /* enum journal_event */
	char rule[FW_NAME_SIZE];
};

struct journal {
	struct journal_entry *ring;
	uint32_t first, n;
	uint64_t second_ns;   /* when this second began */
	uint32_t this_second; /* lines in it */
	uint64_t told_lost;   /* of lost, in the log */
	uint64_t lines, lost; /* any thread reads */
	bool opens, closes;   /* what is noted */
};

/* 0 or -ENOMEM. */
int journal_open(struct journal *journal);
void journal_close(struct journal *journal);

/* The flow as it is now; rule: that let it in. If it is to be noted. */
void journal_note(struct journal *journal, enum journal_event event,
	const struct flow *flow, const char *rule, uint64_t now_ns);
/* Writes some of what waits, at most rate lines a second. vnf: name for the log. wall_ns:
 * to be added to times for those of the day. */
void journal_flush(struct journal *journal, const char *vnf, uint32_t rate,
	uint64_t wall_ns, uint64_t now_ns);

#endif
