/* filter_match.c: does a document meet a filter. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "api/http/filter.h"

static bool term_matches(
	const struct filter_term *term, unsigned depth, const json_t *node);
static bool key_matches(const struct filter_term *term, const json_t *map);
static bool value_matches(const struct filter_term *term, const json_t *node);
static bool in_values(const struct filter_term *term, const json_t *node);
static bool contains_a_value(const struct filter_term *term, const json_t *node);
static bool compare(const json_t *node, const char *value, int *order);
static bool compare_numbers(double a, const char *value, int *order);
static void compare_texts(const char *a, const char *b, int *order);
static bool parse_time(const char *text, double *seconds);

bool
filter_matches(const struct filter *filter, const json_t *item)
{
	for (unsigned i = 0; i < filter->n; i++)
		if (!term_matches(&filter->terms[i], 0, item))
			return false;
	return true;
}

static bool
term_matches(const struct filter_term *term, unsigned depth, const json_t *node)
{
	if (json_is_array(node)) {
		for (size_t i = 0; i < json_array_size(node); i++)
			if (term_matches(term, depth, json_array_get(node, i)))
				return true;
		return false;
	}
	if (depth == term->n_names)
		return value_matches(term, node);
	if (!json_is_object(node))
		return false;
	const json_t *member = json_object_get(node, term->names[depth]);
	if (member != NULL)
		return term_matches(term, depth + 1, member);
	return strcmp(term->names[depth], "@key") == 0 && key_matches(term, node);
}

static bool
key_matches(const struct filter_term *term, const json_t *map)
{
	const char *key;
	json_t *member;
	json_object_foreach ((json_t *)map, key, member) {
		json_t *name = json_string(key);
		bool matches = value_matches(term, name);
		json_decref(name);
		if (matches)
			return true;
	}
	return false;
}

static bool
value_matches(const struct filter_term *term, const json_t *node)
{
	int order = 0;
	bool comparable = compare(node, term->values[0], &order);
	switch (term->op) {
	case FILTER_EQ:
		return comparable && order == 0;
	case FILTER_NEQ:
		return !comparable || order != 0;
	case FILTER_GT:
		return comparable && order > 0;
	case FILTER_GTE:
		return comparable && order >= 0;
	case FILTER_LT:
		return comparable && order < 0;
	case FILTER_LTE:
		return comparable && order <= 0;
	case FILTER_IN:
		return in_values(term, node);
	case FILTER_NIN:
		return !in_values(term, node);
	case FILTER_CONT:
		return contains_a_value(term, node);
	case FILTER_NCONT:
		return !contains_a_value(term, node);
	}
	return false;
}

static bool
in_values(const struct filter_term *term, const json_t *node)
{
	int order;
	for (unsigned i = 0; i < term->n_values; i++)
		if (compare(node, term->values[i], &order) && order == 0)
			return true;
	return false;
}

static bool
contains_a_value(const struct filter_term *term, const json_t *node)
{
	if (!json_is_string(node))
		return in_values(term, node);
	for (unsigned i = 0; i < term->n_values; i++)
		if (strstr(json_string_value(node), term->values[i]) != NULL)
			return true;
	return false;
}

/* As the node's type; false if the value is none of that type. */
static bool
compare(const json_t *node, const char *value, int *order)
{
	if (json_is_number(node))
		return compare_numbers(json_number_value(node), value, order);
	if (json_is_boolean(node)) {
		*order = strcmp(json_is_true(node) ? "true" : "false", value);
		return true;
	}
	if (!json_is_string(node))
		return false;
	compare_texts(json_string_value(node), value, order);
	return true;
}

static bool
compare_numbers(double a, const char *value, int *order)
{
	char *end;
	double b = strtod(value, &end);
	*order = (a > b) - (a < b);
	return end != value && *end == '\0' && !isnan(b);
}

static void
compare_texts(const char *a, const char *b, int *order)
{
	double time_a, time_b;
	if (parse_time(a, &time_a) && parse_time(b, &time_b))
		*order = (time_a > time_b) - (time_a < time_b);
	else
		*order = strcmp(a, b);
}

/* RFC 3339: 2026-11-23T08:00:00.123Z, ...+01:00 */
static bool
parse_time(const char *text, double *seconds)
{
	struct tm tm = {0};
	const char *rest = strptime(text, "%Y-%m-%dT%H:%M:%S", &tm);
	if (rest == NULL)
		return false;
	char *zone = (char *)rest;
	double fraction = *rest == '.' ? strtod(rest, &zone) : 0;
	int hours = 0, minutes = 0;
	char sign = '+';
	if (strcmp(zone, "Z") != 0 &&
		sscanf(zone, "%c%2d:%2d", &sign, &hours, &minutes) != 3)
		return false;
	int offset = (hours * 60 + minutes) * 60;
	*seconds = (double)timegm(&tm) + fraction - (sign == '-' ? -offset : offset);
	return true;
}
