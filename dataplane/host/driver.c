/* driver.c: the table of drivers. */
#include <stdio.h>
#include <string.h>
#include "dataplane/host/driver.h"

static const struct driver *const drivers[] = {
	&driver_af_packet,
	&driver_af_xdp,
	&driver_tap,
	&driver_pcap,
	&driver_memif,
	&driver_pci,
	&driver_null,
	&driver_generator,
	&driver_eal,
};

#define DRIVERS (sizeof(drivers) / sizeof(drivers[0]))

static void hint_for(const char *name, char *hint, size_t size);

const struct driver *
driver_find(const json_t *spec, struct err *err)
{
	const char *name = json_string_value(json_object_get(spec, "driver"));
	char hint[200];

	hint_for(name != NULL ? name : "", hint, sizeof(hint));
	if (name == NULL) {
		err_set(err, ERR_INVALID, "driver", hint, "a port needs a driver");
		return NULL;
	}
	for (size_t i = 0; i < DRIVERS; i++)
		if (strcmp(drivers[i]->name, name) == 0)
			return drivers[i];
	err_set(err, ERR_INVALID, "driver", hint, "no port driver is called '%s'", name);
	return NULL;
}

static void
hint_for(const char *name, char *hint, size_t size)
{
	const char *names[DRIVERS + 1] = {NULL};
	const char *nearest;
	size_t at;

	for (size_t i = 0; i < DRIVERS; i++)
		names[i] = drivers[i]->name;
	nearest = field_nearest(name, names);
	if (nearest != NULL) {
		snprintf(hint, size, "did you mean '%s'?", nearest);
		return;
	}
	at = (size_t)snprintf(hint, size, "known drivers:");
	for (size_t i = 0; i < DRIVERS && at < size; i++)
		at += (size_t)snprintf(
			hint + at, size - at, "%s %s", i > 0 ? "," : "", names[i]);
}
