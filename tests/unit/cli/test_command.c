/* test_command.c: rules of the command line: commands, options, kinds, bodies, exit
 * statuses. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "cli/body.h"
#include "cli/command.h"
#include "cli/kind.h"
#include "cli/project.h"
#include "cli/wait.h"

static struct err err;

static int
parse(struct args *args, unsigned allowed, bool until_word, int argc, char **argv)
{
	*args = (struct args){0};
	err = (struct err){0};
	return args_parse(argc, argv, 1, allowed, until_word, args, &err);
}

#define ARGV(...)                                                                        \
	(int)(sizeof((char *[]){"renga", __VA_ARGS__}) / sizeof(char *)), (char *[])     \
	{                                                                                \
		"renga", __VA_ARGS__, NULL                                               \
	}

static void
test_command_table_is_consistent(void **state)
{
	(void)state;
	for (const struct command *command = command_table; command->verb; command++) {
		assert_non_null(command->run);
		assert_true(command->min <= command->max);
		assert_true((*command->words == '\0') == (command->max == 0));
		assert_true(command->help[strlen(command->help) - 1] != '.');
		assert_int_equal(command->options & OPTS_ALWAYS, 0);
		unsigned letters[128] = {0};
		for (int i = 0; i < OPTS; i++)
			if ((command->options | OPTS_ALWAYS) & 1u << i &&
				opt_table[i].letter)
				assert_int_equal(letters[(int)opt_table[i].letter]++, 0);
	}
}

static void
test_command_is_found_by_one_word_or_by_noun_and_verb(void **state)
{
	(void)state;
	int n_words;
	const struct command *command =
		command_find(1, (char *[]){"apply"}, 0, &n_words, &err);
	assert_string_equal(command->verb, "apply");
	assert_int_equal(n_words, 1);
	command = command_find(2, (char *[]){"vnf", "configure"}, 0, &n_words, &err);
	assert_string_equal(command->verb, "configure");
	assert_int_equal(n_words, 2);
}

static void
test_command_unknown_gets_the_nearest_as_hint(void **state)
{
	(void)state;
	int n_words;
	assert_null(command_find(1, (char *[]){"aply"}, 0, &n_words, &err));
	assert_string_equal(err.hint, "did you mean 'apply'?");
	assert_null(command_find(2, (char *[]){"vnf", "configrue"}, 0, &n_words, &err));
	assert_string_equal(err.hint, "did you mean 'configure'?");
	assert_null(command_find(1, (char *[]){"vnf"}, 0, &n_words, &err));
	assert_string_equal(err.text, "'renga vnf' needs a verb");
}

static void
test_args_options_may_stand_anywhere(void **state)
{
	(void)state;
	struct args args;
	char *argv[] = {"renga", "vnfs", "-o", "json", "a", "--wait=5", "--set", "x=1",
		"--set", "y=2", NULL};
	const int rest =
		parse(&args, OPTS_ALWAYS | OPT(WAIT) | OPT(SET), false, 10, argv);
	assert_int_equal(rest, 8);
	assert_string_equal(argv[rest], "vnfs");
	assert_string_equal(argv[rest + 1], "a");
	assert_string_equal(args.value[OPT_OUTPUT], "json");
	assert_string_equal(args.value[OPT_WAIT], "5");
	assert_int_equal(args.n_sets, 2);
	assert_string_equal(args.set[1], "y=2");
}

static void
test_args_global_options_stop_at_the_command(void **state)
{
	(void)state;
	struct args args;
	assert_int_equal(
		parse(&args, OPTS_ALWAYS, true, ARGV("--server", "x", "logs", "-f")), 3);
	assert_string_equal(args.value[OPT_SERVER], "x");
	assert_null(args.value[OPT_FILE]);
}

static void
test_args_letter_means_what_the_command_allows(void **state)
{
	(void)state;
	struct args args;
	parse(&args, OPT(FOLLOW), false, ARGV("-f"));
	assert_non_null(args.value[OPT_FOLLOW]);
	assert_null(args.value[OPT_FILE]);
	parse(&args, OPT(FILE), false, ARGV("-f", "x"));
	assert_string_equal(args.value[OPT_FILE], "x");
}

static void
test_args_faults_name_the_option(void **state)
{
	(void)state;
	struct args args;
	assert_int_equal(parse(&args, OPTS_ALWAYS, false, ARGV("--no-header")),
		2); /* unique beginning */
	assert_int_equal(
		parse(&args, OPTS_ALWAYS, false, ARGV("--serfer", "x")), -EINVAL);
	assert_string_equal(err.text, "unknown option '--serfer'");
	assert_string_equal(err.hint, "did you mean '--server'?");
	assert_int_equal(parse(&args, OPTS_ALWAYS, false, ARGV("-x")), -EINVAL);
	assert_string_equal(err.text, "unknown option '-x'");
	assert_int_equal(parse(&args, OPTS_ALWAYS, false, ARGV("--server")), -EINVAL);
	assert_string_equal(err.text, "option '--server' needs a value");
	assert_int_equal(parse(&args, OPTS_ALWAYS, false, ARGV("--help=1")), -EINVAL);
	assert_string_equal(err.text, "option '--help=1' takes no value");
}

