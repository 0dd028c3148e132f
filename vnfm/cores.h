/* cores.h: lists of CPUs as text: "0,2-3". Pure, but for cores_online(). */
#ifndef VNFM_CORES_H
#define VNFM_CORES_H

#include <jansson.h>
#include "common/err.h"

#define CORES_MAX 256

struct cores {
	unsigned n;
	int cpus[CORES_MAX]; /* ascending, each once */
};

/* ERR_INVALID for what is no list. */
int cores_parse(const char *text, struct cores *cores, struct err *err);
/* The CPUs that this process may run on. */
void cores_online(struct cores *cores);
bool cores_has(const struct cores *cores, int cpu);
json_t *cores_to_json(const struct cores *cores); /* [0, 1]; new reference */
/* "0,2,3" into buf. */
void cores_print(const struct cores *cores, char *buf, size_t size);

#endif
