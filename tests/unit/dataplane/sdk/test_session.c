/* test_session.c: the session table: lookups against a plain model, expiry by a virtual
 * clock, and what a successor finds in a region that its predecessor left at any point.
 */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>
#include "dataplane/sdk/session.h"

#define SECOND 1000000000ull

struct flow { /* one key */
	struct session session;
	struct session_key6 key;
	uint64_t payload;
};

struct mapping { /* two keys */
	struct session session;
	struct session_key4 inside, outside;
	uint64_t payload[2];
};

static const struct session_spec flow_spec = {sizeof(struct flow), 40, 1, 1};
static const struct session_spec mapping_spec = {sizeof(struct mapping), 16, 2, 1};

static void *region;

static struct session_table *
open_at(const struct session_spec *spec, uint32_t capacity, uint64_t now_ns)
{
	struct session_table *t = NULL;
	size_t size = session_region_size(spec, capacity);

	assert_int_equal(session_open(&t, spec, region, size, 42, now_ns, NULL), 0);
	assert_int_equal(t->capacity, capacity);
	return t;
}

static struct session_key6
flow_key(uint32_t n)
{
	struct session_key6 key = {.sport = n, .dport = 80, .proto = 6};

	memcpy(key.src, &n, sizeof(n));
	return key;
}

static session_ref
add_flow(struct session_table *t, uint32_t n, uint64_t expires_ns)
{
	session_ref ref = session_new(t);
	struct flow *flow;

	if (ref == SESSION_NONE)
		return ref;
	flow = session_record(t, ref);
	flow->key = flow_key(n);
	flow->payload = n;
	return session_commit(t, ref, expires_ns) < 0 ? SESSION_NONE : ref;
}

static session_ref
find_flow(struct session_table *t, uint32_t n)
{
	struct session_key6 key = flow_key(n);

	return session_find(t, &key);
}

static session_ref
add_mapping(struct session_table *t, uint32_t inside, uint32_t outside)
{
	session_ref ref = session_new(t);
	struct mapping *mapping = session_record(t, ref);

	mapping->inside = (struct session_key4){.src = inside, .kind = 0};
	mapping->outside = (struct session_key4){.src = outside, .kind = 1};
	return session_commit(t, ref, SECOND) < 0 ? SESSION_NONE : ref;
}

static unsigned
expire_all(struct session_table *t, uint64_t now_ns)
{
	session_ref refs[32];
	unsigned n, all = 0;

	while ((n = session_due(t, now_ns, refs, 32)) > 0) {
		for (unsigned i = 0; i < n; i++)
			session_delete(t, refs[i]);
		all += n;
	}
	return all;
}

static void
test_session_is_found_by_its_key_until_deleted(void **state)
{
	struct session_table *t = open_at(&flow_spec, 16, 0);
	session_ref ref = add_flow(t, 7, SECOND);

	(void)state;
	assert_int_equal(find_flow(t, 7), ref);
	assert_int_equal(find_flow(t, 8), SESSION_NONE);
	session_delete(t, ref);
	assert_int_equal(find_flow(t, 7), SESSION_NONE);
	assert_int_equal(session_count(t), 0);
	session_close(t);
}

static void
test_session_with_two_keys_tells_the_side_it_was_found_by(void **state)
{
	struct session_table *t = open_at(&mapping_spec, 16, 0);
	session_ref ref = add_mapping(t, 10, 20);
	struct session_key4 inside = {.src = 10, .kind = 0},
			    outside = {.src = 20, .kind = 1};

	(void)state;
	assert_int_equal(session_side(session_find(t, &inside)), 0);
	assert_int_equal(session_side(session_find(t, &outside)), 1);
	assert_ptr_equal(session_record(t, session_find(t, &inside)),
		session_record(t, session_find(t, &outside)));
	session_delete(t, ref);
	assert_int_equal(session_find(t, &inside), SESSION_NONE);
	assert_int_equal(session_find(t, &outside), SESSION_NONE);
	session_close(t);
}

static void
test_session_with_a_taken_key_is_refused_and_leaves_no_trace(void **state)
{
	struct session_table *t = open_at(&mapping_spec, 2, 0);
	struct session_key4 inside = {.src = 11, .kind = 0};

	(void)state;
	assert_int_not_equal(add_mapping(t, 10, 20), SESSION_NONE);
	assert_int_equal(add_mapping(t, 11, 20), SESSION_NONE);
	assert_int_equal(session_find(t, &inside), SESSION_NONE);
	assert_int_not_equal(add_mapping(t, 11, 21), SESSION_NONE);
	session_close(t);
}

