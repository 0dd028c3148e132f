/* generator_spec.c: what a generator is asked for. */
#include <stddef.h>
#include <string.h>
#include "dataplane/host/generator_spec.h"
#include "dataplane/host/traffic.h"
#include "dataplane/pkt/hdr.h"

#define SIZE_MIN 60 /* of a frame without FCS */

static int parse_rate(const struct field *field, const json_t *json, const char *path,
	void *out, struct faults *faults);
static json_t *print_rate(const struct field *field, const void *in);
static int parse_size(const struct field *field, const json_t *json, const char *path,
	void *out, struct faults *faults);
static json_t *print_size(const struct field *field, const void *in);

static const struct field_value protocols[] = {
	{"udp", PKT_PROTO_UDP, NULL},
	{"tcp", PKT_PROTO_TCP, "segments with ACK set, of no connection"},
	{0},
};

const struct field generator_fields[] = {
	DRIVER_COMMON_FIELDS,
	{.name = "rate",
		.type = FIELD_CUSTOM,
		.offset = offsetof(struct generator_spec, rate),
		.size = sizeof(uint64_t),
		.dflt = "max",
		.parse = parse_rate,
		.print = print_rate,
		.syntax = "max | packets per second (k, M, G)",
		.help = "how many packets"},
	{.name = "size",
		.type = FIELD_CUSTOM,
		.offset = offsetof(struct generator_spec, size),
		.size = sizeof(uint32_t),
		.dflt = "64",
		.parse = parse_size,
		.print = print_size,
		.syntax = "imix | 60-1514",
		.help = "bytes of a frame without FCS; imix: 64, 590 and 1514 as 7:4:1"},
	{.name = "flows",
		.type = FIELD_UINT,
		.offset = offsetof(struct generator_spec, flows),
		.size = sizeof(uint32_t),
		.dflt = "1",
		.min = 1,
		.max = 100000000,
		.help = "flows that take turns"},
	{.name = "src",
		.type = FIELD_ADDR,
		.offset = offsetof(struct generator_spec, src),
		.dflt = "10.0.0.10",
		.help = "source address, the first if there are many flows"},
	{.name = "dst",
		.type = FIELD_ADDR,
		.offset = offsetof(struct generator_spec, dst),
		.dflt = "198.51.100.10",
		.help = "destination address"},
	{.name = "protocol",
		.type = FIELD_ENUM,
		.offset = offsetof(struct generator_spec, protocol),
		.values = protocols,
		.dflt = "udp",
		.help = "transport protocol"},
	{.name = "dst-mac",
		.type = FIELD_MAC,
		.offset = offsetof(struct generator_spec, dst_mac),
		.dflt = "02:52:47:00:00:00",
		.help = "destination MAC address"},
	{.name = "count",
		.type = FIELD_RATE,
		.offset = offsetof(struct generator_spec, count),
		.dflt = "0",
		.help = "ends after that many packets; 0: never"},
	{.name = "duration",
		.type = FIELD_DURATION,
		.offset = offsetof(struct generator_spec, duration_ns),
		.dflt = "0",
		.help = "ends after that time; 0: never"},
	{0},
};

static int
parse_rate(const struct field *field, const json_t *json, const char *path, void *out,
	struct faults *faults)
{
	const char *text = json_string_value(json);
	uint64_t *rate = out;

	(void)field;
	if (text != NULL && strcmp(text, "max") == 0) {
		*rate = 0;
		return 0;
	}
	if (json_is_integer(json) && json_integer_value(json) > 0) {
		*rate = (uint64_t)json_integer_value(json);
		return 0;
	}
	if (text != NULL && field_rate_parse(text, rate) == 0 && *rate > 0)
		return 0;
	return faults_add(faults, ERR_INVALID, path, "examples: max   1M   250k",
		"a rate is max, or packets per second");
}

static json_t *
print_rate(const struct field *field, const void *in)
{
	const uint64_t *rate = in;

	(void)field;
	return *rate == 0 ? json_string("max") : json_integer((json_int_t)*rate);
}

static int
parse_size(const struct field *field, const json_t *json, const char *path, void *out,
	struct faults *faults)
{
	const char *text = json_string_value(json);
	uint32_t *size = out;
	uint64_t bytes = 0;

	(void)field;
	if (text != NULL && strcmp(text, "imix") == 0) {
		*size = 0;
		return 0;
	}
	if (json_is_integer(json))
		bytes = (uint64_t)json_integer_value(json);
	else if (text != NULL)
		field_size_parse(text, &bytes);
	if (bytes < SIZE_MIN || bytes > TRAFFIC_FRAME_MAX)
		return faults_add(faults, ERR_INVALID, path, "examples: 64   imix",
			"a size is imix, or from %u to %u bytes", SIZE_MIN,
			TRAFFIC_FRAME_MAX);
	*size = (uint32_t)bytes;
	return 0;
}

static json_t *
print_size(const struct field *field, const void *in)
{
	const uint32_t *size = in;

	(void)field;
	return *size == 0 ? json_string("imix") : json_integer(*size);
}
