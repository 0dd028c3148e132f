/* ident.c: where the counters begin; see ident.h. */
#include "vnfs/nat/ident.h"

void
ident_init(struct ident *ident, uint64_t seed)
{
	uint64_t x = seed;

	for (unsigned i = 0; i <= IDENT_BUCKETS; i++) {
		uint64_t z = x += 0x9e3779b97f4a7c15ull; /* splitmix64 */

		z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
		z = (z ^ z >> 27) * 0x94d049bb133111ebull;
		if (i == IDENT_BUCKETS)
			ident->secret = z ^ z >> 31;
		else
			ident->next[i] = (uint16_t)(z ^ z >> 31);
	}
}
