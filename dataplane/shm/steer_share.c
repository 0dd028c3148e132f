/* steer_share.c: the buckets of a rule are shared among its paths; see steer.h. */
#include <string.h>
#include "dataplane/shm/steer.h"

struct shares { /* buckets, by path */
	unsigned due[STEER_PATH_MAX + 1];
	unsigned owned[STEER_PATH_MAX + 1];
};

static void compute_due(struct shares *shares, const struct steer_to *to, unsigned n);
static void level(struct shares *shares, const struct steer_to *to, unsigned n, int left);
static uint8_t poorest(
	const struct shares *shares, const struct steer_to *to, unsigned n);

void
steer_share(uint8_t buckets[STEER_BUCKETS], const struct steer_to *to, unsigned n)
{
	struct shares shares = {0};

	compute_due(&shares, to, n);
	for (unsigned i = 0; i < STEER_BUCKETS; i++) {
		uint8_t *owner = &buckets[i];

		if (shares.owned[*owner] < shares.due[*owner])
			shares.owned[*owner]++;
		else
			*owner = 0;
	}
	for (unsigned i = 0; i < STEER_BUCKETS; i++)
		if (buckets[i] == 0) {
			buckets[i] = poorest(&shares, to, n);
			shares.owned[buckets[i]]++;
		}
}

/* Rounded down, one at least; then who is furthest from his share gets, or gives, one. */
static void
compute_due(struct shares *shares, const struct steer_to *to, unsigned n)
{
	uint64_t sum = 0;
	int left = STEER_BUCKETS;

	for (unsigned i = 0; i < n; i++)
		sum += to[i].weight;
	for (unsigned i = 0; i < n; i++) {
		const uint64_t due = STEER_BUCKETS * (uint64_t)to[i].weight / sum;

		shares->due[to[i].path] = due > 0 ? (unsigned)due : 1;
		left -= (int)shares->due[to[i].path];
	}
	level(shares, to, n, left);
}

static void
level(struct shares *shares, const struct steer_to *to, unsigned n, int left)
{
	while (left != 0) {
		const int sign = left > 0 ? 1 : -1;
		unsigned best = 0;
		double furthest = -1;

		for (unsigned i = 0; i < n; i++) {
			const unsigned due = shares->due[to[i].path];
			const double wants = left > 0 ? (double)to[i].weight / (due + 1)
						      : due / (double)to[i].weight;

			if ((left > 0 || due > 1) && wants > furthest) {
				furthest = wants;
				best = i;
			}
		}
		shares->due[to[best].path] += (unsigned)sign;
		left -= sign;
	}
}

static uint8_t
poorest(const struct shares *shares, const struct steer_to *to, unsigned n)
{
	uint8_t best = to[0].path;

	for (unsigned i = 1; i < n; i++)
		if ((int)(shares->due[to[i].path] - shares->owned[to[i].path]) >
			(int)(shares->due[best] - shares->owned[best]))
			best = to[i].path;
	return best;
}
