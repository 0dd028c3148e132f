/* logs.c: see logs.h. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "common/dirs.h"
#include "common/log.h"
#include "vnfm/logs.h"

#define ROTATE_SIZE (4 << 20)
#define TAIL_MAX    (1 << 20) /* bytes that are read of the end */

static void rotate(int dir, const char *name);
static int copy_all(int from, int to, off_t size);
static char *last_lines(char *text, unsigned lines);

int
logs_path(const char *name, char *path, size_t size)
{
	return dirs_runtime_path(path, size, "log/%s.log", name);
}

int
logs_tail(const char *name, unsigned lines, char **text, struct err *err)
{
	char path[256];
	if (logs_path(name, path, sizeof(path)) != 0)
		return err_set(err, ERR_INVALID, NULL, NULL, "the name is too long");
	char *buf = calloc(1, TAIL_MAX + 1);
	if (buf == NULL)
		return err_sys(err, ENOMEM, "cannot read %s", path);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		off_t size = lseek(fd, 0, SEEK_END);
		off_t from = size > TAIL_MAX ? size - TAIL_MAX : 0;
		ssize_t n = pread(fd, buf, TAIL_MAX, from);
		buf[n > 0 ? n : 0] = '\0';
		close(fd);
	}
	*text = strdup(last_lines(buf, lines));
	free(buf);
	return *text != NULL ? 0 : err_sys(err, ENOMEM, "cannot read %s", path);
}

void
logs_rotate(void)
{
	char path[256];
	if (dirs_runtime_path(path, sizeof(path), "log") != 0)
		return;
	DIR *dir = opendir(path);
	if (dir == NULL)
		return;
	for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
		size_t len = strlen(entry->d_name);
		struct stat stat;
		if (len > 4 && strcmp(entry->d_name + len - 4, ".log") == 0 &&
			fstatat(dirfd(dir), entry->d_name, &stat, AT_SYMLINK_NOFOLLOW) ==
				0 &&
			S_ISREG(stat.st_mode) && stat.st_size > ROTATE_SIZE)
			rotate(dirfd(dir), entry->d_name);
	}
	closedir(dir);
}

static void
rotate(int dir, const char *name)
{
	char old[300];
	struct stat stat;
	snprintf(old, sizeof(old), "%s.1", name);
	int from = openat(dir, name, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	int to = openat(
		dir, old, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0640);
	if (from < 0 || to < 0 || fstat(from, &stat) != 0 ||
		copy_all(from, to, stat.st_size) != 0 || ftruncate(from, 0) != 0)
		log_warn("log not rotated", "log=\"%s\" reason=\"%s\"", name,
			strerror(errno));
	if (from >= 0)
		close(from);
	if (to >= 0)
		close(to);
}

static int
copy_all(int from, int to, off_t size)
{
	char buf[65536];
	for (off_t at = 0; at < size;) {
		ssize_t n = pread(from, buf, sizeof(buf), at);
		if (n <= 0 || write(to, buf, (size_t)n) != n)
			return -1;
		at += n;
	}
	return 0;
}

static char *
last_lines(char *text, unsigned lines)
{
	char *at = text + strlen(text);
	if (at > text && at[-1] == '\n')
		at--;
	while (at > text) {
		if (at[-1] == '\n' && lines-- <= 1)
			return at;
		at--;
	}
	return text;
}
