/* scenario.h: what the runner (main.c) and its steps (steps.c) share: the state of one
 * run. */
#ifndef TESTS_SCENARIO_SCENARIO_H
#define TESTS_SCENARIO_SCENARIO_H

#include <stdbool.h>
#include "tests/lib/harness.h"

#define MAX_VARS  64
#define TEXT_SIZE 8192

struct run {
	const char *plugins;
	const char *file;
	char type_name[32];
	const struct vnf_type *type;
	struct harness *h;
	size_t state_size;
	char config[TEXT_SIZE];
	struct {
		char name[32];
		char text[512];
	} vars[MAX_VARS];
	unsigned n_vars;
	struct harness_frame burst[VNF_BURST]; /* `in` lines not yet sent */
	unsigned n_burst, burst_cp;
	struct faults faults; /* of the last `refuse` not yet named */
	bool refused;
	unsigned line;
	char case_name[256];
	bool in_case, failed;
	unsigned n_tests, n_failed;
};

/* Plays one step: its word, and its arguments (may be changed). */
void scenario_step(struct run *run, const char *word, char *args);
/* Sends the collected burst. All that came out by now, and all faults of a refused
 * configuration, must have been named. */
void scenario_settle(struct run *run);

/* Names (let). */
void scenario_set(struct run *run, const char *name, const char *text);
void scenario_expand(struct run *run, char *text);
/* Cases and their results. */
void scenario_begin_case(struct run *run, const char *name);
void scenario_fail(struct run *run, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#endif
