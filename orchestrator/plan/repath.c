/* repath.c: see repath.h. */
#include "orchestrator/plan/repath.h"

#include <string.h>
#include "orchestrator/descriptor/model.h"
#include "orchestrator/plan/target.h"

static const json_t *service_doc(const json_t *objects);
static bool has_number(const json_t *numbers, json_int_t number);
static json_t *all_numbers(const json_t *objects);
static json_t *gone_of(const json_t *link, const json_t *stay);
static void keep_gone(json_t *between, const json_t *link, json_t *gone);
static json_t *merge(const json_t *a, const json_t *b);
static bool joins_the_same(const json_t *a, const json_t *b);
static bool is_link(const json_t *object);
static json_t *doc_of(const json_t *object);

enum repath_when
repath_when(const json_t *present, const json_t *target)
{
	const json_t *was = json_object_get(service_doc(present), "steer");
	const json_t *is = json_object_get(service_doc(target), "steer");
	if (!was || (is && json_equal(was, is)))
		return REPATH_FIRST;
	return is ? REPATH_BEFORE : REPATH_LAST;
}

json_t *
repath_between(const json_t *present, const json_t *target)
{
	json_t *between = json_copy((json_t *)target), *stay = all_numbers(target), *link;
	size_t i;
	json_array_foreach ((json_t *)present, i, link) {
		json_t *gone = is_link(link) ? gone_of(link, stay) : NULL;
		if (json_array_size(gone))
			keep_gone(between, link, gone);
		json_decref(gone);
	}
	json_decref(stay);
	return between;
}

static const json_t *
service_doc(const json_t *objects)
{
	size_t i;
	json_t *object;
	json_array_foreach ((json_t *)objects, i, object)
		if (strcmp(json_string_value(json_object_get(object, "kind")),
			    "service") == 0)
			return doc_of(object);
	return NULL;
}

static bool
has_number(const json_t *numbers, json_int_t number)
{
	size_t i;
	json_t *one;
	json_array_foreach ((json_t *)numbers, i, one)
		if (json_integer_value(one) == number)
			return true;
	return false;
}

/* Of the paths that any link has. */
static json_t *
all_numbers(const json_t *objects)
{
	json_t *all = json_array(), *link;
	size_t i;
	json_array_foreach ((json_t *)objects, i, link)
		json_array_extend(all, json_object_get(doc_of(link), "paths"));
	return all;
}

static json_t *
gone_of(const json_t *link, const json_t *stay)
{
	json_t *gone = json_array(), *number;
	size_t i;
	json_array_foreach (json_object_get(doc_of(link), "paths"), i, number)
		if (!has_number(stay, json_integer_value(number)))
			json_array_append(gone, number);
	return gone;
}

/* A link of that name which joins others has its way: the paths that go lose that hop. */
static void
keep_gone(json_t *between, const json_t *link, json_t *gone)
{
	json_t *same = target_find(
		between, "link", json_string_value(json_object_get(link, "object")));
	json_t *copy = json_deep_copy(same ? same : link);
	if (!same) {
		json_object_set(doc_of(copy), "paths", gone);
		json_array_append(between, copy);
	} else if (joins_the_same(same, link)) {
		json_object_set_new(doc_of(copy), "paths",
			merge(json_object_get(doc_of(copy), "paths"), gone));
		for (size_t i = 0; i < json_array_size(between); i++)
			if (json_array_get(between, i) == same)
				json_array_set(between, i, copy);
	}
	json_decref(copy);
}

/* In their order, as target_link_paths() has them. */
static json_t *
merge(const json_t *a, const json_t *b)
{
	json_t *all = json_array();
	for (json_int_t number = 1; number <= MODEL_PATHS; number++)
		if (has_number(a, number) || has_number(b, number))
			json_array_append_new(all, json_integer(number));
	return all;
}

static bool
joins_the_same(const json_t *a, const json_t *b)
{
	return json_equal(json_object_get(doc_of(a), "a"),
		       json_object_get(doc_of(b), "a")) &&
	       json_equal(
		       json_object_get(doc_of(a), "b"), json_object_get(doc_of(b), "b"));
}

static bool
is_link(const json_t *object)
{
	return strcmp(json_string_value(json_object_get(object, "kind")), "link") == 0;
}

static json_t *
doc_of(const json_t *object)
{
	return json_object_get(object, "doc");
}
