/* answer.h: neighbours of a VNF on the bench: they answer ARP requests and neighbour
 * solicitations, all with the MAC 02:00:00:00:00:01. */
#ifndef BENCH_LIB_ANSWER_H
#define BENCH_LIB_ANSWER_H

#include <stdbool.h>
#include <rte_mbuf.h>

/* Whether it asks for a neighbour. */
bool answer_wanted(const struct rte_mbuf *pkt);
/* Makes it the answer to itself. */
void answer_write(struct rte_mbuf *pkt);

#endif
