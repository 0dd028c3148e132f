/* copy.c: the baseline `copy`: a function that shares no packet memory with the others,
 * as behind virtio. Each frame is copied into memory of its own, and out of it again.
 *
 * Honest to it in what costs: two copies of all bytes per function, those of vhost's
 * enqueue and dequeue, which is what keeps functions from one another's packets. Kinder
 * than it: no descriptors are translated, nobody is notified, no switch stands between
 * two functions, and the copies are made by the function's own CPU, in its cache.
 */
#include <stdlib.h>
#include <string.h>
#include <rte_mbuf.h>
#include <rte_memcpy.h>
#include "dataplane/sdk/vnf.h"

#define BUFFERS	    256	 /* as a queue of virtio has */
#define BUFFER_SIZE 2304 /* the longest frame */

struct copy {
	unsigned next;
	uint8_t (*buffers)[BUFFER_SIZE];
};

static const char *const cps[] = {"left", "right", NULL};
static const struct field fields[] = {{0}};

static int
copy_open(struct vnf *vnf, const void *config, struct err *err)
{
	struct copy *copy = calloc(1, sizeof(*copy));

	(void)config;
	if (copy != NULL)
		copy->buffers = aligned_alloc(64, (size_t)BUFFERS * BUFFER_SIZE);
	if (copy == NULL || copy->buffers == NULL) {
		free(copy);
		return err_set(err, ERR_NO_RESOURCE, NULL, NULL, "out of memory");
	}
	memset(copy->buffers, 0, (size_t)BUFFERS * BUFFER_SIZE);
	vnf->self = copy;
	return 0;
}

static void
copy_process(struct vnf *vnf, struct vnf_burst *burst)
{
	struct copy *copy = vnf->self;
	const vnf_verdict verdict = VNF_FORWARD(burst->cp ^ 1);

	for (unsigned i = 0; i < burst->n; i++)
		rte_prefetch0(rte_pktmbuf_mtod(burst->pkts[i], const void *));
	for (unsigned i = 0; i < burst->n; i++) {
		struct rte_mbuf *pkt = burst->pkts[i];
		void *frame = rte_pktmbuf_mtod(pkt, void *);
		uint8_t *own = copy->buffers[copy->next++ % BUFFERS];

		rte_memcpy(own, frame, pkt->data_len);
		/* the function's work would be here: the compiler may not see that it is
		 * none */
		__asm__ volatile("" : : "r"(own) : "memory");
		rte_memcpy(frame, own, pkt->data_len);
		burst->verdicts[i] = verdict;
	}
}

static void
copy_close(struct vnf *vnf)
{
	struct copy *copy = vnf->self;

	free(copy->buffers);
	free(copy);
}

static const struct vnf_type copy = {
	.api = VNF_API_VERSION,
	.name = "copy",
	.summary = "forwards copies",
	.cps = cps,
	.fields = fields,
	.open = copy_open,
	.process = copy_process,
	.close = copy_close,
};

VNF_REGISTER(copy);
