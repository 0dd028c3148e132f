/* grid.c: aligned lines of text; the second half of output.h. */
#include "cli/output.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define GAP 3 /* spaces between two columns */

static unsigned text_width(const char *text);
static void print_row(const struct output_grid *grid, const unsigned *width,
	unsigned first, FILE *file);
static void spaces(FILE *file, unsigned n);

void
output_grid_add(struct output_grid *grid, const char *fmt, ...)
{
	char *text = NULL;
	va_list args;
	va_start(args, fmt);
	if (vasprintf(&text, fmt, args) < 0)
		text = NULL;
	va_end(args);
	char **cells = realloc(grid->cells, (grid->n_cells + 1) * sizeof(*cells));
	if (!cells || !text) {
		fputs("renga: out of memory\n", stderr);
		abort();
	}
	grid->cells = cells;
	grid->cells[grid->n_cells++] = text;
}

void
output_grid_print(struct output_grid *grid, FILE *file, unsigned indent, bool bold)
{
	unsigned width[sizeof(grid->right) / sizeof(grid->right[0])] = {0};
	for (unsigned i = 0; i < grid->n_cells; i++) {
		const unsigned wide = text_width(grid->cells[i]);
		unsigned *most = &width[i % grid->n_columns];
		*most = wide > *most ? wide : *most;
	}
	for (unsigned i = 0; i < grid->n_cells; i += grid->n_columns) {
		spaces(file, indent);
		if (bold && i == 0)
			fputs("\033[1m", file);
		print_row(grid, width, i, file);
		if (bold && i == 0)
			fputs("\033[0m", file);
		fputc('\n', file);
	}
	for (unsigned i = 0; i < grid->n_cells; i++)
		free(grid->cells[i]);
	free(grid->cells);
	grid->cells = NULL;
	grid->n_cells = 0;
}

/* Nothing is written behind the last text of a line. */
static void
print_row(
	const struct output_grid *grid, const unsigned *width, unsigned first, FILE *file)
{
	unsigned owed = 0, last = grid->n_columns;
	while (last && !*grid->cells[first + last - 1])
		last--;
	for (unsigned i = 0; i < last; i++) {
		const char *text = grid->cells[first + i];
		const unsigned pad = width[i] - text_width(text);
		spaces(file, owed + (grid->right[i] ? pad : 0));
		fputs(text, file);
		owed = GAP + (grid->right[i] ? 0 : pad);
	}
}

/* Characters, not bytes. */
static unsigned
text_width(const char *text)
{
	unsigned n = 0;
	for (; *text; text++)
		n += ((unsigned char)*text & 0xc0) != 0x80;
	return n;
}

static void
spaces(FILE *file, unsigned n)
{
	fprintf(file, "%*s", (int)n, "");
}
