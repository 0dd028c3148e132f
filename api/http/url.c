/* url.c: splitting first, decoding each part after, so that an escaped slash stays in its
 * segment. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <jansson.h>
#include "api/http/url.h"

static int parse_path(char *path, struct url *url, struct err *err);
static int parse_args(char *query, struct url *url, struct err *err);
static int join_path(struct url *url, struct err *err);
static int decode(char *text, bool plus_is_space, struct err *err);
static bool is_utf8(const char *text);
static int hex_digit(char c);

int
url_parse(const char *target, struct url *url, struct err *err)
{
	memset(url, 0, sizeof(*url));
	if (target[0] != '/')
		return err_set(err, ERR_MALFORMED, NULL,
			"a request target starts with '/'",
			"the request target is no path");
	url->text = strdup(target);
	if (url->text == NULL)
		return err_set(err, ERR_INTERNAL, NULL, NULL, "out of memory");
	char *query = strchr(url->text, '?');
	if (query != NULL)
		*query++ = '\0';
	int rc = parse_path(url->text, url, err);
	if (rc == 0 && query != NULL)
		rc = parse_args(query, url, err);
	if (rc == 0)
		rc = join_path(url, err);
	if (rc != 0)
		url_clear(url);
	return rc;
}

const char *
url_arg(const struct url *url, const char *name)
{
	for (unsigned i = 0; i < url->n_args; i++)
		if (strcmp(url->args[i].name, name) == 0)
			return url->args[i].value;
	return NULL;
}

void
url_clear(struct url *url)
{
	free(url->path);
	free(url->text);
	memset(url, 0, sizeof(*url));
}

char *
url_encode(const char *text)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789-._~";
	char *encoded = malloc(3 * strlen(text) + 1);
	if (encoded == NULL)
		return NULL;
	char *out = encoded;
	for (; *text != '\0'; text++) {
		if (strchr(plain, *text) != NULL)
			*out++ = *text;
		else
			out += sprintf(out, "%%%02X", (unsigned char)*text);
	}
	*out = '\0';
	return encoded;
}

static int
parse_path(char *path, struct url *url, struct err *err)
{
	char *save = NULL;
	for (char *s = strtok_r(path, "/", &save); s != NULL;
		s = strtok_r(NULL, "/", &save)) {
		if (url->n_segments == URL_MAX_SEGMENTS)
			return err_set(err, ERR_MALFORMED, NULL, NULL,
				"the path has more than %d segments", URL_MAX_SEGMENTS);
		int rc = decode(s, false, err);
		if (rc != 0)
			return rc;
		url->segments[url->n_segments++] = s;
	}
	return 0;
}

static int
parse_args(char *query, struct url *url, struct err *err)
{
	char *save = NULL;
	for (char *s = strtok_r(query, "&", &save); s != NULL;
		s = strtok_r(NULL, "&", &save)) {
		if (url->n_args == URL_MAX_ARGS)
			return err_set(err, ERR_MALFORMED, NULL, NULL,
				"the query has more than %d arguments", URL_MAX_ARGS);
		char *value = strchr(s, '=');
		if (value != NULL)
			*value++ = '\0';
		int rc = decode(s, true, err);
		if (rc == 0 && value != NULL)
			rc = decode(value, true, err);
		if (rc != 0)
			return rc;
		url->args[url->n_args++] =
			(struct url_arg){.name = s, .value = value != NULL ? value : ""};
	}
	return 0;
}

static int
join_path(struct url *url, struct err *err)
{
	size_t size = 2;
	for (unsigned i = 0; i < url->n_segments; i++)
		size += strlen(url->segments[i]) + 1;
	url->path = malloc(size);
	if (url->path == NULL)
		return err_set(err, ERR_INTERNAL, NULL, NULL, "out of memory");
	char *out = url->path;
	for (unsigned i = 0; i < url->n_segments; i++) {
		*out++ = '/';
		out = stpcpy(out, url->segments[i]);
	}
	if (url->n_segments == 0)
		*out++ = '/';
	*out = '\0';
	return 0;
}

/* In place. */
static int
decode(char *text, bool plus_is_space, struct err *err)
{
	char *out = text;
	for (const char *in = text; *in != '\0'; in++) {
		if (*in == '+' && plus_is_space) {
			*out++ = ' ';
			continue;
		}
		if (*in != '%') {
			*out++ = *in;
			continue;
		}
		int high = hex_digit(in[1]);
		int low = high < 0 ? -1 : hex_digit(in[2]);
		if (low < 0 || (high == 0 && low == 0))
			return err_set(err, ERR_MALFORMED, NULL, "'%' is written %25",
				"the request target holds a bad escape");
		*out++ = (char)(high << 4 | low);
		in += 2;
	}
	*out = '\0';
	return is_utf8(text) ? 0
			     : err_set(err, ERR_MALFORMED, NULL, NULL,
				       "the request target is not UTF-8");
}

static bool
is_utf8(const char *text)
{
	json_t *string = json_string(text);
	json_decref(string);
	return string != NULL;
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}
