/* field_type.c: the table of types: one value of each read from JSON, checked, and
 * printed. */
#include "common/field_type.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int wrong(
	struct faults *faults, const char *path, const char *want, const json_t *json);
static int check_limits(const struct field *field, uint64_t value, const char *path,
	struct faults *faults);
static int parse_uint_text(const char *text, uint64_t *out);
static uint64_t load_uint(size_t size, const void *in);
static bool text_of(const json_t *json, char *buf, size_t size);
static const struct field_value *value_named(const struct field *field, const char *name);
static int wrong_number(const struct field *field, struct faults *faults,
	const char *path, const char *want, const json_t *json);
static void list_values(const struct field *field, char *buf, size_t size);

static int
parse_bool(const struct field *field, const json_t *json, const char *path, void *out,
	struct faults *faults)
{
	(void)field;
	if (!json_is_boolean(json))
		return wrong(faults, path, "true or false", json);
	*(bool *)out = json_is_true(json);
	return 0;
}

static json_t *
print_bool(const struct field *field, const void *in)
{
	(void)field;
	return json_boolean(*(const bool *)in);
}

static int
parse_uint(const struct field *field, const json_t *json, const char *path, void *out,
	struct faults *faults)
{
	const size_t size = field_size(field);
	const uint64_t most = size == 8 ? UINT64_MAX : (1ull << 8 * size) - 1;
	uint64_t value;
	if (json_is_integer(json) && json_integer_value(json) >= 0)
		value = json_integer_value(json);
	else if (!json_is_string(json) ||
		 parse_uint_text(json_string_value(json), &value))
		return wrong(faults, path, "a whole number, 0 or more", json);
	if (value > most)
		return faults_add(faults, ERR_INVALID, path, NULL,
			"must be at most %" PRIu64, most);
	const int rc = check_limits(field, value, path, faults);
	if (!rc)
		memcpy(out, &value, size); /* little-endian */
	return rc;
}

static int
parse_uint_text(const char *text, uint64_t *out)
{
	const bool hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
	const char *digits = hex ? text + 2 : text;
	const char *set = hex ? "0123456789abcdefABCDEF" : "0123456789";
	if (!*digits || digits[strspn(digits, set)])
		return -EINVAL;
	errno = 0;
	*out = strtoull(digits, NULL, hex ? 16 : 10);
	return errno ? -EINVAL : 0;
}

static json_t *
print_uint(const struct field *field, const void *in)
{
	const uint64_t value = load_uint(field_size(field), in);
	return value || !field->min ? field_number(FIELD_UINT, value) : NULL;
}

static uint64_t
load_uint(size_t size, const void *in)
{
	uint64_t value = 0;
	memcpy(&value, in, size);
	return value;
}

/* SIZE, RATE and DURATION differ in how text is read and in what a bare number counts. */
static int
parse_scaled(const struct field *field, const json_t *json, const char *path, void *out,
	struct faults *faults)
{
	static const struct {
		int (*parse)(const char *text, uint64_t *value);
		uint64_t unit;
		const char *want;
	} kinds[] = {
		[FIELD_SIZE] = {field_size_parse, 1, "a size like 512, 64k, 2M or 1G"},
		[FIELD_RATE] = {field_rate_parse, 1, "a rate like 500, 10k, 2M or 1G"},
		[FIELD_DURATION] = {field_duration_parse, 1000000000,
			"a duration: seconds, or like 300s, 5m, 2h4m, 50ms"},
	};
	const struct field_value *named = value_named(field, json_string_value(json));
	uint64_t value;
	if (named) {
		*(uint64_t *)out = named->value;
		return 0;
	}
	if (json_is_integer(json) && json_integer_value(json) >= 0) {
		if (__builtin_mul_overflow((uint64_t)json_integer_value(json),
			    kinds[field->type].unit, &value))
			return wrong_number(
				field, faults, path, kinds[field->type].want, json);
	} else if (!json_is_string(json) ||
		   kinds[field->type].parse(json_string_value(json), &value)) {
		return wrong_number(field, faults, path, kinds[field->type].want, json);
	}
	const int rc = check_limits(field, value, path, faults);
	if (!rc)
		*(uint64_t *)out = value;
	return rc;
}

