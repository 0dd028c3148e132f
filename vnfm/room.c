/* room.c: see room.h. */
#include <errno.h>
#include <sys/statvfs.h>
#include "common/dirs.h"
#include "vnfm/room.h"

int
room_check(struct err *err)
{
	struct statvfs fs;
	if (statvfs(dirs_runtime(), &fs) != 0)
		return err_sys(err, errno, "cannot look at %s", dirs_runtime());
	const unsigned long long free_kib =
		(unsigned long long)fs.f_bavail * fs.f_frsize >> 10;
	if (free_kib >= ROOM_KIB)
		return 0;
	return err_set(err, ERR_NO_SPACE, NULL, "free some space there",
		"the run-time directory %s is full: %llu KiB are free, %u are needed",
		dirs_runtime(), free_kib, ROOM_KIB);
}
