/* Tests of the turn at a slot: who may run, and what a waiting successor sees. */
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include "dataplane/runtime/job.h"
#include "dataplane/runtime/turn.h"
#include "tests/unit/dataplane/runtime/stage.h"

static struct stage *stage;
static struct shm_slot *slot;

static int
setup(void **state)
{
	(void)state;
	stage = stage_create();
	stage->host.pid = getpid();
	slot = &stage->host.slots[0];
	slot->turn = 4;
	slot->pid = getpid();
	slot->state = SHM_SLOT_RUNNING;
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	stage_destroy(stage);
	return 0;
}

static int
await(uint32_t turn, int leash)
{
	struct err err = {0};
	int rc = turn_await(&stage->host, slot, turn, leash, &err);

	return rc == 0 ? 0 : (int)err.code;
}

static void *
pass(void *arg)
{
	(void)arg;
	usleep(20000);
	turn_pass(slot);
	return NULL;
}

static void
test_turn_passes_to_the_next_process_with_the_slot_free(void **state)
{
	pthread_t predecessor;

	(void)state;
	assert_int_equal(pthread_create(&predecessor, NULL, pass, NULL), 0);
	assert_int_equal(await(5, -1), 0);
	assert_int_equal(slot->state, SHM_SLOT_RESERVED);
	assert_int_equal(slot->pid, 0);
	pthread_join(predecessor, NULL);
}

static void
test_turn_that_is_over_is_refused(void **state)
{
	(void)state;
	assert_int_equal(await(3, -1), ERR_STATE);
}

static void
test_turn_is_not_awaited_without_those_who_wanted_it(void **state)
{
	int leash[2];

	(void)state;
	assert_int_equal(pipe(leash), 0);
	close(leash[1]);
	assert_int_equal(await(5, leash[0]), ERR_UNAVAILABLE);
	close(leash[0]);
	stage->host.shutdown = 1;
	assert_int_equal(await(5, -1), ERR_UNAVAILABLE);
}

/* In place of that of libc: while somebody looks, whoever wanted the successor has seen
 * that it is its turn, and lets go. */
static bool passes_meanwhile;

int
poll(struct pollfd *fds, nfds_t n, int timeout_ms)
{
	(void)timeout_ms;
	assert_int_equal(n, 1);
	if (passes_meanwhile)
		turn_pass(slot);
	fds[0].revents = POLLHUP;
	return 1;
}

static void
test_turn_that_comes_before_the_end_of_who_wanted_it_is_taken(void **state)
{
	(void)state;
	passes_meanwhile = true;
	assert_int_equal(await(5, STDIN_FILENO), 0);
	passes_meanwhile = false;
}

static int
read_jobs(const char *line, struct jobs *jobs)
{
	struct err err = {0};
	int ends[2], rc;

	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], line, strlen(line)), strlen(line));
	close(ends[1]);
	rc = jobs_read(ends[0], jobs, &err);
	close(ends[0]);
	return rc == 0 ? 0 : (int)err.code;
}

#define NAT                                                                                \
	"{\"type\": \"nat\", \"id\": \"i\", \"name\": \"e.n\", \"slot\": 3, \"core\": 1, " \
	"\"turn\": 7, \"empty\": true, \"socket\": \"/s\", \"config\": \"/c\"}"
#define ROUTER                                                                             \
	"{\"type\": \"router\", \"id\": \"j\", \"name\": \"e.r\", \"slot\": 4, \"core\": " \
	"1, \"turn\": 1, \"socket\": \"/t\", \"config\": \"/d\"}"

static void
test_job_is_read_whole_or_refused(void **state)
{
	struct jobs jobs;

	(void)state;
	assert_int_equal(read_jobs(NAT "\n", &jobs), 0);
	assert_int_equal(jobs.n, 1);
	assert_string_equal(jobs.list[0].type, "nat");
	assert_int_equal(jobs.list[0].slot, 3);
	assert_int_equal(jobs.list[0].turn, 7);
	assert_true(jobs.list[0].empty);
	assert_null(jobs.list[0].log);
	jobs_free(&jobs);
	assert_int_equal(read_jobs("", &jobs), ERR_UNAVAILABLE);
	assert_int_equal(read_jobs("{\"type\": \"nat\"}\n", &jobs), ERR_INVALID);
	assert_int_equal(read_jobs("no json\n", &jobs), ERR_INVALID);
}

static void
test_jobs_of_a_group_are_read_all_or_none(void **state)
{
	struct jobs jobs;

	(void)state;
	assert_int_equal(read_jobs("{\"members\": [" NAT ", " ROUTER "]}\n", &jobs), 0);
	assert_int_equal(jobs.n, 2);
	assert_string_equal(jobs.list[0].type, "nat");
	assert_string_equal(jobs.list[1].type, "router");
	assert_int_equal(jobs.list[1].slot, 4);
	jobs_free(&jobs);
	assert_int_equal(read_jobs("{\"members\": []}\n", &jobs), ERR_INVALID);
	assert_int_equal(read_jobs("{\"members\": [" NAT ", {}]}\n", &jobs), ERR_INVALID);
}

static void
test_jobs_show_over_their_placeholder(void **state)
{
	char placeholder[] = JOB_PLACEHOLDER "                         ";
	char *argv[] = {(char *)"renga-vnf", placeholder}, *at = placeholder;
	const struct jobs jobs = {.n = 2,
		.list = {{.socket = "/run/v.sock", .name = "e.fw"}, {.name = "e.nat"}}};

	(void)state;
	jobs_show(&jobs, 2, argv);
	assert_string_equal(at, "/run/v.sock");
	at += strlen(at) + 1;
	assert_string_equal(at, "e.fw");
	at += strlen(at) + 1;
	assert_string_equal(at, "e.nat");
}

#define TURN_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TURN_TEST(test_turn_passes_to_the_next_process_with_the_slot_free),
		TURN_TEST(test_turn_that_is_over_is_refused),
		TURN_TEST(test_turn_is_not_awaited_without_those_who_wanted_it),
		TURN_TEST(test_turn_that_comes_before_the_end_of_who_wanted_it_is_taken),
		TURN_TEST(test_job_is_read_whole_or_refused),
		TURN_TEST(test_jobs_of_a_group_are_read_all_or_none),
		TURN_TEST(test_jobs_show_over_their_placeholder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
