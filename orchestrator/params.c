/* params.c: see params.h. */
#include "orchestrator/params.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include "common/field.h"

void
params_check(const json_t *params, const char *const *known, const char *path,
	struct faults *faults)
{
	char place[192], hint[96];
	const char *name;
	json_t *value;
	json_object_foreach ((json_t *)params, name, value) {
		bool found = false;
		for (size_t i = 0; !found && known[i]; i++)
			found = strcmp(known[i], name) == 0;
		if (found)
			continue;
		const char *nearest = field_nearest(name, known);
		snprintf(place, sizeof(place), "%.100s.%.80s", path, name);
		snprintf(hint, sizeof(hint), "did you mean '%s'?",
			nearest ? nearest : known[0]);
		faults_add(faults, ERR_INVALID, place, hint, "unknown member");
	}
}
