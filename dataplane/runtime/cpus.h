/* cpus.h: lists of CPUs as text: "0,2,3". */
#ifndef DATAPLANE_RUNTIME_CPUS_H
#define DATAPLANE_RUNTIME_CPUS_H

#include <sched.h>
#include "common/err.h"

/* ERR_INVALID for what is no list. */
int cpus_parse(const char *text, cpu_set_t *cpus, struct err *err);

#endif
