/* group_stage.h: a group of real VNFs in a row, in one thread and plain memory, turned
 * round by round by the test. Its clock stands still but for group_wait(). The same
 * seeds in each, so that two of them do the same. */
#ifndef TESTS_UNIT_DATAPLANE_RUNTIME_GROUP_STAGE_H
#define TESTS_UNIT_DATAPLANE_RUNTIME_GROUP_STAGE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <cmocka.h>
#include <jansson.h>
#include <rte_mbuf.h>
#include <rte_ring.h>
#include "dataplane/runtime/crew.h"
#include "dataplane/runtime/plugin.h"
#include "dataplane/shm/hand.h"
#include "dataplane/shm/layout.h"

#define GROUP_VNFS    3
#define GROUP_FRAME   256  /* bytes of a frame, at most */
#define GROUP_BUFFERS 2048 /* of one group */
#define GROUP_RING    512
#define GROUP_BEGIN   1000000000ull /* ns: when its clock begins */
#define GROUP_CACHE   4096

struct group_ring {
	struct rte_ring ring;
	void *slots[GROUP_RING * RING_PARKING];
};

struct group_buffer {
	struct rte_mbuf mbuf;
	uint8_t data[RTE_PKTMBUF_HEADROOM + GROUP_FRAME];
};

struct group { /* VNF 0 to the left; rings between i and i + 1, and to the outside */
	struct shm_host host;
	struct group_ring right[GROUP_VNFS + 1], left[GROUP_VNFS + 1];
	struct group_ring returns[GROUP_VNFS], stash[GROUP_VNFS];
	struct shm_doorbell care;
	struct vnf vnfs[GROUP_VNFS];
	struct worker workers[GROUP_VNFS];
	void *configs[GROUP_VNFS];
	struct crew crew;
	struct group_buffer buffers[GROUP_BUFFERS];
	struct rte_mbuf *free[GROUP_BUFFERS];
	unsigned n_free;
};

static inline struct rte_ring *
group_ring(struct group_ring *memory)
{
	struct rte_ring *ring = &memory->ring;

	ring->size = GROUP_RING * RING_PARKING;
	ring->mask = ring->size - 1;
	ring->capacity = GROUP_RING - 1;
	return ring;
}

static inline struct rte_mbuf *
group_buffer(struct group *g)
{
	struct rte_mbuf *mbuf;

	assert_true(g->n_free > 0);
	mbuf = g->free[--g->n_free];
	mbuf->data_off = RTE_PKTMBUF_HEADROOM;
	mbuf->buf_len = RTE_PKTMBUF_HEADROOM + GROUP_FRAME;
	mbuf->nb_segs = 1;
	mbuf->ol_flags = 0;
	mbuf->data_len = mbuf->pkt_len = 0;
	return mbuf;
}

/* What the VNFs gave back, and what they may originate from. */
static inline void
group_tend(struct group *g)
{
	for (unsigned i = 0; i < GROUP_VNFS; i++) {
		struct rte_ring *returns = &g->returns[i].ring;

		while (ring_fill(returns) > 0) {
			g->free[g->n_free++] = ring_peek(returns, 0);
			ring_advance(returns, 1);
		}
		while (ring_fill(&g->stash[i].ring) < SHM_STASH) {
			struct rte_mbuf *mbuf = group_buffer(g);

			ring_put(&g->stash[i].ring, &mbuf, 1);
		}
	}
}

static inline void
group_configured(
	const struct vnf_type *type, const char *text, void **config, size_t *state)
{
	struct faults faults = {0};
	json_t *json = json_loads(text, 0, NULL);

	assert_non_null(json);
	if (vnf_config_parse(type, json, config, &faults) != 0) {
		struct err err;

		faults_first(&faults, &err);
		fail_msg("%s: %s", err.path, err.text);
	}
	*state = type->state_size != NULL ? type->state_size(*config) : 0;
	json_decref(json);
}

