/* query.c: see query.h. A marker is "<offset>.<id>" of the last item given out: it stays
 * right when items before it go away, and the offset counts when that item itself has
 * gone.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "api/http/conn.h"
#include "api/http/filter.h"
#include "api/http/query.h"
#include "api/http/select.h"

#define PAGE   100
#define MARKER "nextpage_opaque_marker"

struct query { /* the arguments, parsed */
	struct filter filter;
	struct select select;
	const char *marker;
};

struct reading { /* of a source */
	size_t size, offset;
	const char *after;
	json_t *found; /* what the filter lets pass */
};

static void reply_page(
	struct http_reply *reply, int rc, struct query_page *page, const struct err *err);
static int read_source(const struct query_source *source, const struct query *query,
	struct reading *reading, struct err *err);
static json_t *equal_of(const struct filter *filter);
static struct query_page page_of(const struct query_rules *rules,
	const struct query *query, const struct reading *reading, const char *path,
	const struct url_arg *args, unsigned n_args);
static int parse(const struct query_rules *rules, const struct url_arg *args,
	unsigned n_args, struct query *query, struct err *err);
static int parse_arg(const struct url_arg *arg, struct query *query, struct err *err);
static int check_names(const struct query_rules *rules, const struct query *query,
	const json_t *items, struct err *err);
static int check_fields(const struct query_rules *rules, const char *fields,
	const json_t *items, struct err *err);
static int check_name(const struct query_rules *rules, const char *name, size_t len,
	const json_t *items, struct err *err);
static bool listed(const char *const *list, const char *name, size_t len);
static bool any_item_has(const json_t *items, const char *name, size_t len);
static json_t *filtered(const struct query *query, const json_t *items);
static int split_marker(
	const char *marker, size_t *offset, const char **id, struct err *err);
static int find_start(
	const char *marker, const json_t *items, size_t *start, struct err *err);
static const char *item_id(const json_t *item);
static char *next_target(const char *path, const struct url_arg *args, unsigned n_args,
	size_t offset, const char *id);

int
query_run(const struct query_rules *rules, const char *path, const struct url_arg *args,
	unsigned n_args, const json_t *items, struct query_page *page, struct err *err)
{
	struct query query = {0};
	json_t *matching = NULL;
	size_t start = 0, size = rules->page != 0 ? rules->page : PAGE;
	int rc = parse(rules, args, n_args, &query, err);
	if (rc == 0)
		rc = check_names(rules, &query, items, err);
	if (rc == 0) {
		matching = filtered(&query, items);
		rc = find_start(query.marker, matching, &start, err);
	}
	if (rc == 0) {
		size_t n = json_array_size(matching);
		size_t end = start + size < n ? start + size : n;
		*page = (struct query_page){.items = json_array()};
		for (size_t i = start; i < end; i++)
			json_array_append_new(page->items,
				select_apply(&query.select, rules->mandatory,
					rules->excluded, json_array_get(matching, i)));
		if (end < n)
			page->next = next_target(path, args, n_args, end,
				item_id(json_array_get(matching, end - 1)));
	}
	json_decref(matching);
	filter_clear(&query.filter);
	return rc;
}

void
query_reply(const struct http_request *request, struct http_reply *reply,
	const struct query_rules *rules, json_t *items)
{
	const struct http_conn *conn = request->conn;
	struct query_page page;
	struct err err = {0};
	reply_page(reply,
		query_run(rules, request->path, conn->url.args, conn->url.n_args, items,
			&page, &err),
		&page, &err);
	json_decref(items);
}

int
query_run_source(const struct query_rules *rules, const char *path,
	const struct url_arg *args, unsigned n_args, const struct query_source *source,
	struct query_page *page, struct err *err)
{
	struct query query = {0};
	struct reading reading = {
		.size = rules->page != 0 ? rules->page : PAGE, .found = json_array()};
	int rc = parse(rules, args, n_args, &query, err);
	if (rc == 0)
		rc = check_names(rules, &query, NULL, err);
	if (rc == 0)
		rc = split_marker(query.marker, &reading.offset, &reading.after, err);
	if (rc == 0)
		rc = read_source(source, &query, &reading, err);
	if (rc == 0)
		*page = page_of(rules, &query, &reading, path, args, n_args);
	json_decref(reading.found);
	filter_clear(&query.filter);
	return rc;
}

