/* webhook.c: see webhook.h. */
#include "api/webhook/webhook.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "api/client/client.h"
#include "api/problem/problem.h"
#include "api/webhook/token_cache.h"

#define TIMEOUT_MS 3000
#define SERVER_MAX 256
#define KEY_SIZE   (2 * crypto_generichash_BYTES + 1)

static int probe(
	void *self, const char *uri, const json_t *authentication, struct err *err);
static int post(void *self, const char *uri, const json_t *authentication,
	const json_t *body, struct err *err);

const struct courier_driver webhook_driver = {probe, post};

struct webhook {
	struct token_cache *tokens;
};

struct call {
	const char *uri, *method;
	const json_t *authentication, *body;
};

static int call(struct webhook *webhook, const struct call *asked, unsigned *status,
	struct err *err);
static int send(
	const struct call *asked, const char *token, unsigned *status, struct err *err);
static void key_of(const json_t *params, char key[KEY_SIZE]);
static int64_t now_ms(void);
static const json_t *params_of(
	const json_t *authentication, const char *type, const char *member);
static const char *path_of(const char *uri, char server[SERVER_MAX]);
static int get_token(struct webhook *webhook, const json_t *params, char **token,
	bool *kept, struct err *err);
static int fetch_token(
	const json_t *params, char **token, int64_t *expires_s, struct err *err);
static const char *text(const json_t *object, const char *member);

struct webhook *
webhook_create(void)
{
	struct webhook *webhook = calloc(1, sizeof(*webhook));
	if (webhook)
		webhook->tokens = token_cache_create();
	if (webhook && webhook->tokens)
		return webhook;
	free(webhook);
	return NULL;
}

void
webhook_destroy(struct webhook *webhook)
{
	if (!webhook)
		return;
	token_cache_destroy(webhook->tokens);
	free(webhook);
}

static int
probe(void *self, const char *uri, const json_t *authentication, struct err *err)
{
	unsigned status = 0;
	struct err why;
	const struct call get = {uri, "GET", authentication, NULL};
	int rc = call(self, &get, &status, &why);
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
	json_t *told = json_copy((json_t *)body);
	const struct call asked = {uri, "POST", authentication, told};
	problem_of_error(told);
	int rc = call(self, &asked, &status, err);
	json_decref(told);
	return rc;
}

/* *status: 0 without an answer. A token that was kept and is not taken any more is asked
 * for anew, once. */
static int
call(struct webhook *webhook, const struct call *asked, unsigned *status, struct err *err)
{
	const json_t *oauth2 = params_of(asked->authentication,
		"OAUTH2_CLIENT_CREDENTIALS", "paramsOauth2ClientCredentials");
	char *token = NULL, key[KEY_SIZE];
	bool kept = false;
	*status = 0;
	int rc = oauth2 ? get_token(webhook, oauth2, &token, &kept, err) : 0;
	if (!rc)
		rc = send(asked, token, status, err);
	if (rc && kept && *status == 401) {
		key_of(oauth2, key);
		token_cache_drop(webhook->tokens, key);
		free(token);
		token = NULL;
		*status = 0;
		rc = get_token(webhook, oauth2, &token, &kept, err);
		if (!rc)
			rc = send(asked, token, status, err);
	}
	free(token);
	return rc;
}

static int
send(const struct call *asked, const char *token, unsigned *status, struct err *err)
{
	const json_t *basic = params_of(asked->authentication, "BASIC", "paramsBasic");
	struct client_answer answer = {0};
	struct client *client = NULL;
	char server[SERVER_MAX];
	const char *path = path_of(asked->uri, server);
	const struct client_config config = {.server = server,
		.user = text(basic, "userName"),
		.password = text(basic, "password"),
		.token = token,
		.timeout_ms = TIMEOUT_MS};
	int rc = path ? client_open(&config, &client, err)
		      : err_set(err, ERR_INVALID, "callbackUri", NULL,
				"this URI is too long");
	if (!rc) {
		rc = client_json(client, asked->method, path, asked->body, &answer, err);
		*status = answer.status;
	}
	client_answer_clear(&answer);
	client_close(client);
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

/* *kept: it is one from before. */
static int
get_token(struct webhook *webhook, const json_t *params, char **token, bool *kept,
	struct err *err)
{
	char key[KEY_SIZE];
	int64_t expires_s = 0;
	key_of(params, key);
	*token = token_cache_get(webhook->tokens, key, now_ms());
	*kept = *token != NULL;
	if (*kept)
		return 0;
	int rc = fetch_token(params, token, &expires_s, err);
	if (!rc)
		token_cache_put(webhook->tokens, key, *token, expires_s, now_ms());
	return rc;
}

/* Whoever asks with another password has another token. */
static void
key_of(const json_t *params, char key[KEY_SIZE])
{
	unsigned char hash[crypto_generichash_BYTES];
	char *all = json_dumps(params, JSON_COMPACT | JSON_SORT_KEYS);
	crypto_generichash(hash, sizeof(hash), (const unsigned char *)(all ? all : ""),
		all ? strlen(all) : 0, NULL, 0);
	sodium_bin2hex(key, KEY_SIZE, hash, sizeof(hash));
	free(all);
}

static int
fetch_token(const json_t *params, char **token, int64_t *expires_s, struct err *err)
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
	if (!rc) {
		*token = strdup(got);
		*expires_s =
			json_integer_value(json_object_get(answer.json, "expires_in"));
	}
	client_answer_clear(&answer);
	client_close(client);
	return rc;
}

static const char *
text(const json_t *object, const char *member)
{
	return json_string_value(json_object_get(object, member));
}

static int64_t
now_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}
