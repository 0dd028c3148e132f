/* Quantiles out of log-linear buckets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "dataplane/shm/histogram.h"

static struct histogram histogram, other;

static int
fresh(void **state)
{
	(void)state;
	histogram_clear(&histogram);
	histogram_clear(&other);
	return 0;
}

static void
test_histogram_buckets_are_in_order_and_without_gaps(void **state)
{
	(void)state;
	for (unsigned i = 0; i + 1 < HISTOGRAM_BUCKETS; i++) {
		assert_int_equal(histogram_bucket(histogram_bucket_end(i)), i + 1);
		assert_int_equal(histogram_bucket(histogram_bucket_end(i) - 1), i);
	}
	assert_int_equal(histogram_bucket(UINT64_MAX), HISTOGRAM_BUCKETS - 1);
}

static void
test_histogram_quantile_is_right_to_a_sixteenth(void **state)
{
	(void)state;
	for (uint64_t i = 1; i <= 100000; i++)
		histogram_add(&histogram, i);
	assert_in_range(histogram_quantile(&histogram, 0.5), 46900, 53200);
	assert_in_range(histogram_quantile(&histogram, 0.99), 92800, 100000);
	assert_int_equal(histogram.max, 100000);
	assert_int_equal(histogram_quantile(&histogram, 0), 1);
}

static void
test_histogram_quantile_does_not_exceed_the_largest_value(void **state)
{
	(void)state;
	histogram_add(&histogram, 1025);
	assert_int_equal(histogram_quantile(&histogram, 1.0), 1025);
}

static void
test_histogram_without_values_says_0(void **state)
{
	(void)state;
	assert_int_equal(histogram_quantile(&histogram, 0.99), 0);
}

static void
test_histogram_merge_adds_counts_and_keeps_the_larger_max(void **state)
{
	(void)state;
	histogram_add(&histogram, 10);
	histogram_add(&other, 3000);
	histogram_merge(&histogram, &other);
	assert_int_equal(histogram.n, 2);
	assert_int_equal(histogram.max, 3000);
	assert_int_equal(histogram.sum, 3010);
	assert_int_equal(histogram_quantile(&histogram, 0), 10);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(
			test_histogram_buckets_are_in_order_and_without_gaps, fresh),
		cmocka_unit_test_setup(
			test_histogram_quantile_is_right_to_a_sixteenth, fresh),
		cmocka_unit_test_setup(
			test_histogram_quantile_does_not_exceed_the_largest_value, fresh),
		cmocka_unit_test_setup(test_histogram_without_values_says_0, fresh),
		cmocka_unit_test_setup(
			test_histogram_merge_adds_counts_and_keeps_the_larger_max, fresh),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
