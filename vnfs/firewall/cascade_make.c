/* cascade_make.c: from rules to the tables of a cascade; see cascade.h. */
#include "vnfs/firewall/cascade_parts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <rte_malloc.h>
#include "vnfs/firewall/classes.h"
#include "vnfs/firewall/entry.h"

#define MAX_CELLS (1u << 23) /* of the last table */
#define MAX_WORK  (1u << 26) /* words that one table may take to compute */

struct span { /* what an entry wants of a chunk */
	uint16_t first, last;
	uint16_t mask; /* not 0: of these bits, the value `first` */
};

struct source {	       /* where a chunk comes from */
	uint8_t field; /* of the layout */
	uint8_t shift; /* within a word */
	uint8_t group; /* chunks of one address go together */
};

struct node {
	unsigned number; /* as steps call it */
	uint8_t group;
	uint64_t chunks; /* that it covers */
	struct classes classes;
	struct cascade_step step; /* that made it */
};

struct maker {
	struct cascade *cascade;
	struct entry_layout layout;
	struct source sources[CASCADE_CHUNKS];
	struct span *spans; /* by chunk, then entry */
	unsigned n_chunks, n, words;
	uint16_t *rules; /* by entry: rule index + 1 */
	uint64_t *wild;	 /* by chunk: entries that do not look at it */
	uint64_t *set;	 /* at work */
	uint64_t *sure;	 /* find_sure() */
	struct node nodes[CASCADE_CHUNKS];
	unsigned n_nodes;
};

static int survey(struct maker *m, const struct fw_config *config, uint8_t family);
static int add_entry(void *arg, const struct entry *entry);
static int make_chunks(struct maker *m);
static int join_all(struct maker *m);
static int finish(struct maker *m);
static void clear(struct maker *m);

int
cascade_create(struct cascade **cascade, const struct fw_config *config, uint8_t family)
{
	struct maker *m = calloc(1, sizeof(*m));
	int rc;

	*cascade = NULL;
	if (m == NULL)
		return -ENOMEM;
	rc = survey(m, config, family);
	if (rc == 0 && m->layout.n_entries > 0) {
		rc = entry_each(&m->layout, config, family, add_entry, m);
		if (rc == 0)
			rc = make_chunks(m);
		if (rc == 0)
			rc = join_all(m);
		if (rc == 0)
			rc = finish(m);
		if (rc < 0)
			cascade_destroy(m->cascade);
		else
			*cascade = m->cascade;
	}
	clear(m);
	return rc;
}

/* ---- chunks of the key ------------------------------------------------------------- */

static void
add_source(struct maker *m, unsigned field, unsigned shift, unsigned group)
{
	m->sources[m->n_chunks++] = (struct source){.field = (uint8_t)field,
		.shift = (uint8_t)shift,
		.group = (uint8_t)group};
}

static void
list_sources(struct maker *m)
{
	unsigned group = 0;

	for (unsigned field = 0; field < ENTRY_FIELDS; field++) {
		const unsigned at = m->layout.at[field];

		if (field <= ENTRY_SRC || field == ENTRY_DST || field >= ENTRY_SPORT)
			group = field;
		if (at == ENTRY_ABSENT)
			continue;
		if (m->layout.defs[at].size == 4)
			add_source(m, at, 16, group);
		add_source(m, at, 0, group);
	}
}

static int
survey(struct maker *m, const struct fw_config *config, uint8_t family)
{
	const int rc = entry_survey(&m->layout, config, family);

	if (rc < 0 || m->layout.n_entries == 0)
		return rc;
	if (m->layout.n_entries > CASCADE_MAX_ENTRIES || config->n_rules >= UINT16_MAX)
		return -E2BIG;
	list_sources(m);
	m->words = (unsigned)(m->layout.n_entries + 63) / 64;
	m->cascade = rte_zmalloc("cascade", sizeof(*m->cascade), 64);
	m->spans = calloc(m->n_chunks * m->layout.n_entries, sizeof(*m->spans));
	m->rules = calloc(m->layout.n_entries, sizeof(*m->rules));
	m->wild = calloc((size_t)m->n_chunks * m->words, sizeof(*m->wild));
	m->set = calloc(m->words, sizeof(*m->set));
	m->sure = calloc(m->words, sizeof(*m->sure));
	if (m->cascade == NULL || m->spans == NULL || m->rules == NULL ||
		m->wild == NULL || m->set == NULL || m->sure == NULL)
		return -ENOMEM;
	return 0;
}

