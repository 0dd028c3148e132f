/* converge_set.h: a wanted set of checked documents, and what is next about one of them.
 */
#ifndef TESTS_UNIT_VNFM_CONVERGE_SET_H
#define TESTS_UNIT_VNFM_CONVERGE_SET_H

#include "tests/unit/vnfm/wanted_set.h"
#include "vnfm/converge.h"

static struct object *
add(enum object_kind kind, const char *id, const char *text)
{
	json_t *doc = parse(text);
	struct faults faults = {0};
	assert_int_equal(wanted_check(kind, id, doc, &faults), 0);
	struct object *object = wanted_add(&wanted, kind, id, doc);
	json_decref(doc);
	return object;
}

static enum converge_action
next(const struct object *object)
{
	uint64_t due_ms = UINT64_MAX;
	return converge_next(&wanted, object, true, 1000, &due_ms);
}

#endif
