/* faulty.c: a VNF type for the fault suite that misbehaves as its configuration says.
 *
 * Well-behaved it is a host at the end of a chain: it answers ARP for every address that
 * it is asked for, and passes all else from left to right. Else it dies at its start,
 * dies or hangs after so many packets, writes what is no packet buffer into its output
 * ring or into its hand, or dies with a lock in hand that all processes share. It reaches
 * behind the SDK on purpose, as wild code would.
 *
 * The macros make other types of it, for upgrades that fail: FAULTY_TYPE names one,
 * FAULTY_STILLBORN dies when it is opened and that is true, FAULTY_DIES after so many
 * packets, and FAULTY_STATE writes state of that version.
 */
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <rte_eal_memconfig.h>
#include <rte_malloc.h>
#include <rte_random.h>
#include <rte_ring.h>
#include "dataplane/runtime/exchange.h"
#include "dataplane/sdk/vnf.h"
#include "dataplane/shm/hand.h"

#ifndef FAULTY_TYPE
#define FAULTY_TYPE "faulty"
#endif
#ifndef FAULTY_STILLBORN
#define FAULTY_STILLBORN false
#endif
#ifndef FAULTY_DIES
#define FAULTY_DIES 0
#endif
#ifndef FAULTY_STATE
#define FAULTY_STATE 1
#endif
#define STATE_SIZE 64

enum manner {
	MANNER_WELL,
	MANNER_ABORT,
	MANNER_HANG,
	MANNER_RING,
	MANNER_TAIL,
	MANNER_HAND,
	MANNER_TAILQS,
	MANNER_HEAP,
	MANNER_READER
};

struct config {
	bool abort_at_start;
	int then; /* enum manner */
	uint64_t after;
	char *unless;
};

struct faulty {
	const struct config *config;
	uint64_t packets;
};

static const char *const cps[] = {"left", "right", NULL};

static const struct field_value manners[] = {
	{"behave", MANNER_WELL, NULL},
	{"abort", MANNER_ABORT, NULL},
	{"hang", MANNER_HANG, "never returns from process()"},
	{"garble-ring", MANNER_RING, "writes made-up pointers into the output ring"},
	{"garble-tail", MANNER_TAIL, "moves the tail of the return ring beyond its size"},
	{"garble-hand", MANNER_HAND, "writes made-up pointers into its hand, and dies"},
	{"die-with-tailqs", MANNER_TAILQS, "dies with the lock of DPDK's lists in hand"},
	{"die-in-heap", MANNER_HEAP,
		"dies while a thread of it uses the shared heap without a pause"},
	{"die-reading-memory", MANNER_READER,
		"dies as a reader of the map of shared memory"},
	{0},
};

static const struct field fields[] = {
	{.name = "abort-at-start",
		.type = FIELD_BOOL,
		.offset = offsetof(struct config, abort_at_start),
		.dflt = "false",
		.help = "whether it dies before it is ready"},
	{.name = "then",
		.type = FIELD_ENUM,
		.offset = offsetof(struct config, then),
		.values = manners,
		.dflt = "behave",
		.help = "what it does after its packets"},
	{.name = "after",
		.type = FIELD_UINT,
		.offset = offsetof(struct config, after),
		.size = sizeof(uint64_t),
		.dflt = "0",
		.max = 1000000000,
		.help = "packets before that"},
	{.name = "unless",
		.type = FIELD_STRING,
		.offset = offsetof(struct config, unless),
		.dflt = "",
		.help = "file: it behaves while that is there; made before it dies with "
			"a lock in hand"},
	{0},
};

static void misbehave(struct vnf *vnf, enum manner manner);
static void *use_heap(void *arg);
static void die_in_heap(void);
static void garble_ring(struct rte_ring *ring, const struct rte_mbuf *doubled);
static bool answer_arp(struct rte_mbuf *pkt);

static size_t
faulty_state_size(const void *config)
{
	(void)config;
	return STATE_SIZE;
}

static int
faulty_open(struct vnf *vnf, const void *arg, struct err *err)
{
	const struct config *config = arg;

	if (config->abort_at_start || FAULTY_STILLBORN)
		abort();
	vnf->self = calloc(1, sizeof(struct faulty));
	if (vnf->self == NULL)
		return err_set(err, ERR_NO_RESOURCE, NULL, NULL, "out of memory");
	return 0;
}

static int
faulty_build(struct vnf *vnf, const void *config, void **built, struct faults *faults)
{
	(void)vnf;
	(void)faults;
	*built = (void *)(uintptr_t)config;
	return 0;
}

static void *
faulty_swap(struct vnf *vnf, void *built)
{
	struct faulty *self = vnf->self;
	const struct config *before = self->config;

	self->config = built;
	return (void *)(uintptr_t)before;
}

static void
faulty_destroy(struct vnf *vnf, void *built)
{
	(void)vnf;
	(void)built;
}

