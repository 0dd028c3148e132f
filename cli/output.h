/* output.h: what is printed: trees as JSON or YAML, tables as aligned text. Pure but for
 * the FILE. */
#ifndef CLI_OUTPUT_H
#define CLI_OUTPUT_H

#include <stdbool.h>
#include <stdio.h>
#include <jansson.h>

enum output_format { OUTPUT_TABLE, OUTPUT_WIDE, OUTPUT_JSON, OUTPUT_YAML, OUTPUT_NAME };

struct output {
	FILE *file;
	enum output_format format;
	bool headers;
	bool terminal; /* may be redrawn and shown in bold */
};

/* "table", "wide", ... 0, or -EINVAL. */
int output_format_parse(const char *name, enum output_format *format);

/* Prints json as JSON or YAML; false if the format is neither. */
bool output_tree(const struct output *out, const json_t *json);

struct output_column {
	const char *title;
	/* Where the cell's value is: "state", "memory.freeMiB", "vnfs[].vnf" (joined by
	 * commas), "a|b" (the first that exists). */
	const char *path;
	bool wide;  /* only with -o wide */
	bool right; /* a number */
};

/* One line per element of rows; columns end with a null title. */
void output_table(const struct output *out, const struct output_column *columns,
	const json_t *rows);

/* A value as the text of a cell: "-" for none. malloc'd. */
char *output_cell(const json_t *row, const char *path);

/* Lines of cells of any kind: each row has n_columns texts, null for an empty one. */
struct output_grid {
	unsigned n_columns;
	bool right[16];
	char **cells;
	unsigned n_cells;
};

void output_grid_add(struct output_grid *grid, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* Prints and empties it. indent: spaces before each line; bold: the first line is a
 * header. */
void output_grid_print(struct output_grid *grid, FILE *file, unsigned indent, bool bold);

/* A resource for people: its plain members aligned, lists of flat objects as tables, the
 * rest as YAML. Members that start with '_' are left out. */
void output_describe(const struct output *out, const json_t *json);

#endif