static void
test_session_table_says_when_it_is_full(void **state)
{
	struct session_table *t = open_at(&flow_spec, 3, 0);

	(void)state;
	for (uint32_t i = 0; i < 3; i++)
		assert_int_not_equal(add_flow(t, i, SECOND), SESSION_NONE);
	assert_int_equal(session_new(t), SESSION_NONE);
	session_delete(t, find_flow(t, 1));
	assert_int_not_equal(add_flow(t, 9, SECOND), SESSION_NONE);
	session_close(t);
}

static void
test_session_limit_below_the_count_ends_no_session(void **state)
{
	struct session_table *t = open_at(&flow_spec, 8, 0);

	(void)state;
	for (uint32_t i = 0; i < 4; i++)
		add_flow(t, i, SECOND);
	session_set_limit(t, 2);
	assert_int_equal(session_count(t), 4);
	assert_int_equal(session_new(t), SESSION_NONE);
	session_set_limit(t, 5);
	assert_int_not_equal(session_new(t), SESSION_NONE);
	session_close(t);
}

/* Random insertions and deletions against an array of flags; bulk and single lookups
 * agree with it. */
static void
test_session_lookups_equal_a_plain_model(void **state)
{
	enum { KEYS = 4096, CAPACITY = 2048 };
	static bool there[KEYS];
	struct session_table *t = open_at(&flow_spec, CAPACITY, 0);

	(void)state;
	srandom(1);
	for (unsigned step = 0; step < 200000; step++) {
		uint32_t n = random() % KEYS;
		struct session_key6 keys[32];
		session_ref refs[32];

		if (there[n])
			session_delete(t, find_flow(t, n));
		there[n] = !there[n] && add_flow(t, n, SECOND) != SESSION_NONE;
		if (step % 64 != 0)
			continue;
		for (unsigned i = 0; i < 32; i++)
			keys[i] = flow_key((n + i) % KEYS);
		session_find_bulk(t, keys, 32, refs);
		for (unsigned i = 0; i < 32; i++) {
			assert_int_equal(refs[i] != SESSION_NONE, there[(n + i) % KEYS]);
			assert_int_equal(refs[i], session_find(t, &keys[i]));
		}
	}
	session_close(t);
}

static void
test_session_expires_at_its_time_and_not_before(void **state)
{
	struct session_table *t = open_at(&flow_spec, 16, 100 * SECOND);

	(void)state;
	add_flow(t, 1, 105 * SECOND);
	add_flow(t, 2, 110 * SECOND);
	assert_int_equal(expire_all(t, 105 * SECOND - 1), 0);
	assert_int_equal(expire_all(t, 105 * SECOND + SECOND / 4), 1);
	assert_int_equal(find_flow(t, 1), SESSION_NONE);
	assert_int_equal(expire_all(t, 111 * SECOND), 1);
	session_close(t);
}

static void
test_session_expiry_reaches_beyond_the_wheel(void **state)
{
	struct session_table *t = open_at(&flow_spec, 16, 0);
	uint64_t timeout = 7440 * SECOND;

	(void)state;
	add_flow(t, 1, timeout);
	for (uint64_t now = 0; now < timeout; now += 60 * SECOND)
		assert_int_equal(expire_all(t, now), 0);
	assert_int_equal(expire_all(t, timeout + SECOND), 1);
	session_close(t);
}

static void
test_session_expiry_survives_a_leap_of_the_clock(void **state)
{
	struct session_table *t = open_at(&flow_spec, 16, 0);

	(void)state;
	add_flow(t, 1, 30 * SECOND);
	add_flow(t, 2, 9000 * SECOND);
	add_flow(t, 3, UINT64_MAX);
	assert_int_equal(expire_all(t, 8000 * SECOND), 1);
	assert_int_equal(expire_all(t, 90000 * SECOND), 1);
	assert_int_not_equal(find_flow(t, 3), SESSION_NONE);
	session_close(t);
}

static void
test_session_may_live_longer_or_shorter_than_first_told(void **state)
{
	struct session_table *t = open_at(&flow_spec, 16, 0);

	(void)state;
	session_expire_at(t, add_flow(t, 1, 10 * SECOND), 20 * SECOND);
	session_expire_at(t, add_flow(t, 2, 7440 * SECOND), 15 * SECOND);
	assert_int_equal(expire_all(t, 14 * SECOND), 0);
	assert_int_equal(expire_all(t, 16 * SECOND), 1);
	assert_int_equal(find_flow(t, 2), SESSION_NONE);
	assert_int_equal(expire_all(t, 21 * SECOND), 1);
	session_close(t);
}

