/* classbench.h: filter sets in ClassBench's text, as rules of a firewall and as packets
 * that they match; and sets of random prefixes and ranges that need no file. */
#ifndef BENCH_LIB_CLASSBENCH_H
#define BENCH_LIB_CLASSBENCH_H

#include <stdbool.h>
#include <stdint.h>
#include <jansson.h>
#include "bench/lib/frame.h"

struct filter {
	uint32_t src, dst; /* host order */
	uint8_t src_len, dst_len;
	uint16_t sport[2], dport[2]; /* first, last */
	uint8_t proto;
	bool any_proto;
};

struct filter_set {
	struct filter *list;
	unsigned n;
};

/* Reads $RENGA_DATA (../shared/data)/classbench/NAME, at most max filters. False: there
 * is no such file. */
bool filter_set_read(struct filter_set *set, const char *name, unsigned max);
/* n made-up ones. */
void filter_set_make(struct filter_set *set, unsigned n);
void filter_set_free(struct filter_set *set);

/* A configuration that accepts what any of them matches, and nothing else. */
json_t *filter_set_config(const struct filter_set *set, bool stateful);
/* Addresses, ports and protocol that one of the filters matches, any of them; never from
 * a host to itself, which no firewall lets pass. */
void filter_set_draw(const struct filter_set *set, uint64_t *random, struct frame *frame);
/* Whether the filter matches: for linear search. */
bool filter_matches(const struct filter *filter, const struct frame *frame);

#endif
