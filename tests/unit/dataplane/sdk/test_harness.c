/* Tests of the harness (tests/lib/harness.h): it finds plug-ins out that break the rules
 * of buffers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "tests/lib/harness.h"

/* The first byte of a frame says what the plug-in does with it. */
enum deed {
	FORWARD,
	FORGET_ORIGINATED,
	HOLD_UNASKED,
	NO_REASON,
	NO_VERDICT,
	HOLD,
	SEND_HELD,
	ANSWER,
	SEND_TWICE
};

static struct rte_mbuf *kept;
static unsigned ticks;

static int
test_open(struct vnf *vnf, const void *config, struct err *err)
{
	(void)config;
	(void)err;
	if (vnf->state_fresh)
		*(uint32_t *)vnf->state = 1;
	return 0;
}

static void
answer(struct vnf *vnf, unsigned times)
{
	struct rte_mbuf *pkt = vnf_originate(vnf);

	if (pkt == NULL) {
		vnf_count_drop(vnf, VNF_REASON_NO_BUFFER);
		return;
	}
	memset(rte_pktmbuf_append(pkt, 60), 7, 60);
	while (times-- > 0)
		vnf_send(vnf, pkt, 0);
}

static void
test_process(struct vnf *vnf, struct vnf_burst *burst)
{
	const enum deed deed = *rte_pktmbuf_mtod(burst->pkts[0], uint8_t *);

	++*(uint32_t *)vnf->state;
	if (deed == NO_VERDICT)
		return;
	burst->verdicts[0] = deed == HOLD_UNASKED ? VNF_HOLD
			     : deed == NO_REASON  ? VNF_DROP(VNF_REASON_OWN)
						  : VNF_FORWARD(1);
	if (deed == FORGET_ORIGINATED)
		(void)vnf_originate(vnf);
	if (deed == ANSWER || deed == SEND_TWICE)
		answer(vnf, deed == ANSWER ? 1 : 2);
	if (deed == SEND_HELD)
		vnf_send(vnf, kept, 0);
	if (deed == HOLD && vnf_hold(vnf, burst->pkts[0])) {
		kept = burst->pkts[0];
		burst->verdicts[0] = VNF_HOLD;
	}
}

static void
test_tick(struct vnf *vnf)
{
	(void)vnf;
	ticks++;
}

static void
test_close(struct vnf *vnf)
{
	(void)vnf;
}

static size_t
test_state_size(const void *config)
{
	(void)config;
	return sizeof(uint32_t);
}

static const char *const cps[] = {"a", "b", NULL};
static const struct field fields[] = {{0}};
static const struct vnf_type type = {.api = VNF_API_VERSION,
	.name = "test",
	.summary = "misbehaves on demand",
	.cps = cps,
	.fields = fields,
	.state_version = 1,
	.state_size = test_state_size,
	.open = test_open,
	.process = test_process,
	.tick = test_tick,
	.tick_idle_ms = 10,
	.close = test_close};

static struct harness *
opened(struct harness_state *state)
{
	struct harness *h = NULL;
	struct faults faults = {0};

	assert_int_equal(harness_open(&h, &type, NULL, state, &faults), 0);
	return h;
}

static void
deed(struct harness *h, enum deed what)
{
	const uint8_t frame[60] = {(uint8_t)what};

	harness_in(h, 0, frame, sizeof(frame));
}

static void
test_harness_finds_breaches_of_the_buffer_rules(void **state)
{
	static const enum deed breaches[] = {
		FORGET_ORIGINATED, HOLD_UNASKED, NO_REASON, NO_VERDICT, SEND_TWICE};

	(void)state;
	for (size_t i = 0; i < sizeof(breaches) / sizeof(breaches[0]); i++) {
		struct harness *h = opened(NULL);

		deed(h, breaches[i]);
		assert_non_null(harness_fault(h));
		assert_non_null(harness_close(h));
	}
}

static void
test_harness_sends_originated_packets_behind_the_burst(void **state)
{
	struct harness *h = opened(NULL);
	struct harness_frame frame;
	unsigned reason;
	int cp;

	(void)state;
	deed(h, ANSWER);
	assert_true(harness_any(h, &cp, &reason, &frame));
	assert_int_equal(cp, 1);
	assert_true(harness_any(h, &cp, &reason, &frame));
	assert_int_equal(cp, 0);
	assert_int_equal(frame.len, 60);
	assert_int_equal(frame.data[59], 7);
	harness_stash(h, 0);
	deed(h, ANSWER);
	assert_int_equal(harness_drops(h, VNF_REASON_NO_BUFFER), 1);
	assert_null(harness_close(h));
}

static void
test_harness_keeps_held_packets_until_they_are_sent(void **state)
{
	struct harness *h = opened(NULL);
	struct harness_frame frame;

	(void)state;
	deed(h, HOLD);
	assert_int_equal(harness_held(h), 1);
	assert_false(harness_out(h, 0, &frame));
	deed(h, SEND_HELD);
	assert_int_equal(harness_held(h), 0);
	assert_true(harness_out(h, 0, &frame));
	assert_int_equal(frame.data[0], HOLD);
	assert_null(harness_close(h));
}

static void
test_harness_state_survives_a_crash(void **state)
{
	struct harness_state region;
	struct harness *h = opened(NULL);

	(void)state;
	deed(h, FORWARD);
	harness_crash(h, &region);
	h = opened(&region);
	assert_false(harness_vnf(h)->state_fresh);
	assert_int_equal(*(uint32_t *)harness_vnf(h)->state, 2);
	assert_null(harness_close(h));
}

static void
test_harness_clock_ticks_as_an_idle_instance(void **state)
{
	struct harness *h = opened(NULL);

	(void)state;
	ticks = 0;
	harness_clock(h, 1000000000);
	assert_int_equal(ticks, 100);
	assert_int_equal(harness_vnf(h)->now_ns, HARNESS_START_NS + 1000000000);
	assert_null(harness_close(h));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_harness_finds_breaches_of_the_buffer_rules),
		cmocka_unit_test(test_harness_sends_originated_packets_behind_the_burst),
		cmocka_unit_test(test_harness_keeps_held_packets_until_they_are_sent),
		cmocka_unit_test(test_harness_state_survives_a_crash),
		cmocka_unit_test(test_harness_clock_ticks_as_an_idle_instance),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
