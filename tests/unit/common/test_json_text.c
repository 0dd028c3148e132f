/* test_json_text.c: JSON text is read and written as jansson does it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "common/json_text.h"

static const char *const documents[] = {
	"{}",
	"[]",
	" [ ] ",
	"{\"a\":1,\"b\":[true,false,null],\"c\":{\"d\":\"e\"}}",
	"\t{ \"a\" : [ 1 , 2 ] ,\r\n \"b\" : { } } \n",
	"[0,-0,-1,7,999999999999999999,1000000000000000000,-9223372036854775808]",
	"[9223372036854775807,1.5,-2e3,1E+2,0.25,1e0]",
	"[\"\",\"plain\",\"q\\\"b\\\\s\\/\\b\\f\\n\\r\\t\",\"\\u00e9\\ud83d\\ude00\"]",
	"[\"gr\xc3\xbc\xc3\x9f\",\"\x7f\"]",
	"{\"\":0,\"k\\ney\":1,\"sch\xc3\xb6n\":2}",
	"[[[[[[1],2],3],4],5],6]",
	/* twice the same name: the later one counts, where it is no fault */
	"{\"a\":1,\"b\":2,\"a\":3}",
	/* wrong */
	"",
	"{",
	"[1,]",
	"[1 2]",
	"[,1]",
	"{\"a\"}",
	"{\"a\":}",
	"{\"a\":1,}",
	"{a:1}",
	"[01]",
	"[-]",
	"[+1]",
	"[1.]",
	"[.5]",
	"[1e]",
	"[--1]",
	"[9223372036854775808]",
	"[1e999]",
	"[tru]",
	"[truely]",
	"[nul",
	"[True]",
	"[\"a]",
	"[\"a\\\"]",
	"[\"\\x\"]",
	"[\"\\ud800\"]",
	"[\"\\u0000\"]",
	"{\"\\u0000\":1}",
	"[\"tab\there\"]",
	"[\"line\nend\"]",
	"[\"\xff\"]",
	"{\"\xff\":1}",
	"[1] x",
	"[1]]",
	"[1]\f",
	"1",
	"\"text\"",
	"null",
	"[1/*c*/]",
};

static void
check_same(const char *text, size_t len, size_t flags)
{
	json_error_t said, wanted;
	json_t *want = json_loadb(text, len, flags, &wanted);
	json_t *got = json_text_read(text, len, flags, &said);

	if ((got == NULL) != (want == NULL))
		fail_msg("'%.*s' is %s", (int)len, text,
			got == NULL ? "refused" : "taken");
	if (got == NULL) {
		assert_string_equal(said.text, wanted.text);
		assert_int_equal(said.line, wanted.line);
		assert_int_equal(said.column, wanted.column);
		return;
	}
	if (!json_equal(got, want))
		fail_msg("'%.*s' is read as something else", (int)len, text);
	json_decref(got);
	json_decref(want);
}

static void
test_json_is_read_as_jansson_reads_it(void **state)
{
	static const size_t flags[] = {0, JSON_REJECT_DUPLICATES, JSON_DECODE_ANY};

	(void)state;
	for (size_t i = 0; i < sizeof(documents) / sizeof(documents[0]); i++)
		for (size_t k = 0; k < 3; k++)
			check_same(documents[i], strlen(documents[i]), flags[k]);
}

static void
test_json_cut_off_anywhere_is_no_document(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(documents) / sizeof(documents[0]); i++)
		for (size_t len = 0; len < strlen(documents[i]); len++) {
			/* the end of the text is the end of what may be read */
			char *part = malloc(len + 1);

			memcpy(part, documents[i], len);
			part[len] = ']';
			check_same(part, len, JSON_REJECT_DUPLICATES);
			free(part);
		}
}

static void
test_json_with_a_byte_changed_is_read_as_jansson_reads_it(void **state)
{
	static const char others[] = "{}[]\":,\\0-1.eE tn\x80\x01";

	(void)state;
	for (size_t i = 0; i < sizeof(documents) / sizeof(documents[0]); i++)
		for (size_t at = 0; at < strlen(documents[i]); at++)
			for (const char *c = others; *c != '\0'; c++) {
				char text[256];

				snprintf(text, sizeof(text), "%s", documents[i]);
				text[at] = *c;
				check_same(text, strlen(text), JSON_REJECT_DUPLICATES);
				check_same(text, strlen(text), 0);
			}
}

static void
test_json_nested_deeply_is_read_all_the_same(void **state)
{
	char text[4097];

	(void)state;
	for (size_t depth = 60; depth <= 2048;
		depth = depth < 70 ? depth + 1 : 2 * depth) {
		memset(text, '[', depth);
		memset(text + depth, ']', depth);
		check_same(text, 2 * depth, 0);
	}
}

static void
test_json_is_written_as_jansson_writes_it(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(documents) / sizeof(documents[0]); i++) {
		json_t *json = json_loads(documents[i], JSON_DECODE_ANY, NULL);
		size_t len;

		if (json == NULL)
			continue;
		char *want = json_dumps(
			json, JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(15));
		char *got = json_text_write(json, &len);

		assert_string_equal(got, want);
		assert_int_equal(len, strlen(want));
		free(got);
		got = json_text_write_behind(4, json, &len);
		assert_string_equal(got + 4, want);
		assert_int_equal(len, 4 + strlen(want));
		free(got);
		free(want);
		json_decref(json);
	}
	assert_null(json_text_write(NULL, NULL));
}

static void
test_reals_are_written_by_the_fewest_digits_that_read_back_equal(void **state)
{
	static const char *const texts[] = {"0.1", "0.643", "5.0", "-1.5", "1e300",
		"0.30000000000000004", "123456789.12345678"};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		json_t *json = json_loads(texts[i], JSON_DECODE_ANY, NULL);
		char *got = json_text_write(json, NULL);

		assert_string_equal(got, texts[i]);
		free(got);
		json_decref(json);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_json_is_read_as_jansson_reads_it),
		cmocka_unit_test(test_json_cut_off_anywhere_is_no_document),
		cmocka_unit_test(
			test_json_with_a_byte_changed_is_read_as_jansson_reads_it),
		cmocka_unit_test(test_json_nested_deeply_is_read_all_the_same),
		cmocka_unit_test(test_json_is_written_as_jansson_writes_it),
		cmocka_unit_test(
			test_reals_are_written_by_the_fewest_digits_that_read_back_equal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
