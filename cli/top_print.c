/* top_print.c: one line per connection point of every hop: rates, drops, busy share, ring
 * fill. */
#include "cli/top_print.h"

#include <stdlib.h>
#include <string.h>
#include "common/doc.h"

#define HOP_NAME "name|vnfInstanceName|id"

struct reading { /* one hop in both readings; before may be null */
	const json_t *before, *after;
	double seconds;
};

static void print_head(const struct output *out, const char *name, const json_t *stats);
static json_t *hops_in_order(const json_t *stats, const char *chain, const json_t *path);
static bool is_called(const json_t *hop, const char *chain, const char *word);
static void add_port(struct output_grid *grid, const struct reading *port);
static void add_vnf(struct output_grid *grid, const struct reading *vnf);
static void add_rates(struct output_grid *grid, const struct reading *counters);
static void add_rate(struct output_grid *grid, const struct reading *counters,
	const char *name, int factor);
static void add_vnf_line(struct output_grid *grid, const struct reading *vnf,
	const char *cp, const struct reading *counters, bool first);
static void add_vnf_tail(struct output_grid *grid, const struct reading *vnf);
static void print_drops(const struct output *out, const json_t *list);
static const json_t *same_in(const json_t *list, const json_t *item);
static double sum(const json_t *counters);
static double number_at(const json_t *json, const char *path);
static void add_cell(struct output_grid *grid, const json_t *json, const char *path);
static void add_empty(struct output_grid *grid, unsigned n);

static const struct {
	const char *title;
	bool right;
} columns[] = {{"HOP", false}, {"TYPE", false}, {"PID", true}, {"CORE", true},
	{"CP", false}, {"RX/S", true}, {"TX/S", true}, {"RX BIT/S", true},
	{"TX BIT/S", true}, {"DROP/S", true}, {"BUSY", true}, {"RING", true},
	{"SESSIONS", true}};

#define N_COLUMNS (sizeof(columns) / sizeof(columns[0]))

void
top_print(const struct output *out, const char *name, const json_t *path,
	const json_t *before, const json_t *after, double seconds)
{
	struct output_grid grid = {.n_columns = N_COLUMNS};
	json_t *hops = hops_in_order(after, name, path),
	       *old = hops_in_order(before, name, NULL), *hop;
	size_t i;
	print_head(out, name, after);
	for (i = 0; i < N_COLUMNS; i++) {
		grid.right[i] = columns[i].right;
		if (out->headers)
			output_grid_add(&grid, "%s", columns[i].title);
	}
	json_array_foreach (hops, i, hop) {
		const struct reading reading = {same_in(old, hop), hop, seconds};
		if (json_object_get(hop, "driver"))
			add_port(&grid, &reading);
		else
			add_vnf(&grid, &reading);
	}
	output_grid_print(&grid, out->file, 0, out->headers && out->terminal);
	print_drops(out, hops);
	json_decref(old);
	json_decref(hops);
}

json_t *
top_path(const json_t *chain)
{
	json_t *path = json_array(), *element;
	const json_t *wanted = json_object_get(json_object_get(chain, "wanted"), "path");
	size_t i;
	json_array_foreach ((json_t *)(wanted ? wanted : json_object_get(chain, "vnfs")),
		i, element) {
		json_t *vnf = json_object_get(element, "vnf");
		json_array_append(path, vnf ? vnf : element);
	}
	return path;
}

/* Ports and VNFs of a reading (null: none), in one list. */
static json_t *
hops_in_order(const json_t *stats, const char *chain, const json_t *path)
{
	json_t *left = json_array(), *hops = json_array(), *element, *hop;
	size_t i, k;
	json_array_extend(left, json_object_get(stats, "ports"));
	json_array_extend(left, json_object_get(stats, "vnfs"));
	json_array_foreach ((json_t *)path, i, element)
		json_array_foreach (left, k, hop)
			if (is_called(hop, chain, json_string_value(element))) {
				json_array_append(hops, hop);
				json_array_remove(left, k);
				break;
			}
	json_array_extend(hops, left);
	json_decref(left);
	return hops;
}

/* A VNF is called <chain>.<vnf>. */
static bool
is_called(const json_t *hop, const char *chain, const char *word)
{
	const char *port = json_string_value(json_object_get(hop, "name"));
	const char *vnf = json_string_value(json_object_get(hop, "vnfInstanceName"));
	const size_t len = strlen(chain);
	if (!word || !vnf)
		return word && port && strcmp(port, word) == 0;
	return strncmp(vnf, chain, len) == 0 && vnf[len] == '.' &&
	       strcmp(vnf + len + 1, word) == 0;
}

static void
print_head(const struct output *out, const char *name, const json_t *stats)
{
	const json_t *latency = json_object_get(stats, "latencyUs");
	const json_t *buffers = json_object_get(stats, "buffers");
	if (!buffers)
		buffers = json_object_get(stats, "pool");
	char *all = output_cell(buffers, "pool|size"),
	     *n_free = output_cell(buffers, "free");
	fprintf(out->file, "%s", name);
	if (latency)
		fprintf(out->file, "   latency p50 %.0f us, p99 %.0f us, max %.0f us",
			number_at(latency, "p50"), number_at(latency, "p99"),
			number_at(latency, "max"));
	if (buffers)
		fprintf(out->file, "   buffers %s of %s free", n_free, all);
	fputc('\n', out->file);
	free(all);
	free(n_free);
}

