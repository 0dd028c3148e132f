/* client.c: libcurl's easy interface, one handle per client. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <pthread.h>
#include <curl/curl.h>
#include "api/client/answer.h"
#include "common/json_text.h"

#define TIMEOUT_MS	  30000
#define CONNECT_MS	  5000
#define MORE_BYTES_PER_MS 256	       /* a body of megabytes takes time to be judged */
#define MAX_ANSWER	  (256u << 20) /* bytes */

struct client {
	CURL *curl;
	char *base; /* "http://127.0.0.1:9080", no slash at the end */
	char *unix_path;
	char *bearer; /* header line; null: none */
	char *user, *password, *ca_file;
	unsigned timeout_ms;
};

struct exchange { /* one request and what comes back */
	struct client_answer *answer;
	size_t room;
	bool too_large;
	client_stream_cb *stream; /* of the body; null: it is collected */
	void *stream_arg;
	const char *last_id; /* of the events of a stream; null: none */
	bool stream_ended;
	CURL *curl;
};

static void init_curl(void);
static int set_server(struct client *client, const char *server, struct err *err);
static int copy_config(
	struct client *client, const struct client_config *config, struct err *err);
static int exchange(struct client *client, const char *method, const char *path,
	const char *content_type, const void *data, size_t len, struct exchange *ex,
	struct err *err);
static struct curl_slist *make_headers(
	const struct client *client, const char *content_type, const struct exchange *ex);
static void set_request(
	struct client *client, const char *method, const void *data, size_t len);
static size_t on_body(char *data, size_t size, size_t n, void *arg);
static size_t on_header(char *line, size_t size, size_t n, void *arg);
static int curl_failed(const struct client *client, CURLcode code,
	const struct exchange *ex, struct err *err);

int
client_open(const struct client_config *config, struct client **out, struct err *err)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	pthread_once(&once, init_curl);
	struct client *client = calloc(1, sizeof(*client));
	if (client == NULL)
		return err_sys(err, ENOMEM, "cannot make a client");
	client_set_timeout(client, config->timeout_ms);
	int rc = set_server(client, config->server, err);
	if (rc == 0)
		rc = copy_config(client, config, err);
	if (rc != 0) {
		client_close(client);
		return rc;
	}
	*out = client;
	return 0;
}

void
client_set_timeout(struct client *client, unsigned timeout_ms)
{
	client->timeout_ms = timeout_ms != 0 ? timeout_ms : TIMEOUT_MS;
}

void
client_close(struct client *client)
{
	if (client == NULL)
		return;
	curl_easy_cleanup(client->curl);
	if (client->bearer != NULL)
		explicit_bzero(client->bearer, strlen(client->bearer));
	if (client->password != NULL)
		explicit_bzero(client->password, strlen(client->password));
	free(client->bearer);
	free(client->password);
	free(client->user);
	free(client->ca_file);
	free(client->base);
	free(client->unix_path);
	free(client);
}

int
client_json(struct client *client, const char *method, const char *path,
	const json_t *body, struct client_answer *answer, struct err *err)
{
	char *text = NULL;
	size_t len = 0;
	if (body != NULL) {
		text = json_text_write(body, &len);
		if (text == NULL)
			return err_sys(err, ENOMEM, "cannot print the request");
	}
	int rc = client_data(client, method, path,
		text != NULL ? "application/json" : NULL, text, len, answer, err);
	free(text);
	return rc;
}

int
client_data(struct client *client, const char *method, const char *path,
	const char *content_type, const void *data, size_t len,
	struct client_answer *answer, struct err *err)
{
	struct client_answer own = {0};
	struct exchange ex = {.answer = answer != NULL ? answer : &own};
	*ex.answer = own;
	int rc = exchange(client, method, path, content_type, data, len, &ex, err);
	if (rc == 0)
		rc = answer_judge(ex.answer, err);
	if (answer == NULL)
		client_answer_clear(&own);
	return rc;
}

