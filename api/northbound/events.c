/* events.c: /renga/v1/events: what happened, as a list, or as server-sent events for
 * those who go on listening (Accept: text/event-stream).
 */
#include <stdlib.h>
#include <string.h>
#include "api/northbound/internal.h"
#include "common/loop.h"
#include "orchestrator/event.h"

#define MAX_EVENTS  1000
#define MAX_STREAMS 256
#define AT_A_TIME   100	  /* events in a piece */
#define QUIET_MS    10000 /* after which a comment shows whether the client is there */

struct stream {
	struct northbound *northbound;
	int64_t after;	  /* number of the last event that was sent */
	uint64_t sent_ms; /* 0: nothing was sent yet */
};

static void events(const struct http_request *request, struct http_reply *reply);
static void stream_events(const struct http_request *request, struct http_reply *reply);
static int first_event(
	const struct http_request *request, long long *after, struct err *err);
static bool next_events(void *arg, char **piece, size_t *len);
static bool write_events(struct stream *stream, FILE *out);
static void end_stream(void *arg);

const struct http_route events_routes[] = {
	{"GET", "/renga/v1/events", events, HTTP_BODY_NONE, HTTP_AUTH_TOKEN,
		HTTP_ROLE_VIEWER,
		"Events, those behind number ?after=N, at most ?limit=N; with Accept: "
		"text/event-stream, as they happen, resumed by Last-Event-ID"},
	{0},
};

static const char *const own_args[] = {"after", "limit", NULL};
static const char *const members[] = {"seq", "time", "type", "ns", "vnf", "detail", NULL};
static const struct query_rules rules = {
	.optional = members, .own = own_args, .page = MAX_EVENTS};

static void
events(const struct http_request *request, struct http_reply *reply)
{
	const char *accept = http_header(request, "Accept");
	json_t *list;
	long long after, limit;
	struct err err;
	if (accept && strstr(accept, "text/event-stream")) {
		stream_events(request, reply);
		return;
	}
	int rc = request_number(request, "after", 0, INT64_MAX, &after, &err);
	if (!rc)
		rc = request_number(
			request, "limit", MAX_EVENTS, MAX_EVENTS, &limit, &err);
	if (!rc)
		rc = event_list(orch_of(request), after, limit, &list, &err);
	if (rc)
		http_reply_err(reply, &err);
	else
		query_reply(request, reply, &rules, list);
}

static void
stream_events(const struct http_request *request, struct http_reply *reply)
{
	struct northbound *northbound = request->arg;
	long long after;
	struct err err;
	if (first_event(request, &after, &err)) {
		http_reply_err(reply, &err);
		return;
	}
	struct stream *stream = calloc(1, sizeof(*stream));
	if (!stream || atomic_fetch_add(&northbound->streams, 1) >= MAX_STREAMS) {
		if (stream)
			atomic_fetch_sub(&northbound->streams, 1);
		free(stream);
		err_set(&err, ERR_UNAVAILABLE, NULL, "GET it as a list now and then",
			"%d clients follow the events already", MAX_STREAMS);
		http_reply_err(reply, &err);
		return;
	}
	*stream = (struct stream){.northbound = northbound, .after = after};
	http_reply_header(reply, "Cache-Control", "no-store");
	http_reply_stream(
		reply, 200, "text/event-stream", next_events, end_stream, stream);
}

/* A client that comes back says what it saw last. */
static int
first_event(const struct http_request *request, long long *after, struct err *err)
{
	const char *last = http_header(request, "Last-Event-ID");
	char *end;
	if (!last || !*last)
		return request_number(request, "after", 0, INT64_MAX, after, err);
	*after = strtoll(last, &end, 10);
	if (*end || *after < 0)
		return err_set(err, ERR_MALFORMED, "Last-Event-ID", NULL,
			"'%s' is no number of an event", last);
	return 0;
}

static bool
next_events(void *arg, char **piece, size_t *len)
{
	struct stream *stream = arg;
	const uint64_t now_ms = loop_now_ms();
	FILE *out = open_memstream(piece, len);
	if (!out)
		return false;
	const bool first = !stream->sent_ms;
	bool going = write_events(stream, out);
	if (first)
		fputs("retry: 1000\n\n", out);
	else if (going && ftell(out) == 0 && now_ms - stream->sent_ms >= QUIET_MS)
		fputs(":\n\n", out);
	if (ftell(out) > 0)
		stream->sent_ms = now_ms;
	return fclose(out) == 0 && going;
}

static bool
write_events(struct stream *stream, FILE *out)
{
	json_t *list, *event;
	size_t i;
	if (event_list(stream->northbound->orch, stream->after, AT_A_TIME, &list, NULL))
		return false;
	json_array_foreach (list, i, event) {
		char *data = json_dumps(event, JSON_COMPACT);
		stream->after = json_integer_value(json_object_get(event, "seq"));
		fprintf(out, "id: %lld\nevent: %s\ndata: %s\n\n",
			(long long)stream->after,
			json_string_value(json_object_get(event, "type")),
			data ? data : "{}");
		free(data);
	}
	json_decref(list);
	return true;
}

static void
end_stream(void *arg)
{
	struct stream *stream = arg;
	atomic_fetch_sub(&stream->northbound->streams, 1);
	free(stream);
}
