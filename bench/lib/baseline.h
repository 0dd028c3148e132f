/* baseline.h: what the baselines of the VNFs have in common. */
#ifndef BENCH_LIB_BASELINE_H
#define BENCH_LIB_BASELINE_H

#include <stdbool.h>
#include "bench/lib/rig.h"
#include "dataplane/pkt/parse.h"

typedef bool judge_fn(const void *arg, const struct pkt_info *info);
/* A burst of usual packets; how many were found. */
typedef unsigned judge_burst_fn(const void *arg, struct rte_mbuf *const *pkts);

/* Parses each packet of a batch and judges it; every one must be found. */
void baseline_judge(const void *arg, judge_fn *judge, struct rte_mbuf **pkts,
	struct rig_samples *samples);
/* Judges a batch burst by burst. */
void baseline_judge_bursts(const void *arg, judge_burst_fn *judge, struct rte_mbuf **pkts,
	struct rig_samples *samples);

#endif
