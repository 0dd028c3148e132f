/* cases.h: the measurements of vnf_cycles.c, by VNF type. */
#ifndef BENCH_LIB_CASES_H
#define BENCH_LIB_CASES_H

#include <stdint.h>

#define BENCH_SIZES 16

struct bench_options {
	uint32_t packets;	     /* of one measurement */
	const char *set;	     /* ClassBench's, or null: all */
	uint32_t sizes[BENCH_SIZES]; /* routes, rules or sessions; none: the usual ones */
	unsigned n_sizes;
};

/* cases_router.c */
void bench_router(const struct bench_options *options);
void bench_router6(const struct bench_options *options);
/* cases_firewall.c */
void bench_firewall_stateless(const struct bench_options *options);
void bench_firewall_established(const struct bench_options *options);
void bench_firewall_setup(const struct bench_options *options);
void bench_firewall_flood(const struct bench_options *options);
/* cases_nat.c */
void bench_nat_established(const struct bench_options *options);
void bench_nat_setup(const struct bench_options *options);

/* cases_baseline_rules.c */
void bench_baseline_rules(const struct bench_options *options);
/* cases_baseline_flows.c */
void bench_baseline_flows(const struct bench_options *options);
/* cases_baseline_routes.c */
void bench_baseline_routes(const struct bench_options *options);

/* The sizes asked for, or n usual ones. */
static inline unsigned
bench_sizes(const struct bench_options *options, const uint32_t *usual, unsigned n,
	const uint32_t **sizes)
{
	*sizes = options->n_sizes > 0 ? options->sizes : usual;
	return options->n_sizes > 0 ? options->n_sizes : n;
}

#endif
