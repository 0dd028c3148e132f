/* policy.h: what a descriptor wants done with a VNF while nobody looks: scaled by what is
 * measured of it, healed when it does not come back by itself
 * (docs/adr/0025-policies.md).
 *
 * policy_form.c reads them, policy_scale.c and policy_heal.c decide by them, keeper.c
 * carries out what they decide.
 */
#ifndef ORCHESTRATOR_DESCRIPTOR_POLICY_H
#define ORCHESTRATOR_DESCRIPTOR_POLICY_H

#include <stdbool.h>
#include <stdint.h>

#define POLICY_TEXT 320

enum policy_metric { /* of one replica; the mean of all */
	POLICY_BUSY, /* percent of its time that it spends with packets */
	POLICY_RATE, /* packets a second that it takes in */
	POLICY_RING, /* percent of the places that wait for it; the fullest replica's */
	POLICY_SESSIONS, /* that it holds */
	POLICY_METRICS
};

struct policy_scale {
	int metric;
	uint64_t out, in; /* at `out` or more a replica more, at `in` or less one less */
	uint64_t for_ns;  /* so long without a break */
	uint64_t cooldown_ns; /* after a scaling, whoever asked for it */
	uint32_t min, max;    /* replicas */
};

enum policy_ill { POLICY_FAILED = 1, POLICY_DEGRADED = 2 };

struct policy_heal {
	unsigned on;	   /* enum policy_ill */
	uint64_t after_ns; /* ill so long before the first attempt */
	uint32_t back_off; /* each further attempt waits so many times longer */
	uint32_t attempts; /* at most, within any `within` */
	uint64_t within_ns;
};

#endif
