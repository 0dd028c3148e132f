/* classbench.c: see classbench.h. */
#include "bench/lib/classbench.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "bench/lib/rig.h"
#include "dataplane/pkt/hdr.h"

#define MAX_FILTERS 200000

static bool
parse_line(const char *line, struct filter *f)
{
	unsigned s[4], d[4], s_len, d_len, sp[2], dp[2], proto, mask;

	if (sscanf(line, "@%u.%u.%u.%u/%u %u.%u.%u.%u/%u %u : %u %u : %u %x/%x", &s[0],
		    &s[1], &s[2], &s[3], &s_len, &d[0], &d[1], &d[2], &d[3], &d_len,
		    &sp[0], &sp[1], &dp[0], &dp[1], &proto, &mask) != 16)
		return false;
	*f = (struct filter){
		.src = s[0] << 24 | s[1] << 16 | s[2] << 8 | s[3],
		.dst = d[0] << 24 | d[1] << 16 | d[2] << 8 | d[3],
		.src_len = (uint8_t)s_len,
		.dst_len = (uint8_t)d_len,
		.sport = {(uint16_t)sp[0], (uint16_t)sp[1]},
		.dport = {(uint16_t)dp[0], (uint16_t)dp[1]},
		.proto = (uint8_t)proto,
		.any_proto = mask == 0,
	};
	return true;
}

static bool
any_ports(const uint16_t ports[2])
{
	return ports[0] == 0 && ports[1] == UINT16_MAX;
}

/* Ports without a protocol mean TCP. */
static void
settle_proto(struct filter *f)
{
	const bool ports = !any_ports(f->sport) || !any_ports(f->dport);

	if (f->any_proto && ports) {
		f->any_proto = false;
		f->proto = PKT_PROTO_TCP;
	}
	if (!f->any_proto && f->proto != PKT_PROTO_TCP && f->proto != PKT_PROTO_UDP) {
		f->sport[0] = f->dport[0] = 0;
		f->sport[1] = f->dport[1] = UINT16_MAX;
	}
}

bool
filter_set_read(struct filter_set *set, const char *name, unsigned max)
{
	char path[512], line[256];
	FILE *file;

	snprintf(path, sizeof(path), "%s/classbench/%s", rig_data(), name);
	file = fopen(path, "r");
	if (file == NULL)
		return false;
	set->n = 0;
	set->list = calloc(max < MAX_FILTERS ? max : MAX_FILTERS, sizeof(*set->list));
	rig_need(set->list != NULL, "no memory");
	while (set->n < max && fgets(line, sizeof(line), file) != NULL) {
		if (parse_line(line, &set->list[set->n]))
			settle_proto(&set->list[set->n++]);
	}
	fclose(file);
	return set->n > 0;
}

void
filter_set_make(struct filter_set *set, unsigned n)
{
	uint64_t random = 1;

	set->n = n;
	set->list = calloc(n, sizeof(*set->list));
	rig_need(set->list != NULL, "no memory");
	for (unsigned i = 0; i < n; i++) {
		struct filter *f = &set->list[i];
		const uint64_t r = rig_random(&random);

		f->src_len = (uint8_t)(16 + r % 17);
		f->dst_len = (uint8_t)(16 + (r >> 8) % 17);
		f->src = (uint32_t)rig_random(&random) & UINT32_MAX << (32 - f->src_len);
		f->dst = (uint32_t)rig_random(&random) & UINT32_MAX << (32 - f->dst_len);
		f->proto = (r >> 16) % 2 ? PKT_PROTO_TCP : PKT_PROTO_UDP;
		f->sport[1] = UINT16_MAX;
		f->dport[0] = (uint16_t)(r >> 20);
		f->dport[1] = (r >> 40) % 2 ? f->dport[0]
					    : (uint16_t)(f->dport[0] | (r >> 41 & 0xff));
	}
}

void
filter_set_free(struct filter_set *set)
{
	free(set->list);
	*set = (struct filter_set){0};
}

static json_t *
prefix(uint32_t ip, unsigned len)
{
	return json_sprintf(
		"%u.%u.%u.%u/%u", ip >> 24, ip >> 16 & 255, ip >> 8 & 255, ip & 255, len);
}

static void
set_ports(json_t *rule, const char *name, const uint16_t ports[2])
{
	if (!any_ports(ports))
		json_object_set_new(
			rule, name, json_sprintf("%u-%u", ports[0], ports[1]));
}

json_t *
filter_set_config(const struct filter_set *set, bool stateful)
{
	json_t *rules = json_array();

	for (unsigned i = 0; i < set->n; i++) {
		const struct filter *f = &set->list[i];
		json_t *rule = json_pack("{s:s}", "action", "accept");

		if (f->src_len > 0)
			json_object_set_new(rule, "src", prefix(f->src, f->src_len));
		if (f->dst_len > 0)
			json_object_set_new(rule, "dst", prefix(f->dst, f->dst_len));
		set_ports(rule, "sport", f->sport);
		set_ports(rule, "dport", f->dport);
		if (!f->any_proto)
			json_object_set_new(rule, "proto", json_integer(f->proto));
		json_array_append_new(rules, rule);
	}
	return json_pack("{s:b, s:o}", "stateful", stateful, "rules", rules);
}

static uint16_t
draw_port(const uint16_t ports[2], uint64_t *random)
{
	return (uint16_t)(ports[0] + rig_random(random) % (ports[1] - ports[0] + 1u));
}

static uint32_t
draw_address(uint32_t ip, unsigned len, uint64_t *random)
{
	const uint32_t host = len == 0 ? UINT32_MAX : ~(UINT32_MAX << (32 - len));

	return ip | (len == 32 ? 0 : (uint32_t)rig_random(random) & host);
}

static void
draw_from(const struct filter *f, uint64_t *random, struct frame *frame)
{
	*frame = (struct frame){.family = 4,
		.proto = f->any_proto ? PKT_PROTO_TCP : f->proto,
		.tcp_flags = PKT_TCP_ACK,
		.src = {draw_address(f->src, f->src_len, random)},
		.dst = {draw_address(f->dst, f->dst_len, random)},
		.sport = draw_port(f->sport, random),
		.dport = draw_port(f->dport, random)};
}

void
filter_set_draw(const struct filter_set *set, uint64_t *random, struct frame *frame)
{
	do
		draw_from(&set->list[rig_random(random) % set->n], random, frame);
	while (frame->src[0] == frame->dst[0]);
}

static bool
in_prefix(uint32_t ip, uint32_t net, unsigned len)
{
	return len == 0 || (ip ^ net) >> (32 - len) == 0;
}

bool
filter_matches(const struct filter *f, const struct frame *frame)
{
	return in_prefix((uint32_t)frame->src[0], f->src, f->src_len) &&
	       in_prefix((uint32_t)frame->dst[0], f->dst, f->dst_len) &&
	       (f->any_proto || f->proto == frame->proto) &&
	       frame->sport >= f->sport[0] && frame->sport <= f->sport[1] &&
	       frame->dport >= f->dport[0] && frame->dport <= f->dport[1];
}
