/* orphans.c: see orphans.h. */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "common/dirs.h"
#include "vnfm/orphans.h"

static void find_files(const json_t *vnfs, const char *folder, const char *suffix,
	const char *kind, json_t *orphans);
static bool is_being_checked(const char *name);
static bool has_id(const json_t *vnfs, const char *name, size_t len);
static void find_processes(const json_t *vnfs, json_t *orphans);
static bool is_ours(const char *pid);
static bool has_pid(const json_t *vnfs, int pid);
static void add(json_t *orphans, const char *kind, const char *name);

json_t *
orphans_find(const json_t *vnfs)
{
	json_t *orphans = json_array();
	find_files(vnfs, "vnf", ".sock", "socket", orphans);
	find_files(vnfs, "conf", ".json", "configuration", orphans);
	find_processes(vnfs, orphans);
	return orphans;
}

static void
find_files(const json_t *vnfs, const char *folder, const char *suffix, const char *kind,
	json_t *orphans)
{
	char path[256];
	DIR *dir = dirs_runtime_path(path, sizeof(path), "%s", folder) == 0
			   ? opendir(path)
			   : NULL;
	if (dir == NULL)
		return;
	for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
		size_t len = strlen(entry->d_name), tail = strlen(suffix);
		if (len > tail && strcmp(entry->d_name + len - tail, suffix) == 0 &&
			!is_being_checked(entry->d_name) &&
			!has_id(vnfs, entry->d_name, len - tail))
			add(orphans, kind, entry->d_name);
	}
	closedir(dir);
}

/* "check-<pid>-<number>.json" of a VNF manager that lives (catalog.c). */
static bool
is_being_checked(const char *name)
{
	int pid;
	return sscanf(name, "check-%d-", &pid) == 1 && pid > 0 &&
	       (kill(pid, 0) == 0 || errno != ESRCH);
}

static bool
has_id(const json_t *vnfs, const char *name, size_t len)
{
	const size_t beside = strlen(".next"); /* a successor on its way (start.h) */
	if (len > beside && strncmp(name + len - beside, ".next", beside) == 0)
		len -= beside;
	for (size_t i = 0; i < json_array_size(vnfs); i++) {
		const char *id =
			json_string_value(json_object_get(json_array_get(vnfs, i), "id"));
		if (strlen(id) == len && strncmp(id, name, len) == 0)
			return true;
	}
	return false;
}

static void
find_processes(const json_t *vnfs, json_t *orphans)
{
	DIR *dir = opendir("/proc");
	if (dir == NULL)
		return;
	for (struct dirent *entry; (entry = readdir(dir)) != NULL;)
		if (isdigit((unsigned char)entry->d_name[0]) && is_ours(entry->d_name) &&
			!has_pid(vnfs, atoi(entry->d_name)))
			add(orphans, "process", entry->d_name);
	closedir(dir);
}

/* A renga-vnf whose socket lies in our run-time directory. */
static bool
is_ours(const char *pid)
{
	char path[300], socket[256], *line = NULL;
	size_t len = 0;
	snprintf(path, sizeof(path), "/proc/%s/cmdline", pid);
	if (dirs_runtime_path(socket, sizeof(socket), "vnf/") != 0 ||
		dirs_read_file(path, 65536, &line, &len, NULL) != 0)
		return false;
	bool ours = memmem(line, len, "renga-vnf\0", 10) != NULL &&
		    memmem(line, len, socket, strlen(socket)) != NULL;
	free(line);
	return ours;
}

static bool
has_pid(const json_t *vnfs, int pid)
{
	for (size_t i = 0; i < json_array_size(vnfs); i++)
		if (json_integer_value(json_object_get(json_array_get(vnfs, i), "pid")) ==
			pid)
			return true;
	return false;
}

static void
add(json_t *orphans, const char *kind, const char *name)
{
	json_array_append_new(
		orphans, json_pack("{s:s, s:s}", "kind", kind, "name", name));
}
