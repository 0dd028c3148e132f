/* baseline.c: see baseline.h. */
#include "bench/lib/baseline.h"
#include <rte_cycles.h>
#include "dataplane/sdk/vnf.h"

void
baseline_judge(const void *arg, judge_fn *judge, struct rte_mbuf **pkts,
	struct rig_samples *samples)
{
	unsigned n = 0;
	const uint64_t start = rte_rdtsc();

	for (unsigned i = 0; i < RIG_BATCH; i++) {
		struct pkt_info info;

		if (pkt_parse(rte_pktmbuf_mtod(pkts[i], uint8_t *), pkts[i]->data_len,
			    &info) == PKT_OK)
			n += judge(arg, &info);
	}
	rig_sample(samples, rte_rdtsc() - start, RIG_BATCH);
	rig_need(n == RIG_BATCH, "baseline: %u of %u found", n, RIG_BATCH);
}

void
baseline_judge_bursts(const void *arg, judge_burst_fn *judge, struct rte_mbuf **pkts,
	struct rig_samples *samples)
{
	unsigned n = 0;
	const uint64_t start = rte_rdtsc();

	for (unsigned at = 0; at < RIG_BATCH; at += VNF_BURST)
		n += judge(arg, pkts + at);
	rig_sample(samples, rte_rdtsc() - start, RIG_BATCH);
	rig_need(n == RIG_BATCH, "baseline: %u of %u found", n, RIG_BATCH);
}
