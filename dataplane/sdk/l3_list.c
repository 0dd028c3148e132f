/* l3_list.c: see l3_list.h. */
#include "dataplane/sdk/l3_list.h"
#include <assert.h>
#include <string.h>

#define BULK  64
#define LANES 8 /* the number of addresses is made a multiple of it */

void
l3_list4_append(struct l3_list4 *list, const struct net_prefix *prefix, uint64_t value)
{
	const unsigned i = list->n++;

	assert(i < L3_LIST_MAX && prefix->addr.family == 4);
	list->mask[i] = prefix->len == 0 ? 0 : UINT32_MAX << (32 - prefix->len);
	list->net[i] = net_addr_v4(&prefix->addr) & list->mask[i];
	list->values[i + 1] = value;
}

void
l3_list6_append(struct l3_list6 *list, const struct net_prefix *prefix, uint64_t value)
{
	const unsigned i = list->n++;
	uint8_t mask[16] = {0}, net[16];

	assert(i < L3_LIST_MAX && prefix->addr.family == 6);
	for (unsigned bit = 0; bit < prefix->len; bit++)
		mask[bit / 8] |= (uint8_t)(0x80 >> bit % 8);
	for (unsigned k = 0; k < 16; k++)
		net[k] = prefix->addr.bytes[k] & mask[k];
	memcpy(list->mask[i], mask, 16);
	memcpy(list->net[i], net, 16);
	list->values[i] = value;
}

void
l3_list4_find(
	const struct l3_list4 *list, const uint32_t *ips, uint64_t *values, unsigned n)
{
	const unsigned padded = (n + LANES - 1) / LANES * LANES;
	uint32_t ip[BULK], found[BULK];

	assert(n <= BULK);
	for (unsigned k = 0; k < padded; k++) {
		ip[k] = k < n ? ips[k] : 0;
		found[k] = 0;
	}
	for (unsigned i = 0; i < list->n; i++) {
		const uint32_t net = list->net[i], mask = list->mask[i];

		for (unsigned k = 0; k < padded; k++)
			found[k] = (ip[k] & mask) == net ? i + 1 : found[k];
	}
	for (unsigned k = 0; k < n; k++)
		values[k] = list->values[found[k]];
}

static inline uint64_t
word(const uint8_t *bytes)
{
	uint64_t word;

	memcpy(&word, bytes, 8);
	return word;
}

void
l3_list6_find(
	const struct l3_list6 *list, uint8_t (*ips)[16], uint64_t *values, unsigned n)
{
	const unsigned padded = (n + LANES - 1) / LANES * LANES;
	uint64_t high[BULK], low[BULK], found[BULK];

	assert(n <= BULK);
	for (unsigned k = 0; k < padded; k++) {
		high[k] = word(ips[k < n ? k : 0]);
		low[k] = word(ips[k < n ? k : 0] + 8);
		found[k] = 0;
	}
	for (unsigned i = 0; i < list->n; i++) {
		const uint64_t *net = list->net[i], *mask = list->mask[i];
		const uint64_t value = list->values[i];

		for (unsigned k = 0; k < padded; k++) {
			const uint64_t differ = ((high[k] & mask[0]) ^ net[0]) |
						((low[k] & mask[1]) ^ net[1]);

			found[k] = differ == 0 ? value : found[k];
		}
	}
	memcpy(values, found, n * sizeof(*values));
}