static void
add_port(struct output_grid *grid, const struct reading *port)
{
	add_cell(grid, port->after, HOP_NAME);
	add_cell(grid, port->after, "driver");
	add_empty(grid, 3);
	add_rates(grid, port);
	add_rate(grid, port, "drops", 1);
	add_empty(grid, 3);
}

/* The first connection point stands on the VNF's own line, each other on a line below it.
 */
static void
add_vnf(struct output_grid *grid, const struct reading *vnf)
{
	const json_t *cps = json_object_get(vnf->after, "cps");
	const json_t *before = json_object_get(vnf->before, "cps");
	const char *name;
	json_t *counters;
	bool first = true;
	json_object_foreach ((json_t *)cps, name, counters) {
		const struct reading cp = {
			json_object_get(before, name), counters, vnf->seconds};
		add_vnf_line(grid, vnf, name, &cp, first);
		first = false;
	}
	if (first)
		add_vnf_line(grid, vnf, "", &(struct reading){0}, true);
}

static void
add_vnf_line(struct output_grid *grid, const struct reading *vnf, const char *cp,
	const struct reading *counters, bool first)
{
	static const char *const names[] = {HOP_NAME, "type", "pid", "core"};
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (first)
			add_cell(grid, vnf->after, names[i]);
		else
			add_empty(grid, 1);
	output_grid_add(grid, "%s", cp);
	add_rates(grid, counters);
	if (first)
		add_vnf_tail(grid, vnf);
	else
		add_empty(grid, 4);
}

static void
add_vnf_tail(struct output_grid *grid, const struct reading *vnf)
{
	const json_t *ring = json_object_get(vnf->after, "ring");
	add_rate(grid, vnf, "drops", 1);
	output_grid_add(grid, "%.0f%%", 100 * number_at(vnf->after, "busy"));
	if (ring)
		output_grid_add(grid, "%.0f/%.0f", number_at(ring, "fill"),
			number_at(ring, "size"));
	else
		output_grid_add(grid, "-");
	add_cell(grid, vnf->after, "sessions");
}

static void
add_rates(struct output_grid *grid, const struct reading *counters)
{
	add_rate(grid, counters, "rxPackets", 1);
	add_rate(grid, counters, "txPackets", 1);
	add_rate(grid, counters, "rxBytes", 8);
	add_rate(grid, counters, "txBytes", 8);
}

/* A counter, or a table of counters that are added up, as a rate per second. */
static void
add_rate(struct output_grid *grid, const struct reading *counters, const char *name,
	int factor)
{
	char text[16];
	if (!counters->before || counters->seconds <= 0) {
		output_grid_add(grid, "-");
		return;
	}
	const double grown = sum(json_object_get(counters->after, name)) -
			     sum(json_object_get(counters->before, name));
	/* A restarted counter counts from its start. */
	const double since =
		grown >= 0 ? grown : sum(json_object_get(counters->after, name));
	output_grid_add(grid, "%s", top_number(factor * since / counters->seconds, text));
}

static double
sum(const json_t *counters)
{
	const char *name;
	json_t *value;
	double total = json_number_value(counters);
	json_object_foreach ((json_t *)counters, name, value)
		total += json_number_value(value);
	return total;
}

/* "drops at fw: no-rule 12, patience 3", since the start. */
static void
print_drops(const struct output *out, const json_t *list)
{
	size_t i;
	json_t *hop, *count;
	const char *reason;
	json_array_foreach (list, i, hop) {
		const char *between = "";
		json_t *drops = json_object_get(hop, "drops");
		if (sum(drops) <= 0)
			continue;
		char *name = output_cell(hop, HOP_NAME);
		fprintf(out->file, "drops at %s: ", name ? name : "");
		free(name);
		json_object_foreach (drops, reason, count) {
			if (json_number_value(count) <= 0)
				continue;
			fprintf(out->file, "%s%s %.0f", between, reason,
				json_number_value(count));
			between = ", ";
		}
		fputc('\n', out->file);
	}
}

static const json_t *
same_in(const json_t *list, const json_t *item)
{
	static const char *const keys[] = {"id", "vnfInstanceId"};
	size_t i;
	json_t *other;
	json_array_foreach (list, i, other)
		for (size_t k = 0; k < sizeof(keys) / sizeof(keys[0]); k++)
			if (json_equal(json_object_get(other, keys[k]),
				    json_object_get(item, keys[k])))
				return other;
	return NULL;
}

static double
number_at(const json_t *json, const char *path)
{
	return json_number_value(doc_at((json_t *)json, path));
}

static void
add_cell(struct output_grid *grid, const json_t *json, const char *path)
{
	char *text = output_cell(json, path);
	output_grid_add(grid, "%s", text ? text : "");
	free(text);
}

static void
add_empty(struct output_grid *grid, unsigned n)
{
	while (n--)
		output_grid_add(grid, "%s", "");
}

char *
top_number(double value, char *buf)
{
	static const char units[] = " kMGT";
	size_t unit = 0;
	while (value >= 1000 && units[unit + 1]) {
		value /= 1000;
		unit++;
	}
	snprintf(buf, 16,
		unit == 0 || value >= 100 ? "%.0f"
		: value >= 10		  ? "%.1f"
					  : "%.2f",
		value);
	const size_t len = strlen(buf);
	buf[len] = unit ? units[unit] : '\0';
	buf[len + 1] = '\0';
	return buf;
}
