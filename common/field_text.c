/* field_text.c: numbers with units as people write them, and the nearest known word. */
#include "common/field_type.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

struct unit {
	const char *name;
	uint64_t factor;
};

static const struct unit durations[] = {/* falls, as printing takes the largest first */
	{"d", 86400000000000}, {"h", 3600000000000}, {"m", 60000000000},
	{"s", 1000000000}, {"ms", 1000000}, {"us", 1000}, {"ns", 1}, {0}};
static const struct unit sizes[] = {
	{"T", 1ull << 40}, {"G", 1ull << 30}, {"M", 1ull << 20}, {"k", 1ull << 10}, {0}};
static const struct unit rates[] = {
	{"T", 1000000000000}, {"G", 1000000000}, {"M", 1000000}, {"k", 1000}, {0}};

#define NEAREST_MAX 3
#define WORD_MAX    64

static int parse_scaled(const char *text, const struct unit *units, uint64_t *out);
static const char *parse_digits(const char *text, uint64_t *out);
static json_t *print_duration(uint64_t ns);
static json_t *print_scaled(uint64_t value, const struct unit *units);
static unsigned edit_distance(const char *a, const char *b);

int
field_duration_parse(const char *text, uint64_t *ns)
{
	uint64_t sum = 0, number, part;
	do {
		const struct unit *unit = durations;
		text = parse_digits(text, &number);
		if (!text)
			return -EINVAL;
		const size_t len = strcspn(text, "0123456789");
		while (unit->name &&
			(strlen(unit->name) != len || memcmp(unit->name, text, len) != 0))
			unit++;
		if (!unit->name && !(len == 0 && sum == 0))
			return -EINVAL;
		const uint64_t factor = unit->name ? unit->factor : 1000000000;
		if (__builtin_mul_overflow(number, factor, &part) ||
			__builtin_add_overflow(sum, part, &sum))
			return -EINVAL;
		text += len;
	} while (*text);
	*ns = sum;
	return 0;
}

int
field_size_parse(const char *text, uint64_t *bytes)
{
	return parse_scaled(text, sizes, bytes);
}

int
field_rate_parse(const char *text, uint64_t *value)
{
	return parse_scaled(text, rates, value);
}

static int
parse_scaled(const char *text, const struct unit *units, uint64_t *out)
{
	uint64_t number;
	text = parse_digits(text, &number);
	if (!text)
		return -EINVAL;
	if (*text) {
		while (units->name && strcasecmp(units->name, text) != 0)
			units++;
		if (!units->name ||
			__builtin_mul_overflow(number, units->factor, &number))
			return -EINVAL;
	}
	*out = number;
	return 0;
}

/* Where the digits end; null if there are none or too many. */
static const char *
parse_digits(const char *text, uint64_t *out)
{
	const char *start = text;
	uint64_t value = 0;
	for (; *text >= '0' && *text <= '9'; text++)
		if (__builtin_mul_overflow(value, 10, &value) ||
			__builtin_add_overflow(value, (uint64_t)(*text - '0'), &value))
			return NULL;
	*out = value;
	return text == start ? NULL : text;
}

json_t *
field_number(enum field_type type, uint64_t value)
{
	switch (type) {
	case FIELD_DURATION:
		return print_duration(value);
	case FIELD_SIZE:
		return print_scaled(value, sizes);
	case FIELD_RATE:
		return print_scaled(value, rates);
	default:
		return value <= INT64_MAX ? json_integer((json_int_t)value)
					  : json_sprintf("0x%" PRIx64, value);
	}
}

static json_t *
print_duration(uint64_t ns)
{
	char text[64] = "0s";
	int len = 0;
	for (const struct unit *unit = durations; unit->name; unit++) {
		if (ns >= unit->factor)
			len += snprintf(text + len, sizeof(text) - len, "%" PRIu64 "%s",
				ns / unit->factor, unit->name);
		ns %= unit->factor;
	}
	return json_string(text);
}

static json_t *
print_scaled(uint64_t value, const struct unit *units)
{
	for (; units->name && value; units++)
		if (value % units->factor == 0)
			return json_sprintf(
				"%" PRIu64 "%s", value / units->factor, units->name);
	return field_number(FIELD_UINT, value);
}

const char *
field_nearest(const char *word, const char *const *names)
{
	const char *best = NULL;
	unsigned least = NEAREST_MAX + 1;
	for (; *names; names++) {
		const unsigned distance = edit_distance(word, *names);
		if (distance < least && distance < strlen(word)) {
			least = distance;
			best = *names;
		}
	}
	return best;
}

/* Levenshtein's, one row at a time; words too long for it are far from everything. */
static unsigned
edit_distance(const char *a, const char *b)
{
	unsigned row[WORD_MAX + 1];
	const size_t len_a = strlen(a), len_b = strlen(b);
	if (len_a > WORD_MAX || len_b > WORD_MAX)
		return WORD_MAX;
	for (size_t j = 0; j <= len_b; j++)
		row[j] = j;
	for (size_t i = 1; i <= len_a; i++) {
		unsigned diagonal = row[0];
		row[0] = i;
		for (size_t j = 1; j <= len_b; j++) {
			const unsigned replaced = diagonal + (a[i - 1] != b[j - 1]);
			const unsigned moved =
				(row[j] < row[j - 1] ? row[j] : row[j - 1]) + 1;
			diagonal = row[j];
			row[j] = replaced < moved ? replaced : moved;
		}
	}
	return row[len_b];
}
