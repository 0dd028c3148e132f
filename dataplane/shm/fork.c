/* fork.c: see fork.h. */
#include "dataplane/shm/fork.h"
#include <string.h>

void
fork_init(struct fork *fork, const struct steer *steer, int32_t path_offset)
{
	fork->steer = steer;
	fork->path_offset = path_offset;
	fork->n = 0;
	memset(fork->fan_of, FORK_NOWHERE, sizeof(fork->fan_of));
}

void
fork_add(struct fork *fork, const struct shm_way *way, unsigned link)
{
	struct fork_fan *fan = &fork->fans[way->fan % FORK_FANS];
	const unsigned replica = way->spread != NULL ? way->replica % SPREAD_REPLICAS : 0;

	while (fork->n <= way->fan % FORK_FANS) {
		fork->fans[fork->n] = (struct fork_fan){0};
		memset(fork->fans[fork->n++].links, FORK_NOWHERE, sizeof(fan->links));
	}
	fan->spread = way->spread;
	fan->by = (enum spread_by)way->by;
	fan->links[replica] = (uint8_t)link;
	fan->there |= 1u << replica;
	for (unsigned path = 1; path <= STEER_PATH_MAX; path++)
		if (steer_paths_have(way->paths, path))
			fork->fan_of[path] = way->fan % FORK_FANS;
}

void
fork_steer(const struct fork *fork, struct rte_mbuf *const *pkts, unsigned n)
{
	struct rte_mbuf *lost[STEER_BURST];
	uint8_t paths[STEER_BURST];
	unsigned n_lost = 0;

	if (fork->steer == NULL)
		return;
	for (unsigned i = 0; i < n; i++)
		if (fork->fan_of[*fork_path(fork, pkts[i])] == FORK_NOWHERE)
			lost[n_lost++] = pkts[i];
	if (n_lost == 0)
		return;
	steer_classify(fork->steer, lost, n_lost, paths);
	for (unsigned i = 0; i < n_lost; i++)
		*fork_path(fork, lost[i]) = paths[i];
}
