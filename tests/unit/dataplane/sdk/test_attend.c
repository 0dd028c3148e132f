/* test_attend.c: what the control thread watches for a plug-in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include <unistd.h>
#include "dataplane/sdk/attend.h"

struct fixture {
	struct loop *loop;
	struct attend attend;
	struct vnf vnf;
	unsigned calls, wakes;
	struct vnf_watch *watch;
};

static void
count(struct vnf *vnf, void *arg)
{
	struct fixture *f = arg;

	assert_ptr_equal(vnf, &f->vnf);
	f->calls++;
}

static void
count_and_end(struct vnf *vnf, void *arg)
{
	struct fixture *f = arg;

	count(vnf, arg);
	vnf_watch_end(vnf, f->watch);
}

static void
wake(void *arg)
{
	((struct fixture *)arg)->wakes++;
}

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_int_equal(loop_create(&f->loop, NULL), 0);
	attend_open(&f->attend, &f->vnf, f->loop, wake, f);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	attend_close(&f->attend);
	attend_close(&f->attend); /* again is fine */
	loop_destroy(f->loop);
	free(f);
	return 0;
}

static void
test_attend_calls_when_a_descriptor_can_be_read(void **state)
{
	struct fixture *f = *state;
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	f->watch = vnf_watch_fd(&f->vnf, ends[0], count_and_end, f);
	assert_non_null(f->watch);
	loop_step(f->loop, 0);
	assert_int_equal(f->calls, 0);
	assert_int_equal(write(ends[1], "x", 1), 1);
	loop_step(f->loop, 1000);
	assert_int_equal(f->calls, 1);
	loop_step(f->loop, 0); /* it has ended itself */
	assert_int_equal(f->calls, 1);
	assert_null(vnf_watch_fd(&f->vnf, -1, count, f));
	close(ends[0]);
	close(ends[1]);
}

static void
test_attend_calls_by_the_clock(void **state)
{
	struct fixture *f = *state;

	assert_non_null(vnf_watch_timer(&f->vnf, 1, count, f));
	loop_step(f->loop, 1000);
	loop_step(f->loop, 1000);
	assert_true(f->calls >= 2);
}

static void
test_attend_is_over_with_the_control_thread(void **state)
{
	struct fixture *f = *state;
	struct vnf_watch *watch = vnf_watch_timer(&f->vnf, 1, count, f);

	vnf_wake(&f->vnf);
	assert_int_equal(f->wakes, 1);
	attend_close(&f->attend);
	vnf_watch_end(&f->vnf, watch); /* it is gone already */
	vnf_wake(&f->vnf);
	assert_int_equal(f->wakes, 1);
	assert_null(vnf_watch_timer(&f->vnf, 1, count, f));
	usleep(3000);
	loop_step(f->loop, 0);
	assert_int_equal(f->calls, 0);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_attend_calls_when_a_descriptor_can_be_read),
		TEST(test_attend_calls_by_the_clock),
		TEST(test_attend_is_over_with_the_control_thread),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
