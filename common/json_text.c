/* json_text.c: see json_text.h. */
#include "common/json_text.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "common/json_heap.h"

#define DEPTH_MAX  64
#define DIGITS_MAX 18 /* fit into 64 bits whatever they are */
#define ROOM_MIN   256
#define LARGE	   (1u << 20) /* bytes of text */

struct reader {
	const char *at, *end;
	unsigned depth;
	bool reject_duplicates;
};

struct span { /* of text, inside quotes */
	const char *text;
	size_t len;
	bool plain; /* as it stands */
};

/* Null of each: it is wrong, or jansson knows. */
static json_t *read_value(struct reader *r);
static json_t *read_object(struct reader *r);
static json_t *read_array(struct reader *r);
static json_t *read_string(struct reader *r);
static json_t *read_number(struct reader *r);
static json_t *read_word(struct reader *r, const char *word, json_t *value);
static bool read_member(struct reader *r, json_t *object);
static bool set_member(
	struct reader *r, json_t *object, const struct span *key, json_t *value);
static bool read_span(struct reader *r, struct span *span);
static json_t *string_of(const struct span *span);
static char next(struct reader *r);
static bool take(struct reader *r, char c);
static const char *skip_plain(const char *at, const char *end);
static uint64_t find_odd(const char *at);

/* ---- reading ----------------------------------------------------------------------- */

json_t *
json_text_read(const char *text, size_t len, size_t flags, json_error_t *where)
{
	struct reader r = {.at = text,
		.end = text + len,
		.reject_duplicates = (flags & JSON_REJECT_DUPLICATES) != 0};
	const char first = next(&r);
	json_t *json = NULL;

	if (len >= LARGE)
		json_heap_begin();
	if (first == '{' || first == '[')
		json = read_value(&r);
	json_heap_end();
	if (json != NULL && next(&r) == '\0' && r.at == r.end)
		return json;
	json_decref(json);
	return json_loadb(text, len, flags, where);
}

static json_t *
read_value(struct reader *r)
{
	json_t *value = NULL;

	switch (next(r)) {
	case '"':
		return read_string(r);
	case '{':
		if (r->depth++ < DEPTH_MAX)
			value = read_object(r);
		r->depth--;
		return value;
	case '[':
		if (r->depth++ < DEPTH_MAX)
			value = read_array(r);
		r->depth--;
		return value;
	case 't':
		return read_word(r, "true", json_true());
	case 'f':
		return read_word(r, "false", json_false());
	case 'n':
		return read_word(r, "null", json_null());
	default:
		return read_number(r);
	}
}

static json_t *
read_object(struct reader *r)
{
	json_t *object = json_object();

	r->at++;
	if (take(r, '}'))
		return object;
	while (read_member(r, object)) {
		if (take(r, '}'))
			return object;
		if (!take(r, ','))
			break;
	}
	json_decref(object);
	return NULL;
}

static bool
read_member(struct reader *r, json_t *object)
{
	struct span key;

	if (next(r) != '"' || !read_span(r, &key) || !take(r, ':'))
		return false;
	json_t *value = read_value(r);

	return value != NULL && set_member(r, object, &key, value);
}

static bool
set_member(struct reader *r, json_t *object, const struct span *key, json_t *value)
{
	const size_t n = json_object_size(object);
	int rc;

	if (key->plain) {
		rc = json_object_setn_new_nocheck(object, key->text, key->len, value);
	} else {
		json_t *name = string_of(key);

		rc = json_object_set_new(object, json_string_value(name), value);
		json_decref(name);
	}
	return rc == 0 && (json_object_size(object) > n || !r->reject_duplicates);
}

static json_t *
read_array(struct reader *r)
{
	json_t *array = json_array(), *value;

	r->at++;
	if (take(r, ']'))
		return array;
	while ((value = read_value(r)) != NULL &&
		json_array_append_new(array, value) == 0) {
		if (take(r, ']'))
			return array;
		if (!take(r, ','))
			break;
	}
	json_decref(array);
	return NULL;
}

static json_t *
read_string(struct reader *r)
{
	struct span span;

	return read_span(r, &span) ? string_of(&span) : NULL;
}