/* The name of a number that has one. */
static const struct field_value *
value_named(const struct field *field, const char *name)
{
	const struct field_value *v = field->values;
	if (!v || !name)
		return NULL;
	while (v->name && strcmp(v->name, name) != 0)
		v++;
	return v->name ? v : NULL;
}

static int
wrong_number(const struct field *field, struct faults *faults, const char *path,
	const char *want, const json_t *json)
{
	char names[100] = "", text[200];
	if (field->values)
		list_values(field, names, sizeof(names));
	snprintf(text, sizeof(text), "%s%s%s", names, *names ? ", or " : "", want);
	return wrong(faults, path, text, json);
}

static json_t *
print_scaled(const struct field *field, const void *in)
{
	const uint64_t value = *(const uint64_t *)in;
	for (const struct field_value *v = field->values; v && v->name; v++)
		if ((uint64_t)v->value == value)
			return json_string(v->name);
	return value || !field->min ? field_number(field->type, value) : NULL;
}

static int
check_limits(const struct field *field, uint64_t value, const char *path,
	struct faults *faults)
{
	const bool low = value < field->min;
	if (!low && (!field->max || value <= field->max))
		return 0;
	char limit[64];
	json_t *json = field_number(field->type, low ? field->min : field->max);
	text_of(json, limit, sizeof(limit));
	json_decref(json);
	return faults_add(faults, ERR_INVALID, path, NULL, "must be at %s %s",
		low ? "least" : "most", limit);
}

static int
parse_string(const struct field *field, const json_t *json, const char *path, void *out,
	struct faults *faults)
{
	(void)field;
	if (!json_is_string(json))
		return wrong(faults, path, "text", json);
	char *text = strdup(json_string_value(json));
	if (!text)
		return faults_add(faults, ERR_INTERNAL, path, NULL, "out of memory");
	*(char **)out = text;
	return 0;
}

static json_t *
print_string(const struct field *field, const void *in)
{
	(void)field;
	return json_string(*(char *const *)in); /* null of null */
}

static int
parse_enum(const struct field *field, const json_t *json, const char *path, void *out,
	struct faults *faults)
{
	const char *names[64] = {0};
	char known[200];
	const char *word = json_string_value(json);
	const struct field_value *named = value_named(field, word);
	if (named) {
		*(int *)out = named->value;
		return 0;
	}
	for (size_t i = 0; field->values[i].name; i++)
		if (i + 1 < sizeof(names) / sizeof(names[0]))
			names[i] = field->values[i].name;
	list_values(field, known, sizeof(known));
	if (!word)
		return wrong(faults, path, known, json);
	const char *nearest = field_nearest(word, names);
	char hint[128] = "";
	if (nearest)
		snprintf(hint, sizeof(hint), "did you mean '%s'?", nearest);
	return faults_add(
		faults, ERR_INVALID, path, hint, "must be %s, not '%s'", known, word);
}

int
field_enum_default(const struct field *field)
{
	const struct field_value *named = value_named(field, field->dflt);
	assert(named);
	return (int)named->value;
}

/* "accept, drop or reject" */
static void
list_values(const struct field *field, char *buf, size_t size)
{
	size_t len = 0;
	*buf = '\0';
	for (const struct field_value *v = field->values; v->name && len < size; v++)
		len += snprintf(buf + len, size - len, "%s%s",
			v == field->values ? ""
			: v[1].name	   ? ", "
					   : " or ",
			v->name);
}

static json_t *
print_enum(const struct field *field, const void *in)
{
	for (const struct field_value *v = field->values; v->name; v++)
		if (v->value == *(const int *)in)
			return json_string(v->name);
	return NULL;
}

