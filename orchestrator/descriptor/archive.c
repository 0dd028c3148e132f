/* archive.c: descriptors in a zip or tar package, read by libarchive. */
#include "orchestrator/descriptor/archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdlib.h>
#include <string.h>

#define MAX_ENTRIES  1000
#define MAX_UNPACKED (64u << 20)
#define MAX_RATIO    100
#define MIN_BUDGET   (1u << 20) /* however small the archive */
#define META	     "TOSCA-Metadata/TOSCA.meta"
#define ENTRY_KEY    "Entry-Definitions:"

struct file {
	char *name, *text;
	size_t len;
};

struct files {
	struct file list[MAX_ENTRIES];
	size_t n;
	size_t budget; /* bytes that may still be unpacked */
};

static int read_all(struct archive *archive, struct files *files, struct err *err);
static int read_entry(struct archive *archive, struct archive_entry *entry,
	struct files *files, struct err *err);
static int check_name(const char *name, struct err *err);
static int read_file(
	struct archive *archive, struct file *file, size_t *budget, struct err *err);
static int choose(struct files *files, struct file **chosen, struct err *err);
static char *entry_definitions(const struct files *files);
static struct file *find(struct files *files, const char *name);
static bool is_descriptor(const char *name);

bool
archive_is(const void *data, size_t len)
{
	static const struct {
		size_t at, len;
		const char *magic;
	} magics[] = {{0, 4, "PK\3\4"}, {0, 2, "\x1f\x8b"}, {257, 5, "ustar"},
		{0, 6,
			"\xfd"
			"7zXZ\0"}};
	for (size_t i = 0; i < sizeof(magics) / sizeof(magics[0]); i++)
		if (len >= magics[i].at + magics[i].len &&
			memcmp((const char *)data + magics[i].at, magics[i].magic,
				magics[i].len) == 0)
			return true;
	return false;
}

int
archive_descriptor(const void *data, size_t len, char **text, size_t *text_len,
	char **name, struct err *err)
{
	struct files *files = calloc(1, sizeof(*files));
	struct archive *archive = archive_read_new();
	struct file *chosen = NULL;
	int rc = 0;
	if (!files || !archive) {
		rc = err_set(err, ERR_INTERNAL, NULL, NULL, "out of memory");
		goto end;
	}
	files->budget = len < MAX_UNPACKED / MAX_RATIO ? len * MAX_RATIO : MAX_UNPACKED;
	if (files->budget < MIN_BUDGET)
		files->budget = MIN_BUDGET;
	archive_read_support_format_zip(archive);
	archive_read_support_format_tar(archive);
	archive_read_support_filter_gzip(archive);
	archive_read_support_filter_xz(archive);
	if (archive_read_open_memory(archive, data, len) != ARCHIVE_OK)
		rc = err_set(err, ERR_MALFORMED, NULL, "send a zip or tar archive",
			"the package cannot be read: %s", archive_error_string(archive));
	if (!rc)
		rc = read_all(archive, files, err);
	if (!rc)
		rc = choose(files, &chosen, err);
	if (!rc) {
		*text = chosen->text;
		*text_len = chosen->len;
		*name = chosen->name;
		chosen->text = chosen->name = NULL;
	}
end:
	for (size_t i = 0; files && i < files->n; i++) {
		free(files->list[i].name);
		free(files->list[i].text);
	}
	free(files);
	archive_read_free(archive);
	return rc;
}

static int
read_all(struct archive *archive, struct files *files, struct err *err)
{
	struct archive_entry *entry;
	int result, rc = 0;
	while ((result = archive_read_next_header(archive, &entry)) == ARCHIVE_OK && !rc)
		rc = read_entry(archive, entry, files, err);
	if (!rc && result != ARCHIVE_EOF)
		rc = err_set(err, ERR_MALFORMED, NULL, NULL, "the package is damaged: %s",
			archive_error_string(archive));
	return rc;
}

