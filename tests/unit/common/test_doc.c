/* test_doc.c: rules of documents: YAML and JSON read into the same tree. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include "common/doc.h"

static struct err err;

static int
parse(const char *text, struct doc **doc)
{
	return doc_parse(text, strlen(text), DOC_AUTO, "f.yaml", doc, &err);
}

static void
assert_tree(const char *yaml, const char *json)
{
	struct doc *doc;
	json_t *want = json_loads(json, JSON_DECODE_ANY, NULL);
	if (parse(yaml, &doc))
		fail_msg("%s", err.text);
	if (!json_equal(doc_root(doc), want))
		fail_msg("%s", json_dumps(doc_root(doc), JSON_ENCODE_ANY));
	json_decref(want);
	doc_close(doc);
}

static void
assert_malformed(const char *yaml, const char *text, const char *path)
{
	struct doc *doc;
	assert_int_equal(parse(yaml, &doc), -EBADMSG);
	if (!strstr(err.text, text))
		fail_msg("'%s' is not in '%s'", text, err.text);
	assert_string_equal(err.path, path);
}

static void
test_doc_plain_scalars_follow_the_core_schema(void **state)
{
	(void)state;
	assert_tree("# c\n[true, False, null, ~, 12, -3, 0x1F, 0o17, 1.5, -2e3, .5]",
		"[true, false, null, null, 12, -3, 31, 15, 1.5, -2000.0, 0.5]");
	assert_tree("- on\n- yes\n- 10.0.0.1/24\n- 02:00:00:00:00:01\n- 1.2.3\n- 5m\n- "
		    ".inf\n-\n- 1e\n- '5'",
		"[\"on\", \"yes\", \"10.0.0.1/24\", \"02:00:00:00:00:01\", \"1.2.3\", "
		"\"5m\", \".inf\","
		" null, \"1e\", \"5\"]");
	assert_tree("a: !!str 5\nb: ! 6\nc: !!int 7\nd:\n80: e",
		"{\"a\": \"5\", \"b\": \"6\", \"c\": 7, \"d\": null, \"80\": \"e\"}");
	assert_tree("", "null");
}

static void
test_doc_json_and_yaml_give_the_same_tree(void **state)
{
	(void)state;
	assert_tree("kind: Chain\npath:\n- lan\n- {vnf: fw, config: {rules: [{dport: "
		    "[80, 443]}]}}\n",
		"{\"kind\": \"Chain\", \"path\": [\"lan\", {\"vnf\": \"fw\", \"config\": "
		"{\"rules\":"
		" [{\"dport\": [80, 443]}]}}]}");
	assert_tree(" \n{\"a\": [1, \"x\"]}", "{\"a\": [1, \"x\"]}");
}

static void
test_doc_aliases_are_expanded(void **state)
{
	(void)state;
	assert_tree("a: &x {n: 1}\nb: *x\nc: &y hi\nd: [*y, *x]",
		"{\"a\": {\"n\": 1}, \"b\": {\"n\": 1}, \"c\": \"hi\", \"d\": [\"hi\", "
		"{\"n\": 1}]}");
	assert_malformed("a: *x", "f.yaml:1:4: unknown anchor 'x'", "a");
	assert_malformed("a: &x\n  b: *x", "unknown anchor", "a.b");
}

static void
test_doc_aliases_cannot_explode(void **state)
{
	(void)state;
	char text[2048], *at = text;
	struct doc *doc;
	at += sprintf(at, "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
	for (int i = 1; i < 9; i++) {
		at += sprintf(at, "a%d: &a%d [", i, i);
		for (int j = 0; j < 10; j++)
			at += sprintf(at, "%s*a%d", j ? ", " : "", i - 1);
		at += sprintf(at, "]\n");
	}
	assert_int_equal(parse(text, &doc), -EMSGSIZE);
}

static void
test_doc_faults_tell_line_column_and_path(void **state)
{
	(void)state;
	assert_malformed("a:\n- b: 1\n  b: 2\n", "f.yaml:3:3: duplicate key 'b'", "a[0]");
	assert_malformed("a: 1\n<<: {b: 1}\n", "f.yaml:2:1: merge keys", "");
	assert_malformed("a: [1, 2\nb: 3\n", "f.yaml:2:", "a[2]");
	assert_malformed("a: !!binary x", "unknown tag", "a");
	assert_malformed("? [a]\n: b", "key must be text", "");
	assert_malformed("a: 99999999999999999999", "out of range", "a");
	assert_malformed("a: \"\\0\"", "NUL", "a");
	assert_malformed("a: 1\n---\nb: 2\n", "f.yaml:2:1: a second document", "");
	assert_malformed("a: \xff", "f.yaml: ", "");
	assert_malformed("{\"a\": 1,\n \"a\": 2}", "f.yaml:2:", "");
	assert_malformed("{\"a\": }", "f.yaml:1:7", "");
}

static void
test_doc_depth_is_limited(void **state)
{
	(void)state;
	char text[300];
	struct doc *doc;
	for (int json = 0; json < 2; json++) {
		for (size_t depth = 64; depth <= 65; depth++) {
			char *at = text;
			at += sprintf(at, json ? "" : "# yaml\n");
			memset(at, '[', depth);
			memset(at + depth, ']', depth);
			at[2 * depth] = '\0';
			assert_int_equal(parse(text, &doc), depth == 64 ? 0 : -EMSGSIZE);
			if (depth == 64)
				doc_close(doc);
		}
	}
}

static void
test_doc_line_of_a_path_or_of_its_parent(void **state)
{
	(void)state;
	static const char *const texts[] = {
		"# head\na: 1\nb:\n- c: 1\n- c: 2\n  d: {e: x}\nf: &z\n  g: 1\nh: *z\n",
		"{\n\"a\": 1,\n\"b\": [\n\t{\"c\": 1}, {\n\"c\": 2,\n\"d\": {\"e\": "
		"\"x\"}}],\n"
		"\"f\":\n {\"g\": 1}}"};
	struct doc *doc;
	assert_int_equal(parse(texts[0], &doc), 0);
	assert_int_equal(doc_line(doc, ""), 2);
	assert_int_equal(doc_line(doc, "a"), 2);
	assert_int_equal(doc_line(doc, "b[1].c"), 5);
	assert_int_equal(doc_line(doc, "b[1].d.e"), 6);
	assert_int_equal(doc_line(doc, "b[1].nope.x"), 5);
	assert_int_equal(doc_line(doc, "b[7]"), 4);
	assert_int_equal(doc_line(doc, "h.g"), 9);
	doc_close(doc);
	assert_int_equal(parse(texts[1], &doc), 0);
	assert_int_equal(doc_line(doc, "a"), 2);
	assert_int_equal(doc_line(doc, "b[1].d.e"), 6);
	assert_int_equal(doc_line(doc, "f.g"), 8);
	doc_close(doc);
}

static void
test_doc_at_walks_names_and_indices(void **state)
{
	(void)state;
	json_t *root =
		json_loads("{\"a\": [{\"b\": 5}, [7]], \"c\": {\"d\": 6}}", 0, NULL);
	assert_int_equal(json_integer_value(doc_at(root, "a[0].b")), 5);
	assert_int_equal(json_integer_value(doc_at(root, "a[1][0]")), 7);
	assert_int_equal(json_integer_value(doc_at(root, "c.d")), 6);
	assert_ptr_equal(doc_at(root, ""), root);
	assert_null(doc_at(root, "a[2]"));
	assert_null(doc_at(root, "a.b"));
	assert_null(doc_at(root, "c[0]"));
	json_decref(root);
}

static void
test_doc_yaml_reads_back_equal(void **state)
{
	(void)state;
	static const char *const trees[] = {"{}", "[]",
		"{\"a\": {}, \"b\": [], \"c\": [[1], [{\"x\": 1}]]}",
		"[\"\", \"~\", \"null\", \"true\", \"12\", \"0x1f\", \"1.5\", \"a: b\", "
		"\"# x\", \"- x\", \"<<\"]",
		"[\"two\\nlines\\n\", \" lead\", \"trail \", \"it's\", \"\\\"q\\\"\", "
		"\"\\ttab\", \"\\u001b\"]",
		"{\"<<\": 1, \"true\": 2, \"a b\": 3, \"\": 4, \"k:\": null, "
		"\"\\u00e9\": \"\\ud83d\\ude00\"}",
		"[1, -1, 1.5, 1e300, 0.1, 5.0, true, false, null, 9223372036854775807]"};
	for (size_t i = 0; i < sizeof(trees) / sizeof(trees[0]); i++) {
		json_t *root = json_loads(trees[i], 0, NULL);
		struct doc *doc;
		char *yaml = doc_to_yaml(root);
		assert_non_null(yaml);
		if (doc_parse(yaml, strlen(yaml), DOC_YAML, NULL, &doc, &err) ||
			!json_equal(root, doc_root(doc)))
			fail_msg("%s", yaml);
		doc_close(doc);
		free(yaml);
		json_decref(root);
	}
}

static void
test_doc_yaml_is_block_style(void **state)
{
	(void)state;
	json_t *root = json_loads(
		"{\"kind\": \"Chain\", \"path\": [\"lan\", {\"vnf\": \"fw\"}]}", 0, NULL);
	char *yaml = doc_to_yaml(root);
	assert_string_equal(yaml, "kind: Chain\npath:\n- lan\n- vnf: fw\n");
	free(yaml);
	json_decref(root);
}

static void
test_doc_read_takes_files_up_to_a_limit(void **state)
{
	(void)state;
	char path[] = "/tmp/renga-doc-XXXXXX";
	struct doc *doc;
	const int fd = mkstemp(path);
	assert_int_equal(write(fd, "a: 1\nb: [\n", 10), 10);
	close(fd);
	assert_int_equal(doc_read(path, 0, &doc, &err), -EBADMSG);
	assert_memory_equal(err.text, path, strlen(path));
	assert_int_equal(doc_read(path, 5, &doc, &err), -EMSGSIZE);
	unlink(path);
	assert_int_equal(doc_read(path, 0, &doc, &err), -ENOENT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_doc_plain_scalars_follow_the_core_schema),
		cmocka_unit_test(test_doc_json_and_yaml_give_the_same_tree),
		cmocka_unit_test(test_doc_aliases_are_expanded),
		cmocka_unit_test(test_doc_aliases_cannot_explode),
		cmocka_unit_test(test_doc_faults_tell_line_column_and_path),
		cmocka_unit_test(test_doc_depth_is_limited),
		cmocka_unit_test(test_doc_line_of_a_path_or_of_its_parent),
		cmocka_unit_test(test_doc_at_walks_names_and_indices),
		cmocka_unit_test(test_doc_yaml_reads_back_equal),
		cmocka_unit_test(test_doc_yaml_is_block_style),
		cmocka_unit_test(test_doc_read_takes_files_up_to_a_limit),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
