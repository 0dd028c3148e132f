/* pulse.c: see pulse.h. */
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include "common/pulse.h"

#define MAGIC 0x52454e4750303031ull /* "RENGP001": changes with the layout */

static int map(int fd, int protection, void **memory);

int
pulse_create(const char *path, struct pulse **out, struct err *err)
{
	void *memory;
	if (unlink(path) != 0 && errno != ENOENT)
		return err_sys(err, errno, "cannot remove %s", path);
	const int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
	if (fd < 0)
		return err_sys(err, errno, "cannot make %s", path);
	int error = posix_fallocate(fd, 0, sizeof(struct pulse));
	if (error == 0)
		error = -map(fd, PROT_READ | PROT_WRITE, &memory);
	close(fd);
	if (error != 0) {
		unlink(path);
		return err_sys(err, error, "cannot make %s", path);
	}
	struct pulse *pulse = memory;
	pulse->pid = getpid();
	__atomic_store_n(&pulse->magic, MAGIC, __ATOMIC_RELEASE);
	*out = pulse;
	return 0;
}

int
pulse_open(const char *path, const struct pulse **out, struct err *err)
{
	struct stat stat;
	void *memory;
	const int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		return err_set(err, ERR_NOT_FOUND, NULL, NULL, "no file %s", path);
	if (fd < 0)
		return err_sys(err, errno, "cannot open %s", path);
	int rc = fstat(fd, &stat) != 0 ? -errno
		 : (size_t)stat.st_size < sizeof(struct pulse)
			 ? -EBADMSG
			 : map(fd, PROT_READ, &memory);
	close(fd);
	if (rc != 0)
		return err_sys(err, -rc, "cannot read %s", path);
	const struct pulse *pulse = memory;
	if (__atomic_load_n(&pulse->magic, __ATOMIC_ACQUIRE) != MAGIC) {
		pulse_close(pulse);
		return err_set(
			err, ERR_MALFORMED, NULL, NULL, "%s is of another version", path);
	}
	*out = pulse;
	return 0;
}

void
pulse_close(const struct pulse *pulse)
{
	if (pulse != NULL)
		munmap((void *)(uintptr_t)pulse, sizeof(*pulse));
}

static int
map(int fd, int protection, void **memory)
{
	*memory = mmap(NULL, sizeof(struct pulse), protection, MAP_SHARED, fd, 0);
	return *memory == MAP_FAILED ? -errno : 0;
}