static int
read_entry(struct archive *archive, struct archive_entry *entry, struct files *files,
	struct err *err)
{
	const char *name = archive_entry_pathname(entry);
	const unsigned type = archive_entry_filetype(entry);
	int rc = check_name(name, err);
	if (rc)
		return rc;
	if (archive_entry_symlink(entry) || archive_entry_hardlink(entry) ||
		(type != AE_IFREG && type != AE_IFDIR))
		return err_set(err, ERR_INVALID, name, "pack plain files only",
			"'%s' in the package is no plain file", name);
	if (type == AE_IFDIR)
		return 0;
	if (files->n == MAX_ENTRIES)
		return err_set(err, ERR_TOO_LARGE, NULL, NULL,
			"the package has more than %d files", MAX_ENTRIES);
	struct file *file = &files->list[files->n++];
	file->name = strdup(name);
	return read_file(archive, file, &files->budget, err);
}

static int
check_name(const char *name, struct err *err)
{
	bool up = !name || name[0] == '/' || strchr(name, '\\');
	for (const char *at = name; at && !up; at = strchr(at, '/')) {
		at += *at == '/';
		up = strncmp(at, "..", 2) == 0 && (at[2] == '/' || at[2] == '\0');
	}
	if (up)
		return err_set(err, ERR_INVALID, name,
			"use paths below the package's own folder",
			"'%s' leads out of the package", name ? name : "");
	return 0;
}

static int
read_file(struct archive *archive, struct file *file, size_t *budget, struct err *err)
{
	size_t room = 0;
	for (;;) {
		if (file->len + 1 >= room) {
			room = room ? room * 2 : 8192;
			char *larger = realloc(file->text, room);
			if (!larger)
				return err_set(
					err, ERR_INTERNAL, NULL, NULL, "out of memory");
			file->text = larger;
		}
		const ssize_t n = archive_read_data(
			archive, file->text + file->len, room - file->len - 1);
		if (n < 0)
			return err_set(err, ERR_MALFORMED, file->name, NULL,
				"'%s' in the package is damaged: %s", file->name,
				archive_error_string(archive));
		if ((size_t)n > *budget)
			return err_set(err, ERR_TOO_LARGE, file->name, NULL,
				"the package unpacks to too much");
		*budget -= (size_t)n;
		file->len += (size_t)n;
		file->text[file->len] = '\0';
		if (n == 0)
			return 0;
	}
}

static int
choose(struct files *files, struct file **chosen, struct err *err)
{
	char *entry = entry_definitions(files);
	if (entry) {
		*chosen = find(files, entry);
		int rc =
			*chosen ? 0
				: err_set(err, ERR_INVALID, META, NULL,
					  "the package has no '%s', its entry definition",
					  entry);
		free(entry);
		return rc;
	}
	for (size_t i = 0; i < files->n; i++) {
		if (!is_descriptor(files->list[i].name))
			continue;
		if (*chosen)
			return err_set(err, ERR_INVALID, NULL, "name it in " META,
				"the package has several descriptors, '%s' and '%s'",
				(*chosen)->name, files->list[i].name);
		*chosen = &files->list[i];
	}
	if (!*chosen)
		return err_set(err, ERR_INVALID, NULL,
			"put a .yaml or .json file at the top",
			"the package has no descriptor");
	return 0;
}

static char *
entry_definitions(const struct files *files)
{
	const struct file *meta = find((struct files *)files, META);
	const char *line = meta ? strstr(meta->text, ENTRY_KEY) : NULL;
	if (!line)
		return NULL;
	line += strlen(ENTRY_KEY);
	line += strspn(line, " \t");
	return strndup(line, strcspn(line, "\r\n"));
}

static struct file *
find(struct files *files, const char *name)
{
	for (size_t i = 0; i < files->n; i++)
		if (strcmp(files->list[i].name, name) == 0)
			return &files->list[i];
	return NULL;
}

static bool
is_descriptor(const char *name)
{
	const char *dot = strrchr(name, '.');
	return !strchr(name, '/') && dot &&
	       (strcmp(dot, ".yaml") == 0 || strcmp(dot, ".yml") == 0 ||
		       strcmp(dot, ".json") == 0);
}
