/* cores.c: see cores.h. */
#include <ctype.h>
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "common/cores.h"

static bool parse_range(const char **text, long *first, long *last);
static bool parse_number(const char **text, long *number);
static int not_a_list(const char *text, struct err *err);

int
cores_parse(const char *text, struct cores *cores, struct err *err)
{
	bool wanted[CORES_MAX] = {false};
	const char *at = text;
	do {
		long first, last;
		if (!parse_range(&at, &first, &last) || last >= CORES_MAX || first > last)
			return not_a_list(text, err);
		for (long cpu = first; cpu <= last; cpu++)
			wanted[cpu] = true;
	} while (*at++ == ',');
	if (at[-1] != '\0')
		return not_a_list(text, err);
	cores->n = 0;
	for (int cpu = 0; cpu < CORES_MAX; cpu++)
		if (wanted[cpu])
			cores->cpus[cores->n++] = cpu;
	return 0;
}

void
cores_online(struct cores *cores)
{
	cpu_set_t set;
	cores->n = 0;
	if (sched_getaffinity(0, sizeof(set), &set) != 0)
		CPU_ZERO(&set);
	for (int cpu = 0; cpu < CORES_MAX; cpu++)
		if (CPU_ISSET(cpu, &set))
			cores->cpus[cores->n++] = cpu;
}

int
cores_check(const struct cores *cores, const char *path, struct err *err)
{
	cpu_set_t before, one;
	int rc = 0;
	if (sched_getaffinity(0, sizeof(before), &before) < 0)
		return err_sys(err, errno, "cannot read the CPU affinity");
	for (unsigned i = 0; i < cores->n && !rc; i++) {
		CPU_ZERO(&one);
		CPU_SET(cores->cpus[i], &one);
		if (sched_setaffinity(0, sizeof(one), &one) < 0)
			rc = err_set(err, ERR_INVALID, path,
				"`nproc` and /proc/self/status tell which there are",
				"CPU %d is not there, or not ours to use",
				cores->cpus[i]);
	}
	if (sched_setaffinity(0, sizeof(before), &before) < 0 && !rc)
		rc = err_sys(err, errno, "cannot restore the CPU affinity");
	return rc;
}

int
cores_stay_beside(const struct cores *workers, struct err *err)
{
	struct cores online;
	cpu_set_t beside, among;
	CPU_ZERO(&beside);
	CPU_ZERO(&among);
	cores_online(&online);
	for (unsigned i = 0; i < online.n; i++)
		CPU_SET(online.cpus[i],
			cores_has(workers, online.cpus[i]) ? &among : &beside);
	if (sched_setaffinity(
		    0, sizeof(beside), CPU_COUNT(&beside) > 0 ? &beside : &among) < 0)
		return err_sys(err, errno, "cannot keep off the CPUs that carry packets");
	return 0;
}

bool
cores_has(const struct cores *cores, int cpu)
{
	for (unsigned i = 0; i < cores->n; i++)
		if (cores->cpus[i] == cpu)
			return true;
	return false;
}

json_t *
cores_to_json(const struct cores *cores)
{
	json_t *list = json_array();
	for (unsigned i = 0; i < cores->n; i++)
		json_array_append_new(list, json_integer(cores->cpus[i]));
	return list;
}

void
cores_print(const struct cores *cores, char *buf, size_t size)
{
	size_t used = 0;
	buf[0] = '\0';
	for (unsigned i = 0; i < cores->n && used < size; i++)
		used += (size_t)snprintf(buf + used, size - used, "%s%d",
			i > 0 ? "," : "", cores->cpus[i]);
}

static bool
parse_range(const char **text, long *first, long *last)
{
	if (!parse_number(text, first))
		return false;
	*last = *first;
	if (**text != '-')
		return true;
	(*text)++;
	return parse_number(text, last);
}

static bool
parse_number(const char **text, long *number)
{
	if (!isdigit((unsigned char)**text))
		return false;
	char *end;
	*number = strtol(*text, &end, 10);
	*text = end;
	return true;
}

static int
not_a_list(const char *text, struct err *err)
{
	return err_set(err, ERR_INVALID, "cores", "write for example 0,2-3",
		"'%s' is no list of CPUs", text);
}
