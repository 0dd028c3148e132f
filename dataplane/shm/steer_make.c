/* steer_make.c: rules are compiled into tables; see steer.h. Every combination of a
 * rule's listed values is an entry of rte_acl, in the order of the rules; `symmetric`
 * ones once more with the two ends exchanged. Of the key a table has those parts that any
 * of its rules looks at. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <rte_acl.h>
#include <rte_malloc.h>
#include "dataplane/pkt/hdr.h"
#include "dataplane/shm/steer.h"

#define WHOLE_MAX 64 /* entries that are one trie, whatever they ask for */

enum { /* the fields, in the order of the key */
	PROTO,
	SRC,
	DST = SRC + 4,
	SPORT = DST + 4,
	DPORT,
	ETHERTYPE,
	VLAN,
	DSCP,
	ZERO,
	MACS, /* three words */
	FIELDS = MACS + 3
};

enum part { /* of the key */
	PART_SRC = 1,
	PART_DST = 2,
	PART_PORTS = 4,
	PART_FRAME = 8, /* ethertype and VLAN */
	PART_DSCP = 16,
	PART_MACS = 32
};

struct layout {
	unsigned n;
	uint8_t fields[FIELDS]; /* which one stands there */
	struct rte_acl_field_def defs[FIELDS];
};

RTE_ACL_RULE_DEF(entry, FIELDS);

struct maker { /* of one table */
	enum steer_kind kind;
	struct layout layout;
	struct entry *entries; /* all fields each; compacted when they are added */
	const uint8_t *shapes; /* of the entries: those of one are a trie */
	unsigned n, room;
	struct err *err;
};

static const struct end { /* one of a rule's, of one entry; null: any */
	const struct net_prefix *addr;
	const struct net_ports *ports;
	const struct net_mac *mac;
} any_end;

#define FIELD(t, s, at, i)                                                               \
	{                                                                                \
		.type = RTE_ACL_FIELD_TYPE_##t, .size = (s),                             \
		.offset = offsetof(struct steer_key, at) + 4 * (i)                       \
	}
static const struct rte_acl_field_def all_fields[FIELDS] = {
	[PROTO] = FIELD(BITMASK, 1, proto, 0),
	[SRC] = FIELD(MASK, 4, src, 0),
	[SRC + 1] = FIELD(MASK, 4, src, 1),
	[SRC + 2] = FIELD(MASK, 4, src, 2),
	[SRC + 3] = FIELD(MASK, 4, src, 3),
	[DST] = FIELD(MASK, 4, dst, 0),
	[DST + 1] = FIELD(MASK, 4, dst, 1),
	[DST + 2] = FIELD(MASK, 4, dst, 2),
	[DST + 3] = FIELD(MASK, 4, dst, 3),
	[SPORT] = FIELD(RANGE, 2, sport, 0),
	[DPORT] = FIELD(RANGE, 2, dport, 0),
	[ETHERTYPE] = FIELD(RANGE, 2, ethertype, 0),
	[VLAN] = FIELD(RANGE, 2, vlan, 0),
	[DSCP] = FIELD(RANGE, 2, dscp, 0),
	[ZERO] = FIELD(RANGE, 2, zero, 0),
	[MACS] = FIELD(BITMASK, 4, src_mac, 0),
	[MACS + 1] = FIELD(BITMASK, 4, src_mac, 1),
	[MACS + 2] = FIELD(BITMASK, 4, src_mac, 2),
};

static int make_table(struct steer *steer, const struct steer_rules *rules,
	enum steer_kind kind, struct err *err);
static bool is_of_kind(const struct steer_match *match, enum steer_kind kind);
static unsigned parts_of(const struct steer_match *match, enum steer_kind kind);
static void make_layout(struct layout *layout, enum steer_kind kind, unsigned parts);
static bool has_field(unsigned field, enum steer_kind kind, unsigned parts);
static int add_rule(struct maker *m, const struct steer_rule *rule, unsigned number);
static int add_pairs(struct maker *m, const struct steer_rule *rule, unsigned number,
	const struct net_prefix *src, const struct net_prefix *dst);
static bool is_of_family(const struct net_prefix *prefix, enum steer_kind kind);
static int add_entry(struct maker *m, const struct steer_match *match, unsigned number,
	const struct end *from, const struct end *to);
static void set_end(struct entry *entry, const struct end *end, bool is_source);
static void set_address(struct rte_acl_field *fields, const struct net_prefix *prefix);
static void set_mac(struct entry *entry, const struct net_mac *mac, unsigned at);
static void set_range(struct rte_acl_field *field, uint16_t first, uint16_t last);
static int compile(struct maker *m, struct steer_table *table);
static unsigned shape_of(const struct entry *entry);
static bool is_any(const struct rte_acl_field *address);
static int compile_shape(struct maker *m, unsigned shape, struct steer_table *table);
static int add_compact(struct rte_acl_ctx *acl, const struct maker *m, unsigned i);