static inline void
group_wire(struct group *g, unsigned i)
{
	struct shm_slot *slot = &g->host.slots[i];
	struct shm_wiring *wiring = &slot->wiring[0];

	slot->n_cps = 2;
	slot->patience_ns = 1000000;
	slot->work_budget = 256;
	slot->returns = group_ring(&g->returns[i]);
	slot->stash = group_ring(&g->stash[i]);
	slot->care = &g->care;
	wiring->in[0].ring = group_ring(&g->right[i]);
	wiring->out[1].ring = group_ring(&g->right[i + 1]);
	wiring->in[1].ring = group_ring(&g->left[i + 1]);
	wiring->out[0].ring = group_ring(&g->left[i]);
}

static inline void
group_start(struct group *g, unsigned i, const char *name, const char *config)
{
	struct vnf *vnf = &g->vnfs[i];
	struct faults faults = {0};
	struct err err = {0};
	char dir[4096];
	void *built = NULL;
	size_t state;

	snprintf(dir, sizeof(dir), "%s/vnfs",
		getenv("BUILD") != NULL ? getenv("BUILD") : "build");
	assert_int_equal(plugin_load(dir, name, &vnf->type, &err), 0);
	group_wire(g, i);
	group_configured(vnf->type, config, &g->configs[i], &state);
	vnf->name = name;
	vnf->now_ns = GROUP_BEGIN;
	vnf->seed = 4711 + i;
	vnf->state_fresh = true;
	vnf->state_size = state;
	if (state > 0)
		assert_int_equal(posix_memalign(&vnf->state, 64, state), 0);
	if (state > 0)
		memset(vnf->state, 0, state);
	for (unsigned cp = 0; cp < 2; cp++)
		vnf->port_mac[cp][0] = 2, vnf->port_mac[cp][4] = (uint8_t)i,
		vnf->port_mac[cp][5] = (uint8_t)cp;
	assert_int_equal(vnf->type->open(vnf, g->configs[i], &err), 0);
	assert_int_equal(vnf->type->build(vnf, g->configs[i], &built, &faults), 0);
	if (vnf->type->adopt != NULL)
		assert_int_equal(vnf->type->adopt(vnf, &err), 0);
	vnf->type->swap(vnf, built);
	worker_open(&g->workers[i], &g->host, &g->host.slots[i], vnf);
	g->workers[i].ns_per_tsc = 0;
	g->workers[i].base_ns = vnf->now_ns = GROUP_BEGIN;
	g->crew.workers[g->crew.n++] = &g->workers[i];
}

