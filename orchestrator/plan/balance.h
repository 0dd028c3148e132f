/* balance.h: which VNFs of a service share a process, and on which cores, by what was
 * measured (docs/adr/0018-placement-by-measurement.md). Pure: figures in, placement out.
 *
 * VNFs are cut, in their order, into groups; each group is one process on a core of its
 * own. A group is cheaper than processes, and one core cheaper than two, so a chain stays
 * one group as long as a core carries it; else it is cut where the busiest core has least
 * to do. Loads are shares of a core: 0.5 is half of its time.
 */
#ifndef ORCHESTRATOR_PLAN_BALANCE_H
#define ORCHESTRATOR_PLAN_BALANCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BALANCE_VNFS  16 /* of one service that are to be placed; VNFM: of one group */
#define BALANCE_CORES 64
#define BALANCE_TEXT  320

/* A core busier than HIGH is relieved, if the busiest is then busy at most GAIN of it; a
 * chain that one core would carry at LOW is one group again. Between them nothing
 * changes. */
#define BALANCE_HIGH 0.75
#define BALANCE_GAIN 0.85
#define BALANCE_LOW  0.5

/* What a packet costs more where it changes cores, in TSC cycles; half of it on each
 * side. */
#define BALANCE_HOP 40

struct balance_vnf {
	const char *name;
	double load;	/* without hops between cores */
	double rate;	/* packets a second */
	unsigned group; /* in which it is now: groups are numbered in order, from 0 */
};

struct balance_core {
	int id;
	double taken; /* by ports, other services, and VNFs that are not to be placed */
	bool io;      /* serves ports: taken if there is no other, or it helps */
};

struct balance_figures {
	struct balance_vnf vnfs[BALANCE_VNFS];
	size_t n_vnfs; /* at least 1 */
	struct balance_core cores[BALANCE_CORES];
	size_t n_cores;		    /* at least 1 */
	int cores_of[BALANCE_VNFS]; /* of the groups now: index into cores */
	double hz;		    /* TSC cycles of a second */
	bool measured;		    /* enough packets have passed to go by */
};

struct balance {
	unsigned groups[BALANCE_VNFS]; /* of each VNF, from 0 in order */
	int cores_of[BALANCE_VNFS];    /* of each group: index into cores */
	unsigned n_groups;
	double busiest;		/* load of the busiest of their cores, as expected */
	bool changes;		/* it is not what is now */
	char why[BALANCE_TEXT]; /* a sentence */
};

void balance_choose(const struct balance_figures *figures, struct balance *balance);

/* What is as it is now: its busiest core and load. */
double balance_now(const struct balance_figures *figures, size_t *busiest);

/* A decision is followed when it was the same STEADY times in a row, and HOLD looks after
 * the last one that was followed. */
#define BALANCE_STEADY 3
#define BALANCE_HOLD   12

struct balance_memory { /* zeroed: nothing was decided yet */
	struct balance last;
	unsigned same;	/* times in a row that it was said */
	unsigned since; /* looks since one was followed, at most BALANCE_HOLD */
	bool followed;	/* one was */
};

/* Whether to follow it now. To be called once for each look. */
bool balance_is_steady(struct balance_memory *memory, const struct balance *balance);

#endif