int
steer_make(struct steer **out, const struct steer_rules *rules, uint64_t seed,
	struct steer_counts *counts, const struct steer *former, const int *like,
	struct err *err)
{
	struct steer *steer = rte_zmalloc("steer",
		sizeof(*steer) + rules->n * sizeof(steer->choices[0]),
		RTE_CACHE_LINE_SIZE);
	int rc = 0;

	if (steer == NULL)
		return err_set(err, ERR_NO_RESOURCE, NULL,
			"a dataplane with a larger --memory",
			"no packet memory for a classifier");
	steer->seed = seed;
	steer->counts = counts;
	steer->n = rules->n;
	for (unsigned i = 0; i < rules->n; i++) {
		struct steer_choice *choice = &steer->choices[i];

		if (former != NULL && like[i] >= 0)
			*choice = former->choices[like[i]];
		steer_share(choice->paths, rules->list[i].to, rules->list[i].n_to);
		choice->one = rules->list[i].n_to == 1;
	}
	for (unsigned kind = 0; kind < STEER_KINDS && rc == 0; kind++)
		rc = make_table(steer, rules, kind, err);
	if (rc < 0) {
		steer_free(steer);
		return rc;
	}
	*out = steer;
	return 0;
}

void
steer_free(struct steer *steer)
{
	if (steer == NULL)
		return;
	for (unsigned kind = 0; kind < STEER_KINDS; kind++)
		for (unsigned i = 0; i < steer->tables[kind].n; i++)
			rte_acl_free(steer->tables[kind].acls[i]);
	rte_free(steer);
}

static int
make_table(struct steer *steer, const struct steer_rules *rules, enum steer_kind kind,
	struct err *err)
{
	struct maker m = {.kind = kind, .err = err};
	unsigned parts = 0, n = 0;
	int rc = 0;

	for (; n < rules->n; n++) {
		const struct steer_match *match = &rules->list[n].match;

		if (!is_of_kind(match, kind))
			continue;
		if (parts_of(match, kind) == 0 && !match->has_proto) {
			steer->tables[kind].rest = n + 1;
			break;
		}
		parts |= parts_of(match, kind);
	}
	make_layout(&m.layout, kind, parts);
	for (unsigned i = 0; i < n && rc == 0; i++)
		if (is_of_kind(&rules->list[i].match, kind))
			rc = add_rule(&m, &rules->list[i], i);
	if (rc == 0 && m.n > 0)
		rc = compile(&m, &steer->tables[kind]);
	free(m.entries);
	return rc;
}

static bool
is_of_kind(const struct steer_match *match, enum steer_kind kind)
{
	if (kind == STEER_OTHER)
		return !steer_match_is_ip(match);
	return !match->has_ethertype ||
	       match->ethertype == (kind == STEER_IP4 ? PKT_ETH_IPV4 : PKT_ETH_IPV6);
}

/* Those that the rule looks at; that of an IP packet's ethertype is known. */
static unsigned
parts_of(const struct steer_match *match, enum steer_kind kind)
{
	return (match->n_src > 0 ? PART_SRC | PART_DST : 0) |
	       (match->n_dst > 0 ? PART_SRC | PART_DST : 0) |
	       (match->n_sport > 0 || match->n_dport > 0 ? PART_PORTS : 0) |
	       ((match->has_ethertype && kind == STEER_OTHER) || match->has_vlan
			       ? PART_FRAME
			       : 0) |
	       (match->has_dscp ? PART_DSCP : 0) |
	       (match->has_src_mac || match->has_dst_mac ? PART_MACS : 0);
}

/* The first field is a byte, all others are in groups of four. */
static void
make_layout(struct layout *layout, enum steer_kind kind, unsigned parts)
{
	unsigned bytes = 0;

	for (unsigned field = 0; field < FIELDS; field++) {
		struct rte_acl_field_def *def = &layout->defs[layout->n];

		if (!has_field(field, kind, parts))
			continue;
		*def = all_fields[field];
		def->field_index = (uint8_t)layout->n;
		def->input_index = field == PROTO ? 0 : (uint8_t)(1 + bytes / 4);
		bytes += field == PROTO ? 0 : def->size;
		layout->fields[layout->n++] = (uint8_t)field;
	}
}

