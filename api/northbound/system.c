/* system.c: health, metrics, and the API's own description. */
#include <stdio.h>
#include <stdlib.h>
#include "api/northbound/internal.h"
#include "orchestrator/host.h"
#include "orchestrator/metrics.h"

static void healthz(const struct http_request *request, struct http_reply *reply);
static void readyz(const struct http_request *request, struct http_reply *reply);
static void metrics(const struct http_request *request, struct http_reply *reply);
static void openapi(const struct http_request *request, struct http_reply *reply);

const struct http_route system_routes[] = {
	{"GET", "/healthz", healthz, HTTP_BODY_NONE, HTTP_AUTH_NONE, HTTP_ROLE_VIEWER,
		"200 while the orchestrator serves"},
	{"GET", "/readyz", readyz, HTTP_BODY_NONE, HTTP_AUTH_NONE, HTTP_ROLE_VIEWER,
		"200 when services can be deployed, else 503 and why not"},
	{"GET", "/metrics", metrics, HTTP_BODY_NONE, HTTP_AUTH_TOKEN, HTTP_ROLE_VIEWER,
		"Prometheus metrics"},
	{"GET", "/openapi.json", openapi, HTTP_BODY_NONE, HTTP_AUTH_TOKEN,
		HTTP_ROLE_VIEWER, "This description"},
	{0},
};

static void
healthz(const struct http_request *request, struct http_reply *reply)
{
	(void)request;
	http_reply_json(reply, 200,
		json_pack("{s:s, s:s}", "status", "ok", "version", RENGA_VERSION));
}

static void
readyz(const struct http_request *request, struct http_reply *reply)
{
	struct err err;
	if (host_ready(orch_of(request), &err))
		http_reply_err(reply, &err);
	else
		http_reply_json(reply, 200, json_pack("{s:s}", "status", "ready"));
}

static void
metrics(const struct http_request *request, struct http_reply *reply)
{
	const struct northbound *northbound = request->arg;
	char *text = NULL;
	size_t len = 0;
	struct err err;
	FILE *out = open_memstream(&text, &len);
	int rc = out ? metrics_write(northbound->orch, out, &err)
		     : err_set(&err, ERR_INTERNAL, NULL, NULL, "out of memory");
	if (!rc)
		httpstats_write(northbound->stats, out);
	if (out && fclose(out))
		rc = err_set(&err, ERR_INTERNAL, NULL, NULL, "out of memory");
	if (rc)
		http_reply_err(reply, &err);
	else
		http_reply_data(reply, 200, "text/plain; version=0.0.4", text, len);
	free(text);
}

static void
openapi(const struct http_request *request, struct http_reply *reply)
{
	const struct northbound *northbound = request->arg;
	http_reply_json(reply, 200, http_openapi(&northbound->config, "Renga"));
}
