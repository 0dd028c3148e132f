/* reply.c: the ways to answer a request (http.h). */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "api/http/conn.h"
#include "api/http/match.h"
#include "api/problem/problem.h"
#include "common/json_text.h"

static void set_body(struct http_reply *reply, unsigned status, const char *content_type,
	char *data, size_t len);
static void reply_problem(struct http_reply *reply, unsigned status, json_t *problem);
static void reply_out_of_memory(struct http_reply *reply);
static void drop_body(struct http_reply *reply);

void
http_reply_json(struct http_reply *reply, unsigned status, json_t *body)
{
	if (body == NULL) {
		http_reply_empty(reply, status);
		return;
	}
	size_t len;
	char *text = json_text_write(body, &len);
	json_decref(body);
	if (text == NULL)
		reply_out_of_memory(reply);
	else
		set_body(reply, status, "application/json", text, len);
}

void
http_reply_data(struct http_reply *reply, unsigned status, const char *content_type,
	const void *data, size_t len)
{
	char *copy = malloc(len + 1);
	if (copy == NULL) {
		reply_out_of_memory(reply);
		return;
	}
	memcpy(copy, data, len);
	set_body(reply, status, content_type, copy, len);
}

void
http_reply_empty(struct http_reply *reply, unsigned status)
{
	set_body(reply, status, NULL, NULL, 0);
}

void
http_reply_ranges(const struct http_request *request, struct http_reply *reply,
	const char *content_type, const void *data, size_t len)
{
	size_t first = 0, last = 0;
	switch (match_range(http_header(request, "Range"), len, &first, &last)) {
	case MATCH_RANGE_NONE:
		http_reply_data(reply, 200, content_type, data, len);
		break;
	case MATCH_RANGE_PART:
		http_reply_data(reply, 206, content_type, (const char *)data + first,
			last - first + 1);
		http_reply_header(
			reply, "Content-Range", "bytes %zu-%zu/%zu", first, last, len);
		break;
	case MATCH_RANGE_BAD: {
		struct err err;
		err_set(&err, ERR_INVALID, "Range", NULL,
			"the range lies outside the %zu bytes", len);
		http_reply_problem(reply, 416, &err);
		http_reply_header(reply, "Content-Range", "bytes */%zu", len);
		return;
	}
	}
	http_reply_header(reply, "Accept-Ranges", "bytes");
}

void
http_reply_stream(struct http_reply *reply, unsigned status, const char *content_type,
	bool (*next)(void *arg, char **piece, size_t *len), void (*end)(void *arg),
	void *arg)
{
	set_body(reply, status, content_type, NULL, 0);
	reply->stream = (struct reply_stream){.next = next, .end = end, .arg = arg};
}

void
http_reply_err(struct http_reply *reply, const struct err *err)
{
	http_reply_problem(reply, problem_status(err->code), err);
}

void
http_reply_problem(struct http_reply *reply, unsigned status, const struct err *err)
{
	reply_problem(reply, status, problem_from_err(status, err));
}

void
http_reply_faults(struct http_reply *reply, unsigned status, const struct faults *faults)
{
	status = status == 0 ? 422 : status;
	reply_problem(reply, status, problem_from_faults(status, faults));
}

void
http_reply_header(struct http_reply *reply, const char *name, const char *fmt, ...)
{
	struct reply_header header = {.name = strdup(name)};
	va_list args;
	va_start(args, fmt);
	int rc = vasprintf(&header.value, fmt, args);
	va_end(args);
	struct reply_header *headers =
		realloc(reply->headers, (reply->n_headers + 1) * sizeof(*headers));
	if (headers != NULL)
		reply->headers = headers;
	if (rc < 0 || header.name == NULL || headers == NULL) {
		free(header.name);
		free(rc < 0 ? NULL : header.value);
		reply_out_of_memory(reply);
		return;
	}
	headers[reply->n_headers++] = header;
}

bool
http_reply_etag(
	const struct http_request *request, struct http_reply *reply, const char *tag)
{
	http_reply_tag(reply, tag);
	const char *wanted = http_header(request, "If-Match");
	if (wanted == NULL || match_etag(wanted, tag, false))
		return true;
	struct err err;
	err_set(&err, ERR_PRECONDITION, NULL, "read it again and repeat the change",
		"the resource has changed: its ETag is \"%s\"", tag);
	http_reply_err(reply, &err);
	return false;
}

void
http_reply_tag(struct http_reply *reply, const char *tag)
{
	free(reply->etag);
	reply->etag = tag != NULL ? strdup(tag) : NULL;
}

void
reply_clear(struct http_reply *reply)
{
	drop_body(reply);
	for (unsigned i = 0; i < reply->n_headers; i++) {
		free(reply->headers[i].name);
		free(reply->headers[i].value);
	}
	free(reply->headers);
	free(reply->etag);
	memset(reply, 0, sizeof(*reply));
}

/* Takes data. A reply that was given before is replaced. */
static void
set_body(struct http_reply *reply, unsigned status, const char *content_type, char *data,
	size_t len)
{
	drop_body(reply);
	reply->status = status;
	reply->content_type = content_type != NULL ? strdup(content_type) : NULL;
	reply->data = data;
	reply->len = len;
}

static void
reply_problem(struct http_reply *reply, unsigned status, json_t *problem)
{
	http_reply_json(reply, status, problem);
	free(reply->content_type);
	reply->content_type = strdup("application/problem+json");
}

static void
reply_out_of_memory(struct http_reply *reply)
{
	set_body(reply, 500, NULL, NULL, 0);
}

static void
drop_body(struct http_reply *reply)
{
	free(reply->content_type);
	free(reply->data);
	free(reply->stream.piece);
	if (reply->stream.end != NULL)
		reply->stream.end(reply->stream.arg);
	reply->content_type = NULL;
	reply->data = NULL;
	reply->len = 0;
	memset(&reply->stream, 0, sizeof(reply->stream));
}
