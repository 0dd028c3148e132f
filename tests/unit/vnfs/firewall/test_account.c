/* test_account.c: numbers of counters go to another name only when nobody counts by them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
#include "vnfs/firewall/account.h"

static struct accounts *accounts;

static uint32_t
acquire(const char *name)
{
	uint32_t id = 0;

	assert_int_equal(accounts_acquire(accounts, name, &id), 0);
	assert_true(id >= ACCOUNT_FIXED);
	return id;
}

static void
test_account_of_a_name_is_one_for_all_that_use_it(void **state)
{
	uint32_t first = acquire("web"), second = acquire("web");

	(void)state;
	assert_int_equal(first, second);
	account_count(accounts, first, 60);
	accounts_release(accounts, first);
	assert_int_equal(account_at(accounts, second)->packets, 1);
	assert_int_equal(account_at(accounts, acquire("web"))->bytes, 60);
}

static void
test_account_begins_at_zero_when_its_name_was_given_up(void **state)
{
	uint32_t id = acquire("web");

	(void)state;
	account_count(accounts, id, 60);
	accounts_release(accounts, id);
	assert_int_equal(account_at(accounts, acquire("web"))->packets, 0);
}

static void
test_account_that_a_session_holds_is_given_to_no_other_name(void **state)
{
	uint32_t id = acquire("web");

	(void)state;
	account_hold(accounts, id, 1);
	accounts_release(accounts, id);
	for (unsigned i = 0; i < 3 * ACCOUNT_CHUNK; i++) {
		char name[16];

		snprintf(name, sizeof(name), "n%u", i);
		assert_int_not_equal(acquire(name), id);
	}
}

static void
test_account_numbers_do_not_run_out_by_replacing(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 10000; i++) {
		char name[16];

		snprintf(name, sizeof(name), "n%u", i);
		accounts_release(accounts, acquire(name));
	}
	assert_int_equal(accounts->n, ACCOUNT_CHUNK);
}

static int
setup(void **state)
{
	(void)state;
	accounts = accounts_create();
	return accounts == NULL;
}

static int
teardown(void **state)
{
	(void)state;
	accounts_destroy(accounts);
	return 0;
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_account_of_a_name_is_one_for_all_that_use_it),
		TEST(test_account_begins_at_zero_when_its_name_was_given_up),
		TEST(test_account_that_a_session_holds_is_given_to_no_other_name),
		TEST(test_account_numbers_do_not_run_out_by_replacing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
