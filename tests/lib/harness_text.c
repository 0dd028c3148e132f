/* harness_text.c: see harness_text.h. */
#include "tests/lib/harness_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>
#include "tests/lib/pkttext.h"

struct harness *
harness_text_open(const struct vnf_type *type, const char *config)
{
	return harness_text_reopen(type, config, NULL);
}

struct harness *
harness_text_reopen(
	const struct vnf_type *type, const char *config, struct harness_state *state)
{
	struct harness *h = NULL;
	struct faults faults = {0};

	if (harness_open(&h, type, config, state, &faults) != 0)
		fail_msg("%s: %s", faults.list[0].path, faults.list[0].text);
	return h;
}

void
harness_text_frame(struct harness_frame *frame, const char *text)
{
	static struct pkttext pkt;
	struct err err;

	if (pkttext_parse(text, &pkt, &err) != 0)
		fail_msg("%s: %s", text, err.text);
	frame->len = (uint32_t)pkt.len;
	memcpy(frame->data, pkt.data, pkt.len);
}

void
harness_text_in(struct harness *h, unsigned cp, const char *text)
{
	static struct harness_frame frame;

	harness_text_frame(&frame, text);
	harness_in(h, cp, frame.data, frame.len);
}

json_int_t
harness_text_stat(struct harness *h, const char *name)
{
	json_t *stats = harness_stats(h);
	const json_t *number = json_object_get(stats, name);

	if (!json_is_integer(number))
		fail_msg("the statistics have no number '%s'", name);
	const json_int_t value = json_integer_value(number);

	json_decref(stats);
	return value;
}
