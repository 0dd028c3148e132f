/* reply.c: from a service's result to an answer: links, entity tags, problems. */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "api/http/problem.h"
#include "api/northbound/internal.h"
#include "api/northbound/links.h"
#include "common/doc.h"

#define TAG_SIZE 33

static void problem_of_error(json_t *resource);
static void tag_of(const json_t *resource, char tag[TAG_SIZE]);
static bool conflicts_only(const struct faults *faults);
static void add_lines(const struct http_request *request, struct faults *faults);

struct orch *
orch_of(const struct http_request *request)
{
	return ((struct northbound *)request->arg)->orch;
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
	size_t i;
	json_t *item;
	json_array_foreach (items, i, item) {
		links_add(item, collection);
		problem_of_error(item);
	}
	query_reply(request, reply, rules, items);
}

void
reply_failure(const struct http_request *request, struct http_reply *reply,
	struct faults *faults, const struct err *err)
{
	if (faults && faults->n) {
		add_lines(request, faults);
		http_reply_faults(reply, conflicts_only(faults) ? 409 : 422, faults);
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

bool
reply_unchanged(const struct http_request *request, struct http_reply *reply,
	const char *collection, const json_t *resource)
{
	char tag[TAG_SIZE];
	if (!http_header(request, "If-Match"))
		return true;
	json_t *copy = json_deep_copy(resource);
	links_add(copy, collection);
	problem_of_error(copy);
	tag_of(copy, tag);
	json_decref(copy);
	return http_reply_etag(request, reply, tag);
}

/* An occurrence's error (orchestrator/step.h) as ProblemDetails. */
static void
problem_of_error(json_t *resource)
{
	json_t *error = json_object_get(resource, "error");
	struct err err;
	if (!json_is_object(error) || !json_object_get(error, "code"))
		return;
	err_from_json(&err, error);
	json_t *problem = problem_from_err(problem_status(err.code), &err);
	static const char *const kept[] = {"step", "object", "log"};
	for (size_t i = 0; i < 3; i++)
		if (json_object_get(error, kept[i]))
			json_object_set(
				problem, kept[i], json_object_get(error, kept[i]));
	json_object_set_new(resource, "error", problem);
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
conflicts_only(const struct faults *faults)
{
	for (size_t i = 0; i < faults->n; i++)
		if (faults->list[i].code != ERR_EXISTS &&
			faults->list[i].code != ERR_STATE)
			return false;
	return true;
}

/* A person looks for the place in a text: the line, where the request was one. */
static void
add_lines(const struct http_request *request, struct faults *faults)
{
	struct doc *doc = NULL;
	if (!request->body ||
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