/* With an empty flow cache, or without one. Configurations as JSON text. */
static inline struct group *
group_open(const char *const names[GROUP_VNFS], const char *const configs[GROUP_VNFS],
	bool cached)
{
	struct group *g = mmap(NULL, sizeof(*g), PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct err err = {0};

	assert_ptr_not_equal(g, MAP_FAILED);
	g->host.magic = SHM_MAGIC;
	g->host.generation = 1;
	g->host.tsc_hz = 1000000000;
	for (unsigned i = 0; i < GROUP_BUFFERS; i++) {
		g->buffers[i].mbuf.buf_addr = g->buffers[i].data;
		g->free[g->n_free++] = &g->buffers[i].mbuf;
	}
	for (unsigned i = 0; i < GROUP_VNFS; i++)
		group_start(g, i, names[i], configs[i]);
	if (cached)
		assert_int_equal(
			flow_cache_create(&g->crew.cache, GROUP_CACHE, 0, &err), 0);
	for (unsigned i = 0; cached && i < GROUP_VNFS; i++)
		assert_int_equal(
			flow_cache_join(g->crew.cache, &g->workers[i].exchange, &err), 0);
	group_tend(g);
	crew_begin(&g->crew);
	return g;
}

static inline void
group_close(struct group *g)
{
	flow_cache_destroy(g->crew.cache);
	for (unsigned i = 0; i < GROUP_VNFS; i++) {
		g->vnfs[i].type->close(&g->vnfs[i]);
		vnf_config_free(g->vnfs[i].type, g->configs[i]);
		free(g->vnfs[i].state);
	}
	munmap(g, sizeof(*g));
}

/* A frame comes in from the left, or the right. */
static inline void
group_feed(struct group *g, bool right, const uint8_t *frame, unsigned len)
{
	struct rte_mbuf *mbuf = group_buffer(g);

	memcpy(rte_pktmbuf_mtod(mbuf, uint8_t *), frame, len);
	mbuf->data_len = (uint16_t)(mbuf->pkt_len = len);
	ring_put(right ? &g->left[GROUP_VNFS].ring : &g->right[0].ring, &mbuf, 1);
}

/* Rounds until nothing moves any more. */
static inline void
group_run(struct group *g)
{
	unsigned quiet = 0;

	for (unsigned i = 0; i < 100 && quiet < 4; i++) {
		quiet = crew_round(&g->crew) > 0 ? 0 : quiet + 1;
		group_tend(g);
	}
	assert_int_equal(quiet, 4);
}

/* The next frame that left there: its length; 0: none. */
static inline unsigned
group_take(struct group *g, bool right, uint8_t *frame)
{
	struct rte_ring *ring = right ? &g->right[GROUP_VNFS].ring : &g->left[0].ring;
	struct rte_mbuf *mbuf;

	if (ring_fill(ring) == 0)
		return 0;
	mbuf = ring_peek(ring, 0);
	ring_advance(ring, 1);
	memcpy(frame, rte_pktmbuf_mtod(mbuf, uint8_t *), mbuf->data_len);
	g->free[g->n_free++] = mbuf;
	return mbuf->data_len;
}

/* Another configuration for one of them, taken between two bursts. */
static inline void
group_configure(struct group *g, unsigned i, const char *text)
{
	struct worker *worker = &g->workers[i];
	struct vnf *vnf = &g->vnfs[i];
	struct faults faults = {0};
	void *config, *built = NULL;
	size_t state;

	group_configured(vnf->type, text, &config, &state);
	assert_int_equal(vnf->type->build(vnf, config, &built, &faults), 0);
	worker->swap = built;
	worker->swap_asked++;
	for (unsigned n = 0; worker->swap_done != worker->swap_asked; n++) {
		assert_true(n < 100);
		crew_round(&g->crew);
	}
	group_tend(g);
	vnf->type->destroy(vnf, worker->swap);
	vnf_config_free(vnf->type, g->configs[i]);
	g->configs[i] = config;
}

/* All that passed is told to the VNFs. */
static inline void
group_settle(struct group *g)
{
	for (unsigned n = 0;
		g->crew.cache != NULL && !flow_cache_settle(g->crew.cache, GROUP_CACHE);
		n++)
		assert_true(n < 100);
	group_run(g);
}

/* Its clock goes on by that much. */
static inline void
group_wait(struct group *g, uint64_t ns)
{
	for (unsigned i = 0; i < GROUP_VNFS; i++)
		g->workers[i].base_ns += ns;
	group_run(g);
}

/* Buffers that are in no ring, hand, or our own. */
static inline unsigned
group_missing(const struct group *g)
{
	unsigned n = g->n_free;

	for (unsigned i = 0; i < GROUP_VNFS; i++)
		n += ring_fill(&g->stash[i].ring) + ring_fill(&g->returns[i].ring) +
		     hand_count(&g->host.slots[i].hand) +
		     (unsigned)g->host.slots[i].counters.held;
	for (unsigned i = 0; i <= GROUP_VNFS; i++)
		n += ring_fill(&g->right[i].ring) + ring_fill(&g->left[i].ring);
	return GROUP_BUFFERS - n;
}

#endif