/* The types of net.h: text to struct; `none` says that a struct holds no value. */
#define NET_TYPE(type, want, none)                                                       \
	static int parse_##type(const struct field *field, const json_t *json,           \
		const char *path, void *out, struct faults *faults)                      \
	{                                                                                \
		(void)field;                                                             \
		char buf[NET_STRLEN];                                                    \
		const char *text = json_string_value(json);                              \
		if (!text && text_of(json, buf, sizeof(buf)))                            \
			text = buf;                                                      \
		if (!text || net_##type##_parse(text, out))                              \
			return wrong(faults, path, want, json);                          \
		return 0;                                                                \
	}                                                                                \
	static json_t *print_##type(const struct field *field, const void *in)           \
	{                                                                                \
		(void)field;                                                             \
		const struct net_##type *value = in;                                     \
		char text[NET_STRLEN];                                                   \
		return none ? NULL : json_string(net_##type##_print(value, text));       \
	}

NET_TYPE(addr, "an address like 10.0.0.1 or 2001:db8::1", !value->family)
NET_TYPE(prefix, "a prefix like 10.0.0.0/8 or 2001:db8::/32", !value->addr.family)
NET_TYPE(range, "an address, or a range like 203.0.113.16-203.0.113.31",
	!value->first.family)
NET_TYPE(endpoint, "address:port, like 203.0.113.2:8080 or [2001:db8::1]:80",
	!value->addr.family)
NET_TYPE(ports, "a port 0-65535, or a range like 8000-8100", false)
NET_TYPE(mac, "auto, or six hex pairs like 02:00:00:00:00:01", false)

static int
parse_mac_or_auto(const struct field *field, const json_t *json, const char *path,
	void *out, struct faults *faults)
{
	const char *text = json_string_value(json);
	return text && strcmp(text, "auto") == 0
		       ? 0
		       : parse_mac(field, json, path, out, faults);
}

static json_t *
print_mac_or_auto(const struct field *field, const void *in)
{
	static const struct net_mac zero;
	return memcmp(in, &zero, sizeof(zero)) == 0 ? json_string("auto")
						    : print_mac(field, in);
}

static int
parse_custom(const struct field *field, const json_t *json, const char *path, void *out,
	struct faults *faults)
{
	return field->parse(field, json, path, out, faults);
}

static json_t *
print_custom(const struct field *field, const void *in)
{
	return field->print(field, in);
}

static int
wrong(struct faults *faults, const char *path, const char *want, const json_t *json)
{
	char got[64];
	const bool is_short = text_of(json, got, sizeof(got));
	return faults_add(faults, ERR_INVALID, path,
		json_is_number(json) && strcmp(want, "text") == 0 ? "write it in quotes"
								  : NULL,
		"must be %s%s%s%s", want, is_short ? ", not '" : "", is_short ? got : "",
		is_short ? "'" : "");
}

/* A scalar as text; false if it is none, or too long. */
static bool
text_of(const json_t *json, char *buf, size_t size)
{
	int len = -1;
	if (json_is_string(json))
		len = snprintf(buf, size, "%s", json_string_value(json));
	else if (json_is_integer(json))
		len = snprintf(
			buf, size, "%" JSON_INTEGER_FORMAT, json_integer_value(json));
	else if (json_is_real(json))
		len = snprintf(buf, size, "%g", json_real_value(json));
	else if (json_is_boolean(json))
		len = snprintf(buf, size, "%s", json_is_true(json) ? "true" : "false");
	return len >= 0 && (size_t)len < size;
}

const struct field_type_ops field_types[] = {
	[FIELD_BOOL] = {"bool", sizeof(bool), parse_bool, print_bool},
	[FIELD_UINT] = {"number", 0, parse_uint, print_uint},
	[FIELD_SIZE] = {"size", sizeof(uint64_t), parse_scaled, print_scaled},
	[FIELD_RATE] = {"rate", sizeof(uint64_t), parse_scaled, print_scaled},
	[FIELD_DURATION] = {"duration", sizeof(uint64_t), parse_scaled, print_scaled},
	[FIELD_STRING] = {"text", sizeof(char *), parse_string, print_string},
	[FIELD_ENUM] = {"word", sizeof(int), parse_enum, print_enum},
	[FIELD_ADDR] = {"address", sizeof(struct net_addr), parse_addr, print_addr},
	[FIELD_PREFIX] = {"prefix", sizeof(struct net_prefix), parse_prefix,
		print_prefix},
	[FIELD_RANGE] = {"address range", sizeof(struct net_range), parse_range,
		print_range},
	[FIELD_PORTS] = {"port range", sizeof(struct net_ports), parse_ports,
		print_ports},
	[FIELD_MAC] = {"mac", sizeof(struct net_mac), parse_mac_or_auto,
		print_mac_or_auto},
	[FIELD_ENDPOINT] = {"endpoint", sizeof(struct net_endpoint), parse_endpoint,
		print_endpoint},
	[FIELD_STRUCT] = {"object", 0, NULL, NULL},
	[FIELD_CUSTOM] = {"custom", 0, parse_custom, print_custom},
};
