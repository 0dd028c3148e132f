/* Tests of passthrough: its core, and its glue in the harness. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "tests/lib/harness.h"
#include "vnfs/passthrough/side.h"

extern const struct vnf_type *const vnf_plugin_type;

static const uint8_t frame[64] = {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0};

static void
test_side_other_is_its_own_inverse(void **state)
{
	(void)state;
	assert_int_equal(side_other(SIDE_LEFT), SIDE_RIGHT);
	assert_int_equal(side_other(SIDE_RIGHT), SIDE_LEFT);
}

static struct harness *
open_passthrough(const char *config)
{
	struct harness *h = NULL;
	struct faults faults = {0};

	assert_int_equal(harness_open(&h, vnf_plugin_type, config, NULL, &faults), 0);
	assert_int_equal(faults.n, 0);
	return h;
}

static void
test_passthrough_forwards_bursts_in_order_and_unchanged(void **state)
{
	struct harness *h = open_passthrough(NULL);
	static struct harness_frame frames[VNF_BURST], out;

	(void)state;
	for (unsigned i = 0; i < VNF_BURST; i++) {
		frames[i].len = sizeof(frame);
		memcpy(frames[i].data, frame, sizeof(frame));
		frames[i].data[20] = (uint8_t)i;
	}
	harness_burst(h, SIDE_LEFT, frames, VNF_BURST);
	for (unsigned i = 0; i < VNF_BURST; i++) {
		assert_true(harness_out(h, SIDE_RIGHT, &out));
		assert_int_equal(out.len, sizeof(frame));
		assert_memory_equal(out.data, frames[i].data, sizeof(frame));
	}
	assert_false(harness_out(h, SIDE_RIGHT, &out));
	assert_null(harness_close(h));
}

static void
test_passthrough_drops_all_when_forwarding_is_off(void **state)
{
	struct harness *h = open_passthrough("forward: false");

	(void)state;
	harness_in(h, SIDE_RIGHT, frame, sizeof(frame));
	assert_int_equal(harness_drop(h), VNF_REASON_OWN);
	assert_int_equal(harness_drops(h, VNF_REASON_OWN), 1);
	assert_null(harness_close(h));
}

static void
test_passthrough_takes_a_new_configuration_between_bursts(void **state)
{
	struct harness *h = open_passthrough("forward: false");
	struct harness_frame out;
	struct faults faults = {0};

	(void)state;
	assert_int_equal(harness_configure(h, "forward: true", &faults), 0);
	harness_in(h, SIDE_RIGHT, frame, sizeof(frame));
	assert_true(harness_out(h, SIDE_LEFT, &out));
	assert_int_not_equal(harness_configure(h, "forward: perhaps", &faults), 0);
	assert_string_equal(faults.list[0].path, "forward");
	faults_clear(&faults);
	harness_in(h, SIDE_RIGHT, frame, sizeof(frame));
	assert_true(harness_out(h, SIDE_LEFT, &out));
	assert_null(harness_close(h));
}

static void
test_passthrough_counts_what_has_nowhere_to_go(void **state)
{
	struct harness *h = open_passthrough(NULL);

	(void)state;
	harness_wire(h, SIDE_RIGHT, false);
	harness_in(h, SIDE_LEFT, frame, sizeof(frame));
	assert_int_equal(harness_drop(h), VNF_REASON_NO_LINK);
	assert_null(harness_close(h));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_side_other_is_its_own_inverse),
		cmocka_unit_test(test_passthrough_forwards_bursts_in_order_and_unchanged),
		cmocka_unit_test(test_passthrough_drops_all_when_forwarding_is_off),
		cmocka_unit_test(
			test_passthrough_takes_a_new_configuration_between_bursts),
		cmocka_unit_test(test_passthrough_counts_what_has_nowhere_to_go),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