static bool
has_field(unsigned field, enum steer_kind kind, unsigned parts)
{
	if (field == PROTO || field == ETHERTYPE || field == VLAN)
		return true; /* more than the first there must be */
	if (field >= MACS)
		return (parts & PART_MACS) != 0;
	if (field >= DSCP)
		return (parts & PART_DSCP) != 0;
	if (field >= SPORT)
		return (parts & PART_PORTS) != 0;
	if (kind == STEER_IP4 && field != SRC && field != DST)
		return false;
	return (parts & (field >= DST ? PART_DST : PART_SRC)) != 0;
}

/* ---- entries ----------------------------------------------------------------------- */

static int
add_rule(struct maker *m, const struct steer_rule *rule, unsigned number)
{
	const struct steer_match *match = &rule->match;
	const unsigned n_src = RTE_MAX(match->n_src, 1u),
		       n_dst = RTE_MAX(match->n_dst, 1u);
	int rc = 0;

	for (unsigned s = 0; s < n_src; s++)
		for (unsigned d = 0; d < n_dst && rc == 0; d++) {
			const struct net_prefix *src =
				match->n_src > 0 ? &match->src[s] : NULL;
			const struct net_prefix *dst =
				match->n_dst > 0 ? &match->dst[d] : NULL;

			if (is_of_family(src, m->kind) && is_of_family(dst, m->kind))
				rc = add_pairs(m, rule, number, src, dst);
		}
	return rc;
}

static bool
is_of_family(const struct net_prefix *prefix, enum steer_kind kind)
{
	return prefix == NULL || prefix->addr.family == (kind == STEER_IP4 ? 4 : 6);
}

static int
add_pairs(struct maker *m, const struct steer_rule *rule, unsigned number,
	const struct net_prefix *src, const struct net_prefix *dst)
{
	const struct steer_match *match = &rule->match;
	const unsigned n_sport = RTE_MAX(match->n_sport, 1u);
	const unsigned n_dport = RTE_MAX(match->n_dport, 1u);
	struct end from = any_end, to = any_end;
	int rc = 0;

	from.addr = src;
	from.mac = match->has_src_mac ? &match->src_mac : NULL;
	to.addr = dst;
	to.mac = match->has_dst_mac ? &match->dst_mac : NULL;
	for (unsigned s = 0; s < n_sport; s++)
		for (unsigned d = 0; d < n_dport && rc == 0; d++) {
			from.ports = match->n_sport > 0 ? &match->sport[s] : NULL;
			to.ports = match->n_dport > 0 ? &match->dport[d] : NULL;
			rc = add_entry(m, match, number, &from, &to);
			if (rc == 0 && rule->symmetric)
				rc = add_entry(m, match, number, &to, &from);
		}
	return rc;
}

static int
add_entry(struct maker *m, const struct steer_match *match, unsigned number,
	const struct end *from, const struct end *to)
{
	struct entry *entry;

	if (m->n == STEER_ENTRIES_MAX)
		return err_set(m->err, ERR_TOO_LARGE, NULL, "shorter lists",
			"the rules list more than %u combinations of values",
			STEER_ENTRIES_MAX);
	if (m->n == m->room) {
		const unsigned room = RTE_MAX(2 * m->room, 64u);
		struct entry *more = realloc(m->entries, room * sizeof(*more));

		if (more == NULL)
			return err_set(m->err, ERR_NO_RESOURCE, NULL, NULL,
				"no memory for a classifier");
		m->entries = more;
		m->room = room;
	}
	entry = &m->entries[m->n++];
	memset(entry, 0, sizeof(*entry));
	entry->data = (struct rte_acl_rule_data){.category_mask = 1,
		.priority = (int32_t)(STEER_RULES_MAX - number),
		.userdata = number + 1};
	if (match->has_proto) {
		entry->field[PROTO].value.u8 = match->proto;
		entry->field[PROTO].mask_range.u8 = UINT8_MAX;
	}
	set_end(entry, from, true);
	set_end(entry, to, false);
	set_range(&entry->field[ETHERTYPE], match->has_ethertype ? match->ethertype : 0,
		match->has_ethertype ? match->ethertype : UINT16_MAX);
	set_range(&entry->field[VLAN], match->has_vlan ? match->vlan : 0,
		match->has_vlan ? match->vlan : UINT16_MAX);
	set_range(&entry->field[DSCP], match->has_dscp ? match->dscp : 0,
		match->has_dscp ? match->dscp : UINT16_MAX);
	set_range(&entry->field[ZERO], 0, UINT16_MAX);
	if (m->n > 1 && memcmp(entry, entry - 1, sizeof(*entry)) == 0)
		m->n--; /* its own mirror image */
	return 0;
}

static void
set_end(struct entry *entry, const struct end *end, bool is_source)
{
	static const struct net_ports all = {0, UINT16_MAX};
	const struct net_ports *ports = end->ports != NULL ? end->ports : &all;

	set_range(&entry->field[is_source ? SPORT : DPORT], ports->first, ports->last);
	if (end->addr != NULL)
		set_address(&entry->field[is_source ? SRC : DST], end->addr);
	if (end->mac != NULL)
		set_mac(entry, end->mac, is_source ? 0 : 6);
}

