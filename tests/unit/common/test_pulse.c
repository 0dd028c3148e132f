/* The file of life signs, from one process to another. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>
#include "common/pulse.h"

static char path[64];

static int
set_up(void **state)
{
	(void)state;
	snprintf(path, sizeof(path), "/tmp/renga-test-pulse.%d", getpid());
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	unlink(path);
	return 0;
}

static void
test_pulse_reader_sees_what_the_writer_writes(void **state)
{
	(void)state;
	struct pulse *mine = NULL;
	const struct pulse *theirs = NULL;
	assert_int_equal(pulse_create(path, &mine, NULL), 0);
	assert_int_equal(pulse_open(path, &theirs, NULL), 0);
	mine->slots[PULSE_SLOTS - 1].beat = 42;
	assert_int_equal(theirs->slots[PULSE_SLOTS - 1].beat, 42);
	assert_int_equal(theirs->pid, getpid());
	pulse_close(theirs);
	pulse_close(mine);
}

static void
test_pulse_new_one_leaves_the_former_standing_still(void **state)
{
	(void)state;
	struct pulse *former = NULL, *next = NULL;
	const struct pulse *theirs = NULL;
	assert_int_equal(pulse_create(path, &former, NULL), 0);
	former->process = 7;
	assert_int_equal(pulse_open(path, &theirs, NULL), 0);
	assert_int_equal(pulse_create(path, &next, NULL), 0);
	next->process = 9;
	assert_int_equal(theirs->process, 7);
	pulse_close(theirs);
	pulse_close(former);
	pulse_close(next);
}

static void
test_pulse_what_is_none_is_refused(void **state)
{
	(void)state;
	const struct pulse *pulse = NULL;
	assert_int_equal(pulse_open(path, &pulse, NULL), err_errno(ERR_NOT_FOUND));
	const int fd = open(path, O_WRONLY | O_CREAT, 0600);
	assert_int_equal(write(fd, "short", 5), 5);
	assert_true(pulse_open(path, &pulse, NULL) < 0);
	assert_int_equal(ftruncate(fd, sizeof(struct pulse)), 0);
	close(fd);
	assert_int_equal(pulse_open(path, &pulse, NULL), err_errno(ERR_MALFORMED));
	assert_null(pulse);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_pulse_reader_sees_what_the_writer_writes, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			test_pulse_new_one_leaves_the_former_standing_still, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(
			test_pulse_what_is_none_is_refused, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
