/* select.c: see select.h. */
#include <stdlib.h>
#include <string.h>
#include "api/http/select.h"

static json_t *keep_fields(
	const char *fields, const char *const *mandatory, const json_t *item);
static json_t *leave_out(const struct select *select, const char *const *mandatory,
	const char *const *excluded, const json_t *item);
static void copy_path(json_t *to, const json_t *from, char *path);
static json_t *copy_in_array(json_t *to, const json_t *from, const char *path);
static void remove_path(json_t *node, char *path);
static bool listed(const char *const *list, const char *name);
static void for_each_field(
	const char *fields, void (*each)(char *path, void *arg), void *arg);

struct copying {
	json_t *to;
	const json_t *from;
};

struct removing {
	json_t *from;
	const char *const *mandatory;
};

static void copy_field(char *path, void *arg);
static void remove_field(char *path, void *arg);

int
select_check(const struct select *select, struct err *err)
{
	unsigned given = (select->fields != NULL) + (select->exclude_fields != NULL) +
			 select->all_fields + select->exclude_default;
	if (given <= 1 ||
		(given == 2 && select->fields != NULL && select->exclude_default))
		return 0;
	return err_set(err, ERR_MALFORMED, NULL,
		"give one of fields, exclude_fields, all_fields, exclude_default, or "
		"exclude_default with fields",
		"these attribute selectors cannot be combined");
}

json_t *
select_apply(const struct select *select, const char *const *mandatory,
	const char *const *excluded, const json_t *item)
{
	if (select->all_fields || !json_is_object(item))
		return json_deep_copy(item);
	if (select->fields != NULL && !select->exclude_default)
		return keep_fields(select->fields, mandatory, item);
	return leave_out(select, mandatory, excluded, item);
}

static json_t *
keep_fields(const char *fields, const char *const *mandatory, const json_t *item)
{
	json_t *kept = json_object();
	for (const char *const *name = mandatory; name != NULL && *name != NULL; name++) {
		json_t *member = json_object_get(item, *name);
		if (member != NULL)
			json_object_set_new(kept, *name, json_deep_copy(member));
	}
	for_each_field(fields, copy_field, &(struct copying){.to = kept, .from = item});
	return kept;
}

static json_t *
leave_out(const struct select *select, const char *const *mandatory,
	const char *const *excluded, const json_t *item)
{
	json_t *rest = json_deep_copy(item);
	if (select->exclude_fields != NULL) {
		for_each_field(select->exclude_fields, remove_field,
			&(struct removing){.from = rest, .mandatory = mandatory});
		return rest;
	}
	for (const char *const *name = excluded; name != NULL && *name != NULL; name++)
		json_object_del(rest, *name);
	if (select->fields != NULL)
		for_each_field(select->fields, copy_field,
			&(struct copying){.to = rest, .from = item});
	return rest;
}

static void
copy_field(char *path, void *arg)
{
	const struct copying *copying = arg;
	copy_path(copying->to, copying->from, path);
}

static void
remove_field(char *path, void *arg)
{
	const struct removing *removing = arg;
	if (!listed(removing->mandatory, path))
		remove_path(removing->from, path);
}

/* Cuts path. */
static void
copy_path(json_t *to, const json_t *from, char *path)
{
	char *rest = strchr(path, '/');
	if (rest != NULL)
		*rest++ = '\0';
	json_t *member = json_object_get(from, path);
	if (member == NULL)
		return;
	json_t *had = json_object_get(to, path);
	if (rest == NULL) {
		json_object_set_new(to, path, json_deep_copy(member));
	} else if (json_is_array(member)) {
		json_object_set_new(to, path, copy_in_array(had, member, rest));
	} else if (json_is_object(member)) {
		if (had == NULL)
			json_object_set_new(to, path, had = json_object());
		copy_path(had, member, rest);
	}
}

/* Merges into what was copied of the same elements before. New reference. */
static json_t *
copy_in_array(json_t *to, const json_t *from, const char *path)
{
	json_t *list = json_array();
	for (size_t i = 0; i < json_array_size(from); i++) {
		json_t *had = json_array_get(to, i);
		json_t *element = json_is_object(had) ? json_incref(had) : json_object();
		char *copy = strdup(path);
		if (copy != NULL)
			copy_path(element, json_array_get(from, i), copy);
		free(copy);
		json_array_append_new(list, element);
	}
	return list;
}

static void
remove_path(json_t *node, char *path)
{
	if (json_is_array(node)) {
		for (size_t i = 0; i < json_array_size(node); i++) {
			char *copy = strdup(path);
			if (copy != NULL)
				remove_path(json_array_get(node, i), copy);
			free(copy);
		}
		return;
	}
	char *rest = strchr(path, '/');
	if (rest == NULL) {
		json_object_del(node, path);
		return;
	}
	*rest++ = '\0';
	remove_path(json_object_get(node, path), rest);
}

static bool
listed(const char *const *list, const char *name)
{
	for (; list != NULL && *list != NULL; list++)
		if (strcmp(*list, name) == 0)
			return true;
	return false;
}

/* Hands out a copy of each that may be cut. */
static void
for_each_field(const char *fields, void (*each)(char *path, void *arg), void *arg)
{
	char *copy = strdup(fields), *save = NULL;
	if (copy == NULL)
		return;
	for (char *s = strtok_r(copy, ",", &save); s != NULL;
		s = strtok_r(NULL, ",", &save))
		each(s, arg);
	free(copy);
}
