/* spread.c: see spread.h. */
#include "dataplane/shm/spread.h"
#include <string.h>

#define NONE		   15ull /* in a pin: to no replica any more */
#define WHOSE		   15ull
#define PIN(hash, replica) ((hash) | (replica))

static uint64_t hash_of(uint64_t flow);
static bool put(uint64_t *place, uint64_t hash, unsigned replica, bool *taken);
static void count_owned(const struct spread *spread, unsigned *owned);
static void set(struct spread *spread, unsigned bucket, uint16_t word);
static uint16_t moved(uint16_t word, unsigned to);
static unsigned share_of(unsigned replica, unsigned n);

unsigned
spread_choose_pinned(struct spread *spread, uint16_t word, uint64_t flow)
{
	const int pinned = spread_pinned(spread, flow);

	if (pinned >= 0)
		return (unsigned)pinned;
	if (spread_state(word) != SPREAD_MOVING)
		return spread_owner(word);
	spread_pin(spread, flow, spread_former(word));
	return spread_former(word);
}

bool
spread_pin(struct spread *spread, uint64_t flow, unsigned replica)
{
	const uint64_t hash = hash_of(flow);
	bool taken = false;

	for (unsigned i = 0; i < SPREAD_PROBES; i++)
		if (put(&spread->pins[((hash >> 8) + i) % SPREAD_PINS], hash, replica,
			    &taken)) {
			if (taken)
				__atomic_fetch_add(&spread->n_pins, 1, __ATOMIC_RELAXED);
			return true;
		}
	__atomic_store_n(&spread->full, 1, __ATOMIC_RELEASE);
	return false;
}

int
spread_pinned(const struct spread *spread, uint64_t flow)
{
	const uint64_t hash = hash_of(flow);
	uint64_t pin;

	for (unsigned i = 0; i < SPREAD_PROBES; i++) {
		pin = __atomic_load_n(
			&spread->pins[((hash >> 8) + i) % SPREAD_PINS], __ATOMIC_ACQUIRE);
		if (pin == 0)
			return -1;
		if ((pin & ~WHOSE) == hash)
			return (pin & WHOSE) == NONE ? -1 : (int)(pin & WHOSE);
	}
	return -1;
}

/* 60 bits, in the upper part; never 0. */
static uint64_t
hash_of(uint64_t flow)
{
	const uint64_t hash = flow & ~WHOSE;

	return hash != 0 ? hash : WHOSE + 1;
}