static void
clear(struct maker *m)
{
	for (unsigned i = 0; i < m->n_nodes; i++)
		classes_clear(&m->nodes[i].classes);
	free(m->spans);
	free(m->rules);
	free(m->wild);
	free(m->set);
	free(m->sure);
	free(m);
}

/* ---- what entries want of them ----------------------------------------------------- */

static struct span span_of(const struct rte_acl_field_def *def,
	const struct rte_acl_field *field, unsigned shift);

static inline unsigned
last_value(const struct maker *m, unsigned chunk)
{
	return m->layout.defs[m->sources[chunk].field].size == 1 ? UINT8_MAX : UINT16_MAX;
}

static inline bool
is_wild(const struct maker *m, unsigned chunk, const struct span *span)
{
	return span->mask == 0 && span->first == 0 && span->last == last_value(m, chunk);
}

static int
add_entry(void *arg, const struct entry *entry)
{
	struct maker *m = arg;

	if (m->n == m->layout.n_entries)
		return -E2BIG;
	m->rules[m->n] = (uint16_t)entry->data.userdata;
	for (unsigned c = 0; c < m->n_chunks; c++) {
		const struct source *source = &m->sources[c];
		struct span *span = &m->spans[c * m->layout.n_entries + m->n];

		*span = span_of(&m->layout.defs[source->field],
			&entry->field[source->field], source->shift);
		if (is_wild(m, c, span))
			m->wild[c * m->words + m->n / 64] |= 1ull << m->n % 64;
	}
	m->n++;
	return 0;
}

static struct span
span_of(const struct rte_acl_field_def *def, const struct rte_acl_field *field,
	unsigned shift)
{
	const uint32_t value = field->value.u32, range = field->mask_range.u32;
	uint32_t host; /* bits that do not matter */

	if (def->type == RTE_ACL_FIELD_TYPE_RANGE)
		return def->size == 1
			       ? (struct span){field->value.u8, field->mask_range.u8, 0}
			       : (struct span){
					 field->value.u16, field->mask_range.u16, 0};
	if (def->size == 1)
		return field->mask_range.u8 == 0
			       ? (struct span){0, UINT8_MAX, 0}
			       : (struct span){
					 .first = field->value.u8 & field->mask_range.u8,
					 .mask = field->mask_range.u8};
	if (def->type == RTE_ACL_FIELD_TYPE_MASK)
		host = range == 0 ? UINT32_MAX : range >= 32 ? 0 : UINT32_MAX >> range;
	else
		host = ~range; /* of whole chunks */
	return (struct span){.first = (uint16_t)((value & ~host) >> shift),
		.last = (uint16_t)((value | host) >> shift)};
}

/* ---- classes of one chunk ---------------------------------------------------------- */

static int make_chunk(struct maker *m, unsigned chunk, bool needed);

/* At least two, so that there is something to take together. */
static int
make_chunks(struct maker *m)
{
	int rc = 0;

	for (unsigned i = 0; i < m->n_chunks && rc == 0; i++)
		rc = make_chunk(m, i, i < 2);
	return rc;
}

/* Where classes may change: from the first value of a span, and behind its last. */
static void
mark_edges(const struct maker *m, unsigned chunk, uint8_t *edges)
{
	const struct span *spans = &m->spans[chunk * m->layout.n_entries];

	edges[0] = 1;
	for (unsigned i = 0; i < m->n; i++) {
		if (spans[i].mask != 0) {
			memset(edges, 1, UINT8_MAX + 1);
		} else {
			edges[spans[i].first] = 1;
			edges[spans[i].last + 1] = 1;
		}
	}
}

static void
fill_set(const struct maker *m, unsigned chunk, unsigned value, uint64_t *set)
{
	const struct span *spans = &m->spans[chunk * m->layout.n_entries];

	memset(set, 0, m->words * sizeof(*set));
	for (unsigned i = 0; i < m->n; i++) {
		const bool in =
			spans[i].mask != 0
				? (value & spans[i].mask) == spans[i].first
				: value >= spans[i].first && value <= spans[i].last;

		set[i / 64] |= (uint64_t)in << i % 64;
	}
}

/* The entries that look at nothing but these chunks: behind one of them, in a set, no
 * other is of interest. */
