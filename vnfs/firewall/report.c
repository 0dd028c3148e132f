/* report.c: see report.h. */
#include "vnfs/firewall/report.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include "dataplane/sdk/base.h"

#define SECOND_NS 1000000000ull

static void write_line(const struct report *report, const char *vnf);

void
reports_add(struct reports *reports, const struct ruleset_rule *rule,
	const struct pkt_info *packet, unsigned cp, uint32_t bytes, uint64_t now_ns)
{
	if (now_ns - reports->second_ns >= SECOND_NS) {
		reports->second_ns = now_ns;
		reports->this_second = 0;
	}
	if (reports->this_second == REPORTS_PER_SECOND ||
		reports->n == REPORTS_PER_SECOND) {
		reports->suppressed++;
		return;
	}
	reports->this_second++;
	reports->list[reports->n++] = (struct report){rule, *packet, bytes, cp};
}

void
reports_flush(struct reports *reports, const char *vnf)
{
	if (reports->n == 0)
		return;
	for (unsigned i = 0; i < reports->n; i++)
		write_line(&reports->list[i], vnf);
	if (reports->suppressed > 0)
		log_info("more packets matched rules that log", "vnf=%s packets=%u", vnf,
			reports->suppressed);
	reports->n = reports->suppressed = 0;
}

static void
write_line(const struct report *report, const char *vnf)
{
	static const char *const actions[] = {"accept", "drop", "reject", "continue"};
	const struct pkt_info *packet = &report->packet;
	int family = packet->family == 4 ? AF_INET : AF_INET6;
	char src[INET6_ADDRSTRLEN], dst[INET6_ADDRSTRLEN];

	log_info("packet matched a rule",
		"vnf=%s rule=\"%s\" action=%s from=%s proto=%u src=%s sport=%u dst=%s "
		"dport=%u bytes=%u",
		vnf, report->rule->name, actions[report->rule->action],
		report->cp == FW_LEFT ? "left" : "right", packet->proto,
		inet_ntop(family, packet->src, src, sizeof(src)), packet->sport,
		inet_ntop(family, packet->dst, dst, sizeof(dst)), packet->dport,
		report->bytes);
}
