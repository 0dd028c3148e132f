/* distance.c: how far apart two CPUs are: TSC cycles for a word to go to the other one
 * and back, through the caches.
 *
 * Some hypervisors move the CPUs of a guest about while it runs: two that shared a core's
 * caches, or a chip's, do not a second later, and what goes from one to the other costs
 * four times as much. So measurements that need two CPUs tell the distance at which they
 * were taken. One JSON object; the shortest of some rounds counts, as others may
 * interrupt.
 *
 * distance CPU CPU
 */
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <rte_cycles.h>

#define ROUNDS 20
#define TRIPS  100

static struct {
	uint64_t there __attribute__((aligned(128)));
	uint64_t back __attribute__((aligned(128)));
	bool stop __attribute__((aligned(128)));
} line;

static bool pin(unsigned cpu);
static void *answer(void *cpu);
static uint64_t round_trips(uint64_t *sent);

int
main(int argc, char **argv)
{
	const unsigned here = argc == 3 ? (unsigned)atoi(argv[1]) : 0;
	unsigned there = argc == 3 ? (unsigned)atoi(argv[2]) : 0;
	uint64_t sent = 0, best = UINT64_MAX;
	pthread_t other;

	if (argc != 3 || here == there) {
		fprintf(stderr, "usage: distance CPU CPU\n");
		return 2;
	}
	/* pinned once the other has begun: it begins where we are */
	if (pthread_create(&other, NULL, answer, &there) != 0 || !pin(here)) {
		fprintf(stderr, "distance: cannot run on CPU %u\n", here);
		return 1;
	}
	for (unsigned i = 0; i < ROUNDS; i++) {
		const uint64_t took = round_trips(&sent);

		best = took < best ? took : best;
	}
	__atomic_store_n(&line.stop, true, __ATOMIC_RELEASE);
	pthread_join(other, NULL);
	printf("{\"bench\": \"distance\", \"cycles\": %lu}\n", best / TRIPS);
	return 0;
}

/* Ahead of workers, for a millisecond, where that is allowed: or their turns would be
 * measured. */
static bool
pin(unsigned cpu)
{
	const struct sched_param first = {.sched_priority = 1};
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set) != 0)
		return false;
	sched_setscheduler(0, SCHED_FIFO, &first);
	return true;
}

static void *
answer(void *cpu)
{
	uint64_t seen = 0, now;

	if (!pin(*(const unsigned *)cpu)) {
		fprintf(stderr, "distance: cannot run on CPU %u\n",
			*(const unsigned *)cpu);
		exit(1);
	}
	while (!__atomic_load_n(&line.stop, __ATOMIC_ACQUIRE)) {
		now = __atomic_load_n(&line.there, __ATOMIC_ACQUIRE);
		if (now == seen)
			continue;
		__atomic_store_n(&line.back, now, __ATOMIC_RELEASE);
		seen = now;
	}
	return NULL;
}

static uint64_t
round_trips(uint64_t *sent)
{
	const uint64_t began = rte_rdtsc();

	for (unsigned i = 0; i < TRIPS; i++) {
		__atomic_store_n(&line.there, ++*sent, __ATOMIC_RELEASE);
		while (__atomic_load_n(&line.back, __ATOMIC_ACQUIRE) != *sent)
			;
	}
	return rte_rdtsc() - began;
}
