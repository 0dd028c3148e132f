/* fragment.c: see fragment.h. */
#include "vnfs/firewall/fragment.h"

#include "dataplane/pkt/hdr.h"

/* A decision: account, record of the flow, which end of it sent the packet, and the low
 * bits of the record's generation, by which another flow in its place is told. */
#define ACCOUNT_BITS	21
#define RECORD_BITS	24
#define GENERATION_BITS 18
#define NO_RECORD	((1u << RECORD_BITS) - 1)

_Static_assert(ACCOUNT_CHUNK *ACCOUNT_CHUNKS <= 1u << ACCOUNT_BITS, "an account fits");
_Static_assert(
	FW_MAX_SESSIONS <= 1u << RECORD_BITS, "a record fits, or is taken for none");
_Static_assert(ACCOUNT_BITS + RECORD_BITS + 1 + GENERATION_BITS == 64, "in a word");

static struct flow *flow_of(const struct conntrack *ct, uint64_t decision);

static inline uint32_t
account_of(uint64_t decision)
{
	return decision & ((1u << ACCOUNT_BITS) - 1);
}

static inline uint32_t
low_generation(const struct flow *flow)
{
	return flow->session.generation & ((1u << GENERATION_BITS) - 1);
}

bool
fragment_is_tiny(const struct pkt_info *packet, enum pkt_fault fault)
{
	if (!packet->fragment)
		return false;
	if (packet->first)
		return fault == PKT_SHORT_L4 || fault == PKT_BAD_EXT;
	return fault == PKT_OK && packet->proto == PKT_PROTO_TCP &&
	       packet->frag_off < PKT_TCP_LEN;
}

uint64_t
fragment_decision(
	const struct conntrack *ct, uint32_t account, session_ref ref, unsigned cp)
{
	uint64_t decision = account | (uint64_t)NO_RECORD << ACCOUNT_BITS;

	account_hold(ct->accounts, account, 1);
	if (ref != SESSION_NONE) {
		const struct flow *flow = session_record(ct->table, ref);
		const uint64_t reply = cp != flow->cp;

		decision = account | (uint64_t)(ref >> 1) << ACCOUNT_BITS |
			   reply << (ACCOUNT_BITS + RECORD_BITS) |
			   (uint64_t)low_generation(flow) << (64 - GENERATION_BITS);
	}
	return decision;
}

void
fragment_count(const struct conntrack *ct, uint64_t decision, uint32_t bytes)
{
	const unsigned reply = decision >> (ACCOUNT_BITS + RECORD_BITS) & 1;
	struct flow *flow = flow_of(ct, decision);

	account_count(ct->accounts, account_of(decision), bytes);
	if (flow == NULL)
		return;
	flow_count(flow, reply, bytes);
}

void
fragment_forget(const struct conntrack *ct, uint64_t decision)
{
	account_hold(ct->accounts, account_of(decision), -1);
}

static struct flow *
flow_of(const struct conntrack *ct, uint64_t decision)
{
	const uint32_t i = decision >> ACCOUNT_BITS & NO_RECORD;
	struct flow *flow;

	if (i >= ct->table->capacity)
		return NULL;
	flow = session_record(ct->table, (session_ref)i << 1);
	return low_generation(flow) == decision >> (64 - GENERATION_BITS) ? flow : NULL;
}