static bool
read_span(struct reader *r, struct span *span)
{
	const char *at = r->at + 1, *const end = r->end;

	*span = (struct span){.text = at, .plain = true};
	at = skip_plain(at, end);
	for (; at < end && *at != '"'; at++) {
		if (*at == '\\') {
			at++;
			span->plain = false;
		} else if ((signed char)*at < 0x20) { /* or beyond ASCII */
			span->plain = false;
		}
	}
	if (at >= end)
		return false;
	span->len = (size_t)(at - span->text);
	r->at = at + 1;
	return true;
}

static json_t *
string_of(const struct span *span)
{
	return span->plain
		       ? json_stringn_nocheck(span->text, span->len)
		       : json_loadb(span->text - 1, span->len + 2, JSON_DECODE_ANY, NULL);
}

static json_t *
read_number(struct reader *r)
{
	static const char set[] = "0123456789+-.eE";
	const char *const from = r->at;
	const bool negative = from < r->end && *from == '-';
	const char *const first = from + negative;
	const char *at = first;
	json_int_t value = 0;

	for (; at < r->end && *at >= '0' && *at <= '9' && at - first < DIGITS_MAX; at++)
		value = value * 10 + (*at - '0');
	const bool is_plain = at > first && (*first != '0' || at == first + 1);

	r->at = at;
	while (r->at < r->end && *r->at != '\0' && strchr(set, *r->at) != NULL)
		r->at++;
	if (is_plain && r->at == at)
		return json_integer(negative ? -value : value);
	return r->at > from
		       ? json_loadb(from, (size_t)(r->at - from), JSON_DECODE_ANY, NULL)
		       : NULL;
}

static json_t *
read_word(struct reader *r, const char *word, json_t *value)
{
	const size_t len = strlen(word);

	if ((size_t)(r->end - r->at) < len || memcmp(r->at, word, len) != 0)
		return NULL;
	r->at += len;
	return value;
}

/* The next character that is no white space, not taken yet; NUL: there is none. */
static char
next(struct reader *r)
{
	while (r->at < r->end &&
		(*r->at == ' ' || *r->at == '\n' || *r->at == '\t' || *r->at == '\r'))
		r->at++;
	return r->at < r->end ? *r->at : '\0';
}

static bool
take(struct reader *r, char c)
{
	if (next(r) != c)
		return false;
	r->at++;
	return true;
}

/* ---- writing ----------------------------------------------------------------------- */

struct writer {
	char *data; /* null: no memory, or something cannot be written */
	size_t len, room;
};

static void write_value(struct writer *w, const json_t *json);
static void write_object(struct writer *w, const json_t *json);
static void write_array(struct writer *w, const json_t *json);
static void write_string(
	struct writer *w, const json_t *json, const char *text, size_t len);
static void write_integer(struct writer *w, json_int_t value);
static void write_other(struct writer *w, const json_t *json);
static void put(struct writer *w, const char *data, size_t len);
static char *room_for(struct writer *w, size_t len);

char *
json_text_write(const json_t *json, size_t *len)
{
	return json_text_write_behind(0, json, len);
}

char *
json_text_write_behind(size_t head, const json_t *json, size_t *len)
{
	struct writer w = {.len = head, .room = head + ROOM_MIN};

	w.data = json != NULL ? malloc(w.room) : NULL;
	if (w.data != NULL)
		write_value(&w, json);
	put(&w, "", 1);
	if (w.data != NULL && len != NULL)
		*len = w.len - 1;
	return w.data;
}

static void
write_value(struct writer *w, const json_t *json)
{
	switch (json_typeof(json)) {
	case JSON_OBJECT:
		write_object(w, json);
		break;
	case JSON_ARRAY:
		write_array(w, json);
		break;
	case JSON_STRING:
		write_string(w, json, json_string_value(json), json_string_length(json));
		break;
	case JSON_INTEGER:
		write_integer(w, json_integer_value(json));
		break;
	case JSON_TRUE:
		put(w, "true", 4);
		break;
	case JSON_FALSE:
		put(w, "false", 5);
		break;
	default:
		write_other(w, json);
	}
}

