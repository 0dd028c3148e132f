/* harness_text.h: the harness in the words of pkttext.h, for cmocka tests: what cannot be
 * read, opened or taken fails the test.
 */
#ifndef TESTS_LIB_HARNESS_TEXT_H
#define TESTS_LIB_HARNESS_TEXT_H

#include <jansson.h>
#include "tests/lib/harness.h"

/* harness_open() with a fresh region. */
struct harness *harness_text_open(const struct vnf_type *type, const char *config);
/* The same with a region that a predecessor left. */
struct harness *harness_text_reopen(
	const struct vnf_type *type, const char *config, struct harness_state *state);
/* The frame that the text says. */
void harness_text_frame(struct harness_frame *frame, const char *text);
/* It comes in by cp. */
void harness_text_in(struct harness *h, unsigned cp, const char *text);
/* A number of the statistics. */
json_int_t harness_text_stat(struct harness *h, const char *name);

#endif
