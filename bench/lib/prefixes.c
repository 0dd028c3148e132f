/* prefixes.c: see prefixes.h. */
#include "bench/lib/prefixes.h"
#include <arpa/inet.h>
#include <endian.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "bench/lib/rig.h"
#include "dataplane/pkt/hdr.h"

#define MAX_PREFIXES 1000000u

/* Those that are ours to route: not the interfaces' own, not martian. */
static bool
is_usable(const struct prefix *p, int family)
{
	const uint32_t top = (uint32_t)p->ip[0] >> 24;

	if (family == 6)
		return p->len > 0 && p->len <= 64 && p->ip[0] >> 61 == 1 &&
		       p->ip[0] >> 32 != 0x20010db8;
	return p->len > 0 && top > 0 && top < 224 && top != 127 && top != 10;
}

static bool
parse_prefix(char *line, int family, struct prefix *p)
{
	char *slash = strchr(line, '/');
	uint8_t bytes[16] = {0};

	if (slash == NULL)
		return false;
	*slash = '\0';
	p->len = (unsigned)strtoul(slash + 1, NULL, 10);
	if (inet_pton(family == 4 ? AF_INET : AF_INET6, line, bytes) != 1)
		return false;
	if (family == 4)
		p->ip[0] = (uint64_t)bytes[0] << 24 | bytes[1] << 16 | bytes[2] << 8 |
			   bytes[3];
	for (int i = 0; family == 6 && i < 2; i++) {
		memcpy(&p->ip[i], bytes + 8 * i, 8);
		p->ip[i] = be64toh(p->ip[i]);
	}
	return is_usable(p, family);
}

bool
prefixes_read(struct prefixes *table, const char *file, int family)
{
	char command[512], line[128];
	FILE *pipe;

	snprintf(command, sizeof(command), "zcat %s/prefixes/%s 2>/dev/null", rig_data(),
		file);
	pipe = popen(command, "r");
	*table = (struct prefixes){
		.family = family, .list = calloc(MAX_PREFIXES, sizeof(struct prefix))};
	rig_need(pipe != NULL && table->list != NULL, "no memory");
	while (table->n < MAX_PREFIXES && fgets(line, sizeof(line), pipe) != NULL) {
		struct prefix p = {0};

		if (parse_prefix(line, family, &p))
			table->list[table->n++] = p;
	}
	pclose(pipe);
	return table->n > 0;
}

void
prefixes_shuffle(struct prefixes *table)
{
	uint64_t random = 3;

	for (uint32_t i = table->n; i > 1; i--) {
		const uint32_t k = (uint32_t)(rig_random(&random) % i);
		const struct prefix kept = table->list[i - 1];

		table->list[i - 1] = table->list[k];
		table->list[k] = kept;
	}
}

void
prefixes_draw(
	const struct prefixes *table, uint32_t n, uint64_t *random, struct frame *frame)
{
	const struct prefix *p = &table->list[rig_random(random) % n];
	const uint64_t r = rig_random(random);
	const uint32_t host = p->len >= 32 ? 0 : UINT32_MAX >> p->len;

	*frame = (struct frame){.family = (uint8_t)table->family,
		.proto = PKT_PROTO_UDP,
		.sport = (uint16_t)r,
		.dport = 80};
	if (table->family == 4) {
		frame->src[0] = 10u << 24 | 2;
		frame->dst[0] = p->ip[0] | ((uint32_t)r & host);
		return;
	}
	frame->src[0] = 0x20010db800000000;
	frame->src[1] = 2;
	frame->dst[0] = p->ip[0] | (p->len < 64 ? r & (UINT64_MAX >> p->len) : 0);
	frame->dst[1] = r | 1;
}
