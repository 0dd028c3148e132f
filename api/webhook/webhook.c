/* webhook.c: see webhook.h. */
#include "api/webhook/webhook.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "api/client/client.h"

#define TIMEOUT_MS 3000
#define SERVER_MAX 256

static int probe(
	void *self, const char *uri, const json_t *authentication, struct err *err);
static int post(void *self, const char *uri, const json_t *authentication,
	const json_t *body, struct err *err);

const struct courier_driver webhook_driver = {probe, post};

static int call(const char *uri, const json_t *authentication, const char *method,
	const json_t *body, unsigned *status, struct err *err);
static const json_t *params_of(
	const json_t *authentication, const char *type, const char *member);
static const char *path_of(const char *uri, char server[SERVER_MAX]);
static int fetch_token(const json_t *params, char **token, struct err *err);
static const char *text(const json_t *object, const char *member);

static int
probe(void *self, const char *uri, const json_t *authentication, struct err *err)
{
	unsigned status = 0;
	struct err why;
	(void)self;
	int rc = call(uri, authentication, "GET", NULL, &status, &why);
	if (status == 204)
		return 0;
	if (status)
		return err_set(err, ERR_INVALID, "callbackUri",
			"it has to answer a GET with 204",
			"the test of the callback was answered with %u", status);
	return rc ? err_set(err, ERR_INVALID, "callbackUri",
			    "it has to answer a GET with 204",
			    "the test of the callback failed: %s", why.text)
		  : 0;
}

static int
post(void *self, const char *uri, const json_t *authentication, const json_t *body,
	struct err *err)
{
	unsigned status;
	(void)self;
	return call(uri, authentication, "POST", body, &status, err);
}

/* *status: 0 without an answer. */
static int
call(const char *uri, const json_t *authentication, const char *method,
	const json_t *body, unsigned *status, struct err *err)
{
	const json_t *basic = params_of(authentication, "BASIC", "paramsBasic");
	const json_t *oauth2 = params_of(authentication, "OAUTH2_CLIENT_CREDENTIALS",
		"paramsOauth2ClientCredentials");
	struct client_answer answer = {0};
	struct client *client = NULL;
	char server[SERVER_MAX], *token = NULL;
	const char *path = path_of(uri, server);
	int rc = path ? 0
		      : err_set(err, ERR_INVALID, "callbackUri", NULL,
				"this URI is too long");
	*status = 0;
	if (!rc && oauth2)
		rc = fetch_token(oauth2, &token, err);
	const struct client_config config = {.server = server,
		.user = text(basic, "userName"),
		.password = text(basic, "password"),
		.token = token,
		.timeout_ms = TIMEOUT_MS};
	if (!rc)
		rc = client_open(&config, &client, err);
	if (!rc) {
		rc = client_json(client, method, path, body, &answer, err);
		*status = answer.status;
	}
	client_answer_clear(&answer);
	client_close(client);
	free(token);
	return rc;
}

/* Of the first way that the subscriber names: what was checked when he subscribed. */
static const json_t *
params_of(const json_t *authentication, const char *type, const char *member)
{
	const char *first = json_string_value(
		json_array_get(json_object_get(authentication, "authType"), 0));
	return first && strcmp(first, type) == 0 ? json_object_get(authentication, member)
						 : NULL;
}

/* What follows scheme, host and port, which are copied; null: they are too long. */
static const char *
path_of(const char *uri, char server[SERVER_MAX])
{
	const char *host = strstr(uri, "://");
	const char *path = host ? strchr(host + 3, '/') : NULL;
	const size_t len = path ? (size_t)(path - uri) : strlen(uri);
	if (len >= SERVER_MAX)
		return NULL;
	memcpy(server, uri, len);
	server[len] = '\0';
	return path ? path : "/";
}

static int
fetch_token(const json_t *params, char **token, struct err *err)
{
	static const char form[] = "grant_type=client_credentials";
	struct client_answer answer = {0};
	struct client *client = NULL;
	char server[SERVER_MAX];
	const char *path = path_of(text(params, "tokenEndpoint"), server);
	const struct client_config config = {.server = server,
		.user = text(params, "clientId"),
		.password = text(params, "clientPassword"),
		.timeout_ms = TIMEOUT_MS};
	int rc = path ? client_open(&config, &client, err)
		      : err_set(err, ERR_INVALID, "tokenEndpoint", NULL,
				"this URI is too long");
	if (!rc)
		rc = client_data(client, "POST", path,
			"application/x-www-form-urlencoded", form, strlen(form), &answer,
			err);
	const char *got = text(answer.json, "access_token");
	if (!rc && !got)
		rc = err_set(err, ERR_INVALID, "tokenEndpoint", NULL,
			"the answer of the token endpoint has no access_token");
	if (!rc)
		*token = strdup(got);
	client_answer_clear(&answer);
	client_close(client);
	return rc;
}

static const char *
text(const json_t *object, const char *member)
{
	return json_string_value(json_object_get(object, member));
}
