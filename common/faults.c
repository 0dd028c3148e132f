/* faults.c: every fault of a document; the second half of err.h. */
#include "common/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FAULTS_MAX 100

int
faults_add(struct faults *faults, enum err_code code, const char *path, const char *hint,
	const char *fmt, ...)
{
	struct err err;
	char text[sizeof(err.text)];
	va_list args;
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	err_set(&err, code, path, hint, "%s", text);
	faults_add_err(faults, &err);
	return err_errno(code);
}

void
faults_add_err(struct faults *faults, const struct err *err)
{
	if (!faults)
		return;
	struct err *list =
		faults->n < FAULTS_MAX
			? realloc(faults->list, (faults->n + 1) * sizeof(*list))
			: NULL;
	if (!list) {
		faults->dropped++;
		return;
	}
	faults->list = list;
	faults->list[faults->n++] = *err;
}

void
faults_merge(struct faults *faults, const struct faults *from, const char *prefix)
{
	for (size_t i = 0; i < from->n; i++) {
		struct err err = from->list[i];
		err_prefix(&err, prefix);
		faults_add_err(faults, &err);
	}
	faults->dropped += from->dropped;
}

size_t
faults_count(const struct faults *faults)
{
	return faults->n + faults->dropped;
}

int
faults_since(const struct faults *faults, size_t before)
{
	if (faults_count(faults) == before)
		return 0;
	return err_errno(before < faults->n ? faults->list[before].code : ERR_INVALID);
}

json_t *
faults_to_json(const struct faults *faults)
{
	json_t *list = json_array();
	for (size_t i = 0; i < faults->n; i++)
		json_array_append_new(list, err_to_json(&faults->list[i]));
	return list;
}

void
faults_from_json(struct faults *faults, const json_t *json)
{
	size_t i;
	json_t *item;
	json_array_foreach (json, i, item) {
		struct err err;
		err_from_json(&err, item);
		faults_add_err(faults, &err);
	}
}

int
faults_first(const struct faults *faults, struct err *err)
{
	if (!faults->n)
		return 0;
	const struct err *first = &faults->list[0];
	if (!err)
		return err_errno(first->code);
	*err = *first;
	if (faults_count(faults) > 1)
		err_set(err, first->code, first->path, first->hint, "%s (and %zu more)",
			first->text, faults_count(faults) - 1);
	return err_errno(first->code);
}

void
faults_clear(struct faults *faults)
{
	free(faults->list);
	*faults = (struct faults){0};
}
