/* remote.c: the orchestrator's driver of a renga-vnfm over HTTP: one request per
 * function. */
#include "api/southbound/client/remote.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "api/southbound/client/conns.h"

#define PATH_SIZE  512
#define QUERY_SIZE 4096
#define ASK_MS	   30000  /* longer than the longest poll */
#define CHANGE_MS  150000 /* a configuration of many thousand rules, on busy cores */

static int remote_host(void *self, json_t **host, struct err *err);
static int remote_types(void *self, json_t **manifests, struct err *err);
static int remote_check(void *self, const char *type, const json_t *config,
	json_t **faults, uint64_t *state_size, struct err *err);
static int remote_put(void *self, enum vnfm_kind kind, const char *id,
	const json_t *wanted, json_t **actual, struct err *err);
static int remote_get(void *self, enum vnfm_kind kind, const char *id, json_t **actual,
	struct err *err);
static int remote_list(void *self, enum vnfm_kind kind, json_t **list, struct err *err);
static int remote_list_brief(
	void *self, enum vnfm_kind kind, json_t **list, struct err *err);
static int remote_del(void *self, enum vnfm_kind kind, const char *id, struct err *err);
static int remote_spread(void *self, const char *vnf, unsigned n, bool force,
	json_t **done, struct err *err);
static int remote_relink(
	void *self, const char *ns, const json_t *links, struct err *err);
static int remote_wait_ready(void *self, const char *vnf, unsigned timeout_ms,
	json_t **actual, struct err *err);
static int remote_stats(void *self, const char *ns, json_t **stats, struct err *err);
static int remote_log(
	void *self, const char *vnf, unsigned lines, char **text, struct err *err);
static int remote_ask(void *self, const char *vnf, const char *what, const json_t *args,
	bool act, json_t **answer, struct err *err);
static int remote_audit(void *self, json_t **audit, struct err *err);
static int remote_events(
	void *self, uint64_t after, unsigned wait_ms, json_t **events, struct err *err);
static void remote_close(void *self);

static const struct vnfm_driver driver = {
	.host = remote_host,
	.types = remote_types,
	.check = remote_check,
	.put = remote_put,
	.get = remote_get,
	.list = remote_list,
	.list_brief = remote_list_brief,
	.del = remote_del,
	.relink = remote_relink,
	.spread = remote_spread,
	.wait_ready = remote_wait_ready,
	.stats = remote_stats,
	.log = remote_log,
	.ask = remote_ask,
	.audit = remote_audit,
	.events = remote_events,
	.close = remote_close,
};

static const char *const collections[] = {"services", "ports", "vnfs", "links"};

static int ask(struct conns *conns, const char *method, const char *path,
	const json_t *body, json_t **answer, struct err *err);
static int call(struct conns *conns, const char *method, const char *path,
	const json_t *body, struct client_answer *answer, struct err *err);
static const char *item_path(
	char *path, enum vnfm_kind kind, const char *id, const char *query);
static void escape(char *to, size_t size, const char *id);

int
remote_open(const char *url, struct vnfm *vnfm, struct err *err)
{
	struct conns *conns;
	int rc = conns_open(url, &conns, err);
	if (!rc)
		*vnfm = (struct vnfm){&driver, conns};
	return rc;
}

static int
remote_host(void *self, json_t **host, struct err *err)
{
	return ask(self, "GET", "/v1/host", NULL, host, err);
}

static int
remote_types(void *self, json_t **manifests, struct err *err)
{
	return ask(self, "GET", "/v1/types", NULL, manifests, err);
}

static int
remote_check(void *self, const char *type, const json_t *config, json_t **faults,
	uint64_t *state_size, struct err *err)
{
	char path[PATH_SIZE], name[128];
	json_t *body = json_pack("{s:O}", "config", config), *answer = NULL;
	escape(name, sizeof(name), type);
	snprintf(path, sizeof(path), "/v1/types/%s/check", name);
	int rc = ask(self, "POST", path, body, &answer, err);
	json_decref(body);
	if (rc)
		return rc;
	if (state_size)
		*state_size = (uint64_t)json_integer_value(
			json_object_get(answer, "stateSize"));
	*faults = json_incref(json_object_get(answer, "faults"));
	json_decref(answer);
	if (!*faults)
		return err_set(
			err, ERR_INTERNAL, NULL, NULL, "the vnfm's answer has no faults");
	return 0;
}

static int
remote_put(void *self, enum vnfm_kind kind, const char *id, const json_t *wanted,
	json_t **actual, struct err *err)
{
	char path[PATH_SIZE];
	return ask(self, "PUT", item_path(path, kind, id, "?config=omit"), wanted, actual,
		err);
}

static int
remote_get(
	void *self, enum vnfm_kind kind, const char *id, json_t **actual, struct err *err)
{
	char path[PATH_SIZE];
	return ask(self, "GET", item_path(path, kind, id, ""), NULL, actual, err);
}

static int
remote_list(void *self, enum vnfm_kind kind, json_t **list, struct err *err)
{
	char path[PATH_SIZE];
	snprintf(path, sizeof(path), "/v1/%s", collections[kind]);
	return ask(self, "GET", path, NULL, list, err);
}

static int
remote_list_brief(void *self, enum vnfm_kind kind, json_t **list, struct err *err)
{
	char path[PATH_SIZE];
	snprintf(path, sizeof(path), "/v1/%s?config=omit", collections[kind]);
	return ask(self, "GET", path, NULL, list, err);
}

static int
remote_del(void *self, enum vnfm_kind kind, const char *id, struct err *err)
{
	char path[PATH_SIZE];
	return call(self, "DELETE", item_path(path, kind, id, ""), NULL, NULL, err);
}

