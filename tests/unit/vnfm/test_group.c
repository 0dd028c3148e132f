/* VNFs that are to share a process: when they are started, succeeded and taken along. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "tests/unit/vnfm/converge_set.h"
#include "vnfm/group.h"

static struct object *a, *b, *other;

static struct object *
add_started(const char *id, const char *text)
{
	struct object *vnf = add(OBJECT_VNF, id, text);
	vnf->applied = json_incref(vnf->wanted);
	vnf->vnf.state = LIFECYCLE_STARTING;
	return vnf;
}

/* Two of a group, and one of the same service with a process of its own. */
static int
make(void **state)
{
	(void)state;
	wanted_init(&wanted);
	struct object *service =
		add(OBJECT_SERVICE, "n", "{'name': 'edge', 'buffers': 4096}");
	service->applied = json_incref(service->wanted);
	a = add_started("a",
		"{'ns': 'n', 'name': 'e.a', 'type': 'nat', 'group': {'name': 'g', 'n': 2}}");
	other = add_started("o", "{'ns': 'n', 'name': 'e.o', 'type': 'nat'}");
	b = add_started("b",
		"{'ns': 'n', 'name': 'e.b', 'type': 'nat', 'group': {'name': 'g', 'n': 2}}");
	return 0;
}

static void
run(struct object *vnf, pid_t pid)
{
	vnf->vnf.pid = pid;
	vnf->vnf.state = LIFECYCLE_READY;
}

static void
set(struct object *vnf, const char *text)
{
	json_t *doc = parse(text);
	json_decref(vnf->wanted);
	json_decref(vnf->applied);
	vnf->wanted = doc;
	vnf->applied = json_incref(doc);
}

static void
test_group_has_the_vnfs_that_name_it(void **state)
{
	(void)state;
	const struct group group = group_of(&wanted, b), alone = group_of(&wanted, other);
	assert_int_equal(group.n, 2);
	assert_ptr_equal(group.members[0], a);
	assert_ptr_equal(group.members[1], b);
	assert_true(group.whole);
	assert_int_equal(alone.n, 1);
	assert_true(alone.whole);
}

static void
test_group_is_started_by_its_first_when_all_can_be(void **state)
{
	(void)state;
	assert_int_equal(next(a), CONVERGE_SPAWN);
	assert_int_equal(next(b), CONVERGE_NONE);
	b->vnf.due_ms = 2000;
	assert_int_equal(next(a), CONVERGE_NONE);
	b->vnf.due_ms = 0;
	b->vnf.used = true;
	assert_int_equal(next(a), CONVERGE_NONE);
	assert_int_equal(next(b), CONVERGE_CLEAR);
	assert_int_equal(next(other), CONVERGE_SPAWN);
}

static void
test_group_that_is_not_whole_is_not_started(void **state)
{
	(void)state;
	b->unwanted = true;
	assert_int_equal(next(a), CONVERGE_NONE);
	b->unwanted = false;
	set(b, "{'ns': 'n', 'name': 'e.b', 'type': 'nat', 'group': {'name': 'g', 'n': 3}}");
	assert_int_equal(next(a), CONVERGE_NONE);
	assert_int_equal(next(b), CONVERGE_NONE);
}

static void
test_group_is_succeeded_as_one(void **state)
{
	(void)state;
	run(a, 42);
	run(b, 42);
	assert_int_equal(next(a), CONVERGE_NONE);
	b->vnf.succession = SUCCESSION_WANTED;
	assert_int_equal(next(a), CONVERGE_NONE);
	assert_int_equal(next(b), CONVERGE_SUCCEED);
	a->vnf.configuring = true;
	assert_int_equal(next(b), CONVERGE_NONE);
}

static void
test_group_moves_to_another_core_when_all_want_it(void **state)
{
	(void)state;
	run(a, 42);
	run(b, 42);
	set(a, "{'ns': 'n', 'name': 'e.a', 'type': 'nat', 'core': 1, 'group': {'name': 'g', "
	       "'n': 2}}");
	a->vnf.succession = SUCCESSION_WANTED;
	assert_int_equal(next(a), CONVERGE_NONE);
	assert_int_equal(next(b), CONVERGE_NONE);
	set(b, "{'ns': 'n', 'name': 'e.b', 'type': 'nat', 'core': 1, 'group': {'name': 'g', "
	       "'n': 2}}");
	assert_int_equal(next(a), CONVERGE_SUCCEED);
}

static void
test_group_in_several_processes_is_brought_together(void **state)
{
	(void)state;
	run(a, 42);
	run(b, 43);
	assert_int_equal(next(a), CONVERGE_MOVE);
	a->vnf.succession = SUCCESSION_WANTED;
	assert_int_equal(next(a), CONVERGE_SUCCEED);
	assert_int_equal(next(b), CONVERGE_NONE);
	a->vnf.succession = SUCCESSION_NONE;
	a->vnf.change_err.code = ERR_TIMEOUT; /* it was tried */
	assert_int_equal(next(a), CONVERGE_NONE);
}

static void
test_group_is_left_by_who_does_not_belong_to_it(void **state)
{
	(void)state;
	run(a, 42);
	run(b, 42);
	run(other, 42);
	assert_int_equal(next(other), CONVERGE_MOVE);
	assert_int_equal(next(a), CONVERGE_MOVE);
}

static void
test_group_that_lost_one_is_started_anew(void **state)
{
	(void)state;
	run(a, 42);
	assert_int_equal(next(a), CONVERGE_REJOIN);
	assert_int_equal(next(b), CONVERGE_NONE);
	a->vnf.state = LIFECYCLE_DEGRADED;
	a->vnf.stale = true;
	assert_int_equal(next(a), CONVERGE_STOP);
}

static void
test_group_document_is_checked(void **state)
{
	static const char *const wrong[] = {"'g'", "{'name': 'g'}",
		"{'name': 'g', 'n': 0}", "{'name': 'g', 'n': 17}",
		"{'name': 'g', 'n': 2, 'x': 1}"};
	(void)state;
	for (unsigned i = 0; i < 5; i++) {
		struct faults faults = {0};
		char text[256];
		snprintf(text, sizeof(text),
			"{'ns': 'n', 'name': 'e.c', 'type': 'nat', 'group': %s}",
			wrong[i]);
		json_t *doc = parse(text);
		assert_int_not_equal(wanted_check(OBJECT_VNF, "c", doc, &faults), 0);
		assert_string_equal(faults.list[0].path, "group");
		faults_clear(&faults);
		json_decref(doc);
	}
}

#define group_test(name) cmocka_unit_test_setup_teardown(name, make, drop)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		group_test(test_group_has_the_vnfs_that_name_it),
		group_test(test_group_is_started_by_its_first_when_all_can_be),
		group_test(test_group_that_is_not_whole_is_not_started),
		group_test(test_group_is_succeeded_as_one),
		group_test(test_group_moves_to_another_core_when_all_want_it),
		group_test(test_group_in_several_processes_is_brought_together),
		group_test(test_group_is_left_by_who_does_not_belong_to_it),
		group_test(test_group_that_lost_one_is_started_anew),
		group_test(test_group_document_is_checked),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
