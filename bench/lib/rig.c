/* rig.c: see rig.h. */
#include "bench/lib/rig.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <rte_cycles.h>
#include <rte_vect.h>
#include "bench/lib/answer.h"
#include "dataplane/runtime/plugin.h"

#define BUFFER_SIZE (RTE_PKTMBUF_HEADROOM + 2048)
#define STASH	    64
#define PACKET_NS   100
#define TICK_NS	    1000000ull
#define HUGE	    (2u << 20)

struct buffer { /* as in a mempool: the mbuf, then its data */
	struct rte_mbuf mbuf;
	uint8_t data[BUFFER_SIZE];
} __attribute__((aligned(64)));

struct rig {
	struct vnf vnf;
	void *config;
	void *built; /* what it was built to */
	uint64_t change_cycles;
	struct buffer *buffers;
	unsigned at; /* the next one */
	struct rte_mbuf *batch[RIG_BATCH];
	vnf_verdict verdicts[RIG_BATCH];
	unsigned n;
	struct buffer *stash; /* to originate from */
	unsigned used;
	struct buffer *answers[STASH]; /* sent in this call, to be answered */
	unsigned answer_cp[STASH], n_answers;
	uint64_t next_tick_ns;
	size_t state_size;
	uint64_t resident; /* of the process when it was opened */
};

static const struct vnf_io rig_io;
static void answer_all(struct rig *rig);
static uint64_t resident(void);

static void *
huge_alloc(size_t size)
{
	size = RTE_ALIGN_CEIL(size, (size_t)HUGE);
	void *mem = mmap(NULL, size, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0);

	if (mem == MAP_FAILED) {
		rig_need(posix_memalign(&mem, HUGE, size) == 0, "no memory");
		madvise(mem, size, MADV_HUGEPAGE);
	}
	memset(mem, 0, size);
	return mem;
}

static void
reset(struct buffer *buffer)
{
	struct rte_mbuf *pkt = &buffer->mbuf;

	pkt->buf_addr = buffer->data;
	pkt->buf_len = BUFFER_SIZE;
	pkt->data_off = RTE_PKTMBUF_HEADROOM;
	pkt->data_len = 0;
	pkt->pkt_len = 0;
	pkt->nb_segs = 1;
	rte_mbuf_refcnt_set(pkt, 1);
}

static void
build(struct rig *rig, json_t *json, bool first)
{
	const struct vnf_type *type = rig->vnf.type;
	struct faults faults = {0};
	void *config, *built = NULL;
	struct err err;

	int rc = vnf_config_parse(type, json, &config, &faults);
	const uint64_t start = rte_rdtsc();

	if (rc == 0 && type->build != NULL)
		rc = type->build(&rig->vnf, config, &built, &faults);
	if (rc < 0) {
		faults_first(&faults, &err);
		rig_need(false, "%s: %s", err.path, err.text);
	}
	if (first && type->adopt != NULL)
		type->adopt(&rig->vnf, NULL);
	rig->built = built;
	if (type->build != NULL)
		built = type->swap(&rig->vnf, built);
	rig->change_cycles = rte_rdtsc() - start;
	if (built != NULL)
		type->destroy(&rig->vnf, built);
	vnf_config_free(type, rig->config);
	rig->config = config;
	json_decref(json);
}

struct rig *
rig_open(const char *name, json_t *json)
{
	struct rig *rig = huge_alloc(sizeof(*rig));
	struct faults faults = {0};
	char dir[4096];
	struct err err = {0};
	void *config;

	rte_vect_set_max_simd_bitwidth(RTE_VECT_SIMD_512); /* as renga-vnf has it */
	rig_need(plugin_dir(NULL, dir, sizeof(dir)) == 0 &&
			 plugin_load(dir, name, &rig->vnf.type, &err) == 0,
		"no plug-in %s: %s", name, err.text);
	const struct vnf_type *type = rig->vnf.type;

	if (vnf_config_parse(type, json, &config, &faults) < 0) {
		faults_first(&faults, &err);
		rig_need(false, "%s: %s", err.path, err.text);
	}
	rig->vnf.name = "bench";
	rig->vnf.now_ns = rig->next_tick_ns = 1000 * TICK_NS;
	rig->vnf.seed = 0x5eed;
	rig->vnf.io = &rig_io;
	rig->vnf.io_arg = rig;
	for (unsigned cp = 0; cp < vnf_n_cps(type); cp++) {
		rig->vnf.wired[cp] = true;
		memcpy(rig->vnf.port_mac[cp], (uint8_t[]){2, 0, 0, 0, 0xff, (uint8_t)cp},
			6);
	}
	rig->buffers = huge_alloc(RIG_BUFFERS * sizeof(struct buffer));
	rig->stash = huge_alloc(STASH * sizeof(struct buffer));
	if (type->state_size != NULL)
		rig->state_size = type->state_size(config);
	rig->vnf.state = huge_alloc(rig->state_size + 64);
	rig->vnf.state_size = rig->state_size;
	rig->vnf.state_fresh = true;
	rig->resident = resident();
	rig_need(type->open(&rig->vnf, config, &err) == 0, "open: %s", err.text);
	vnf_config_free(type, config);
	build(rig, json, true);
	return rig;
}