static int
remote_relink(void *self, const char *ns, const json_t *links, struct err *err)
{
	char path[PATH_SIZE];
	json_t *body = json_pack("{s:O}", "links", links);
	int rc = ask(self, "POST", item_path(path, VNFM_SERVICE, ns, "/relink"), body,
		NULL, err);
	json_decref(body);
	return rc;
}

static int
remote_spread(void *self, const char *vnf, unsigned n, bool force, json_t **done,
	struct err *err)
{
	char path[PATH_SIZE];
	json_t *body = json_pack("{s:i, s:b}", "replicas", (int)n, "force", force);
	int rc = ask(
		self, "POST", item_path(path, VNFM_VNF, vnf, "/spread"), body, done, err);
	json_decref(body);
	return rc;
}

static int
remote_wait_ready(void *self, const char *vnf, unsigned timeout_ms, json_t **actual,
	struct err *err)
{
	char path[PATH_SIZE], query[64];
	snprintf(query, sizeof(query), "?config=omit&wait=ready&timeout=%u", timeout_ms);
	return ask(self, "GET", item_path(path, VNFM_VNF, vnf, query), NULL, actual, err);
}

static int
remote_stats(void *self, const char *ns, json_t **stats, struct err *err)
{
	char path[PATH_SIZE], id[256];
	escape(id, sizeof(id), ns);
	snprintf(path, sizeof(path), "/v1/stats/%s", id);
	return ask(self, "GET", path, NULL, stats, err);
}

static int
remote_log(void *self, const char *vnf, unsigned lines, char **text, struct err *err)
{
	char path[PATH_SIZE], query[64];
	struct client_answer answer = {0};
	snprintf(query, sizeof(query), "/log?lines=%u", lines);
	int rc = call(
		self, "GET", item_path(path, VNFM_VNF, vnf, query), NULL, &answer, err);
	if (!rc) {
		*text = strdup(answer.text ? answer.text : "");
		if (!*text)
			rc = err_set(err, ERR_INTERNAL, NULL, NULL, "out of memory");
	}
	client_answer_clear(&answer);
	return rc;
}

static int
remote_ask(void *self, const char *vnf, const char *what, const json_t *args, bool act,
	json_t **answer, struct err *err)
{
	char path[QUERY_SIZE], id[256], name[128], value[QUERY_SIZE / 2];
	const char *member, *before = "?";
	json_t *text;
	escape(id, sizeof(id), vnf);
	escape(name, sizeof(name), what);
	size_t len = snprintf(
		path, sizeof(path), "/v1/vnfs/%s/%s/%s", id, act ? "act" : "query", name);
	if (act)
		return ask(self, "POST", path, args, answer, err);
	json_object_foreach ((json_t *)args, member, text) {
		escape(name, sizeof(name), member);
		escape(value, sizeof(value), json_string_value(text));
		if (len + strlen(name) + strlen(value) + 3 > sizeof(path))
			return err_set(err, ERR_TOO_LARGE, member, NULL,
				"the question is too long");
		len += snprintf(
			path + len, sizeof(path) - len, "%s%s=%s", before, name, value);
		before = "&";
	}
	return ask(self, "GET", path, NULL, answer, err);
}

static int
remote_audit(void *self, json_t **audit, struct err *err)
{
	return ask(self, "GET", "/v1/audit", NULL, audit, err);
}

static int
remote_events(
	void *self, uint64_t after, unsigned wait_ms, json_t **events, struct err *err)
{
	char path[PATH_SIZE];
	snprintf(path, sizeof(path), "/v1/events?after=%" PRIu64 "&wait=%u", after,
		wait_ms);
	return ask(self, "GET", path, NULL, events, err);
}

static void
remote_close(void *self)
{
	conns_close(self);
}

/* A request whose answer is JSON. */
static int
ask(struct conns *conns, const char *method, const char *path, const json_t *body,
	json_t **json, struct err *err)
{
	struct client_answer answer = {0};
	int rc = call(conns, method, path, body, &answer, err);
	if (!rc && !answer.json)
		rc = err_set(err, ERR_INTERNAL, NULL, NULL,
			"the vnfm's answer to %s %s is no JSON", method, path);
	if (!rc && json)
		*json = json_incref(answer.json);
	client_answer_clear(&answer);
	return rc;
}

static int
call(struct conns *conns, const char *method, const char *path, const json_t *body,
	struct client_answer *answer, struct err *err)
{
	struct client *client;
	struct err failure = {0};
	int rc = conns_take(conns, &client, err);
	if (rc)
		return rc;
	client_set_timeout(client, body ? CHANGE_MS : ASK_MS);
	rc = client_json(client, method, path, body, answer, &failure);
	conns_give(conns, client, failure.code == ERR_UNAVAILABLE);
	if (failure.code == ERR_UNAVAILABLE && !*failure.hint)
		snprintf(failure.hint, sizeof(failure.hint),
			"is renga-vnfm running? renga status says so");
	if (rc && err)
		*err = failure;
	return rc;
}

static const char *
item_path(char *path, enum vnfm_kind kind, const char *id, const char *query)
{
	char escaped[256];
	escape(escaped, sizeof(escaped), id);
	snprintf(path, PATH_SIZE, "/v1/%s/%s%s", collections[kind], escaped, query);
	return path;
}

static void
escape(char *to, size_t size, const char *id)
{
	size_t n = 0;
	for (; *id && n + 4 < size; id++) {
		const unsigned char c = (unsigned char)*id;
		if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
			(c >= '0' && c <= '9') || strchr("-._~", c))
			to[n++] = (char)c;
		else
			n += (size_t)snprintf(to + n, size - n, "%%%02X", c);
	}
	to[n] = '\0';
}
