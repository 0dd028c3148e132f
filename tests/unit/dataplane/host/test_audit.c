/* The arithmetic of the buffer audit, and which pointers are buffers at all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "dataplane/host/audit.h"

#define N      8
#define STRIDE 2368u
#define FIRST  0x200000100040ull

static struct buffer_span span;
static const struct buffer_span none;
static uint8_t seen[N];
static bool out[N];
static struct audit audit;

static const void *
buffer(unsigned i)
{
	return (const void *)(uintptr_t)(FIRST + (uint64_t)i * STRIDE);
}

static bool
is_out(const void *pointer)
{
	return out[((uintptr_t)pointer - FIRST) / STRIDE];
}

static bool
is_nowhere(const void *pointer)
{
	(void)pointer;
	return false;
}

static int
fresh(void **state)
{
	(void)state;
	memset(seen, 0, sizeof(seen));
	memset(out, 0, sizeof(out));
	span = buffer_span_of(FIRST, STRIDE, N);
	audit = (struct audit){.spans = {&span, &none}, .seen = seen};
	return 0;
}

static void
test_audit_counts_each_buffer_once_and_adds_up_to_all(void **state)
{
	struct audit_count sum;

	(void)state;
	audit_meet(&audit, buffer(0), AUDIT_FREE);
	audit_meet(&audit, buffer(1), AUDIT_FREE);
	audit_meet(&audit, buffer(2), AUDIT_RING);
	audit_meet(&audit, buffer(3), AUDIT_HAND);
	out[2] = out[3] = out[4] = true; /* 4 was met nowhere */
	sum = audit_sum(&audit, is_out);
	assert_int_equal(sum.free, 2);
	assert_int_equal(sum.in_rings, 1);
	assert_int_equal(sum.in_hand, 1);
	assert_int_equal(sum.missing, 1);
	assert_int_equal(sum.in_ports, 3);
}

static void
test_audit_takes_a_buffer_on_its_way_that_was_met_for_found(void **state)
{
	(void)state;
	out[5] = true;
	assert_int_equal(audit_sum(&audit, is_out).missing, 1);
	audit_meet(&audit, buffer(5), AUDIT_RING);
	assert_int_equal(audit_sum(&audit, is_out).missing, 0);
}

static void
test_audit_counts_one_that_moved_where_it_was_met_last(void **state)
{
	(void)state;
	audit_meet(&audit, buffer(1), AUDIT_RING);
	audit_meet(&audit, buffer(1), AUDIT_HAND);
	assert_int_equal(audit_sum(&audit, is_out).in_rings, 0);
	assert_int_equal(audit_sum(&audit, is_out).in_hand, 1);
	assert_int_equal(audit.doubled, 0);
}

static void
test_audit_counts_usual_and_large_buffers_together(void **state)
{
	static uint8_t both[N + 3];
	const struct buffer_span large = buffer_span_of(FIRST + (1 << 20), 65728, 3);
	struct audit_count sum;

	(void)state;
	audit = (struct audit){.spans = {&span, &large}, .seen = both};
	audit_meet(&audit, buffer(N - 1), AUDIT_RING);
	audit_meet(&audit, (const void *)(large.first + 2 * 65728), AUDIT_RING);
	audit_meet(&audit, (const void *)(large.first + 65728), AUDIT_FREE);
	audit_meet(&audit, (const void *)(large.first + 3 * 65728), AUDIT_FREE);
	assert_int_equal(audit.foreign, 1);
	assert_int_equal(both[N - 1], AUDIT_RING);
	assert_int_equal(both[N + 1], AUDIT_FREE);
	assert_int_equal(both[N + 2], AUDIT_RING);
	sum = audit_sum(&audit, is_nowhere);
	assert_int_equal(sum.in_rings, 2);
	assert_int_equal(sum.free, 1);
	assert_int_equal(sum.in_ports, N);
}

static void
test_audit_notices_a_free_buffer_in_use(void **state)
{
	(void)state;
	audit_meet(&audit, buffer(1), AUDIT_FREE);
	audit_meet(&audit, buffer(1), AUDIT_RING);
	assert_int_equal(audit.doubled, 1);
	assert_int_equal(audit_sum(&audit, is_out).free, 1);
}

static void
test_audit_notices_pointers_that_are_no_buffers(void **state)
{
	(void)state;
	audit_meet(&audit, NULL, AUDIT_RING);
	audit_meet(&audit, (const char *)buffer(1) + 64, AUDIT_HAND);
	assert_int_equal(audit.foreign, 2);
}

static void
test_buffer_span_has_only_the_starts_of_its_buffers(void **state)
{
	(void)state;
	for (unsigned i = 0; i < N; i++)
		assert_true(buffer_span_has(&span, buffer(i)));
	assert_false(buffer_span_has(&span, buffer(N)));
	assert_false(buffer_span_has(&span, (const char *)buffer(0) - STRIDE));
	for (unsigned offset = 1; offset < STRIDE; offset++)
		assert_false(buffer_span_has(&span, (const char *)buffer(3) + offset));
	assert_false(buffer_span_has(&span, NULL));
	assert_false(buffer_span_has(&none, NULL));
	assert_false(buffer_span_has(&span, (const void *)UINTPTR_MAX));
}

static void
test_buffer_span_judges_every_stride_as_division_does(void **state)
{
	static const uint32_t strides[] = {64, 128, 192, 2432, 2496, 4096, 65728};
	const uint32_t n = 1000;
	uint64_t offset;

	(void)state;
	for (unsigned i = 0; i < sizeof(strides) / sizeof(strides[0]); i++) {
		span = buffer_span_of(FIRST, strides[i], n);
		for (offset = 0; offset < (uint64_t)strides[i] * (n + 2); offset += 32)
			assert_int_equal(
				buffer_span_has(&span, (const void *)(FIRST + offset)),
				offset % strides[i] == 0 && offset / strides[i] < n);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(
			test_audit_counts_each_buffer_once_and_adds_up_to_all, fresh),
		cmocka_unit_test_setup(
			test_audit_takes_a_buffer_on_its_way_that_was_met_for_found,
			fresh),
		cmocka_unit_test_setup(
			test_audit_counts_one_that_moved_where_it_was_met_last, fresh),
		cmocka_unit_test_setup(test_audit_notices_a_free_buffer_in_use, fresh),
		cmocka_unit_test_setup(
			test_audit_notices_pointers_that_are_no_buffers, fresh),
		cmocka_unit_test_setup(
			test_audit_counts_usual_and_large_buffers_together, fresh),
		cmocka_unit_test_setup(
			test_buffer_span_has_only_the_starts_of_its_buffers, fresh),
		cmocka_unit_test(test_buffer_span_judges_every_stride_as_division_does),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
