/* dirs.c: where a platform keeps its files, and whole files read and written. */
#include "common/dirs.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *from_env(const char *name, const char *dflt);
static int join(char *buf, size_t size, const char *dir, const char *fmt, va_list args)
	__attribute__((format(printf, 4, 0)));
static int make_one(const char *path, unsigned mode);
static int write_all(int fd, const char *data, size_t len);
static bool is_alive(int pid);

const char *
dirs_runtime(void)
{
	return from_env("RENGA_RUNTIME_DIR", "/run/renga");
}

const char *
dirs_state(void)
{
	return from_env("RENGA_STATE_DIR", "/var/lib/renga");
}

const char *
dirs_config(void)
{
	return from_env("RENGA_CONFIG", "/etc/renga/renga.yaml");
}

static const char *
from_env(const char *name, const char *dflt)
{
	const char *value = getenv(name);
	return value && *value ? value : dflt;
}

int
dirs_runtime_path(char *buf, size_t size, const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	const int rc = join(buf, size, dirs_runtime(), fmt, args);
	va_end(args);
	return rc;
}

int
dirs_state_path(char *buf, size_t size, const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	const int rc = join(buf, size, dirs_state(), fmt, args);
	va_end(args);
	return rc;
}

static int
join(char *buf, size_t size, const char *dir, const char *fmt, va_list args)
{
	const int len = snprintf(buf, size, "%s/", dir);
	if (len < 0 || (size_t)len >= size)
		return -ENAMETOOLONG;
	const int more = vsnprintf(buf + len, size - len, fmt, args);
	return more < 0 || (size_t)more >= size - len ? -ENAMETOOLONG : 0;
}

int
dirs_make(const char *path, unsigned mode, struct err *err)
{
	char part[4096];
	const size_t len = strlen(path);
	if (len >= sizeof(part))
		return err_sys(err, ENAMETOOLONG, "cannot make folder %s", path);
	for (size_t i = 1; i <= len; i++) {
		if (path[i] != '/' && path[i] != '\0')
			continue;
		memcpy(part, path, i);
		part[i] = '\0';
		const int rc = make_one(part, mode);
		if (rc)
			return err_sys(err, -rc, "cannot make folder %s", part);
	}
	return 0;
}

static int
make_one(const char *path, unsigned mode)
{
	struct stat st;
	if (mkdir(path, mode) == 0)
		return 0;
	if (errno != EEXIST)
		return -errno;
	if (stat(path, &st) < 0)
		return -errno;
	return S_ISDIR(st.st_mode) ? 0 : -ENOTDIR;
}

int
dirs_read_file(const char *path, size_t max, char **out, size_t *len, struct err *err)
{
	const int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		return err_set(err, ERR_NOT_FOUND, NULL, NULL, "no file %s", path);
	if (fd < 0)
		return err_sys(err, errno, "cannot open %s", path);
	const int rc = dirs_read_fd(fd, path, max, out, len, err);
	close(fd);
	return rc;
}

int
dirs_read_fd(
	int fd, const char *name, size_t max, char **out, size_t *len, struct err *err)
{
	char *data = NULL;
	size_t n = 0, size = 0;
	ssize_t got = 0;
	do {
		if (n + 1 >= size) {
			size = size ? 2 * size : 4096;
			char *more = realloc(data, size);
			if (!more)
				break;
			data = more;
		}
		got = read(fd, data + n, size - n - 1);
		n += got > 0 ? got : 0;
	} while (n <= max && (got > 0 || (got < 0 && errno == EINTR)));
	if (n + 1 >= size || got < 0 || n > max) {
		const int error = errno;
		free(data);
		return n > max ? err_set(err, ERR_TOO_LARGE, NULL, NULL,
					 "%s has more than %zu bytes", name, max)
			       : err_sys(err, error, "cannot read %s", name);
	}
	data[n] = '\0';
	*out = data;
	if (len)
		*len = n;
	return 0;
}

int
dirs_write_file(
	const char *path, unsigned mode, const void *data, size_t len, struct err *err)
{
	char beside[4096];
	if (snprintf(beside, sizeof(beside), "%s.%d.tmp", path, getpid()) >=
		(int)sizeof(beside))
		return err_sys(err, ENAMETOOLONG, "cannot write %s", path);
	const int fd =
		open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode);
	if (fd < 0)
		return err_sys(err, errno, "cannot write %s", path);
	int rc = fchmod(fd, mode) < 0 ? -errno : write_all(fd, data, len);
	if (close(fd) < 0 && !rc)
		rc = -errno;
	if (!rc && rename(beside, path) < 0)
		rc = -errno;
	if (!rc)
		return 0;
	unlink(beside);
	return err_sys(err, -rc, "cannot write %s", path);
}

static int
write_all(int fd, const char *data, size_t len)
{
	while (len) {
		const ssize_t n = write(fd, data, len);
		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0) {
			data += n;
			len -= n;
		}
	}
	return 0;
}

int
dirs_pid_write(const char *path, struct err *err)
{
	char text[16];
	const int other = dirs_pid_read(path);
	if (other && other != getpid())
		return err_set(err, ERR_EXISTS, NULL, NULL,
			"already running as process %d (%s)", other, path);
	const int len = snprintf(text, sizeof(text), "%d\n", getpid());
	return dirs_write_file(path, 0644, text, len, err);
}

int
dirs_pid_read(const char *path)
{
	char *text;
	if (dirs_read_file(path, 64, &text, NULL, NULL))
		return 0;
	const long pid = strtol(text, NULL, 10);
	free(text);
	return pid > 0 && pid <= 1 << 22 && is_alive(pid) ? pid : 0;
}

/* A zombie has ended, though its number is still taken. */
static bool
is_alive(int pid)
{
	char path[32], *stat;
	if (kill(pid, 0) < 0 && errno == ESRCH)
		return false;
	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	if (dirs_read_file(path, 4096, &stat, NULL, NULL))
		return false;
	const char *paren = strrchr(stat, ')');
	const bool dead = paren && (paren[2] == 'Z' || paren[2] == 'X');
	free(stat);
	return !dead;
}
