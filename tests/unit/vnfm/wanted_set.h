/* wanted_set.h: a wanted set for a test, and documents in single quotes. */
#ifndef TESTS_UNIT_VNFM_WANTED_SET_H
#define TESTS_UNIT_VNFM_WANTED_SET_H

#include <stdio.h>
#include <string.h>
#include "vnfm/wanted.h"

static struct wanted wanted;

static json_t *
parse(const char *text)
{
	char copy[512];
	snprintf(copy, sizeof(copy), "%s", text);
	for (char *at = copy; (at = strchr(at, '\'')) != NULL;)
		*at = '"';
	json_t *doc = json_loads(copy, 0, NULL);
	assert_non_null(doc);
	return doc;
}

static int
drop(void **state)
{
	(void)state;
	wanted_clear(&wanted);
	return 0;
}

#endif