int
client_stream(struct client *client, const char *path, const char *last_id,
	client_stream_cb *cb, void *arg, struct err *err)
{
	struct client_answer answer = {0};
	struct exchange ex = {
		.answer = &answer, .stream = cb, .stream_arg = arg, .last_id = last_id};
	int rc = exchange(client, "GET", path, NULL, NULL, 0, &ex, err);
	if (rc == 0)
		rc = answer_judge(&answer, err);
	client_answer_clear(&answer);
	return rc;
}

static void
init_curl(void)
{
	curl_global_init(CURL_GLOBAL_DEFAULT);
}

static int
set_server(struct client *client, const char *server, struct err *err)
{
	bool is_unix = strncmp(server, "unix:", 5) == 0;
	if (!is_unix && strncmp(server, "http://", 7) != 0 &&
		strncmp(server, "https://", 8) != 0)
		return err_set(err, ERR_INVALID, "server",
			"write http://HOST:PORT, https://HOST:PORT or unix:PATH",
			"'%s' is no server address", server);
	client->curl = curl_easy_init();
	client->base = strdup(is_unix ? "http://localhost" : server);
	client->unix_path = is_unix ? strdup(server + 5) : NULL;
	if (client->curl == NULL || client->base == NULL ||
		(is_unix && client->unix_path == NULL))
		return err_sys(err, ENOMEM, "cannot make a client");
	for (size_t len = strlen(client->base); len > 0 && client->base[len - 1] == '/';)
		client->base[--len] = '\0';
	return 0;
}

static int
copy_config(struct client *client, const struct client_config *config, struct err *err)
{
	const struct {
		const char *from;
		char **to;
	} texts[] = {
		{config->user, &client->user},
		{config->password, &client->password},
		{config->ca_file, &client->ca_file},
	};
	bool copied = true;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (texts[i].from != NULL)
			copied = (*texts[i].to = strdup(texts[i].from)) != NULL && copied;
	if (config->token != NULL && asprintf(&client->bearer, "Authorization: Bearer %s",
					     config->token) < 0) {
		client->bearer = NULL;
		copied = false;
	}
	return copied ? 0 : err_sys(err, ENOMEM, "cannot make a client");
}

static int
exchange(struct client *client, const char *method, const char *path,
	const char *content_type, const void *data, size_t len, struct exchange *ex,
	struct err *err)
{
	char *url;
	if (asprintf(&url, "%s%s%s", client->base, path[0] == '/' ? "" : "/", path) < 0)
		return err_sys(err, ENOMEM, "cannot send a request");
	struct curl_slist *headers = make_headers(client, content_type, ex);
	CURL *curl = client->curl;
	curl_easy_reset(curl); /* keeps the connection */
	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, ex);
	curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(curl, CURLOPT_HEADERDATA, ex);
	if (ex->stream == NULL)
		curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS,
			(long)(client->timeout_ms + len / MORE_BYTES_PER_MS));
	set_request(client, method, data, len);
	ex->curl = curl;
	CURLcode code = curl_easy_perform(curl);
	long status = 0;
	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	ex->answer->status = (unsigned)status;
	curl_slist_free_all(headers);
	free(url);
	if (code != CURLE_OK && !ex->stream_ended)
		return curl_failed(client, code, ex, err);
	return 0;
}

static struct curl_slist *
make_headers(
	const struct client *client, const char *content_type, const struct exchange *ex)
{
	struct curl_slist *list = curl_slist_append(NULL, "Expect:");
	char line[256];
	snprintf(line, sizeof(line), "Content-Type:%s%s", content_type != NULL ? " " : "",
		content_type != NULL ? content_type : "");
	list = curl_slist_append(list, line);
	if (client->bearer != NULL)
		list = curl_slist_append(list, client->bearer);
	if (ex->stream != NULL)
		list = curl_slist_append(list, "Accept: text/event-stream");
	snprintf(line, sizeof(line), "Last-Event-ID: %s",
		ex->last_id != NULL ? ex->last_id : "");
	if (ex->last_id != NULL)
		list = curl_slist_append(list, line);
	return list;
}