static void
find_sure(struct maker *m, uint64_t chunks)
{
	memset(m->sure, 0xff, m->words * sizeof(*m->sure));
	for (unsigned c = 0; c < m->n_chunks; c++)
		for (unsigned w = 0; w < m->words && (chunks & 1ull << c) == 0; w++)
			m->sure[w] &= m->wild[c * m->words + w];
}

/* Takes out what is behind the first of them. */
static void
cut(const struct maker *m, uint64_t *set)
{
	for (unsigned w = 0; w < m->words; w++) {
		const uint64_t sure = set[w] & m->sure[w];

		if (sure == 0)
			continue;
		set[w] &= (sure & -sure) * 2 - 1;
		memset(set + w + 1, 0, (m->words - w - 1) * sizeof(*set));
		return;
	}
}

static int
fill_chunk(struct maker *m, unsigned chunk, struct classes *classes, uint16_t *table)
{
	uint8_t edges[UINT16_MAX + 2] = {0};
	int number = 0;

	mark_edges(m, chunk, edges);
	find_sure(m, 1ull << chunk);
	for (unsigned value = 0; value <= last_value(m, chunk); value++) {
		if (edges[value] != 0) {
			fill_set(m, chunk, value, m->set);
			cut(m, m->set);
			number = classes_number(classes, m->set);
			if (number < 0)
				return number;
		}
		table[value] = (uint16_t)number;
	}
	return 0;
}

/* One that all values are the same to is left out, unless it is needed. */
static int
make_chunk(struct maker *m, unsigned chunk, bool needed)
{
	const struct source *source = &m->sources[chunk];
	const struct rte_acl_field_def *def = &m->layout.defs[source->field];
	struct cascade_chunk *made = &m->cascade->chunks[m->cascade->n_chunks];
	struct node *node = &m->nodes[m->n_nodes];
	int rc;

	made->wide = def->size > 1;
	made->offset =
		(uint16_t)(def->offset + (def->size == 4 && source->shift == 0) * 2);
	made->table = rte_malloc(
		"cascade-chunk", (last_value(m, chunk) + 1) * sizeof(*made->table), 64);
	if (made->table == NULL)
		return -ENOMEM;
	*node = (struct node){.number = m->cascade->n_chunks,
		.group = source->group,
		.chunks = 1ull << chunk};
	classes_init(&node->classes, m->words);
	rc = fill_chunk(m, chunk, &node->classes, made->table);
	if (node->classes.n > 1 || needed || rc < 0) {
		m->cascade->n_chunks++;
		m->n_nodes++;
	} else {
		classes_clear(&node->classes);
		rte_free(made->table);
	}
	return rc;
}

/* ---- two nodes become one ---------------------------------------------------------- */

static int join(struct maker *m, unsigned a, unsigned b, struct node *joined);
static void drop(struct node *node);
static void put(struct maker *m, unsigned a, unsigned b, const struct node *joined);
static int join_groups(struct maker *m);
static int join_smallest(struct maker *m);
static int join_best(struct maker *m);

/* The parts of an address first, then what makes the smallest tables, until two are left.
 */
static int
join_all(struct maker *m)
{
	int rc = join_groups(m);

	while (rc == 0 && m->n_nodes > 3)
		rc = join_smallest(m);
	if (rc == 0 && m->n_nodes == 3)
		rc = join_best(m);
	return rc;
}

static inline uint64_t
cells(const struct node *a, const struct node *b)
{
	return (uint64_t)a->classes.n * b->classes.n;
}

static int
join_into(struct maker *m, unsigned a, unsigned b)
{
	struct node joined;
	const int rc = join(m, a, b, &joined);

	if (rc == 0)
		put(m, a, b, &joined);
	return rc;
}

static int
join_groups(struct maker *m)
{
	int rc = 0;

	for (unsigned i = 0; rc == 0 && m->n_nodes > 2 && i + 1 < m->n_nodes;) {
		if (m->nodes[i].group == m->nodes[i + 1].group)
			rc = join_into(m, i, i + 1);
		else
			i++;
	}
	return rc;
}

static int
join_smallest(struct maker *m)
{
	unsigned best_a = 0, best_b = 1;

	for (unsigned a = 0; a < m->n_nodes; a++)
		for (unsigned b = a + 1; b < m->n_nodes; b++)
			if (cells(&m->nodes[a], &m->nodes[b]) <
				cells(&m->nodes[best_a], &m->nodes[best_b])) {
				best_a = a;
				best_b = b;
			}
	return join_into(m, best_a, best_b);
}