static void
test_args_number_has_a_default_and_a_limit(void **state)
{
	(void)state;
	struct args args = {0};
	unsigned value;
	assert_int_equal(args_number(&args, OPT_WAIT, 1, 7, &value, &err), 0);
	assert_int_equal(value, 7);
	args.value[OPT_WAIT] = "12";
	assert_int_equal(args_number(&args, OPT_WAIT, 1, 7, &value, &err), 0);
	assert_int_equal(value, 12);
	for (size_t i = 0; i < 4; i++) {
		args.value[OPT_WAIT] = (const char *[]){"0", "-1", "x", "5s"}[i];
		assert_int_equal(
			args_number(&args, OPT_WAIT, 1, 7, &value, &err), -EINVAL);
	}
}

static void
test_kind_is_found_by_plural_and_singular(void **state)
{
	(void)state;
	assert_string_equal(kind_find("chain")->name, "chains");
	assert_string_equal(kind_find("vnfs")->one, "vnf");
	assert_null(kind_find("nothing"));
}

static void
test_kind_pick_takes_name_id_or_a_unique_beginning(void **state)
{
	(void)state;
	const struct kind *vnfs = kind_find("vnfs");
	json_t *list =
		json_loads("[{\"id\": \"11aa\", \"vnfInstanceName\": \"edge.fw\"},"
			   " {\"id\": \"11bb\", \"vnfInstanceName\": \"edge.nat\"},"
			   " {\"id\": \"22cc\", \"vnfInstanceName\": \"edge.n\"}]",
			0, NULL);
	json_t *item;
	assert_int_equal(kind_pick(vnfs, list, "edge.fw", &item, &err), 0);
	assert_ptr_equal(item, json_array_get(list, 0));
	assert_int_equal(kind_pick(vnfs, list, "11bb", &item, &err), 0);
	assert_ptr_equal(item, json_array_get(list, 1));
	assert_int_equal(kind_pick(vnfs, list, "edge.n", &item, &err),
		0); /* whole before beginning */
	assert_ptr_equal(item, json_array_get(list, 2));
	assert_int_equal(kind_pick(vnfs, list, "22", &item, &err), 0);
	assert_int_equal(kind_pick(vnfs, list, "11", &item, &err), -EBUSY);
	assert_string_equal(err.text, "2 vnfs begin with '11'");
	assert_int_equal(kind_pick(vnfs, list, "x", &item, &err), -ENOENT);
	json_decref(list);
}

static void
test_body_set_makes_nested_members_of_yaml_values(void **state)
{
	(void)state;
	json_t *body = json_object();
	json_t *want = json_loads(
		"{\"a\": {\"b\": 5, \"c\": [1, {\"x\": true}]}, \"d\": \"10.0.0.1/24\"}",
		0, NULL);
	assert_int_equal(body_set(body, "a.b=5", &err), 0);
	assert_int_equal(body_set(body, "a.c=[1, {\"x\": true}]", &err), 0);
	assert_int_equal(body_set(body, "d=10.0.0.1/24", &err), 0);
	assert_true(json_equal(body, want));
	assert_int_equal(body_set(body, "a.b=", &err), 0);
	assert_true(json_is_null(doc_at(body, "a.b")));
	json_decref(want);
	json_decref(body);
}

static void
test_body_set_refuses_what_is_no_assignment(void **state)
{
	(void)state;
	json_t *body = json_object();
	assert_int_equal(body_set(body, "a", &err), -EINVAL);
	assert_int_equal(body_set(body, "=5", &err), -EINVAL);
	assert_int_equal(body_set(body, "a..b=5", &err), -EINVAL);
	assert_int_equal(body_set(body, "rules[0].action=drop", &err), -EINVAL);
	assert_string_equal(err.hint, "a list is set as a whole");
	assert_int_equal(body_set(body, "a=[1", &err), -EBADMSG);
	json_decref(body);
}

