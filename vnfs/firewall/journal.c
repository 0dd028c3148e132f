/* journal.c: see journal.h. */
#include "vnfs/firewall/journal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "dataplane/sdk/base.h"

#define SECOND_NS     1000000000ull
#define MS	      1000000ull
#define LINES_AT_ONCE 32

static void tell_lost(struct journal *journal, const char *vnf);
static void write_line(
	const struct journal_entry *entry, const char *vnf, uint64_t wall_ns);

static inline void
count(uint64_t *counter)
{
	__atomic_store_n(counter, *counter + 1, __ATOMIC_RELAXED);
}

int
journal_open(struct journal *journal)
{
	*journal = (struct journal){.ring = calloc(JOURNAL_ROOM, sizeof(*journal->ring))};
	return journal->ring == NULL ? -ENOMEM : 0;
}

void
journal_close(struct journal *journal)
{
	free(journal->ring);
	journal->ring = NULL;
}

void
journal_note(struct journal *journal, enum journal_event event, const struct flow *flow,
	const char *rule, uint64_t now_ns)
{
	struct journal_entry *entry;

	if (!(event == JOURNAL_OPEN ? journal->opens : journal->closes))
		return;
	if (journal->n == JOURNAL_ROOM) {
		count(&journal->lost);
		return;
	}
	entry = &journal->ring[(journal->first + journal->n++) % JOURNAL_ROOM];
	entry->flow = *flow;
	entry->at_ns = now_ns;
	entry->event = event;
	memcpy(entry->rule, rule, sizeof(entry->rule));
}

void
journal_flush(struct journal *journal, const char *vnf, uint32_t rate, uint64_t wall_ns,
	uint64_t now_ns)
{
	if (now_ns - journal->second_ns >= SECOND_NS) {
		journal->second_ns = now_ns;
		journal->this_second = 0;
		tell_lost(journal, vnf);
	}
	for (unsigned i = 0; i < LINES_AT_ONCE && journal->n > 0; i++) {
		if (journal->this_second >= rate)
			return;
		write_line(&journal->ring[journal->first], vnf, wall_ns);
		journal->first = (journal->first + 1) % JOURNAL_ROOM;
		journal->n--;
		journal->this_second++;
		count(&journal->lines);
	}
}

static void
tell_lost(struct journal *journal, const char *vnf)
{
	if (journal->lost == journal->told_lost)
		return;
	log_warn("lines about firewall sessions lost", "vnf=%s lines=%llu", vnf,
		(unsigned long long)(journal->lost - journal->told_lost));
	journal->told_lost = journal->lost;
}

/* ---- lines ---- */

static const char *
proto_of(const struct flow *flow, char buf[16])
{
	const struct field field = {0};
	const uint16_t proto = flow->key.proto;
	json_t *name = fw_proto_print(&field, &proto);

	if (json_is_string(name))
		snprintf(buf, 16, "%s", json_string_value(name));
	else
		snprintf(buf, 16, "%u", proto);
	json_decref(name);
	return buf;
}

static void
write_totals(const struct journal_entry *entry, char *buf, size_t size)
{
	static const char *const reasons[] = {
		[JOURNAL_CLOSED] = "closed",
		[JOURNAL_RESET] = "reset",
		[JOURNAL_TIMEOUT] = "timeout",
		[JOURNAL_EVICTED] = "evicted",
		[JOURNAL_REPLACED] = "replaced",
		[JOURNAL_FORBIDDEN] = "forbidden",
	};
	const struct flow *flow = &entry->flow;
	const struct flow_end *end = flow->traffic.end;
	const uint64_t age_ms = flow_age(flow, entry->at_ns) / MS;

	snprintf(buf, size,
		" reason=%s state=%s duration=%llu.%llu packets-out=%llu packets-back=%llu "
		"bytes-out=%llu bytes-back=%llu",
		reasons[entry->event], flow_state_name(flow),
		(unsigned long long)age_ms / 1000, (unsigned long long)age_ms / 100 % 10,
		(unsigned long long)end[0].packets, (unsigned long long)end[1].packets,
		(unsigned long long)end[0].bytes, (unsigned long long)end[1].bytes);
}

static void
write_line(const struct journal_entry *entry, const char *vnf, uint64_t wall_ns)
{
	const struct flow_addresses ends = flow_addresses(&entry->flow);
	const struct net_endpoint src = {ends.src, ends.sport},
				  dst = {ends.dst, ends.dport};
	char at[LOG_TIME], proto[16], from[NET_STRLEN], to[NET_STRLEN], totals[256] = "";

	if (entry->event != JOURNAL_OPEN)
		write_totals(entry, totals, sizeof(totals));
	log_info("firewall session",
		"vnf=%s event=%s at=%s proto=%s src=%s dst=%s from=%s zone=%u "
		"rule=\"%s\"%s",
		vnf, entry->event == JOURNAL_OPEN ? "open" : "close",
		log_time(entry->at_ns + wall_ns, at), proto_of(&entry->flow, proto),
		net_endpoint_print(&src, from), net_endpoint_print(&dst, to),
		entry->flow.cp == FW_LEFT ? "left" : "right", entry->flow.key.zone,
		entry->rule, totals);
}
