/* leftovers.c: see leftovers.h. */
#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>
#include "common/dirs.h"
#include "common/log.h"
#include "common/pulse.h"
#include "vnfm/leftovers.h"

#define OPEN_FOLDERS 16

static void remove_file(const char *name);
static void remove_folder(const char *path);
static int remove_entry(
	const char *path, const struct stat *stat, int type, struct FTW *ftw);

void
leftovers_remove_vnf(const struct object *object)
{
	if (object->kind != OBJECT_VNF)
		return;
	char name[128];
	snprintf(name, sizeof(name), "conf/%s.json", object->id);
	remove_file(name);
	snprintf(name, sizeof(name), "vnf/%s.sock", object->id);
	remove_file(name);
}

void
leftovers_remove_orphan(const char *kind, const char *name)
{
	char path[300];
	snprintf(path, sizeof(path), "%s/%s",
		strcmp(kind, "socket") == 0 ? "vnf" : "conf", name);
	log_info("file of nobody removed", "path=%s", path);
	remove_file(path);
}

void
leftovers_remove(void)
{
	static const char *const folders[] = {"vnf", "conf", "dpdk", "huge", NULL};
	char path[256];
	if (dirs_runtime_path(path, sizeof(path), "huge") == 0 &&
		umount2(path, MNT_DETACH) != 0 && errno != EINVAL && errno != ENOENT)
		log_warn("not unmounted", "path=\"%s\" reason=\"%s\"", path,
			strerror(errno));
	for (const char *const *folder = folders; *folder != NULL; folder++)
		if (dirs_runtime_path(path, sizeof(path), "%s", *folder) == 0)
			remove_folder(path);
	remove_file("dataplane.sock");
	remove_file("dataplane.pid");
	remove_file(PULSE_FILE);
}

static void
remove_file(const char *name)
{
	char path[256];
	if (dirs_runtime_path(path, sizeof(path), "%s", name) == 0 && unlink(path) != 0 &&
		errno != ENOENT)
		log_warn("not removed", "path=\"%s\" reason=\"%s\"", path,
			strerror(errno));
}

static void
remove_folder(const char *path)
{
	if (access(path, F_OK) == 0 && nftw(path, remove_entry, OPEN_FOLDERS,
					       FTW_DEPTH | FTW_PHYS | FTW_MOUNT) != 0)
		log_warn("not removed", "path=\"%s\" reason=\"%s\"", path,
			strerror(errno));
}

static int
remove_entry(const char *path, const struct stat *stat, int type, struct FTW *ftw)
{
	(void)stat;
	(void)type;
	(void)ftw;
	return remove(path);
}
