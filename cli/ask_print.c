/* ask_print.c: see ask_print.h. */
#include "cli/ask_print.h"

#include <string.h>

static void print_verdict(const struct output *out, const json_t *verdict);
static const char *text_of(const json_t *json, const char *member);

void
ask_print_packet(const struct output *out, const json_t *answer)
{
	size_t i;
	json_t *verdict;
	json_array_foreach (json_object_get(answer, "verdicts"), i, verdict) {
		if (i)
			fputc('\n', out->file);
		print_verdict(out, verdict);
	}
}

static void
print_verdict(const struct output *out, const json_t *verdict)
{
	static const struct output_column columns[] = {{.title = "RULE", .path = "rule"},
		{.title = "DOES NOT MATCH BY", .path = "because"}, {.title = NULL}};
	json_t *rule;
	size_t i;
	fprintf(out->file, "from %s: %s by %s\n", text_of(verdict, "from"),
		text_of(verdict, "verdict"), text_of(verdict, "rule"));
	if (json_is_true(json_object_get(verdict, "session")))
		fputs("  but a session of it is known, which decides before the rules "
		      "do\n",
			out->file);
	json_array_foreach (json_object_get(verdict, "continued"), i, rule)
		fprintf(out->file, "  counted by %s\n", json_string_value(rule));
	if (json_array_size(json_object_get(verdict, "earlier")))
		output_table(out, columns, json_object_get(verdict, "earlier"));
}

void
ask_print_shadowed(const struct output *out, const json_t *answer)
{
	static const struct output_column columns[] = {{.title = "RULE", .path = "rule"},
		{.title = "INDEX", .path = "index", .right = true},
		{.title = "IS", .path = "kind"}, {.title = "BY", .path = "by"},
		{.title = NULL}};
	const json_int_t looked = json_integer_value(json_object_get(answer, "looked"));
	const json_int_t of = json_integer_value(json_object_get(answer, "of"));
	if (json_array_size(json_object_get(answer, "rules")))
		output_table(out, columns, json_object_get(answer, "rules"));
	else
		fputs("every rule has its use\n", out->file);
	if (looked < of)
		fprintf(out->file, "only the first %lld of %lld rules were looked at\n",
			(long long)looked, (long long)of);
}

static const char *
text_of(const json_t *json, const char *member)
{
	const char *text = json_string_value(json_object_get(json, member));
	return text ? text : "";
}
