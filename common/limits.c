/* limits.c: see limits.h. */
#include "common/limits.h"
#include <stddef.h>

#define BURST_MS	 10
#define BURST_MIN	 16384
#define PACKET_BURST_MIN 64

const struct field limits_fields[] = {
	{.name = "rate",
		.type = FIELD_RATE,
		.offset = offsetof(struct limits, rate),
		.max = 1000000000000,
		.help = "bits a second of Ethernet frames without FCS; 0: no limit"},
	{.name = "packet-rate",
		.type = FIELD_RATE,
		.offset = offsetof(struct limits, packet_rate),
		.max = 1000000000,
		.help = "packets a second; 0: no limit"},
	{.name = "burst",
		.type = FIELD_SIZE,
		.offset = offsetof(struct limits, burst),
		.max = 1 << 30,
		.help = "bytes that may come at once; 0: 10 ms of the rate, at least 16 KiB"},
	{.name = "packet-burst",
		.type = FIELD_RATE,
		.offset = offsetof(struct limits, packet_burst),
		.max = 1 << 30,
		.help = "packets that may come at once; 0: 10 ms of the rate, at least 64"},
	{0},
};

static uint64_t
larger(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

int
limits_parse(const json_t *json, const char *path, struct limits *limits,
	struct faults *faults)
{
	int rc;

	*limits = (struct limits){0};
	if (json == NULL)
		return 0;
	rc = field_parse(limits_fields, json, path, limits, sizeof(*limits), faults);
	if (rc != 0)
		return rc;
	if (limits->burst == 0)
		limits->burst = larger(limits->rate / 8 * BURST_MS / 1000, BURST_MIN);
	if (limits->packet_burst == 0)
		limits->packet_burst =
			larger(limits->packet_rate * BURST_MS / 1000, PACKET_BURST_MIN);
	return 0;
}
