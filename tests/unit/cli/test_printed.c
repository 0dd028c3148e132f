/* test_printed.c: rules of printed forms. With arguments it is the driver of
 *tests/golden/run: it prints the form that they name from the JSON on standard input, as
 *the CLI would:
 *
 *	get KIND FORMAT | describe FORMAT | top NAME SECONDS | plan | doctor | packet |
 *shadowed | explain PATH | help COMMAND...
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "cli/ask_print.h"
#include "cli/command.h"
#include "cli/doctor_print.h"
#include "cli/explain.h"
#include "cli/kind.h"
#include "cli/plan_print.h"
#include "cli/top_print.h"

static char *text;
static size_t size;
static struct output out;

static int
open_output(void **state)
{
	(void)state;
	out = (struct output){.file = open_memstream(&text, &size), .headers = true};
	return !out.file;
}

static const char *
printed(void)
{
	fclose(out.file);
	out.file = NULL;
	return text;
}

static int
close_output(void **state)
{
	(void)state;
	if (out.file)
		fclose(out.file);
	free(text);
	text = NULL;
	return 0;
}

static void
test_output_table_aligns_and_ends_lines_without_blanks(void **state)
{
	(void)state;
	static const struct output_column columns[] = {{.title = "NAME", .path = "name"},
		{.title = "N", .path = "n", .right = true},
		{.title = "X", .path = "x", .wide = true},
		{.title = "LAST", .path = "last"}, {.title = NULL}};
	json_t *rows = json_loads("[{\"name\": \"a\", \"n\": 5, \"last\": \"z\"},"
				  " {\"name\": \"l\\u00e4nger\", \"n\": 500}]",
		0, NULL);
	output_table(&out, columns, rows);
	json_decref(rows);
	assert_string_equal(printed(),
		"NAME       N   LAST\na          5   z\nl\xc3\xa4nger   500   -\n");
}

static void
test_output_cell_takes_the_first_that_exists_and_joins_lists(void **state)
{
	(void)state;
	static const struct {
		const char *path, *want;
	} cases[] = {{"a", "1"}, {"x|a", "1"}, {"x|y", "-"}, {"n.m", "deep"},
		{"l", "1,2"}, {"o[].p", "u,v"}, {"o[].q", "-"}, {"e", "-"}, {"t", "true"},
		{"r", "0.50"}, {"n", "{\"m\":\"deep\"}"}, {"z", "-"}};
	json_t *row = json_loads(
		"{\"a\": 1, \"n\": {\"m\": \"deep\"}, \"l\": [1, 2], \"e\": \"\","
		" \"t\": true, \"r\": 0.5, \"z\": null,"
		" \"o\": [{\"p\": \"u\"}, {}, {\"p\": \"v\"}]}",
		0, NULL);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *cell = output_cell(row, cases[i].path);
		assert_string_equal(cell, cases[i].want);
		free(cell);
	}
	json_decref(row);
}

static void
test_top_number_has_three_digits(void **state)
{
	(void)state;
	char buf[16];
	assert_string_equal(top_number(0, buf), "0");
	assert_string_equal(top_number(999, buf), "999");
	assert_string_equal(top_number(1234, buf), "1.23k");
	assert_string_equal(top_number(45678, buf), "45.7k");
	assert_string_equal(top_number(25000000, buf), "25.0M");
	assert_string_equal(top_number(5e15, buf), "5000T");
}

static void
test_printed_forms_stand_absent_members(void **state)
{
	(void)state;
	struct err err;
	json_t *empty = json_object(),
	       *hollow = json_loads("[{}, {\"vnfs\": [{}], \"cps\": {}}]", 0, NULL);
	top_print(&out, "x", NULL, NULL, empty, 0);
	top_print(&out, "x", empty, empty, json_array_get(hollow, 1), 1);
	plan_print(&out, empty);
	doctor_print(&out, empty);
	output_describe(&out, empty);
	explain_print(&out, empty, "", &err);
	for (const struct kind *kind = kind_table; kind->name; kind++)
		output_table(&out, kind->columns, hollow);
	json_decref(empty);
	json_decref(hollow);
	assert_non_null(strstr(printed(), "all is well"));
}

static int
print_form(const char *form, int argc, char **argv, const json_t *json)
{
	struct err err;
	const char *word = argc > 0 ? argv[0] : "";
	if (argc > 0)
		output_format_parse(argv[argc - 1], &out.format);
	if (strcmp(form, "get") == 0) {
		if (!output_tree(&out, json))
			output_table(&out, kind_find(word)->columns, json);
	} else if (strcmp(form, "describe") == 0) {
		if (!output_tree(&out, json))
			output_describe(&out, json);
	} else if (strcmp(form, "top") == 0) {
		json_t *path = top_path(json_array_get(json, 2));
		top_print(&out, word, path, json_array_get(json, 0),
			json_array_get(json, 1), atof(argv[1]));
		json_decref(path);
	} else if (strcmp(form, "plan") == 0) {
		plan_print(&out, json);
	} else if (strcmp(form, "doctor") == 0) {
		doctor_print(&out, json);
	} else if (strcmp(form, "packet") == 0) {
		ask_print_packet(&out, json);
	} else if (strcmp(form, "shadowed") == 0) {
		ask_print_shadowed(&out, json);
	} else if (strcmp(form, "explain") == 0) {
		if (explain_print(&out, json, word, &err))
			fprintf(out.file, "%s (%s)\n", err.text, err.hint);
	} else if (strcmp(form, "help") == 0) {
		int n_words;
		const struct command *command =
			argc ? command_find(argc, argv, 0, &n_words, &err) : NULL;
		if (command)
			command_help(command, out.file);
		else
			command_list(out.file);
	} else {
		return 2;
	}
	return 0;
}

int
main(int argc, char **argv)
{
	if (argc > 1) {
		json_t *json = json_loadf(stdin, JSON_DECODE_ANY, NULL);
		out = (struct output){.file = stdout, .headers = true};
		const int status = print_form(argv[1], argc - 2, argv + 2, json);
		json_decref(json);
		return status;
	}
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_output_table_aligns_and_ends_lines_without_blanks,
			open_output, close_output),
		cmocka_unit_test_setup_teardown(
			test_output_cell_takes_the_first_that_exists_and_joins_lists,
			open_output, close_output),
		cmocka_unit_test(test_top_number_has_three_digits),
		cmocka_unit_test_setup_teardown(test_printed_forms_stand_absent_members,
			open_output, close_output),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
