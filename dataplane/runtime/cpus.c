/* cpus.c: see cpus.h. */
#include "dataplane/runtime/cpus.h"
#include <stdlib.h>

int
cpus_parse(const char *text, cpu_set_t *cpus, struct err *err)
{
	char *end;

	CPU_ZERO(cpus);
	for (const char *at = text;; at = end + 1) {
		const unsigned long cpu = strtoul(at, &end, 10);

		if (end == at || cpu >= CPU_SETSIZE || (*end != ',' && *end != '\0'))
			return err_set(err, ERR_INVALID, "--cores", "as in 0,1",
				"'%s' is no list of CPUs", text);
		CPU_SET(cpu, cpus);
		if (*end == '\0')
			return 0;
	}
}
