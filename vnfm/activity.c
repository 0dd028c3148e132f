/* activity.c: see activity.h. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "vnfm/activity.h"

static int add_thread(const char *task, const char *tid, struct activity *activity);
static char state_of(const char *task, const char *tid);

int
activity_read(pid_t pid, pid_t tid, struct activity *activity)
{
	char task[64], name[16];
	struct dirent *entry;
	int found = 0;
	*activity = (struct activity){0};
	snprintf(task, sizeof(task), "/proc/%d/task", pid);
	if (tid != 0) {
		snprintf(name, sizeof(name), "%d", tid);
		return add_thread(task, name, activity);
	}
	DIR *dir = opendir(task);
	if (dir == NULL)
		return -errno;
	while ((entry = readdir(dir)) != NULL)
		if (entry->d_name[0] != '.')
			found += add_thread(task, entry->d_name, activity) == 0;
	closedir(dir);
	return found > 0 ? 0 : -ENOENT;
}

static int
add_thread(const char *task, const char *tid, struct activity *activity)
{
	char path[128];
	unsigned long long ran_ns = 0;
	snprintf(path, sizeof(path), "%s/%.15s/schedstat", task, tid);
	FILE *file = fopen(path, "re");
	if (file == NULL)
		return -errno;
	if (fscanf(file, "%llu", &ran_ns) == 1)
		activity->ran_ns += ran_ns;
	fclose(file);
	char state = state_of(task, tid);
	activity->stopped = activity->stopped || state == 'T' || state == 't';
	activity->wants_cpu = activity->wants_cpu || state == 'R' || state == 'D';
	return 0;
}

/* The third word; the second, in parentheses, may hold anything. '?' if it is gone. */
static char
state_of(const char *task, const char *tid)
{
	char path[128], line[512];
	snprintf(path, sizeof(path), "%s/%.15s/stat", task, tid);
	FILE *file = fopen(path, "re");
	if (file == NULL)
		return '?';
	const char *end = fgets(line, sizeof(line), file) ? strrchr(line, ')') : NULL;
	fclose(file);
	return end != NULL && end[1] == ' ' ? end[2] : '?';
}
