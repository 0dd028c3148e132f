/* cores.h: lists of CPUs as text, "0,2-3", and who runs where. */
#ifndef COMMON_CORES_H
#define COMMON_CORES_H

#include <jansson.h>
#include "common/err.h"

#define CORES_MAX 256

struct cores {
	unsigned n;
	int cpus[CORES_MAX]; /* ascending, each once */
};

/* ERR_INVALID for what is no list. */
int cores_parse(const char *text, struct cores *cores, struct err *err);
/* The CPUs that this thread runs on. */
void cores_online(struct cores *cores);
/* It may be set to run on each of them. ERR_INVALID that names the one that is not there,
 * with `path`. */
int cores_check(const struct cores *cores, const char *path, struct err *err);
/* This thread, and what it starts from now on, keeps off the CPUs that carry packets if
 * there are others, and else stays on these. */
int cores_stay_beside(const struct cores *workers, struct err *err);
bool cores_has(const struct cores *cores, int cpu);
json_t *cores_to_json(const struct cores *cores); /* [0, 1]; new reference */
/* "0,2,3" into buf. */
void cores_print(const struct cores *cores, char *buf, size_t size);

#endif