static void
set_address(struct rte_acl_field *fields, const struct net_prefix *prefix)
{
	for (unsigned i = 0; i < (prefix->addr.family == 4 ? 1u : 4u); i++) {
		const unsigned before = 32 * i;
		uint32_t word;

		memcpy(&word, &prefix->addr.bytes[4 * i], sizeof(word));
		fields[i].value.u32 = rte_be_to_cpu_32(word);
		fields[i].mask_range.u32 =
			prefix->len > before ? RTE_MIN(prefix->len - before, 32u) : 0;
	}
}

/* at: in the twelve bytes of both. */
static void
set_mac(struct entry *entry, const struct net_mac *mac, unsigned at)
{
	for (unsigned i = 0; i < 6; i++) {
		struct rte_acl_field *field = &entry->field[MACS + (at + i) / 4];
		const unsigned shift = 24 - 8 * ((at + i) % 4);

		field->value.u32 |= (uint32_t)mac->bytes[i] << shift;
		field->mask_range.u32 |= 0xffu << shift;
	}
}

static void
set_range(struct rte_acl_field *field, uint16_t first, uint16_t last)
{
	field->value.u16 = first;
	field->mask_range.u16 = last;
}

/* ---- rte_acl ----------------------------------------------------------------------- */

/* In one trie, what stands alone in one field is multiplied by what stands alone in
 * another: a thousand sources by a thousand destinations. Many are told apart by what
 * they ask for, a trie each. */
static int
compile(struct maker *m, struct steer_table *table)
{
	uint8_t shapes[STEER_ENTRIES_MAX];
	bool there[STEER_SHAPES] = {false};
	int rc = 0;

	for (unsigned i = 0; i < m->n; i++) {
		shapes[i] = m->n > WHOLE_MAX ? (uint8_t)shape_of(&m->entries[i]) : 0;
		there[shapes[i]] = true;
	}
	m->shapes = shapes;
	for (unsigned shape = 0; shape < STEER_SHAPES && rc == 0; shape++)
		if (there[shape])
			rc = compile_shape(m, shape, table);
	return rc;
}

static unsigned
shape_of(const struct entry *entry)
{
	return (is_any(&entry->field[SRC]) ? 0 : 1) |
	       (is_any(&entry->field[DST]) ? 0 : 2) |
	       (entry->field[SPORT].mask_range.u16 - entry->field[SPORT].value.u16 ==
				       UINT16_MAX
			       ? 0
			       : 4) |
	       (entry->field[DPORT].mask_range.u16 - entry->field[DPORT].value.u16 ==
				       UINT16_MAX
			       ? 0
			       : 8);
}

static bool
is_any(const struct rte_acl_field *address)
{
	return address[0].mask_range.u32 == 0; /* the first word of a prefix */
}

static int
compile_shape(struct maker *m, unsigned shape, struct steer_table *table)
{
	static unsigned serial; /* two of one name would be one */
	char name[RTE_ACL_NAMESIZE];
	struct rte_acl_param param = {.name = name,
		.socket_id = SOCKET_ID_ANY,
		.rule_size = RTE_ACL_RULE_SZ(m->layout.n),
		.max_rule_num = m->n};
	struct rte_acl_config config = {.num_categories = 1, .num_fields = m->layout.n};
	struct rte_acl_ctx *acl;
	int rc = 0;

	snprintf(name, sizeof(name), "steer-%u", serial++);
	memcpy(config.defs, m->layout.defs, m->layout.n * sizeof(config.defs[0]));
	acl = rte_acl_create(&param);
	for (unsigned i = 0; acl != NULL && i < m->n && rc == 0; i++)
		if (m->shapes[i] == shape)
			rc = add_compact(acl, m, i);
	if (acl != NULL && rc == 0)
		rc = rte_acl_build(acl, &config);
	if (acl == NULL || rc != 0) {
		rte_acl_free(acl);
		return err_set(m->err, ERR_NO_RESOURCE, NULL,
			"fewer rules, or a dataplane with a larger --memory",
			"no packet memory for the tables of %u rules", m->n);
	}
	table->acls[table->n++] = acl;
	return 0;
}

static int
add_compact(struct rte_acl_ctx *acl, const struct maker *m, unsigned i)
{
	struct entry entry = {.data = m->entries[i].data};

	for (unsigned k = 0; k < m->layout.n; k++)
		entry.field[k] = m->entries[i].field[m->layout.fields[k]];
	return rte_acl_add_rules(acl, (const struct rte_acl_rule *)&entry, 1);
}
