/* test_archive.c: packages: the descriptor is found, traps are refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <archive.h>
#include <archive_entry.h>
#include "orchestrator/descriptor/archive.h"

#define ROOM (1u << 20)

struct packed {
	char data[ROOM];
	size_t len;
	struct archive *archive;
};

static struct packed *
begin(void)
{
	struct packed *packed = calloc(1, sizeof(*packed));
	packed->archive = archive_write_new();
	archive_write_set_format_zip(packed->archive);
	archive_write_open_memory(packed->archive, packed->data, ROOM, &packed->len);
	return packed;
}

static void
add(struct packed *packed, const char *name, unsigned type, const char *data, size_t len)
{
	struct archive_entry *entry = archive_entry_new();
	archive_entry_set_pathname(entry, name);
	archive_entry_set_filetype(entry, type);
	archive_entry_set_perm(entry, 0644);
	if (type == AE_IFLNK)
		archive_entry_set_symlink(entry, data);
	else
		archive_entry_set_size(entry, (la_int64_t)len);
	assert_int_equal(archive_write_header(packed->archive, entry), ARCHIVE_OK);
	if (type == AE_IFREG)
		assert_int_equal(
			archive_write_data(packed->archive, data, len), (la_ssize_t)len);
	archive_entry_free(entry);
}

/* Closes, reads, frees; the descriptor's text (malloc'd) or null. */
static char *
descriptor(struct packed *packed, struct err *err)
{
	char *text = NULL, *name = NULL;
	size_t len;
	archive_write_close(packed->archive);
	archive_write_free(packed->archive);
	assert_true(archive_is(packed->data, packed->len));
	(void)archive_descriptor(packed->data, packed->len, &text, &len, &name, err);
	free(name);
	free(packed);
	return text;
}

static void
test_archive_gives_the_only_descriptor_at_the_top(void **state)
{
	(void)state;
	struct err err;
	struct packed *packed = begin();
	add(packed, "readme.txt", AE_IFREG, "hello", 5);
	add(packed, "nsd.yaml", AE_IFREG, "nsd: []", 7);
	char *text = descriptor(packed, &err);
	assert_string_equal(text, "nsd: []");
	free(text);
}

static void
test_archive_follows_the_entry_definition(void **state)
{
	(void)state;
	static const char meta[] =
		"CSAR-Version: 1.1\nEntry-Definitions: Definitions/n.yaml\n";
	struct err err;
	struct packed *packed = begin();
	add(packed, "TOSCA-Metadata/TOSCA.meta", AE_IFREG, meta, strlen(meta));
	add(packed, "other.yaml", AE_IFREG, "x", 1);
	add(packed, "Definitions/n.yaml", AE_IFREG, "right", 5);
	char *text = descriptor(packed, &err);
	assert_string_equal(text, "right");
	free(text);
}

static void
test_archive_refuses_paths_that_lead_out_and_links(void **state)
{
	(void)state;
	static const char *const names[] = {
		"../nsd.yaml", "/nsd.yaml", "a/../../nsd.yaml"};
	struct err err;
	for (size_t i = 0; i < 3; i++) {
		struct packed *packed = begin();
		add(packed, names[i], AE_IFREG, "x", 1);
		assert_null(descriptor(packed, &err));
		assert_int_equal(err.code, ERR_INVALID);
	}
	struct packed *packed = begin();
	add(packed, "nsd.yaml", AE_IFLNK, "/etc/passwd", 11);
	assert_null(descriptor(packed, &err));
	assert_int_equal(err.code, ERR_INVALID);
}

static void
test_archive_refuses_a_bomb(void **state)
{
	(void)state;
	const size_t size = 200u << 20;
	char *zeros = calloc(1, size);
	struct err err;
	struct packed *packed = begin();
	add(packed, "nsd.yaml", AE_IFREG, zeros, size);
	free(zeros);
	assert_null(descriptor(packed, &err));
	assert_int_equal(err.code, ERR_TOO_LARGE);
}

static void
test_archive_without_or_with_two_descriptors_says_so(void **state)
{
	(void)state;
	struct err err;
	struct packed *packed = begin();
	add(packed, "readme.txt", AE_IFREG, "x", 1);
	assert_null(descriptor(packed, &err));
	assert_non_null(strstr(err.text, "no descriptor"));
	packed = begin();
	add(packed, "a.yaml", AE_IFREG, "x", 1);
	add(packed, "b.yaml", AE_IFREG, "x", 1);
	assert_null(descriptor(packed, &err));
	assert_non_null(strstr(err.text, "several"));
}

static void
test_archive_damaged_is_malformed(void **state)
{
	(void)state;
	char *text, *name;
	size_t len;
	struct err err;
	assert_int_equal(
		archive_descriptor("PK\3\4rubbish", 11, &text, &len, &name, &err),
		err_errno(ERR_MALFORMED));
	assert_false(archive_is("kind: Chain", 11));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_archive_gives_the_only_descriptor_at_the_top),
		cmocka_unit_test(test_archive_follows_the_entry_definition),
		cmocka_unit_test(test_archive_refuses_paths_that_lead_out_and_links),
		cmocka_unit_test(test_archive_refuses_a_bomb),
		cmocka_unit_test(test_archive_without_or_with_two_descriptors_says_so),
		cmocka_unit_test(test_archive_damaged_is_malformed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
