/* filter.c: reading filters; filter_match.c holds them against documents. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "api/http/filter.h"

struct reader {
	const char *at;
	char token[512];
};

static int read_term(struct reader *reader, struct filter_term *term, struct err *err);
static int read_op(struct reader *reader, struct filter_term *term, struct err *err);
static int read_attribute(
	struct reader *reader, struct filter_term *term, struct err *err);
static int read_value(struct reader *reader, struct filter_term *term, struct err *err);
static bool read_quoted(struct reader *reader);
static bool read_plain(struct reader *reader, const char *ends);
static bool unescape_name(char *name);
static bool op_from_name(const char *name, enum filter_op *op);
static bool takes_list(enum filter_op op);
static int add_name(struct filter_term *term, const char *name, struct err *err);
static int add_value(struct filter_term *term, const char *value, struct err *err);
static int fill_argument(
	struct filter_term *term, char *name, char *value, struct err *err);
static int syntax(struct err *err, const char *what);

int
filter_add(struct filter *filter, const char *expression, struct err *err)
{
	struct reader reader = {.at = expression};
	for (;;) {
		if (filter->n == FILTER_TERMS)
			return syntax(err, "more terms than 16");
		int rc = read_term(&reader, &filter->terms[filter->n++], err);
		if (rc != 0)
			return rc;
		if (*reader.at == '\0')
			return 0;
		if (*reader.at++ != ';')
			return syntax(err, "';' is missing between two terms");
	}
}

int
filter_add_argument(
	struct filter *filter, const char *name, const char *value, struct err *err)
{
	if (filter->n == FILTER_TERMS)
		return syntax(err, "more terms than 16");
	char *name_copy = strdup(name), *value_copy = strdup(value);
	int rc = name_copy == NULL || value_copy == NULL
			 ? err_set(err, ERR_INTERNAL, NULL, NULL, "out of memory")
			 : fill_argument(&filter->terms[filter->n++], name_copy,
				   value_copy, err);
	free(name_copy);
	free(value_copy);
	return rc;
}

void
filter_clear(struct filter *filter)
{
	for (unsigned i = 0; i < filter->n; i++) {
		for (unsigned k = 0; k < filter->terms[i].n_names; k++)
			free(filter->terms[i].names[k]);
		for (unsigned k = 0; k < filter->terms[i].n_values; k++)
			free(filter->terms[i].values[k]);
	}
	memset(filter, 0, sizeof(*filter));
}

/* "(op,name/name,value,value)" */
static int
read_term(struct reader *reader, struct filter_term *term, struct err *err)
{
	if (*reader->at++ != '(')
		return syntax(err, "a term starts with '('");
	int rc = read_op(reader, term, err);
	if (rc == 0)
		rc = read_attribute(reader, term, err);
	while (rc == 0 && *reader->at == ',')
		rc = read_value(reader, term, err);
	if (rc != 0)
		return rc;
	if (*reader->at++ != ')')
		return syntax(err, "a term ends with ')'");
	if (term->n_values == 0)
		return syntax(err, "a term needs a value");
	if (term->n_values > 1 && !takes_list(term->op))
		return syntax(err, "only in, nin, cont and ncont take several values");
	return 0;
}

static int
read_op(struct reader *reader, struct filter_term *term, struct err *err)
{
	if (!read_plain(reader, ",)") || !op_from_name(reader->token, &term->op))
		return syntax(
			err, "the operators are eq neq gt gte lt lte in nin cont ncont");
	if (*reader->at++ != ',')
		return syntax(err, "an attribute is missing behind the operator");
	return 0;
}

static int
read_attribute(struct reader *reader, struct filter_term *term, struct err *err)
{
	for (;;) {
		if (!read_plain(reader, "/,)") || reader->token[0] == '\0' ||
			!unescape_name(reader->token))
			return syntax(err, "an attribute is written name/name");
		int rc = add_name(term, reader->token, err);
		if (rc != 0 || *reader->at != '/')
			return rc;
		reader->at++;
	}
}

static int
read_value(struct reader *reader, struct filter_term *term, struct err *err)
{
	reader->at++;
	bool read = *reader->at == '\'' ? read_quoted(reader) : read_plain(reader, ",)");
	if (!read)
		return syntax(err, "a value that holds , ) or ' is written in '...'");
	return add_value(term, reader->token, err);
}

