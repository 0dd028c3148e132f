/* doc_print.c: plain scalars of YAML's core schema, and a tree printed as block-style
 * YAML. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>
#include "common/doc_tree.h"
#include "common/json_text.h"

static bool is_float(const char *text);
static bool is_int(const char *text, int *base);
static int emit(yaml_emitter_t *emitter, const json_t *json);
static int emit_array(yaml_emitter_t *emitter, const json_t *json);
static int emit_object(yaml_emitter_t *emitter, const json_t *json);
static int emit_string(yaml_emitter_t *emitter, const char *text);
static int emit_scalar(
	yaml_emitter_t *emitter, const char *text, yaml_scalar_style_t style);

/* The words of the core schema besides numbers. */
static const struct {
	const char *text;
	json_type type;
} words[] = {
	{"", JSON_NULL},
	{"~", JSON_NULL},
	{"null", JSON_NULL},
	{"Null", JSON_NULL},
	{"NULL", JSON_NULL},
	{"true", JSON_TRUE},
	{"True", JSON_TRUE},
	{"TRUE", JSON_TRUE},
	{"false", JSON_FALSE},
	{"False", JSON_FALSE},
	{"FALSE", JSON_FALSE},
};

json_t *
doc_plain(const char *text)
{
	int base;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(text, words[i].text) == 0)
			return words[i].type == JSON_NULL
				       ? json_null()
				       : json_boolean(words[i].type == JSON_TRUE);
	errno = 0;
	if (is_int(text, &base)) {
		const long long value = strtoll(base == 10 ? text : text + 2, NULL, base);
		return errno ? NULL : json_integer(value);
	}
	return is_float(text) ? json_real(strtod(text, NULL)) : json_string(text);
}

static bool
is_int(const char *text, int *base)
{
	*base = 10;
	if (strncmp(text, "0x", 2) == 0)
		*base = 16;
	else if (strncmp(text, "0o", 2) == 0)
		*base = 8;
	if (*base != 10)
		text += 2;
	else
		text += *text == '-' || *text == '+';
	const char *digits = *base == 10  ? "0123456789"
			     : *base == 8 ? "01234567"
					  : "0123456789abcdefABCDEF";
	return *text && !text[strspn(text, digits)];
}

static bool
is_float(const char *text)
{
	text += *text == '-' || *text == '+';
	const size_t whole = strspn(text, "0123456789");
	text += whole;
	const bool point = *text == '.';
	text += point;
	const size_t part = point ? strspn(text, "0123456789") : 0;
	text += part;
	if (whole + part == 0)
		return false;
	if (*text == 'e' || *text == 'E') {
		text++;
		text += *text == '-' || *text == '+';
		return *text && !text[strspn(text, "0123456789")];
	}
	return !*text;
}

bool
doc_needs_quotes(const char *text)
{
	json_t *json = doc_plain(text);
	const bool other = !json_is_string(json) || strcmp(text, "<<") == 0;
	json_decref(json);
	return other;
}

char *
doc_to_yaml(const json_t *root)
{
	char *text = NULL;
	size_t size;
	yaml_emitter_t emitter;
	yaml_event_t event;
	FILE *file = open_memstream(&text, &size);
	if (!file)
		return NULL;
	int ok = yaml_emitter_initialize(&emitter);
	yaml_emitter_set_output_file(&emitter, file);
	yaml_emitter_set_unicode(&emitter, 1);
	yaml_emitter_set_width(&emitter, -1);
	ok = ok && yaml_stream_start_event_initialize(&event, YAML_UTF8_ENCODING) &&
	     yaml_emitter_emit(&emitter, &event);
	ok = ok && yaml_document_start_event_initialize(&event, NULL, NULL, NULL, 1) &&
	     yaml_emitter_emit(&emitter, &event);
	ok = ok && emit(&emitter, root);
	ok = ok && yaml_document_end_event_initialize(&event, 1) &&
	     yaml_emitter_emit(&emitter, &event);
	ok = ok && yaml_stream_end_event_initialize(&event) &&
	     yaml_emitter_emit(&emitter, &event);
	yaml_emitter_delete(&emitter);
	if (fclose(file) || !ok) {
		free(text);
		return NULL;
	}
	return text;
}

static int
emit(yaml_emitter_t *emitter, const json_t *json)
{
	if (json_is_array(json))
		return emit_array(emitter, json);
	if (json_is_object(json))
		return emit_object(emitter, json);
	if (json_is_string(json))
		return emit_string(emitter, json_string_value(json));
	char *text = json_text_scalar(json);
	const int ok = text && emit_scalar(emitter, text, YAML_PLAIN_SCALAR_STYLE);
	free(text);
	return ok;
}

static int
emit_array(yaml_emitter_t *emitter, const json_t *json)
{
	yaml_event_t event;
	size_t i;
	json_t *item;
	int ok = yaml_sequence_start_event_initialize(
			 &event, NULL, NULL, 1, YAML_BLOCK_SEQUENCE_STYLE) &&
		 yaml_emitter_emit(emitter, &event);
	json_array_foreach (json, i, item)
		ok = ok && emit(emitter, item);
	return ok && yaml_sequence_end_event_initialize(&event) &&
	       yaml_emitter_emit(emitter, &event);
}

static int
emit_object(yaml_emitter_t *emitter, const json_t *json)
{
	yaml_event_t event;
	const char *key;
	json_t *value;
	int ok = yaml_mapping_start_event_initialize(
			 &event, NULL, NULL, 1, YAML_BLOCK_MAPPING_STYLE) &&
		 yaml_emitter_emit(emitter, &event);
	json_object_foreach ((json_t *)json, key, value)
		ok = ok && emit_string(emitter, key) && emit(emitter, value);
	return ok && yaml_mapping_end_event_initialize(&event) &&
	       yaml_emitter_emit(emitter, &event);
}

static int
emit_string(yaml_emitter_t *emitter, const char *text)
{
	yaml_scalar_style_t style = YAML_ANY_SCALAR_STYLE;
	if (strchr(text, '\n'))
		style = YAML_DOUBLE_QUOTED_SCALAR_STYLE;
	else if (doc_needs_quotes(text))
		style = YAML_SINGLE_QUOTED_SCALAR_STYLE;
	return emit_scalar(emitter, text, style);
}

static int
emit_scalar(yaml_emitter_t *emitter, const char *text, yaml_scalar_style_t style)
{
	yaml_event_t event;
	return yaml_scalar_event_initialize(&event, NULL, NULL, (const yaml_char_t *)text,
		       strlen(text), 1, 1, style) &&
	       yaml_emitter_emit(emitter, &event);
}
