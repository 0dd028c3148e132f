/* test_tcp.c: the TCP table, walked as connections walk it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
#include "dataplane/pkt/hdr.h"
#include "vnfs/firewall/tcp.h"

#define F PKT_TCP_FIN
#define S PKT_TCP_SYN
#define R PKT_TCP_RST
#define P PKT_TCP_PSH
#define A PKT_TCP_ACK
#define U PKT_TCP_URG

struct step {
	bool responder;
	uint8_t flags;
	enum tcp_state then;
};

static void
walk(enum tcp_state state, const struct step *steps, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		enum tcp_event event = tcp_event(steps[i].flags);

		assert_int_not_equal(event, TCP_BAD);
		state = tcp_next(state, steps[i].responder, event);
		if (state != steps[i].then)
			print_error("step %u\n", i);
		assert_int_equal(state, steps[i].then);
	}
}

#define WALK(state, ...)                                                                 \
	walk(state, (const struct step[]){__VA_ARGS__},                                  \
		sizeof((const struct step[]){__VA_ARGS__}) / sizeof(struct step))

static void
test_tcp_flags_that_no_stack_sends_are_bad(void **state)
{
	static const uint8_t bad[] = {0, P, U, F, F | P | U, S | F, S | R, S | F | A,
		S | R | A, F | R, F | R | A, F | S | R | P | A | U};
	static const uint8_t good[] = {
		S, S | P, S | A, A, A | P, A | U, F | A, F | P | A, R, R | A};

	(void)state;
	for (size_t i = 0; i < sizeof(bad); i++)
		assert_int_equal(tcp_event(bad[i]), TCP_BAD);
	for (size_t i = 0; i < sizeof(good); i++)
		assert_int_not_equal(tcp_event(good[i]), TCP_BAD);
}

static void
test_tcp_ecn_flags_change_nothing(void **state)
{
	(void)state;
	assert_int_equal(tcp_event(S | 0xc0), TCP_SYN);
	assert_int_equal(tcp_event(A | 0x40), TCP_ACK);
}

static void
test_tcp_opens_by_three_segments(void **state)
{
	(void)state;
	WALK(TCP_SYN_SENT, {false, S, TCP_SYN_SENT}, {true, S | A, TCP_SYN_RECEIVED},
		{true, S | A, TCP_SYN_RECEIVED}, {false, A, TCP_ESTABLISHED},
		{true, A | P, TCP_ESTABLISHED});
}

static void
test_tcp_opens_from_both_sides_at_once(void **state)
{
	(void)state;
	WALK(TCP_SYN_SENT, {true, S, TCP_SYN_BOTH}, {false, S | A, TCP_SYN_BOTH},
		{true, S | A, TCP_SYN_BOTH}, {false, A, TCP_ESTABLISHED});
}

static void
test_tcp_closes_one_half_after_the_other(void **state)
{
	(void)state;
	WALK(TCP_ESTABLISHED, {false, F | A, TCP_FIN_ORIGINATOR},
		{true, A, TCP_FIN_ORIGINATOR}, {true, A | P, TCP_FIN_ORIGINATOR},
		{true, F | A, TCP_CLOSED}, {false, A, TCP_CLOSED},
		{true, F | A, TCP_CLOSED});
	WALK(TCP_ESTABLISHED, {true, F | A, TCP_FIN_RESPONDER},
		{false, A | P, TCP_FIN_RESPONDER}, {false, F | A, TCP_CLOSED});
}

static void
test_tcp_syn_after_the_end_begins_anew_from_either_side(void **state)
{
	(void)state;
	WALK(TCP_CLOSED, {false, S, TCP_ANEW});
	WALK(TCP_CLOSED, {true, S, TCP_ANEW});
	WALK(TCP_RESET, {false, S, TCP_ANEW});
	WALK(TCP_RESET, {true, S, TCP_ANEW});
}

static void
test_tcp_reset_is_noted_in_every_open_state(void **state)
{
	(void)state;
	for (enum tcp_state s = 0; s < TCP_STATES; s++) {
		enum tcp_state end = s == TCP_CLOSED ? TCP_CLOSED : TCP_RESET;

		assert_int_equal(tcp_next(s, false, TCP_RST), end);
		assert_int_equal(tcp_next(s, true, TCP_RST), end);
	}
}

static void
test_tcp_segments_in_flight_pass_a_reset(void **state)
{
	(void)state;
	WALK(TCP_RESET, {true, A | P, TCP_RESET}, {false, A, TCP_RESET});
}

static void
test_tcp_that_skips_the_handshake_is_invalid(void **state)
{
	(void)state;
	WALK(TCP_SYN_SENT, {false, A, TCP_INVALID});
	WALK(TCP_SYN_SENT, {false, S | A, TCP_INVALID});
	WALK(TCP_SYN_SENT, {true, F | A, TCP_INVALID});
	WALK(TCP_SYN_RECEIVED, {true, S, TCP_INVALID});
}

static void
test_tcp_syn_to_an_open_connection_leaves_it_open(void **state)
{
	(void)state;
	WALK(TCP_ESTABLISHED, {false, S, TCP_ESTABLISHED}, {true, A, TCP_ESTABLISHED});
	WALK(TCP_ESTABLISHED, {true, S, TCP_INVALID});
}

static void
test_tcp_picked_up_mid_stream_is_open_once_answered(void **state)
{
	(void)state;
	WALK(TCP_MID_STREAM, {false, A, TCP_MID_STREAM}, {true, A, TCP_ESTABLISHED});
}

static void
test_tcp_table_leads_to_known_states_only(void **state)
{
	(void)state;
	for (enum tcp_state s = 0; s < TCP_STATES; s++) {
		assert_string_not_equal(tcp_state_name(s), "unknown");
		for (enum tcp_event e = 0; e < TCP_EVENTS; e++) {
			assert_true(tcp_next(s, false, e) <= TCP_ANEW);
			assert_true(tcp_next(s, true, e) <= TCP_ANEW);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tcp_flags_that_no_stack_sends_are_bad),
		cmocka_unit_test(test_tcp_ecn_flags_change_nothing),
		cmocka_unit_test(test_tcp_opens_by_three_segments),
		cmocka_unit_test(test_tcp_opens_from_both_sides_at_once),
		cmocka_unit_test(test_tcp_closes_one_half_after_the_other),
		cmocka_unit_test(test_tcp_syn_after_the_end_begins_anew_from_either_side),
		cmocka_unit_test(test_tcp_reset_is_noted_in_every_open_state),
		cmocka_unit_test(test_tcp_segments_in_flight_pass_a_reset),
		cmocka_unit_test(test_tcp_that_skips_the_handshake_is_invalid),
		cmocka_unit_test(test_tcp_syn_to_an_open_connection_leaves_it_open),
		cmocka_unit_test(test_tcp_picked_up_mid_stream_is_open_once_answered),
		cmocka_unit_test(test_tcp_table_leads_to_known_states_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
