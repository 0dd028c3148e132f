/* direct.c: address pairs by hash, and a few prefixes; see direct.h. */
#include "vnfs/nat/direct.h"
#include <arpa/inet.h>
#include <string.h>

static void put(struct direct_pair *slots, uint32_t from, uint32_t to);
static uint32_t get(const struct direct_pair *slots, uint32_t from);

void
direct_init(struct direct *direct, const struct config *config)
{
	*direct = (struct direct){0};
	for (unsigned i = 0; i < config->n_statics; i++) {
		const struct config_static *s = &config->statics[i];
		const uint32_t inside = htonl(net_addr_v4(&s->inside.addr));
		const uint32_t outside = htonl(net_addr_v4(&s->outside.addr));

		if (s->outside.ports.first > 0 || direct->n == CONFIG_MAX_POOL)
			continue;
		put(direct->outward, inside, outside);
		put(direct->inward, outside, inside);
		direct->n++;
	}
	for (unsigned i = 0; i < config->n_no_nat; i++) {
		const struct net_prefix *prefix = &config->no_nat[i];
		const uint32_t mask =
			prefix->len == 0 ? 0 : UINT32_MAX << (32 - prefix->len);

		direct->plain[direct->n_plain].mask = htonl(mask);
		direct->plain[direct->n_plain++].net =
			htonl(net_addr_v4(&prefix->addr) & mask);
	}
}

uint32_t
direct_out(const struct direct *direct, uint32_t inside_ip)
{
	return direct->n == 0 ? 0 : get(direct->outward, inside_ip);
}

uint32_t
direct_in(const struct direct *direct, uint32_t outside_ip)
{
	return direct->n == 0 ? 0 : get(direct->inward, outside_ip);
}

bool
direct_is_plain(const struct direct *direct, uint32_t ip)
{
	for (unsigned i = 0; i < direct->n_plain; i++)
		if ((ip & direct->plain[i].mask) == direct->plain[i].net)
			return true;
	return false;
}

static inline uint32_t
home_of(uint32_t ip)
{
	return ip * 0x9e3779b1u >> 22; /* of DIRECT_SLOTS */
}

static void
put(struct direct_pair *slots, uint32_t from, uint32_t to)
{
	uint32_t at = home_of(from);

	while (slots[at].from != 0)
		at = (at + 1) % DIRECT_SLOTS;
	slots[at] = (struct direct_pair){from, to};
}

static uint32_t
get(const struct direct_pair *slots, uint32_t from)
{
	uint32_t at = home_of(from);

	while (slots[at].from != 0 && slots[at].from != from)
		at = (at + 1) % DIRECT_SLOTS;
	return slots[at].to;
}