/* 'it''s' */
static bool
read_quoted(struct reader *reader)
{
	size_t len = 0;
	for (const char *at = reader->at + 1;
		*at != '\0' && len < sizeof(reader->token) - 1; at++) {
		if (*at == '\'' && at[1] != '\'') {
			reader->token[len] = '\0';
			reader->at = at + 1;
			return true;
		}
		at += *at == '\'';
		reader->token[len++] = *at;
	}
	return false;
}

static bool
read_plain(struct reader *reader, const char *ends)
{
	size_t len = strcspn(reader->at, ends);
	if (len >= sizeof(reader->token) || memchr(reader->at, '\'', len) != NULL)
		return false;
	memcpy(reader->token, reader->at, len);
	reader->token[len] = '\0';
	reader->at += len;
	return true;
}

/* ~0 is ~, ~1 is /, ~a is a comma, ~b is @; a bare @ stands only before "key". */
static bool
unescape_name(char *name)
{
	static const char codes[] = "01ab", plain[] = "~/,@";
	char *out = name;
	for (const char *in = name; *in != '\0'; in++) {
		if (*in != '~') {
			*out++ = *in;
			continue;
		}
		const char *code = in[1] != '\0' ? strchr(codes, in[1]) : NULL;
		if (code == NULL)
			return false;
		*out++ = plain[code - codes];
		in++;
	}
	*out = '\0';
	return true;
}

static bool
op_from_name(const char *name, enum filter_op *op)
{
	static const struct {
		const char *name;
		enum filter_op op;
	} ops[] = {
		{"eq", FILTER_EQ},
		{"neq", FILTER_NEQ},
		{"ne", FILTER_NEQ},
		{"gt", FILTER_GT},
		{"gte", FILTER_GTE},
		{"lt", FILTER_LT},
		{"lte", FILTER_LTE},
		{"in", FILTER_IN},
		{"nin", FILTER_NIN},
		{"cont", FILTER_CONT},
		{"ncont", FILTER_NCONT},
	};
	for (size_t i = 0; i < sizeof(ops) / sizeof(ops[0]); i++) {
		if (strcmp(ops[i].name, name) != 0)
			continue;
		*op = ops[i].op;
		return true;
	}
	return false;
}

static bool
takes_list(enum filter_op op)
{
	return op == FILTER_IN || op == FILTER_NIN || op == FILTER_CONT ||
	       op == FILTER_NCONT;
}

static int
add_name(struct filter_term *term, const char *name, struct err *err)
{
	if (term->n_names == FILTER_NAMES)
		return syntax(err, "an attribute lies deeper than 8 levels");
	term->names[term->n_names] = strdup(name);
	if (term->names[term->n_names] == NULL)
		return err_set(err, ERR_INTERNAL, NULL, NULL, "out of memory");
	term->n_names++;
	return 0;
}

static int
add_value(struct filter_term *term, const char *value, struct err *err)
{
	if (term->n_values == FILTER_VALUES)
		return syntax(err, "a term has more than 32 values");
	term->values[term->n_values] = strdup(value);
	if (term->values[term->n_values] == NULL)
		return err_set(err, ERR_INTERNAL, NULL, NULL, "out of memory");
	term->n_values++;
	return 0;
}

/* Several values of eq and neq mean one of them, none of them. Cuts name and value. */
static int
fill_argument(struct filter_term *term, char *name, char *value, struct err *err)
{
	char *last = strrchr(name, '.'), *save = NULL;
	if (last != NULL && op_from_name(last + 1, &term->op))
		*last = '\0';
	for (char *s = strtok_r(name, ".", &save); s != NULL;
		s = strtok_r(NULL, ".", &save)) {
		int rc = strcmp(s, "ANYINDEX") == 0 ? 0 : add_name(term, s, err);
		if (rc != 0)
			return rc;
	}
	if (term->n_names == 0)
		return syntax(err, "an attribute has no name");
	for (char *s = value; s != NULL;) {
		char *one = strsep(&s, ",");
		int rc = add_value(term, one, err);
		if (rc != 0)
			return rc;
	}
	if (term->n_values > 1 && term->op <= FILTER_NEQ)
		term->op = term->op == FILTER_EQ ? FILTER_IN : FILTER_NIN;
	return term->n_values > 1 && !takes_list(term->op)
		       ? syntax(err, "gt, gte, lt and lte take one value")
		       : 0;
}

static int
syntax(struct err *err, const char *what)
{
	return err_set(err, ERR_MALFORMED, "filter",
		"write filter=(op,attribute,value);(...), for example "
		"(eq,instantiationState,INSTANTIATED)",
		"the filter cannot be read: %s", what);
}
