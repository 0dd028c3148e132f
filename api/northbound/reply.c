/* reply.c: from a service's result to an answer: links, entity tags, problems. */
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "api/problem/problem.h"
#include "api/northbound/internal.h"
#include "api/northbound/links.h"
#include "common/doc.h"

#define TAG_SIZE 33

static void tag_as_read(
	const json_t *resource, const char *collection, char tag[TAG_SIZE]);
static void tag_of(const json_t *resource, char tag[TAG_SIZE]);
static bool has_only(const struct faults *faults, enum err_code one, enum err_code other);
static void add_lines(const struct http_request *request, struct faults *faults);

int
request_number(const struct http_request *request, const char *name, long long dflt,
	long long max, long long *value, struct err *err)
{
	const char *text = http_query(request, name);
	char *end;
	*value = dflt;
	if (!text)
		return 0;
	errno = 0;
	*value = strtoll(text, &end, 10);
	if (errno || *end || end == text || *value < 0 || *value > max)
		return err_set(err, ERR_MALFORMED, name, NULL,
			"'%s' is no number from 0 to %lld", text, max);
	return 0;
}

struct orch *
orch_of(const struct http_request *request)
{
	return ((struct northbound *)request->arg)->orch;
}

bool
request_selects(const struct http_request *request, const char *const *members)
{
	const char *name, *value;
	for (unsigned i = 0; http_query_at(request, i, &name, &value); i++) {
		if (strcmp(name, "all_fields") == 0 ||
			strcmp(name, "exclude_fields") == 0)
			return true;
		for (const char *const *member = members; *member; member++)
			if (strstr(name, *member) || strstr(value, *member))
				return true;
	}
	return false;
}

bool
request_is_dry(const struct http_request *request)
{
	const char *dry = http_query(request, "dryRun");
	return dry && (!*dry || *dry == 't' || *dry == '1');
}

void
reply_resource(const struct http_request *request, struct http_reply *reply,
	unsigned status, const char *collection, json_t *resource)
{
	char tag[TAG_SIZE];
	links_add(resource, collection);
	problem_of_error(resource);
	tag_of(resource, tag);
	if (status == 201)
		http_reply_header(reply, "Location", "%s/%s", collection,
			json_string_value(json_object_get(resource, "id")));
	if (http_reply_etag(request, reply, tag))
		http_reply_json(reply, status, resource);
	else
		json_decref(resource);
}

void
reply_collection(const struct http_request *request, struct http_reply *reply,
	const struct query_rules *rules, const char *collection, json_t *items)
{
	reply_decorate(items, collection);
	query_reply(request, reply, rules, items);
}

void
reply_decorate(json_t *items, const char *collection)
{
	size_t i;
	json_t *item;
	json_array_foreach (items, i, item) {
		links_add(item, collection);
		problem_of_error(item);
	}
}

void
reply_failure(const struct http_request *request, struct http_reply *reply,
	struct faults *faults, const struct err *err)
{
	if (faults && faults->n) {
		add_lines(request, faults);
		http_reply_faults(reply,
			has_only(faults, ERR_NO_RESOURCE, ERR_FORBIDDEN) ? 403
			: has_only(faults, ERR_EXISTS, ERR_STATE)	 ? 409
									 : 422,
			faults);
	} else {
		http_reply_err(reply, err);
	}
	if (faults)
		faults_clear(faults);
}

void
reply_accepted(struct http_reply *reply, const char *collection, const char *occurrence)
{
	http_reply_header(reply, "Location", "%s/%s", collection, occurrence);
	http_reply_empty(reply, 202);
}

void
reply_task(const struct http_request *request, struct http_reply *reply,
	reply_task_fn *task, const char *collection)
{
	struct operation_answer answer = {.dry_run = request_is_dry(request)};
	struct faults faults = {0};
	struct err err = {0};
	int rc = request->json && !json_is_object(request->json)
			 ? err_set(&err, ERR_INVALID, NULL, NULL,
				   "the request is to be a map")
			 : task(orch_of(request), request->params[0], request->json,
				   &answer, &faults, &err);
	if (rc)
		reply_failure(request, reply, &faults, &err);
	else if (answer.plan)
		http_reply_json(reply, 200, json_incref(answer.plan));
	else
		reply_accepted(reply, collection, answer.occurrence);
	json_decref(answer.plan);
}

void
reply_changes(struct http_reply *reply, const char *collection, json_t *resource,
	json_t *changes)
{
	char tag[TAG_SIZE];
	tag_as_read(resource, collection, tag);
	json_decref(resource);
	http_reply_tag(reply, tag);
	http_reply_json(reply, 200, changes);
}

bool
reply_unchanged(const struct http_request *request, struct http_reply *reply,
	const char *collection, const json_t *resource)
{
	char tag[TAG_SIZE];
	if (!http_header(request, "If-Match"))
		return true;
	tag_as_read(resource, collection, tag);
	if (!http_reply_etag(request, reply, tag))
		return false;
	http_reply_tag(reply, NULL); /* it is about to change */
	return true;
}

/* The tag that reply_resource() gives it. */
static void
tag_as_read(const json_t *resource, const char *collection, char tag[TAG_SIZE])
{
	json_t *copy = json_deep_copy(resource);
	links_add(copy, collection);
	problem_of_error(copy);
	tag_of(copy, tag);
	json_decref(copy);
}

static void
tag_of(const json_t *resource, char tag[TAG_SIZE])
{
	unsigned char hash[crypto_generichash_BYTES_MIN];
	char *text = json_dumps(resource, JSON_COMPACT | JSON_SORT_KEYS);
	crypto_generichash(hash, sizeof(hash), (const unsigned char *)(text ? text : ""),
		text ? strlen(text) : 0, NULL, 0);
	sodium_bin2hex(tag, TAG_SIZE, hash, sizeof(hash));
	free(text);
}

static bool
has_only(const struct faults *faults, enum err_code one, enum err_code other)
{
	for (size_t i = 0; i < faults->n; i++)
		if (faults->list[i].code != one && faults->list[i].code != other)
			return false;
	return true;
}

/* A person looks for the place in a text: the line, where the request was one. */
static void
add_lines(const struct http_request *request, struct faults *faults)
{
	struct doc *doc = NULL;
	if (!request->body || !strchr(request->body, '\n') ||
		doc_parse(request->body, request->body_len, DOC_AUTO, NULL, &doc, NULL))
		return;
	for (size_t i = 0; i < faults->n; i++) {
		struct err *fault = &faults->list[i];
		const unsigned line = *fault->path ? doc_line(doc, fault->path) : 0;
		const size_t len = strlen(fault->text);
		if (line)
			snprintf(fault->text + len, sizeof(fault->text) - len,
				" (line %u)", line);
	}
	doc_close(doc);
}