void
rig_close(struct rig *rig)
{
	rig->vnf.type->close(&rig->vnf);
	vnf_config_free(rig->vnf.type, rig->config);
	munmap(rig->vnf.state, RTE_ALIGN_CEIL(rig->state_size + 64, (size_t)HUGE));
}

uint64_t
rig_configure(struct rig *rig, json_t *config)
{
	const uint64_t start = rte_rdtsc();

	build(rig, config, false);
	return rte_rdtsc() - start;
}

uint64_t
rig_change_cycles(const struct rig *rig)
{
	return rig->change_cycles;
}

bool
rig_refine(struct rig *rig)
{
	const struct vnf_type *type = rig->vnf.type;
	void *better = NULL;
	struct err err = {0};

	if (type->refine == NULL)
		return false;
	rig_need(type->refine(&rig->vnf, rig->built, &better, &err) == 0, "%s", err.text);
	if (better == NULL)
		return false;
	type->destroy(&rig->vnf, type->swap(&rig->vnf, better));
	rig->built = better;
	return true;
}

struct rte_mbuf **
rig_buffers(struct rig *rig, unsigned n)
{
	rig->n = n;
	for (unsigned i = 0; i < n; i++) {
		struct buffer *buffer = &rig->buffers[rig->at];

		rig->at = (rig->at + 1) % RIG_BUFFERS;
		reset(buffer);
		rig->batch[i] = &buffer->mbuf;
	}
	return rig->batch;
}

uint64_t
rig_run(struct rig *rig, unsigned cp, unsigned n)
{
	const struct vnf_type *type = rig->vnf.type;
	uint64_t cycles = 0;

	for (unsigned at = 0; at < n; at += VNF_BURST) {
		struct vnf_burst burst = {.cp = cp,
			.n = RTE_MIN(n - at, (unsigned)VNF_BURST),
			.pkts = rig->batch + at,
			.verdicts = rig->verdicts + at};
		const uint64_t start = rte_rdtsc();

		type->process(&rig->vnf, &burst);
		rig->vnf.now_ns += burst.n * PACKET_NS;
		if (rig->vnf.now_ns >= rig->next_tick_ns && type->tick != NULL) {
			rig->next_tick_ns = rig->vnf.now_ns + TICK_NS;
			type->tick(&rig->vnf);
		}
		cycles += rte_rdtsc() - start;
		answer_all(rig);
	}
	return cycles;
}

unsigned
rig_take(struct rig *rig, const struct rig *from)
{
	rig->n = 0;
	for (unsigned i = 0; i < from->n; i++)
		if (rig_was_forwarded(from, i))
			rig->batch[rig->n++] = from->batch[i];
	return rig->n;
}

unsigned
rig_forwarded(const struct rig *rig)
{
	unsigned n = 0;

	for (unsigned i = 0; i < rig->n; i++)
		n += (rig->verdicts[i] & VNF_DROP_BIT) == 0;
	return n;
}

bool
rig_was_forwarded(const struct rig *rig, unsigned i)
{
	return (rig->verdicts[i] & VNF_DROP_BIT) == 0;
}

const char *
rig_worst_reason(const struct rig *rig)
{
	unsigned counts[VNF_MAX_REASONS] = {0}, worst = 0;

	for (unsigned i = 0; i < rig->n; i++)
		if ((rig->verdicts[i] & VNF_DROP_BIT) != 0)
			counts[(rig->verdicts[i] & ~VNF_DROP_BIT) % VNF_MAX_REASONS]++;
	for (unsigned i = 0; i < VNF_MAX_REASONS; i++)
		worst = counts[i] > counts[worst] ? i : worst;
	return counts[worst] > 0 ? vnf_reason(rig->vnf.type, worst)->name : "none";
}

