/* leftovers.c: see leftovers.h. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "common/log.h"
#include "dataplane/host/leftovers.h"
#include "dataplane/host/process.h"

#define SOCKET "mp_socket_"
#define MAP    "fbarray_"

static pid_t number(const char *text, char after);

void
leftovers_sweep(const char *path)
{
	DIR *dir = opendir(path);
	pid_t owner;

	if (dir == NULL)
		return;
	for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
		owner = leftovers_owner(entry->d_name);
		if (owner != 0 && !process_lives(owner) &&
			unlinkat(dirfd(dir), entry->d_name, 0) < 0 && errno != ENOENT)
			log_warn("not removed", "file=%s/%s error=\"%s\"", path,
				entry->d_name, strerror(errno));
	}
	closedir(dir);
}

pid_t
leftovers_owner(const char *name)
{
	const char *last = strrchr(name, '_');

	if (strncmp(name, SOCKET, strlen(SOCKET)) == 0)
		return number(name + strlen(SOCKET), '_');
	if (strncmp(name, MAP, strlen(MAP)) == 0 && last >= name + strlen(MAP))
		return number(last + 1, '\0');
	return 0;
}

static pid_t
number(const char *text, char after)
{
	char *end;
	const long value = strtol(text, &end, 10);

	return end != text && *end == after && value > 0 ? (pid_t)value : 0;
}
