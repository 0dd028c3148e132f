/* journal.c: events of a NAT that wait for the log, and their lines; see journal.h. */
#include "vnfs/nat/journal.h"
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include "dataplane/pkt/hdr.h"

#define SECOND_NS	   1000000000ull
#define LINES_AT_ONCE	   32
#define REFUSED_PER_SECOND 10

int
journal_open(struct journal *journal, struct err *err)
{
	*journal = (struct journal){.list = calloc(JOURNAL_ROOM, sizeof(*journal->list))};
	if (journal->list == NULL)
		return err_set(err, ERR_NO_RESOURCE, "log", NULL, "out of memory");
	return 0;
}

void
journal_close(struct journal *journal)
{
	free(journal->list);
	journal->list = NULL;
}

static inline void
count(uint64_t *counter)
{
	__atomic_store_n(counter, *counter + 1, __ATOMIC_RELAXED);
}

void
journal_add(struct journal *journal, const struct journal_event *event)
{
	if (journal->n == JOURNAL_ROOM) {
		count(&journal->lost);
		return;
	}
	journal->list[(journal->first + journal->n++) % JOURNAL_ROOM] = *event;
}

void
journal_refuse(struct journal *journal, const char *reason, uint8_t proto,
	uint32_t inside_ip, uint16_t inside_port, uint64_t now_ns)
{
	if (now_ns - journal->refused_second_ns >= SECOND_NS) {
		journal->refused_second_ns = now_ns;
		journal->refused_this_second = 0;
	}
	if (journal->refused_this_second == REFUSED_PER_SECOND) {
		journal->refused_more++;
		return;
	}
	journal->refused_this_second++;
	journal_add(journal, &(struct journal_event){.at_ns = now_ns,
				     .what = JOURNAL_REFUSED,
				     .reason = reason,
				     .proto = proto,
				     .inside_ip = inside_ip,
				     .inside_port = inside_port,
				     .more = journal->refused_more});
	journal->refused_more = 0;
}

/* ---- lines ---- */

static const char *
end_of(uint32_t ip, uint16_t port, char *buf)
{
	const struct net_endpoint end = {net_addr_from_v4(ntohl(ip)), port};

	return net_endpoint_print(&end, buf);
}

static const char *
name_of(uint8_t proto, char buf[8])
{
	snprintf(buf, 8, "%u", proto);
	return proto == PKT_PROTO_TCP	 ? "tcp"
	       : proto == PKT_PROTO_UDP	 ? "udp"
	       : proto == PKT_PROTO_ICMP ? "icmp"
	       : proto == PKT_PROTO_SCTP ? "sctp"
	       : proto == PKT_PROTO_GRE	 ? "gre"
	       : proto == PKT_PROTO_ESP	 ? "esp"
					 : buf;
}

static void
write_refused(const struct journal_event *e, const char *vnf, const char *at)
{
	char inside[NET_STRLEN], proto[8];

	log_warn("nat session refused",
		"vnf=%s event=refused at=%s proto=%s inside=%s reason=%s more=%u", vnf,
		at, name_of(e->proto, proto),
		end_of(e->inside_ip, e->inside_port, inside), e->reason, e->more);
}

static void
write_block(const struct journal_event *e, const char *vnf, const char *at)
{
	const struct net_addr inside = net_addr_from_v4(ntohl(e->inside_ip));
	const struct net_addr outside = net_addr_from_v4(ntohl(e->outside_ip));
	char in[NET_STRLEN], out[NET_STRLEN];

	log_info("nat port block",
		"vnf=%s event=%s at=%s inside=%s outside=%s ports=%u-%u", vnf,
		e->ended ? "delete" : "create", at, net_addr_print(&inside, in),
		net_addr_print(&outside, out), e->outside_port, e->last_port);
}

static void
write_mapping(const struct journal_event *e, const char *vnf, const char *at)
{
	char in[NET_STRLEN], out[NET_STRLEN], peer[NET_STRLEN], proto[8];
	const bool session = e->what == JOURNAL_SESSION;

	log_info(session ? "nat session" : "nat mapping",
		"vnf=%s event=%s at=%s proto=%s inside=%s outside=%s%s%s", vnf,
		e->ended ? "delete" : "create", at, name_of(e->proto, proto),
		end_of(e->inside_ip, e->inside_port, in),
		end_of(e->outside_ip, e->outside_port, out),
		session ? " destination=" : "",
		session ? end_of(e->peer_ip, e->peer_port, peer) : "");
}

static void
write_line(const struct journal_event *e, const char *vnf, uint64_t wall_ns)
{
	char at[LOG_TIME];

	log_time(e->at_ns + wall_ns, at);
	if (e->what == JOURNAL_REFUSED)
		write_refused(e, vnf, at);
	else if (e->what == JOURNAL_BLOCK)
		write_block(e, vnf, at);
	else
		write_mapping(e, vnf, at);
}

void
journal_flush(struct journal *journal, const char *vnf, uint32_t rate, uint64_t wall_ns,
	uint64_t now_ns)
{
	if (now_ns - journal->second_ns >= SECOND_NS) {
		journal->second_ns = now_ns;
		journal->this_second = 0;
	}
	for (unsigned i = 0;
		i < LINES_AT_ONCE && journal->n > 0 && journal->this_second < rate; i++) {
		write_line(&journal->list[journal->first], vnf, wall_ns);
		journal->first = (journal->first + 1) % JOURNAL_ROOM;
		journal->n--;
		journal->this_second++;
		count(&journal->told);
	}
}