static void
test_session_due_is_told_again_until_dealt_with(void **state)
{
	struct session_table *t = open_at(&flow_spec, 16, 0);
	session_ref ref = add_flow(t, 1, SECOND), due;

	(void)state;
	assert_int_equal(session_due(t, 2 * SECOND, &due, 1), 1);
	assert_int_equal(due, ref);
	assert_int_equal(session_due(t, 3 * SECOND, &due, 1), 1);
	session_expire_at(t, ref, 9 * SECOND);
	assert_int_equal(session_due(t, 4 * SECOND, &due, 1), 0);
	session_close(t);
}

static void
test_session_expiry_work_is_bounded_by_what_was_asked(void **state)
{
	struct session_table *t = open_at(&flow_spec, 1000, 0);
	session_ref refs[8];

	(void)state;
	for (uint32_t i = 0; i < 1000; i++)
		add_flow(t, i, SECOND);
	for (uint32_t i = 0; i < 1000; i++)
		session_expire_at(t, find_flow(t, i), 50 * SECOND);
	for (unsigned call = 0; call < 2000; call++)
		assert_int_equal(session_due(t, 2 * SECOND, refs, 8), 0);
	assert_int_equal(expire_all(t, 51 * SECOND), 1000);
	session_close(t);
}

static void
test_session_successor_finds_every_session_with_its_time(void **state)
{
	struct session_table *t = open_at(&flow_spec, 64, 0);

	(void)state;
	for (uint32_t i = 0; i < 40; i++)
		add_flow(t, i, (10 + i) * SECOND);
	for (uint32_t i = 0; i < 10; i++)
		session_delete(t, find_flow(t, i));
	session_close(t);
	t = open_at(&flow_spec, 64, 5 * SECOND);
	assert_int_equal(session_count(t), 30);
	for (uint32_t i = 10; i < 40; i++)
		assert_int_equal(
			((struct flow *)session_record(t, find_flow(t, i)))->payload, i);
	assert_int_equal(expire_all(t, 30 * SECOND + SECOND / 2), 11);
	session_close(t);
}

static void
test_session_half_made_or_half_deleted_is_not_taken_over(void **state)
{
	struct session_table *t = open_at(&flow_spec, 8, 0);
	struct flow *flow;

	(void)state;
	add_flow(t, 1, SECOND);
	flow = session_record(t, session_new(t)); /* killed before the commit */
	flow->key = flow_key(2);
	session_close(t);
	t = open_at(&flow_spec, 8, 0);
	assert_int_equal(session_count(t), 1);
	((struct session *)session_record(t, find_flow(t, 1)))
		->generation++; /* killed in a delete */
	session_close(t);
	t = open_at(&flow_spec, 8, 0);
	assert_int_equal(session_count(t), 0);
	for (uint32_t i = 0; i < 8; i++)
		assert_int_not_equal(add_flow(t, i, SECOND), SESSION_NONE);
	session_close(t);
}

static void
test_session_keys_found_twice_become_one(void **state)
{
	struct session_table *t = open_at(&flow_spec, 8, 0);
	session_ref second;

	(void)state;
	add_flow(t, 1, SECOND);
	second = add_flow(t, 2, SECOND);
	((struct flow *)session_record(t, second))->key = flow_key(1);
	session_close(t);
	t = open_at(&flow_spec, 8, 0);
	assert_int_equal(session_count(t), 1);
	session_close(t);
}

static void
test_session_region_of_another_version_starts_empty(void **state)
{
	struct session_spec newer = flow_spec;
	struct session_table *t = open_at(&flow_spec, 8, 0);

	(void)state;
	add_flow(t, 1, SECOND);
	session_close(t);
	newer.version++;
	t = open_at(&newer, 8, 0);
	assert_int_equal(session_count(t), 0);
	session_close(t);
}

static void
test_session_region_that_grew_keeps_its_sessions(void **state)
{
	struct session_table *t = open_at(&flow_spec, 8, 0);

	(void)state;
	add_flow(t, 1, SECOND);
	session_close(t);
	memset((char *)region + session_region_size(&flow_spec, 8), 0xff, 1024);
	t = open_at(&flow_spec, 16, 0);
	assert_int_equal(session_count(t), 1);
	session_close(t);
}

static void
test_session_region_without_room_is_an_error(void **state)
{
	struct session_table *t = NULL;
	struct err err;

	(void)state;
	assert_int_equal(session_open(&t, &flow_spec, region, 64, 1, 0, &err), -EINVAL);
	assert_null(t);
}

