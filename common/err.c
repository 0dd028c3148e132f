/* err.c: errors that a person will read: one table of codes, and how an error is filled
 * and carried. */
#include "common/err.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define TEXT_SIZE sizeof(((struct err *)0)->text)

static const struct {
	const char *name;
	int error;
} codes[ERR_CODES] = {
	[ERR_NONE] = {"none", EIO},
	[ERR_MALFORMED] = {"malformed", EBADMSG},
	[ERR_INVALID] = {"invalid", EINVAL},
	[ERR_NOT_FOUND] = {"not-found", ENOENT},
	[ERR_EXISTS] = {"exists", EEXIST},
	[ERR_STATE] = {"state", EBUSY},
	[ERR_PRECONDITION] = {"precondition", ESTALE},
	[ERR_UNAUTHENTICATED] = {"unauthenticated", EACCES},
	[ERR_FORBIDDEN] = {"forbidden", EPERM},
	[ERR_NO_RESOURCE] = {"no-resource", ENOSPC},
	[ERR_NO_SPACE] = {"no-space", EDQUOT},
	[ERR_TOO_LARGE] = {"too-large", EMSGSIZE},
	[ERR_UNSUPPORTED] = {"unsupported", ENOTSUP},
	[ERR_UNAVAILABLE] = {"unavailable", ECONNREFUSED},
	[ERR_TIMEOUT] = {"timeout", ETIMEDOUT},
	[ERR_INTERNAL] = {"internal", EIO},
};

static const char *member(const json_t *json, const char *name);
static void copy(char *to, size_t size, const char *from);
static void make_utf8(char *text);
static size_t utf8_len(const unsigned char *text);

int
err_set(struct err *err, enum err_code code, const char *path, const char *hint,
	const char *fmt, ...)
{
	if (err) {
		char text[TEXT_SIZE]; /* the arguments may point into err */
		va_list args;
		va_start(args, fmt);
		vsnprintf(text, sizeof(text), fmt, args);
		va_end(args);
		err->code = code;
		copy(err->path, sizeof(err->path), path);
		copy(err->hint, sizeof(err->hint), hint);
		copy(err->text, sizeof(err->text), text);
	}
	return err_errno(code);
}

int
err_sys(struct err *err, int error, const char *fmt, ...)
{
	char what[TEXT_SIZE], why[128];
	va_list args;
	va_start(args, fmt);
	vsnprintf(what, sizeof(what), fmt, args);
	va_end(args);
	const bool full = error == ENOSPC || error == EDQUOT;
	return err_set(err, full ? ERR_NO_SPACE : ERR_INTERNAL, NULL,
		full ? "free some space" : NULL, "%s: %s", what,
		strerror_r(error, why, sizeof(why)));
}

void
err_prefix(struct err *err, const char *prefix)
{
	if (!err || !prefix || !*prefix)
		return;
	char joined[2 * sizeof(err->path)];
	const bool dot = *err->path && *err->path != '[';
	snprintf(joined, sizeof(joined), "%s%s%s", prefix, dot ? "." : "", err->path);
	copy(err->path, sizeof(err->path), joined);
}

int
err_errno(enum err_code code)
{
	assert(code < ERR_CODES);
	return -codes[code].error;
}

const char *
err_code_name(enum err_code code)
{
	assert(code < ERR_CODES);
	return codes[code].name;
}

enum err_code
err_code_from_name(const char *name)
{
	for (int i = 0; name && i < ERR_CODES; i++)
		if (strcmp(codes[i].name, name) == 0)
			return i;
	return ERR_INTERNAL;
}

json_t *
err_to_json(const struct err *err)
{
	return json_pack("{s:s, s:s, s:s, s:s}", "code", err_code_name(err->code), "path",
		err->path, "text", err->text, "hint", err->hint);
}

void
err_from_json(struct err *err, const json_t *json)
{
	const char *text = member(json, "text");
	if (!err)
		return;
	err->code = err_code_from_name(member(json, "code"));
	if (err->code == ERR_NONE)
		err->code = ERR_INTERNAL;
	copy(err->path, sizeof(err->path), member(json, "path"));
	copy(err->text, sizeof(err->text),
		text ? text : "the peer told an error without a text");
	copy(err->hint, sizeof(err->hint), member(json, "hint"));
}

static const char *
member(const json_t *json, const char *name)
{
	return json_string_value(json_object_get(json, name));
}

static void
copy(char *to, size_t size, const char *from)
{
	if (from == to)
		return;
	snprintf(to, size, "%s", from ? from : "");
	make_utf8(to);
}

/* What is no UTF-8 (a file name, a character that was cut) becomes '?', since JSON
 * refuses it. */
static void
make_utf8(char *text)
{
	while (*text) {
		const size_t len = utf8_len((const unsigned char *)text);
		if (!len)
			*text = '?';
		text += len ? len : 1;
	}
}

/* Bytes of the character at text, 0 if it is none. Overlong forms and surrogates are none
 * (RFC 3629). */
static size_t
utf8_len(const unsigned char *text)
{
	const unsigned c = text[0], next = text[1];
	const size_t len = c < 0x80   ? 1
			   : c < 0xc2 ? 0
			   : c < 0xe0 ? 2
			   : c < 0xf0 ? 3
			   : c < 0xf5 ? 4
				      : 0;
	if ((c == 0xe0 && next < 0xa0) || (c == 0xed && next > 0x9f) ||
		(c == 0xf0 && next < 0x90) || (c == 0xf4 && next > 0x8f))
		return 0;
	for (size_t i = 1; i < len; i++)
		if ((text[i] & 0xc0) != 0x80)
			return 0;
	return len;
}
