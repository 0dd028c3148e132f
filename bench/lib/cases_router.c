/* cases_router.c: forwarding to destinations at random inside a table of real prefixes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <arpa/inet.h>
#include <endian.h>
#include "bench/lib/cases.h"
#include "bench/lib/frame.h"
#include "bench/lib/rig.h"
#include "dataplane/pkt/hdr.h"

#define MAX_PREFIXES 1000000u

struct prefix {
	uint64_t ip[2]; /* IPv4: ip[0]; host order */
	unsigned len;
};

struct table {
	struct prefix *list;
	uint32_t n;
	int family;
};

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

static bool
table_read(struct table *table, const char *file, int family)
{
	const char *data = getenv("RENGA_DATA");
	char command[512], line[128];
	FILE *pipe;

	snprintf(command, sizeof(command), "zcat %s/prefixes/%s 2>/dev/null",
		data != NULL ? data : "../shared/data", file);
	pipe = popen(command, "r");
	*table = (struct table){
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

/* So that the first n are a sample of all. */
static void
table_shuffle(struct table *table)
{
	uint64_t random = 3;

	for (uint32_t i = table->n; i > 1; i--) {
		const uint32_t k = (uint32_t)(rig_random(&random) % i);
		const struct prefix kept = table->list[i - 1];

		table->list[i - 1] = table->list[k];
		table->list[k] = kept;
	}
}

static json_t *
route(const struct prefix *p, int family, unsigned gateway)
{
	char text[INET6_ADDRSTRLEN];
	const uint64_t words[2] = {htobe64(p->ip[0]), htobe64(p->ip[1])};
	const uint32_t ip = htonl((uint32_t)p->ip[0]);

	inet_ntop(family == 4 ? AF_INET : AF_INET6,
		family == 4 ? (const void *)&ip : (const void *)words, text,
		sizeof(text));
	return json_pack("{s:o, s:o}", "prefix", json_sprintf("%s/%u", text, p->len),
		"via",
		family == 4 ? json_sprintf("10.1.0.%u", 2 + gateway)
			    : json_sprintf("2001:db8:1::%x", 2 + gateway));
}

static json_t *
config(const struct table *table, uint32_t n)
{
	json_t *routes = json_array();

	for (uint32_t i = 0; i < n; i++)
		json_array_append_new(
			routes, route(&table->list[i], table->family, i % 16));
	return json_pack("{s:[{s:s, s:[s,s]}, {s:s, s:[s,s]}], s:o}", "interfaces", "cp",
		"p0", "addresses", "10.0.0.1/24", "2001:db8::1/64", "cp", "p1",
		"addresses", "10.1.0.1/24", "2001:db8:1::1/64", "routes", routes);
}

/* A host of one of the first n prefixes. */
static void
draw(const struct table *table, uint32_t n, uint64_t *random, struct frame *frame)
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

static void
fill(struct rig *rig, const struct table *table, uint32_t n, uint64_t *random)
{
	struct rte_mbuf **pkts = rig_buffers(rig, RIG_BATCH);

	for (unsigned i = 0; i < RIG_BATCH; i++) {
		struct frame frame;

		draw(table, n, random, &frame);
		frame_write(&frame, pkts[i]);
	}
}

static void
measure(const struct bench_options *options, const struct table *table, uint32_t n)
{
	struct rig *rig = rig_open("router", config(table, n));
	struct rig_samples samples = {0};
	uint64_t random = 11;

	for (unsigned i = 0; i < 64; i++) { /* neighbours are found, tables touched */
		fill(rig, table, n, &random);
		rig_run(rig, 0, RIG_BATCH);
	}
	for (uint32_t done = 0; done < options->packets; done += RIG_BATCH) {
		fill(rig, table, n, &random);
		rig_sample(&samples, rig_run(rig, 0, RIG_BATCH), RIG_BATCH);
		rig_need(rig_forwarded(rig) == RIG_BATCH, "router: dropped for %s",
			rig_worst_reason(rig));
	}
	const struct rig_result result = rig_result(&samples);

	printf("{\"bench\": \"vnf-cycles\", \"vnf\": \"router\", \"case\": \"ipv%d\", "
	       "\"routes\": %u, \"cycles\": %.1f, \"median\": %.1f}\n",
		table->family, n, result.quiet, result.median);
	fflush(stdout);
	rig_close(rig);
}

static void
run(const struct bench_options *options, const char *file, int family)
{
	static const uint32_t usual[] = {16, 1000, 10000, UINT32_MAX};
	const uint32_t *sizes;
	const unsigned n = bench_sizes(options, usual, 4, &sizes);
	struct table table;

	if (!table_read(&table, file, family)) {
		fprintf(stderr, "router: no prefixes/%s, skipped\n", file);
		free(table.list);
		return;
	}
	table_shuffle(&table);
	for (unsigned i = 0; i < n; i++)
		measure(options, &table, sizes[i] < table.n ? sizes[i] : table.n);
	free(table.list);
}

void
bench_router(const struct bench_options *options)
{
	run(options, "ipv4-2002.txt.gz", 4);
}

void
bench_router6(const struct bench_options *options)
{
	run(options, "ipv6-2019.txt.gz", 6);
}