void
query_reply_source(const struct http_request *request, struct http_reply *reply,
	const struct query_rules *rules, const struct query_source *source)
{
	const struct http_conn *conn = request->conn;
	struct query_page page;
	struct err err = {0};
	reply_page(reply,
		query_run_source(rules, request->path, conn->url.args, conn->url.n_args,
			source, &page, &err),
		&page, &err);
}

/* rc: of what made the page. */
static void
reply_page(
	struct http_reply *reply, int rc, struct query_page *page, const struct err *err)
{
	if (rc != 0) {
		http_reply_err(reply, err);
		return;
	}
	http_reply_json(reply, 200, page->items);
	if (page->next != NULL)
		http_reply_header(reply, "Link", "<%s>; rel=\"next\"", page->next);
	free(page->next);
}

/* Until one more than a page has been found, or there are no more. */
static int
read_source(const struct query_source *source, const struct query *query,
	struct reading *reading, struct err *err)
{
	json_t *equal = equal_of(&query->filter), *items = NULL;
	char *after = reading->after != NULL ? strdup(reading->after) : NULL;
	size_t skip = reading->offset;
	bool more = true;
	int rc = 0;
	while (rc == 0 && more && json_array_size(reading->found) <= reading->size) {
		rc = source->read(
			source->arg, equal, after, skip, reading->size + 1, &items, err);
		if (rc != 0)
			break;
		const size_t n = json_array_size(items);
		more = n == reading->size + 1;
		skip += n;
		free(after);
		after = n ? strdup(item_id(json_array_get(items, n - 1))) : NULL;
		json_t *matching = filtered(query, items);
		json_array_extend(reading->found, matching);
		json_decref(matching);
		json_decref(items);
	}
	free(after);
	json_decref(equal);
	return rc;
}

/* Terms that ask for one text of an attribute at the top. */
static json_t *
equal_of(const struct filter *filter)
{
	json_t *equal = json_object();
	for (unsigned i = 0; i < filter->n; i++) {
		const struct filter_term *term = &filter->terms[i];
		if (term->op == FILTER_EQ && term->n_names == 1 && term->n_values == 1)
			json_object_set_new(
				equal, term->names[0], json_string(term->values[0]));
	}
	return equal;
}

static struct query_page
page_of(const struct query_rules *rules, const struct query *query,
	const struct reading *reading, const char *path, const struct url_arg *args,
	unsigned n_args)
{
	struct query_page page = {.items = json_array()};
	const size_t n = json_array_size(reading->found);
	for (size_t i = 0; i < n && i < reading->size; i++)
		json_array_append_new(page.items,
			select_apply(&query->select, rules->mandatory, rules->excluded,
				json_array_get(reading->found, i)));
	if (n > reading->size)
		page.next = next_target(path, args, n_args,
			reading->offset + reading->size,
			item_id(json_array_get(reading->found, reading->size - 1)));
	return page;
}

static int
parse(const struct query_rules *rules, const struct url_arg *args, unsigned n_args,
	struct query *query, struct err *err)
{
	for (unsigned i = 0; i < n_args; i++) {
		if (listed(rules->own, args[i].name, strlen(args[i].name)))
			continue;
		int rc = parse_arg(&args[i], query, err);
		if (rc != 0)
			return rc;
	}
	return select_check(&query->select, err);
}

static int
parse_arg(const struct url_arg *arg, struct query *query, struct err *err)
{
	if (strcmp(arg->name, "filter") == 0)
		return filter_add(&query->filter, arg->value, err);
	if (strcmp(arg->name, "fields") == 0)
		query->select.fields = arg->value;
	else if (strcmp(arg->name, "exclude_fields") == 0)
		query->select.exclude_fields = arg->value;
	else if (strcmp(arg->name, "all_fields") == 0)
		query->select.all_fields = true;
	else if (strcmp(arg->name, "exclude_default") == 0)
		query->select.exclude_default = true;
	else if (strcmp(arg->name, MARKER) == 0)
		query->marker = arg->value;
	else
		return filter_add_argument(&query->filter, arg->name, arg->value, err);
	return 0;
}