static void
test_exit_status_of_each_error_is_that_of_the_contract(void **state)
{
	(void)state;
	static const enum exit_code want[ERR_CODES] = {[ERR_NONE] = 0,
		[ERR_MALFORMED] = 6,
		[ERR_INVALID] = 6,
		[ERR_NOT_FOUND] = 3,
		[ERR_EXISTS] = 4,
		[ERR_STATE] = 4,
		[ERR_PRECONDITION] = 4,
		[ERR_UNAUTHENTICATED] = 5,
		[ERR_FORBIDDEN] = 5,
		[ERR_NO_RESOURCE] = 1,
		[ERR_NO_SPACE] = 1,
		[ERR_TOO_LARGE] = 6,
		[ERR_UNSUPPORTED] = 1,
		[ERR_UNAVAILABLE] = 9,
		[ERR_TIMEOUT] = 8,
		[ERR_INTERNAL] = 1};
	for (unsigned code = 0; code < ERR_CODES; code++)
		assert_int_equal(exit_of(code), want[code]);
}

static void
test_wait_ends_with_the_operation(void **state)
{
	(void)state;
	assert_int_equal(wait_judge("COMPLETED"), EXIT_DONE);
	assert_int_equal(wait_judge("PROCESSING"), -1);
	assert_int_equal(wait_judge("STARTING"), -1);
	assert_int_equal(wait_judge("ROLLING_BACK"), -1);
	assert_int_equal(wait_judge("FAILED_TEMP"), EXIT_OPERATION);
	assert_int_equal(wait_judge("FAILED"), EXIT_OPERATION);
	assert_int_equal(wait_judge("ROLLED_BACK"), EXIT_OPERATION);
}

static void
test_session_path_encodes_the_id(void **state)
{
	(void)state;
	char buf[SESSION_PATH];
	assert_string_equal(
		session_path(buf, "/a", "x/y z\xc3\xa9", "/t"), "/a/x%2Fy%20z%C3%A9/t");
	assert_string_equal(session_local("http://h:1/nslcm/v1/x?y"), "/nslcm/v1/x?y");
	assert_string_equal(session_local("/nslcm/v1/x"), "/nslcm/v1/x");
	assert_string_equal(session_local("http://h"), "/");
}

static void
test_project_quotas_are_set_and_lifted(void **state)
{
	(void)state;
	static const struct {
		const char *assignment, *quota; /* null: refused */
	} cases[] = {
		{"vnfs=4", "{\"cores\": 2, \"vnfs\": 4}"},
		{"cores=none", "{\"cores\": null}"},
		{"cores=0", "{\"cores\": 0}"},
		{"cores", NULL},
		{"=3", NULL},
		{"cores=-1", NULL},
		{"cores=two", NULL},
		{"cores=", NULL},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		json_t *quota = json_pack("{s:i}", "cores", 2), *wanted;
		const int rc = project_quota_set(quota, cases[i].assignment, &err);
		assert_int_equal(rc, cases[i].quota ? 0 : -EINVAL);
		wanted = json_loads(
			cases[i].quota ? cases[i].quota : "{\"cores\": 2}", 0, NULL);
		assert_true(json_equal(quota, wanted));
		json_decref(quota);
		json_decref(wanted);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_project_quotas_are_set_and_lifted),
		cmocka_unit_test(test_command_table_is_consistent),
		cmocka_unit_test(test_command_is_found_by_one_word_or_by_noun_and_verb),
		cmocka_unit_test(test_command_unknown_gets_the_nearest_as_hint),
		cmocka_unit_test(test_args_options_may_stand_anywhere),
		cmocka_unit_test(test_args_global_options_stop_at_the_command),
		cmocka_unit_test(test_args_letter_means_what_the_command_allows),
		cmocka_unit_test(test_args_faults_name_the_option),
		cmocka_unit_test(test_args_number_has_a_default_and_a_limit),
		cmocka_unit_test(test_kind_is_found_by_plural_and_singular),
		cmocka_unit_test(test_kind_pick_takes_name_id_or_a_unique_beginning),
		cmocka_unit_test(test_body_set_makes_nested_members_of_yaml_values),
		cmocka_unit_test(test_body_set_refuses_what_is_no_assignment),
		cmocka_unit_test(test_exit_status_of_each_error_is_that_of_the_contract),
		cmocka_unit_test(test_wait_ends_with_the_operation),
		cmocka_unit_test(test_session_path_encodes_the_id),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
