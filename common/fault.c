/* fault.c: see fault.h. */
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "common/fault.h"

static bool is_chosen(const char *name, const char *chosen, uint64_t *count);

void
fault_point(const char *name)
{
	static uint64_t passed;
	uint64_t count;

	if (!is_chosen(name, getenv("RENGA_FAULT"), &count))
		return;
	if (__atomic_add_fetch(&passed, 1, __ATOMIC_RELAXED) == count)
		raise(SIGKILL);
}

static bool
is_chosen(const char *name, const char *chosen, uint64_t *count)
{
	const size_t len = strlen(name);

	if (chosen == NULL || strncmp(chosen, name, len) != 0 || chosen[len] != ':')
		return false;
	*count = strtoull(chosen + len + 1, NULL, 10);
	return true;
}