static int
check_names(const struct query_rules *rules, const struct query *query,
	const json_t *items, struct err *err)
{
	int rc = 0;
	for (unsigned i = 0; rc == 0 && i < query->filter.n; i++) {
		const char *name = query->filter.terms[i].names[0];
		rc = check_name(rules, name, strlen(name), items, err);
	}
	if (rc == 0 && query->select.fields != NULL)
		rc = check_fields(rules, query->select.fields, items, err);
	if (rc == 0 && query->select.exclude_fields != NULL)
		rc = check_fields(rules, query->select.exclude_fields, items, err);
	return rc;
}

static int
check_fields(const struct query_rules *rules, const char *fields, const json_t *items,
	struct err *err)
{
	for (const char *at = fields; *at != '\0';) {
		int rc = check_name(rules, at, strcspn(at, "/,"), items, err);
		if (rc != 0)
			return rc;
		at += strcspn(at, ",");
		at += *at == ',';
	}
	return 0;
}

static int
check_name(const struct query_rules *rules, const char *name, size_t len,
	const json_t *items, struct err *err)
{
	bool lists = rules->mandatory != NULL || rules->optional != NULL;
	if (listed(rules->mandatory, name, len) || listed(rules->excluded, name, len) ||
		listed(rules->optional, name, len) || any_item_has(items, name, len) ||
		(!lists && json_array_size(items) == 0))
		return 0;
	return err_set(err, ERR_MALFORMED, NULL,
		"all_fields shows every attribute there is",
		"this resource has no attribute '%.*s'", (int)len, name);
}

static bool
listed(const char *const *list, const char *name, size_t len)
{
	for (; list != NULL && *list != NULL; list++)
		if (strlen(*list) == len && strncmp(*list, name, len) == 0)
			return true;
	return false;
}

static bool
any_item_has(const json_t *items, const char *name, size_t len)
{
	for (size_t i = 0; i < json_array_size(items); i++) {
		const char *key;
		json_t *value;
		json_object_foreach (json_array_get(items, i), key, value)
			if (strlen(key) == len && strncmp(key, name, len) == 0)
				return true;
	}
	return false;
}

static json_t *
filtered(const struct query *query, const json_t *items)
{
	json_t *matching = json_array();
	for (size_t i = 0; i < json_array_size(items); i++) {
		json_t *item = json_array_get(items, i);
		if (filter_matches(&query->filter, item))
			json_array_append(matching, item);
	}
	return matching;
}

static int
split_marker(const char *marker, size_t *offset, const char **id, struct err *err)
{
	char *dot;
	*offset = 0;
	*id = NULL;
	if (marker == NULL)
		return 0;
	*offset = strtoull(marker, &dot, 10);
	if (!isdigit((unsigned char)marker[0]) || *dot != '.')
		return err_set(err, ERR_MALFORMED, MARKER,
			"follow the Link header of a page",
			"this marker is not one of ours");
	*id = dot + 1;
	return 0;
}

static int
find_start(const char *marker, const json_t *items, size_t *start, struct err *err)
{
	const char *id;
	size_t offset;
	*start = 0;
	int rc = split_marker(marker, &offset, &id, err);
	if (rc != 0 || id == NULL)
		return rc;
	for (size_t i = 0; i < json_array_size(items); i++) {
		if (strcmp(item_id(json_array_get(items, i)), id) != 0)
			continue;
		*start = i + 1;
		return 0;
	}
	*start = offset < json_array_size(items) ? offset : json_array_size(items);
	return 0;
}

static const char *
item_id(const json_t *item)
{
	const char *id = json_string_value(json_object_get(item, "id"));
	if (id == NULL)
		id = json_string_value(json_object_get(item, "name"));
	return id != NULL ? id : "";
}

static char *
next_target(const char *path, const struct url_arg *args, unsigned n_args, size_t offset,
	const char *id)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	if (out == NULL)
		return NULL;
	fprintf(out, "%s?", path);
	for (unsigned i = 0; i < n_args; i++) {
		if (strcmp(args[i].name, MARKER) == 0)
			continue;
		char *name = url_encode(args[i].name), *value = url_encode(args[i].value);
		fprintf(out, "%s%s%s&", name, args[i].value[0] != '\0' ? "=" : "", value);
		free(name);
		free(value);
	}
	char *encoded = url_encode(id);
	fprintf(out, MARKER "=%zu.%s", offset, encoded);
	free(encoded);
	fclose(out);
	return text;
}
