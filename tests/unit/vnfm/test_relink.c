/* Which links may replace which, and when: the looks at the set that need no dataplane.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "tests/unit/vnfm/wanted_set.h"
#include "vnfm/relink.h"

static struct object *
add(enum object_kind kind, const char *id, const char *text)
{
	json_t *doc = parse(text);
	struct object *object = wanted_add(&wanted, kind, id, doc);
	object->applied = json_incref(object->wanted);
	json_decref(doc);
	return object;
}

#define DOC(name, a, b) "{'ns': 'n', 'name': '" name "', 'a': " a ", 'b': " b "}"
#define CP(vnf, cp)	"{'vnf': '" vnf "', 'cp': '" cp "'}"
#define OLD		DOC("l", CP("a", "r"), CP("b", "l"))

/* Three VNFs, of which two are linked. */
static int
make(void **state)
{
	(void)state;
	wanted_init(&wanted);
	add(OBJECT_SERVICE, "n", "{'name': 's', 'buffers': 1}");
	add(OBJECT_VNF, "a", "{'ns': 'n', 'name': 'a'}");
	add(OBJECT_VNF, "b", "{'ns': 'n', 'name': 'b'}");
	add(OBJECT_VNF, "x", "{'ns': 'n', 'name': 'x'}");
	add(OBJECT_LINK, "n/l", OLD);
	return 0;
}

static enum err_code
check(const char *text)
{
	json_t *links = parse(text);
	struct err err = {0};
	if (wanted_check_relink(&wanted, "n", links, &err) == 0)
		err.code = ERR_NONE;
	json_decref(links);
	return err.code;
}

static void
test_relink_lets_new_links_have_the_ends_of_those_that_go(void **state)
{
	(void)state;
	assert_int_equal(
		check("{'n/1': " DOC("1", CP("a", "r"), CP("x", "l")) ", 'n/2': " DOC(
			"2", CP("x", "r"), CP("b", "l")) ", 'n/l': null}"),
		ERR_NONE);
	assert_int_equal(
		check("{'n/l': " DOC("l", CP("a", "r"), CP("x", "l")) "}"), ERR_NONE);
}

static void
test_relink_refuses_an_end_with_two_links(void **state)
{
	(void)state;
	assert_int_equal(
		check("{'n/1': " DOC("1", CP("a", "r"), CP("x", "l")) "}"), ERR_EXISTS);
	assert_int_equal(
		check("{'n/1': " DOC("1", CP("a", "r"), CP("x", "l")) ", 'n/2': " DOC(
			"2", CP("x", "l"), CP("b", "l")) ", 'n/l': null}"),
		ERR_EXISTS);
}

static void
test_relink_refuses_what_is_not_there_or_goes(void **state)
{
	(void)state;
	const char *links = "{'n/l': " DOC("l", CP("a", "r"), CP("x", "l")) "}";
	assert_int_equal(
		check("{'n/1': " DOC("1", CP("a", "q"), CP("z", "l")) "}"), ERR_STATE);
	wanted_find(&wanted, OBJECT_VNF, "x")->unwanted = true;
	assert_int_equal(check(links), ERR_STATE);
}

static void
test_relink_waits_for_ends_and_for_answers(void **state)
{
	(void)state;
	json_t *links = parse("{'n/l': " DOC("l", CP("a", "r"), CP("x", "l")) "}");
	struct object *x = wanted_find(&wanted, OBJECT_VNF, "x");
	struct object *link = wanted_find(&wanted, OBJECT_LINK, "n/l");
	assert_true(relink_may_begin(&wanted, links));
	json_decref(x->applied);
	x->applied = NULL;
	assert_false(relink_may_begin(&wanted, links));
	x->applied = json_incref(x->wanted);
	link->busy = true;
	assert_false(relink_may_begin(&wanted, links));
	json_decref(links);
}

static void
test_relink_is_done_when_all_is_so_and_nothing_is_left(void **state)
{
	(void)state;
	json_t *same = parse("{'n/l': " OLD ", 'n/gone': null}");
	json_t *other = parse("{'n/l': " DOC("l", CP("a", "r"), CP("x", "l")) "}");
	json_t *none = parse("{'n/l': null}");
	assert_true(relink_is_done(&wanted, same));
	assert_false(relink_is_done(&wanted, other));
	assert_false(relink_is_done(&wanted, none));
	wanted_find(&wanted, OBJECT_LINK, "n/l")->busy = true;
	assert_false(relink_is_done(&wanted, same));
	json_decref(same);
	json_decref(other);
	json_decref(none);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make, drop)

/* An end may be joined to all replicas of a VNF, at the same connection point of each. */
static void
test_relink_joins_an_end_to_several_replicas_alone(void **state)
{
	(void)state;
	add(OBJECT_VNF, "b~1", "{'ns': 'n', 'name': 'b~1'}");
	add(OBJECT_VNF, "bb", "{'ns': 'n', 'name': 'bb'}");
	assert_int_equal(check("{'n/l~1': " DOC("l~1", CP("a", "r"), CP("b~1", "l")) "}"),
		ERR_NONE);
	assert_int_equal(check("{'n/l~1': " DOC("l~1", CP("a", "r"), CP("b~1", "r")) "}"),
		ERR_EXISTS);
	assert_int_equal(check("{'n/l2': " DOC("l2", CP("a", "r"), CP("bb", "l")) "}"),
		ERR_EXISTS);
	assert_int_equal(
		check("{'n/l2': " DOC("l2", CP("a", "r"), CP("b", "l")) "}"), ERR_EXISTS);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_relink_lets_new_links_have_the_ends_of_those_that_go),
		TEST(test_relink_refuses_an_end_with_two_links),
		TEST(test_relink_refuses_what_is_not_there_or_goes),
		TEST(test_relink_waits_for_ends_and_for_answers),
		TEST(test_relink_is_done_when_all_is_so_and_nothing_is_left),
		TEST(test_relink_joins_an_end_to_several_replicas_alone),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