static void
faulty_process(struct vnf *vnf, struct vnf_burst *burst)
{
	struct faulty *self = vnf->self;

	for (unsigned i = 0; i < burst->n; i++)
		burst->verdicts[i] = answer_arp(burst->pkts[i])
					     ? VNF_FORWARD(burst->cp)
					     : VNF_FORWARD(burst->cp ^ 1);
	self->packets += burst->n;
	if (FAULTY_DIES > 0 && self->packets > FAULTY_DIES)
		abort();
	if (self->config->then != MANNER_WELL && self->packets > self->config->after)
		misbehave(vnf, (enum manner)self->config->then);
}

static void
misbehave(struct vnf *vnf, enum manner manner)
{
	struct faulty *self = vnf->self;
	struct exchange *x = vnf->io_arg;
	struct shm_hand *hand = &x->slot->hand;

	self->packets = 0; /* and again after as many */
	if (self->config->unless[0] != '\0' && access(self->config->unless, F_OK) == 0)
		return;
	switch (manner) {
	case MANNER_ABORT:
		abort();
	case MANNER_HANG:
		for (;;)
			__asm__ volatile("pause");
	case MANNER_RING:
		if (x->outs[1].ring != NULL)
			garble_ring(x->outs[1].ring, hand->pkts[hand->first]);
		garble_ring(x->slot->returns, hand->pkts[hand->first]);
		return;
	case MANNER_TAIL:
		x->slot->returns->prod.tail += 0x7fffffff;
		abort();
	case MANNER_HAND:
		hand->op = SHM_HAND_GIVE;
		hand->op_ring = (struct rte_ring *)0xdead0000;
		hand->pkts[hand->n++] = (struct rte_mbuf *)0x1000;
		hand->pkts[hand->n++] =
			(struct rte_mbuf *)((char *)hand->pkts[hand->first] + 64);
		abort();
	case MANNER_TAILQS:
		close(creat(self->config->unless, 0600));
		rte_mcfg_tailq_write_lock();
		abort();
	case MANNER_READER:
		close(creat(self->config->unless, 0600));
		rte_mcfg_mem_read_lock();
		abort();
	case MANNER_HEAP:
		die_in_heap();
		return;
	default:
		return;
	}
}

static void
die_in_heap(void)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, use_heap, NULL) == 0)
		usleep((useconds_t)(1000 + rte_rand_max(5000)));
	abort();
}

static void *
use_heap(void *arg)
{
	(void)arg;
	for (;;)
		rte_free(rte_malloc(NULL, 64, 0));
}

/* Null, an address that is not mapped, one inside a buffer, and one that is given away
 * twice. */
static void
garble_ring(struct rte_ring *ring, const struct rte_mbuf *doubled)
{
	const void *const wild[] = {
		NULL, (void *)0x12345678, (const char *)doubled + 64, doubled};
	void **slots = (void **)&ring[1];

	if (ring_room(ring) < 2 * SHM_BURST)
		return;
	for (unsigned i = 0; i < 4; i++)
		slots[(ring->prod.tail + i) & ring->mask] = (void *)(uintptr_t)wild[i];
	ring->prod.head = ring->prod.tail + 4;
	__atomic_store_n(&ring->prod.tail, ring->prod.tail + 4, __ATOMIC_RELEASE);
}

/* Turns an ARP request into the answer to it. */
static bool
answer_arp(struct rte_mbuf *pkt)
{
	static const uint8_t mac[6] = {0x02, 0, 0, 0, 0, 0x0a};
	static const uint8_t request[8] = {0, 1, 8, 0, 6, 4, 0, 1};
	uint8_t *frame = rte_pktmbuf_mtod(pkt, uint8_t *), asked[4];

	if (pkt->data_len < 42 || frame[12] != 8 || frame[13] != 6 ||
		memcmp(frame + 14, request, sizeof(request)) != 0)
		return false;
	memcpy(asked, frame + 38, 4);
	memcpy(frame, frame + 6, 6);
	memcpy(frame + 6, mac, 6);
	frame[21] = 2;
	memcpy(frame + 32, frame + 22, 10);
	memcpy(frame + 22, mac, 6);
	memcpy(frame + 28, asked, 4);
	return true;
}

static void
faulty_close(struct vnf *vnf)
{
	free(vnf->self);
}

static const struct vnf_type faulty = {
	.api = VNF_API_VERSION,
	.name = FAULTY_TYPE,
	.summary = "a host that misbehaves as told",
	.cps = cps,
	.fields = fields,
	.config_size = sizeof(struct config),
	.scaling = VNF_SCALE_BY_FLOW,
	.state_version = FAULTY_STATE,
	.state_format = "faulty",
	.state_size = faulty_state_size,
	.open = faulty_open,
	.build = faulty_build,
	.swap = faulty_swap,
	.destroy = faulty_destroy,
	.process = faulty_process,
	.close = faulty_close,
};

VNF_REGISTER(faulty);
