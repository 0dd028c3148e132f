/* test_peers.c: the table of whom a mapping has sent to, against a list. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "vnfs/nat/peers.h"

#define MAPPINGS 16
#define HOSTS	 32
#define ROOM	 300

static void
test_as_a_list_would(void **state)
{
	struct peers *peers = peers_create(ROOM, 3);
	static unsigned list[MAPPINGS][HOSTS];
	unsigned pairs = 0;

	(void)state;
	assert_non_null(peers);
	memset(list, 0, sizeof(list));
	srandom(1);
	for (unsigned i = 0; i < 200000; i++) {
		const uint32_t mapping = (uint32_t)random() % MAPPINGS;
		const uint32_t host = (uint32_t)random() % HOSTS;
		unsigned *n = &list[mapping][host];
		const uint32_t ip = 0x0a000000 + host * 0x01000193u;

		assert_int_equal(peers_has(peers, mapping, ip), *n > 0);
		if (*n > 0 && random() % 5 < 3) {
			peers_del(peers, mapping, ip);
			pairs -= --*n == 0;
		} else if (*n > 0 || pairs < ROOM) {
			peers_add(peers, mapping, ip);
			pairs += (*n)++ == 0;
		}
		assert_int_equal(peers_has(peers, mapping, ip), *n > 0);
	}
	for (unsigned m = 0; m < MAPPINGS; m++)
		for (unsigned h = 0; h < HOSTS; h++)
			assert_int_equal(
				peers_has(peers, m, 0x0a000000 + h * 0x01000193u),
				list[m][h] > 0);
	peers_destroy(peers);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		{.name = "peers come and go as in a list, with the table full",
			.test_func = test_as_a_list_would},
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