void
rig_advance(struct rig *rig, uint64_t ns)
{
	rig->vnf.now_ns += ns;
}

struct vnf *
rig_vnf(struct rig *rig)
{
	return &rig->vnf;
}

/* Without huge pages that were mapped as such, which the instance state is made of. */
static uint64_t
resident(void)
{
	unsigned long long size, pages;
	FILE *file = fopen("/proc/self/statm", "r");

	rig_need(file != NULL && fscanf(file, "%llu %llu", &size, &pages) == 2,
		"/proc/self/statm");
	fclose(file);
	return pages * 4096;
}

uint64_t
rig_memory(const struct rig *rig)
{
	const uint64_t now = resident();

	return rig->state_size + (now > rig->resident ? now - rig->resident : 0);
}

/* ---- behind vnf_originate() and its like ---- */

static struct rte_mbuf *
io_originate(struct vnf *vnf)
{
	struct rig *rig = vnf->io_arg;
	struct buffer *buffer = &rig->stash[rig->used];

	rig->used = (rig->used + 1) % STASH;
	reset(buffer);
	return &buffer->mbuf;
}

static void
io_send(struct vnf *vnf, struct rte_mbuf *pkt, unsigned cp)
{
	struct rig *rig = vnf->io_arg;

	if (rig->n_answers == STASH || !answer_wanted(pkt))
		return;
	rig->answer_cp[rig->n_answers] = cp;
	rig->answers[rig->n_answers++] = (struct buffer *)pkt;
}

static void
io_discard(struct vnf *vnf, struct rte_mbuf *pkt, unsigned reason)
{
	(void)vnf, (void)pkt, (void)reason;
}

static bool
io_hold(struct vnf *vnf, struct rte_mbuf *pkt)
{
	(void)vnf, (void)pkt;
	return true;
}

static void
io_count_drop(struct vnf *vnf, unsigned reason)
{
	(void)vnf, (void)reason;
}

static const struct vnf_io rig_io = {
	.originate = io_originate,
	.send = io_send,
	.discard = io_discard,
	.hold = io_hold,
	.count_drop = io_count_drop,
};

/* Neighbours answer before the next burst. */
static void
answer_all(struct rig *rig)
{
	const unsigned n = rig->n_answers;

	for (unsigned i = 0; i < n; i++) {
		struct rte_mbuf *pkt = &rig->answers[i]->mbuf;
		vnf_verdict verdict;
		struct vnf_burst burst = {.cp = rig->answer_cp[i],
			.n = 1,
			.pkts = &pkt,
			.verdicts = &verdict};

		answer_write(pkt);
		rig->vnf.type->process(&rig->vnf, &burst);
	}
	rig->n_answers = 0;
}

/* ---- measurements ---- */

void
rig_sample(struct rig_samples *s, uint64_t cycles, unsigned packets)
{
	if (s->n == s->room) {
		s->room = s->room == 0 ? 1024 : s->room * 2;
		s->list = realloc(s->list, s->room * sizeof(*s->list));
		rig_need(s->list != NULL, "no memory");
	}
	s->list[s->n++] = (double)cycles / packets;
}

static int
compare(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

struct rig_result
rig_result(struct rig_samples *s)
{
	struct rig_result result;

	rig_need(s->n > 0, "nothing was measured");
	qsort(s->list, s->n, sizeof(*s->list), compare);
	result = (struct rig_result){s->list[s->n / 10], s->list[s->n / 2]};
	free(s->list);
	*s = (struct rig_samples){0};
	return result;
}

const char *
rig_data(void)
{
	const char *data = getenv("RENGA_DATA");

	return data != NULL ? data : "../shared/data";
}

void
rig_need(bool ok, const char *fmt, ...)
{
	va_list args;

	if (ok)
		return;
	va_start(args, fmt);
	fputs("bench: ", stderr);
	vfprintf(stderr, fmt, args);
	fputc('\n', stderr);
	va_end(args);
	exit(1);
}

uint64_t
rig_random(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * 0x2545f4914f6cdd1dull;
}
