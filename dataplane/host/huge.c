/* huge.c: the huge pages of this platform. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/vfs.h>
#include <linux/magic.h>
#include <unistd.h>
#include "common/dirs.h"
#include "common/log.h"
#include "dataplane/host/huge.h"

#define PAGES	 "/sys/kernel/mm/hugepages/hugepages-2048kB/"
#define PAGE_MIB 2
#define LOOK_MS	 20

static unsigned long read_number(const char *path);
static bool is_hugetlbfs(const char *path);

int
huge_check(unsigned mib, struct err *err)
{
	const unsigned long unused = read_number(PAGES "free_hugepages");
	const unsigned long promised = read_number(PAGES "resv_hugepages");
	const unsigned long free_mib =
		unused > promised ? (unused - promised) * PAGE_MIB : 0;
	const unsigned long pages = read_number(PAGES "nr_hugepages");
	char hint[160];

	if (free_mib >= mib)
		return 0;
	snprintf(hint, sizeof(hint),
		"echo %lu > " PAGES "nr_hugepages, or a smaller --memory",
		pages + (mib - free_mib + PAGE_MIB - 1) / PAGE_MIB);
	return err_set(err, ERR_NO_RESOURCE, NULL, hint,
		"too few huge pages: %u MiB are wanted, %lu MiB are free", mib, free_mib);
}

int
huge_await(unsigned mib, unsigned wait_ms, struct err *err)
{
	int rc = huge_check(mib, err);

	for (unsigned waited_ms = 0; rc < 0 && waited_ms < wait_ms;
		waited_ms += LOOK_MS) {
		usleep(LOOK_MS * 1000);
		rc = huge_check(mib, err);
	}
	return rc;
}

int
huge_mount(const char *path, struct err *err)
{
	int rc = dirs_make(path, 0700, err);

	if (rc < 0)
		return rc;
	huge_unmount(path);
	if (mount("renga", path, "hugetlbfs", MS_NOSUID | MS_NODEV | MS_NOEXEC,
		    "pagesize=2M,mode=0700") == 0)
		return 0;
	if (errno == EPERM)
		return err_set(err, ERR_FORBIDDEN, NULL, "run renga-dataplane as root",
			"may not mount hugetlbfs on %s", path);
	return err_sys(err, errno, "cannot mount hugetlbfs on %s", path);
}

void
huge_unmount(const char *path)
{
	while (is_hugetlbfs(path))
		if (umount2(path, MNT_DETACH) < 0) {
			log_warn("huge-page mount stays", "path=%s error=\"%s\"", path,
				strerror(errno));
			return;
		}
}

static unsigned long
read_number(const char *path)
{
	FILE *file = fopen(path, "re");
	unsigned long value = 0;

	if (file == NULL)
		return 0;
	if (fscanf(file, "%lu", &value) != 1)
		value = 0;
	fclose(file);
	return value;
}

static bool
is_hugetlbfs(const char *path)
{
	struct statfs fs;

	return statfs(path, &fs) == 0 && fs.f_type == HUGETLBFS_MAGIC;
}