static void
test_session_read_copies_what_counts_and_nothing_else(void **state)
{
	struct session_table *t = open_at(&flow_spec, 8, 0);
	session_ref ref = add_flow(t, 5, SECOND);
	struct flow copy;

	(void)state;
	assert_true(session_read(t, ref >> 1, &copy));
	assert_int_equal(copy.payload, 5);
	session_delete(t, ref);
	assert_false(session_read(t, ref >> 1, &copy));
	session_close(t);
}

/* Makes and ends flows for ever; the payload says what the key says. */
static void
churn(void)
{
	struct session_table *t = open_at(&flow_spec, 512, 0);

	for (uint32_t i = 0;; i++) {
		uint32_t n = i * 2654435761u % 700;
		session_ref ref = find_flow(t, n);

		if (ref != SESSION_NONE)
			session_delete(t, ref);
		else
			add_flow(t, n, SECOND);
	}
}

static void
test_session_table_of_a_killed_process_holds_whole_sessions_only(void **state)
{
	void *private = region;

	(void)state;
	region = mmap(
		NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	for (unsigned round = 0; round < 40; round++) {
		pid_t pid = fork();
		struct session_table *t;
		unsigned n = 0;

		if (pid == 0)
			churn();
		usleep(500 + random() % 3000);
		kill(pid, SIGKILL);
		assert_int_equal(waitpid(pid, NULL, 0), pid);
		t = open_at(&flow_spec, 512, 0);
		for (session_ref ref = session_next(t, SESSION_NONE); ref != SESSION_NONE;
			ref = session_next(t, ref), n++) {
			const struct flow *flow = session_record(t, ref);

			assert_int_equal(find_flow(t, flow->payload), ref);
		}
		assert_int_equal(n, session_count(t));
		session_close(t);
	}
	munmap(region, 1 << 20);
	region = private;
}

static void
test_session_successor_looks_only_at_records_that_were_used(void **state)
{
	struct session_table *t = open_at(&flow_spec, 1000, 0);
	(void)state;

	for (uint32_t n = 0; n < 10; n++)
		add_flow(t, n, 1000000000);
	session_close(t);
	((struct flow *)((uint8_t *)region + 64))[500].session.generation =
		1; /* what nobody made */
	t = open_at(&flow_spec, 1000, 0);
	assert_int_equal(session_count(t), 10);
	session_close(t);
}

static void
test_session_prepare_leaves_the_region_alone_until_it_is_adopted(void **state)
{
	struct session_table *t = open_at(&flow_spec, 100, 0), *next = NULL;
	const struct session_key6 key = flow_key(7);
	(void)state;

	assert_int_equal(session_prepare(&next, &flow_spec, region,
				 session_region_size(&flow_spec, 100), 43, NULL),
		0);
	add_flow(t, 7, 1000000000); /* the predecessor goes on meanwhile */
	session_close(t);
	session_adopt(next, 0);
	assert_int_equal(session_count(next), 1);
	assert_int_not_equal(session_find(next, &key), SESSION_NONE);
	session_close(next);
}

static int
setup(void **state)
{
	(void)state;
	region = aligned_alloc(64, 1 << 20);
	memset(region, 0, 1 << 20);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	free(region);
	return 0;
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_session_is_found_by_its_key_until_deleted),
		TEST(test_session_with_two_keys_tells_the_side_it_was_found_by),
		TEST(test_session_with_a_taken_key_is_refused_and_leaves_no_trace),
		TEST(test_session_table_says_when_it_is_full),
		TEST(test_session_limit_below_the_count_ends_no_session),
		TEST(test_session_lookups_equal_a_plain_model),
		TEST(test_session_expires_at_its_time_and_not_before),
		TEST(test_session_expiry_reaches_beyond_the_wheel),
		TEST(test_session_expiry_survives_a_leap_of_the_clock),
		TEST(test_session_may_live_longer_or_shorter_than_first_told),
		TEST(test_session_due_is_told_again_until_dealt_with),
		TEST(test_session_expiry_work_is_bounded_by_what_was_asked),
		TEST(test_session_successor_finds_every_session_with_its_time),
		TEST(test_session_successor_looks_only_at_records_that_were_used),
		TEST(test_session_prepare_leaves_the_region_alone_until_it_is_adopted),
		TEST(test_session_half_made_or_half_deleted_is_not_taken_over),
		TEST(test_session_keys_found_twice_become_one),
		TEST(test_session_region_of_another_version_starts_empty),
		TEST(test_session_region_that_grew_keeps_its_sessions),
		TEST(test_session_region_without_room_is_an_error),
		TEST(test_session_table_of_a_killed_process_holds_whole_sessions_only),
		TEST(test_session_read_copies_what_counts_and_nothing_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