/* Of three: the pair that leaves the smallest last table. */
static int
join_best(struct maker *m)
{
	struct node best = {0}, joined;
	uint64_t least = UINT64_MAX;
	unsigned left = 0;

	for (unsigned out = 0; out < 3; out++) {
		if (join(m, (out + 1) % 3, (out + 2) % 3, &joined) < 0)
			continue;
		if (cells(&joined, &m->nodes[out]) >= least) {
			drop(&joined);
			continue;
		}
		drop(&best);
		best = joined;
		left = out;
		least = cells(&best, &m->nodes[out]);
	}
	if (least == UINT64_MAX)
		return -E2BIG;
	put(m, (left + 1) % 3, (left + 2) % 3, &best);
	return 0;
}

static int
fill_table(
	struct maker *m, const struct node *a, const struct node *b, struct node *joined)
{
	uint16_t *cell = joined->step.table;

	find_sure(m, joined->chunks);
	for (unsigned i = 0; i < a->classes.n; i++) {
		const uint64_t *row = classes_set(&a->classes, i);

		for (unsigned k = 0; k < b->classes.n; k++) {
			const uint64_t *column = classes_set(&b->classes, k);
			int number;

			for (unsigned w = 0; w < m->words; w++)
				m->set[w] = row[w] & column[w];
			cut(m, m->set);
			number = classes_number(&joined->classes, m->set);
			if (number < 0)
				return number;
			*cell++ = (uint16_t)number;
		}
	}
	return 0;
}

static int
join(struct maker *m, unsigned a, unsigned b, struct node *joined)
{
	const struct node *x = &m->nodes[a], *y = &m->nodes[b];
	const uint64_t n = cells(x, y);
	int rc;

	if (n * m->words > MAX_WORK)
		return -E2BIG;
	*joined = (struct node){.group = x->group,
		.chunks = x->chunks | y->chunks,
		.step = {.a = (uint8_t)x->number,
			.b = (uint8_t)y->number,
			.columns = y->classes.n}};
	joined->step.table =
		rte_malloc("cascade-step", n * sizeof(*joined->step.table), 64);
	if (joined->step.table == NULL)
		return -ENOMEM;
	classes_init(&joined->classes, m->words);
	rc = fill_table(m, x, y, joined);
	if (rc < 0)
		drop(joined);
	return rc;
}

static void
drop(struct node *node)
{
	classes_clear(&node->classes);
	rte_free(node->step.table);
	node->step.table = NULL;
}

/* In the place of its two parts. */
static void
put(struct maker *m, unsigned a, unsigned b, const struct node *joined)
{
	struct cascade *c = m->cascade;
	const unsigned first = a < b ? a : b, second = a < b ? b : a;

	classes_clear(&m->nodes[a].classes);
	classes_clear(&m->nodes[b].classes);
	m->nodes[first] = *joined;
	m->nodes[first].number = c->n_chunks + c->n_steps;
	c->steps[c->n_steps++] = joined->step;
	m->n_nodes--;
	for (unsigned i = second; i < m->n_nodes; i++)
		m->nodes[i] = m->nodes[i + 1];
}

/* ---- the last table ---------------------------------------------------------------- */

static uint16_t
first_rule(const struct maker *m, const uint64_t *a, const uint64_t *b)
{
	for (unsigned w = 0; w < m->words; w++)
		if ((a[w] & b[w]) != 0)
			return m->rules[w * 64 + (unsigned)__builtin_ctzll(a[w] & b[w])];
	return 0;
}

static int
finish(struct maker *m)
{
	const struct node *a = &m->nodes[0], *b = &m->nodes[1];
	struct cascade_step *step = &m->cascade->steps[m->cascade->n_steps];
	uint16_t *cell;

	if (cells(a, b) > MAX_CELLS)
		return -E2BIG;
	cell = rte_malloc("cascade-step", cells(a, b) * sizeof(*cell), 64);
	if (cell == NULL)
		return -ENOMEM;
	*step = (struct cascade_step){.a = (uint8_t)a->number,
		.b = (uint8_t)b->number,
		.columns = b->classes.n,
		.table = cell};
	m->cascade->n_steps++;
	for (unsigned i = 0; i < a->classes.n; i++)
		for (unsigned k = 0; k < b->classes.n; k++)
			*cell++ = first_rule(m, classes_set(&a->classes, i),
				classes_set(&b->classes, k));
	return 0;
}
