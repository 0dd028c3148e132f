/* test_maps.c: what is fetched ahead for a session is what the session then gets. */
#include "tests/unit/vnfs/nat/fixture.h"

static struct maps_guess
guess(struct fixture *f, const struct session_key4 *key)
{
	struct maps_guess guess = {.random = dice_later(&f->table.dice, 0)};

	maps_expect(f->maps, &f->config, key, 1, &guess);
	return guess;
}

static void
test_the_next_mapping_is_guessed_from_the_next_random_number(void **state)
{
	struct fixture *f = *state;

	for (unsigned i = 0; i < SESSIONS; i++) {
		const struct session_key4 key = {.src = HOST(1 + i % 5),
			.dst = PEER(1),
			.sport = (uint16_t)(1000 + i),
			.dport = 53,
			.proto = PKT_PROTO_UDP,
			.kind = KEY_OUT};
		const struct maps_guess next = guess(f, &key);
		const session_ref ref = UDP_OUT(f, key.src, key.sport, PEER(1));

		assert_int_equal(outside_port(f, ref), next.port);
		assert_int_equal(table_of(&f->table, ref)->out.dst, next.ip);
		assert_int_equal(table_of(&f->table, ref)->mapping, next.ref);
		if (i == SESSIONS / 2) { /* from now on, of those that were freed */
			f->now += 600 * SECOND;
			table_expire(&f->table, f->now);
		}
	}
}

static void
test_no_port_is_guessed_where_none_is_free(void **state)
{
	struct fixture *f = *state;
	const struct session_key4 key = {
		.src = HOST(1), .dst = PEER(1), .sport = 1, .proto = PKT_PROTO_UDP};

	f->config.ports = (struct net_ports){2000, 2001};
	use(f);
	UDP_OUT(f, HOST(1), 2000, PEER(1));
	UDP_OUT(f, HOST(1), 2001, PEER(1));
	assert_int_equal(guess(f, &key).port, 0);
	assert_int_equal(UDP_OUT(f, HOST(1), 2002, PEER(1)), SESSION_NONE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		RULE("the next mapping is guessed from the next random number",
			test_the_next_mapping_is_guessed_from_the_next_random_number),
		RULE("no port is guessed where none is free",
			test_no_port_is_guessed_where_none_is_free),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