static void
write_object(struct writer *w, const json_t *json)
{
	json_t *object = (json_t *)json;

	put(w, "{", 1);
	for (void *at = json_object_iter(object); at != NULL;) {
		write_string(
			w, NULL, json_object_iter_key(at), json_object_iter_key_len(at));
		put(w, ":", 1);
		write_value(w, json_object_iter_value(at));
		at = json_object_iter_next(object, at);
		if (at != NULL)
			put(w, ",", 1);
	}
	put(w, "}", 1);
}

static void
write_array(struct writer *w, const json_t *json)
{
	const size_t n = json_array_size(json);

	put(w, "[", 1);
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			put(w, ",", 1);
		write_value(w, json_array_get(json, i));
	}
	put(w, "]", 1);
}

/* json null: a key. */
static void
write_string(struct writer *w, const json_t *json, const char *text, size_t len)
{
	char *to;

	if (skip_plain(text, text + len) < text + len) {
		json_t *key = json == NULL ? json_stringn(text, len) : NULL;

		write_other(w, key != NULL ? key : json);
		json_decref(key);
		return;
	}
	to = room_for(w, len + 2);
	if (to == NULL)
		return;
	to[0] = '"';
	memcpy(to + 1, text, len);
	to[len + 1] = '"';
	w->len += len + 2;
}

/* ---- both -------------------------------------------------------------------------- */

#define EACH(byte) (0x0101010101010101ull * (byte))

/* The first of what may not stand inside quotes as it is, or is beyond ASCII; else end.
 */
static const char *
skip_plain(const char *at, const char *end)
{
	for (; end - at >= 8; at += 8) {
		const uint64_t odd = find_odd(at);

		if (odd != 0)
			return at + __builtin_ctzll(odd) / 8;
	}
	while (at < end && (signed char)*at >= 0x20 && *at != '"' && *at != '\\')
		at++;
	return at;
}

/* Of eight bytes: the top bit of the first odd one, and perhaps of some behind it. */
static uint64_t
find_odd(const char *at)
{
	uint64_t bytes;

	memcpy(&bytes, at, sizeof(bytes));
	const uint64_t quote = bytes ^ EACH('"'), escape = bytes ^ EACH('\\');

	return (bytes | (bytes - EACH(0x20)) | (quote - EACH(1)) | (escape - EACH(1))) &
	       EACH(0x80);
}

static void
write_integer(struct writer *w, json_int_t value)
{
	char digits[24], *first = digits + sizeof(digits);
	uint64_t rest = value < 0 ? -(uint64_t)value : (uint64_t)value;

	do
		*--first = (char)('0' + rest % 10);
	while ((rest /= 10) > 0);
	if (value < 0)
		*--first = '-';
	put(w, first, (size_t)(digits + sizeof(digits) - first));
}

char *
json_text_scalar(const json_t *scalar)
{
	const size_t flags = JSON_COMPACT | JSON_ENCODE_ANY;
	char *text = json_dumps(scalar, flags | JSON_REAL_PRECISION(15));

	for (size_t digits = 16; digits <= 17 && text != NULL && json_is_real(scalar) &&
				 strtod(text, NULL) != json_real_value(scalar);
		digits++) {
		free(text);
		text = json_dumps(scalar, flags | JSON_REAL_PRECISION(digits));
	}
	return text;
}

static void
write_other(struct writer *w, const json_t *json)
{
	char *text = json_text_scalar(json);

	if (text != NULL) {
		put(w, text, strlen(text));
		free(text);
		return;
	}
	free(w->data);
	*w = (struct writer){0};
}

static void
put(struct writer *w, const char *data, size_t len)
{
	char *to = room_for(w, len);

	if (to == NULL)
		return;
	memcpy(to, data, len);
	w->len += len;
}

/* Where the next len bytes go; null: nowhere. */
static char *
room_for(struct writer *w, size_t len)
{
	char *larger;

	if (w->data == NULL || w->room - w->len >= len)
		return w->data != NULL ? w->data + w->len : NULL;
	w->room = 2 * (w->room + len);
	larger = realloc(w->data, w->room);
	if (larger == NULL)
		free(w->data);
	w->data = larger;
	return larger != NULL ? larger + w->len : NULL;
}