static void
set_request(struct client *client, const char *method, const void *data, size_t len)
{
	CURL *curl = client->curl;
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS);
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method);
	if (strcmp(method, "HEAD") == 0)
		curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
	if (client->unix_path != NULL)
		curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, client->unix_path);
	if (client->ca_file != NULL)
		curl_easy_setopt(curl, CURLOPT_CAINFO, client->ca_file);
	if (client->user != NULL) {
		curl_easy_setopt(curl, CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC);
		curl_easy_setopt(curl, CURLOPT_USERNAME, client->user);
		curl_easy_setopt(curl, CURLOPT_PASSWORD,
			client->password != NULL ? client->password : "");
	}
	if (data != NULL || strcmp(method, "POST") == 0 || strcmp(method, "PUT") == 0) {
		curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)len);
		curl_easy_setopt(curl, CURLOPT_POSTFIELDS, data != NULL ? data : "");
	}
}

static size_t
on_body(char *data, size_t size, size_t n, void *arg)
{
	struct exchange *ex = arg;
	struct client_answer *answer = ex->answer;
	size_t len = size * n;
	long status = 0;
	curl_easy_getinfo(ex->curl, CURLINFO_RESPONSE_CODE, &status);
	if (ex->stream != NULL && status / 100 == 2) {
		ex->stream_ended = !ex->stream(data, len, ex->stream_arg);
		return ex->stream_ended ? 0 : len;
	}
	if (answer->text_len + len >= MAX_ANSWER) {
		ex->too_large = true;
		return 0;
	}
	if (answer->text_len + len >= ex->room) {
		size_t room = 2 * (answer->text_len + len) + 1024;
		char *text = realloc(answer->text, room);
		if (text == NULL)
			return 0;
		answer->text = text;
		ex->room = room;
	}
	memcpy(answer->text + answer->text_len, data, len);
	answer->text_len += len;
	answer->text[answer->text_len] = '\0';
	return len;
}

static size_t
on_header(char *line, size_t size, size_t n, void *arg)
{
	struct exchange *ex = arg;
	const struct {
		const char *name;
		char **to;
	} wanted[] = {
		{"location:", &ex->answer->location},
		{"etag:", &ex->answer->etag},
		{"link:", &ex->answer->link},
		{"content-type:", &ex->answer->content_type},
	};
	size_t len = size * n;
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		size_t name_len = strlen(wanted[i].name);
		if (len < name_len || strncasecmp(line, wanted[i].name, name_len) != 0)
			continue;
		size_t from = name_len, to = len;
		while (from < to && strchr(" \t", line[from]) != NULL)
			from++;
		while (to > from && strchr(" \t\r\n", line[to - 1]) != NULL)
			to--;
		free(*wanted[i].to);
		*wanted[i].to = strndup(line + from, to - from);
	}
	return len;
}

static int
curl_failed(const struct client *client, CURLcode code, const struct exchange *ex,
	struct err *err)
{
	const char *server = client->unix_path != NULL ? client->unix_path : client->base;
	if (ex->too_large)
		return err_set(err, ERR_TOO_LARGE, NULL, NULL,
			"the answer of %s is larger than %u MiB", server,
			MAX_ANSWER >> 20);
	if (code == CURLE_OPERATION_TIMEDOUT)
		return err_set(err, ERR_TIMEOUT, NULL, NULL,
			"%s did not answer within %u ms", server, client->timeout_ms);
	return err_set(err, ERR_UNAVAILABLE, NULL,
		"is it running, and is this its address?", "cannot reach %s: %s", server,
		curl_easy_strerror(code));
}