/* True: the hash stands at that place, with a replica. *taken: it did not before. */
static bool
put(uint64_t *place, uint64_t hash, unsigned replica, bool *taken)
{
	uint64_t pin = __atomic_load_n(place, __ATOMIC_ACQUIRE);

	for (;;) {
		if (pin != 0 && (pin & ~WHOSE) != hash)
			return false;
		if (pin != 0 && (pin & WHOSE) != NONE)
			return true;
		*taken = pin == 0;
		if (__atomic_compare_exchange_n(place, &pin, PIN(hash, replica), false,
			    __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
			return true;
		*taken = false;
	}
}

/* ---- [D] --------------------------------------------------------------------------- */

void
spread_init(struct spread *spread, uint64_t seed, unsigned n)
{
	spread->seed = seed;
	for (unsigned i = 0; i < SPREAD_BUCKETS; i++)
		spread->buckets[i] = spread_word(SPREAD_FRESH, 0, i % n);
}

/* Who has more than its share gives what is above, to who has less than his. */
unsigned
spread_move(struct spread *spread, unsigned n, uint32_t *givers)
{
	unsigned owned[16] = {0}, owner, to, moving = 0;
	uint16_t word;

	count_owned(spread, owned);
	for (unsigned i = 0; i < SPREAD_BUCKETS; i++) {
		owner = spread_owner(spread->buckets[i]);
		if (owned[owner] <= share_of(owner, n))
			continue;
		for (to = 0; owned[to] >= share_of(to, n);)
			to++;
		owned[owner]--;
		owned[to]++;
		set(spread, i, moved(spread->buckets[i], to));
	}
	*givers = 0;
	for (unsigned i = 0; i < SPREAD_BUCKETS; i++) {
		word = spread->buckets[i];
		if (spread_state(word) != SPREAD_MOVING)
			continue;
		*givers |= 1u << spread_former(word);
		moving++;
	}
	return moving;
}

bool
spread_settle(struct spread *spread)
{
	const bool full = __atomic_load_n(&spread->full, __ATOMIC_ACQUIRE) != 0;
	uint16_t word;

	for (unsigned i = 0; i < SPREAD_BUCKETS; i++) {
		word = spread->buckets[i];
		if (spread_state(word) == SPREAD_MOVING)
			set(spread, i,
				spread_word(SPREAD_PINNED, 0,
					full ? spread_former(word) : spread_owner(word)));
	}
	__atomic_store_n(&spread->full, 0, __ATOMIC_RELEASE);
	return !full;
}

unsigned
spread_owners(const struct spread *spread)
{
	unsigned owned[16] = {0}, n = 0;

	count_owned(spread, owned);
	for (unsigned i = 0; i < SPREAD_REPLICAS; i++)
		n += owned[i] > 0 ? 1 : 0;
	return n;
}

bool
spread_is_used(const struct spread *spread, unsigned replica)
{
	uint16_t word;

	for (unsigned i = 0; i < SPREAD_BUCKETS; i++) {
		word = spread->buckets[i];
		if (spread_owner(word) == replica ||
			(spread_state(word) == SPREAD_MOVING &&
				spread_former(word) == replica))
			return true;
	}
	return false;
}

void
spread_release(struct spread *spread, unsigned replica)
{
	uint64_t pin;

	for (unsigned i = 0; i < SPREAD_PINS; i++) {
		pin = __atomic_load_n(&spread->pins[i], __ATOMIC_ACQUIRE);
		if (pin != 0 && (pin & WHOSE) == replica)
			__atomic_compare_exchange_n(&spread->pins[i], &pin, pin | NONE,
				false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
	}
}

bool
spread_refresh(struct spread *spread)
{
	const unsigned owner = spread_owner(spread->buckets[0]);
	uint64_t whose;

	for (unsigned i = 0; i < SPREAD_BUCKETS; i++)
		if (spread_owner(spread->buckets[i]) != owner ||
			spread_state(spread->buckets[i]) == SPREAD_MOVING)
			return false;
	for (unsigned i = 0; i < SPREAD_PINS; i++) {
		whose = spread->pins[i] & WHOSE;
		if (spread->pins[i] != 0 && whose != NONE && whose != owner)
			return false;
	}
	for (unsigned i = 0; i < SPREAD_BUCKETS; i++)
		set(spread, i, spread_word(SPREAD_FRESH, 0, owner));
	return true;
}

void
spread_forget(struct spread *spread)
{
	memset(spread->pins, 0, sizeof(spread->pins));
	spread->n_pins = 0;
}

static void
count_owned(const struct spread *spread, unsigned *owned)
{
	for (unsigned i = 0; i < SPREAD_BUCKETS; i++)
		owned[spread_owner(spread->buckets[i])]++;
}

static void
set(struct spread *spread, unsigned bucket, uint16_t word)
{
	__atomic_store_n(&spread->buckets[bucket], word, __ATOMIC_RELEASE);
}

/* One that moves already still comes from where it came from; one that returns there does
 * not move any more, but flows of it may be pinned. */
static uint16_t
moved(uint16_t word, unsigned to)
{
	const unsigned from = spread_state(word) == SPREAD_MOVING ? spread_former(word)
								  : spread_owner(word);

	return from == to ? spread_word(SPREAD_PINNED, 0, to)
			  : spread_word(SPREAD_MOVING, from, to);
}

/* Buckets that a replica of n is to own: together all. */
static unsigned
share_of(unsigned replica, unsigned n)
{
	if (replica >= n)
		return 0;
	return SPREAD_BUCKETS / n + (replica < SPREAD_BUCKETS % n ? 1 : 0);
}
