/* test_ident.c: identifications of datagrams that leave a NAT. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <arpa/inet.h>
#include <cmocka.h>
#include "vnfs/nat/ident.h"

static void
test_unique_per_pair(void **state)
{
	static struct ident ident;
	static uint8_t seen[8][65536];

	(void)state;
	memset(seen, 0, sizeof(seen));
	ident_init(&ident, 7);
	/* 8 pairs, which are asked about by turns */
	for (unsigned i = 0; i < 60000; i++) {
		const uint32_t pair = i % 8;
		const uint16_t id = ident_next(
			&ident, htonl(0xcb007102), htonl(0xc6336400 + pair), 17);

		assert_int_equal(seen[pair][id], 0);
		seen[pair][id] = 1;
	}
}

static void
test_beginnings_differ(void **state)
{
	static struct ident one, two;
	unsigned same = 0;

	(void)state;
	ident_init(&one, 1);
	ident_init(&two, 2);
	for (unsigned i = 0; i < IDENT_BUCKETS; i++)
		same += one.next[i] == two.next[i];
	assert_true(same < 10);
	assert_int_not_equal(one.secret, two.secret);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		{.name = "identifications are unique for each outside pair [NAT-14]",
			.test_func = test_unique_per_pair},
		{.name = "they begin elsewhere at each start",
			.test_func = test_beginnings_differ},
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
